package storagetest

import (
	"slices"
	"strings"
	"testing"

	"lianbang/bot"
	"lianbang/consortium"
	"lianbang/storage"
)

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
