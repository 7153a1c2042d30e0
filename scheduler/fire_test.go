package scheduler

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"lianbang/consortium"
)

// planned are the two reminders of an activity, as they are planned a week ahead.
func planned(start time.Time) (a consortium.Activity, day, two consortium.Reminder) {
	a = consortium.Activity{ID: 1, Consortium: 1, Title: "联合主题党日", Start: start, State: consortium.Open}
	day = consortium.Reminder{ID: 1, Activity: 1, Kind: consortium.DayBefore, Due: start.Add(-24 * time.Hour), State: consortium.Pending}
	two = consortium.Reminder{ID: 2, Activity: 1, Kind: consortium.TwoHoursBefore, Due: start.Add(-2 * time.Hour), State: consortium.Pending}
	return a, day, two
}

func TestFire(t *testing.T) {
	start := time.Date(2026, 12, 4, 15, 30, 0, 0, time.UTC)
	a, day, two := planned(start)
	both, last, alone := []consortium.Reminder{day, two}, []consortium.Reminder{two}, []consortium.Reminder{day}
	cancelled, withdrawn := a, a
	cancelled.State, withdrawn.State = consortium.Cancelled, consortium.Withdrawn
	send, late := Decision{Send: true, Reason: OnTime}, Decision{Send: true, Late: true, Reason: CaughtUp}
	skip := func(r Reason) Decision { return Decision{Reason: r} }
	for _, c := range []struct {
		name    string
		r       consortium.Reminder
		a       consortium.Activity
		pending []consortium.Reminder
		late    time.Duration // after r was due
		want    Decision
	}{
		{"a day before, on time", day, a, both, 0, send},
		{"a day before, the next sweep", day, a, both, time.Minute, send},
		{"a day before, 20 minutes late", day, a, both, 20 * time.Minute, late},
		{"a day before, 2 hours late", day, a, both, 2 * time.Hour, late},
		{"a day before, 3 hours late", day, a, both, 3 * time.Hour, skip(NextAhead)},
		{"a day before, 3 hours late and nothing follows", day, a, alone, 3 * time.Hour, skip(TooLate)},
		{"down for 22 hours: both are due", day, a, both, 22 * time.Hour, skip(NextAhead)},
		{"down for 22 hours: the later one speaks", two, a, both, 0, send},
		{"down for 26 hours: the first", day, a, both, 26 * time.Hour, skip(Started)},
		{"down for 26 hours: the second", two, a, last, 4 * time.Hour, skip(Started)},
		{"two hours before, 1 hour late", two, a, last, time.Hour, late},
		{"two hours before, at the start", two, a, last, 2 * time.Hour, skip(Started)},
		{"cancelled", day, cancelled, both, 0, skip(Cancelled)},
		{"cancelled long ago", two, cancelled, last, 5 * time.Hour, skip(Cancelled)},
		{"taken back", day, withdrawn, both, 0, skip(Cancelled)},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Fire(c.r, c.a, c.pending, c.r.Due.Add(c.late)); got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

// However long the power is away, at most one reminder is sent on return, and none after the start.
func TestFireSendsAtMostOneAfterDowntime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		start := t0.Add(48 * time.Hour)
		a, day, two := planned(start)
		now := start.Add(-time.Duration(rapid.Int64Range(-int64(5*time.Hour), int64(30*time.Hour)).Draw(t, "before")))
		pending := []consortium.Reminder{day, two}
		sent := 0
		for _, r := range []consortium.Reminder{day, two} {
			if r.Due.After(now) {
				continue
			}
			d := Fire(r, a, pending, now)
			if d.Send {
				sent++
			}
			if d.Send && !now.Before(start) {
				t.Fatal("reminds of what has begun")
			}
			if d.Late && !d.Send {
				t.Fatal("late and silent")
			}
			pending = pending[1:]
		}
		if sent > 1 {
			t.Fatalf("%d reminders at once", sent)
		}
	})
}
