package storage_test

import (
	"path/filepath"
	"testing"

	"lianbang/bot"
	"lianbang/storage"
	"lianbang/storage/storagetest"
)

// Of whom an older program met, those count as heard in private from whose own chat something is on record.
func TestOpeningOfThoseMetBefore(t *testing.T) {
	for name, at := range map[string]func() storage.Options{
		"sqlite":   func() storage.Options { return storage.Options{SQLite: filepath.Join(t.TempDir(), "zone.db")} },
		"postgres": func() storage.Options { return storage.Options{Postgres: storagetest.Postgres(t)} },
	} {
		t.Run(name, func(t *testing.T) {
			o := at()
			o.Key = storagetest.Key
			open := func() *storage.DB {
				t.Helper()
				db, err := storage.Open(t.Context(), o)
				if err != nil {
					t.Fatal(err)
				}
				return db
			}
			at := func(chat, user string) bot.Address {
				return bot.Address{Platform: "wecom", Account: "main", Chat: bot.ChatKey(chat), User: bot.UserKey(user)}
			}
			db := open()
			people := map[string]int64{}
			err := db.Do(t.Context(), func(tx *storage.Tx) error {
				for _, e := range []bot.Event{{From: at("wrGROUP", "lin")}, {From: at("lin", "lin"), Direct: true}, {From: at("wrGROUP", "wang")}} {
					e.Kind = bot.Said
					a, _, err := tx.Resolve(e, bot.Appointed)
					if err != nil {
						return err
					}
					people[string(e.From.User)] = a.Person
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			for _, text := range []string{"ALTER TABLE identity DROP COLUMN opening", "DELETE FROM schema_migration WHERE name = '014_opening.sql'"} {
				if _, err := db.SQL().Exec(text); err != nil {
					t.Fatal(err)
				}
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			db = open()
			for user, want := range map[string]bot.Opening{"lin": bot.Open, "wang": bot.Unheard} {
				err := db.View(t.Context(), func(tx *storage.Tx) error {
					asker, _, err := tx.Resolve(bot.Event{Kind: bot.Said, From: at("wrGROUP", user)}, bot.Appointed)
					if asker.Person != people[user] || asker.Opening != want {
						t.Errorf("%s: %+v, want opening %d", user, asker, want)
					}
					return err
				})
				if err != nil {
					t.Error(err)
				}
			}
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}
