package storagetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"lianbang/bot"
	"lianbang/consortium"
	"lianbang/storage"
)

// testUnits runs many units at once, of which every third fails after it has written.
func testUnits(t *testing.T, open Opener) {
	db := open(t, at)
	failed := errors.New("failed")
	var all sync.WaitGroup
	for i := range 300 {
		all.Go(func() {
			err := db.Do(context.Background(), func(tx *storage.Tx) error {
				if err := tx.SetSetting(fmt.Sprint("unit", i), "done"); err != nil {
					return err
				}
				if err := tx.Enqueue(bot.Delivery{Key: fmt.Sprint("k", i), To: group(fmt.Sprint("lane", i%7), ""), Body: bot.Say("x")}); err != nil {
					return err
				}
				if i%3 == 0 {
					return failed
				}
				return nil
			})
			if i%3 == 0 {
				checkError(t, "a failing unit", err, failed)
			} else if err != nil {
				t.Errorf("unit %d: %v", i, err)
			}
		})
	}
	all.Wait()
	must(t, db, func(tx *storage.Tx) error {
		for i := range 300 {
			want := "done"
			if i%3 == 0 {
				want = ""
			}
			got, err := tx.Setting(fmt.Sprint("unit", i))
			if err != nil {
				return err
			}
			check(t, fmt.Sprint("unit ", i), got, want)
		}
		return nil
	})
	counts, err := db.OutboxCounts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	check(t, "deliveries", counts.New, 200)
	auditHolds(t, db, 200)
	if s := db.Stats(); s.Units < 200 || s.Commits == 0 || s.LastErr != nil {
		t.Errorf("stats: %+v", s)
	}
}

func testPanics(t *testing.T, open Opener) {
	db := open(t, at)
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			err := db.Do(context.Background(), func(tx *storage.Tx) error {
				if err := tx.SetSetting(fmt.Sprint("p", i), "done"); err != nil {
					return err
				}
				if i%2 == 0 {
					panic("boom")
				}
				return nil
			})
			var p *storage.PanicError
			if got := errors.As(err, &p); got != (i%2 == 0) {
				t.Errorf("unit %d: %v", i, err)
			} else if got && (p.Value != "boom" || !strings.Contains(string(p.Stack), "testPanics")) {
				t.Errorf("panic of unit %d: %v\n%s", i, p.Value, p.Stack)
			}
		})
	}
	all.Wait()
	must(t, db, func(tx *storage.Tx) error {
		for i := range 40 {
			got, err := tx.Setting(fmt.Sprint("p", i))
			if err != nil {
				return err
			}
			check(t, fmt.Sprint("unit ", i), got == "done", i%2 == 1)
		}
		return nil
	})
}

// testContention lets many people sign up for one activity: no seat is given twice, none is lost.
func testContention(t *testing.T, open Opener) {
	db := open(t, at)
	a := addActivity(t, db, 1, noon.Add(48*time.Hour))
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			err := db.Do(context.Background(), func(tx *storage.Tx) error {
				asker, _, err := tx.Resolve(said(fmt.Sprint("e", i), group("r", fmt.Sprint("u", i)), "某人"), bot.Everybody)
				if err != nil {
					return err
				}
				a, err := tx.Activity(a.ID)
				if err != nil {
					return err
				}
				r := consortium.Registration{Activity: a.ID, Person: consortium.PersonID(asker.Person)}
				if n, _ := a.Free(); n > 0 {
					r.Seats = 1
				} else {
					a.Queue++
					r.Waiting, r.Queue = 1, a.Queue
				}
				a.Seats, a.Waiting = a.Seats+r.Seats, a.Waiting+r.Waiting
				return errors.Join(tx.SaveRegistration(&r), tx.SaveActivity(&a))
			})
			if err != nil {
				t.Errorf("sign-up %d: %v", i, err)
			}
		})
	}
	all.Wait()
	must(t, db, func(tx *storage.Tx) error {
		a, err := tx.Activity(a.ID)
		check(t, "seats", a.Seats, 36)
		check(t, "waiting", a.Waiting, 4)
		wait, err2 := tx.Waitlist(a.ID, 100)
		check(t, "waitlist", len(wait), 4)
		for i, r := range wait {
			check(t, "queue", r.Queue, int64(i+1))
		}
		return errors.Join(err, err2)
	})
	auditHolds(t, db, 40)
}

func testViews(t *testing.T, open Opener) {
	db := open(t, at)
	must(t, db, func(tx *storage.Tx) error { return tx.SetSetting("a", "1") })
	err := db.View(t.Context(), func(tx *storage.Tx) error {
		got, err := tx.Setting("a")
		check(t, "seen", got, "1")
		must(t, db, func(tx *storage.Tx) error { return tx.SetSetting("a", "2") })
		got, err2 := tx.Setting("a")
		check(t, "the snapshot stays", got, "1")
		return errors.Join(err, err2)
	})
	if err != nil {
		t.Error(err)
	}
	if db.View(t.Context(), func(tx *storage.Tx) error { return tx.SetSetting("a", "3") }) == nil {
		t.Error("a view could write")
	}
}

func testClosed(t *testing.T, open Opener) {
	db := open(t, at)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	err := db.Do(context.Background(), func(*storage.Tx) error { return nil })
	checkError(t, "after Close", err, bot.ErrUnavailable)
}

func testCancelled(t *testing.T, open Opener) {
	db := open(t, at)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	ran := false
	err := db.Do(ctx, func(*storage.Tx) error { ran = true; return nil })
	checkError(t, "cancelled", err, context.Canceled)
	check(t, "ran", ran, false)
	ctx, cancel = context.WithCancel(context.Background())
	err = db.Do(ctx, func(tx *storage.Tx) error { // once it has begun it ends
		cancel()
		return tx.SetSetting("begun", "yes")
	})
	if err != nil {
		t.Error("a unit cancelled after its beginning: ", err)
	}
}

