package understand

import "unicode/utf8"

// one is the number 1 as a fixed-point value with six decimals.
const one = 1_000_000

// maxNumber bounds what number returns: larger values are clipped.
const maxNumber = 1_000_000_000 * one

func chineseDigit(r rune) int64 {
	switch r {
	case '零', '〇':
		return 0
	case '一', '壹', '幺':
		return 1
	case '二', '两', '贰':
		return 2
	case '三', '叁':
		return 3
	case '四', '肆':
		return 4
	case '五', '伍':
		return 5
	case '六', '陆':
		return 6
	case '七', '柒':
		return 7
	case '八', '捌':
		return 8
	case '九', '玖':
		return 9
	}
	return -1
}

func chineseUnit(r rune) int64 {
	switch r {
	case '十', '拾':
		return 10
	case '百', '佰':
		return 100
	case '千', '仟':
		return 1000
	}
	return 0
}

func (s *scanner) mayBeNumber(t *token) bool {
	if t.is(kDigits) {
		return true
	}
	r, _ := utf8.DecodeRuneInString(s.norm[t.from:])
	return chineseDigit(r) >= 0 || chineseUnit(r) == 10
}

// number reads 500, 1,500, 0.05, 三百五十, 伍佰, 两百五, 十来 at offset at; the value has six decimals.
func (s *scanner) number(at int) (value int64, end int, ok bool) {
	if at >= len(s.norm) {
		return 0, at, false
	}
	if b := s.norm[at]; '0' <= b && b <= '9' {
		return s.westernNumber(at)
	}
	var sum, cur int64
	unit, pending, n := int64(0), false, 0
	zero := false
	for end = at; end < len(s.norm) && n < 24; {
		r, size := utf8.DecodeRuneInString(s.norm[end:])
		if d := chineseDigit(r); d >= 0 {
			if unit > 0 && pending && d != 0 {
				break
			}
			if unit == 0 {
				cur = min(cur*10+d, maxNumber/one)
			} else {
				cur = d
			}
			zero = d == 0
			pending = d != 0 || unit == 0
			n++
			end += size
			continue
		}
		u := chineseUnit(r)
		if u == 0 || !pending && (u != 10 || unit > 0 && !zero) || unit > 0 && u >= unit {
			break
		}
		if !pending {
			cur = 1
		}
		sum += cur * u
		cur, unit, pending, zero = 0, u, false, false
		n++
		end += size
	}
	if n == 0 {
		return 0, at, false
	}
	if unit >= 100 && pending && cur > 0 && cur < 10 && !s.zeroBefore(end) {
		cur *= unit / 10
	}
	return min((sum+cur)*one, maxNumber), end, true
}

// zeroBefore reports whether the last digit before end follows a 零 (一百零五).
func (s *scanner) zeroBefore(end int) bool {
	_, n := utf8.DecodeLastRuneInString(s.norm[:end])
	r, _ := utf8.DecodeLastRuneInString(s.norm[:end-n])
	return chineseDigit(r) == 0
}

func (s *scanner) westernNumber(at int) (value int64, end int, ok bool) {
	end = at
	digits, group := 0, 0
	grouped := false
	for end < len(s.norm) {
		b := s.norm[end]
		if b == ',' && group > 0 && group <= 3 && (!grouped || group == 3) && s.threeDigits(end+1) {
			group, grouped = 0, true
			end++
			continue
		}
		if b < '0' || b > '9' {
			break
		}
		value = min(value*10+int64(b-'0'), maxNumber/one)
		digits++
		group++
		end++
	}
	value *= one
	if end+1 < len(s.norm) && s.norm[end] == '.' && '0' <= s.norm[end+1] && s.norm[end+1] <= '9' {
		scale := int64(one / 10)
		end++
		for end < len(s.norm) && '0' <= s.norm[end] && s.norm[end] <= '9' {
			value += int64(s.norm[end]-'0') * scale
			scale /= 10
			end++
		}
	}
	return min(value, maxNumber), end, digits > 0
}

// threeDigits reports whether exactly three digits stand at offset at: the group behind a thousands separator.
func (s *scanner) threeDigits(at int) bool {
	n := 0
	for at+n < len(s.norm) && '0' <= s.norm[at+n] && s.norm[at+n] <= '9' {
		n++
	}
	return n == 3
}

// rangeMark returns the offset behind the mark of a range (-, ~, 到, 至), or at.
func (s *scanner) rangeMark(at int) int {
	i := s.skipSpace(at)
	for _, w := range [...]string{"——", "--", "~~", "到", "至", "-", "~", "—", "–", "－", "〜"} {
		if s.hasAt(i, w) {
			return s.skipSpace(i + len(w))
		}
	}
	return at
}
