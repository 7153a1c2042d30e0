package storagetest

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"lianbang/consortium"
	"lianbang/storage"
)

func testActs(t *testing.T, open Opener) {
	db := open(t, at)
	a := consortium.Act{Person: 3, Subject: consortium.OfActivity, ID: 27, Version: 1, Line: "登记 H27", At: noon}
	must(t, db, func(tx *storage.Tx) error {
		_, err := tx.LastAct(3)
		checkError(t, "no act", err, consortium.ErrNotFound)
		return tx.SaveAct(a)
	})
	a.Before, a.Version = []byte(`{"title":"参观"}`), 2
	must(t, db, func(tx *storage.Tx) error { return tx.SaveAct(a) })
	must(t, db, func(tx *storage.Tx) error {
		got, err := tx.LastAct(3)
		check(t, "before", string(got.Before), string(a.Before))
		check(t, "version", got.Version, 2)
		check(t, "at", got.At.Equal(noon), true)
		return errors.Join(err, tx.SaveAct(consortium.Act{Person: 3}))
	})
	must(t, db, func(tx *storage.Tx) error {
		_, err := tx.LastAct(3)
		checkError(t, "a cleared act", err, consortium.ErrNotFound)
		return nil
	})
}

func testSettings(t *testing.T, open Opener) {
	db := open(t, at)
	must(t, db, func(tx *storage.Tx) error {
		unset, err := tx.Setting("claim")
		check(t, "unset", unset, "")
		return errors.Join(err, tx.SetSetting("claim", "a"), tx.SetSetting("claim", "b"))
	})
	must(t, db, func(tx *storage.Tx) error {
		got, err := tx.Setting("claim")
		check(t, "set", got, "b")
		return err
	})
	kept := make([]string, 8)
	var group sync.WaitGroup
	for i := range kept {
		group.Go(func() {
			err := db.Do(t.Context(), func(tx *storage.Tx) (err error) {
				kept[i], err = tx.KeepSetting("calendar", fmt.Sprint("of ", i))
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	for _, k := range kept {
		check(t, "what the first one kept", k, kept[0])
	}
}

func testCodes(t *testing.T, open Opener) {
	db := open(t, at)
	check(t, "first", addActivity(t, db, 1, noon).ID, 1)
	failed := errors.New("failed")
	err := db.Do(t.Context(), func(tx *storage.Tx) error {
		return errors.Join(tx.AddActivity(&consortium.Activity{State: consortium.Open}), failed)
	})
	checkError(t, "failed", err, failed)
	check(t, "second", addActivity(t, db, 1, noon).ID, 2)
	must(t, db, func(tx *storage.Tx) error { return nil })
	if _, err := db.SQL().ExecContext(t.Context(), "DELETE FROM activity WHERE id = 2"); err != nil {
		t.Fatal(err)
	}
	check(t, "never again", addActivity(t, db, 1, noon).ID, 3)
	n := consortium.Need{State: consortium.Reported}
	must(t, db, func(tx *storage.Tx) error { return tx.AddNeed(&n) })
	check(t, "needs count apart", n.ID, 1)
}
