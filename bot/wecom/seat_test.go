package wecom

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"lianbang/bot"
	"lianbang/bot/wecom/wire"
)

// chair is a Seat in memory.
type chair struct {
	mu    sync.Mutex
	who   string
	until time.Time
	fail  error
	left  int
}

// as is the chair as one process sees it.
func (c *chair) as(who string) Seat { return sitter{c, who} }

type sitter struct {
	*chair
	name string
}

func (s sitter) Take(_ context.Context, name string, ttl time.Duration) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if name != "wecom/"+testBot {
		return false, fmt.Errorf("seat %q", name)
	}
	if s.fail != nil {
		return false, s.fail
	}
	if s.who != s.name && time.Now().Before(s.until) {
		return false, nil
	}
	s.who, s.until = s.name, time.Now().Add(ttl)
	return true, nil
}

func (s sitter) Leave(context.Context, string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.left++
	if s.who == s.name {
		s.until = time.Time{}
	}
	return nil
}

func (c *chair) set(who string, until time.Time, fail error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.who, c.until, c.fail = who, until, fail
}

func TestSeatIsTakenFirst(t *testing.T) {
	c := &chair{who: "other"}
	connect(t, func(conf *Config, _ *openws) {
		c.until = time.Now().Add(time.Minute)
		conf.Seat = c.as("we")
	}, func(t *testing.T, r *rig) {
		time.Sleep(50 * time.Second)
		if r.connections() != 0 {
			t.Fatal("connected although another process holds the seat")
		}
		time.Sleep(20 * time.Second)
		r.line()
		time.Sleep(time.Hour)
		if r.connections() != 1 {
			t.Errorf("%d connections", r.connections())
		}
		r.stop()
		synctest.Wait()
		if c.left != 1 || !c.until.IsZero() {
			t.Error("the seat was not left")
		}
	})
}

func TestSeatLost(t *testing.T) {
	c := &chair{}
	connect(t, func(conf *Config, _ *openws) { conf.Seat = c.as("we") }, func(t *testing.T, r *rig) {
		r.line()
		c.set("other", time.Now().Add(2*time.Minute), nil)
		time.Sleep(seatRenew + time.Second)
		if _, err := r.adapter.line(); !errors.Is(err, errNotConnected) {
			t.Fatalf("the connection is kept: %v", err)
		}
		time.Sleep(time.Minute)
		if r.connections() != 1 {
			t.Error("connected without the seat")
		}
		time.Sleep(2 * time.Minute)
		r.line()
		if r.counted("seat_lost") != 1 || c.left != 0 {
			t.Errorf("%v, left %d times", r.counts, c.left)
		}
	})
}

func TestSeatNotRenewed(t *testing.T) {
	c := &chair{}
	connect(t, func(conf *Config, _ *openws) { conf.Seat = c.as("we") }, func(t *testing.T, r *rig) {
		c.mu.Lock()
		c.fail = errAway
		began, until := time.Now(), c.until
		c.mu.Unlock()
		for {
			if _, err := r.adapter.line(); err != nil {
				break
			}
			if !time.Now().Before(until) {
				t.Fatal("still connected when another process may be")
			}
			time.Sleep(time.Second)
		}
		if kept := time.Since(began); kept < 2*seatRenew {
			t.Errorf("given up after %v", kept)
		}
		c.set("we", time.Now(), nil)
		time.Sleep(10 * time.Second)
		r.line()
		if !strings.Contains(r.log.String(), "seat not renewed") || !strings.Contains(r.log.String(), "seat not taken") {
			t.Error("the operator is told nothing")
		}
	})
}

func TestDisplacedByOurOwnCluster(t *testing.T) {
	c := &chair{}
	connect(t, func(conf *Config, _ *openws) { conf.Seat = c.as("we") }, func(t *testing.T, r *rig) {
		c.set("other", time.Now().Add(30*time.Second), nil)
		r.push(happened("evt", "kick", "", wire.Event{Type: wire.EventDisconnected}))
		time.Sleep(seatRenew + time.Second)
		if _, err := r.adapter.line(); !errors.Is(err, errNotConnected) {
			t.Errorf("%v", err)
		}
		time.Sleep(time.Minute)
		if r.line(); r.connections() != 2 {
			t.Error("waited for the pause although only the seat was in the way")
		}
		if r.counted("displaced") != 0 || strings.Contains(r.log.String(), "somebody else") {
			t.Error("the operator is told of a stranger, who was another process of ours")
		}
	})
}

// A stranger who takes the connection does not take the seat.
func TestDisplacedWithTheSeat(t *testing.T) {
	c := &chair{}
	connect(t, func(conf *Config, _ *openws) { conf.Seat = c.as("we") }, func(t *testing.T, r *rig) {
		r.push(happened("evt", "kick", "", wire.Event{Type: wire.EventDisconnected}))
		time.Sleep(time.Minute)
		var paused *pausedError
		if _, err := r.adapter.line(); !errors.As(err, &paused) || r.counted("displaced") != 1 || r.connections() != 1 {
			t.Errorf("%v, %v, %d connections", err, r.counts, r.connections())
		}
	})
}

