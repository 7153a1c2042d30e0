package scheduler

import (
	"time"

	"lianbang/consortium"
)

// Reason names why a reminder was sent or not. It is stored with the reminder and is a stable label.
type Reason string

// The reasons.
const (
	OnTime    Reason = "on time"
	CaughtUp  Reason = "late"        // sent, marked 补发
	Cancelled Reason = "cancelled"   // the activity was cancelled or withdrawn
	Started   Reason = "started"     // the activity has begun
	NextAhead Reason = "next ahead"  // too late, and a later reminder will speak or is due as well
	TooLate   Reason = "too late"    // and nothing later will speak
	NoRoom    Reason = "nobody told" // the consortium has no room, or whoever is asked is reached nowhere
	Longer    Reason = "ends later"  // it is planned anew
	Answered  Reason = "answered"    // there are photos already
)

const (
	punctual  = 5 * time.Minute // a reminder this late is not worth an excuse
	catchUpIn = 2 * time.Hour   // a reminder later than this is not sent
	askWithin = 24 * time.Hour  // and for photos nobody is asked later than this
)

// Decision is what becomes of a due reminder.
type Decision struct {
	Send   bool
	Late   bool // say so: 补发
	Reason Reason
}

// Fire decides what becomes of r, a due reminder of a, at now. pending are the reminders of a that are still pending; r may
// be among them. It is pure.
func Fire(r consortium.Reminder, a consortium.Activity, pending []consortium.Reminder, now time.Time) Decision {
	if r.Kind == consortium.AskPhotos {
		return fireAsk(r, a, now)
	}
	switch late := now.Sub(r.Due); {
	case a.State != consortium.Open:
		return Decision{Reason: Cancelled}
	case !now.Before(a.Start):
		return Decision{Reason: Started}
	case overtaken(r, pending, now):
		return Decision{Reason: NextAhead}
	case late <= punctual:
		return Decision{Send: true, Reason: OnTime}
	case late <= catchUpIn:
		return Decision{Send: true, Late: true, Reason: CaughtUp}
	case later(r, pending):
		return Decision{Reason: NextAhead}
	}
	return Decision{Reason: TooLate}
}

// fireAsk decides what becomes of the question for photos, which is asked after the end.
func fireAsk(r consortium.Reminder, a consortium.Activity, now time.Time) Decision {
	switch late := now.Sub(r.Due); {
	case a.State != consortium.Open:
		return Decision{Reason: Cancelled}
	case consortium.ReminderDue(r.Kind, a).After(now):
		return Decision{Reason: Longer}
	case late <= punctual:
		return Decision{Send: true, Reason: OnTime}
	case late <= askWithin:
		return Decision{Send: true, Late: true, Reason: CaughtUp}
	}
	return Decision{Reason: TooLate}
}

// later reports whether a reminder planned after r is still pending. The question for photos is none.
func later(r consortium.Reminder, pending []consortium.Reminder) bool {
	for _, p := range pending {
		if p.Kind != consortium.AskPhotos && p.ID != r.ID && p.State == consortium.Pending && p.Due.After(r.Due) {
			return true
		}
	}
	return false
}

// overtaken reports whether a reminder planned after r is due as well: one message is enough.
func overtaken(r consortium.Reminder, pending []consortium.Reminder, now time.Time) bool {
	for _, p := range pending {
		if p.Kind != consortium.AskPhotos && p.ID != r.ID && p.State == consortium.Pending && p.Due.After(r.Due) && !p.Due.After(now) {
			return true
		}
	}
	return false
}
