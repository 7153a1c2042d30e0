package wecom

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"lianbang/bot"
	"lianbang/bot/wecom/wire"
)

func TestSubscribesAndHears(t *testing.T) {
	connect(t, nil, func(t *testing.T, r *rig) {
		subs := r.frames(wire.CmdSubscribe)
		if len(subs) != 1 || string(subs[0].Body) != `{"bot_id":"aibTESTBOT","secret":"s3cret-of-the-connection"}` {
			t.Fatalf("subscribed with %v", subs)
		}
		r.push(said("CBREQ-1", "m1", "wrGROUP01", "linmei", "@联帮 报名 H1"))
		r.push(happened("CBREQ-2", "m2", "linmei", wire.Event{Type: wire.EventEnter}))
		events := r.heard()
		if len(events) != 2 || events[0].Text != "报名 H1" || events[0].Ref.Token != "r:CBREQ-1" || events[1].Kind != bot.Entered || events[1].Ref.Token != "w:CBREQ-2" {
			t.Fatalf("%+v", events)
		}
		if err := r.line().respond(t.Context(), "CBREQ-1", wire.CmdRespond, streamed("k", "好")); err != nil {
			t.Error(err)
		}
		if err := r.line().push(t.Context(), map[string]any{"chatid": "wrGROUP01", "chat_type": 2}); err != nil {
			t.Error(err)
		}
		if f := r.frames(wire.CmdRespond); len(f) != 1 || f[0].Headers.RequestID != "CBREQ-1" {
			t.Errorf("responded %v", f)
		}
		if f := r.frames(wire.CmdSend); len(f) != 1 || !strings.HasPrefix(f[0].Headers.RequestID, "aibot_send_msg_") {
			t.Errorf("pushed %v", f)
		}
		r.stop()
		synctest.Wait()
		if err := <-r.done; err != nil {
			t.Errorf("Run ended with %v", err)
		}
		if _, err := r.adapter.line(); !errors.Is(err, errNotConnected) {
			t.Errorf("line after the end: %v", err)
		}
	})
}

func TestWrongSecret(t *testing.T) {
	connect(t, func(_ *Config, o *openws) {
		o.answer = func(_ *peer, f wire.Frame) *wire.Ack {
			return refuse(f, wire.CodeCredentials, "invalid bot_id or secret, hint: [1], from ip: 10.1.2.3, more info at x")
		}
	}, func(t *testing.T, r *rig) {
		err := <-r.done
		if se := bot.AsSendError(err); se.Verdict != bot.Misconfigured || se.Code != "853000" {
			t.Errorf("Run ended with %v", err)
		}
		if s := err.Error(); strings.Contains(s, testSecret) || strings.Contains(s, "10.1.2.3") || !strings.Contains(s, "more info") {
			t.Error(s)
		}
		time.Sleep(time.Hour)
		if n := r.connections(); n != 1 {
			t.Errorf("%d connections", n)
		}
		if _, _, err := r.last().conn.ReadMessage(); err == nil {
			t.Error("the connection was left open")
		}
	})
}

func TestPings(t *testing.T) {
	connect(t, nil, func(t *testing.T, r *rig) {
		time.Sleep(10*pingTime + time.Second)
		if n := len(r.frames(wire.CmdPing)); n != 10 {
			t.Errorf("%d pings", n)
		}
		if r.connections() != 1 || r.counted("late_ack") != 0 {
			t.Errorf("%d connections, %v", r.connections(), r.counts)
		}
	})
}

