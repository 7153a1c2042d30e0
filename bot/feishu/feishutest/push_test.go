package feishutest

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

func TestLongConnection(t *testing.T) {
	r := open(t, Options{})
	a := r.connect(accept)
	out := r.wang.Say(t.Context(), r.group, "@联帮 报名 H1")
	if !out.Acked || out.Code != 200 || out.After <= 0 {
		t.Fatalf("outcome: %+v", out)
	}
	e := read(t, a.events[0])
	if e.Header.EventID != out.Event || e.Header.Type != "im.message.receive_v1" || e.Header.Token != "" {
		t.Errorf("header: %+v", e.Header)
	}
	var in struct {
		Sender struct {
			ID struct {
				Open  string `json:"open_id"`
				Union string `json:"union_id"`
			} `json:"sender_id"`
		}
		Message struct {
			ID       string `json:"message_id"`
			Chat     string `json:"chat_id"`
			Kind     string `json:"chat_type"`
			Content  string
			Created  string `json:"create_time"`
			Root     *string
			Mentions []struct {
				Key string
				ID  struct {
					Open string  `json:"open_id"`
					User *string `json:"user_id"`
				}
			}
		}
	}
	if err := json.Unmarshal(e.Event, &in); err != nil {
		t.Fatal(err)
	}
	m := in.Message
	if in.Sender.ID.Open != r.wang.OpenID || in.Sender.ID.Union == "" || m.ID != out.Message || m.Chat != r.group.ID || m.Kind != "group" ||
		m.Content != `{"text":"@_user_1 报名 H1"}` || m.Created != "1795608000000" || m.Root != nil {
		t.Errorf("event: %s", e.Event)
	}
	if len(m.Mentions) != 1 || m.Mentions[0].Key != "@_user_1" || m.Mentions[0].ID.Open != r.BotOpenID() || m.Mentions[0].ID.User != nil {
		t.Errorf("mentions: %+v", m.Mentions)
	}
	if quiet := r.wang.Say(t.Context(), r.group, "吃饭了吗"); quiet.Event != "" || !errors.Is(quiet.Err, ErrNoScope) {
		t.Errorf("a message that mentions nobody: %+v", quiet)
	}
	r.Grant(ScopeAllMessages)
	if heard := r.wang.Say(t.Context(), r.group, "吃饭了吗"); !heard.Acked {
		t.Errorf("with the scope for all messages: %+v", heard)
	}
}

func TestFragments(t *testing.T) {
	for name, n := range map[string]Network{
		"in order": {Fragment: 100}, "shuffled": {Fragment: 64, Shuffle: true}, "repeated": {Fragment: 200, Repeat: true},
		"of one byte": {Fragment: 1, Shuffle: true},
	} {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			r := open(t, Options{Seed: 7})
			a := r.connect(accept)
			r.SetNetwork(n)
			if out := r.wang.Tell(t.Context(), strings.Repeat("联合体", 20)); !out.Acked {
				t.Fatalf("outcome: %+v", out)
			}
			events, frames := a.count()
			if read(t, a.events[0]).Header.Type != "im.message.receive_v1" || events != 1 || frames < 4 {
				t.Errorf("%d events in %d frames: %s", events, frames, a.events[0])
			}
		})
	}
}

func TestEveryEventTwice(t *testing.T) {
	r := open(t, Options{})
	a := r.connect(accept)
	r.SetNetwork(Network{Twice: true})
	out := r.wang.Tell(t.Context(), "在吗")
	await(t, "both copies", func() bool { n, _ := a.count(); return n == 2 })
	if first, second := read(t, a.events[0]), read(t, a.events[1]); !out.Acked || first.Header.EventID != second.Header.EventID {
		t.Errorf("two copies under two ids: %+v", out)
	}
}

