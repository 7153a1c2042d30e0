package scheduler

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"lianbang/bot"
	"lianbang/storage"
)

var _ Outbox = (*storage.DB)(nil)

// shifted is a clock that runs and can be set forward.
type shifted struct{ by atomic.Int64 }

func (c *shifted) now() time.Time          { return time.Now().Add(time.Duration(c.by.Load())) }
func (c *shifted) forward(d time.Duration) { c.by.Add(int64(d)) }

// sending is a database with lanes that run over it and are woken by its commits only: there is no sweep for an hour.
func sending(t *testing.T, open opener, s *speaker, change func(*LanesConfig)) (*storage.DB, *Lanes, func()) {
	t.Helper()
	var l atomic.Pointer[Lanes]
	db := open(t, func(lane string) {
		if l := l.Load(); l != nil {
			l.Wake(lane)
		}
	})
	cfg := LanesConfig{Outbox: db, Adapters: []bot.Adapter{s}, Owner: "node", Logger: silent, Idle: time.Hour}
	if change != nil {
		change(&cfg)
	}
	l.Store(NewLanes(cfg))
	ctx, cancel := context.WithCancel(context.Background())
	over := make(chan error, 1)
	go func() { over <- l.Load().Run(ctx) }()
	stop := sync.OnceFunc(func() {
		cancel()
		if err := <-over; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return db, l.Load(), stop
}

func enqueued(t testing.TB, db *storage.DB, ds ...bot.Delivery) {
	t.Helper()
	do(t, db, time.Now(), func(tx *storage.Tx) error { return tx.Enqueue(ds...) })
}

// rows reads the outbox.
func rows(t testing.TB, db *storage.DB) []storage.OutboxItem {
	t.Helper()
	items, err := db.Deliveries(t.Context(), storage.OutboxFilter{Limit: 10_000})
	if err != nil {
		t.Fatal(err)
	}
	return items
}

// states counts the rows of the outbox by state.
func states(t testing.TB, db *storage.DB) map[string]int {
	out := map[string]int{}
	for _, item := range rows(t, db) {
		out[item.State]++
	}
	return out
}

func TestStoredLanesKeepOrder(t *testing.T) {
	onBoth(t, func(t *testing.T, open opener) {
		s := &speaker{account: "a", answer: func(_ context.Context, d bot.Delivery) error {
			if d.ID%17 == 0 && d.Attempt == 1 {
				return &bot.SendError{Verdict: bot.Throttled, Code: "429", Err: errors.New("slow down")}
			}
			return nil
		}}
		db, l, _ := sending(t, open, s, nil)
		const chats, each = 8, 25
		var writers sync.WaitGroup
		for c := range chats {
			writers.Go(func() {
				for n := range each {
					enqueued(t, db, message(fmt.Sprint(c), n))
				}
			})
		}
		writers.Wait()
		await(t, "all sent", func() bool { return len(s.said()) == chats*each })
		next := map[string]int{}
		for _, u := range s.said() {
			if u.text != fmt.Sprint(next[u.lane]) {
				t.Fatalf("lane %s: %s came instead of %d", u.lane, u.text, next[u.lane])
			}
			next[u.lane]++
		}
		await(t, "all settled", func() bool { return states(t, db)["sent"] == chats*each && l.Stats().Active == 0 })
		if len(s.bad) > 0 {
			t.Errorf("two at once in %v", s.bad)
		}
	})
}

func TestStoredLanesLeaveWithinMilliseconds(t *testing.T) {
	onBoth(t, func(t *testing.T, open opener) {
		s := &speaker{account: "a"}
		db, _, _ := sending(t, open, s, nil)
		var took []time.Duration
		for n := range 50 {
			begin := time.Now()
			enqueued(t, db, message("c", n))
			for len(s.said()) <= n {
				time.Sleep(100 * time.Microsecond)
				if time.Since(begin) > 5*time.Second {
					t.Fatal("a wake-up was lost")
				}
			}
			took = append(took, time.Since(begin))
		}
		slices.Sort(took)
		t.Logf("from the unit of work to the adapter: median %v, worst %v", took[25], took[49])
		if took[25] > 100*time.Millisecond {
			t.Errorf("median %v", took[25])
		}
	})
}

func TestStoredLanesKeepPace(t *testing.T) {
	s := &speaker{account: "a", caps: bot.Caps{Chat: bot.Pace{Interval: 50 * time.Millisecond, Burst: 2}}}
	db, _, _ := sending(t, onSQLite, s, nil)
	for n := range 8 {
		enqueued(t, db, message("c", n))
	}
	await(t, "all sent", func() bool { return len(s.said()) == 8 })
	got := s.said()
	for i := range got {
		for j := i + 2; j < len(got); j++ { // j-i+1 messages need (j-i-1) intervals
			if d := got[j].at.Sub(got[i].at); d < time.Duration(j-i-1)*50*time.Millisecond-5*time.Millisecond {
				t.Errorf("messages %d to %d within %v", i, j, d)
			}
		}
	}
}

func TestStoredLanesTakeOverAnAbandonedLease(t *testing.T) {
	onBoth(t, func(t *testing.T, open opener) {
		s := &speaker{account: "a"}
		var c shifted
		db, l, _ := sending(t, open, s, func(cfg *LanesConfig) { cfg.Now = c.now })
		digest := message("c", 3)
		digest.Urgency = bot.Digest
		elsewhere := message("d", 4)
		elsewhere.Urgency = bot.Digest
		other := bot.Caps{} // does not deduplicate
		// Another node takes the lanes before ours hears of them, and dies while it sends.
		dead := func(chat string, d ...bot.Delivery) {
			do(t, db, time.Now(), func(tx *storage.Tx) error {
				for i := range d {
					d[i].NotBefore = time.Now().Add(time.Minute) // not ours to take yet
				}
				return tx.Enqueue(d...)
			})
			later := time.Now().Add(2 * time.Minute)
			got, err := db.Claim(t.Context(), "dead", bot.Wanted{Accounts: []string{"fake/a"}, Lanes: []string{d[0].To.Lane()}}, later, 30*time.Second, 1)
			if err != nil || len(got) != 1 {
				t.Fatal(chat, got, err)
			}
			if d, _, err := db.Advance(t.Context(), got[0], nil, other, later, 30*time.Second, 0); err != nil || d == nil {
				t.Fatal(chat, d, err)
			}
		}
		dead("c", message("c", 1), message("c", 2), digest)
		dead("d", elsewhere)
		c.forward(2*time.Minute + 29*time.Second)
		l.Wake("")
		time.Sleep(50 * time.Millisecond)
		if len(s.tried()) > 0 {
			t.Fatal("sent from a lane that somebody else holds")
		}
		c.forward(2 * time.Second)
		l.Wake("")
		await(t, "the lane is taken over", func() bool { return len(s.said()) == 3 })
		if said := s.said(); texts(said) != "1 2 3" || said[0].attempt != 2 || said[1].attempt != 1 {
			t.Errorf("%+v", said)
		}
		await(t, "settled", func() bool { return states(t, db)["sent"] == 3 })
		await(t, "an interrupted digest is left to the operator", func() bool { return states(t, db)["unknown"] == 1 })
	})
}

func TestStoredLanesKeepTheDead(t *testing.T) {
	onBoth(t, func(t *testing.T, open opener) {
		var told atomic.Int64
		s := &speaker{account: "a", answer: func(_ context.Context, d bot.Delivery) error {
			if d.Body.Text == "1" {
				return &bot.SendError{Verdict: bot.Refused, Code: "too_long", Err: errors.New("body of 9000 bytes")}
			}
			return nil
		}}
		db, _, _ := sending(t, open, s, func(cfg *LanesConfig) {
			cfg.OnDead = func(d bot.Delivery, s bot.Settlement) { told.Add(1) }
		})
		for n := range 3 {
			enqueued(t, db, message("c", n))
		}
		await(t, "the others sent", func() bool { return texts(s.said()) == "0 2" && told.Load() == 1 })
		for _, item := range rows(t, db) {
			if item.Body.Text == "1" && (item.State != "dead" || item.Error != "too_long: body of 9000 bytes") {
				t.Errorf("%+v", item)
			}
		}
	})
}

func TestStoredLanesPauseAMisconfiguredAccount(t *testing.T) {
	s := &speaker{account: "a", answer: func(_ context.Context, d bot.Delivery) error {
		if d.Attempt > 1 {
			return nil
		}
		return &bot.SendError{Verdict: bot.Misconfigured, Code: "40001", Err: errors.New("invalid credential")}
	}}
	var c shifted
	db, l, _ := sending(t, onSQLite, s, func(cfg *LanesConfig) { cfg.Now = c.now })
	enqueued(t, db, message("c", 1), message("c", 2))
	await(t, "the pause", func() bool {
		paused, err := db.Paused(t.Context())
		return err == nil && len(paused) == 1 && paused[0].Account == "fake/a" && paused[0].Reason == "40001: invalid credential"
	})
	await(t, "the lane is left", func() bool { return l.Stats().Active == 0 && l.Stats().Paused == 1 })
	c.forward(time.Hour)
	l.Wake("")
	time.Sleep(50 * time.Millisecond)
	if n := len(s.tried()); n != 1 {
		t.Fatalf("%d attempts on a paused account", n)
	}
	if err := db.ResumeAccount(t.Context(), "fake/a"); err != nil {
		t.Fatal(err)
	}
	l.Wake("")
	await(t, "the first is sent after all", func() bool { return len(s.said()) > 0 })
}

func TestStoredLanesStopGracefully(t *testing.T) {
	begun := make(chan struct{}, 1)
	s := &speaker{account: "a", answer: func(ctx context.Context, d bot.Delivery) error {
		begun <- struct{}{}
		time.Sleep(100 * time.Millisecond)
		return nil
	}}
	db, _, stop := sending(t, onSQLite, s, nil)
	digest := message("c", 2)
	digest.Urgency = bot.Digest
	enqueued(t, db, message("c", 1), digest)
	<-begun
	stop()
	for _, item := range rows(t, db) {
		want, attempts := "sent", 1
		if item.Body.Text == "2" {
			want, attempts = "new", 0
		}
		if item.State != want || item.Attempt != attempts {
			t.Errorf("%s is %s after %d attempts", item.Body.Text, item.State, item.Attempt)
		}
	}
	if got, err := db.Claim(t.Context(), "next", bot.Wanted{Accounts: []string{"fake/a"}}, time.Now().Add(10*time.Millisecond), time.Second, 9); err != nil || len(got) != 1 {
		t.Errorf("the lane was not given back: %v, %v", got, err)
	}
}

// Two nodes over one file share the lanes; every message leaves once and in order.
func TestStoredLanesOnTwoNodes(t *testing.T) {
	onBoth(t, func(t *testing.T, open opener) {
		s := &speaker{account: "a"}
		db, one, _ := sending(t, open, s, func(cfg *LanesConfig) { cfg.Parallel = 3 })
		two := NewLanes(LanesConfig{Outbox: db, Adapters: []bot.Adapter{s}, Owner: "two", Logger: silent, Parallel: 3})
		ctx, cancel := context.WithCancel(context.Background())
		over := make(chan error, 1)
		go func() { over <- two.Run(ctx) }()
		for n := range 20 {
			for c := range 6 {
				enqueued(t, db, message(fmt.Sprint(c), n))
				two.Wake(message(fmt.Sprint(c), n).To.Lane())
			}
		}
		await(t, "all sent", func() bool { return len(s.said()) >= 120 })
		cancel()
		if err := <-over; err != nil {
			t.Error(err)
		}
		await(t, "all settled", func() bool { return states(t, db)["sent"] == 120 })
		next := map[string]int{}
		for _, u := range s.tried() {
			if u.text != fmt.Sprint(next[u.lane]) {
				t.Fatalf("lane %s: %s came instead of %d", u.lane, u.text, next[u.lane])
			}
			next[u.lane]++
		}
		t.Logf("node one sent %d, node two %d", one.Stats().Sent, two.Stats().Sent)
	})
}

func BenchmarkLanes(b *testing.B) {
	for _, lanes := range []int{1, 16, 64} {
		b.Run(fmt.Sprint("lanes=", lanes), func(b *testing.B) {
			s := &speaker{account: "a"}
			db := onSQLite(b, nil)
			for n := 0; n < b.N; n += 100 {
				do(b, db, time.Now(), func(tx *storage.Tx) error {
					for i := n; i < min(n+100, b.N); i++ {
						if err := tx.Enqueue(message(fmt.Sprint(i%lanes), i)); err != nil {
							return err
						}
					}
					return nil
				})
			}
			l := NewLanes(LanesConfig{Outbox: db, Adapters: []bot.Adapter{s}, Owner: "node", Logger: silent})
			ctx, cancel := context.WithCancel(context.Background())
			over := make(chan error, 1)
			b.ResetTimer()
			go func() { over <- l.Run(ctx) }()
			for l.Stats().Sent < uint64(b.N) {
				time.Sleep(time.Millisecond)
			}
			b.StopTimer()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msg/s")
			cancel()
			<-over
		})
	}
}