func TestDeadMan(t *testing.T) {
	connect(t, nil, func(t *testing.T, r *rig) {
		muted := func(_ *peer, f wire.Frame) *wire.Ack {
			if f.Cmd == wire.CmdPing {
				return nil
			}
			return ok(f)
		}
		r.setAnswer(muted)
		stop := make(chan struct{})
		go func() { // the platform still pushes: only the pings are unanswered
			for i := 0; ; i++ {
				select {
				case <-time.After(5 * time.Second):
					r.last().push(said(fmt.Sprint("C", i), fmt.Sprint("m", i), "", "linmei", "在"))
				case <-stop:
					return
				}
			}
		}()
		time.Sleep(2*pingTime + time.Second)
		if r.counted("silent") != 0 || r.connections() != 1 {
			t.Error("given up too early")
		}
		time.Sleep(pingTime)
		if r.counted("silent") != 1 {
			t.Errorf("not given up: %v", r.counts)
		}
		r.setAnswer(func(_ *peer, f wire.Frame) *wire.Ack { return ok(f) })
		time.Sleep(5 * time.Second)
		close(stop)
		if r.connections() != 2 || r.line() == nil {
			t.Errorf("%d connections", r.connections())
		}
	})
}

func TestHalfOpen(t *testing.T) {
	connect(t, nil, func(t *testing.T, r *rig) {
		r.setAnswer(func(*peer, wire.Frame) *wire.Ack { return nil })
		time.Sleep(readTime - time.Second)
		if r.counted("reconnect") != 0 {
			t.Error("given up too early")
		}
		time.Sleep(2 * time.Second)
		if r.counted("reconnect") != 1 {
			t.Errorf("silence was not noticed: %v", r.counts)
		}
		r.setAnswer(func(_ *peer, f wire.Frame) *wire.Ack { return ok(f) })
		time.Sleep(time.Minute)
		r.line()
	})
}

// TestHalfOpenWhileSending: who sends into a dead connection need not wait for the usual pings to notice.
func TestHalfOpenWhileSending(t *testing.T) {
	connect(t, nil, func(t *testing.T, r *rig) {
		time.Sleep(time.Second)
		r.setAnswer(func(*peer, wire.Frame) *wire.Ack { return nil })
		push := func() error { return r.line().push(t.Context(), map[string]any{"chatid": "x"}) }
		if err := push(); !errors.Is(err, errUnknownOutcome) {
			t.Errorf("pushed into silence: %v", err)
		}
		time.Sleep(ackTime - time.Millisecond)
		if r.counted("silent") != 0 {
			t.Error("given up too early")
		}
		r.setAnswer(func(_ *peer, f wire.Frame) *wire.Ack { return ok(f) })
		time.Sleep(firstWait + time.Millisecond)
		if r.counted("silent") != 1 || r.connections() != 2 {
			t.Fatalf("silence was not noticed: %v, %d connections", r.counts, r.connections())
		}
		r.setAnswer(func(_ *peer, f wire.Frame) *wire.Ack {
			if f.Cmd == wire.CmdSend {
				return nil
			}
			return ok(f)
		})
		if err := push(); !errors.Is(err, errUnknownOutcome) {
			t.Errorf("pushed, and the acknowledgement was lost: %v", err)
		}
		time.Sleep(2 * pingTime)
		if r.counted("silent") != 1 || r.connections() != 2 {
			t.Errorf("one acknowledgement was lost, and the connection with it: %v", r.counts)
		}
	})
}

func TestReconnectsAfterACut(t *testing.T) {
	connect(t, nil, func(t *testing.T, r *rig) {
		for i := range 3 {
			_ = r.last().conn.Close()
			time.Sleep(2 * time.Minute)
			if r.line(); r.connections() != i+2 {
				t.Fatalf("%d connections", r.connections())
			}
		}
		r.setAnswer(func(p *peer, f wire.Frame) *wire.Ack { return refuse(f, 45009, "api freq out of limit") })
		before := r.connections()
		_ = r.last().conn.Close()
		time.Sleep(10 * time.Minute)
		if n := r.connections() - before; n < 3 || n > 10 {
			t.Errorf("%d attempts in ten limited minutes", n)
		}
		if _, err := r.adapter.line(); !errors.Is(err, errNotConnected) {
			t.Error(err)
		}
		r.setAnswer(func(_ *peer, f wire.Frame) *wire.Ack { return ok(f) })
		time.Sleep(5 * time.Minute)
		r.line()
	})
}

