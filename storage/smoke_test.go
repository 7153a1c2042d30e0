package storage_test

import (
	"context"
	"testing"
	"time"

	"lianbang/bot"
	"lianbang/consortium"
	"lianbang/storage"
	"lianbang/storage/storagetest"
)

var _ bot.Store[*storage.Tx] = (*storage.DB)(nil)

func TestSmoke(t *testing.T) {
	now := time.Date(2026, 11, 26, 2, 0, 0, 0, time.UTC)
	var woken []string
	db := storagetest.SQLite(t, func(o *storage.Options) {
		o.Now = func() time.Time { return now }
		o.Wake = func(lane string) { woken = append(woken, lane) }
	})
	ctx := context.Background()
	from := bot.Address{Platform: "web", Account: "local", Chat: "room1", User: "lin"}
	e := bot.Event{ID: "e1", Kind: bot.Said, From: from, Name: "林书记(光谷)", Text: "登记活动", At: now}
	err := db.Do(ctx, func(tx *storage.Tx) error {
		fresh, err := tx.Record(e, now)
		if err != nil || !fresh {
			t.Errorf("record: %v %v", fresh, err)
		}
		a, q, err := tx.Resolve(e, true)
		if err != nil {
			return err
		}
		if a.Name != "林书记" || a.Unit != "光谷" || a.Role != 1 || a.Consortium == 0 || a.Room == 0 || q != nil {
			t.Errorf("asker %+v %v", a, q)
		}
		act := consortium.Activity{Consortium: consortium.ID(a.Consortium), Title: "参观", Start: now.Add(48 * time.Hour), State: consortium.Open}
		if err := tx.AddActivity(&act); err != nil {
			return err
		}
		if act.ID != 1 {
			t.Errorf("id %d", act.ID)
		}
		return tx.Enqueue(bot.Delivery{Key: "reply/1", To: from, Body: bot.Say("已登记 H1")})
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(woken) != 1 {
		t.Errorf("woken %v", woken)
	}
	ls, err := db.Claim(ctx, "me", []string{"web/local"}, nil, now, time.Minute, 8)
	if err != nil || len(ls) != 1 {
		t.Fatalf("claim %v %v", ls, err)
	}
	d, wait, err := db.Advance(ctx, ls[0], nil, bot.Caps{}, now, time.Minute, time.Second)
	if err != nil || d == nil || wait != 0 || d.Body.Text != "已登记 H1" || d.To != from {
		t.Fatalf("advance %v %v %v", d, wait, err)
	}
	d, wait, err = db.Advance(ctx, ls[0], &bot.Settlement{Delivery: d.ID, Fate: bot.Delivered, At: now}, bot.Caps{}, now, time.Minute, time.Second)
	if err != nil || d != nil || wait != 0 {
		t.Fatalf("advance %v %v %v", d, wait, err)
	}
	report, err := db.VerifyAudit(ctx, nil)
	if err != nil || report.Broken != nil || report.Rows == 0 {
		t.Fatalf("%+v %v", report, err)
	}
}
