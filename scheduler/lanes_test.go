package scheduler

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"lianbang/bot"
)

// start runs lanes in the bubble of a synctest until the test ends.
func start(t *testing.T, cfg LanesConfig) (*Lanes, context.CancelFunc) {
	t.Helper()
	if cfg.Owner == "" {
		cfg.Owner = "node"
	}
	if cfg.Logger == nil {
		cfg.Logger = silent
	}
	l := NewLanes(cfg)
	ctx, cancel := context.WithCancel(t.Context())
	over := make(chan error, 1)
	go func() { over <- l.Run(ctx) }()
	stop := sync.OnceFunc(func() {
		cancel()
		if err := <-over; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return l, stop
}

func TestLanesKeepOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, s := newMemory(), &speaker{account: "a", answer: func(_ context.Context, d bot.Delivery) error {
			time.Sleep(time.Duration(d.ID%7) * time.Millisecond)
			if d.ID%5 == 0 && d.Attempt == 1 {
				return errors.New("flaky")
			}
			return nil
		}}
		l, _ := start(t, LanesConfig{Outbox: m, Adapters: []bot.Adapter{s}, Parallel: 4})
		for n := range 20 {
			for c := range 10 {
				d := message(fmt.Sprint(c), n)
				m.put(d)
				l.Wake(d.To.Lane())
			}
		}
		time.Sleep(time.Minute)
		next := map[string]int{}
		for _, u := range s.said() {
			if u.text != fmt.Sprint(next[u.lane]) {
				t.Fatalf("lane %s: %s came instead of %d", u.lane, u.text, next[u.lane])
			}
			next[u.lane]++
		}
		if len(s.said()) != 200 || len(s.bad) > 0 || m.fates()[bot.Delivered] != 200 {
			t.Errorf("%d sent, %d overlaps, rows %v", len(s.said()), len(s.bad), m.fates())
		}
		if st := l.Stats(); st.Sent != 200 || st.Retried != 40 || st.Active != 0 {
			t.Errorf("%+v", st)
		}
	})
}

func TestLanesLeaveAtOnceWhenWoken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, s := newMemory(), &speaker{account: "a"}
		l, _ := start(t, LanesConfig{Outbox: m, Adapters: []bot.Adapter{s}})
		time.Sleep(2 * time.Second)
		for n := range 5 {
			d := message("c", n)
			m.put(d)
			l.Wake(d.To.Lane())
			enqueued := time.Now()
			synctest.Wait()
			if got := s.said(); len(got) != n+1 || !got[n].at.Equal(enqueued) {
				t.Fatalf("message %d did not leave at once: %v", n, got)
			}
			time.Sleep(700 * time.Millisecond)
		}
	})
}

func TestLanesSweepFindsWhatNobodyWoke(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, s := newMemory(), &speaker{account: "a"}
		start(t, LanesConfig{Outbox: m, Adapters: []bot.Adapter{s}})
		time.Sleep(time.Second)
		m.put(message("c", 1))
		time.Sleep(5 * time.Second)
		if texts(s.said()) != "1" {
			t.Error("lost wake-up, lost message")
		}
	})
}

func TestLanesAreIdleWhenNothingWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		start(t, LanesConfig{Outbox: m, Adapters: []bot.Adapter{&speaker{account: "a"}}})
		time.Sleep(time.Hour)
		m.mu.Lock()
		defer m.mu.Unlock()
		if calls := m.claims + m.dues; calls > 2*(3600/5+2) {
			t.Errorf("%d calls in an idle hour", calls)
		}
	})
}

func TestLanesKeepPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		s := &speaker{account: "a", caps: bot.Caps{Chat: bot.Pace{Interval: 250 * time.Millisecond, Burst: 2}}}
		l, _ := start(t, LanesConfig{Outbox: m, Adapters: []bot.Adapter{s}})
		begin := time.Now()
		for n := range 10 {
			m.put(message("c", n))
		}
		l.Wake(message("c", 0).To.Lane())
		time.Sleep(10 * time.Second)
		got := s.said()
		if len(got) != 10 {
			t.Fatalf("%d sent", len(got))
		}
		for i, u := range got {
			want := time.Duration(max(0, i-1)) * 250 * time.Millisecond
			if u.at.Sub(begin) != want {
				t.Errorf("message %d after %v, want %v", i, u.at.Sub(begin), want)
			}
		}
	})
}

