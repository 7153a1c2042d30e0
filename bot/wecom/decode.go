package wecom

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"lianbang/bot"
	"lianbang/bot/wecom/wire"
)

// maxParts bounds the items of a mixed message and the answers of a form that are looked at.
const maxParts = 50

// Why a message or event is no event of ours: stable names for counting.
const (
	skipMalformed = "malformed"
	skipEvent     = "unknown_event"
	skipMessage   = "unknown_message"
	skipFeedback  = "feedback"
)

// decoder turns what the platform sends into events. It is pure.
type decoder struct {
	account string
	name    string // of the bot in groups; "" = unknown
}

// message decodes a message or event of an AI bot (100719, 101027) that came at the time given. skip tells why there is no
// event; "" means that there is one. The event has no Ref yet.
func (d decoder) message(m wire.Message, at time.Time) (e bot.Event, skip string) {
	if m.ID == "" || m.From.UserID == "" {
		return bot.Event{}, skipMalformed
	}
	if m.CreateTime > 0 {
		at = time.Unix(int64(m.CreateTime), 0)
	}
	group := m.ChatType == wire.Group || m.ChatType == "" && m.ChatID != ""
	if group && m.ChatID == "" {
		return bot.Event{}, skipMalformed
	}
	e = bot.Event{ID: bot.EventID(m.ID), At: at, From: d.from(m.From.UserID), Direct: !group, Addressed: true}
	if group {
		e.From.Chat = bot.ChatKey(m.ChatID)
	}
	if m.Type == "event" {
		return d.event(e, m.Event)
	}
	e.Kind = bot.Said
	text, files, known := content(m.Content)
	if !known {
		return bot.Event{}, skipMessage
	}
	for i := range files {
		files[i].Expires = at.Add(mediaLife)
	}
	e.Text, e.Files = d.cutMention(text, group), files
	if m.Quote != nil {
		e.Quoted, _, _ = content(*m.Quote)
	}
	return e, ""
}

// from is a one-to-one chat; its key is the user's, which is also how the platform addresses it (101463).
func (d decoder) from(user string) bot.Address {
	return bot.Address{Platform: Platform, Account: d.account, Chat: bot.ChatKey(user), User: bot.UserKey(user)}
}

func (d decoder) event(e bot.Event, v *wire.Event) (bot.Event, string) {
	switch {
	case v == nil:
		return bot.Event{}, skipMalformed
	case v.Type == wire.EventEnter:
		e.Kind = bot.Entered
	case v.Type == wire.EventCard:
		e.Kind = bot.Clicked
		c := v.Tapped()
		e.Text, e.Form, e.Topic = c.Key, form(c.Selected), topicOf(c.TaskID)
	case v.Type == wire.EventFeedback:
		return bot.Event{}, skipFeedback
	default:
		return bot.Event{}, skipEvent
	}
	return e, ""
}

// form gives what was chosen by question. Of several choices in one question each has a line.
func form(s *wire.Selected) map[string]string {
	if s == nil || len(s.Items) == 0 {
		return nil
	}
	out := map[string]string{}
	for _, item := range s.Items[:min(len(s.Items), maxParts)] {
		out[item.Question] = strings.Join(item.Options.IDs, "\n")
	}
	return out
}

// content gives the words and files of a message, a quote or an item of a mixed message.
func content(c wire.Content) (text string, files []bot.FileRef, known bool) {
	media := func(m *wire.Media, kind string) []bot.FileRef {
		if m == nil || m.URL == "" {
			return nil
		}
		return []bot.FileRef{{Key: mediaKey(*m), Kind: kind}}
	}
	switch c.Type {
	case "text":
		return words(c.Text), nil, true
	case "voice":
		return words(c.Voice), nil, true
	case "image":
		return "", media(c.Image, "image"), true
	case "file":
		return "", media(c.File, "file"), true
	case "video":
		return "", media(c.Video, "file"), true
	case "mixed":
		if c.Mixed == nil {
			return "", nil, true
		}
		var lines []string
		for _, item := range c.Mixed.Items[:min(len(c.Mixed.Items), maxParts)] {
			if item.Type == "mixed" {
				continue // never nested in what the platform sends
			}
			t, f, _ := content(item)
			if files = append(files, f...); t != "" {
				lines = append(lines, t)
			}
		}
		return strings.Join(lines, "\n"), files, true
	}
	return "", nil, false
}

