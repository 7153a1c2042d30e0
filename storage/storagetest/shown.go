package storagetest

import (
	"testing"
	"time"

	"lianbang/bot"
	"lianbang/consortium"
	"lianbang/storage"
)

func testShown(t *testing.T, open Opener) {
	db := open(t, at)
	list := func(a consortium.ActivityID) (out map[bot.Address]time.Time) {
		t.Helper()
		must(t, db, func(tx *storage.Tx) (err error) {
			out, err = tx.Shown(a)
			return err
		})
		return out
	}
	check(t, "shown to nobody yet", len(list(1)), 0)
	other := bot.Address{Platform: "feishu", Account: "zone", Chat: "r"}
	must(t, db, func(tx *storage.Tx) error { return tx.Show(1, noon, group("r", ""), other) })
	must(t, db, func(tx *storage.Tx) error { return tx.Show(1, noon.Add(time.Hour), group("r", "")) })
	must(t, db, func(tx *storage.Tx) error { return tx.Show(2, noon, group("r2", "")) })
	got := list(1)
	check(t, "groups that were shown H1", len(got), 2)
	check(t, "when last", got[group("r", "")].Equal(noon.Add(time.Hour)), true)
	check(t, "when on another account", got[other].Equal(noon), true)
	check(t, "groups that were shown H2", len(list(2)), 1)
}
