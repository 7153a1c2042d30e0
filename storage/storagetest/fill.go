package storagetest

import (
	"testing"

	"lianbang/storage"
)

func testFill(t *testing.T, open Opener) {
	db := open(t, at)
	if err := Fill(db, 1000, 300, 2500); err != nil {
		t.Fatal(err)
	}
	check(t, "the next activity", addActivity(t, db, 1, noon).ID, 301)
	must(t, db, func(tx *storage.Tx) error {
		n, err := tx.Need(1000)
		if err == nil && n.Text == "" {
			t.Error("the need has no text")
		}
		return err
	})
	auditHolds(t, db, 2500)
}

// Fill loads a database with that many needs, activities and audit rows (a whole chain), as if it had been used for years:
// nearly all of them are over. It is meant for a database that nobody else uses meanwhile.
func Fill(db *storage.DB, needs, activities, audits int) error {
	return db.Fill(needs, activities, audits)
}
