package consortium

import (
	"slices"
	"time"
)

// CutSource is what a cut is made from. All reads see one moment of the ledger.
type CutSource interface {
	ActivitiesBetween(c ID, from, to time.Time) ([]Activity, error)
	NeedCounts(c ID, from, to time.Time) ([]CategoryCount, error)
	OpenNeeds(c ID) (int, error)
	PhotoCount(a ActivityID) (int, error)
}

const (
	comingSpan   = 7 * 24 * time.Hour
	longestEvent = 31 * 24 * time.Hour // an activity that lasts longer is not noticed when it ends
	pageFull     = 200                 // ActivitiesBetween lists no more
)

// BuildCut makes the cut of a consortium for the period [from, to), at now: the weekly digest's and the one on demand,
// where to is now. It only reads.
//
// An activity is held in the period in which it ends, so that one that is running at the border is counted once, by the
// digest that follows. The open needs are those at to, even when the cut is made later: what came and went since is taken
// out again.
func BuildCut(s CutSource, c Consortium, from, to, now time.Time) (Cut, error) {
	cut := Cut{Consortium: c.Name, From: from, To: to}
	before := from.Add(-to.Sub(from))
	past, err := activitiesBetween(s, c.ID, before.Add(-longestEvent), to)
	if err != nil {
		return Cut{}, err
	}
	for _, a := range past {
		switch {
		case !a.Over(to) || a.Over(before):
		case a.Over(from):
			cut.PreviousHeld++
		default:
			cut.Held = append(cut.Held, cutActivity(a))
			cut.People += a.Seats
			photos, err := s.PhotoCount(a.ID)
			if err != nil {
				return Cut{}, err
			}
			cut.Photos += photos
		}
	}
	coming, err := activitiesBetween(s, c.ID, to, to.Add(comingSpan))
	if err != nil {
		return Cut{}, err
	}
	for _, a := range coming {
		cut.Coming = append(cut.Coming, cutActivity(a))
	}
	if cut.Needs, err = s.NeedCounts(c.ID, from, to); err != nil {
		return Cut{}, err
	}
	cut.Open, err = openNeedsAt(s, c.ID, to, now)
	return cut, err
}

// openNeedsAt counts the needs of a consortium that were open at t, which is not after now.
func openNeedsAt(s CutSource, c ID, t, now time.Time) (int, error) {
	open, err := s.OpenNeeds(c)
	if err != nil || !t.Before(now) {
		return open, err
	}
	since, err := s.NeedCounts(c, t, now.Add(time.Microsecond))
	if err != nil {
		return 0, err
	}
	for _, n := range since {
		open += n.Closed - n.Received
	}
	return max(0, open), nil
}

// activitiesBetween lists all activities that start in [from, to), however many, soonest first.
func activitiesBetween(s CutSource, c ID, from, to time.Time) ([]Activity, error) {
	as, err := s.ActivitiesBetween(c, from, to)
	if err != nil || len(as) < pageFull || to.Sub(from) < time.Minute {
		return as, err
	}
	middle := from.Add(to.Sub(from) / 2)
	first, err := activitiesBetween(s, c, from, middle)
	if err != nil {
		return nil, err
	}
	second, err := activitiesBetween(s, c, middle, to)
	return slices.Concat(first, second), err
}

func cutActivity(a Activity) CutActivity {
	return CutActivity{
		ID: a.ID, Title: a.Title, Category: a.Category, Start: a.Start, Place: a.Place, Seats: a.Seats, Capacity: a.Capacity,
	}
}