// A message that comes while its lane may not speak leaves when the lane may, not with some later sweep.
func TestLanesWokenBeforeTheirTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		s := &speaker{account: "a", caps: bot.Caps{Chat: bot.Pace{Interval: 3 * time.Second, Burst: 1}}}
		l, _ := start(t, LanesConfig{Outbox: m, Adapters: []bot.Adapter{s}, Idle: time.Minute, Hold: time.Second})
		begin := time.Now()
		for n := range 2 {
			m.put(message("c", n))
			l.Wake(message("c", n).To.Lane())
			time.Sleep(500 * time.Millisecond)
		}
		time.Sleep(20 * time.Second)
		if got := s.said(); len(got) != 2 || got[1].at.Sub(begin) > 3*time.Second+soonest {
			t.Errorf("%v", got)
		}
	})
}

func TestLanesObeyThrottling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		s := &speaker{account: "a", answer: func(_ context.Context, d bot.Delivery) error {
			if d.ID == 1 && d.Attempt < 3 {
				return &bot.SendError{Verdict: bot.Throttled, After: 20 * time.Second, Code: "429", Err: errors.New("slow down")}
			}
			return nil
		}}
		l, _ := start(t, LanesConfig{Outbox: m, Adapters: []bot.Adapter{s}, Rand: half})
		begin := time.Now()
		m.put(message("c", 1), message("c", 2), message("other", 3))
		l.Wake("")
		time.Sleep(2 * time.Minute)
		var at []time.Duration
		for _, u := range s.tried() {
			if !strings.HasSuffix(u.lane, "other") {
				at = append(at, u.at.Sub(begin).Truncate(time.Second))
			}
		}
		if want := []time.Duration{0, 20 * time.Second, 41 * time.Second, 41 * time.Second}; !reflect.DeepEqual(at, want) {
			t.Errorf("attempts at %v, want %v", at, want)
		}
		if texts(s.said()) != "3 1 2" || l.Stats().Throttled != 2 {
			t.Errorf("said %s, %+v", texts(s.said()), l.Stats())
		}
	})
}

func TestLanesTellOfTheDead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		s := &speaker{account: "a", answer: func(_ context.Context, d bot.Delivery) error {
			switch d.Body.Text {
			case "1":
				return &bot.SendError{Verdict: bot.Refused, Code: "too_long", Err: errors.New("body of 9000 bytes")}
			case "2":
				return errors.New("always")
			case "3":
				panic("adapter bug")
			}
			return nil
		}}
		var mu sync.Mutex
		var dead []string
		l, _ := start(t, LanesConfig{Outbox: m, Adapters: []bot.Adapter{s}, OnDead: func(d bot.Delivery, s bot.Settlement) {
			mu.Lock()
			defer mu.Unlock()
			dead = append(dead, d.Body.Text+" "+string(s.Fate)+" "+s.Error)
		}})
		for n := range 5 {
			m.put(message("c", n))
		}
		l.Wake("")
		time.Sleep(3 * time.Hour)
		want := []string{"1 dead too_long: body of 9000 bytes", "2 dead other: always", "3 dead panic: adapter panicked"}
		mu.Lock()
		defer mu.Unlock()
		if !reflect.DeepEqual(dead, want) {
			t.Errorf("told of %q", dead)
		}
		if texts(s.said()) != "0 4" || m.fates()[bot.Dead] != 3 {
			t.Errorf("said %s, rows %v", texts(s.said()), m.fates())
		}
		if st := l.Stats(); !reflect.DeepEqual(st.Dead, map[string]uint64{"refused": 1, "retry": 2}) {
			t.Errorf("%+v", st)
		}
	})
}

func TestLanesPauseAMisconfiguredAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		bad := &speaker{account: "a", answer: func(_ context.Context, d bot.Delivery) error {
			if d.Attempt > 1 {
				return nil
			}
			return &bot.SendError{Verdict: bot.Misconfigured, Code: "40001", Err: errors.New("invalid credential")}
		}}
		good := &speaker{account: "a/b"} // a name that begins like the other's
		l, _ := start(t, LanesConfig{Outbox: m, Adapters: []bot.Adapter{bad, good}})
		m.put(message("c", 1), message("c", 2))
		elsewhere := message("x", 3)
		elsewhere.To.Account = "a/b"
		m.put(elsewhere)
		l.Wake("")
		time.Sleep(time.Hour)
		if len(bad.tried()) != 1 || texts(good.said()) != "3" || m.paused["fake/a"] != "40001: invalid credential" {
			t.Fatalf("tried %v, said %v, paused %v", bad.tried(), good.said(), m.paused)
		}
		if m.fates()[bot.Postponed] != 2 {
			t.Errorf("rows %v", m.fates())
		}
		m.mu.Lock()
		delete(m.paused, "fake/a") // an operator mended it
		m.mu.Unlock()
		time.Sleep(10 * time.Second)
		if texts(bad.said()) != "1" && texts(bad.said()) != "1 2" {
			t.Errorf("after mending: %v", bad.tried())
		}
	})
}

