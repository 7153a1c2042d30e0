package zhtime

import "unicode/utf8"

const maxNumber = 1 << 30

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
