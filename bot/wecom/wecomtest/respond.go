package wecomtest

import (
	"encoding/json"
	"slices"
	"time"

	"lianbang/bot/wecom/wire"
)

// question is something that was said or done to the bot, and may be answered.
type question struct {
	kind    string // message, enter_chat, template_card_event
	at      time.Time
	place   string // chat id, or user id as the bot sees it
	user    *Member
	chat    string // chat id of the group, "" = one-to-one
	clicked *message
	taskID  string
	greeted bool
	used    bool // the response_url
}

const (
	kindMessage = "message"

	messageWindow = 24 * time.Hour  // to answer a message (101463)
	eventWindow   = 5 * time.Second // to greet, or to change a clicked card (101463)
)

// stream is an answer that grows.
type stream struct {
	message   *message
	first, at time.Time // of the first and of the last frame
	snapshot
}

// snapshot is the state of a stream (101031). The vendor's SDK also sends pictures; the long connection shows none.
type snapshot struct {
	ID      string            `json:"id"`
	Finish  bool              `json:"finish"`
	Content string            `json:"content"`
	Items   []json.RawMessage `json:"msg_item"`
}

// question finds what a frame answers. It holds mu.
func (s *Server) question(reqID, kind string, within time.Duration) (*question, error) {
	q, ok := s.asked.get(reqID)
	if !ok || q.kind != kind || s.clock.Now().Sub(q.at) > within {
		return nil, refuse(wire.CodeRequestGone, "invalid req_id")
	}
	return q, nil
}

// respond answers a message: by a stream, a card, markdown or a file; not by text (40008, field reports).
func (s *Server) respond(f wire.Frame) error {
	q, err := s.question(f.Headers.RequestID, kindMessage, messageWindow)
	if err != nil {
		return err
	}
	var c content
	if err := decode(f.Body, &c); err != nil {
		return err
	}
	if err := s.stillThere(q); err != nil {
		return err
	}
	if c.Type == "stream" || c.Type == "stream_with_template_card" {
		if c.Type != "stream" {
			s.violations.Add("stream_with_template_card: not every client shows the card (field report)")
		}
		return s.grow(q, f.Headers.RequestID, c.Stream, s.clock.Now())
	}
	return s.speak(q, c, botRules, f.Headers.RequestID)
}

// grow shows the next snapshot of a stream. Refreshes do not count against the limit (field report); the first does.
func (s *Server) grow(q *question, reqID string, n *snapshot, since time.Time) error {
	switch {
	case n == nil || n.ID == "":
		return refuse(40058, "missing stream.id")
	case len(n.Content) > maxStream:
		return refuse(40058, "stream.content exceed max length %d", maxStream)
	case len(n.Items) > 0:
		s.violations.Add("stream.msg_item: not supported in the long connection (101463)")
	}
	key, now := reqID+"|"+n.ID, s.clock.Now()
	t, begun := s.streams.get(key)
	if !begun {
		if s.limited("bot/"+q.place, botMinute, botHour) {
			return refuse(45009, "api freq out of limit")
		}
		m := s.show(s.located(q, Shown{Channel: Bot, Type: "stream", Stream: n.ID, ReqID: reqID}))
		t = &stream{message: m, first: since}
		s.streams.put(key, t)
	} else if t.Finish && (n.Content != t.Content || !n.Finish) || now.Sub(t.first) > s.o.StreamLife || now.Sub(t.at) > s.o.StreamIdle {
		return refuse(wire.CodeStreamExpired, "stream message update expired")
	}
	if begun && t.Content != n.Content {
		t.message.Edits++
	}
	t.at, t.snapshot = now, *n
	t.message.Text, t.message.Open = rendered(n.Content), !n.Finish
	return nil
}

// speak shows a message in the place of a question. It holds mu.
func (s *Server) speak(q *question, c content, r rules, reqID string) error {
	x, err := s.draft(c, r, ownerBot)
	if err != nil {
		return err
	}
	if s.limited("bot/"+q.place, botMinute, botHour) {
		return refuse(45009, "api freq out of limit")
	}
	x.ReqID = reqID
	s.show(s.located(q, x))
	return nil
}