func TestDisplaced(t *testing.T) {
	connect(t, nil, func(t *testing.T, r *rig) {
		kick := func() { r.push(happened("evt", "kick", "", wire.Event{Type: wire.EventDisconnected})) }
		var paused *pausedError
		for i, pause := range []time.Duration{firstPause, 2 * firstPause, 4 * firstPause} {
			kick()
			if _, err := r.adapter.line(); !errors.As(err, &paused) || time.Until(paused.until) != pause {
				t.Fatalf("displaced, and line gives %v", err)
			}
			time.Sleep(pause - time.Second)
			if r.connections() != i+1 {
				t.Fatal("the connection is fought for")
			}
			time.Sleep(2 * time.Second)
			if r.line(); r.connections() != i+2 {
				t.Fatalf("%d connections after the pause", r.connections())
			}
		}
		if r.counted("displaced") != 3 || r.counted("reconnect") != 0 || len(r.heard()) != 0 {
			t.Errorf("%v", r.counts)
		}
	})
}

func TestNotSubscribed(t *testing.T) {
	connect(t, nil, func(t *testing.T, r *rig) {
		r.setAnswer(func(_ *peer, f wire.Frame) *wire.Ack {
			if f.Cmd == wire.CmdSend {
				return refuse(f, wire.CodeNotSubscribed, "aibot websocket not subscribed")
			}
			return ok(f)
		})
		var ack *refusedError
		if err := r.line().push(t.Context(), map[string]any{"chatid": "x"}); !errors.As(err, &ack) || ack.code != wire.CodeNotSubscribed {
			t.Errorf("pushed: %v", err)
		}
		synctest.Wait()
		if _, err := r.adapter.line(); !errors.Is(err, errNotConnected) {
			t.Errorf("the connection is still used: %v", err)
		}
		r.setAnswer(func(_ *peer, f wire.Frame) *wire.Ack { return ok(f) })
		time.Sleep(2 * time.Second)
		if err := r.line().push(t.Context(), map[string]any{"chatid": "x"}); err != nil || r.connections() != 2 {
			t.Errorf("resubscribed: %v, %d connections", err, r.connections())
		}
	})
}

func TestAcknowledgementOverdue(t *testing.T) {
	connect(t, nil, func(t *testing.T, r *rig) {
		r.push(said("C1", "m1", "", "linmei", "在吗"))
		var late []wire.Frame
		r.setAnswer(func(_ *peer, f wire.Frame) *wire.Ack {
			if f.Cmd == wire.CmdRespond || f.Cmd == wire.CmdSend {
				late = append(late, f)
				return nil
			}
			return ok(f)
		})
		s := r.line()
		began := time.Now()
		if err := s.respond(t.Context(), "C1", wire.CmdRespond, streamed("k1", "一")); !errors.Is(err, errUnknownOutcome) {
			t.Errorf("overdue: %v", err)
		}
		if took := time.Since(began); took != ackTime {
			t.Errorf("took %v", took)
		}
		if err := s.push(t.Context(), map[string]any{}); !errors.Is(err, errUnknownOutcome) {
			t.Errorf("overdue push: %v", err)
		}
		// Another reply under that req_id could take the first one's acknowledgement for its own.
		var ack *refusedError
		if err := s.respond(t.Context(), "C1", wire.CmdRespond, streamed("k2", "二")); !errors.As(err, &ack) || ack.code != wire.CodeRequestGone {
			t.Errorf("another reply meanwhile: %v", err)
		}
		r.setAnswer(func(_ *peer, f wire.Frame) *wire.Ack { return ok(f) })
		if err := s.respond(t.Context(), "C1", wire.CmdRespond, streamed("k1", "一")); err != nil {
			t.Errorf("the same reply again: %v", err)
		}
		if err := s.respond(t.Context(), "C1", wire.CmdRespond, streamed("k2", "二")); err != nil {
			t.Errorf("another reply afterwards: %v", err)
		}
		r.push(ok(late[0]))
		if r.counted("late_ack") != 1 || r.counted("ack_overdue") != 2 || r.connections() != 1 {
			t.Errorf("%v", r.counts)
		}
	})
}

