package scheduler

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"lianbang/bot"
	"lianbang/consortium"
	"lianbang/storage"
)

// A fortnight in steps of five minutes, with restarts at random and two long silences, one of them over a digest: every
// reminder and digest leaves exactly once, or not at all where the rules say so.
func TestFortnight(t *testing.T) {
	db, begin := onSQLite(t, nil), clock(t, "2026-11-23 00:00:00")
	end := begin.AddDate(0, 0, 14)
	c := found(t, db, begin.AddDate(0, -1, 0), "光电信息", "甲", "乙")
	down := func(at time.Time) bool {
		for _, silence := range []struct{ from, to string }{
			{"2026-11-27 10:00:00", "2026-11-28 12:00:00"}, // 26 hours
			{"2026-12-01 21:00:00", "2026-12-02 07:30:00"},
		} {
			if !at.Before(clock(t, silence.from)) && at.Before(clock(t, silence.to)) {
				return true
			}
		}
		return false
	}
	rng := rand.New(rand.NewPCG(1, 2))
	var starts []time.Time
	for range 150 {
		start := begin.Add(time.Duration(rng.IntN(14*24*12)) * 5 * time.Minute)
		register(t, db, begin, c, start)
		starts = append(starts, start)
	}

	got := map[string]int{}
	sweeps := []Sweep{numbered(db), digests(t, db)}
	for now := begin; now.Before(end); now = now.Add(5 * time.Minute) {
		if down(now) {
			continue
		}
		if rng.IntN(50) == 0 { // a restart: nothing is remembered but the rows
			sweeps = []Sweep{numbered(db), digests(t, db)}
		}
		if err := RunAll(t.Context(), now, sweeps...); err != nil {
			t.Fatal(err)
		}
		for _, d := range delivered(t, db, now) {
			got[now.In(shanghai).Format("0102-1504 ")+string(d.To.Chat)+" "+d.Body.Text]++
		}
	}

	want := map[string]int{}
	back := func(at time.Time) time.Time { // the first moment from at on with power
		at = at.Add(4*time.Minute + 59*time.Second).Truncate(5 * time.Minute)
		for down(at) {
			at = at.Add(5 * time.Minute)
		}
		return at
	}
	say := func(at time.Time, text string) {
		for _, room := range []string{"甲", "乙"} {
			want[at.In(shanghai).Format("0102-1504 ")+room+" "+text]++
		}
	}
	for i, start := range starts {
		day, two := start.Add(-24*time.Hour), start.Add(-2*time.Hour)
		if at := back(day); day.After(begin) && at.Sub(day) <= 2*time.Hour {
			say(at, fmt.Sprintf("H%d T-1d late=%v", i+1, at.Sub(day) > 5*time.Minute))
		}
		if at := back(two); two.After(begin) && at.Before(start) {
			say(at, fmt.Sprintf("H%d T-2h late=%v", i+1, at.Sub(two) > 5*time.Minute))
		}
	}
	say(clock(t, "2026-11-28 12:00:00"), "光电信息 1120-1647 1127-1647")
	say(clock(t, "2026-12-04 16:50:00"), "光电信息 1127-1647 1204-1647")
	for _, key := range slices.Sorted(maps.Keys(want)) {
		if at := strings.Fields(key)[0]; at < end.Format("0102-1504") && got[key] != want[key] {
			t.Errorf("%s: sent %d times, want %d", key, got[key], want[key])
		}
	}
	for _, key := range slices.Sorted(maps.Keys(got)) {
		if want[key] == 0 {
			t.Errorf("%s: sent, but why?", key)
		}
	}
	t.Logf("%d messages", len(got))
}

// numbered is the reminder sweep with words that can be checked.
func numbered(db *storage.DB) Sweep {
	s := reminders(db)
	s.Words = func(a consortium.Activity, k consortium.ReminderKind, late bool, _ time.Time) bot.Reply {
		return bot.Say(fmt.Sprintf("H%d %s late=%v", a.ID, k, late))
	}
	return s
}