// seated is an adapter that only one of two processes may speak through.
type seated struct {
	*speaker
	held *atomic.Bool
	mine bool
}

func (s seated) Holds(string) bool { return s.held.Load() == s.mine }

// TestLanesFollowTheSeat: only the process that holds the platform's connection drains its lanes, and it stops when the
// seat goes to another.
func TestLanesFollowTheSeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, held := newMemory(), &atomic.Bool{}
		a, b := &speaker{account: "a"}, &speaker{account: "a"}
		start(t, LanesConfig{Outbox: m, Owner: "a", Adapters: []bot.Adapter{seated{a, held, true}}})
		start(t, LanesConfig{Outbox: m, Owner: "b", Adapters: []bot.Adapter{seated{b, held, false}}})
		for n := range 30 {
			held.Store(n/10%2 == 0)
			m.put(message("c", n))
			time.Sleep(10 * time.Second)
		}
		if got := texts(a.said()); got != "0 1 2 3 4 5 6 7 8 9 20 21 22 23 24 25 26 27 28 29" {
			t.Errorf("a said %s", got)
		}
		if got := texts(b.said()); got != "10 11 12 13 14 15 16 17 18 19" {
			t.Errorf("b said %s", got)
		}
	})
}

// partly is an adapter that can reach only some lanes now.
type partly struct {
	*speaker
	away *atomic.Bool // but for the lane of chat "open"
}

func (p partly) Holds(lane string) bool {
	return !p.away.Load() || lane == "" || lane == message("open", 0).To.Lane()
}

// TestLanesThatCanBeReached: what an adapter cannot reach now waits without an attempt, however much that is, and what it can
// does not wait for it.
func TestLanesThatCanBeReached(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, s, away := newMemory(), &speaker{account: "a"}, &atomic.Bool{}
		away.Store(true)
		l, _ := start(t, LanesConfig{Outbox: m, Adapters: []bot.Adapter{partly{s, away}}, Parallel: 4})
		for n := range 10 {
			m.put(message(fmt.Sprint("shut", n), n))
			l.Wake(message(fmt.Sprint("shut", n), n).To.Lane())
		}
		m.put(message("open", 100))
		l.Wake(message("open", 100).To.Lane())
		time.Sleep(10 * time.Second)
		m.put(message("open", 101)) // nobody rings for it
		time.Sleep(time.Minute)
		if texts(s.said()) != "100 101" {
			t.Errorf("while it is away, said %s", texts(s.said()))
		}
		away.Store(false)
		time.Sleep(time.Minute)
		if n := len(s.said()); n != 12 || l.Stats().Faults > 0 {
			t.Errorf("afterwards %d of 12 were said", n)
		}
		for _, a := range s.tried() {
			if a.attempt != 1 {
				t.Errorf("%+v", a)
			}
		}
	})
}

// A card is known by its topic when it was sent, and not once more whenever it changes.
func TestLanesKnowACardOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		card, update, tap := message("c", 1), message("c", 2), message("c", 3)
		card.Body.Topic, update.Body.Topic, update.Update = "H1", "H1", "m1"
		tap.Body.Topic, tap.Body.InPlace = "H1", true
		m.put(card, update, tap)
		l, _ := start(t, LanesConfig{Outbox: m, Adapters: []bot.Adapter{&speaker{account: "a"}}})
		l.Wake("")
		time.Sleep(time.Minute)
		m.mu.Lock()
		defer m.mu.Unlock()
		if m.rows[0].topic != "H1" || m.rows[1].topic != "" || m.rows[1].state != bot.Delivered {
			t.Errorf("the card is known under %q, its change, %s, under %q", m.rows[0].topic, m.rows[1].state, m.rows[1].topic)
		}
		if m.rows[2].topic != "" || m.rows[2].state != bot.Delivered {
			t.Errorf("the answer to a tap, %s, is known under %q", m.rows[2].state, m.rows[2].topic)
		}
	})
}
