package storagetest

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"lianbang/bot"
	"lianbang/storage"
)

// acquaint makes the lane and the speaker of an event known, so that a unit about him has only his event to write.
func acquaint(t *testing.T, db *storage.DB, e bot.Event) {
	t.Helper()
	must(t, db, func(tx *storage.Tx) error {
		if _, err := tx.Record(e, noon); err != nil {
			return err
		}
		if _, _, err := tx.Resolve(e, bot.Everybody); err != nil {
			return err
		}
		return tx.Enqueue(bot.Delivery{Key: "reply/web/local/" + string(e.ID) + "/0", To: e.Place(), Body: bot.Say("在")})
	})
}

func testLook(t *testing.T, open Opener) {
	db := open(t, at)
	from := group("r", "u")
	acquaint(t, db, said("e0", from, "林书记"))
	var fresh bool
	answer := func(e bot.Event) func(*storage.Tx) error {
		return func(tx *storage.Tx) (err error) {
			if fresh, err = tx.Record(e, noon); err != nil || !fresh {
				return err
			}
			if _, _, err := tx.Resolve(e, bot.Everybody); err != nil {
				return err
			}
			return tx.Enqueue(bot.Delivery{Key: "reply/web/local/" + string(e.ID) + "/0", To: e.Place(), Body: bot.Say("好")})
		}
	}
	look := func(fn func(*storage.Tx) error) error { return db.Look(context.Background(), fn) }
	for i, want := range []bool{true, false} {
		if err := look(answer(said("e1", from, "林书记"))); err != nil {
			t.Fatal(err)
		}
		if fresh != want {
			t.Errorf("look %d: fresh %v", i, fresh)
		}
	}

	// What wants to write gets its way, once.
	err := look(func(tx *storage.Tx) error {
		if err := answer(said("e2", from, "林书记"))(tx); err != nil {
			return err
		}
		return tx.SetSetting("looked", "wrote")
	})
	if err != nil {
		t.Fatal(err)
	}
	must(t, db, func(tx *storage.Tx) error {
		got, err := tx.Setting("looked")
		check(t, "what a look wrote", got, "wrote")
		return err
	})

	// A look that fails leaves nothing.
	failed := errors.New("failed")
	err = look(func(tx *storage.Tx) error { return errors.Join(answer(said("e3", from, "林书记"))(tx), failed) })
	checkError(t, "a failed look", err, failed)
	if err := look(answer(said("e3", from, "林书记"))); err != nil || !fresh {
		t.Errorf("after a failed look: fresh %v, %v", fresh, err)
	}
	waiting, err := db.Deliveries(t.Context(), storage.OutboxFilter{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	check(t, "answers", len(waiting), 4)
}

// The same event at once, by many and both ways: it counts once.
func testLookAtOnce(t *testing.T, open Opener) {
	db := open(t, at)
	from := group("r", "u")
	acquaint(t, db, said("e0", from, "林书记"))
	var counted atomic.Int64
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			fresh := false
			fn := func(tx *storage.Tx) (err error) {
				fresh, err = tx.Record(said("e1", from, "林书记"), noon)
				return err
			}
			do := db.Do
			if i%2 == 0 {
				do = db.Look
			}
			if err := do(context.Background(), fn); err != nil {
				t.Error(err)
			}
			if fresh {
				counted.Add(1)
			}
		})
	}
	all.Wait()
	check(t, "times counted", counted.Load(), 1)
}
