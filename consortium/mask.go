package consortium

import "strings"

// Mask hides the numbers that are never kept (domain rule L4): identity card numbers of 18 digits, bank cards of 16 to 19
// digits, and whatever long number is called an account. Four digits at either end stay, so that people see which one it
// was. Digits may be full-width, and grouped by single spaces or dashes.
func Mask(text string) (masked string, found bool) {
	return hide(text, func(before, digits string) int {
		switch n := len(digits); {
		case n == 18 && identity(digits), n >= 16 && n <= 19 && luhn(digits), n >= 10 && n <= 30 && account(before), n > 18 && identity(digits[:18]):
			return 4
		}
		return 0
	})
}

// MaskPhones hides mobile numbers, which are not kept when they are said in a group: 138****1234.
func MaskPhones(text string) (masked string, found bool) {
	return hide(text, func(_, digits string) int {
		country := len(digits) - 11
		if (country == 0 || country == 2 && digits[:2] == "86") && digits[country] == '1' && digits[country+1] >= '3' {
			return country + 3
		}
		return 0
	})
}

// hide puts stars in the place of the digits of every number for which keep is not 0; keep is how many stay in front, and
// four stay at the end.
func hide(text string, keep func(before, digits string) int) (string, bool) {
	r := []rune(text)
	found := false
	for from := 0; from < len(r); from++ {
		if digit(r[from]) == 0 {
			continue
		}
		to, at := number(r, from)
		if n := keep(string(r[max(0, from-12):from]), digitsOf(r, at)); n > 0 {
			found = true
			for _, i := range at[n : len(at)-4] {
				r[i] = '*'
			}
		}
		from = to - 1
	}
	if !found {
		return text, false
	}
	return string(r), true
}

// number finds the end of the number that begins at from, and where its digits are. A single space or dash joins groups of
// three to eight digits; the last place of an identity number may be X.
func number(r []rune, from int) (to int, at []int) {
	group := 0
	for to = from; to < len(r); to++ {
		c := r[to]
		if digit(c) != 0 {
			at = append(at, to)
			group++
			continue
		}
		if strings.ContainsRune("xXｘＸ", c) && len(at) == 17 {
			return to + 1, append(at, to)
		}
		if !strings.ContainsRune(" -　", c) || group < 3 || group > 8 || to+1 >= len(r) || digit(r[to+1]) == 0 {
			break
		}
		group = 0
	}
	return to, at
}

// digit is a digit's plain form, 0 for anything else.
func digit(c rune) byte {
	switch {
	case c >= '0' && c <= '9':
		return byte(c)
	case c >= '０' && c <= '９':
		return byte(c-'０') + '0'
	}
	return 0
}

func digitsOf(r []rune, at []int) string {
	b := make([]byte, len(at))
	for i, p := range at {
		if b[i] = digit(r[p]); b[i] == 0 {
			b[i] = 'X'
		}
	}
	return string(b)
}

// identity reports whether 18 places are an identity number: the check digit is right, or there is a day of birth where one
// belongs (people mistype the rest, and it is theirs all the same).
func identity(s string) bool {
	sum := 0
	for i, w := range [...]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2} {
		if s[i] == 'X' {
			return false
		}
		sum += int(s[i]-'0') * w
	}
	if s[17] == "10X98765432"[sum%11] {
		return true
	}
	year, month, day := s[6:10], s[10:12], s[12:14]
	return s[0] >= '1' && s[0] <= '8' && year >= "1900" && year < "2100" && month >= "01" && month <= "12" && day >= "01" && day <= "31"
}

// luhn reports whether the last digit checks the others, as on bank cards.
func luhn(s string) bool {
	sum := 0
	for i := range len(s) {
		d := int(s[len(s)-1-i]) - '0'
		if d < 0 || d > 9 {
			return false
		}
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// account reports whether the words before a number call it an account.
func account(before string) bool {
	before = strings.TrimRight(before, " :：是为(（")
	for _, w := range [...]string{"账号", "帐号", "账户", "帐户", "卡号", "银行卡", "身份证", "身份证号", "证件号"} {
		if strings.HasSuffix(before, w) {
			return true
		}
	}
	return false
}
