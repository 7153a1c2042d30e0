package feishutest

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Draft is what somebody writes. A mention is written as people see it: @ and the name of the bot or of a person; @所有人
// means everybody.
type Draft struct {
	ID        string // message_id; "" = a new one. One that was used before pushes that message again, as another event
	Text      string
	Title     string // with Lines: a post
	Lines     []string
	Image     []byte
	File      []byte
	FileName  string
	ReplyTo   string    // message_id
	InThread  bool      // the reply opens a thread
	CreatedAt time.Time // zero = now; an old one comes as after an outage
}

// Say writes a text in a group and returns how its event was taken.
func (p *Person) Say(ctx context.Context, in *Group, text string) Outcome {
	return p.Write(ctx, in, Draft{Text: text})
}

// Tell writes a text in the private chat of p and the bot.
func (p *Person) Tell(ctx context.Context, text string) Outcome {
	return p.Write(ctx, nil, Draft{Text: text})
}

// Write puts a message in a group, or in the private chat for nil, and returns how its event was taken. No event is made
// of a group's message that doesn't mention the bot, unless the app has ScopeAllMessages.
func (p *Person) Write(ctx context.Context, in *Group, d Draft) Outcome {
	s := p.s
	s.mu.Lock()
	m, err := s.written(p, in, d)
	if err != nil {
		s.mu.Unlock()
		return Outcome{Err: err}
	}
	needed := s.scopesFor(m)
	allowed := s.permit(needed) == nil
	body := received(p, m)
	s.mu.Unlock()
	if !allowed {
		return Outcome{Message: m.id, Err: ErrNoScope}
	}
	out, _ := s.emit(ctx, "im.message.receive_v1", body)
	out.Message = m.id
	return out
}

// scopesFor lists the scopes of which an app needs one to get m as an event. s.mu is held.
func (s *Server) scopesFor(m *message) []string {
	if m.in.owner != nil {
		return []string{scopePrivateEvents, scopeMessage}
	}
	for _, n := range m.mentions {
		if n.bot {
			return []string{scopeMentionEvents, ScopeAllMessages}
		}
	}
	return []string{ScopeAllMessages}
}

// written makes and stores the message of d, or finds the one that has its id. s.mu is held.
func (s *Server) written(p *Person, in *Group, d Draft) (*message, error) {
	if m := s.byID[d.ID]; d.ID != "" && m != nil {
		return m, nil
	}
	t := s.private(p)
	if in != nil {
		t = in.chat()
	}
	if !t.has(p) || !t.bot || t.dissolved {
		return nil, ErrNotInChat
	}
	if len(s.messages) >= maxMessages {
		return nil, fmt.Errorf("the fake keeps no more than %d messages", maxMessages)
	}
	now := s.clock.Now()
	m := &message{id: d.ID, in: t, sender: p.OpenID, at: now}
	if !d.CreatedAt.IsZero() {
		m.at = d.CreatedAt
	}
	m.updated = m.at
	if m.id == "" {
		m.id = s.newID("om_")
	}
	if to := s.byID[d.ReplyTo]; to != nil {
		s.thread(m, to, d.InThread)
	}
	s.compose(m, d)
	s.add(m)
	return m, nil
}

// thread makes m a reply to to. s.mu is held.
func (s *Server) thread(m, to *message, opens bool) {
	if opens && to.thread == "" {
		to.thread = s.newID("omt_")
	}
	m.parent, m.root, m.thread = to.id, to.root, to.thread
	if m.root == "" {
		m.root = to.id
	}
}

// compose writes the content of m. s.mu is held.
func (s *Server) compose(m *message, d Draft) {
	switch {
	case d.Image != nil:
		key := s.store("img_v3_", upload{kind: "image", data: d.Image})
		m.kind, m.content, m.keys = "image", compact(map[string]string{"image_key": key}), []string{key}
	case d.File != nil:
		key := s.store("file_v3_", upload{kind: "stream", name: d.FileName, data: d.File})
		m.kind, m.content, m.keys = "file", compact(map[string]string{"file_key": key, "file_name": d.FileName}), []string{key}
	case d.Lines != nil:
		m.kind = "post"
		lines := []any{}
		for _, line := range d.Lines {
			lines = append(lines, s.nodes(m, line))
		}
		m.content = compact(map[string]any{"title": d.Title, "content": lines}) // without a locale, unlike what apps send
	default:
		m.kind = "text"
		text := ""
		for _, piece := range s.mentioned(m, d.Text) {
			text += piece.text
		}
		m.content = compact(map[string]string{"text": text})
	}
}

