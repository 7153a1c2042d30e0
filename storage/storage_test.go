package storage_test

import (
	"context"
	"testing"

	"lianbang/storage"
	"lianbang/storage/storagetest"
)

func TestSQLite(t *testing.T)   { storagetest.Run(t, storagetest.SQLite) }
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
