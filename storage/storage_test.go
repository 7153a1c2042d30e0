package storage_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"lianbang/bot"
	"lianbang/storage"
	"lianbang/storage/storagetest"
)

// TestSQLite: however idle the writer is, looks happen beside it.
func TestSQLite(t *testing.T) {
	storagetest.Run(t, func(t testing.TB, change func(*storage.Options)) *storage.DB {
		db := storagetest.SQLite(t, change)
		db.LookBesideAlways()
		return db
	})
}

func TestPostgres(t *testing.T) { storagetest.Run(t, storagetest.OpenPostgres) }

// Every statement is one that PostgreSQL can prepare, with types it can deduce.
func TestPostgresPrepares(t *testing.T) {
	db := storagetest.OpenPostgres(t, nil)
	ctx := context.Background()
	c, err := db.Pool().Acquire(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Release()
	for _, text := range storage.StatementTexts() {
		if _, err := c.Conn().Prepare(ctx, "", text); err != nil {
			t.Errorf("%v: %s", err, text)
		}
	}
}

// A process that stops in the middle of a transaction, with its machine, loses it after a while, and its locks; when it goes
// on, it is as if the database had been away.
func TestPostgresFrozen(t *testing.T) {
	db := storagetest.OpenPostgres(t, func(o *storage.Options) { o.Pool = 2 })
	ctx := context.Background()
	var limit string
	if err := db.Pool().QueryRow(ctx, "SHOW idle_in_transaction_session_timeout").Scan(&limit); err != nil || limit != "5s" {
		t.Fatalf("a transaction may be idle for %q: %v", limit, err)
	}
	set := func(name, value string) func(tx *storage.Tx) error {
		return func(tx *storage.Tx) error { return tx.SetSetting(name, value) }
	}
	if err := db.Do(ctx, set("a", "0")); err != nil {
		t.Fatal(err)
	}
	err := db.Do(ctx, func(tx *storage.Tx) error {
		if err := tx.SetSetting("a", "1"); err != nil {
			return err
		}
		began := time.Now()
		if err := db.Do(ctx, set("a", "2")); err != nil { // by another node
			t.Error(err)
		}
		if took := time.Since(began); took > 15*time.Second {
			t.Errorf("the other node waited %v", took)
		}
		return tx.SetSetting("b", "1")
	})
	if !errors.Is(err, bot.ErrUnavailable) {
		t.Errorf("the frozen process goes on: %v", err)
	}
	var a, b string
	if err := db.View(ctx, func(tx *storage.Tx) (err error) {
		if a, err = tx.Setting("a"); err == nil {
			b, err = tx.Setting("b")
		}
		return err
	}); err != nil || a != "2" || b != "" {
		t.Errorf("a is %q, b is %q, %v", a, b, err)
	}
}
