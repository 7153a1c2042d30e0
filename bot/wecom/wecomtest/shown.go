package wecomtest

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"lianbang/bot/fake"
)

// Shown is a message of the bot as people see it.
type Shown struct {
	ID       int             `json:"id"` // for Click and Vote; grows by one a message
	At       time.Time       `json:"at"`
	Channel  string          `json:"channel"`        // Bot, App, AppChat or Hook
	Where    string          `json:"where"`          // title of the group, or "私聊 " and the member's name
	Chat     string          `json:"chat,omitempty"` // chat id of the group
	User     string          `json:"user,omitempty"` // plain user id of a one-to-one chat
	Type     string          `json:"type"`           // msgtype
	Text     string          `json:"text"`           // every word of it, buttons included
	Card     json.RawMessage `json:"card,omitempty"` // template_card
	Mentions []string        `json:"mentions,omitempty"`
	FileName string          `json:"file_name,omitempty"`
	File     []byte          `json:"-"`
	Stream   string          `json:"stream,omitempty"` // id
	Open     bool            `json:"open,omitempty"`   // of a stream: not finished
	Edits    int             `json:"edits,omitempty"`  // how often it was changed afterwards
	Cut      bool            `json:"cut,omitempty"`    // the platform cut its end off (90236)
	Recalled bool            `json:"recalled,omitempty"`
	ReqID    string          `json:"req_id,omitempty"` // of the callback that it answers; "" = sent unasked
	MsgID    string          `json:"msg_id,omitempty"` // of app messages
}

// message is a Shown that is kept, with what single members see instead.
type message struct {
	Shown
	views map[string]view // by plain user id
}

// view is a card as one member sees it.
type view struct {
	text string
	card json.RawMessage
}

// Shown lists everything that people see of the bot, oldest first: each card as those see it for whom it was not changed
// alone. What was recalled is marked.
func (s *Server) Shown() []Shown {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Shown, len(s.shown))
	for i, m := range s.shown {
		out[i] = m.Shown
	}
	return out
}

// ShownTo lists what a member sees, in all his groups and in private. who is his user id or name.
func (s *Server) ShownTo(who string) (out []Shown) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.member(who)
	if m == nil {
		return nil
	}
	for _, x := range s.shown {
		if s.sees(m, x) {
			out = append(out, x.seenBy(m.UserID))
		}
	}
	return out
}

// ShownIn lists what a group sees, by chat id or title.
func (s *Server) ShownIn(chat string) []Shown {
	return slices.DeleteFunc(s.Shown(), func(x Shown) bool { return x.Chat == "" || x.Chat != chat && x.Where != chat })
}

// Count is the number of messages shown whose text contains part.
func (s *Server) Count(part string) (n int) {
	for _, x := range s.Shown() {
		if strings.Contains(x.Text, part) {
			n++
		}
	}
	return n
}

// Duplicates lists messages that say in one place by one channel what an earlier one has said there.
func (s *Server) Duplicates() (out []Shown) {
	seen := map[string]bool{}
	for _, x := range s.Shown() {
		key := digest(x.Channel, x.Chat, x.User, x.Type, x.Text, x.FileName)
		if seen[key] {
			out = append(out, x)
		}
		seen[key] = true
	}
	return out
}

// Dropped lists what the platform accepted and showed to nobody, because of the silent limit per member (90312).
func (s *Server) Dropped() []Shown {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.dropped)
}

// seenBy is m as one member sees it.
func (m *message) seenBy(userID string) Shown {
	x := m.Shown
	if v, ok := m.views[userID]; ok {
		x.Text, x.Card = v.text, v.card
	}
	return x
}

// sees holds mu.
func (s *Server) sees(m *Member, x *message) bool {
	if x.Chat == "" {
		return x.User == m.UserID
	}
	if a := s.appChats[x.Chat]; a != nil && x.Channel == AppChat {
		return slices.Contains(a.members, m.UserID)
	}
	g := s.group(x.Chat)
	return g != nil && slices.Contains(g.Members, m.UserID)
}

// show puts a draft before people. It holds mu.
func (s *Server) show(x Shown) *message {
	x.ID, x.At = 1, s.clock.Now()
	if n := len(s.shown); n > 0 {
		x.ID = s.shown[n-1].ID + 1
	}
	m := &message{Shown: x}
	s.shown = fake.Keep(s.shown, m, maxShown)
	return m
}

// messageByID holds mu.
func (s *Server) messageByID(id int) *message {
	for _, m := range s.shown {
		if m.ID == id {
			return m
		}
	}
	return nil
}

// change replaces the card, for everybody or for the members named. It holds mu.
func (m *message) change(v view, only []string) {
	m.Edits++
	if len(only) == 0 {
		m.Text, m.Card, m.views = v.text, v.card, nil
		return
	}
	if m.views == nil {
		m.views = map[string]view{}
	}
	for _, u := range only {
		m.views[u] = v
	}
}
