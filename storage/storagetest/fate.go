package storagetest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"lianbang/bot"
	"lianbang/consortium"
	"lianbang/storage"
)

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
