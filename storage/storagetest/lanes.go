package storagetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"lianbang/bot"
	"lianbang/consortium"
	"lianbang/storage"
)

// lanes plays the sender of one account.
type lanes struct {
	*testing.T
	db   *storage.DB
	caps bot.Caps
	now  time.Time
}

const (
	leaseTime = time.Minute
	holdTime  = 10 * time.Second
)

var accounts = []string{"web/local"}

func newLanes(t *testing.T, open Opener, caps bot.Caps) *lanes {
	return &lanes{t, open(t, at), caps, noon}
}

func (l *lanes) enqueue(ds ...bot.Delivery) {
	l.Helper()
	must(l.T, l.db, func(tx *storage.Tx) error {
		for i := range ds {
			if ds[i].To == (bot.Address{}) {
				ds[i].To = group("r", "")
			}
			if ds[i].Body.Empty() {
				ds[i].Body = bot.Say(ds[i].Key)
			}
		}
		tx.As("test", l.now)
		return tx.Enqueue(ds...)
	})
}

func (l *lanes) claim(owner string) []bot.Lease {
	l.Helper()
	got, err := l.db.Claim(context.Background(), owner, bot.Wanted{Accounts: accounts}, l.now, leaseTime, 10)
	if err != nil {
		l.Fatal(err)
	}
	return got
}

func (l *lanes) claimOne() bot.Lease {
	l.Helper()
	got := l.claim("me")
	if len(got) != 1 {
		l.Fatalf("claimed %v", got)
	}
	return got[0]
}

func (l *lanes) advance(lease bot.Lease, done *bot.Settlement) (*bot.Delivery, time.Duration) {
	l.Helper()
	d, wait, err := l.db.Advance(context.Background(), lease, done, l.caps, l.now, leaseTime, holdTime)
	if err != nil {
		l.Fatal(err)
	}
	return d, wait
}

func (l *lanes) sent(d *bot.Delivery) *bot.Settlement {
	return &bot.Settlement{Delivery: d.ID, Fate: bot.Delivered, Receipt: bot.Receipt{Message: "m", At: l.now}, At: l.now}
}

// drain sends everything that may leave now, and returns the keys in order.
func (l *lanes) drain(lease bot.Lease) (keys []string, wait time.Duration) {
	l.Helper()
	d, wait := l.advance(lease, nil)
	for d != nil {
		keys = append(keys, d.Key)
		d, wait = l.advance(lease, l.sent(d))
	}
	return keys, wait
}

func testLaneOrder(t *testing.T, open Opener) {
	l := newLanes(t, open, bot.Caps{})
	l.enqueue(bot.Delivery{Key: "digest", Urgency: bot.Digest}, bot.Delivery{Key: "remind", Urgency: bot.Remind},
		bot.Delivery{Key: "later", NotBefore: noon.Add(time.Hour)}, bot.Delivery{Key: "a1"}, bot.Delivery{Key: "a2"})
	l.enqueue(bot.Delivery{Key: "a1", Body: bot.Say("twice")}) // the key exists
	keys, wait := l.drain(l.claimOne())
	check(t, "order", strings.Join(keys, " "), "a1 a2 remind digest")
	check(t, "wait for the later one", wait, time.Hour)
	check(t, "nothing is due", len(l.claim("me")), 0)
	l.now = l.now.Add(time.Hour)
	keys, wait = l.drain(l.claimOne())
	check(t, "the later one", strings.Join(keys, " "), "later")
	check(t, "empty", wait, 0)
}

func testLanePace(t *testing.T, open Opener) {
	l := newLanes(t, open, bot.Caps{Chat: bot.Pace{Interval: time.Second, Burst: 2}, Account: bot.Pace{Interval: 400 * time.Millisecond, Burst: 3}})
	for i := range 5 {
		l.enqueue(bot.Delivery{Key: fmt.Sprint("a", i)}, bot.Delivery{Key: fmt.Sprint("b", i), To: group("r2", "")})
	}
	leases := l.claim("me")
	check(t, "lanes", len(leases), 2)
	keys, wait := l.drain(leases[0])
	check(t, "burst of the lane", len(keys), 2)
	check(t, "until the next", wait, time.Second)
	keys, wait = l.drain(leases[1])
	check(t, "rest of the account's burst", len(keys), 1)
	check(t, "until the account may", wait, 400*time.Millisecond)
	// Over twenty seconds every window keeps the promise of the pace.
	var times []time.Time
	for range 400 {
		l.now = l.now.Add(50 * time.Millisecond)
		for _, lease := range leases {
			keys, _ := l.drain(lease)
			for range keys {
				times = append(times, l.now)
			}
		}
	}
	check(t, "all left", len(times), 7)
	for i := range times {
		n := 0
		for _, at := range times[i:] {
			if at.Sub(times[i]) < time.Second {
				n++
			}
		}
		if n > 3+2 {
			t.Errorf("%d in one second", n)
		}
	}
}

