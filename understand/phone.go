package understand

import (
	"strings"
	"unicode/utf8"
)

// phone reads a telephone number at token i: a mobile number with or without blanks and +86, an area code and number,
// 400 numbers, digits said one by one, and a bare 5 to 8 digit number behind a label such as 电话.
func (s *scanner) phone(i int) (atom, bool) {
	t := s.toks[i]
	if i > 0 && s.toks[i-1].is(kDigits|kLatin) && s.toks[i-1].to == t.from || t.from > 0 && s.norm[t.from-1] == '.' {
		return atom{}, false
	}
	if !t.is(kDigits) {
		return s.spokenPhone(t.from)
	}
	var buf [20]byte
	digits := buf[:0]
	end, at := t.to, t.from
	for at < len(s.norm) && len(digits) < 18 {
		b := s.norm[at]
		switch {
		case '0' <= b && b <= '9':
			digits = append(digits, b)
			at++
			end = at
			continue
		case (b == '-' || b == ' ') && at == end && len(digits) >= 2 && at+1 < len(s.norm) && '0' <= s.norm[at+1] && s.norm[at+1] <= '9' && s.joins(digits, at+1):
			at++
			continue
		}
		break
	}
	n := string(digits)
	for _, prefix := range [...]string{"0086", "86"} {
		if len(n) == 11+len(prefix) && strings.HasPrefix(n, prefix) {
			n = n[len(prefix):]
		}
	}
	whole := end >= len(s.norm) || s.norm[end] < '0' || s.norm[end] > '9'
	switch {
	case !whole:
	case len(n) == 11 && n[0] == '1' && n[1] >= '3':
	case n[0] == '0' && len(n) >= 10 && len(n) <= 12:
	case strings.HasPrefix(n, "400") && len(n) == 10, strings.HasPrefix(n, "800") && len(n) == 10:
	case len(n) >= 5 && len(n) <= 8 && len(n) == end-t.from && s.phoneLabelBefore(i):
	default:
		return atom{}, false
	}
	if !whole {
		return atom{}, false
	}
	from := t.from
	for _, p := range [...]string{"+86 ", "+86-", "+86", "+"} {
		if strings.HasSuffix(s.norm[:from], p) {
			from -= len(p)
			break
		}
	}
	return atom{from: from, to: end, kind: aPhone}, true
}

// joins reports whether the digits behind a blank or a dash may belong to the number begun with digits.
func (s *scanner) joins(digits []byte, at int) bool {
	n := 0
	for at+n < len(s.norm) && '0' <= s.norm[at+n] && s.norm[at+n] <= '9' {
		n++
	}
	switch {
	case digits[0] == '0' && len(digits) <= 4:
		return n >= 7 && n <= 8 || len(digits) == 4 && n == 4
	case digits[0] == '0':
		return n == 4 && len(digits) <= 8
	case digits[0] == '1' && (len(digits) == 3 || len(digits) == 7):
		return n == 4 || n == 8
	case digits[0] == '8' && len(digits) == 2:
		return n == 11 || n == 3
	case digits[0] == '8' && (len(digits) == 5 || len(digits) == 9):
		return n == 4
	case digits[0] == '4' || digits[0] == '8':
		return len(digits) == 3 && (n == 3 || n == 4 || n == 7) || len(digits) == 6 && n == 4 || len(digits) == 7 && n == 3 ||
			digits[0] == '8' && len(digits) == 4 && n == 4
	case len(digits) == 4:
		return n == 4 && s.atPhoneLabel(at-5)
	}
	return false
}

func (s *scanner) phoneLabelBefore(i int) bool { return s.atPhoneLabel(s.toks[i].from) }

// atPhoneLabel reports whether the text before at ends in a word for a telephone, perhaps with a colon.
func (s *scanner) atPhoneLabel(at int) bool {
	if at < 0 {
		return false
	}
	before := strings.TrimRight(s.norm[max(0, at-24):at], " :;=是为")
	for _, w := range [...]string{"电话", "手机", "号码", "座机", "固话", "tel", "联系方式", "短号", "分机", "联系", "热线", "致电", "phone"} {
		if strings.HasSuffix(before, w) {
			return true
		}
	}
	return false
}

// spokenPhone reads eleven digits said one by one: 一三八一二三四五六七八.
func (s *scanner) spokenPhone(at int) (atom, bool) {
	n, end := 0, at
	for end < len(s.norm) && n < 12 {
		r, size := utf8.DecodeRuneInString(s.norm[end:])
		d := chineseDigit(r)
		if d < 0 || n == 0 && d != 1 || n == 1 && d < 3 {
			break
		}
		n++
		end += size
	}
	return atom{from: at, to: end, kind: aPhone}, n == 11
}

// phoneValue is the number as it is stored: digits, with the dash of a land line kept.
func (s *scanner) phoneValue(a *atom) string {
	var b strings.Builder
	b.Grow(a.to - a.from)
	for _, r := range s.norm[a.from:a.to] {
		switch d := chineseDigit(r); {
		case '0' <= r && r <= '9':
			b.WriteRune(r)
		case d >= 0:
			b.WriteByte('0' + byte(d))
		case r == '-':
			b.WriteByte('-')
		}
	}
	v := b.String()
	if plain := strings.ReplaceAll(v, "-", ""); len(plain) >= 11 {
		for _, prefix := range [...]string{"0086", "86", ""} {
			if m, ok := strings.CutPrefix(plain, prefix); ok && len(m) == 11 && m[0] == '1' {
				return m
			}
		}
	}
	return v
}

// maskPhone hides the middle of a number for logs and explanations.
func maskPhone(p string) string {
	if len(p) < 7 {
		return "***"
	}
	return p[:3] + "****" + p[len(p)-4:]
}
