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

const maxNumber = 1 << 30

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

func asciiNumber(text string, at int) token {
	t := token{class: cNum, from: int32(at), to: int32(at)}
	for int(t.to) < len(text) {
		r, size := utf8.DecodeRuneInString(text[t.to:])
		r = fold(r)
		if r < '0' || r > '9' {
			break
		}
		if t.val < maxNumber/10 {
			t.val = t.val*10 + r - '0'
		}
		if t.digits < 255 {
			t.digits++
		}
		t.to += int32(size)
	}
	return t
}

func chineseDigit(r rune) (int32, bool) {
	switch r {
	case '零', '〇', '○':
		return 0, true
	case '一':
		return 1, true
	case '二', '两':
		return 2, true
	case '三':
		return 3, true
	case '四':
		return 4, true
	case '五':
		return 5, true
	case '六':
		return 6, true
	case '七':
		return 7, true
	case '八':
		return 8, true
	case '九':
		return 9, true
	}
	return 0, false
}

// chineseNumber reads 二十三, 廿三, 两千零六 as values and 二〇二六, 零五 digit by digit (digits counts them).
func chineseNumber(text string, at int, first rune) (token, bool) {
	t := token{class: cNum, cn: true, from: int32(at), to: int32(at)}
	var sum, digit, byDigit int32
	units, pending := false, false
	for int(t.to) < len(text) {
		r, size := utf8.DecodeRuneInString(text[t.to:])
		r = fold(r)
		if d, ok := chineseDigit(r); ok {
			if units && pending && d != 0 && digit != 0 {
				break // 二十三四: two numbers
			}
			digit, pending = d, true
			if byDigit < maxNumber/10 {
				byDigit = byDigit*10 + d
			}
			if t.digits < 255 {
				t.digits++
			}
			t.to += int32(size)
			continue
		}
		var unit int32
		switch r {
		case '十':
			unit = 10
		case '百':
			unit = 100
		case '千':
			unit = 1000
		case '廿':
			unit, digit, pending = 10, 2, true
		case '卅':
			unit, digit, pending = 10, 3, true
		}
		if unit == 0 || !units && t.digits > 1 && !(t.digits == 2 && byDigit < 10) {
			break
		}
		if units && sum%(unit*10) != 0 {
			break // 十百
		}
		if !pending {
			if unit != 10 {
				break
			}
			digit = 1
		}
		sum += digit * unit
		digit, pending, units = 0, false, true
		t.to += int32(size)
	}
	if int(t.to) == at {
		return t, false
	}
	if units {
		t.val, t.digits = sum+digit, 0
	} else {
		t.val = byDigit
	}
	return t, true
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

// weekdays reads what follows 周 or 星期: 一, 日, 天, 4, or a list without separators (一三五). It returns the days
// as a mask with Monday in bit 0, and the offset behind them; 0 when no weekday follows.
func weekdays(text string, at int) (int32, int) {
	first, end := weekdayAt(text, at)
	if first == 0 {
		return 0, at
	}
	mask, last, listEnd := int32(1)<<(first-1), first, end
	for {
		d, e := weekdayAt(text, listEnd)
		if d <= last || text[listEnd] < 0x80 || text[at] == ' ' {
			break
		}
		mask, last, listEnd = mask|1<<(d-1), d, e
	}
	if listEnd > end {
		r, _ := utf8.DecodeRuneInString(text[listEnd:])
		switch fold(r) {
		case '点', '时', '刻', '号', '月', '个', '十', '年', '天', '日', ':', '小', '分':
		default:
			return mask, listEnd
		}
	}
	return 1 << (first - 1), end
}

// weekdayAt reads one weekday, 1 to 7, and returns the offset behind it.
func weekdayAt(text string, at int) (int, int) {
	start := at
	for at < len(text) && text[at] == ' ' && at-start < 2 {
		at++
	}
	raw, size := utf8.DecodeRuneInString(text[at:])
	r, end := fold(raw), at+size
	if '1' <= r && r <= '7' {
		next, _ := utf8.DecodeRuneInString(text[end:])
		switch n := fold(next); {
		case '0' <= n && n <= '9':
			return 0, start
		case n == '点' || n == '月' || n == '号' || n == '日' || n == '个' || n == '年' || n == '天' || n == '次' ||
			n == '小' || n == ':' || n == '.' || n == '/' || n == '人' || n == '场':
			return 0, start
		}
		return int(r - '0'), end
	}
	if at != start { // 下周 五, but not 下周 三家单位
		next, _ := utf8.DecodeRuneInString(text[end:])
		switch n := fold(next); n {
		case utf8.RuneError, ' ', ',', '.', '\n', '。', '，', '上', '下', '早', '晚', '(', ')', '前', '之', '到', '至', '-':
		default:
			if n < '0' || n > '9' {
				return 0, start
			}
		}
	}
	switch r {
	case '一':
		return 1, end
	case '二':
		return 2, end
	case '三':
		return 3, end
	case '四':
		return 4, end
	case '五':
		return 5, end
	case '六':
		return 6, end
	case '日', '天':
		return 7, end
	}
	return 0, start
}
