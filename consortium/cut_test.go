package consortium

import (
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"
)

// ledger is a CutSource in memory.
type ledger struct {
	activities []Activity // by start
	needs      []Need
	fail       bool
}

func (l ledger) ActivitiesBetween(c ID, from, to time.Time) ([]Activity, error) {
	var out []Activity
	for _, a := range l.activities {
		if a.Consortium == c && a.State == Open && !a.Start.Before(from) && a.Start.Before(to) && len(out) < pageFull {
			out = append(out, a)
		}
	}
	return out, nil
}

func (l ledger) NeedCounts(c ID, from, to time.Time) ([]CategoryCount, error) {
	if l.fail {
		return nil, errors.New("disk full")
	}
	within := func(t time.Time) bool { return !t.IsZero() && !t.Before(from) && t.Before(to) }
	var out []CategoryCount
	for _, n := range l.needs {
		if n.Consortium != c || n.State == NeedWithdrawn {
			continue
		}
		count := CategoryCount{Category: n.Category}
		if within(n.Received) {
			count.Received++
		}
		if within(n.ClosedAt) {
			count.Closed++
		}
		if count.Received+count.Closed > 0 {
			out = append(out, count)
		}
	}
	return out, nil
}

func (l ledger) PhotoCount(a ActivityID) (int, error) { return int(a), nil }

func (l ledger) OpenNeeds(c ID) (int, error) {
	open := 0
	for _, n := range l.needs {
		if n.Consortium == c && n.State != NeedClosed && n.State != NeedWithdrawn {
			open++
		}
	}
	return open, nil
}

func TestBuildCut(t *testing.T) {
	to := time.Date(2026, 11, 27, 16, 47, 0, 0, time.UTC)
	from := to.AddDate(0, 0, -7)
	c := Consortium{ID: 1, Name: "光电信息"}
	act := func(id ActivityID, start time.Time, lasts time.Duration, seats int) Activity {
		a := Activity{ID: id, Consortium: 1, Title: fmt.Sprint("活动", id), Start: start, State: Open, Seats: seats}
		if lasts > 0 {
			a.End = start.Add(lasts)
		}
		return a
	}
	cancelled := act(9, from.Add(time.Hour), 0, 50)
	cancelled.State = Cancelled
	other := act(10, from.Add(time.Hour), 0, 50)
	other.Consortium = 2
	l := ledger{
		activities: []Activity{
			act(1, from.AddDate(0, 0, -8), 0, 100),               // two periods ago
			act(2, from.AddDate(0, 0, -3), 0, 10),                // the period before
			act(3, from.Add(-time.Hour), 0, 7),                   // ran when the period began, ended in it
			act(4, from.AddDate(0, 0, 2), 3*time.Hour, 20),       // in the period
			act(5, from.AddDate(0, 0, -2), 4*24*time.Hour, 3),    // began before and lasted into the period
			act(6, to.Add(-30*time.Minute), 0, 30),               // still running: the next digest counts it
			act(7, to, 0, 0),                                     // coming
			act(8, to.AddDate(0, 0, 7), 0, 0),                    // beyond the coming week
			act(11, to.AddDate(0, 0, 7).Add(-time.Minute), 0, 0), // just within it
			cancelled, other,
		},
		needs: []Need{
			{Consortium: 1, Category: "用工", State: Assigned, Received: from.AddDate(0, 0, -20)},
			{Consortium: 1, Category: "融资", State: NeedClosed, Received: from.Add(-time.Hour), ClosedAt: from},
			{Consortium: 1, Category: "融资", State: Reported, Received: to.Add(-time.Second)},
			{Consortium: 1, Category: "政策", State: NeedClosed, Received: from.Add(-time.Hour), ClosedAt: to}, // closed by the next period
			{Consortium: 1, Category: "政策", State: Reported, Received: to.Add(time.Minute)},
			{Consortium: 1, Category: "技术", State: NeedClosed, Received: to.Add(time.Minute), ClosedAt: to.Add(time.Hour)},
			{Consortium: 1, Category: "技术", State: NeedWithdrawn, Received: from.Add(time.Hour)},
			{Consortium: 2, Category: "技术", State: Reported, Received: from.Add(time.Hour)},
		},
	}
	cut, err := BuildCut(l, c, from, to, to.Add(26*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	ids := func(as []CutActivity) (out []ActivityID) {
		for _, a := range as {
			out = append(out, a.ID)
		}
		return out
	}
	if got := ids(cut.Held); !reflect.DeepEqual(got, []ActivityID{3, 4, 5}) {
		t.Errorf("held %v", got)
	}
	if got := ids(cut.Coming); !reflect.DeepEqual(got, []ActivityID{7, 11}) {
		t.Errorf("coming %v", got)
	}
	if cut.People != 30 || cut.PreviousHeld != 1 || cut.Consortium != "光电信息" || !cut.From.Equal(from) || !cut.To.Equal(to) {
		t.Errorf("cut %+v", cut)
	}
	if want := []CategoryCount{{"融资", 0, 1}, {"融资", 1, 0}}; !reflect.DeepEqual(cut.Needs, want) {
		t.Errorf("needs %+v", cut.Needs)
	}
	if cut.Open != 3 { // 用工, the later 融资, and 政策, which was closed at the border and so belongs to the next period
		t.Errorf("open %d", cut.Open)
	}

	onDemand, err := BuildCut(l, c, to, to.Add(3*time.Hour), to.Add(3*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if got := ids(onDemand.Held); !reflect.DeepEqual(got, []ActivityID{6, 7}) || onDemand.Open != 3 {
		t.Errorf("on demand: held %v, open %d", got, onDemand.Open)
	}
}

// Consecutive periods count every activity once, wherever the borders fall.
func TestBuildCutCountsOnce(t *testing.T) {
	start := time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)
	var l ledger
	for i := range 300 {
		l.activities = append(l.activities, Activity{
			ID: ActivityID(i + 1), Consortium: 1, State: Open, Seats: 1, Start: start.Add(time.Duration(i) * 29 * time.Minute),
		})
	}
	seen, people := map[ActivityID]int{}, 0
	for from := start; from.Before(start.AddDate(0, 0, 14)); from = from.Add(31 * time.Hour) {
		to := from.Add(31 * time.Hour)
		cut, err := BuildCut(l, Consortium{ID: 1}, from, to, to)
		if err != nil {
			t.Fatal(err)
		}
		people += cut.People
		for _, a := range cut.Held {
			seen[a.ID]++
		}
	}
	for _, a := range l.activities {
		if seen[a.ID] != 1 {
			t.Fatalf("activity %d was held %d times", a.ID, seen[a.ID])
		}
	}
	if people != 300 {
		t.Errorf("%d people", people)
	}
}

func TestBuildCutEmptyAndFailing(t *testing.T) {
	to := time.Date(2026, 11, 27, 16, 47, 0, 0, time.UTC)
	cut, err := BuildCut(ledger{}, Consortium{ID: 1}, to.AddDate(0, 0, -7), to, to)
	if err != nil || len(cut.Held)+len(cut.Coming)+len(cut.Needs)+cut.Open+cut.People != 0 {
		t.Errorf("%+v, %v", cut, err)
	}
	if _, err := BuildCut(ledger{fail: true}, Consortium{ID: 1}, to.AddDate(0, 0, -7), to, to); err == nil {
		t.Error("a cut of nothing known")
	}
}
