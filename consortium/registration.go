package consortium

import "time"

// Registration is one person's sign-up (报名) for an activity, for a party of Seats + Waiting people. There is at most one
// a person and activity; one with neither is a cancelled one.
type Registration struct {
	Activity ActivityID
	Person   PersonID
	Name     string // of the person, filled in when listed
	Unit     string // of the person, filled in when listed
	Seats    int    // confirmed
	Waiting  int    // 候补
	Queue    int64  // place in the waiting list: lower goes first; 0 = not waiting
	Together bool   // promote all that wait at once or none
	Changed  time.Time
	Version  int64 // 0 = not stored yet
}

// Party is the number of people asked for.
func (r Registration) Party() int { return r.Seats + r.Waiting }

// Registrations stores sign-ups.
type Registrations interface {
	// Registration finds a person's; a zero Version when there is none yet.
	Registration(a ActivityID, p PersonID) (Registration, error)
	// SaveRegistration stores a new or changed one; ErrConflict. It raises Version.
	SaveRegistration(r *Registration) error
	// Registrations lists those with a party, by first sign-up. At most 500.
	Registrations(a ActivityID) ([]Registration, error)
	// Waitlist lists those who wait, by Queue.
	Waitlist(a ActivityID, limit int) ([]Registration, error)
	// WaitingBefore counts the people who wait before a place in the queue.
	WaitingBefore(a ActivityID, queue int64) (int, error)
	// AttendancesOf lists what a person has signed up for: open activities that start at or after from, soonest first.
	AttendancesOf(p PersonID, from time.Time, limit int) ([]Attendance, error)
}

// Attendance is a registration with a party, and the activity that it is for.
type Attendance struct {
	Registration Registration
	Activity     Activity
}
