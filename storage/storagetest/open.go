package storagetest

import (
	"bytes"
	"path/filepath"
	"testing"

	"lianbang/storage"
)

// Key is the sealing key of test databases.
var Key = bytes.Repeat([]byte{7}, 32)

// SQLite opens a fresh database that is closed and removed with the test. change, which may be nil, adjusts the options.
func SQLite(t testing.TB, change func(*storage.Options)) *storage.DB {
	t.Helper()
	return open(t, storage.Options{SQLite: filepath.Join(t.TempDir(), "test.db")}, change)
}

func open(t testing.TB, o storage.Options, change func(*storage.Options)) *storage.DB {
	t.Helper()
	o.Key = Key
	if change != nil {
		change(&o)
	}
	db, err := storage.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close the database: %v", err)
		}
	})
	return db
}
