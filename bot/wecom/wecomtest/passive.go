package wecomtest

import (
	"encoding/json"
	"time"

	"lianbang/bot/wecom/wire"
)

// What a bot answers inside a callback, and through a response_url.

const (
	pollEvery  = time.Second     // the bot cannot hasten it (101031)
	pollLife   = 6 * time.Minute // after the message (101031)
	answerLife = time.Hour       // of a response_url (101138)
)

// passive shows the reply to a callback of the AI bot (101031). reqID stands for the callback.
func (s *Server) passive(q *question, reqID string, m wire.Message, reply []byte) error {
	var c content
	var u cardUpdate
	if json.Unmarshal(reply, &c) != nil || json.Unmarshal(reply, &u) != nil {
		return refuse(40058, "the reply is no JSON")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch q.kind {
	case wire.EventEnter:
		return s.speak(q, c, greeting, reqID)
	case wire.EventCard:
		return s.changeClicked(q, u)
	case kindMessage:
	default:
		return refuse(40008, "this event takes no reply")
	}
	switch c.Type {
	case "template_card":
		return s.speak(q, c, botRules, reqID)
	case "stream", "stream_with_template_card":
		return s.streamed(q, reqID, m, c)
	}
	return refuse(40008, "invalid message type") // there is no passive markdown, and text only greets
}

// streamed takes the snapshot of a stream and asks for the next, until it is finished. It holds mu.
func (s *Server) streamed(q *question, reqID string, m wire.Message, c content) error {
	if err := s.grow(q, reqID, c.Stream, q.at); err != nil {
		return err
	}
	if len(c.Card) > 0 {
		card := c
		card.Type = "template_card"
		if err := s.speak(q, card, botRules, reqID); err != nil {
			return err
		}
	}
	if c.Stream.Finish || m.Type == "stream" {
		return nil
	}
	s.background(func() { s.poll(q, reqID, m, c.Stream.ID) })
	return nil
}

// poll asks for the state of a stream (101031: pull, not push).
func (s *Server) poll(q *question, reqID string, m wire.Message, id string) {
	ask := wire.Message{BotID: m.BotID, ChatID: m.ChatID, ChatType: m.ChatType, From: m.From, Content: wire.Content{Type: "stream", Stream: &wire.Stream{ID: id}}}
	for s.pause(pollEvery) && s.clock.Now().Sub(q.at) < pollLife {
		s.mu.Lock()
		t, err := s.botTarget()
		ask.ID = s.newID("m")
		s.mu.Unlock()
		if err != nil || t.url == "" {
			return
		}
		s.deliver(t, refresh(ask), 1, func(reply []byte) error { return s.passive(q, reqID, ask, reply) })
		s.mu.Lock()
		now, ok := s.streams.get(reqID + "|" + id)
		over := !ok || now.Finish
		s.mu.Unlock()
		if over {
			return
		}
	}
}

// refresh is the plaintext that asks for a stream's state: of the stream only the id.
func refresh(m wire.Message) []byte {
	out, _ := json.Marshal(struct { // strings only
		wire.Message
		Stream struct {
			ID string `json:"id"`
		} `json:"stream"`
	}{Message: m, Stream: struct {
		ID string `json:"id"`
	}{m.Stream.ID}})
	return out
}

// pause waits and reports whether the Server still runs.
func (s *Server) pause(d time.Duration) bool {
	rings, forget := s.clock.After(d)
	defer forget()
	select {
	case <-rings:
		return true
	case <-s.ctx.Done():
		return false
	}
}

// respondByURL takes the one answer that a response_url allows (101138). What a second one is answered is not known; the
// fake says 60140.
func (s *Server) respondByURL(r *request) (answer, error) {
	q, ok := s.asked.get("url " + r.query.Get("response_code"))
	if !ok || q.used || s.clock.Now().Sub(q.at) > answerLife {
		return nil, refuse(60140, "invalid response_code")
	}
	var c content
	if err := r.decode(&c); err != nil {
		return nil, err
	}
	if c.Type != "markdown" && c.Type != "template_card" {
		return nil, refuse(40008, "invalid message type")
	}
	if err := s.stillThere(q); err != nil {
		return nil, err
	}
	if err := s.speak(q, c, botRules, ""); err != nil {
		return nil, err
	}
	q.used = true
	return nil, nil
}
