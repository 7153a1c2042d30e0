package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mattn/go-sqlite3"

	"lianbang/consortium"
)

// What is kept of somebody's rank is what a fresh question would answer, whoever has changed it and however that ended.
func TestKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "zone.db")
	db, err := Open(t.Context(), Options{SQLite: path, Key: make([]byte, 32)})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	do := func(fn func(tx *Tx) error) error { return db.Do(t.Context(), fn) }
	p := consortium.Person{Name: "何统筹", Role: consortium.Member}
	if err := do(func(tx *Tx) error { return tx.AddPerson(&p) }); err != nil {
		t.Fatal(err)
	}
	want := func(when string, role consortium.Role) {
		t.Helper()
		for range 2 { // the second answer is a kept one
			if err := do(func(tx *Tx) error {
				got, err := tx.Person(p.ID)
				if err == nil && got.Role != role {
					t.Errorf("%s: rank %d, want %d", when, got.Role, role)
				}
				p = got
				return err
			}); err != nil {
				t.Fatalf("%s: %v", when, err)
			}
		}
	}
	appoint := func(tx *Tx, role consortium.Role) error {
		changed := p
		changed.Role = role
		return tx.SavePerson(&changed)
	}
	want("at first", consortium.Member)
	if err := do(func(tx *Tx) error { return appoint(tx, consortium.Coordinator) }); err != nil {
		t.Fatal(err)
	}
	want("after an appointment", consortium.Coordinator)

	failure := errors.New("the unit fails")
	err = do(func(tx *Tx) error {
		if err := appoint(tx, consortium.Administrator); err != nil {
			return err
		}
		if got, err := tx.Person(p.ID); err != nil || got.Role != consortium.Administrator {
			t.Errorf("inside the unit: %+v, %v", got, err)
		}
		return failure
	})
	if !errors.Is(err, failure) {
		t.Fatalf("the unit that fails: %v", err)
	}
	want("after a unit that was taken back", consortium.Coordinator)

	other, err := sql.Open("sqlite3", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if _, err := other.Exec("UPDATE person SET role = $1, version = version + 1", int64(consortium.Liaison)); err != nil {
		t.Fatal(err)
	}
	want("after another connection wrote", consortium.Liaison)
}

