package scheduler

import (
	"context"
	"strings"
	"testing"
	"time"

	"lianbang/bot"
	"lianbang/consortium"
	"lianbang/storage"
	"lianbang/storage/storagetest"
)

// The sweeps and lanes on the real storage.

// opener opens a fresh database that is closed with the test; wake is told of what is committed.
type opener func(t testing.TB, wake func(string)) *storage.DB

func options(wake func(string)) func(*storage.Options) {
	return func(o *storage.Options) { o.Location, o.Wake, o.Logger = shanghai, wake, silent }
}

func onSQLite(t testing.TB, wake func(string)) *storage.DB {
	return storagetest.SQLite(t, options(wake))
}

func onPostgres(t testing.TB, wake func(string)) *storage.DB {
	return storagetest.OpenPostgres(t, options(wake))
}

// onBoth runs a test on both databases.
func onBoth(t *testing.T, test func(t *testing.T, open opener)) {
	t.Run("sqlite", func(t *testing.T) { test(t, onSQLite) })
	t.Run("postgres", func(t *testing.T) { test(t, onPostgres) })
}

// do runs one unit at the given moment.
func do(t testing.TB, db *storage.DB, now time.Time, fn func(tx *storage.Tx) error) {
	t.Helper()
	err := db.Do(context.Background(), func(tx *storage.Tx) error {
		tx.As("test", now)
		return fn(tx)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// found makes a consortium with rooms.
func found(t testing.TB, db *storage.DB, now time.Time, name string, rooms ...string) consortium.ID {
	t.Helper()
	c := consortium.Consortium{Name: name, Kind: consortium.Chain, Created: now}
	do(t, db, now, func(tx *storage.Tx) error { return tx.AddConsortium(&c) })
	for _, room := range rooms {
		bind(t, db, now, c.ID, room)
	}
	return c.ID
}

// bind makes the bot hear something in a room and binds it.
func bind(t testing.TB, db *storage.DB, now time.Time, c consortium.ID, room string) {
	t.Helper()
	do(t, db, now, func(tx *storage.Tx) error {
		e := bot.Event{
			ID: bot.EventID("bind " + room), Kind: bot.Said, At: now, Name: "何统筹", Addressed: true, Text: "你好",
			From: bot.Address{Platform: "fake", Account: "a", Chat: bot.ChatKey(room), User: "u1"},
		}
		if _, err := tx.Record(e, now); err != nil {
			return err
		}
		asker, _, err := tx.Resolve(e, bot.Everybody)
		if err != nil {
			return err
		}
		return tx.Bind(asker.Room, c)
	})
}

// delivered takes everything that may leave at now, as the lanes would.
func delivered(t testing.TB, db *storage.DB, now time.Time) (out []bot.Delivery) {
	t.Helper()
	leases, err := db.Claim(t.Context(), "test", bot.Wanted{Accounts: []string{"fake/a"}}, now, time.Minute, 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, lease := range leases {
		var done *bot.Settlement
		for {
			d, _, err := db.Advance(t.Context(), lease, done, bot.Caps{}, now, time.Minute, 0)
			if err != nil {
				t.Fatal(err)
			}
			if d == nil {
				break
			}
			out = append(out, *d)
			done = &bot.Settlement{Delivery: d.ID, Fate: bot.Delivered, At: now}
		}
	}
	return out
}

// keys are the keys of deliveries.
func keys(ds []bot.Delivery) string {
	var out []string
	for _, d := range ds {
		out = append(out, d.Key)
	}
	return strings.Join(out, " ")
}

func plain(r bot.Reply, _ bot.Address) []bot.Reply { return []bot.Reply{r} }

// twoParts is a Fit that cuts everything in two.
func twoParts(r bot.Reply, _ bot.Address) []bot.Reply {
	return []bot.Reply{bot.Say(r.Text + " 1"), bot.Say(r.Text + " 2")}
}

func reminders(db *storage.DB) *Reminders[*storage.Tx] {
	return &Reminders[*storage.Tx]{
		Store: db, Fit: plain, Logger: silent, Reaches: func(to bot.Contact) bool { return to.Opening != bot.Shut },
		Words: func(a consortium.Activity, k consortium.ReminderKind, late bool, _ time.Time) bot.Reply {
			text := a.Title + " " + string(k)
			if late {
				text = "补发 " + text
			}
			return bot.Say(text)
		},
	}
}

func digests(t testing.TB, db *storage.DB) *Digests[*storage.Tx] {
	return &Digests[*storage.Tx]{
		Store: db, Schedule: schedule(t, DigestSchedule), Fit: plain, Logger: silent,
		Words: func(cut consortium.Cut, _ time.Time) bot.Reply {
			return bot.Say(cut.Consortium + " " + cut.From.In(shanghai).Format("0102-1504") + " " + cut.To.In(shanghai).Format("0102-1504"))
		},
	}
}

// register stores an activity with its reminders.
func register(t testing.TB, db *storage.DB, now time.Time, c consortium.ID, start time.Time) consortium.Activity {
	t.Helper()
	a := consortium.Activity{Consortium: c, Title: "联合主题党日", Start: start, State: consortium.Open, Created: now}
	do(t, db, now, func(tx *storage.Tx) error {
		if err := tx.AddActivity(&a); err != nil {
			return err
		}
		return tx.AddReminders(consortium.PlanReminders(a, now)...)
	})
	return a
}