func TestCutWhileWaiting(t *testing.T) {
	connect(t, nil, func(t *testing.T, r *rig) {
		r.setAnswer(func(p *peer, f wire.Frame) *wire.Ack { _ = p.conn.Close(); return nil })
		s := r.line()
		if err := s.push(t.Context(), map[string]any{}); !errors.Is(err, errUnknownOutcome) {
			t.Errorf("cut: %v", err)
		}
		if err := s.push(t.Context(), map[string]any{}); !errors.Is(err, errNotConnected) {
			t.Errorf("over an ended connection: %v", err)
		}
		if err := s.respond(t.Context(), "C1", wire.CmdRespond, nil); !errors.Is(err, errNotConnected) {
			t.Errorf("over an ended connection: %v", err)
		}
	})
}

func TestCancelled(t *testing.T) {
	connect(t, nil, func(t *testing.T, r *rig) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		// Whether the writer was faster than the cancelled context is chance; either answer is true.
		if err := r.line().push(ctx, map[string]any{}); err != nil && !errors.Is(err, context.Canceled) && !errors.Is(err, errUnknownOutcome) {
			t.Errorf("cancelled: %v", err)
		}
		release, err := r.line().turns.take(t.Context(), nil, "C1")
		if err != nil {
			t.Fatal(err)
		}
		if err := r.line().respond(ctx, "C1", wire.CmdRespond, nil); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled in the queue: %v", err)
		}
		release()
		if n := len(r.line().turns.held); n != 0 {
			t.Errorf("%d turns remain", n)
		}
	})
}

func TestOneReplyAtATimePerRequest(t *testing.T) {
	connect(t, nil, func(t *testing.T, r *rig) {
		var mu sync.Mutex
		open, most := map[string]int{}, 0
		r.setAnswer(func(p *peer, f wire.Frame) *wire.Ack {
			mu.Lock()
			defer mu.Unlock()
			id := f.Headers.RequestID
			open[id]++
			if open[id] > 1 {
				t.Errorf("two replies under %s at once", id)
			}
			most = max(most, len(open))
			time.AfterFunc(300*time.Millisecond, func() {
				mu.Lock()
				delete(open, id)
				mu.Unlock()
				p.push(ok(f))
			})
			return nil
		})
		s := r.line()
		var all sync.WaitGroup
		for i := range 20 {
			all.Go(func() {
				if err := s.respond(t.Context(), fmt.Sprint("C", i%4), wire.CmdRespond, map[string]any{"n": i}); err != nil {
					t.Errorf("reply %d: %v", i, err)
				}
			})
		}
		all.Wait()
		if most != 4 || len(r.frames(wire.CmdRespond)) != 20 {
			t.Errorf("%d at once", most)
		}
	})
}

