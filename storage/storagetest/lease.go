package storagetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"lianbang/bot"
	"lianbang/storage"
)

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