// located fills in where an answer is seen.
func (s *Server) located(q *question, x Shown) Shown {
	if g := s.group(q.chat); q.chat != "" && g != nil {
		x.Chat, x.Where = g.ChatID, g.Title
		return x
	}
	x.User, x.Where = q.user.UserID, direct(q.user)
	return x
}

// stillThere refuses what goes to a group that the bot has left.
func (s *Server) stillThere(q *question) error {
	if g := s.group(q.chat); q.chat != "" && (g == nil || g.NoBot) {
		return refuse(93008, "the bot is not in the group")
	}
	return nil
}

// welcome greets somebody who opened the one-to-one chat, once (that a second one is refused was not checked).
func (s *Server) welcome(f wire.Frame) error {
	q, err := s.question(f.Headers.RequestID, wire.EventEnter, eventWindow)
	if err != nil {
		return err
	}
	if q.greeted {
		return refuse(wire.CodeRequestGone, "invalid req_id")
	}
	var c content
	if err := decode(f.Body, &c); err != nil {
		return err
	}
	if err := s.speak(q, c, greeting, f.Headers.RequestID); err != nil {
		return err
	}
	q.greeted = true
	return nil
}

// cardUpdate is the body that changes a clicked card (101031).
type cardUpdate struct {
	Type    string          `json:"response_type"`
	UserIDs []string        `json:"userids"`
	Card    json.RawMessage `json:"template_card"`
}

// update changes the card that was clicked, for everybody or for the members named.
func (s *Server) update(f wire.Frame) error {
	q, err := s.question(f.Headers.RequestID, wire.EventCard, eventWindow)
	if err != nil {
		return err
	}
	var u cardUpdate
	if err := decode(f.Body, &u); err != nil {
		return err
	}
	return s.changeClicked(q, u)
}

// changeClicked holds mu.
func (s *Server) changeClicked(q *question, u cardUpdate) error {
	if u.Type != "update_template_card" {
		return refuse(40008, "invalid response_type")
	}
	if code, reason := CheckUpdate(u.Card, Bot, q.taskID); code != 0 {
		return refuse(code, "%s", reason)
	}
	c, err := parseCard(u.Card)
	if err != nil {
		return refuse(40058, "template_card: %v", err)
	}
	var only []string
	for _, id := range u.UserIDs {
		m := s.member(id)
		if m == nil {
			return refuse(40003, "invalid userid")
		}
		only = append(only, m.UserID)
	}
	q.clicked.change(view{text: c.words(), card: u.Card}, only)
	return nil
}

// push sends unasked (101463). chat_type 1 is one-to-one, 2 a group, 0 a group if there is one of that id.
func (s *Server) push(f wire.Frame) error {
	var b struct {
		ChatID   string `json:"chatid"`
		ChatType int    `json:"chat_type"`
		content
	}
	if err := decode(f.Body, &b); err != nil {
		return err
	}
	q := &question{place: b.ChatID}
	i := slices.IndexFunc(s.groups, func(g *Group) bool { return g.ChatID == b.ChatID })
	switch {
	case b.ChatType < 0 || b.ChatType > 2:
		return refuse(40058, "invalid chat_type")
	case i >= 0 && b.ChatType != 1:
		if q.chat = b.ChatID; s.groups[i].NoBot {
			return refuse(93008, "the bot is not in the group")
		}
	case b.ChatType != 2:
		q.user = s.addressee(b.ChatID)
	}
	if q.chat == "" && q.user == nil || !s.talked[b.ChatID] {
		return refuse(93006, "invalid chatid")
	}
	return s.speak(q, b.content, botRules, "")
}

// addressee is the member that the bot knows under id. It holds mu.
func (s *Server) addressee(id string) *Member {
	for _, m := range s.members {
		if m.seenByBot() == id {
			return m
		}
	}
	return nil
}
