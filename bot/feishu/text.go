package feishu

import (
	"regexp"
	"strings"

	"lianbang/bot"
)

// textJSON is the content of a message of type text: everything that the reply says, with those who are to be notified in
// front.
func textJSON(r bot.Reply) []byte { return mustEncode(textContent{Text: words(r)}) }

type textContent struct {
	Text string `json:"text"`
}

func words(r bot.Reply) string {
	var b strings.Builder
	for _, id := range mentionable(r.Mention) {
		b.WriteString(`<at user_id="` + id + `"></at> `)
	}
	b.WriteString(harmless(bot.Plain(r)))
	return strings.TrimSpace(b.String())
}

// tag is what a text message could read as a mention or as style: <at …>, <b>, </i>.
var tag = regexp.MustCompile(`<(/?[A-Za-z])`)

// harmless breaks what a text message would read as markup. Feishu documents mentions, the tags b, i, u and s and links for
// it, but no escape (im-v1 message/create_json); so the character that opens one becomes its full-width twin, which looks the
// same to a reader and nobody reads as a tag. Not checked against the live platform.
func harmless(s string) string {
	s = tag.ReplaceAllString(s, "＜$1")
	s = strings.ReplaceAll(s, "](", "]（")
	return strings.ReplaceAll(s, "@_", "＠_")
}

// mustEncode encodes what cannot fail to encode: structs of strings.
func mustEncode(v any) []byte {
	data, err := encode(v)
	if err != nil {
		panic("feishu: " + err.Error())
	}
	return data
}
