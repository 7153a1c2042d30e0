package scheduler

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"lianbang/bot"
)

// What the lanes do when something goes wrong around them.

func TestLanesTimeOutASend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		s := &speaker{account: "a", answer: func(ctx context.Context, d bot.Delivery) error {
			if d.Attempt == 1 {
				<-ctx.Done()
				return fmt.Errorf("post: %w", ctx.Err())
			}
			return nil
		}}
		l, _ := start(t, LanesConfig{Outbox: m, Adapters: []bot.Adapter{s}, SendTimeout: 3 * time.Second})
		digest, update := message("d", 2), message("e", 3)
		digest.Urgency, update.Update = bot.Digest, "card"
		m.put(message("c", 1), digest, update)
		l.Wake("")
		time.Sleep(time.Minute)
		if n := len(s.said()); n != 2 {
			t.Errorf("said %v", s.tried())
		}
		if f := m.fates(); f[bot.Delivered] != 2 || f[bot.Unknown] != 1 || l.Stats().Unknown != 1 {
			t.Errorf("rows %v: a digest that may have been sent is not repeated", f)
		}
		if n := m.doubts(); n != 1 {
			t.Errorf("%d in doubt: the message was sent again though it may have arrived, the card may change twice", n)
		}
	})
}

func TestLanesTakeOverAnAbandonedLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, s := newMemory(), &speaker{account: "a"}
		m.put(message("c", 1), message("c", 2))
		// A node that died while it was sending.
		got, err := m.Claim(t.Context(), "dead", bot.Wanted{Accounts: []string{"fake/a"}}, time.Now(), 30*time.Second, 9)
		if err != nil || len(got) != 1 {
			t.Fatal(got, err)
		}
		if d, _, err := m.Advance(t.Context(), got[0], nil, s.caps, time.Now(), 30*time.Second, 0); err != nil || d == nil {
			t.Fatal(d, err)
		}
		l, _ := start(t, LanesConfig{Outbox: m, Adapters: []bot.Adapter{s}})
		l.Wake(message("c", 1).To.Lane())
		time.Sleep(29 * time.Second)
		if len(s.tried()) != 0 {
			t.Fatal("sent from a lane that somebody else holds")
		}
		time.Sleep(7 * time.Second)
		if said := s.said(); texts(said) != "1 2" || said[0].attempt != 2 {
			t.Errorf("%v", s.tried())
		}
	})
}

// slowClaim is an outbox whose sweeps take their time.
type slowClaim struct{ *memory }

func (s slowClaim) Claim(ctx context.Context, owner string, w bot.Wanted, now time.Time, lease time.Duration, n int) ([]bot.Lease, error) {
	if w.Lanes == nil {
		time.Sleep(10 * time.Millisecond)
	}
	return s.memory.Claim(ctx, owner, w, time.Now(), lease, n)
}

// A sweep that leases a lane just after its goroutine gave it back, and before that was noticed, does not waste the lease.
func TestLanesLeasedAgainAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		s := &speaker{account: "a", answer: func(_ context.Context, d bot.Delivery) error {
			if d.ID == 1 {
				time.Sleep(995 * time.Millisecond)
			}
			return nil
		}}
		l, _ := start(t, LanesConfig{Outbox: slowClaim{m}, Adapters: []bot.Adapter{s}, Idle: time.Second})
		time.Sleep(20 * time.Millisecond) // the sweeps begin at 0, 1010 ms, …
		m.put(message("c", 1))
		l.Wake(message("c", 1).To.Lane())
		time.Sleep(997 * time.Millisecond) // 1017 ms: sent, and given back, while the sweep runs
		m.put(message("c", 2))
		time.Sleep(time.Second)
		if texts(s.said()) != "1 2" {
			t.Errorf("said %q", texts(s.said()))
		}
	})
}

func TestLanesTryOnWhileStorageIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		s := &speaker{account: "a", answer: func(context.Context, bot.Delivery) error { return nil }}
		s.answer = func(_ context.Context, d bot.Delivery) error {
			if d.ID == 1 {
				m.mu.Lock()
				m.down = 6 // right after the send
				m.mu.Unlock()
			}
			return nil
		}
		l, _ := start(t, LanesConfig{Outbox: m, Adapters: []bot.Adapter{s}})
		m.put(message("c", 1), message("c", 2))
		l.Wake("")
		time.Sleep(20 * time.Second)
		if got := s.tried(); len(got) != 2 || texts(got) != "1 2" {
			t.Errorf("what was sent and could not be settled at once was sent again: %v", got)
		}
	})
}

func TestLanesStopGracefully(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		s := &speaker{account: "a", answer: func(ctx context.Context, d bot.Delivery) error {
			select {
			case <-time.After(map[bot.ChatKey]time.Duration{"quick": 2 * time.Second, "slow": time.Hour}[d.To.Chat]):
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}}
		l, stop := start(t, LanesConfig{Outbox: m, Adapters: []bot.Adapter{s}, SendTimeout: 14 * time.Second})
		for n := range 3 {
			m.put(message("quick", n), message("slow", n))
		}
		l.Wake("")
		time.Sleep(time.Second)
		begin := time.Now()
		stop()
		if d := time.Since(begin); d > 6*time.Second {
			t.Errorf("stopping took %v", d)
		}
		if f := m.fates(); f[bot.Delivered] != 1 || f[bot.Postponed] != 5 || m.leased() != 0 {
			t.Errorf("rows %v, %d leases kept", f, m.leased())
		}
	})
}

func TestLanesOnTwoNodes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		s := &speaker{account: "a", answer: func(context.Context, bot.Delivery) error { time.Sleep(time.Millisecond); return nil }}
		one, _ := start(t, LanesConfig{Outbox: m, Adapters: []bot.Adapter{s}, Owner: "one", Parallel: 3})
		two, _ := start(t, LanesConfig{Outbox: m, Adapters: []bot.Adapter{s}, Owner: "two", Parallel: 3})
		for n := range 10 {
			for c := range 12 {
				m.put(message(fmt.Sprint(c), n))
				one.Wake(message(fmt.Sprint(c), n).To.Lane())
				two.Wake(message(fmt.Sprint(c), n).To.Lane())
			}
			time.Sleep(3 * time.Millisecond)
		}
		time.Sleep(time.Minute)
		if len(s.tried()) != 120 || len(s.bad) > 0 {
			t.Errorf("%d attempts for 120 messages, %d overlaps", len(s.tried()), len(s.bad))
		}
	})
}

func TestWakeNeverBlocks(t *testing.T) {
	l := NewLanes(LanesConfig{Outbox: newMemory(), Owner: "node"})
	for range 1000 {
		l.Wake("fake/a/c/x")
	}
	if len(l.takeWoken()) != 1 {
		t.Error("wake-ups do not coalesce")
	}
}
