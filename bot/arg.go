package bot

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxNumber bounds every number that people type; larger ones are taken as this, which no code and no party reaches.
const maxNumber = 1 << 40

// args are the values read from what follows the words of a command.
type args struct {
	codes map[string]int64
	count int
	given bool
	text  string
}

// readArgs reads rest by the declared arguments: codes and counts in any order, then text. missing is the first required
// argument that is not there; ok is false when something is left over that no argument takes.
func readArgs(rest string, declared []Arg) (got args, missing *Arg, ok bool) {
	done := make([]bool, len(declared))
	for again := true; again; {
		again = false
		for i, a := range declared {
			if done[i] || a.Kind == TextArg {
				continue
			}
			rest = trimGap(rest)
			switch a.Kind {
			case CodeArg:
				n, left, found := readCode(rest, a)
				if !found {
					continue
				}
				if got.codes == nil {
					got.codes = make(map[string]int64, 2)
				}
				got.codes[a.Letter], rest = n, left
			case CountArg:
				n, left, found := readCount(rest)
				if !found {
					continue
				}
				got.count, got.given, rest = n, true, left
			}
			done[i], again = true, true
		}
	}
	rest = trimGap(rest)
	for i, a := range declared {
		if a.Kind == TextArg && rest != "" {
			got.text, rest, done[i] = rest, "", true
		}
	}
	for i := range declared {
		if !done[i] && !declared[i].Optional {
			return got, &declared[i], rest == ""
		}
	}
	return got, nil, trimEnd(rest) == ""
}

// readCode reads H27, #h27, H 27 or 活动27 from the front of s.
func readCode(s string, a Arg) (n int64, rest string, ok bool) {
	t := strings.TrimPrefix(s, "#")
	switch {
	case a.Noun != "" && strings.HasPrefix(t, a.Noun):
		t = t[len(a.Noun):]
	case len(t) > 0 && strings.EqualFold(t[:1], a.Letter):
		t = t[1:]
	default:
		return 0, s, false
	}
	t = strings.TrimLeft(t, " #")
	n, t, ok = readDigits(t)
	if !ok || t != "" && (t[0] >= 'a' && t[0] <= 'z' || t[0] >= 'A' && t[0] <= 'Z') {
		return 0, s, false
	}
	return n, t, true
}

// readCount reads 3, +3, 3人, 三个人 from the front of s.
func readCount(s string) (n int, rest string, ok bool) {
	t := strings.TrimPrefix(s, "+")
	v, t, ok := readDigits(t)
	if !ok {
		if v, t, ok = readHan(t); !ok {
			return 0, s, false
		}
	}
	unit := false
	if spaced := strings.TrimLeft(t, " "); strings.HasPrefix(spaced, "人") || strings.HasPrefix(spaced, "个人") {
		t = spaced
	}
	for _, u := range [...]string{"个人", "人", "名", "位", "个", "分", "星"} {
		if left, cut := strings.CutPrefix(t, u); cut {
			t, unit = left, true
			break
		}
	}
	if r, _ := utf8.DecodeRuneInString(t); t != "" && !unit && !isGap(r) {
		return 0, s, false
	}
	return int(v), t, true
}

func readDigits(s string) (n int64, rest string, ok bool) {
	i := 0
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		n = min(n*10+int64(s[i]-'0'), maxNumber)
		i++
	}
	return n, s[i:], i > 0
}

var hanDigits = []rune("一二三四五六七八九")

// readHan reads a Chinese numeral from 一 to 九十九.
func readHan(s string) (n int64, rest string, ok bool) {
	digit := func(r rune) int64 {
		if r == '两' {
			return 2
		}
		return int64(slices.Index(hanDigits, r) + 1)
	}
	cur, ten := int64(0), false
	for i, r := range s {
		switch d := digit(r); {
		case r == '十' && !ten:
			cur, ten = max(cur, 1)*10, true
		case d > 0 && cur%10 == 0:
			cur += d
		default:
			return cur, s[i:], i > 0
		}
	}
	return cur, "", cur > 0
}

func isGap(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(":,;，、；：。.", r) }

func trimGap(s string) string { return strings.TrimLeftFunc(s, isGap) }

func trimEnd(s string) string {
	return strings.TrimFunc(s, func(r rune) bool { return isGap(r) || strings.ContainsRune("!~！～", r) })
}
