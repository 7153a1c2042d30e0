package storage_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	_ "github.com/mattn/go-sqlite3"

	"lianbang/bot"
	"lianbang/consortium"
	"lianbang/storage"
	"lianbang/storage/storagetest"
)

const speakers = 64

// BenchmarkCeiling is the yardstick: 64 callers, each waiting for the commit of its own three inserts, grouped up to 128
// in a transaction with synchronous=FULL, on plain database/sql.
func BenchmarkCeiling(b *testing.B) {
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(b.TempDir(), "bare.db")+
		"?_journal_mode=WAL&_synchronous=FULL&_txlock=immediate")
	if err != nil {
		b.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	defer db.Close()
	_, err = db.Exec(`CREATE TABLE event (id text PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE registration (id integer PRIMARY KEY, activity bigint, person bigint, seats bigint);
CREATE TABLE delivery (id integer PRIMARY KEY, lane bigint, body text)`)
	if err != nil {
		b.Fatal(err)
	}
	var inserts [3]*sql.Stmt
	for i, text := range []string{"INSERT INTO event VALUES($1)", "INSERT INTO registration(activity, person, seats) VALUES($1, $2, $3)",
		"INSERT INTO delivery(lane, body) VALUES($1, $2)"} {
		if inserts[i], err = db.Prepare(text); err != nil {
			b.Fatal(err)
		}
	}
	type request struct {
		n    int64
		done chan error
	}
	in := make(chan request, 1024)
	go func() {
		for first := range in {
			batch := []request{first}
		drain:
			for len(batch) < 128 {
				select {
				case r := <-in:
					batch = append(batch, r)
				default:
					break drain
				}
			}
			tx, err := db.Begin()
			for _, r := range batch {
				_, err1 := tx.Stmt(inserts[0]).Exec(fmt.Sprintf("event-%d", r.n))
				_, err2 := tx.Stmt(inserts[1]).Exec(r.n, r.n, 2)
				_, err3 := tx.Stmt(inserts[2]).Exec(r.n%40, `{"text":"已报名 H27，3 人(33/36)。"}`)
				err = errors.Join(err, err1, err2, err3)
			}
			err = errors.Join(err, tx.Commit())
			for _, r := range batch {
				r.done <- err
			}
		}
	}()
	defer close(in)
	callers(b, func(_ int, n int64) error {
		r := request{n, make(chan error, 1)}
		in <- r
		return <-r.done
	})
}

// BenchmarkUnits is the typical command: record, resolve, two reads, two writes with their audit rows, the act that can be
// undone, and the reply.
func BenchmarkUnits(b *testing.B) {
	db := storagetest.SQLite(b, nil)
	benchUnits(b, db)
}

func benchUnits(b *testing.B, db *storage.DB) {
	ctx := context.Background()
	now := time.Date(2026, 11, 26, 2, 0, 0, 0, time.UTC)
	err := db.Do(ctx, func(tx *storage.Tx) error {
		for i := range 40 {
			a := consortium.Activity{Title: "联合主题党日·参观座谈", Consortium: 1, Place: "省光子技术重点实验室", Host: "光电信息联合体",
				Start: now.Add(time.Duration(i+24) * time.Hour), State: consortium.Open, Organiser: 1}
			if err := tx.AddActivity(&a); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	run := time.Now().UnixNano()
	callers(b, func(caller int, n int64) error {
		from := bot.Address{Platform: "web", Account: "local", Chat: bot.ChatKey(fmt.Sprintf("room-%d", caller%20)), User: bot.UserKey(fmt.Sprintf("user-%d", caller))}
		e := bot.Event{ID: bot.EventID(fmt.Sprintf("%d-%d", run, n)), Kind: bot.Said, From: from, Name: "王工(英芯光电)", Text: "报名 H27 3人", At: now}
		return db.Do(ctx, func(tx *storage.Tx) error { return signUp(tx, e, consortium.ActivityID(n%40+1), now) })
	})
	if s := db.Stats(); s.Commits > 0 {
		b.ReportMetric(float64(s.Units)/float64(s.Commits), "units/commit")
	}
}

func signUp(tx *storage.Tx, e bot.Event, id consortium.ActivityID, now time.Time) error {
	fresh, err := tx.Record(e, now)
	if err != nil || !fresh {
		return errors.Join(err, fmt.Errorf("fresh %v", fresh))
	}
	asker, _, err := tx.Resolve(e, bot.Everybody)
	if err != nil {
		return err
	}
	a, err := tx.Activity(id)
	if err != nil {
		return err
	}
	r, err := tx.Registration(a.ID, consortium.PersonID(asker.Person))
	if err != nil {
		return err
	}
	before, err := json.Marshal(r)
	if err != nil {
		return err
	}
	a.Seats += 3
	r.Seats += 3
	r.Changed = now
	if err := tx.SaveRegistration(&r); err != nil {
		return err
	}
	if err := tx.SaveActivity(&a); err != nil {
		return err
	}
	err = tx.SaveAct(consortium.Act{Person: r.Person, Subject: consortium.OfRegistration, ID: int64(a.ID), Version: r.Version,
		Before: before, Line: "报名 H27", At: now})
	if err != nil {
		return err
	}
	return tx.Enqueue(bot.Delivery{Key: "reply/web/local/" + string(e.ID) + "/0", To: e.From,
		Body: bot.Reply{Text: "已报名 H27，3 人(33/36)。\n12月4日(周五) 15:30 省光子技术重点实验室\n提醒：12月3日、当天13:30"}})
}

// callers spreads b.N calls over the speakers and reports the rate and the tail.
func callers(b *testing.B, call func(caller int, n int64) error) {
	b.Helper()
	var next atomic.Int64
	var group sync.WaitGroup
	var failed atomic.Pointer[error]
	took := make([][]time.Duration, speakers)
	b.ResetTimer()
	start := time.Now()
	for c := range speakers {
		group.Go(func() {
			for {
				n := next.Add(1)
				if n > int64(b.N) || failed.Load() != nil {
					return
				}
				began := time.Now()
				if err := call(c, n); err != nil {
					failed.Store(&err)
				}
				took[c] = append(took[c], time.Since(began))
			}
		})
	}
	group.Wait()
	b.StopTimer()
	if err := failed.Load(); err != nil {
		b.Fatal(*err)
	}
	all := slices.Concat(took...)
	slices.Sort(all)
	b.ReportMetric(float64(b.N)/time.Since(start).Seconds(), "commands/s")
	b.ReportMetric(float64(all[len(all)*99/100].Microseconds())/1000, "p99-ms")
}

// BenchmarkUnitsFilled is BenchmarkUnits on a database with years of data (a tenth of the size that is promised for; the
// whole takes some minutes to fill in).
func BenchmarkUnitsFilled(b *testing.B) {
	db := storagetest.SQLite(b, nil)
	start := time.Now()
	if err := storagetest.Fill(db, 100_000, 20_000, 500_000); err != nil {
		b.Fatal(err)
	}
	b.Logf("filled in %v", time.Since(start))
	benchUnits(b, db)
}