// Answers to taps that still wait pass by every clock, because the platform counts no message; late ones do not.
func testLaneTaps(t *testing.T, open Opener) {
	l := newLanes(t, open, bot.Caps{Chat: bot.Pace{Interval: time.Minute, Burst: 1}, Account: bot.Pace{Interval: time.Hour, Burst: 1}})
	l.enqueue(bot.Delivery{Key: "words"})
	keys, _ := l.drain(l.claimOne())
	check(t, "the account's only message", strings.Join(keys, " "), "words")
	tap := func(key string, until time.Time) bot.Delivery {
		return bot.Delivery{Key: key, To: group("r1", "u1"), Ref: bot.ReplyRef{Token: "c:" + key, Expires: until}}
	}
	l.enqueue(tap("tap1", l.now.Add(time.Second)), tap("tap2", l.now.Add(time.Second)), tap("late", l.now.Add(-time.Second)))
	keys, wait := l.drain(l.claimOne())
	check(t, "answers to taps", strings.Join(keys, " "), "tap1 tap2")
	check(t, "until the late one", wait, time.Hour)
}

func testLaneLease(t *testing.T, open Opener) {
	l := newLanes(t, open, bot.Caps{})
	l.enqueue(bot.Delivery{Key: "a"}, bot.Delivery{Key: "b"})
	first := l.claimOne()
	check(t, "leased lanes are not claimed", len(l.claim("other")), 0)
	d, _ := l.advance(first, nil)
	l.now = l.now.Add(2 * leaseTime)
	second := l.claim("other")
	if len(second) != 1 || second[0].Fence <= first.Fence {
		t.Fatalf("second lease: %v after %v", second, first)
	}
	_, _, err := l.db.Advance(context.Background(), first, l.sent(d), l.caps, l.now, leaseTime, holdTime)
	checkError(t, "an older fence", err, bot.ErrLeaseLost)
	keys, _ := l.drain(second[0])
	check(t, "sent by the second", strings.Join(keys, " "), "a b")
	l.enqueue(bot.Delivery{Key: "c"})
	third := l.claimOne()
	if err := l.db.Release(context.Background(), third); err != nil {
		t.Fatal(err)
	}
	if err := l.db.Release(context.Background(), first); err != nil {
		t.Errorf("releasing a lost lease: %v", err)
	}
	check(t, "claimed after the release", len(l.claim("other")), 1)
}

func testLaneRetry(t *testing.T, open Opener) {
	l := newLanes(t, open, bot.Caps{})
	l.enqueue(bot.Delivery{Key: "a"}, bot.Delivery{Key: "b"})
	lease := l.claimOne()
	d, _ := l.advance(lease, nil)
	check(t, "attempt", d.Attempt, 1)
	again := &bot.Settlement{Delivery: d.ID, Fate: bot.Postponed, NotBefore: l.now.Add(5 * time.Second), Error: "timeout", At: l.now}
	d, wait := l.advance(lease, again)
	if d != nil || wait != 5*time.Second {
		t.Fatalf("a retried answer was overtaken: %v %v", d, wait)
	}
	check(t, "the lease is kept", len(l.claim("other")), 0)
	l.now = l.now.Add(5 * time.Second)
	d, _ = l.advance(lease, nil)
	check(t, "again", d.Key, "a")
	check(t, "attempt", d.Attempt, 2)
	// A throttled lane is silent; a long wait gives the lease back, and nobody claims before it is over.
	until := l.now.Add(time.Minute)
	d, wait = l.advance(lease, &bot.Settlement{Delivery: d.ID, Fate: bot.Postponed, NotBefore: l.now, LaneUntil: until, At: l.now})
	if d != nil || wait != time.Minute {
		t.Fatalf("a throttled lane spoke: %v %v", d, wait)
	}
	check(t, "nothing to claim yet", len(l.claim("other")), 0)
	l.now = until
	lease = l.claimOne()
	d, _ = l.advance(lease, nil)
	d, _ = l.advance(lease, &bot.Settlement{Delivery: d.ID, Fate: bot.Dead, Error: "refused", At: l.now})
	check(t, "after the dead one", d.Key, "b")
	d, wait = l.advance(lease, l.sent(d))
	if d != nil || wait != 0 {
		t.Errorf("not empty: %v %v", d, wait)
	}
	// A reminder that is retried blocks nobody.
	l.enqueue(bot.Delivery{Key: "r1", Urgency: bot.Remind}, bot.Delivery{Key: "r2", Urgency: bot.Remind})
	lease = l.claimOne()
	d, _ = l.advance(lease, nil)
	d, _ = l.advance(lease, &bot.Settlement{Delivery: d.ID, Fate: bot.Postponed, NotBefore: l.now.Add(time.Hour), At: l.now})
	if d == nil || d.Key != "r2" {
		t.Errorf("after a postponed reminder: %v", d)
	}
}

