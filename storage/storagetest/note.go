package storagetest

import (
	"errors"
	"strings"
	"testing"
	"time"

	"lianbang/consortium"
	"lianbang/storage"
)

// testNotes: the last notes of a need are listed in their order, and one that is taken back is gone.
func testNotes(t *testing.T, open Opener) {
	db := open(t, at)
	texts := []string{"已联系银行", "下周面谈", "材料已交"}
	var last consortium.NeedNote
	for i, text := range texts {
		must(t, db, func(tx *storage.Tx) error {
			last = consortium.NeedNote{Need: 3, Person: 9, At: noon.Add(time.Duration(i) * time.Hour), Text: text}
			other := consortium.NeedNote{Need: 4, Person: 8, At: noon, Text: "别的"}
			return errors.Join(tx.AddNeedNote(&last), tx.AddNeedNote(&other))
		})
	}
	list := func(most int) (got []string) {
		must(t, db, func(tx *storage.Tx) error {
			notes, err := tx.NeedNotes(3, most)
			got = nil
			for _, n := range notes {
				got = append(got, n.Text)
				if n.Need != 3 || n.Person != 9 || n.ID == 0 || n.At.Before(noon) {
					t.Errorf("note: %+v", n)
				}
			}
			return err
		})
		return got
	}
	check(t, "all notes", strings.Join(list(10), " "), strings.Join(texts, " "))
	check(t, "the last notes", strings.Join(list(2), " "), strings.Join(texts[1:], " "))
	must(t, db, func(tx *storage.Tx) error { return tx.RemoveNeedNote(last.ID) })
	check(t, "notes that are left", strings.Join(list(10), " "), strings.Join(texts[:2], " "))
	checkError(t, "a note that is gone", db.Do(t.Context(), func(tx *storage.Tx) error { return tx.RemoveNeedNote(last.ID) }), consortium.ErrNotFound)
}
