package feishutest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"lianbang/bot/fake"
)

// Why a push was not acknowledged, or no event was made.
var (
	ErrNoScope       = errors.New("the app lacks the scope for this event")
	ErrNotSubscribed = errors.New("the app has not subscribed to this event")
	ErrNotInChat     = errors.New("the bot or the person is not in the chat")
	ErrNoConnection  = errors.New("no connection")
	ErrTimeout       = errors.New("no answer within 3 s")
	ErrCut           = errors.New("the connection was cut before the answer")
	ErrAnswer        = errors.New("the answer is not an acknowledgement")
)

// ackPatience is within which an event must be answered (event overview).
const ackPatience = 3 * time.Second

// Outcome is how the first push of an event went.
type Outcome struct {
	Event   string        // event_id, "" when no event was made
	Message string        // message_id of what was said
	Acked   bool          // it was acknowledged
	Code    int           // of the answer: the HTTP status, or the code in the frame; 0 = none came
	After   time.Duration // real time from the push to the answer
	Err     error         // why it was not acknowledged
	Answer  *Answer       // to a click, when one came
	Failure int           // code that the client shows to who clicked, 0 = none (card callback errors)
}

// Attempt is one push of an event.
type Attempt struct {
	At    time.Time // by the tenant's clock
	Acked bool
	Code  int
	After time.Duration // real time
	Err   error
}

// Event is one event that was made.
type Event struct {
	ID       string
	Type     string
	At       time.Time
	Attempts []Attempt
	Acked    bool
	Waiting  bool // it will be pushed again
}

// event is what is behind an Event.
type event struct {
	Event
	body map[string]any // the member "event" of the envelope
}

// Events lists the events that were made, oldest first.
func (s *Server) Events() []Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Event, 0, len(s.events))
	for _, e := range s.events {
		copied := e.Event
		copied.Attempts = append([]Attempt(nil), e.Attempts...)
		out = append(out, copied)
	}
	return out
}

// Waiting counts the events that were not acknowledged and will be pushed again.
func (s *Server) Waiting() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, e := range s.events {
		if e.Waiting {
			n++
		}
	}
	return n
}

// Lost lists the events that were never acknowledged and won't be pushed again, clicks included.
func (s *Server) Lost() []Event {
	var out []Event
	for _, e := range s.Events() {
		if !e.Acked && !e.Waiting {
			out = append(out, e)
		}
	}
	return out
}

// Unsubscribe takes an event type out of the app's subscriptions, as if the console didn't list it. A click then shows 200340.
func (s *Server) Unsubscribe(kind string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deaf[kind] = true
}

const clickType = "card.action.trigger"

// emit makes an event and pushes it once; when that fails, the schedule takes over, but for clicks.
func (s *Server) emit(ctx context.Context, kind string, body map[string]any) (Outcome, reply) {
	now := s.clock.Now()
	s.mu.Lock()
	if s.deaf[kind] {
		s.mu.Unlock()
		return Outcome{Err: ErrNotSubscribed}, reply{}
	}
	e := &event{Event: Event{ID: s.newID("ev"), Type: kind, At: now}, body: body}
	s.events = fake.Keep(s.events, e, maxEvents)
	s.counts.Events++
	s.mu.Unlock()
	r := s.attempt(ctx, e, s.schedule(0))
	return Outcome{Event: e.ID, Acked: r.acked(), Code: r.code, After: r.after, Err: r.err}, r
}

// Push makes any event of the app, of which the fake knows no more than its type and its body.
func (s *Server) Push(ctx context.Context, kind string, body map[string]any) Outcome {
	out, _ := s.emit(ctx, kind, body)
	return out
}

// PushAgain pushes an event once more, whether or not it was acknowledged: at least once is what the platform promises.
func (s *Server) PushAgain(ctx context.Context, id string) (Outcome, error) {
	s.mu.Lock()
	var e *event
	for _, one := range s.events {
		if one.ID == id {
			e = one
		}
	}
	s.mu.Unlock()
	if e == nil {
		return Outcome{}, fmt.Errorf("no event %s", id)
	}
	r := s.attempt(ctx, e, func(*event) {})
	return Outcome{Event: id, Acked: r.acked(), Code: r.code, After: r.after, Err: r.err}, nil
}

// schedule pushes an event again after the n-th pause, and so on until it is acknowledged or the pauses are used up. What it
// returns is called with s.mu held.
func (s *Server) schedule(n int) func(*event) {
	return func(e *event) {
		e.Waiting = e.Type != clickType && n < len(s.o.Redelivery) && !e.Acked && s.ctx.Err() == nil
		if e.Waiting {
			s.clock.AfterFunc(s.o.Redelivery[n], func() { s.again(e, n) })
		}
	}
}

func (s *Server) again(e *event, n int) {
	s.mu.Lock()
	closed, done := s.ctx.Err() != nil, e.Acked
	if !closed && !done {
		s.work.Add(1) // under the lock, so that Close either sees it or has been seen
	}
	e.Waiting = e.Waiting && !done
	s.mu.Unlock()
	if closed || done {
		return
	}
	defer s.work.Done()
	s.attempt(s.ctx, e, s.schedule(n+1))
}

// reply is the answer to one push.
type reply struct {
	code  int
	data  []byte // of a callback: JSON
	after time.Duration
	err   error
}

func (r reply) acked() bool { return r.err == nil }

// attempt pushes e once, to wherever events go now, and notes how that went together with what follows from it: then is called
// with s.mu held.
func (s *Server) attempt(ctx context.Context, e *event, then func(*event)) reply {
	at := s.clock.Now()
	s.mu.Lock()
	webhook := s.webhook
	s.counts.Pushes++
	s.mu.Unlock()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stop := s.clock.AfterFunc(ackPatience, func() { cancel(ErrTimeout) })
	defer stop()
	start := time.Now()
	var r reply
	if webhook != "" {
		r = s.post(ctx, webhook, s.envelope(e, s.o.VerificationToken))
	} else {
		r = s.transmit(ctx, e)
	}
	r.after = time.Since(start)
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.acked() {
		s.counts.Acked++
		e.Acked = true
	}
	e.Attempts = append(e.Attempts, Attempt{At: at, Acked: r.acked(), Code: r.code, After: r.after, Err: r.err})
	then(e)
	return r
}

// envelope is e as it is pushed. On the long connection the token is empty (SDK source).
func (s *Server) envelope(e *event, token string) []byte {
	if s.o.OldEnvelope && e.Type != clickType {
		body := map[string]any{"type": e.Type, "app_id": s.o.AppID, "tenant_key": tenantKey}
		for k, v := range e.body {
			body[k] = v
		}
		return []byte(compact(map[string]any{
			"ts": fmt.Sprintf("%d.%06d", e.At.Unix(), e.At.Nanosecond()/1000), "uuid": e.ID, "token": token, "type": "event_callback", "event": body,
		}))
	}
	return []byte(compact(map[string]any{
		"schema": "2.0",
		"header": map[string]any{
			"event_id": e.ID, "event_type": e.Type, "create_time": millis(e.At), "token": token, "app_id": s.o.AppID, "tenant_key": tenantKey,
		},
		"event": e.body,
	}))
}