func testLaneCrash(t *testing.T, open Opener) {
	for _, dedup := range []bool{true, false} {
		l := newLanes(t, open, bot.Caps{Dedup: dedup})
		for _, urgency := range []bot.Urgency{bot.Answer, bot.Remind, bot.Digest} {
			l.enqueue(bot.Delivery{Key: fmt.Sprint("u", urgency), Urgency: urgency})
			d, _ := l.advance(l.claimOne(), nil) // and then the power fails
			check(t, "attempt", d.Attempt, 1)
			l.now = l.now.Add(2 * leaseTime)
			lease := l.claimOne()
			d, _ = l.advance(lease, nil)
			if lost := urgency == bot.Digest && !dedup; lost != (d == nil) {
				t.Errorf("dedup %v, urgency %v: %v", dedup, urgency, d)
			}
			if d != nil {
				check(t, "attempt after the crash", d.Attempt, 2)
				l.advance(lease, l.sent(d))
			}
		}
		counts, err := l.db.OutboxCounts(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		want, twice := int64(1), "u0 u1"
		if dedup {
			want, twice = 0, ""
		}
		check(t, "unknown", counts.Unknown, want)
		check(t, "perhaps come twice", l.doubtful(), twice)
	}
}

// doubtful are the keys of what may have come more than once.
func (l *lanes) doubtful() string {
	l.Helper()
	items, err := l.db.Deliveries(l.Context(), storage.OutboxFilter{Doubt: true})
	if err != nil {
		l.Fatal(err)
	}
	var keys []string
	for _, it := range items {
		keys = append(keys, it.Key)
	}
	return strings.Join(keys, " ")
}

// What was sent and not acknowledged is counted as often as it was sent again; an update of a card can come as often as it
// likes, and what an operator sends again of unknown outcome may have arrived too.
func testLaneDoubt(t *testing.T, open Opener) {
	l := newLanes(t, open, bot.Caps{})
	l.enqueue(bot.Delivery{Key: "answer"}, bot.Delivery{Key: "update", Update: "m1", Urgency: bot.Remind}, bot.Delivery{Key: "digest", Urgency: bot.Digest})
	lease := l.claimOne()
	d, _ := l.advance(lease, nil)
	for range 2 {
		d, _ = l.advance(lease, &bot.Settlement{Delivery: d.ID, Fate: bot.Postponed, NotBefore: l.now, Doubtful: true, At: l.now})
		check(t, "again", d.Key, "answer")
	}
	d, _ = l.advance(lease, l.sent(d))
	check(t, "next", d.Key, "update")
	l.now = l.now.Add(2 * leaseTime) // and the process is gone
	lease = l.claimOne()
	d, _ = l.advance(lease, nil)
	check(t, "update again", fmt.Sprint(d.Key, d.Attempt), "update2")
	d, _ = l.advance(lease, l.sent(d))
	l.advance(lease, &bot.Settlement{Delivery: d.ID, Fate: bot.Unknown, At: l.now})
	check(t, "perhaps come twice", l.doubtful(), "answer")
	if err := l.db.RetryDelivery(t.Context(), d.ID); err != nil {
		t.Fatal(err)
	}
	check(t, "perhaps come twice", l.doubtful(), "answer digest")
	items, err := l.db.Deliveries(t.Context(), storage.OutboxFilter{Doubt: true, Limit: 1})
	if err != nil || len(items) != 1 || items[0].Doubt != 2 {
		t.Errorf("%v %v", items, err)
	}
}

// The process that follows a killed one of the same name need not wait for its leases to run out; other nodes keep theirs.
func testLanesFreed(t *testing.T, open Opener) {
	l := newLanes(t, open, bot.Caps{})
	one := bot.Delivery{Key: "one"}
	l.enqueue(one)
	check(t, "leased", len(l.claim("a")), 1)
	two := bot.Delivery{Key: "two", To: group("s", "")}
	l.enqueue(two)
	check(t, "leased by another", len(l.claim("b")), 1)
	check(t, "leased again", len(l.claim("a")), 0)
	if err := l.db.FreeLanes(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	want := 2 // all who worked on the file are gone
	if l.db.Pool() != nil {
		want = 1
	}
	check(t, "leased after a start", len(l.claim("a")), want)
}

func testLaneExpiry(t *testing.T, open Opener) {
	l := newLanes(t, open, bot.Caps{})
	l.enqueue(bot.Delivery{Key: "late", Expires: noon.Add(time.Minute)}, bot.Delivery{Key: "later", Expires: noon.Add(time.Minute)},
		bot.Delivery{Key: "good", Urgency: bot.Remind})
	l.now = l.now.Add(time.Hour)
	keys, _ := l.drain(l.claimOne())
	check(t, "sent", strings.Join(keys, " "), "good")
	got, err := l.db.Deliveries(t.Context(), storage.OutboxFilter{State: "expired"})
	if err != nil || len(got) != 2 {
		t.Errorf("expired: %+v %v", got, err)
	}
}

func testLaneGone(t *testing.T, open Opener) {
	l := newLanes(t, open, bot.Caps{})
	c := consortium.Consortium{Name: "光电信息", Kind: consortium.Chain}
	must(t, l.db, func(tx *storage.Tx) error {
		if err := tx.AddConsortium(&c); err != nil {
			return err
		}
		room, err := tx.AddRoom(group("r", ""), "群", false)
		if err != nil {
			return err
		}
		return tx.Bind(room, c.ID)
	})
	l.enqueue(bot.Delivery{Key: "a"}, bot.Delivery{Key: "b"})
	lease := l.claimOne()
	d, _ := l.advance(lease, nil)
	d, wait := l.advance(lease, &bot.Settlement{Delivery: d.ID, Fate: bot.Dead, Gone: true, Error: "chat gone", At: l.now})
	if d != nil || wait != 0 {
		t.Errorf("the lane lives: %v %v", d, wait)
	}
	must(t, l.db, func(tx *storage.Tx) error {
		rooms, err := tx.Rooms(c.ID)
		check(t, "open rooms", len(rooms), 0)
		return err
	})
	must(t, l.db, func(tx *storage.Tx) error { // an operator adds the chat again
		if _, err := tx.AddRoom(group("r", ""), "群", false); err != nil {
			return err
		}
		rooms, err := tx.Rooms(c.ID)
		check(t, "rooms that are open again", len(rooms), 1)
		return err
	})
	counts, err := l.db.OutboxCounts(t.Context())
	check(t, "dead", counts.Dead, 2)
	if err != nil {
		t.Error(err)
	}
}

func testNextDue(t *testing.T, open Opener) {
	l := newLanes(t, open, bot.Caps{})
	next := func() time.Time {
		t.Helper()
		got, err := l.db.NextDue(t.Context(), accounts)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	check(t, "nothing waits", next().IsZero(), true)
	l.enqueue(bot.Delivery{Key: "later", NotBefore: noon.Add(time.Hour)})
	check(t, "in an hour", next().Equal(noon.Add(time.Hour)), true)
	l.enqueue(bot.Delivery{Key: "now", To: group("r2", "")})
	if next().After(noon) {
		t.Errorf("due now, but next is %v", next())
	}
	leases := l.claim("me")
	check(t, "claimed", len(leases), 1)
	l.drain(leases[0])
	check(t, "in an hour again", next().Equal(noon.Add(time.Hour)), true)
}

func testPause(t *testing.T, open Opener) {
	l := newLanes(t, open, bot.Caps{})
	ctx := t.Context()
	l.enqueue(bot.Delivery{Key: "a"}, bot.Delivery{Key: "b"})
	lease := l.claimOne()
	d, _ := l.advance(lease, nil)
	if err := l.db.PauseAccount(ctx, "web/local", "secret expired"); err != nil {
		t.Fatal(err)
	}
	if d, wait := l.advance(lease, l.sent(d)); d != nil || wait != 0 {
		t.Errorf("a paused account sends: %v %v", d, wait)
	}
	check(t, "claimed while paused", len(l.claim("me")), 0)
	paused, err := l.db.Paused(ctx)
	if err != nil || len(paused) != 1 || paused[0].Reason != "secret expired" || paused[0].Account != "web/local" {
		t.Errorf("paused: %+v %v", paused, err)
	}
	if err := l.db.ResumeAccount(ctx, "web/local"); err != nil {
		t.Fatal(err)
	}
	keys, _ := l.drain(l.claimOne())
	check(t, "after resuming", strings.Join(keys, " "), "b")
}

func testOperator(t *testing.T, open Opener) {
	var woken []string
	db := open(t, func(o *storage.Options) { at(o); o.Wake = func(lane string) { woken = append(woken, lane) } })
	l := &lanes{t, db, bot.Caps{}, noon}
	ctx := t.Context()
	l.enqueue(bot.Delivery{Key: "a"}, bot.Delivery{Key: "b"})
	lease := l.claimOne()
	d, _ := l.advance(lease, nil)
	l.advance(lease, &bot.Settlement{Delivery: d.ID, Fate: bot.Dead, Error: "refused", At: noon})
	dead, err := db.Deliveries(ctx, storage.OutboxFilter{State: "dead"})
	if err != nil || len(dead) != 1 || dead[0].Error != "refused" || dead[0].Lane != group("r", "").Lane() || dead[0].Body.Text != "a" {
		t.Fatalf("dead: %+v %v", dead, err)
	}
	woken = nil
	if err := db.RetryDelivery(ctx, d.ID); err != nil {
		t.Fatal(err)
	}
	check(t, "woken", slices.Contains(woken, dead[0].Lane), true)
	checkError(t, "retried twice", db.RetryDelivery(ctx, d.ID), consortium.ErrConflict)
	checkError(t, "no such delivery", db.RetryDelivery(ctx, 999), consortium.ErrNotFound)
	if err := db.DropDelivery(ctx, d.ID); err != nil {
		t.Fatal(err)
	}
	all, err := db.Deliveries(ctx, storage.OutboxFilter{})
	check(t, "all", len(all), 2)
	check(t, "dropped", all[0].State, "dropped")
	page, err2 := db.Deliveries(ctx, storage.OutboxFilter{After: all[0].ID, Limit: 1})
	check(t, "page", len(page), 1)
	counts, err3 := db.OutboxCounts(ctx)
	check(t, "in flight", counts.Sending, 1)
	for _, err := range []error{err, err2, err3} {
		if err != nil {
			t.Error(err)
		}
	}
}

// testWanted: lanes that are not ours are not leased, and do not crowd out those that are.
func testWanted(t *testing.T, open Opener) {
	l := newLanes(t, open, bot.Caps{})
	var want []string
	for i := range 40 {
		l.enqueue(bot.Delivery{Key: fmt.Sprint(i), To: group(fmt.Sprintf("r%02d", i), "")})
		if i >= 35 {
			want = append(want, group(fmt.Sprintf("r%02d", i), "").Lane())
		}
	}
	claim := func(w bot.Wanted, n int) (names []string) {
		t.Helper()
		got, err := l.db.Claim(t.Context(), "me", w, l.now, leaseTime, n)
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range got {
			names = append(names, g.Lane)
		}
		slices.Sort(names)
		return names
	}
	ours := func(lane string) bool { return slices.Contains(want, lane) }
	if got := claim(bot.Wanted{Accounts: accounts, Ours: ours, Lanes: []string{group("r00", "").Lane(), want[4]}}, 9); !slices.Equal(got, want[4:]) {
		t.Errorf("by name: %q", got)
	}
	if got := claim(bot.Wanted{Accounts: accounts, Ours: ours}, 3); len(got) != 3 || !ours(got[0]) || !ours(got[2]) {
		t.Errorf("three of them: %q", got)
	}
	if got := claim(bot.Wanted{Accounts: accounts, Ours: ours}, 10); len(got) != 1 || !ours(got[0]) {
		t.Errorf("the last: %q", got)
	}
	if got := claim(bot.Wanted{Accounts: accounts}, 50); len(got) != 35 {
		t.Errorf("%d others", len(got))
	}
}

func testWake(t *testing.T, open Opener) {
	var woken []string
	db := open(t, func(o *storage.Options) { at(o); o.Wake = func(lane string) { woken = append(woken, lane) } })
	l := &lanes{t, db, bot.Caps{}, noon}
	l.enqueue(bot.Delivery{Key: "a"}, bot.Delivery{Key: "b", To: group("r2", ""), NotBefore: noon.Add(time.Hour)})
	check(t, "woken", strings.Join(woken, " "), group("r", "").Lane())
	got, err := db.Claim(t.Context(), "me", bot.Wanted{Accounts: accounts, Lanes: []string{group("r", "").Lane(), group("r2", "").Lane(), "web/local/c/none"}}, noon, leaseTime, 5)
	if err != nil || len(got) != 1 {
		t.Errorf("claimed by name: %v %v", got, err)
	}
}
