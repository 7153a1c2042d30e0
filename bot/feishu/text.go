package feishu

import (
	"encoding/json"
	"regexp"
	"strings"

	"lianbang/bot"
	"lianbang/bot/rest"
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
	data, err := rest.Encode(v)
	if err != nil {
		panic("feishu: " + err.Error())
	}
	return data
}

// maxHookBytes is the size of a whole request to a custom bot: 20 KB (add-custom-bot), with room for what signs it.
const maxHookBytes = 19_000

// hookBody is a request to a custom bot. Timestamp and Sign are set by the sender where the bot wants signatures.
type hookBody struct {
	Timestamp string          `json:"timestamp,omitempty"` // seconds since 1970
	Sign      string          `json:"sign,omitempty"`
	MsgType   string          `json:"msg_type"`
	Content   *textContent    `json:"content,omitempty"`
	Card      json.RawMessage `json:"card,omitempty"`
}

// hookCard is a card for a custom bot. It is not ok when there is none, when it is too large, or when there is something to
// tap in it: nobody would hear of that.
func hookCard(r bot.Reply) (hookBody, bool) {
	if r.Card == nil || r.Card.Form != nil || len(r.Card.Buttons) > 0 {
		return hookBody{}, false
	}
	data, ok := cardJSON(r)
	if !ok || len(data) > maxHookBytes {
		return hookBody{}, false
	}
	return hookBody{MsgType: "interactive", Card: data}, true
}

// hookText is a text for a custom bot.
func hookText(r bot.Reply) hookBody {
	return hookBody{MsgType: "text", Content: &textContent{Text: words(r)}}
}
