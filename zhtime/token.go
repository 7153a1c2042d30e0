package zhtime

import "unicode/utf8"

// token is a piece of text with its meaning for the grammar.
type token struct {
	from, to int32 // byte offsets
	val      int32
	class    class
	digits   uint8
	cn       bool // a number in Chinese numerals
	sp       bool // white space before
	glued    bool // a Latin letter, a # or the like directly before
}

// pair reports whether the numeral is an estimate, two digits in a row: 两三, 五六.
func (t *token) pair() bool { return t.cn && t.digits == 2 && t.val > 10 && t.val%10 == t.val/10+1 }

// chunk is the number of tokens after which tokenise stops at the next end of a sentence or line; it takes no more
// than eight chunks where something other than a time follows, and never more than 64.
const chunk = 48

// tokenise cuts text[at:] into tokens, up to the end of a sentence once there is a chunk of them, and returns them with
// the offset behind them. Runs of what the vocabulary does not know become one token of class cOther.
func tokenise(index map[rune][]word, text string, at int, toks []token) ([]token, int) {
	sp := false
	push := func(t token) {
		t.sp = sp
		sp = false
		toks = append(toks, t)
	}
	for at < len(text) {
		if n := len(toks); n >= 64*chunk || n >= 8*chunk && toks[n-1].class == cOther {
			break
		}
		raw, size := utf8.DecodeRuneInString(text[at:])
		r := fold(raw)
		switch {
		case r == ' ' || r == '\t' || r == '\r' || r == 0x200B || r == 0xFEFF:
			sp = true
			at += size
			continue
		case '0' <= r && r <= '9':
			t := asciiNumber(text, at)
			n := len(toks)
			t.glued = at > 0 && !sp && latinBefore(text, at) && (n == 0 || toks[n-1].class != cPart) // pm3点
			push(t)
			at = int(t.to)
			continue
		}
		if raw == '《' {
			if n := titleEnd(text[at:]); n > 0 {
				push(token{class: cOther, from: int32(at), to: int32(at + n)})
				at += n
				continue
			}
		}
		if t, ok := chineseNumber(text, at, r); ok {
			// 一早, 一天 and the like are words, 一 alone before them is no number
			n := len(toks)
			if _, end, found := lookup(index, text, at, r, size); !found || end <= int(t.to) || n > 0 && toks[n-1].class == cChu && !sp { // 初一早上
				push(t)
				at = int(t.to)
				continue
			}
		}
		if c, end := punctuation(text, at, r, size); c != cOther {
			push(token{class: c, from: int32(at), to: int32(end)})
			at = end
			if c == cBreak && len(toks) >= chunk {
				break
			}
			continue
		}
		if w, end, ok := lookup(index, text, at, r, size); ok && !(r < 0x80 && letterAt(text, end)) {
			if w.class == cWeek && len(w.runes) <= 2 {
				if mask, e := weekdays(text, end); mask != 0 {
					push(token{class: cWeekday, val: mask, from: int32(at), to: int32(e)})
					at = e
					continue
				}
			}
			if (w.class == cYearPart || w.class == cMonthPart || w.class == cYearAhead) && len(w.runes) == 2 { // 年中秋, 年前往
				second, n := utf8.DecodeRuneInString(text[at+size:])
				if longer, _, ok := lookup(index, text, at+size, fold(second), n); ok && len(longer.runes) > 1 {
					w, end = unitWord(r), at+size
				}
			}
			if n := len(toks); w.class == cYearAhead && n > 0 && !sp && (toks[n-1].class == cNum || toks[n-1].class == cHalf) { // 三年前
				w, end = unitWord(r), at+size
			}
			if n := len(toks); w.class == cOther && n > 0 && toks[n-1].class == cToday && !sp { // 明晚会议 is no 晚会
				if day := shortPart(r); day != partNone {
					push(token{class: cShort, val: int32(day), from: int32(at), to: int32(at + size)})
					at += size
					continue
				}
			}
			if w.class == cOther && r == '点' && heart(text[at+size:end], text[end:]) { // 14点心理讲座 holds no 点心
				w, end = word{class: cMark}, at+size
			}
			push(token{class: w.class, val: w.val, from: int32(at), to: int32(end)})
			at = end
			continue
		}
		end := at + size
		if 'a' <= r && r <= 'z' {
			for letterAt(text, end) {
				end++
			}
		}
		if n := len(toks); n > 0 && toks[n-1].class == cOther && int(toks[n-1].to) == at {
			toks[n-1].to = int32(end)
		} else {
			push(token{class: cOther, from: int32(at), to: int32(end)})
		}
		at = end
	}
	return toks, at
}

// heart reports whether 心 begins a word of its own: 心理, 心肺, 心脑血管.
func heart(said, rest string) bool {
	if said != "心" {
		return false
	}
	r, _ := utf8.DecodeRuneInString(rest)
	switch r {
	case '理', '肺', '脑', '脏', '血':
		return true
	}
	return false
}

// unitWord is 年 or 月 alone.
func unitWord(r rune) word {
	if r == '年' {
		return word{class: cYear}
	}
	return word{class: cMonth}
}

func shortPart(r rune) part {
	switch r {
	case '早':
		return partMorning
	case '晚':
		return partEvening
	}
	return partNone
}

// titleEnd returns the length of a title in 《》 that opens text, 0 when it is not closed soon.
func titleEnd(text string) int {
	for i, r := range text {
		switch {
		case r == '》':
			return i + len("》")
		case r == '\n' || i > 150:
			return 0
		}
	}
	return 0
}

func letterAt(text string, at int) bool {
	return at < len(text) && (text[at]|0x20 >= 'a' && text[at]|0x20 <= 'z')
}

// latinBefore reports whether the byte before at makes a following number part of a code: H27, #27, v2, @3.
func latinBefore(text string, at int) bool {
	b := text[at-1]
	return letterAt(text, at-1) || b == '#' || b == '@' || b == '_' || b == '$' || b == '%' || b == '+'
}

// punctuation classifies marks; a row of dashes is one mark.
func punctuation(text string, at int, r rune, size int) (class, int) {
	end := at + size
	switch r {
	case ':', '：', '∶':
		return cColon, end
	case ',', '，':
		return cComma, end
	case '.':
		return cDot, end
	case '·', '・', '•':
		return cMidDot, end
	case '/':
		return cSlash, end
	case '、':
		return cList, end
	case '(', '（', '[', '【':
		return cOpen, end
	case ')', '）', ']', '】':
		return cClose, end
	case '\n', '。', '!', '?', ';', '；', '！', '？':
		return cBreak, end
	case '~', '〜', '→':
		return cTo, end
	case '-', '—', '–', '‐', '−', '─', '―', 'ー':
		single := r == '-'
		for {
			next, n := utf8.DecodeRuneInString(text[end:])
			switch fold(next) {
			case '-', '—', '–', '‐', '−', '─', '―', '~':
				end += n
				single = false
				continue
			}
			break
		}
		if single {
			return cDash, end
		}
		return cTo, end
	}
	return cOther, end
}
