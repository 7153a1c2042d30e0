package storage

import (
	"database/sql/driver"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var placeholder = regexp.MustCompile(`\$(\d+)`)

// placeholders is the number of parameters of a statement.
func (s *statement) placeholders() int {
	n := 0
	for _, m := range placeholder.FindAllStringSubmatch(s.source, -1) {
		i, _ := strconv.Atoi(m[1])
		n = max(n, i)
	}
	return n
}

// The SQLite driver binds in order of first appearance.
func TestPlaceholdersAscend(t *testing.T) {
	if len(statements) < 50 {
		t.Fatalf("only %d statements are registered", len(statements))
	}
	for _, s := range statements {
		seen := 0
		for _, m := range placeholder.FindAllStringSubmatch(s.source, -1) {
			n, _ := strconv.Atoi(m[1])
			if n > seen+1 {
				t.Errorf("$%d appears before $%d in %s", n, seen+1, s.source)
			}
			seen = max(seen, n)
		}
		if strings.Contains(s.source, "?") {
			t.Errorf("a ? placeholder in %s", s.source)
		}
		for d, text := range s.text {
			if strings.ContainsAny(text, "{}") {
				t.Errorf("an unknown mark in the %s text of %s", dialectNames[d], s.source)
			}
		}
	}
}

func testDB(t *testing.T) *DB {
	t.Helper()
	db, err := Open(t.Context(), Options{SQLite: filepath.Join(t.TempDir(), "test.db"), Key: make([]byte, 32)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// A statement that SQLite plans anew at every run costs many times what it should.
func TestStatementsArePlannedOnce(t *testing.T) {
	db := testDB(t)
	err := db.Do(t.Context(), func(tx *Tx) error {
		lite := tx.c.(*liteConn)
		for _, s := range statements {
			p, err := lite.prepare(s)
			if err != nil {
				t.Errorf("prepare %s: %v", s.source, err)
				continue
			}
			for round := range 3 {
				var args []driver.NamedValue
				for i := range s.placeholders() {
					args = append(args, driver.NamedValue{Ordinal: i + 1, Value: int64(100 + round)})
				}
				step(p, args) // constraints may fail: planning comes first
			}
			if n := reflect.ValueOf(p).Elem().FieldByName("repreps").Int(); n > 0 {
				t.Errorf("planned anew %d times in 3 runs: %s", n, s.source)
			}
		}
		return errStop
	})
	if err != errStop {
		t.Fatal(err)
	}
}