// An activity that is kept is the one that is stored, whatever units do in between and however they end: they fail with and
// without having written, their commit fails, and another connection writes. Every number is taken by an activity.
func TestKeptActivities(t *testing.T) {
	path := filepath.Join(t.TempDir(), "zone.db")
	db, err := Open(t.Context(), Options{SQLite: path, Key: make([]byte, 32)})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	ids := make([]consortium.ActivityID, 5)
	for i := range ids {
		a := consortium.Activity{Consortium: 1, Title: "参观座谈", State: consortium.Open, Capacity: 30}
		if err := db.Do(t.Context(), func(tx *Tx) error { return tx.AddActivity(&a) }); err != nil {
			t.Fatal(err)
		}
		ids[i] = a.ID
	}
	other, err := sql.Open("sqlite3", "file:"+path+"?_busy_timeout=5000")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	failure := errors.New("the unit fails")
	unit := func(tx *Tx, n int) error {
		compareKept(t, tx)
		defer compareKept(t, tx)
		a, err := tx.Activity(ids[n%len(ids)])
		if err != nil {
			return err
		}
		switch n % 6 {
		case 0:
			a.Seats++
			err = tx.SaveActivity(&a)
		case 1:
			a.Start = time.Now()
			if err = tx.SaveActivity(&a); err == nil {
				a.Waiting++
				err = tx.SaveActivity(&a)
			}
		case 2:
			added := consortium.Activity{Consortium: 1, Title: "宣讲", State: consortium.Open, Start: time.Now()}
			if err = tx.AddActivity(&added); err == nil {
				added.Seats = 2
				err = tx.SaveActivity(&added)
			}
		case 4:
			var r consortium.Registration
			if r, err = tx.Registration(a.ID, consortium.PersonID(n%4)); err == nil {
				r.Seats, r.Changed, r.Name = n, time.Now(), "王工"
				err = tx.SaveRegistration(&r)
			}
		case 3:
			err = tx.note("test", 1, "add", nil, struct{ F func() }{}) // cannot be sealed: the commit fails
		}
		if err == nil && n%7 == 0 {
			err = failure
		}
		return err
	}
	beside(t, db, unit, func(n int, err error) bool {
		if n%50 == 0 {
			if _, err := other.Exec("UPDATE activity SET place = $1, version = version + 1 WHERE id = 2", fmt.Sprint("创新园 ", n)); err != nil {
				t.Error(err)
			}
		}
		var unsealed *json.UnsupportedTypeError
		return errors.Is(err, failure) || n%6 == 3 && errors.As(err, &unsealed)
	})
	if err := db.View(t.Context(), func(tx *Tx) error {
		last, err := tx.code(codeLast, "activity")
		if err != nil {
			return err
		}
		for id := range consortium.ActivityID(last) {
			if _, err := tx.Activity(id + 1); err != nil {
				t.Errorf("activity %d of %d: %v", id+1, last, err)
			}
		}
		_, err = tx.Activity(consortium.ActivityID(last) + 1)
		if !errors.Is(err, consortium.ErrNotFound) {
			t.Errorf("an activity beyond the last number: %v", err)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// compareKept compares all activities and registrations that are kept with those that are stored.
func compareKept(t *testing.T, tx *Tx) {
	for id, kept := range tx.keeps().activities {
		found := false
		if err := tx.c.(*liteConn).read(activityGet, []any{int64(id)}, func(r *row) error {
			if stored := tx.scanActivity(r); stored != kept {
				t.Errorf("kept %+v, stored %+v", kept, stored)
			}
			found = true
			return nil
		}); err != nil || !found {
			t.Errorf("kept, but stored: %t, %v", found, err)
		}
	}
	for whose, kept := range tx.keeps().parties {
		found := false
		if err := tx.c.(*liteConn).read(registrationGet, []any{int64(whose.activity), int64(whose.person)}, func(r *row) error {
			if stored := tx.scanRegistration(r); stored != kept {
				t.Errorf("kept %+v, stored %+v", kept, stored)
			}
			found = true
			return nil
		}); err != nil || !found {
			t.Errorf("kept, but stored: %t, %v", found, err)
		}
	}
}

// Nothing writes activities and registrations but what keeps them.
func TestKeptRowsStatements(t *testing.T) {
	keeping := map[string][]*statement{
		"activity": {activityAdd, activitySave, activityCount}, "registration": {registrationAdd, registrationSave},
	}
	for _, s := range statements {
		for _, to := range writtenTable.FindAllStringSubmatch(s.source, -1) {
			if may, kept := keeping[to[1]]; kept && s.writes && !slices.Contains(may, s) {
				t.Errorf("it writes behind what is kept: %s", s.source)
			}
		}
	}
}

// beside runs 2000 units, sixteen at a time. may judges their errors and is called after each.
func beside(t *testing.T, db *DB, unit func(tx *Tx, n int) error, may func(n int, err error) bool) {
	t.Helper()
	var all sync.WaitGroup
	for first := range 16 {
		all.Go(func() {
			for n := first; n < 2000; n += 16 {
				if err := db.Do(context.Background(), func(tx *Tx) error { return unit(tx, n) }); !may(n, err) && err != nil {
					t.Errorf("unit %d: %v", n, err)
				}
			}
		})
	}
	all.Wait()
}

// However many units share a transaction, and some of them fail, what is kept is what the database would answer.
func TestKeptBesideOthers(t *testing.T) {
	db := testDB(t)
	ids := make([]consortium.PersonID, 5)
	for i := range ids {
		p := consortium.Person{Name: "何统筹", Role: consortium.Member}
		if err := db.Do(t.Context(), func(tx *Tx) error { return tx.AddPerson(&p) }); err != nil {
			t.Fatal(err)
		}
		ids[i] = p.ID
	}
	failure := errors.New("the unit fails")
	unit := func(tx *Tx, n int) error {
		kept, err := tx.Person(ids[n%len(ids)])
		if err != nil {
			return err
		}
		if err := tx.c.(*liteConn).read(personGet, []any{int64(kept.ID)}, func(r *row) error {
			if asked := scanPerson(r); asked != kept {
				t.Errorf("kept %+v, stored %+v", kept, asked)
			}
			return nil
		}); err != nil {
			return err
		}
		if n%3 == 0 {
			kept.Role = consortium.Member + consortium.Role(n%2)
			if err := tx.SavePerson(&kept); err != nil {
				return err
			}
			_, err = tx.Person(kept.ID) // keeps what may be taken back
		}
		if n%7 == 0 {
			err = failure
		}
		return err
	}
	beside(t, db, unit, func(_ int, err error) bool { return errors.Is(err, failure) })
}

// A batch that cannot ask who has written leaves no transaction open behind it.
func TestKeptUnasked(t *testing.T) {
	db := testDB(t)
	write := func() error {
		return db.Do(t.Context(), func(tx *Tx) error { return tx.SetSetting("a", "b") })
	}
	if err := write(); err != nil {
		t.Fatal(err)
	}
	commands := db.writer.lite.commands // the writer is at rest
	silent, err := db.writer.lite.c.Prepare("SELECT 1 WHERE false")
	if err != nil {
		t.Fatal(err)
	}
	asks := commands[askWriters]
	commands[askWriters] = silent.(*sqlite3.SQLiteStmt)
	if err := write(); err == nil {
		t.Fatal("written without a look at who has")
	}
	commands[askWriters] = asks
	silent.Close()
	if err := write(); err != nil {
		t.Error("afterwards: ", err)
	}
}

// A statement whose answers are kept asks for nothing but rows of tables, by its arguments alone.
func TestKeptStatements(t *testing.T) {
	for _, s := range statements {
		if !s.kept {
			continue
		}
		if s.writes || strings.Contains(s.source, "{lock}") || strings.Contains(s.source, "{skip") {
			t.Errorf("kept, but it locks or writes: %s", s.source)
		}
		for _, m := range readTable.FindAllStringSubmatch(s.source, -1) {
			writers := 0
			for _, w := range statements {
				for _, to := range writtenTable.FindAllStringSubmatch(w.source, -1) {
					if w.writes && to[1] == m[1] {
						writers++
						if !w.voids {
							t.Errorf("%q is kept, but %q does not make it void", s.source, w.source)
						}
					}
				}
			}
			if writers == 0 {
				t.Errorf("nothing writes %s, of which answers are kept", m[1])
			}
		}
	}
}