func TestSeatOfAWrongSecret(t *testing.T) {
	c := &chair{}
	connect(t, func(conf *Config, o *openws) {
		conf.Seat = c.as("we")
		o.answer = func(_ *peer, f wire.Frame) *wire.Ack { return refuse(f, wire.CodeCredentials, "no") }
	}, func(t *testing.T, r *rig) {
		if se := bot.AsSendError(<-r.done); se.Verdict != bot.Misconfigured || c.left != 1 {
			t.Errorf("%v, left %d times", se, c.left)
		}
	})
}

func TestNoWayToThePlatform(t *testing.T) {
	connect(t, func(c *Config, o *openws) { _ = o.net.Close() }, func(t *testing.T, r *rig) {
		time.Sleep(10 * time.Minute)
		if n := r.counted("reconnect"); n < 20 || n > 60 {
			t.Errorf("%d attempts in ten minutes", n)
		}
		if !strings.Contains(r.log.String(), "connect to WeCom") {
			t.Error("the operator is told nothing")
		}
	})
}

func TestNoOpenwsBehindTheAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		net := newPipes()
		server := &http.Server{Handler: http.NotFoundHandler()}
		go func() { _ = server.Serve(net) }() // ends with Close
		a, err := New(Config{Account: "main", Bot: &BotConfig{ID: testBot, Secret: testSecret, URL: "ws://127.0.0.1:9700"}})
		if err != nil {
			t.Fatal(err)
		}
		a.link.net = net.dial
		if err := a.session(t.Context(), t.Context(), nil); err == nil || !strings.Contains(err.Error(), "status 404") {
			t.Error(err)
		}
		_ = server.Close()
	})
}

func TestPatience(t *testing.T) {
	p := newPatience(0)
	for _, want := range []time.Duration{5, 10, 20, 40, 60, 60} {
		if got := p.after(errDisplaced, 0); got != want*time.Minute {
			t.Errorf("pause %v, want %v", got, want*time.Minute)
		}
	}
	if got := p.after(errDisplaced, calmTime+1); got != firstPause {
		t.Errorf("after a calm time: %v", got)
	}
	for _, most := range []time.Duration{1, 2, 4, 8, 16, 30, 30} {
		if got := p.after(errAway, 0); got < most*time.Second/2 || got > most*time.Second {
			t.Errorf("wait %v, want up to %v", got, most*time.Second)
		}
	}
	if got := p.after(fmt.Errorf("subscribe: %w", &refusedError{code: codeLimited}), steadyTime+1); got < limitedWait || got > limitedWait+firstWait {
		t.Errorf("limited: %v", got)
	}
	if got := newPatience(2*time.Hour).after(errDisplaced, 0); got != 2*time.Hour {
		t.Errorf("an operator's pause: %v", got)
	}
}

// TestOutage: while the connection cannot be had, who has the seat sends what the app and a webhook can carry, after a moment;
// the rest waits, and nobody else sends anything.
func TestOutage(t *testing.T) {
	c := &chair{}
	connect(t, func(conf *Config, _ *openws) {
		conf.Seat = c.as("we")
		conf.App = &AppConfig{CorpID: testCorp, Secret: "app-secret", AgentID: 1000042}
		conf.Groups = []GroupHook{{Chat: "wrHOOK", URL: DefaultBaseURL + hookPath + "?key=k"}}
	}, func(t *testing.T, r *rig) {
		lane := func(chat bot.ChatKey, user bot.UserKey) string {
			return bot.Address{Platform: Platform, Account: "main", Chat: chat, User: user}.Lane()
		}
		reachable := []string{"", lane("", "wanggong"), lane("wrHOOK", ""), lane("wrHOOK", "wanggong")}
		others := []string{lane("wrOTHER", ""), lane("wrHOOK2", "")}
		holds := func(when string, one, other bool) {
			t.Helper()
			for _, l := range reachable {
				if r.adapter.Holds(l) != one {
					t.Errorf("%s: %q is ours: %v", when, l, !one)
				}
			}
			for _, l := range others {
				if r.adapter.Holds(l) != other {
					t.Errorf("%s: %q is ours: %v", when, l, !other)
				}
			}
		}
		r.line()
		holds("connected", true, true)
		r.setAnswer(func(_ *peer, f wire.Frame) *wire.Ack { return refuse(f, -1, "busy") })
		_ = r.last().conn.Close()
		synctest.Wait()
		holds("at first", false, false)
		time.Sleep(awayTime)
		holds("after a moment", true, false)
		_, err := r.adapter.Send(t.Context(), bot.Delivery{Key: "k", To: bot.Address{Chat: "wrOTHER"}, Body: bot.Say("在"), Attempt: 1})
		if v := bot.AsSendError(err); v.Verdict != bot.Throttled || v.Code != "not_connected" {
			t.Errorf("%v", err)
		}
		c.set("other", time.Now().Add(time.Minute), nil)
		time.Sleep(seatRenew + time.Second)
		holds("without the seat", false, false)
		r.setAnswer(func(_ *peer, f wire.Frame) *wire.Ack { return ok(f) })
		time.Sleep(2 * time.Minute)
		r.line()
		holds("afterwards", true, true)
		r.setAnswer(func(_ *peer, f wire.Frame) *wire.Ack { return refuse(f, wire.CodeCredentials, "no") })
		_ = r.last().conn.Close()
		if se := bot.AsSendError(<-r.done); se.Verdict != bot.Misconfigured {
			t.Errorf("ended with %v", se)
		}
		holds("when the platform will not have the bot", true, false)
	})
}
