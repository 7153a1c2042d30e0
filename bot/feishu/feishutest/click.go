package feishutest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"lianbang/bot/fake"
)

// Tap is a tap on a button of a card.
type Tap struct {
	Message string // message_id; "" = the newest card of the chat that has such a button
	In      *Group // nil = the private chat; not read when Message is set
	Label   string // of the button
	Form    map[string]string
}

// Answer is what the app answered to a click.
type Answer struct {
	Toast     string
	ToastType string // info, success, error, warning
	Replaced  bool   // the card has become another
}

// Toast is a word in passing that somebody saw after a click.
type Toast struct {
	Who, Type, Text string
	At              time.Time
}

// Toasts lists them, oldest first.
func (s *Server) Toasts() []Toast {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.toasts)
}

// ErrNoButton says that the chat shows no such button to click.
var ErrNoButton = errors.New("no such button")

// What the client shows to who clicked (card callback communication).
const (
	failureNoCallback = 200340
	failureTimeout    = 200341
	failureStatus     = 200671
	failureFormat     = 200672
	failureCard       = 200673
	failureUnacked    = 108002 // on the long connection
	maxToasts         = 10_000
)

// Click taps a button and returns how the callback was answered. A click that fails is not pushed again.
func (p *Person) Click(ctx context.Context, t Tap) Outcome {
	s := p.s
	s.mu.Lock()
	m, b, err := s.aim(p, t)
	if err != nil {
		s.mu.Unlock()
		return Outcome{Err: err}
	}
	action := map[string]any{"tag": "button", "timezone": "Asia/Shanghai"}
	if b.value != nil {
		action["value"] = b.value
	}
	if b.name != "" {
		action["name"] = b.name
	}
	if b.submits {
		form, err := b.fill(t.Form)
		if err != nil {
			s.mu.Unlock()
			return Outcome{Err: err}
		}
		action["form_value"] = form
	}
	m.clicks++
	body := map[string]any{
		"operator": map[string]any{"tenant_key": tenantKey, "open_id": p.OpenID, "union_id": p.UnionID, "user_id": p.UserID},
		"token":    s.newID("c-"), "host": "im_message", "action": action,
		"context": map[string]any{"open_message_id": m.id, "open_chat_id": m.in.id},
	}
	s.mu.Unlock()
	out, r := s.emit(ctx, clickType, body)
	out.Message = m.id
	s.settle(p, m, &out, r)
	return out
}

// aim finds the message and the button of a tap. s.mu is held.
func (s *Server) aim(p *Person, t Tap) (*message, control, error) {
	candidates := []*message{s.byID[t.Message]}
	if t.Message == "" {
		in := s.private(p)
		if t.In != nil {
			in = t.In.chat()
		}
		candidates = slices.Clone(in.messages)
		slices.Reverse(candidates)
	}
	for _, m := range candidates {
		if m == nil || m.recalled || m.kind != "interactive" || !m.in.has(p) {
			continue
		}
		for _, b := range buttons(m.content) {
			if b.label != t.Label || !b.callback {
				continue
			}
			if s.clock.Now().Sub(m.at) > patchLife {
				return nil, control{}, fmt.Errorf("%w: the card is too old to be clicked", ErrNoButton)
			}
			return m, b, nil
		}
	}
	return nil, control{}, fmt.Errorf("%w: %s", ErrNoButton, t.Label)
}

// settle carries out the answer to a click: the toast, and the card that replaces the clicked one.
func (s *Server) settle(p *Person, m *message, out *Outcome, r reply) {
	if out.Err != nil {
		out.Failure = s.failureOf(out.Err)
		return
	}
	if len(bytes.TrimSpace(r.data)) == 0 || bytes.Equal(bytes.TrimSpace(r.data), []byte("null")) {
		return
	}
	var in struct {
		Toast *struct{ Type, Content string }
		Card  *struct {
			Type string
			Data json.RawMessage
		}
	}
	if err := json.Unmarshal(r.data, &in); err != nil {
		out.Failure = failureFormat
		return
	}
	now := s.clock.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	answer := &Answer{}
	if in.Card != nil {
		if in.Card.Type != "raw" || len(in.Card.Data) > maxCard {
			out.Failure = failureCard
			return
		}
		if _, bad := s.check("interactive", string(in.Card.Data)); bad != nil {
			out.Failure = failureCard
			return
		}
		s.replace(m, string(in.Card.Data), "click", now)
		s.counts.Answered++
		answer.Replaced = true
	}
	if in.Toast != nil {
		if !slices.Contains([]string{"", "info", "success", "error", "warning"}, in.Toast.Type) {
			out.Failure = failureFormat
			return
		}
		answer.Toast, answer.ToastType = in.Toast.Content, in.Toast.Type
		s.toasts = fake.Keep(s.toasts, Toast{Who: p.Name, Type: in.Toast.Type, Text: in.Toast.Content, At: now}, maxToasts)
	}
	out.Answer = answer
}

func (s *Server) failureOf(err error) int {
	s.mu.Lock()
	webhook := s.webhook != ""
	s.mu.Unlock()
	switch {
	case errors.Is(err, ErrTimeout):
		return failureTimeout
	case errors.Is(err, ErrAnswer) && webhook:
		return failureStatus
	case errors.Is(err, ErrAnswer):
		return failureUnacked
	}
	return failureNoCallback
}
