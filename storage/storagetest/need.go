package storagetest

import (
	"errors"
	"testing"
	"time"

	"lianbang/consortium"
	"lianbang/storage"
)

func testNeeds(t *testing.T, open Opener) {
	db := open(t, at)
	add := func(c consortium.ID, reporter consortium.PersonID, category string) consortium.Need {
		n := consortium.Need{Consortium: c, Reporter: reporter, Unit: "英芯光电", Category: category, Text: "招10名机械工程师",
			State: consortium.Reported, Received: noon}
		must(t, db, func(tx *storage.Tx) error { return tx.AddNeed(&n) })
		return n
	}
	a, b, c := add(1, 7, "用工"), add(1, 7, "融资"), add(2, 8, "用工")
	must(t, db, func(tx *storage.Tx) error {
		got, err := tx.Need(a.ID)
		if err != nil || got.Text != a.Text || got.Outcome != "" || !got.Received.Equal(noon) || !got.ClosedAt.IsZero() {
			t.Errorf("need: %+v %v", got, err)
		}
		mine, err := tx.NeedsOf(7, 10)
		if err != nil || len(mine) != 2 || mine[0].ID != b.ID {
			t.Errorf("needs of a person: %+v %v", mine, err)
		}
		for most, want := range []int{0, 1, 2, 2} {
			n, err := tx.CountNeedsOf(7, most)
			check(t, "count of a person's needs", n, want)
			if err != nil {
				return err
			}
		}
		all, err := tx.NeedsUnassigned(0, 10)
		if err != nil || len(all) != 3 || all[0].ID != a.ID {
			t.Errorf("unassigned: %+v %v", all, err)
		}
		of, err := tx.NeedsUnassigned(2, 10)
		if err != nil || len(of) != 1 || of[0].ID != c.ID {
			t.Errorf("unassigned of one: %+v %v", of, err)
		}
		return nil
	})
	a.State, a.Assignee, a.AssignedAt = consortium.Assigned, 9, noon.Add(time.Hour)
	a.Due, a.Reason = noon.Add(72*time.Hour), "没有人联系"
	must(t, db, func(tx *storage.Tx) error { return tx.SaveNeed(&a) })
	must(t, db, func(tx *storage.Tx) error {
		mine, err := tx.NeedsAssigned(9, 10)
		check(t, "assigned", len(mine), 1)
		n, err2 := tx.OpenNeeds(1)
		check(t, "open", n, 2)
		return errors.Join(err, err2)
	})
	pending, closed, gone := add(3, 11, "政策"), add(3, 11, "技术"), add(3, 11, "其他")
	closed.State, closed.ClosedAt, gone.State = consortium.NeedClosed, noon.Add(-time.Hour), consortium.NeedWithdrawn
	must(t, db, func(tx *storage.Tx) error { return errors.Join(tx.SaveNeed(&closed), tx.SaveNeed(&gone)) })
	must(t, db, func(tx *storage.Tx) error {
		own, err := tx.NeedsOf(11, 10)
		if err != nil || len(own) != 2 || own[0].ID != pending.ID || own[1].ID != closed.ID {
			t.Errorf("own needs, the unfinished ones first: %+v %v", own, err)
		}
		n, err := tx.CountNeedsOf(11, 10)
		check(t, "own needs", n, 2)
		return err
	})
	stale := a
	a.State, a.ClosedAt, a.Outcome, a.Rating = consortium.NeedClosed, noon.Add(2*time.Hour), "已签约12人", 5
	must(t, db, func(tx *storage.Tx) error { return tx.SaveNeed(&a) })
	checkError(t, "stale", db.Do(t.Context(), func(tx *storage.Tx) error { return tx.SaveNeed(&stale) }), consortium.ErrConflict)
	b.State = consortium.NeedWithdrawn
	must(t, db, func(tx *storage.Tx) error { return tx.SaveNeed(&b) })
	must(t, db, func(tx *storage.Tx) error {
		counts, err := tx.NeedCounts(1, noon, noon.Add(24*time.Hour))
		if err != nil || len(counts) != 1 || counts[0] != (consortium.CategoryCount{Category: "用工", Received: 1, Closed: 1}) {
			t.Errorf("counts: %+v %v", counts, err)
		}
		n, err := tx.OpenNeeds(1)
		check(t, "open at the end", n, 0)
		mine, err2 := tx.NeedsAssigned(9, 10)
		check(t, "nothing left to do", len(mine), 0)
		got, err3 := tx.Need(a.ID)
		check(t, "outcome", got.Outcome, "已签约12人")
		check(t, "reason", got.Reason, "没有人联系")
		check(t, "due", got.Due.Equal(noon.Add(72*time.Hour)), true)
		return errors.Join(err, err2, err3)
	})
}
