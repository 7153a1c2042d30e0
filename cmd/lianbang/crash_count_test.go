package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"lianbang/bot"
	"lianbang/consortium"
	"lianbang/storage"
)

// ledgerOf opens the database of a data folder beside the program, to read it.
func ledgerOf(t testing.TB, data string) *sql.DB {
	t.Helper()
	u := url.URL{Scheme: "file", Opaque: filepath.Join(data, "lianbang.db"), RawQuery: "mode=ro&_busy_timeout=10000"}
	db, err := sql.Open("sqlite3", u.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// rows reads all rows of a query whose columns are texts or numbers.
func rows(t testing.TB, db *sql.DB, query string, args ...any) (out [][]string) {
	t.Helper()
	found, err := db.Query(query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer found.Close()
	names, _ := found.Columns()
	for found.Next() {
		row, into := make([]string, len(names)), make([]any, len(names))
		for i := range row {
			into[i] = &row[i]
		}
		if err := found.Scan(into...); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		out = append(out, row)
	}
	if err := found.Err(); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return out
}

// tally counts the rows of a query by their first column.
func tally(t testing.TB, db *sql.DB, query string, args ...any) map[string]int {
	t.Helper()
	out := map[string]int{}
	for _, r := range rows(t, db, query, args...) {
		out[r[0]]++
	}
	return out
}

// same fails the test for everything that is in one of two tallies only, or another number of times.
func same(t testing.TB, what string, got, want map[string]int) {
	t.Helper()
	wrong := 0
	for _, key := range sortedKeys(want) {
		if got[key] != want[key] {
			wrong++
			t.Errorf("%s: %s is there %d times, want %d", what, key, got[key], want[key])
		}
	}
	for _, key := range sortedKeys(got) {
		if _, known := want[key]; !known {
			wrong++
			t.Errorf("%s: %s is there %d times, but why?", what, key, got[key])
		}
		if wrong > 20 {
			t.Fatalf("%s: and more", what)
		}
	}
}

// awaitSettled waits until no delivery is on its way.
func (c *typing) awaitSettled(t *testing.T) {
	t.Helper()
	db := ledgerOf(t, c.data)
	end := time.Now().Add(45 * time.Second) // longer than a lease that a killed program left behind
	for ; ; time.Sleep(20 * time.Millisecond) {
		open := tally(t, db, `SELECT key FROM delivery WHERE state IN ('new', 'sending')`)
		if len(open) == 0 {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%d deliveries do not leave", len(open))
		}
	}
}

// checkPages reads the rooms as people do: every answer is in its room, once; and the page that was open all the time
// shows the same as one that is opened now.
func (c *typing) checkPages(t *testing.T, last *child) {
	t.Helper()
	shown, capacities, answers := map[string]int{}, map[int]int{}, map[string]bot.Reply{}
	seen := map[string]bool{}
	for _, who := range append(c.names(), c.admin) {
		p := history(t, last.address, who)
		for _, m := range p.messages() {
			if place := fmt.Sprintf("%s/%d", m.Room, m.Seq); seen[place] {
				continue // a group, read by somebody before
			} else if seen[place] = true; m.FromBot() {
				shown[m.Key]++
				answers[m.Key] = *m.Body
			} else if m.State != "" {
				t.Errorf("%s in %s is still %q", m.ID, m.Room, m.State)
			}
		}
	}
	db := ledgerOf(t, c.data)
	same(t, "journals", shown, tally(t, db, `SELECT key FROM delivery`))
	for _, p := range c.typists {
		for _, u := range p.said {
			answer, ok := answers[replyKey(u.id)]
			if !ok {
				t.Errorf("no answer to %s %q", u.id, u.text)
			}
			c.checkAnswer(t, u, bot.Plain(answer), capacities)
		}
	}
	for _, r := range rows(t, db, `SELECT id, capacity FROM activity WHERE id <= ?`, typists) {
		if want := fmt.Sprint(capacities[atoi(t, r[0])]); capacities[atoi(t, r[0])] != 0 && r[1] != want {
			t.Errorf("H%s has a capacity of %s, the last answer to a change said %s", r[0], r[1], want)
		}
	}
	fresh := history(t, last.address, c.watcher.who).shown()
	await(t, "the page that stayed open shows what a fresh one shows", func() bool { return maps.Equal(c.watcher.shown(), fresh) })
	for _, err := range c.watcher.bad {
		t.Error(err)
	}
}

func replyKey(id string) string { return fmt.Sprintf("reply/%s/%s/%s/0", webPlatform, webAccount, id) }

// checkAnswer compares an answer with its question, and notes the capacity that a change led to.
func (c *typing) checkAnswer(t *testing.T, u *utterance, answer string, capacities map[int]int) {
	t.Helper()
	word := map[effect]string{makesActivity: u.name, makesNeed: u.name, resizesParty: fmt.Sprintf("H%d", u.activity)}[u.effect]
	if u.effect == setsCapacity {
		switch word = fmt.Sprintf("H%d", u.activity); {
		case strings.Contains(answer, fmt.Sprintf("→ %d", u.capacity)):
			capacities[u.activity] = u.capacity
		case strings.Contains(answer, "名额不能少于"), strings.Contains(answer, "要改什么"):
		default:
			t.Errorf("%s %q was answered %q", u.id, u.text, answer)
		}
	}
	if !strings.Contains(answer, word) {
		t.Errorf("%s %q was answered %q", u.id, u.text, answer)
	}
}

func (c *typing) names() (out []string) {
	for _, p := range c.typists {
		out = append(out, p.name)
	}
	return out
}

// checkLedger compares the books of the typists with the database.
func (c *typing) checkLedger(t *testing.T) {
	t.Helper()
	db := ledgerOf(t, c.data)
	events, activities, needs, adds, parties := map[string]int{"t0-0": 1}, map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}
	commands, sends, again := 0, 0, 0
	for _, p := range c.typists {
		again += p.again
		for _, u := range p.said {
			commands, sends = commands+1, sends+u.sends
			events[u.id]++
			key := fmt.Sprintf("%s/%s/%s", webPlatform, webAccount, u.id)
			switch u.effect {
			case makesActivity:
				activities[u.name]++
				adds["activity "+key]++
			case makesNeed:
				needs[u.name]++
				adds["need "+key]++
			}
		}
		for a, n := range p.parties {
			parties[fmt.Sprintf("%s H%d %d", p.name, a, n)]++
		}
	}
	same(t, "events", tally(t, db, `SELECT id FROM event`), events)
	same(t, "activities", tally(t, db, `SELECT title FROM activity`), activities)
	same(t, "needs", c.needs(t), needs)
	same(t, "audited additions", tally(t, db, `SELECT subject || ' ' || event FROM audit WHERE action = 'add' AND subject IN ('activity', 'need')`), adds)
	same(t, "parties", tally(t, db, `SELECT i.user_key || ' H' || r.activity || ' ' || (r.seats + r.waiting)
FROM registration r JOIN identity i ON i.person = r.person`), parties)
	for what, query := range map[string]string{
		"activities that disagree with their registrations": `SELECT 'H' || a.id FROM activity a WHERE a.seats <> (SELECT coalesce(sum(seats), 0)
  FROM registration WHERE activity = a.id) OR a.waiting <> (SELECT coalesce(sum(waiting), 0) FROM registration WHERE activity = a.id)`,
		"overfull activities":            `SELECT 'H' || id FROM activity WHERE capacity > 0 AND seats > capacity`,
		"people who wait for free seats": `SELECT 'H' || id FROM activity WHERE waiting > 0 AND seats < capacity`,
		"deliveries that were not sent":  `SELECT key || ' ' || state FROM delivery WHERE state <> 'sent'`,
		"audited events nobody sent":     `SELECT event FROM audit WHERE event <> '' AND event NOT IN (SELECT account || '/' || id FROM event)`,
	} {
		same(t, what, tally(t, db, query), nil)
	}
	repeated := rows(t, db, `SELECT count(*), coalesce(sum(attempt > 1), 0), coalesce(max(attempt), 0) FROM delivery`)[0]
	t.Logf("%d commands, all acknowledged, said %d times (%d re-sends, and %d repetitions of acknowledged ones); %d activities, %d needs",
		commands, sends, sends-commands-again, again, len(activities), len(needs))
	t.Logf("%s deliveries, %s of them attempted more than once (at most %s times), none shown twice", repeated[0], repeated[1], repeated[2])
}

func ignoreNotFound(err error) error {
	if errors.Is(err, consortium.ErrNotFound) {
		return nil
	}
	return err
}

func atoi(t testing.TB, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// needs counts the needs by their text, which is sealed.
func (c *typing) needs(t *testing.T) map[string]int {
	t.Helper()
	db, err := storage.Open(context.Background(), storage.Options{SQLite: filepath.Join(c.data, "lianbang.db"),
		KeyFile: filepath.Join(c.data, "lianbang.key"), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	out := map[string]int{}
	err = db.View(context.Background(), func(tx *storage.Tx) error {
		for id := consortium.NeedID(1); ; id++ {
			n, err := tx.Need(id)
			if err != nil {
				return ignoreNotFound(err)
			}
			out[n.Text]++
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