func TestHostileFrames(t *testing.T) {
	connect(t, nil, func(t *testing.T, r *rig) {
		p := r.last()
		for _, raw := range []string{`{`, `[]`, `null`, `7`, ``, `{"cmd":"aibot_msg_callback","headers":{"req_id":"x"},"body":7}`,
			`{"cmd":"aibot_msg_callback","headers":{"req_id":"x"}}`, `{"cmd":"ww_ai_robot_enter_event","headers":{"req_id":"x"}}`,
			`{"headers":{"req_id":"nobody"},"errcode":0}`, `{"cmd":"aibot_event_callback","headers":{"req_id":"x"},"body":{"msgid":"m","from":{"userid":"u"},"msgtype":"event","event":{"eventtype":"auth_change_event"}}}`} {
			p.raw([]byte(raw))
		}
		p.raw(bytes.Repeat([]byte(" "), maxFrame+100))
		p.raw([]byte("{\"cmd\":\"aibot_msg_callback\",\"headers\":{\"req_id\":\"C9\"},\"body\":{\"msgid\":\"m9\",\"from\":{\"userid\":\"linmei\"},\"msgtype\":\"text\",\"text\":{\"content\":\"一\x01\x02二\n三\"}}}"))
		synctest.Wait()
		events := r.heard()
		if len(events) != 1 || events[0].Text != "一二\n三" {
			t.Errorf("heard %+v", events)
		}
		if r.connections() != 1 || r.counted("oversize") != 1 || r.counted("unknown_command") != 1 || r.counted("unknown_event") != 1 || r.counted("malformed") < 6 {
			t.Errorf("%v", r.counts)
		}
	})
}

// tapped is a connection whose writes are noted.
type tapped struct {
	net.Conn
	mu     sync.Mutex
	writes map[byte]int // by first byte: the most bytes written at once
}

func (c *tapped) Write(b []byte) (int, error) {
	c.mu.Lock()
	c.writes[b[0]] = max(c.writes[b[0]], len(b))
	c.mu.Unlock()
	return c.Conn.Write(b)
}

func TestMessagesAreNotFragmented(t *testing.T) {
	const whole, fragment = 0x81, 0x01 // FIN and text, text alone
	connect(t, nil, func(t *testing.T, r *rig) {
		tap := &tapped{writes: map[byte]int{}}
		dial := r.net.dial
		r.adapter.link.net = func(ctx context.Context, network, address string) (c net.Conn, err error) {
			tap.Conn, err = dial(ctx, network, address)
			return tap, err
		}
		_ = r.last().conn.Close()
		time.Sleep(2 * time.Second)
		if err := r.line().push(t.Context(), map[string]any{"base64_data": make([]byte, wire.MaxChunk)}); err != nil {
			t.Fatal(err)
		}
		if tap.writes[fragment] > 0 || tap.writes[whole] < wire.MaxChunk*4/3 {
			t.Errorf("%v", tap.writes)
		}
	})
}

func TestTooLargeAFrame(t *testing.T) {
	connect(t, nil, func(t *testing.T, r *rig) {
		r.last().raw(make([]byte, hardLimit+1))
		time.Sleep(5 * time.Second)
		if r.line(); r.connections() != 2 {
			t.Errorf("%d connections", r.connections())
		}
	})
}

func TestPeerStopsReading(t *testing.T) {
	connect(t, nil, func(t *testing.T, r *rig) {
		stuck := make(chan struct{})
		r.setAnswer(func(*peer, wire.Frame) *wire.Ack { <-stuck; return nil })
		s := r.line()
		var all sync.WaitGroup
		outcomes := make(chan error, queueOut+10)
		for range queueOut + 10 {
			all.Go(func() { outcomes <- s.push(t.Context(), map[string]any{}) })
		}
		began := time.Now()
		all.Wait()
		close(outcomes)
		unsent, unknown := 0, 0
		for err := range outcomes {
			switch {
			case errors.Is(err, errNotConnected):
				unsent++
			case errors.Is(err, errUnknownOutcome):
				unknown++
			default:
				t.Errorf("outcome %v", err)
			}
		}
		// One frame was read by the peer, one is being written, the rest never left.
		if unknown != 2 || unsent != queueOut+8 {
			t.Errorf("%d unknown, %d unsent", unknown, unsent)
		}
		<-s.gone
		if took := time.Since(began); took > writeTime+ackTime {
			t.Errorf("noticed after %v", took)
		}
		close(stuck)
	})
}

func decode(t *testing.T, f wire.Frame, into any) {
	t.Helper()
	if err := json.Unmarshal(f.Body, into); err != nil {
		t.Fatal(err)
	}
}
