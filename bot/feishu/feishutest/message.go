package feishutest

import (
	"slices"
	"time"
)

// message is one message of a chat.
type message struct {
	id, kind, content    string
	in                   *chat
	sender               string // open_id of a person, app id of the bot, "" of a custom bot
	fromBot              bool
	parent, root, thread string
	at, updated          time.Time
	versions             []Version
	edits                int
	recalled             bool
	uuid                 string
	keys                 []string // of the images and files in it
	mentions             []mention
	pace                 window
	clicks               int
}

// mention is somebody named in a message.
type mention struct {
	key, id, name string
	bot           bool
}

// Version is an earlier state of a message.
type Version struct {
	Until   time.Time
	By      string // what replaced it: "patch", "put", "click"
	Content string
	Text    string
}

// Message is a message as it stands now.
type Message struct {
	ID      string
	Chat    string
	Where   string // title of the group, or 私聊 and the name of the person
	Sender  string // name
	FromBot bool
	Type    string // msg_type
	Content string // as the app or the platform wrote it
	Text    string // every word that people see, the labels of buttons and fields included
	Buttons []string
	Parent  string // message_id of what it replies to
	Thread  string
	UUID    string
	At      time.Time
	History []Version // earlier states, oldest first
	// Recalled messages stay listed, but are shown to nobody.
	Recalled bool
	Clicks   int // clicks on it, whatever came of them
}

// Messages lists the messages of one chat, or of all for "", oldest first.
func (s *Server) Messages(chat string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Message
	for _, m := range s.messages {
		if chat == "" || m.in.id == chat {
			out = append(out, s.snapshot(m))
		}
	}
	return out
}

// Message finds a message by its id.
func (s *Server) Message(id string) (Message, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.byID[id]
	if m == nil {
		return Message{}, false
	}
	return s.snapshot(m), true
}

func (s *Server) snapshot(m *message) Message {
	out := Message{
		ID: m.id, Chat: m.in.id, Where: m.in.where(), Sender: s.nameOf(m.sender), FromBot: m.fromBot, Type: m.kind, Content: m.content,
		Text: s.flatten(m.kind, m.content, m.mentions), Parent: m.parent, Thread: m.thread, UUID: m.uuid, At: m.at, Recalled: m.recalled,
		History: slices.Clone(m.versions), Clicks: m.clicks,
	}
	if m.kind == "interactive" && !m.recalled {
		for _, b := range buttons(m.content) {
			out.Buttons = append(out.Buttons, b.label)
		}
	}
	return out
}

// Shown is a message of the bot as people see it.
type Shown struct {
	Where string // title of the group, or 私聊 and the name of the person
	Text  string
}

// Shown lists what the bot has sent and not taken back, oldest first, as it looks now.
func (s *Server) Shown() []Shown {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Shown
	for _, m := range s.messages {
		if m.fromBot && !m.recalled {
			out = append(out, Shown{Where: m.in.where(), Text: s.flatten(m.kind, m.content, m.mentions)})
		}
	}
	return out
}

// Repeat is a message of the bot that came more than once, word by word, to one place.
type Repeat struct {
	Shown
	Parent string // what all of them reply to, "" for none
	Times  int
}

// Repeats lists what the bot sent more than once, as it was sent at first: a bot that gives each message its own uuid and
// keeps to it has none but those that it meant. Most often repeated first.
func (s *Server) Repeats() []Repeat {
	type key struct{ chat, parent, content string }
	s.mu.Lock()
	defer s.mu.Unlock()
	first, times := map[key]*message{}, map[key]int{}
	for _, m := range s.messages {
		if !m.fromBot {
			continue
		}
		k := key{m.in.id, m.parent, m.original()}
		if times[k]++; times[k] == 1 {
			first[k] = m
		}
	}
	var out []Repeat
	for k, n := range times {
		if m := first[k]; n > 1 {
			out = append(out, Repeat{Shown: Shown{m.in.where(), s.flatten(m.kind, k.content, m.mentions)}, Parent: k.parent, Times: n})
		}
	}
	slices.SortFunc(out, func(a, b Repeat) int { return b.Times - a.Times })
	return out
}

// original is the content as it was sent.
func (m *message) original() string {
	if len(m.versions) > 0 {
		return m.versions[0].Content
	}
	return m.content
}

// add puts m at the end of its chat. s.mu is held.
func (s *Server) add(m *message) {
	s.messages = append(s.messages, m)
	m.in.messages = append(m.in.messages, m)
	s.byID[m.id] = m
}

// replace gives m new content and keeps the old. s.mu is held.
func (s *Server) replace(m *message, content, by string, now time.Time) {
	m.versions = append(m.versions, Version{Until: now, By: by, Content: m.content, Text: s.flatten(m.kind, m.content, m.mentions)})
	m.content, m.updated = content, now
}

// render is m as the API answers it: mentions hold their id as a string, unlike in events.
func (s *Server) render(m *message) map[string]any {
	sender := map[string]any{"id": m.sender, "id_type": "open_id", "sender_type": "user", "tenant_key": tenantKey}
	if m.fromBot {
		sender["id_type"], sender["sender_type"] = "app_id", "app"
	}
	content, mentions := m.content, m.mentions
	if m.fromBot && m.kind == "text" {
		content, mentions = s.placeholders(content)
	}
	out := map[string]any{
		"message_id": m.id, "root_id": m.root, "parent_id": m.parent, "thread_id": m.thread, "msg_type": m.kind, "chat_id": m.in.id,
		"create_time": millis(m.at), "update_time": millis(m.updated), "deleted": m.recalled, "updated": len(m.versions) > 0,
		"sender": sender, "body": map[string]any{"content": content},
	}
	if len(mentions) > 0 {
		var list []any
		for _, n := range mentions {
			list = append(list, map[string]any{"key": n.key, "id": n.id, "id_type": "open_id", "name": n.name, "tenant_key": tenantKey})
		}
		out["mentions"] = list
	}
	return out
}
