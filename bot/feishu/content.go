package feishu

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"lianbang/bot"
)

const (
	maxFiles   = 50      // of one message that are kept
	allMention = "@_all" // stands for everybody, and may have no entry in mentions
	allName    = "所有人"
	someName   = "某人" // a mention without a name
)

// mention is one entry of a message's mentions: the placeholder in its text, and who is meant (im-v1
// message/events/receive).
type mention struct {
	Key  string `json:"key"`
	ID   userID `json:"id"`
	Name string `json:"name"`
}

// userID is a user's ids: the open_id is his within the app, the union_id in all apps of the same organisation (user
// identity). The user_id needs a scope.
type userID struct {
	OpenID  string `json:"open_id"`
	UnionID string `json:"union_id"`
}

// speech is what a message says.
type speech struct {
	text   string
	files  []bot.FileRef
	called bool // our own mention was in it
}

// reader turns the content of one message into speech.
type reader struct {
	message  string // id, for the keys of files
	self     string // open_id of our bot
	mentions map[string]mention
	lengths  []int // of the mentions' keys, longest first, each once
	out      speech
}

// readContent reads the content of a message of the given type. What is neither words nor files says nothing. Content that
// is not what its type promises is an error.
func readContent(message, kind, content string, mentions []mention, self string) (speech, error) {
	r := &reader{message: message, self: self, mentions: map[string]mention{allMention: {Key: allMention, Name: allName}}}
	for _, m := range mentions {
		if m.Key != "" && m.Key != allMention {
			r.mentions[m.Key] = m
		}
	}
	for key := range r.mentions {
		r.lengths = append(r.lengths, len(key))
	}
	slices.Sort(r.lengths)
	r.lengths = slices.Compact(r.lengths)
	slices.Reverse(r.lengths)

	text, err := r.read(kind, content)
	if err != nil {
		return speech{}, errMalformed
	}
	r.out.text = strings.TrimSpace(text)
	return r.out, nil
}

func (r *reader) read(kind, content string) (string, error) {
	switch kind {
	case "text":
		var c struct {
			Text string `json:"text"`
		}
		err := json.Unmarshal([]byte(content), &c)
		return r.resolve(c.Text), err
	case "post":
		return r.readPost(content)
	case "image", "file", "media", "audio":
		var c struct {
			Image string `json:"image_key"`
			File  string `json:"file_key"`
			Name  string `json:"file_name"`
		}
		if err := json.Unmarshal([]byte(content), &c); err != nil {
			return "", err
		}
		if kind == "image" {
			r.addFile("image", c.Image, "")
		} else {
			r.addFile("file", c.File, c.Name)
		}
	}
	return "", nil
}

// addFile keeps a file under a key that names its message too: both are needed to fetch it (im-v1 message-resource/get).
func (r *reader) addFile(kind, key, name string) {
	if key != "" && len(r.out.files) < maxFiles {
		r.out.files = append(r.out.files, bot.FileRef{Key: r.message + "/" + key, Name: name, Kind: kind})
	}
}

// resolve puts names in the place of placeholders and cuts our own mention. Of two placeholders that fit, the longer is
// meant: @_user_1 begins @_user_10.
func (r *reader) resolve(text string) string {
	var b strings.Builder
	for {
		i := strings.IndexByte(text, '@')
		if i < 0 {
			b.WriteString(text)
			return b.String()
		}
		b.WriteString(text[:i])
		text = text[i:]
		m, ok := r.mentionAt(text)
		if !ok {
			b.WriteByte('@')
			text = text[1:]
			continue
		}
		text = text[len(m.Key):]
		if name := r.call(m); name != "" {
			b.WriteString(name)
			continue
		}
		text = strings.TrimPrefix(text, " ")
	}
}

func (r *reader) mentionAt(text string) (mention, bool) {
	for _, n := range r.lengths {
		if n <= len(text) {
			if m, ok := r.mentions[text[:n]]; ok {
				return m, true
			}
		}
	}
	return mention{}, false
}

// call is how the mention is written; "" when we are meant.
func (r *reader) call(m mention) string {
	switch {
	case m.ID.OpenID != "" && m.ID.OpenID == r.self:
		r.out.called = true
		return ""
	case m.Name != "":
		return "@" + m.Name
	default:
		return "@" + someName
	}
}

// post is a rich text as it is received: paragraphs of nodes.
type post struct {
	Title   string       `json:"title"`
	Content [][]postNode `json:"content"`
}

type postNode struct {
	Tag      string `json:"tag"`
	Text     string `json:"text"`
	UserID   string `json:"user_id"`
	UserName string `json:"user_name"`
	ImageKey string `json:"image_key"`
	FileKey  string `json:"file_key"`
	FileName string `json:"file_name"`
}

// readPost reads a post. What is received has no level of locales, what is sent has one: both are understood.
func (r *reader) readPost(content string) (string, error) {
	var levels map[string]json.RawMessage
	if err := json.Unmarshal([]byte(content), &levels); err != nil {
		return "", err
	}
	raw := json.RawMessage(content)
	if _, plain := levels["content"]; !plain {
		raw = levels[firstLocale(levels)]
	}
	var p post
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &p); err != nil {
			return "", err
		}
	}
	var b strings.Builder
	b.WriteString(r.resolve(p.Title))
	for _, line := range p.Content {
		b.WriteByte('\n')
		for _, n := range line {
			b.WriteString(r.readNode(n))
		}
	}
	return b.String(), nil
}

// firstLocale prefers Chinese.
func firstLocale(levels map[string]json.RawMessage) string {
	if _, ok := levels["zh_cn"]; ok {
		return "zh_cn"
	}
	if locales := slices.Sorted(maps.Keys(levels)); len(locales) > 0 {
		return locales[0]
	}
	return ""
}

func (r *reader) readNode(n postNode) string {
	switch n.Tag {
	case "at":
		return r.readAt(n)
	case "img":
		r.addFile("image", n.ImageKey, "")
		return ""
	case "media", "file":
		r.addFile("file", n.FileKey, n.FileName)
		return ""
	case "emotion", "hr":
		return ""
	default:
		return r.resolve(n.Text)
	}
}

// readAt reads a mention in a post. Its user_id is a placeholder or an open_id.
func (r *reader) readAt(n postNode) string {
	m, ok := r.mentions[n.UserID]
	switch {
	case ok:
	case n.UserID == "all":
		m = r.mentions[allMention]
	default:
		m = mention{ID: userID{OpenID: n.UserID}, Name: n.UserName}
	}
	return r.call(m)
}