func TestRedelivery(t *testing.T) {
	r := open(t, Options{})
	a := r.connect(func([]byte) []byte { return []byte(`{"code":500}`) })
	out := r.wang.Tell(t.Context(), "在吗")
	if out.Acked || out.Code != 500 || !errors.Is(out.Err, ErrAnswer) {
		t.Fatalf("outcome: %+v", out)
	}
	for i, pause := range []time.Duration{15 * time.Second, 5 * time.Minute, time.Hour, 6 * time.Hour} {
		await(t, "the event waits", func() bool { return r.Waiting() == 1 && len(r.Events()[0].Attempts) == i+1 })
		r.Clock().Advance(pause - time.Second)
		if n, _ := a.count(); n != i+1 {
			t.Fatalf("pushed %d times a second too early, want %d", n, i+1)
		}
		r.Clock().Advance(time.Second)
		await(t, "it comes again", func() bool { n, _ := a.count(); return n == i+2 })
	}
	await(t, "the event is given up", func() bool { return r.Waiting() == 0 })
	if lost := r.Lost(); len(lost) != 1 || lost[0].ID != out.Event || len(lost[0].Attempts) != 5 {
		t.Errorf("lost: %+v", lost)
	}
	for _, e := range a.events {
		if read(t, e).Header.EventID != out.Event {
			t.Error("it came again as another event")
		}
	}
	r.Clock().Advance(24 * time.Hour)
	if n, _ := a.count(); n != 5 {
		t.Errorf("pushed %d times", n)
	}
}

func TestRedeliveryEnds(t *testing.T) {
	r := open(t, Options{})
	if out := r.wang.Tell(t.Context(), "在吗"); !errors.Is(out.Err, ErrNoConnection) || r.Waiting() != 1 {
		t.Fatalf("without a connection: %+v", out)
	}
	a := r.connect(accept)
	r.Clock().Advance(15 * time.Second)
	await(t, "it is acknowledged", func() bool { return r.Waiting() == 0 })
	r.Clock().Advance(24 * time.Hour)
	if n, _ := a.count(); n != 1 || len(r.Lost()) != 0 {
		t.Errorf("pushed %d times, lost %v", n, r.Lost())
	}
}

func TestNoAnswerWithinThreeSeconds(t *testing.T) {
	r := open(t, Options{})
	a := r.connect(nil)
	done := make(chan Outcome)
	go func() { done <- r.wang.Tell(t.Context(), "在吗") }()
	await(t, "the event", func() bool { n, _ := a.count(); return n == 1 })
	r.Clock().Advance(3*time.Second - time.Millisecond)
	select {
	case out := <-done:
		t.Fatalf("given up too early: %+v", out)
	default:
	}
	r.Clock().Advance(time.Millisecond)
	if out := <-done; !errors.Is(out.Err, ErrTimeout) || out.Acked {
		t.Errorf("outcome: %+v", out)
	}
}

func TestCuts(t *testing.T) {
	for name, n := range map[string]Network{"midway": {Fragment: 50, CutMidway: true}, "after": {CutAfter: true}} {
		t.Run(name, func(t *testing.T) {
			r := open(t, Options{})
			a := r.connect(nil)
			r.SetNetwork(n)
			out := r.wang.Tell(t.Context(), "在吗")
			<-a.done
			if !errors.Is(out.Err, ErrCut) || r.Waiting() != 1 {
				t.Errorf("outcome: %+v", out)
			}
			if events, _ := a.count(); (events == 1) != (name == "after") {
				t.Errorf("%d whole events", events)
			}
			r.SetNetwork(Network{})
			b := r.connect(accept)
			r.Clock().Advance(15 * time.Second)
			await(t, "the event comes over the next connection", func() bool { return r.Waiting() == 0 })
			if c := r.Counts(); c.Connections != 2 || c.Acked != 1 || c.Pushes != 2 {
				t.Errorf("%+v", c)
			}
			if r.Cut() != 1 {
				t.Error("nothing was cut")
			}
			<-b.done
			await(t, "the end is noticed", func() bool { return r.Connections() == 0 })
		})
	}
}