func words(t *wire.Text) string {
	if t == nil {
		return ""
	}
	return strings.TrimSpace(t.Content)
}

// cutMention takes the mention of the bot out: its own name only, because Chinese text may follow without a space (field
// reports). At the beginning it needs no space behind it; further on it does, as another member's name may begin like the
// bot's. Where the name is unknown, what is cut from a group's message ends at the first space; without one all is kept.
func (d decoder) cutMention(text string, group bool) string {
	text = strings.TrimSpace(text)
	if d.name == "" {
		if rest, ok := strings.CutPrefix(text, "@"); ok && group {
			if i := strings.IndexFunc(rest, unicode.IsSpace); i >= 0 {
				return strings.TrimSpace(rest[i:])
			}
		}
		return text
	}
	mention := "@" + d.name
	text = strings.TrimSpace(strings.TrimPrefix(text, mention))
	for from := 0; ; {
		i := strings.Index(text[from:], mention)
		if i < 0 {
			return strings.TrimSpace(text)
		}
		i += from
		rest := text[i+len(mention):]
		if r, _ := utf8.DecodeRuneInString(rest); rest == "" || unicode.IsSpace(r) {
			text = strings.TrimRightFunc(text[:i], isBlank) + keepBreak(rest)
			continue
		}
		from = i + len(mention)
	}
}

func isBlank(r rune) bool { return r != '\n' && unicode.IsSpace(r) }

// keepBreak joins what follows a mention that was cut: one space, or the line break that stood there.
func keepBreak(rest string) string {
	rest = strings.TrimLeftFunc(rest, isBlank)
	if rest == "" || rest[0] == '\n' {
		return rest
	}
	return " " + rest
}

// app decodes a message or event of a self-built app (90239, 90240), which is always a one-to-one chat. Events have no id
// of their own; what tells them apart becomes one. r is how the event can be answered.
func (d decoder) app(m wire.AppMessage) (e bot.Event, r ref, skip string) {
	if m.From == "" {
		return bot.Event{}, ref{}, skipMalformed
	}
	e = bot.Event{ID: bot.EventID("app/" + m.ID), At: time.Unix(m.CreateTime, 0), From: d.from(m.From), Direct: true, Addressed: true}
	r = ref{kind: refApp}
	switch m.Type {
	case "text":
		e.Kind, e.Text = bot.Said, strings.TrimSpace(m.Content)
	case "image":
		e.Kind, e.Files = bot.Said, []bot.FileRef{{Key: appMediaKey(m.MediaID), Kind: "image"}}
	case "voice", "video":
		e.Kind, e.Files = bot.Said, []bot.FileRef{{Key: appMediaKey(m.MediaID), Kind: "file"}}
	case "event":
		e.ID = appEventID(m)
		switch m.Event {
		case "enter_agent":
			e.Kind = bot.Entered
		case "click":
			e.Kind, e.Text, e.Menu = bot.Clicked, m.EventKey, true
		case "template_card_event", "template_card_menu_event":
			e.Kind, e.Text, e.Topic = bot.Clicked, m.EventKey, topicOf(m.TaskID)
			e.Form = form(&wire.Selected{Items: m.Selected})
			if m.ResponseCode != "" {
				r = ref{kind: refCode, id: m.ResponseCode, task: m.TaskID}
			}
		default:
			return bot.Event{}, ref{}, skipEvent
		}
		return e, r, ""
	default:
		return bot.Event{}, ref{}, skipMessage
	}
	if m.ID == "" {
		return bot.Event{}, ref{}, skipMalformed
	}
	return e, r, ""
}

// appEventID is made of what a repeated attempt repeats (90240: FromUserName and CreateTime, of which the latter has only
// seconds).
func appEventID(m wire.AppMessage) bot.EventID {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %d %q %q %q", m.From, m.CreateTime, m.Event, m.EventKey, m.TaskID))
	return bot.EventID("app/e/" + hex.EncodeToString(sum[:16]))
}
