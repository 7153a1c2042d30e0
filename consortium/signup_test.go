package consortium

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var noon = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

func TestSignUp(t *testing.T) {
	tests := []struct {
		name                     string
		capacity, seats, waiting int
		own                      Registration
		party                    int
		wish                     Wish
		want                     SignupResult
		wantSeats, wantWaiting   int
	}{
		{"unlimited", 0, 900, 0, Registration{}, 5, Whole, Seated, 5, 0},
		{"fits", 10, 5, 0, Registration{}, 5, Whole, Seated, 5, 0},
		{"fits in part", 10, 7, 0, Registration{}, 5, Whole, Short, 0, 0},
		{"split", 10, 7, 0, Registration{}, 5, Split, Halved, 3, 2},
		{"all wait", 10, 7, 0, Registration{}, 5, AllWait, Queued, 0, 5},
		{"full", 10, 10, 0, Registration{}, 2, Whole, Queued, 0, 2},
		{"others wait first", 10, 8, 3, Registration{}, 2, Whole, Queued, 0, 2},
		{"same party", 10, 5, 0, Registration{Seats: 3}, 3, Whole, Unchanged, 3, 0},
		{"smaller: the waiting go first", 10, 10, 2, Registration{Seats: 3, Waiting: 2, Queue: 1}, 2, Whole, Reduced, 2, 0},
		{"sign off", 10, 10, 2, Registration{Seats: 3, Waiting: 2, Queue: 1}, 0, Whole, Reduced, 0, 0},
		{"larger", 10, 3, 0, Registration{Seats: 3}, 5, Whole, Seated, 5, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := Activity{State: Open, Start: noon.Add(time.Hour), Capacity: tt.capacity, Seats: tt.seats, Waiting: tt.waiting}
			r := tt.own
			got := SignUp(&a, &r, tt.party, tt.wish, noon)
			if got != tt.want || r.Seats != tt.wantSeats || r.Waiting != tt.wantWaiting {
				t.Errorf("got %v with %d+%d, want %v with %d+%d", got, r.Seats, r.Waiting, tt.want, tt.wantSeats, tt.wantWaiting)
			}
			if a.Seats-tt.seats != r.Seats-tt.own.Seats || a.Waiting-tt.waiting != r.Waiting-tt.own.Waiting {
				t.Errorf("the activity counts %d+%d", a.Seats, a.Waiting)
			}
		})
	}
}

func TestSignUpClosed(t *testing.T) {
	for name, a := range map[string]Activity{
		"cancelled": {State: Cancelled, Start: noon.Add(time.Hour)},
		"begun":     {State: Open, Start: noon},
		"deadline":  {State: Open, Start: noon.Add(time.Hour), SignupEnds: noon},
	} {
		if got := SignUp(&a, &Registration{}, 1, Whole, noon); got != SignupClosed {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestWaitingList lets a dozen people come, go and change their minds: nobody is counted twice, no seat is given that does
// not exist, none stays free while the first in line could have it, and the order is kept.
func TestWaitingList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := Activity{State: Open, Start: noon.Add(time.Hour), Capacity: rapid.IntRange(0, 12).Draw(t, "capacity")}
		people := make([]Registration, 6)
		for i := range people {
			people[i].Person = PersonID(i + 1)
		}
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			who := rapid.IntRange(0, 5).Draw(t, "who")
			SignUp(&a, &people[who], rapid.IntRange(0, 6).Draw(t, "party"), Wish(rapid.IntRange(0, 2).Draw(t, "wish")), noon)
			line := waitingLine(people)
			for _, p := range Promote(&a, line, noon) {
				people[p.Registration.Person-1] = p.Registration
			}
			checkCounts(t, a, people)
		}
	})
}

func waitingLine(people []Registration) (line []Registration) {
	for _, p := range people {
		if p.Waiting == 0 {
			continue
		}
		i := len(line)
		for i > 0 && line[i-1].Queue > p.Queue {
			i--
		}
		line = append(line[:i], append([]Registration{p}, line[i:]...)...)
	}
	return line
}

func checkCounts(t *rapid.T, a Activity, people []Registration) {
	seats, waiting := 0, 0
	queues := map[int64]bool{}
	for _, p := range people {
		seats, waiting = seats+p.Seats, waiting+p.Waiting
		if p.Seats < 0 || p.Waiting < 0 || (p.Queue != 0) != (p.Waiting > 0) || p.Queue != 0 && queues[p.Queue] {
			t.Fatalf("impossible registration %+v", p)
		}
		queues[p.Queue] = true
	}
	if seats != a.Seats || waiting != a.Waiting {
		t.Fatalf("the activity counts %d+%d, the registrations %d+%d", a.Seats, a.Waiting, seats, waiting)
	}
	free, limited := a.Free()
	if limited && a.Seats > a.Capacity {
		t.Fatalf("%d seats of %d", a.Seats, a.Capacity)
	}
	if line := waitingLine(people); len(line) > 0 && (!limited || free > 0) && !line[0].Together {
		t.Fatalf("%d seats free while %+v waits", free, line[0])
	}
}

func TestNeedLife(t *testing.T) {
	n := Need{State: Reported}
	if n.Answer("好了", noon) || n.Confirm(5, noon) || n.Reopen("") {
		t.Fatal("a need that nobody handles was answered")
	}
	if !n.Assign(7, noon) || !n.Assign(8, noon) || n.Assignee != 8 {
		t.Fatal("not assigned")
	}
	if !n.Answer("签约8人", noon) || n.Assign(9, noon) {
		t.Fatal("not answered, or assigned while the enterprise is asked")
	}
	if !n.Reopen("没有人联系") || n.State != Assigned || n.Reopened != 1 || n.Reason != "没有人联系" || n.Withdraw() {
		t.Fatal("not reopened")
	}
	if !n.Answer("签约12人", noon) || !n.Confirm(0, noon) || n.State != NeedClosed || n.Unfinished() {
		t.Fatal("not closed")
	}
	if !n.Confirm(4, noon) || n.Confirm(5, noon) || n.Rating != 4 {
		t.Fatal("the first rating counts")
	}
	if n.Reopen("") {
		t.Fatal("reopened although the enterprise was content")
	}
	n.Rating = 2
	if !n.Reopen("太慢") || n.Rating != 0 || !n.ClosedAt.IsZero() {
		t.Fatal("not reopened after a low rating")
	}
	if w := (Need{State: Reported}); !w.Withdraw() || w.Unfinished() || w.Withdraw() {
		t.Fatal("not withdrawn once")
	}
}

func TestPlanReminders(t *testing.T) {
	for name, tt := range map[string]struct {
		ahead time.Duration
		want  []ReminderKind
	}{
		"next week":     {7 * 24 * time.Hour, []ReminderKind{DayBefore, TwoHoursBefore, AskPhotos}},
		"in 20 hours":   {20 * time.Hour, []ReminderKind{TwoHoursBefore, AskPhotos}},
		"in an hour":    {time.Hour, []ReminderKind{AskPhotos}},
		"exactly a day": {24 * time.Hour, []ReminderKind{TwoHoursBefore, AskPhotos}},
	} {
		var got []ReminderKind
		for _, r := range PlanReminders(Activity{State: Open, Start: noon.Add(tt.ahead)}, noon) {
			got = append(got, r.Kind)
			if r.State != Pending || !r.Due.After(noon) {
				t.Errorf("%s: %+v", name, r)
			}
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
	if rs := PlanReminders(Activity{State: Cancelled, Start: noon.Add(72 * time.Hour)}, noon); rs != nil {
		t.Errorf("a cancelled activity has reminders: %v", rs)
	}
}
