package feishu

import (
	"regexp"
	"strconv"
	"strings"

	"lianbang/bot"
)

// markdown is text with markup: our own, around escaped words of people.
type markdown struct {
	Tag     string `json:"tag"`
	Content string `json:"content"`
}

// newHeading is one bold line.
func newHeading(s string) markdown {
	return markdown{Tag: "markdown", Content: "**" + escape(strings.ReplaceAll(s, "\n", " ")) + "**"}
}

// openID is what a user's id looks like. Anything else would make the platform refuse the whole card, or call everybody.
var openID = regexp.MustCompile(`^ou_[0-9A-Za-z_-]{1,64}$`)

// mentionable keeps the users that can be mentioned, each once.
func mentionable(users []bot.UserKey) (out []string) {
	seen := map[bot.UserKey]bool{}
	for _, u := range users {
		if !seen[u] && openID.MatchString(string(u)) {
			seen[u] = true
			out = append(out, string(u))
		}
	}
	return out
}

// sentence is the text above a card, with those who are to be notified in front.
func sentence(users []bot.UserKey, text string) string {
	var b strings.Builder
	for _, id := range mentionable(users) {
		b.WriteString("<at id=" + id + "></at> ")
	}
	b.WriteString(escape(text))
	return strings.TrimSpace(b.String())
}

// escape makes text show as it was typed in a markdown element. Feishu wants HTML's numeric entities for what its markdown
// would read (card-json-v2-components/rich-text); an entity can neither open a tag nor a link, a list, a table or a rule.
// Spaces at the beginning of a line become such as do not start a block of code.
func escape(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	lineStart := true
	for _, r := range newlines.Replace(text) {
		switch {
		case r == '\n':
			b.WriteByte('\n')
			lineStart = true
			continue
		case lineStart && (r == ' ' || r == '\t'):
			b.WriteString("&nbsp;")
			continue
		case marks(r):
			b.WriteString("&#" + strconv.Itoa(int(r)) + ";")
		default:
			b.WriteRune(r)
		}
		lineStart = false
	}
	return b.String()
}

// newlines makes all ends of lines the same: a lone carriage return is one, too.
var newlines = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// marks reports whether r can mean something in markdown, HTML or Feishu's names of faces (:OK:).
func marks(r rune) bool { return strings.ContainsRune("!\"#$&'()*+-./:<=>@[\\]^_`{|}~", r) }
