package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"lianbang/bot/webchat"
)

// page is the browser's side of the local chat, written from its protocol: it keeps what it has seen of every room, and
// after an interruption asks for what is new.
type page struct {
	who string
	mu  sync.Mutex
	all map[string]*pageRoom
	bad []error
}

type pageRoom struct {
	rev  int64 // the highest that was seen
	seqs map[int64]webchat.Message
}

// pageFrame is a frame of the protocol as far as a reader of rooms needs it, in both directions.
type pageFrame struct {
	Type    string              `json:"type"`
	Who     string              `json:"who,omitempty"`
	Why     string              `json:"why,omitempty"`
	Room    string              `json:"room,omitempty"`
	Before  int64               `json:"before,omitempty"`
	Cursors map[string]int64    `json:"cursors,omitempty"`
	Pages   map[string]pagePart `json:"pages,omitempty"`
	Page    *pagePart           `json:"page,omitempty"`
	Message *webchat.Message    `json:"message,omitempty"`
}

type pagePart struct {
	Messages    []webchat.Message
	Reset, More bool
}

func newPage(who string) *page { return &page{who: who, all: map[string]*pageRoom{}} }

// join opens a socket and takes in what is new since the last one, with everything that came before.
func (p *page) join(ctx context.Context, address string) (*websocket.Conn, error) {
	at := "ws" + strings.TrimPrefix(strings.TrimSuffix(address, "/"), "http") + "/ws"
	conn, answer, err := websocket.DefaultDialer.DialContext(ctx, at, nil)
	if err != nil {
		return nil, err
	}
	_ = answer.Body.Close()
	if err := p.greet(conn); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return conn, nil
}

func (p *page) greet(conn *websocket.Conn) error {
	if err := conn.WriteJSON(pageFrame{Type: "hello", Who: p.who, Cursors: p.cursors()}); err != nil {
		return err
	}
	welcome, err := p.until(conn, "welcome")
	if err != nil {
		return err
	}
	for room, part := range welcome.Pages {
		p.take(room, part)
		for part.More {
			if err := conn.WriteJSON(pageFrame{Type: "earlier", Room: room, Before: part.Messages[0].Seq}); err != nil {
				return err
			}
			f, err := p.until(conn, "page")
			if err != nil {
				return err
			}
			part = *f.Page
			p.take(room, part)
		}
	}
	return nil
}

// until reads frames up to one of that type and takes in the messages among them.
func (p *page) until(conn *websocket.Conn, kind string) (pageFrame, error) {
	for {
		if err := conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
			return pageFrame{}, err
		}
		_, data, err := conn.ReadMessage()
		if err != nil {
			return pageFrame{}, err
		}
		var f pageFrame
		if err := json.Unmarshal(data, &f); err != nil {
			return f, err
		}
		switch f.Type {
		case kind:
			return f, nil
		case "message":
			p.take(f.Message.Room, pagePart{Messages: []webchat.Message{*f.Message}})
		case "error":
			return f, errors.New(f.Why)
		}
	}
}

// watch stays joined through every end of the server, until ctx ends.
func (p *page) watch(ctx context.Context, where func() string) {
	for ctx.Err() == nil {
		conn, err := p.join(ctx, where())
		if err != nil {
			pauseFor(ctx, 5*time.Millisecond)
			continue
		}
		stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
		_, _ = p.until(conn, "never")
		stop()
		_ = conn.Close()
	}
}

func pauseFor(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

func (p *page) cursors() map[string]int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := map[string]int64{}
	for room, r := range p.all {
		out[room] = r.rev
	}
	return out
}

func (p *page) take(room string, part pagePart) {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := p.all[room]
	if r == nil || part.Reset {
		r = &pageRoom{seqs: map[int64]webchat.Message{}}
		p.all[room] = r
	}
	for _, m := range part.Messages {
		if old, ok := r.seqs[m.Seq]; ok && (old.ID != m.ID || old.Key != m.Key) {
			p.bad = append(p.bad, fmt.Errorf("%s: message %d was %s and became %s", room, m.Seq, old.ID, m.ID))
		} else if ok && old.Rev > m.Rev {
			continue
		}
		r.seqs[m.Seq] = m
		r.rev = max(r.rev, m.Rev)
	}
}

// shown gives what the page shows: a line a message, by room and place.
func (p *page) shown() map[string]string {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := map[string]string{}
	for room, r := range p.all {
		for seq, m := range r.seqs {
			out[fmt.Sprintf("%s/%d", room, seq)] = fmt.Sprintf("%s %s %s %s", m.ID, m.Key, m.State, m.Text)
		}
	}
	return out
}

// messages are all that the page shows, in no order.
func (p *page) messages() (out []webchat.Message) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, r := range p.all {
		for _, m := range r.seqs {
			out = append(out, m)
		}
	}
	return out
}

// history opens a fresh page and returns everything that somebody finds in it.
func history(t testing.TB, address, who string) *page {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	p := newPage(who)
	conn, err := p.join(ctx, address)
	if err != nil {
		t.Fatalf("%s reads the rooms: %v", who, err)
	}
	_ = conn.Close()
	return p
}