func auditHolds(t *testing.T, db *storage.DB, atLeast int64) {
	t.Helper()
	report, err := db.VerifyAudit(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if report.Broken != nil || report.Rows < atLeast {
		t.Errorf("audit: %d rows, broken %+v", report.Rows, report.Broken)
	}
}

func testAudit(t *testing.T, open Opener) {
	db := open(t, at)
	a := addActivity(t, db, 1, noon.Add(48*time.Hour))
	before, _ := db.VerifyAudit(t.Context(), nil)
	must(t, db, func(tx *storage.Tx) error { a.Seats++; return tx.SaveActivity(&a) })
	counters, _ := db.VerifyAudit(t.Context(), nil)
	check(t, "counters leave no row", counters.Rows, before.Rows)
	must(t, db, func(tx *storage.Tx) error { a.Title = "参观"; return tx.SaveActivity(&a) })
	title, _ := db.VerifyAudit(t.Context(), nil)
	check(t, "a change leaves one", title.Rows, before.Rows+1)
	failed := errors.New("failed")
	db.Do(t.Context(), func(tx *storage.Tx) error { return errors.Join(tx.SetSetting("a", "b"), failed) })
	after, _ := db.VerifyAudit(t.Context(), nil)
	check(t, "a failed unit leaves none", after.Rows, title.Rows)
	var seen int64
	if _, err := db.VerifyAudit(t.Context(), func(done, total int64) { seen = done }); err != nil || seen != after.Rows {
		t.Errorf("progress: %d of %d, %v", seen, after.Rows, err)
	}
}

func testAuditBroken(t *testing.T, open Opener) {
	for name, harm := range map[string]string{
		"a changed row":  "UPDATE audit SET action = 'forged' WHERE seq = 2 AND chain = 0",
		"a removed row":  "DELETE FROM audit WHERE seq = 2 AND chain = 0",
		"a cut-off end":  "DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit WHERE chain = 0) AND chain = 0",
		"a changed time": "UPDATE audit SET at = at + 1 WHERE seq = 3 AND chain = 0",
	} {
		t.Run(name, func(t *testing.T) {
			db := open(t, at)
			for i := range 5 {
				must(t, db, func(tx *storage.Tx) error { return tx.SetSetting("a", fmt.Sprint(i)) })
			}
			auditHolds(t, db, 5)
			if _, err := db.SQL().ExecContext(t.Context(), harm); err != nil {
				t.Fatal(err)
			}
			report, err := db.VerifyAudit(t.Context(), nil)
			if err != nil || report.Broken == nil || report.Broken.Seq < 2 {
				t.Errorf("not noticed: %+v %v", report, err)
			}
		})
	}
}

// testSealing looks for confidential words in the raw columns.
func testSealing(t *testing.T, open Opener) {
	db := open(t, at)
	const secret = "机密480万元"
	e := said("e", group("r", "u"), "刘HR")
	e.Text = secret
	must(t, db, func(tx *storage.Tx) error {
		if _, err := tx.Record(e, noon); err != nil {
			return err
		}
		q := bot.Question{Draft: map[string]string{"amount": secret}, Expires: noon.Add(time.Hour)}
		n := consortium.Need{Reporter: 1, Text: secret, Outcome: secret, Reason: secret, State: consortium.Reported}
		return errors.Join(tx.Ask(e.From, 1, &q), tx.AddNeed(&n), tx.AddNeedNote(&consortium.NeedNote{Need: 1, Person: 2, At: noon, Text: secret}),
			tx.SaveAct(consortium.Act{Person: 1, Subject: consortium.OfNeed, Before: []byte(secret), At: noon}),
			tx.Enqueue(bot.Delivery{Key: "k", To: e.From, Body: bot.Say(secret)}))
	})
	for _, column := range []string{"event.body", "question.body", "need.body", "need.outcome", "need.reason", "need_note.body", "act.before", "delivery.body", "audit.after"} {
		table, name, _ := strings.Cut(column, ".")
		rows, err := db.SQL().QueryContext(t.Context(), "SELECT "+name+" FROM "+table)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for rows.Next() {
			var raw []byte
			if err := rows.Scan(&raw); err != nil {
				t.Fatal(err)
			}
			if len(raw) == 0 || raw[0] != 1 || strings.Contains(string(raw), "480") {
				t.Errorf("%s is not sealed: %q", column, raw)
			}
			n++
		}
		rows.Close()
		if n == 0 {
			t.Errorf("%s is empty", column)
		}
	}
}

func testPurge(t *testing.T, open Opener) {
	db := open(t, at)
	for i := range 450 {
		must(t, db, func(tx *storage.Tx) error {
			_, err := tx.Record(said(fmt.Sprint("e", i), group("r", "u"), ""), noon.Add(time.Duration(i)*time.Hour))
			return err
		})
	}
	n, err := db.Purge(t.Context(), noon.Add(400*time.Hour+storage.KeepText))
	if err != nil {
		t.Fatal(err)
	}
	check(t, "purged", n, 400)
	must(t, db, func(tx *storage.Tx) error { // what is kept still counts once
		fresh, err := tx.Record(said("e400", group("r", "u"), ""), noon.Add(400*time.Hour+storage.KeepText))
		check(t, "fresh", fresh, false)
		return err
	})
}

func testReady(t *testing.T, open Opener) {
	db := open(t, at)
	if err := db.Ready(t.Context()); err != nil {
		t.Error(err)
	}
}
