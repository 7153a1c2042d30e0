package storage

import (
	"errors"
	"sync"
	"testing"

	"lianbang/bot"
	"lianbang/consortium"
)

// A unit that makes nothing of an error with which SQLite rolled the transaction back loses nobody's work and doubles none.
func TestUnitWithoutTransaction(t *testing.T) {
	db := testDB(t)
	var all sync.WaitGroup
	for n := range 40 {
		all.Go(func() {
			err := db.Do(t.Context(), func(tx *Tx) error {
				if n%8 == 0 {
					return tx.c.(*liteConn).command("ROLLBACK")
				}
				return tx.AddActivity(&consortium.Activity{Title: "参观座谈", State: consortium.Open})
			})
			if (n%8 == 0) != errors.Is(err, errLost) {
				t.Errorf("unit %d: %v", n, err)
			}
		})
	}
	all.Wait()
	var rows, last int
	if err := db.SQL().QueryRow("SELECT count(*), max(id) FROM activity").Scan(&rows, &last); err != nil {
		t.Fatal(err)
	}
	if rows != 35 || last != 35 {
		t.Errorf("%d activities up to number %d of 35", rows, last)
	}
}

// Who reads after the end is refused at once.
func TestViewAfterClose(t *testing.T) {
	db := testDB(t)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := db.View(t.Context(), func(*Tx) error { return nil }); !errors.Is(err, bot.ErrUnavailable) {
		t.Errorf("after the end: %v", err)
	}
}
