package bot

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clean makes a text from outside safe to keep and to show: valid UTF-8 without control characters (line breaks stay) and
// without invisible direction marks, trimmed.
func Clean(s string) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "")
	}
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\t' || r == '\r' || r == 0x2028 || r == 0x2029:
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r) && r != 0x200d: // the joiner holds emoji together
			return -1
		}
		return r
	}, s))
}

// Fold turns full-width letters, digits and signs into their plain forms, so that commands can be compared. It keeps the
// Chinese punctuation that has no ASCII twin.
func Fold(s string) string {
	if isPlain(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '！' && r <= '～':
			return r - '！' + '!'
		case r == 0x3000 || r == 0xa0:
			return ' '
		}
		return r
	}, s)
}

func isPlain(s string) bool {
	for _, r := range s {
		if r >= '！' && r <= '～' || r == 0x3000 || r == 0xa0 {
			return false
		}
	}
	return true
}
