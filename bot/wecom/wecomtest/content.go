package wecomtest

import (
	"crypto/md5" // the protocol's checksum
	"encoding/hex"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// content is the body of a message as the bot sends it, by any channel.
type content struct {
	Type       string          `json:"msgtype"`
	Text       *words          `json:"text"`
	Markdown   *words          `json:"markdown"`
	MarkdownV2 *words          `json:"markdown_v2"`
	Stream     *snapshot       `json:"stream"`
	Card       json.RawMessage `json:"template_card"`
	Image      *fileRef        `json:"image"`
	Voice      *fileRef        `json:"voice"`
	Video      *fileRef        `json:"video"`
	File       *fileRef        `json:"file"`
	TextCard   *article        `json:"textcard"`
	News       *struct {
		Articles []article `json:"articles"`
	} `json:"news"`
}

type words struct {
	Content  string   `json:"content"`
	Mentions []string `json:"mentioned_list"`
	Mobiles  []string `json:"mentioned_mobile_list"`
}

type fileRef struct {
	MediaID     string `json:"media_id"`
	Base64      []byte `json:"base64"` // webhook images
	MD5         string `json:"md5"`
	Title       string `json:"title"`
	Description string `json:"description"`
}

type article struct {
	Title       string `json:"title"`
	Description string `json:"description"`
	URL         string `json:"url"`
}

// rules are what one channel takes. Lengths are CheckMarkdown's.
type rules struct {
	channel string
	types   []string
	cuts    bool // text that is too long is cut instead of refused (90236)
	mention bool // <@userid> and mentioned_list ring
}

var (
	botRules  = rules{channel: Bot, types: []string{"markdown", "template_card", "file", "image", "voice", "video"}}
	greeting  = rules{channel: Bot, types: []string{"text", "template_card"}}
	appRules  = rules{channel: App, types: []string{"text", "markdown", "textcard", "news", "file", "image", "voice", "video", "template_card"}, cuts: true}
	chatRules = rules{channel: AppChat, types: []string{"text", "markdown", "textcard", "news", "file", "image", "voice", "video"}, cuts: true, mention: true}
	hookRules = rules{channel: Hook, types: []string{"text", "markdown", "markdown_v2", "image", "news", "file", "voice", "template_card"}, mention: true}
)

const (
	maxText   = 2048  // bytes; what is above is cut where it is not refused (90236)
	maxStream = 20480 // bytes (101031)
)

const maxHookImage = 2 << 20 // bytes before base64 (91770)

// draft checks a message's body and gives what people will see of it. owner is whose media may be used. It holds mu.
func (s *Server) draft(c content, r rules, owner string) (Shown, error) {
	x := Shown{Channel: r.channel, Type: c.Type}
	if !slices.Contains(r.types, c.Type) {
		return x, refuse(40008, "invalid message type")
	}
	switch c.Type {
	case "text":
		return r.plain(x, c.Text)
	case "markdown":
		return r.marked(x, c.Markdown)
	case "markdown_v2":
		x, err := r.marked(x, c.MarkdownV2)
		x.Mentions = nil // (99110)
		return x, err
	case "template_card":
		return s.carded(x, c.Card, r.channel)
	case "textcard", "news":
		return articled(x, c)
	default:
		return s.filed(x, c, owner)
	}
}

func (r rules) plain(x Shown, w *words) (Shown, error) {
	if w == nil {
		return x, refuse(44004, "content is empty")
	}
	x.Text = w.Content
	if r.cuts && len(x.Text) > maxText {
		x.Text, x.Cut = cut(x.Text, maxText), true
	}
	if code, reason := CheckMarkdown(x.Text, x.Type, r.channel); code != 0 {
		return x, refuse(code, "%s", reason)
	}
	if r.mention {
		x.Mentions = append(slices.Clone(w.Mentions), append(w.Mobiles, inlineMentions(x.Text)...)...)
	}
	return x, nil
}

func (r rules) marked(x Shown, w *words) (Shown, error) {
	if w == nil {
		return x, refuse(44004, "content is empty")
	}
	if code, reason := CheckMarkdown(w.Content, x.Type, r.channel); code != 0 {
		return x, refuse(code, "%s", reason)
	}
	if r.mention {
		x.Mentions = inlineMentions(w.Content)
	}
	x.Text = rendered(w.Content)
	return x, nil
}

func (s *Server) carded(x Shown, raw json.RawMessage, by string) (Shown, error) {
	if code, reason := CheckCard(raw, by); code != 0 {
		return x, refuse(code, "%s", reason)
	}
	c, err := parseCard(raw)
	if err != nil {
		return x, refuse(40058, "template_card: %v", err)
	}
	x.Card, x.Text = raw, c.words()
	return x, nil
}

func articled(x Shown, c content) (Shown, error) {
	var all []article
	switch {
	case c.Type == "textcard" && c.TextCard != nil:
		all = []article{*c.TextCard}
	case c.Type == "news" && c.News != nil:
		all = c.News.Articles
	}
	if len(all) < 1 || len(all) > 8 {
		return x, refuse(45008, "1 to 8 articles")
	}
	var lines []string
	for _, a := range all {
		if a.Title == "" || a.URL == "" {
			return x, refuse(41016, "missing title or url")
		}
		lines = append(lines, cut(a.Title, 128), cut(a.Description, 512))
		x.Cut = x.Cut || len(a.Title) > 128 || len(a.Description) > 512
	}
	x.Text = strings.TrimSpace(strings.Join(lines, "\n"))
	return x, nil
}

// filed takes image, voice, video and file.
func (s *Server) filed(x Shown, c content, owner string) (Shown, error) {
	ref := map[string]*fileRef{"image": c.Image, "voice": c.Voice, "video": c.Video, "file": c.File}[c.Type]
	if ref == nil {
		return x, refuse(40058, "missing %s", c.Type)
	}
	if x.Channel == Hook && c.Type == "image" {
		return hookImage(x, *ref)
	}
	if len(ref.Title) > 128 || len(ref.Description) > 512 {
		return x, refuse(40058, "title or description is too long")
	}
	m, err := s.mediumOf(ref.MediaID, owner)
	if err != nil {
		return x, err
	}
	if m.kind != c.Type {
		return x, refuse(40007, "invalid media_id: it is a %s", m.kind)
	}
	x.FileName, x.File = m.name, m.data
	x.Text = strings.TrimSpace("[" + map[string]string{"image": "图片", "voice": "语音", "video": "视频", "file": "文件"}[c.Type] + "] " + m.name)
	return x, nil
}

func hookImage(x Shown, ref fileRef) (Shown, error) {
	switch sum := md5.Sum(ref.Base64); {
	case len(ref.Base64) > maxHookImage:
		return x, refuse(93018, "image too large")
	case !isPicture(ref.Base64):
		return x, refuse(40123, "invalid image")
	case ref.MD5 != hex.EncodeToString(sum[:]):
		return x, refuse(301019, "media md5 mismatch")
	}
	x.Text, x.File = "[图片]", ref.Base64
	return x, nil
}

var mentionMark = regexp.MustCompile(`<@([0-9A-Za-z_.@\-]{1,64})>`)

// inlineMentions are the user ids written as <@userid>.
func inlineMentions(text string) (out []string) {
	for _, m := range mentionMark.FindAllStringSubmatch(text, -1) {
		out = append(out, m[1])
	}
	return out
}

// cut shortens text to limit bytes, between runes.
func cut(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return text[:limit]
}