// nodes is one line of a post. s.mu is held.
func (s *Server) nodes(m *message, line string) []any {
	out := []any{}
	for _, piece := range s.mentioned(m, line) {
		if piece.name == "" {
			out = append(out, map[string]any{"tag": "text", "text": piece.text, "style": []string{}})
			continue
		}
		out = append(out, map[string]any{"tag": "at", "user_id": piece.text, "user_name": piece.name, "style": []string{}})
	}
	return out
}

// piece is text without mentions, or one mention: its placeholder, and the name.
type piece struct{ text, name string }

// mentioned cuts text at its mentions and adds them to m. s.mu is held.
func (s *Server) mentioned(m *message, text string) (out []piece) {
	plain := ""
	for text != "" {
		found, rest := s.mentionAt(m, text)
		if found.name == "" {
			plain, text = plain+text[:1], text[1:]
			continue
		}
		if plain != "" {
			out = append(out, piece{text: plain})
		}
		out = append(out, found)
		plain, text = "", rest
	}
	if plain != "" {
		out = append(out, piece{text: plain})
	}
	return out
}

// mentionAt reads a mention at the beginning of text. s.mu is held.
func (s *Server) mentionAt(m *message, text string) (found piece, rest string) {
	name, ok := strings.CutPrefix(text, "@")
	if !ok {
		return piece{}, text
	}
	if rest, ok := strings.CutPrefix(name, "所有人"); ok {
		return piece{"@_all", "所有人"}, rest
	}
	if rest, ok := strings.CutPrefix(name, s.o.BotName); ok {
		return piece{m.mention(s.botID, s.o.BotName, true), s.o.BotName}, rest
	}
	for _, p := range s.byLongestName() {
		if rest, ok := strings.CutPrefix(name, p.Name); ok {
			return piece{m.mention(p.OpenID, p.Name, false), p.Name}, rest
		}
	}
	return piece{}, text
}

// mention notes who was mentioned and returns the placeholder.
func (m *message) mention(id, name string, bot bool) string {
	for _, n := range m.mentions {
		if n.id == id {
			return n.key
		}
	}
	key := "@_user_" + strconv.Itoa(len(m.mentions)+1)
	m.mentions = append(m.mentions, mention{key: key, id: id, name: name, bot: bot})
	return key
}

// received is the body of im.message.receive_v1: what is empty is absent (event page; SDK source).
func received(p *Person, m *message) map[string]any {
	message := map[string]any{
		"message_id": m.id, "create_time": millis(m.at), "update_time": millis(m.updated), "chat_id": m.in.id, "chat_type": m.in.kind(),
		"message_type": m.kind, "content": m.content,
	}
	for name, value := range map[string]string{"root_id": m.root, "parent_id": m.parent, "thread_id": m.thread} {
		if value != "" {
			message[name] = value
		}
	}
	var mentions []any
	for _, n := range m.mentions {
		ids, kind := map[string]any{"open_id": n.id, "union_id": "on_" + strings.TrimPrefix(n.id, "ou_"), "user_id": nil}, "user"
		if n.bot {
			kind = "bot"
		} else if named := p.s.find(n.id); named != nil {
			ids = named.ids()
		}
		mentions = append(mentions, map[string]any{"key": n.key, "id": ids, "mentioned_type": kind, "name": n.name, "tenant_key": tenantKey})
	}
	if mentions != nil {
		message["mentions"] = mentions
	}
	return map[string]any{
		"sender":  map[string]any{"sender_id": p.ids(), "sender_type": "user", "tenant_key": tenantKey},
		"message": message,
	}
}
