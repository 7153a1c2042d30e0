package consortium

import "time"

// Wish is how a party wants to be treated that does not fit whole.
type Wish int

// The wishes.
const (
	Whole   Wish = iota // nothing was said: a party that fits only in part must be asked
	Split               // seats for some now, the others wait
	AllWait             // all wait, and move up together
)

// SignupResult says what a sign-up came to.
type SignupResult int

// The results. Those after Short changed the registration.
const (
	SignupClosed SignupResult = iota // cancelled, begun, or past the sign-up deadline
	Unchanged                        // the party is what it was
	Short                            // some seats are free, but not enough: ask for a wish
	Seated                           // all have a seat
	Halved                           // some have a seat, the others wait
	Queued                           // all that were added wait
	Reduced                          // the party became smaller
)

// MaxParty is the largest party of one registration.
const MaxParty = 500

// SignUp makes a person's party for an activity that large, with seats as far as there are any and nobody waits already.
// It changes a and r and says what it came to. A party of 0 signs off: what waits goes first, then seats.
func SignUp(a *Activity, r *Registration, party int, wish Wish, now time.Time) SignupResult {
	delta := party - r.Party()
	switch {
	case !a.SignupOpen(now):
		return SignupClosed
	case delta == 0:
		return Unchanged
	case delta < 0:
		reduce(a, r, -delta)
		return Reduced
	}
	free, limited := a.Free()
	if a.Waiting > r.Waiting {
		free = 0
	}
	switch {
	case !limited || delta <= free:
		seat(a, r, delta)
		return Seated
	case free == 0:
		wait(a, r, delta, wish == AllWait)
		return Queued
	case wish == Split:
		seat(a, r, free)
		wait(a, r, delta-free, false)
		return Halved
	case wish == AllWait:
		wait(a, r, delta, true)
		return Queued
	}
	return Short
}

func seat(a *Activity, r *Registration, n int) {
	a.Seats += n
	r.Seats += n
}

func wait(a *Activity, r *Registration, n int, together bool) {
	if r.Waiting == 0 {
		a.Queue++
		r.Queue = a.Queue
	}
	a.Waiting += n
	r.Waiting += n
	r.Together = together
}

func reduce(a *Activity, r *Registration, n int) {
	fromWaiting := min(n, r.Waiting)
	unwait(a, r, fromWaiting)
	seat(a, r, fromWaiting-n)
}

func unwait(a *Activity, r *Registration, n int) {
	a.Waiting -= n
	r.Waiting -= n
	if r.Waiting == 0 {
		r.Queue, r.Together = 0, false
	}
}

// Promotion is a registration that moved up, and by how many seats.
type Promotion struct {
	Registration Registration
	Seats        int
}

// Promote gives the free seats of an activity to those who wait, strictly in their order: the first one who cannot be
// served keeps the others waiting. waiting is sorted by Queue; a and the promoted registrations change.
func Promote(a *Activity, waiting []Registration, now time.Time) []Promotion {
	if a.State != Open || !now.Before(a.Start) {
		return nil
	}
	var out []Promotion
	for _, r := range waiting {
		free, limited := a.Free()
		n := r.Waiting
		if limited {
			n = min(n, free)
		}
		if n == 0 || r.Together && n < r.Waiting {
			break
		}
		unwait(a, &r, n)
		seat(a, &r, n)
		out = append(out, Promotion{r, n})
	}
	return out
}
