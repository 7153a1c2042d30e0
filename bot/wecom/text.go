package wecom

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"lianbang/bot"
)

// WeCom documents no escape character in any dialect. What a person typed is therefore kept from being read as markup by
// writing the sign that would begin it as its full-width twin: <@all> becomes ＜@all>, **x** becomes ＊＊x＊＊, [a](b) becomes
// ［a］(b), a table's | becomes ｜. Readers see the difference, and the words stay. Signs that begin nothing where they stand
// are left alone. A bare address (https://…) is made a link by every client; it cannot be prevented, and it shows where it
// leads. Inside an address signs are percent-encoded instead, so that it still works.

// twins of ASCII signs are this far away (U+FF01 - '!').
const toFullWidth = 0xfee0

// guard makes one line of data safe to stand in a message of this dialect. first says that it begins the line.
func (d dialect) guard(s string, first bool) string {
	var b strings.Builder
	b.Grow(len(s))
	for s != "" {
		at, end := address(s)
		b.WriteString(d.guardWords(s[:at], first && b.Len() == 0))
		b.WriteString(d.guardAddress(s[at:end]))
		s = s[end:]
	}
	return b.String()
}

// guardWords is guard for what is not an address.
func (d dialect) guardWords(s string, first bool) string {
	t := d.traits()
	if first && t.markup {
		s = t.guardStart(s)
	}
	links := t.markup && (strings.Contains(s, "](") || strings.Contains(s, "][") || strings.Contains(s, "]:"))
	var b strings.Builder
	var before rune
	for i, r := range s {
		after, _ := utf8.DecodeRuneInString(s[i+utf8.RuneLen(r):])
		out := r
		switch r {
		case '<':
			if after == '@' || after == '/' || after == '!' || after == '?' || isASCIILetter(after) {
				out = r + toFullWidth
			}
		case '&':
			if entity.MatchString(s[i:]) {
				out = r + toFullWidth
			}
		case '*', '`':
			if t.markup {
				out = r + toFullWidth
			}
		case '[', ']':
			if links {
				out = r + toFullWidth
			}
		case '\\':
			if t.markup && after < utf8.RuneSelf && (unicode.IsPunct(after) || unicode.IsSymbol(after)) {
				out = r + toFullWidth
			}
		case '|', '~':
			if t.rich {
				out = r + toFullWidth
			}
		case '_':
			if t.rich && !(isWord(before) && isWord(after)) {
				out = r + toFullWidth
			}
		case '#':
			if t.markup && before == ' ' { // a heading may be closed by signs at its end
				out = r + toFullWidth
			}
		}
		b.WriteRune(out)
		before = r
	}
	return b.String()
}

// guardStart breaks what makes a whole line a heading, a quote, an item, a rule or code: the sign at its beginning.
func (t traits) guardStart(s string) string {
	body := strings.TrimLeftFunc(s, unicode.IsSpace)
	space := strings.Map(func(r rune) rune {
		if r < utf8.RuneSelf {
			return -1
		}
		return r
	}, s[:len(s)-len(body)])
	if body == "" {
		return space
	}
	switch c := body[0]; {
	case c == '#' || c == '>':
		body = string(rune(c)+toFullWidth) + body[1:]
	case t.rich && (c == '-' || c == '+' || c == '=') && (item.MatchString(body) || rule.MatchString(body)):
		body = string(rune(c)+toFullWidth) + body[1:]
	case t.rich && number.MatchString(body):
		n := strings.IndexAny(body, ".)")
		body = body[:n] + string(rune(body[n])+toFullWidth) + body[n+1:]
	}
	return space + body
}

var (
	entity = regexp.MustCompile(`^&#?[0-9A-Za-z]{1,32};`)
	item   = regexp.MustCompile(`^[-+]([ \t]|$)`)
	rule   = regexp.MustCompile(`^(-[-\s]*|=+\s*)$`)
	number = regexp.MustCompile(`^[0-9]{1,9}[.)]([ \t]|$)`)
	scheme = regexp.MustCompile(`(?i)https?://[-0-9A-Za-z._~:/?#\[\]@!$&'()*+,;=%|]+`)
)

// address finds the first web address in s, or an empty one at its end.
func address(s string) (from, to int) {
	if at := scheme.FindStringIndex(s); at != nil {
		return at[0], at[1]
	}
	return len(s), len(s)
}

var encodedSigns = strings.NewReplacer("*", "%2A", "[", "%5B", "]", "%5D", "|", "%7C", "~", "%7E")

func (d dialect) guardAddress(s string) string {
	if !d.traits().markup {
		return s
	}
	return encodedSigns.Replace(s)
}

func isASCIILetter(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// userID is what a member's id may look like (D90313 on 40003). Ids of other shapes, and the one that means everybody, never
// reach a mention.
var userID = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z_.@-]{0,63}$`)

// mentioned gives the ids that a message to a group may ring for, for the mentioned_list of a text message.
func mentioned(r bot.Reply) (ids []string) {
	for _, u := range r.Mention {
		if id := string(u); userID.MatchString(id) && !strings.EqualFold(id, "all") && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// clip cuts s to at most n bytes, at the border of a character.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
