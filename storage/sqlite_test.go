package storage_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"lianbang/bot"
	"lianbang/storage"
	"lianbang/storage/storagetest"
)

// openFile opens the database file at path as a program start does.
func openFile(path string, change func(*storage.Options)) (*storage.DB, error) {
	o := storage.Options{SQLite: path, Key: storagetest.Key}
	if change != nil {
		change(&o)
	}
	return storage.Open(context.Background(), o)
}

func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("no error, want one with %q", parts)
		return
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q does not say %q", err, part)
		}
	}
}

func TestKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "folder 100%?#", "zone.db")
	_, err := openFile(path, func(o *storage.Options) { o.Key = nil })
	wantError(t, err, "没有密钥")
	_, err = openFile(path, func(o *storage.Options) { o.Key = []byte("short") })
	wantError(t, err, "5 bytes")
	db, err := openFile(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	db.Close()
	_, err = openFile(path, func(o *storage.Options) { o.Key = nil })
	wantError(t, err, "加密", "没有给密钥")
	_, err = openFile(path, func(o *storage.Options) { o.Key = bytes.Repeat([]byte{9}, 32) })
	wantError(t, err, "对不上", "换回")
	_, err = openFile(path, func(o *storage.Options) { o.Key, o.KeyFile = nil, filepath.Join(t.TempDir(), "key") })
	wantError(t, err, "不见了", "恢复")

	dir := t.TempDir() // a fresh database makes its key file, and finds it again
	for range 2 {
		db, err := openFile(filepath.Join(dir, "zone.db"), func(o *storage.Options) { o.Key, o.KeyFile = nil, filepath.Join(dir, "key") })
		if err != nil {
			t.Fatal(err)
		}
		db.Close()
	}
	info, err := os.Stat(filepath.Join(dir, "key"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("key file: %v %v", info, err)
	}
}

func TestMigrations(t *testing.T) {
	path := filepath.Join(t.TempDir(), "zone.db")
	var told []storage.Progress
	db, err := openFile(path, func(o *storage.Options) { o.Progress = func(p storage.Progress) { told = append(told, p) } })
	if err != nil {
		t.Fatal(err)
	}
	if len(told) == 0 || told[0].Done != 0 || told[0].Total != len(told) {
		t.Errorf("progress: %+v", told)
	}
	harm := func(text string) {
		if _, err := db.SQL().Exec(text); err != nil {
			t.Fatal(err)
		}
		db.Close()
	}
	harm("UPDATE schema_migration SET checksum = 'x' WHERE name LIKE '001%'")
	_, err = openFile(path, nil)
	wantError(t, err, "001_zone.sql", "不一样")
	path = filepath.Join(t.TempDir(), "zone.db")
	if db, err = openFile(path, nil); err != nil {
		t.Fatal(err)
	}
	harm("INSERT INTO schema_migration VALUES('999_future.sql', 'x', 1)")
	_, err = openFile(path, nil)
	wantError(t, err, "比这个程序新", "999_future.sql")
}

func TestQueueIsBounded(t *testing.T) {
	db := storagetest.SQLite(t, func(o *storage.Options) { o.Queue = 4 })
	began, goOn := make(chan bool), make(chan bool)
	var all sync.WaitGroup
	all.Go(func() {
		if err := db.Do(t.Context(), func(*storage.Tx) error { began <- true; <-goOn; return nil }); err != nil {
			t.Error(err)
		}
	})
	<-began
	refused := make(chan error, 20)
	for range 20 {
		all.Go(func() {
			if err := db.Do(t.Context(), func(*storage.Tx) error { return nil }); err != nil {
				refused <- err
			}
		})
	}
	for range 16 {
		if err := <-refused; !errors.Is(err, bot.ErrUnavailable) {
			t.Errorf("refused with %v", err)
		}
	}
	if s := db.Stats(); s.Waiting != 4 || s.Refused != 16 {
		t.Errorf("stats: %+v", s)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond) // a full queue is not ready
	defer cancel()
	if db.Ready(ctx) == nil {
		t.Error("ready with a full queue")
	}
	close(goOn)
	all.Wait()
}

// Another program holds the write lock: no unit is acknowledged, Ready says why, and all is well when the lock goes.
func TestLockedDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "zone.db")
	db, err := openFile(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.SQL().Exec("PRAGMA busy_timeout = 50"); err != nil {
		t.Fatal(err)
	}
	other, err := sql.Open("sqlite3", "file:"+path+"?_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	tx, err := other.Begin()
	if err != nil {
		t.Fatal(err)
	}
	err = db.Do(t.Context(), func(tx *storage.Tx) error { return tx.SetSetting("a", "b") })
	if !errors.Is(err, bot.ErrUnavailable) {
		t.Errorf("locked: %v", err)
	}
	wantError(t, db.Ready(t.Context()), "locked")
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := db.Ready(t.Context()); err != nil {
		t.Error("after the lock went: ", err)
	}
}

// A full disk, played by a limit on the file's pages.
func TestFullDisk(t *testing.T) {
	db := storagetest.SQLite(t, nil)
	var pages int
	if err := db.SQL().QueryRow("PRAGMA page_count").Scan(&pages); err != nil {
		t.Fatal(err)
	}
	limit := func(n int) {
		t.Helper()
		if _, err := db.SQL().Exec(fmt.Sprintf("PRAGMA max_page_count = %d", n)); err != nil {
			t.Fatal(err)
		}
	}
	limit(pages + 20)
	big := strings.Repeat("x", 20_000)
	write := func(i int) error {
		return db.Do(context.Background(), func(tx *storage.Tx) error { return tx.SetSetting(fmt.Sprint("key", i), big) })
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	stored := map[int]bool{}
	for i := range 60 {
		all.Go(func() {
			err := write(i)
			if err != nil && !errors.Is(err, bot.ErrUnavailable) {
				t.Errorf("full disk: %v", err)
			}
			mu.Lock()
			stored[i] = err == nil
			mu.Unlock()
		})
	}
	all.Wait()
	limit(pages + 10_000)
	if err := db.Ready(t.Context()); err != nil {
		t.Error("after space was made: ", err)
	}
	failed := 0
	for i := range 60 {
		err := db.Do(t.Context(), func(tx *storage.Tx) error {
			got, err := tx.Setting(fmt.Sprint("key", i))
			if (got != "") != stored[i] {
				t.Errorf("unit %d: acknowledged %v, stored %v", i, stored[i], got != "")
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if !stored[i] {
			failed++
		}
	}
	if failed == 0 {
		t.Error("the disk was never full")
	}
	report, err := db.VerifyAudit(t.Context(), nil)
	if err != nil || report.Broken != nil {
		t.Errorf("audit: %+v %v", report, err)
	}
}

// A unit that ends its goroutine (t.FailNow in a test does) must not take the writer with it.
func TestGoexit(t *testing.T) {
	db := storagetest.SQLite(t, nil)
	err := db.Do(t.Context(), func(tx *storage.Tx) error {
		if err := tx.SetSetting("a", "b"); err != nil {
			return err
		}
		runtime.Goexit()
		return nil
	})
	if err == nil {
		t.Error("no error")
	}
	err = db.Do(t.Context(), func(tx *storage.Tx) error {
		got, err := tx.Setting("a")
		if got != "" {
			t.Error("what the lost unit did is there")
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// What arrived before the program was started again still counts once, for a week at least.
func TestArrivalsOutliveTheProgram(t *testing.T) {
	path := filepath.Join(t.TempDir(), "zone.db")
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	record := func(id int) (fresh bool) {
		t.Helper()
		db, err := openFile(path, func(o *storage.Options) { o.Now = func() time.Time { return now } })
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		err = db.Do(t.Context(), func(tx *storage.Tx) error {
			e := bot.Event{ID: bot.EventID(fmt.Sprint(id)), From: bot.Address{Platform: "web", Account: "local", Chat: "r"}}
			fresh, err = tx.Record(e, now)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return fresh
	}
	for i := range 3 {
		if !record(i) {
			t.Errorf("event %d is not fresh", i)
		}
		now = now.Add(time.Hour)
	}
	now = now.Add(6 * 24 * time.Hour)
	for i := range 3 {
		if record(i) {
			t.Errorf("event %d counts again", i)
		}
	}
}

// The disk refuses what was written: nobody is told that it is stored, and nothing more is until the program starts again.
func TestRefusingDisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "zone.db")
	db, err := openFile(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	write := func(db *storage.DB) error {
		return db.Do(t.Context(), func(tx *storage.Tx) error { return tx.SetSetting("a", "b") })
	}
	if err := write(db); err != nil {
		t.Fatal(err)
	}
	db.BreakDisk()
	for range 2 {
		err = write(db)
		if !errors.Is(err, bot.ErrUnavailable) {
			t.Errorf("refusing disk: %v", err)
		}
	}
	wantError(t, err, "start the program again")
	if db.Ready(t.Context()) == nil {
		t.Error("ready although the disk refuses")
	}
	db.Close()
	if db, err = openFile(path, nil); err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := errors.Join(db.Ready(t.Context()), write(db)); err != nil {
		t.Error("after a new start: ", err)
	}
}

// A unit that fails after it has written is undone alone, whatever shares its commit.
func TestFailuresStandAlone(t *testing.T) {
	db := storagetest.SQLite(t, nil)
	failed := errors.New("failed")
	var all sync.WaitGroup
	for i := range 200 {
		all.Go(func() {
			err := db.Do(context.Background(), func(tx *storage.Tx) error {
				if err := tx.SetSetting(fmt.Sprint("key", i), "x"); err != nil || i%7 > 0 {
					return err
				}
				return failed
			})
			if i%7 > 0 && err != nil || i%7 == 0 && !errors.Is(err, failed) {
				t.Errorf("unit %d: %v", i, err)
			}
		})
	}
	all.Wait()
	err := db.View(t.Context(), func(tx *storage.Tx) error {
		for i := range 200 {
			got, err := tx.Setting(fmt.Sprint("key", i))
			if err != nil {
				return err
			}
			if (got == "x") != (i%7 > 0) {
				t.Errorf("unit %d left %q", i, got)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