func TestSilence(t *testing.T) {
	r := open(t, Options{})
	a := r.connect(accept)
	a.ping()
	await(t, "a pong", func() bool { a.mu.Lock(); defer a.mu.Unlock(); return len(a.pongs) == 1 })
	var c Config
	if err := json.Unmarshal(a.pongs[0], &c); err != nil || c != DefaultConfig {
		t.Errorf("pong: %s", a.pongs[0])
	}
	r.SetPong(`{"PingInterval":7}`)
	a.ping()
	await(t, "a pong", func() bool { a.mu.Lock(); defer a.mu.Unlock(); return len(a.pongs) == 2 })
	if string(a.pongs[1]) != `{"PingInterval":7}` {
		t.Errorf("pong: %s", a.pongs[1])
	}
	if r.Freeze() != 1 {
		t.Fatal("nothing was frozen")
	}
	a.ping()
	done := make(chan Outcome)
	go func() { done <- r.wang.Tell(t.Context(), "在吗") }()
	await(t, "the push", func() bool { return r.Counts().Pushes == 1 })
	// The push may not have asked the clock yet: move it until the push has ended.
	var out Outcome
	await(t, "the push ends", func() bool {
		r.Clock().Advance(time.Second)
		select {
		case out = <-done:
			return true
		default:
			return false
		}
	})
	if events, _ := a.count(); !errors.Is(out.Err, ErrTimeout) || events != 0 || len(a.pongs) != 2 {
		t.Errorf("a frozen connection speaks: %+v, %d events, %d pongs", out, events, len(a.pongs))
	}
	a.conn.Close()
	await(t, "the end is noticed", func() bool { return r.Connections() == 0 })
	b := r.connect(accept)
	b.ping()
	await(t, "a pong on a new connection", func() bool { b.mu.Lock(); defer b.mu.Unlock(); return len(b.pongs) == 1 })
}

func TestTickets(t *testing.T) {
	r := open(t, Options{})
	url, _ := r.endpoint()
	dial := func(url string) (*websocket.Conn, *http.Response) {
		conn, res, err := websocket.DefaultDialer.DialContext(t.Context(), url, nil)
		if err == nil {
			t.Cleanup(func() { conn.Close() })
		}
		return conn, res
	}
	if conn, _ := dial(url); conn == nil {
		t.Fatal("a fresh ticket is refused")
	}
	conn, res := dial(url)
	if conn != nil || res.Header.Get("Handshake-Status") != "514" || res.Header.Get("Handshake-Autherrcode") != "0" {
		t.Errorf("a used ticket: %v", res.Header)
	}
	spare, _ := r.endpoint()
	for range 49 {
		url, _ := r.endpoint()
		if conn, _ := dial(url); conn == nil {
			t.Fatal("one of the first fifty is refused")
		}
	}
	await(t, "fifty connections", func() bool { return r.Connections() == 50 })
	if _, g := r.endpoint(); g.Status != 200 || g.Code != 1000040350 {
		t.Errorf("the 51st: %s", g.Raw)
	}
	if conn, res := dial(spare); conn != nil || res.Header.Get("Handshake-Autherrcode") != "1000040350" {
		t.Errorf("the 51st with an older ticket: %v", res.Header)
	}
	for body, code := range map[string]int{`{}`: 1000040344, `{"AppID":"` + r.AppID() + `","AppSecret":"x"}`: 1000040345} {
		if g := r.do("POST", "/callback/ws/endpoint", "", jsonType, []byte(body)); g.Code != code {
			t.Errorf("%s: %s", body, g.Raw)
		}
	}
}

func TestOneConnectionGetsTheEvent(t *testing.T) {
	r := open(t, Options{Unlimited: true})
	a, b := r.connect(accept), r.connect(accept)
	await(t, "two connections", func() bool { return r.Connections() == 2 })
	for range 40 {
		if out := r.wang.Tell(t.Context(), "在吗"); !out.Acked {
			t.Fatalf("outcome: %+v", out)
		}
	}
	x, _ := a.count()
	y, _ := b.count()
	if x+y != 40 || x == 0 || y == 0 {
		t.Errorf("%d and %d of 40", x, y)
	}
}
