package consortium

import "time"

// ActivityID is the running number of an activity: H27 is 27. Numbers are never reused.
type ActivityID int64

// ActivityState is where an activity stands. Whether it is over follows from its times.
type ActivityState string

// The states of an activity.
const (
	Open      ActivityState = "open"      // 报名中
	Cancelled ActivityState = "cancelled" // 取消
	Withdrawn ActivityState = "withdrawn" // taken back by 撤销: counts nowhere
)

// Activity is a joint activity (活动).
type Activity struct {
	ID         ActivityID
	Consortium ID
	Title      string
	Category   string    // one of the 五联, "" when it was not said
	Start, End time.Time // End is zero when none was said
	Place      string
	Capacity   int       // seats; 0 = unlimited
	SignupEnds time.Time // zero = until the start
	Host       string    // the unit or branch that organises
	Organiser  PersonID
	State      ActivityState
	Seats      int   // taken, the sum over registrations
	Waiting    int   // waiting, the sum over registrations
	Queue      int64 // the last number given to somebody who waits
	Created    time.Time
	Version    int64
}

// Free is the number of free seats; ok is false when there is no limit.
func (a Activity) Free() (n int, ok bool) {
	if a.Capacity == 0 {
		return 0, false
	}
	return max(0, a.Capacity-a.Seats), true
}

// Ends is when the activity ends: two hours after its start when no end was said.
func (a Activity) Ends() time.Time {
	if a.End.IsZero() {
		return a.Start.Add(2 * time.Hour)
	}
	return a.End
}

// Over reports whether the activity has ended.
func (a Activity) Over(now time.Time) bool { return !now.Before(a.Ends()) }

// SignupOpen reports whether people may still register or unregister.
func (a Activity) SignupOpen(now time.Time) bool {
	end := a.Start
	if !a.SignupEnds.IsZero() {
		end = a.SignupEnds
	}
	return a.State == Open && now.Before(end)
}

// Activities stores activities.
type Activities interface {
	// AddActivity stores a new one and sets its ID and Version.
	AddActivity(a *Activity) error
	// Activity finds one by number; ErrNotFound.
	Activity(id ActivityID) (Activity, error)
	// SaveActivity stores a changed one; ErrConflict. It raises Version.
	SaveActivity(a *Activity) error
	// ComingActivities lists the open ones of a consortium (all consortia when c is 0) that start at or after from,
	// soonest first.
	ComingActivities(c ID, from time.Time, limit int) ([]Activity, error)
	// ActivitiesOf lists the open ones that a person organises and that start at or after from, soonest first.
	ActivitiesOf(p PersonID, from time.Time, limit int) ([]Activity, error)
	// CountActivitiesOf counts those that ActivitiesOf lists, up to most.
	CountActivitiesOf(p PersonID, from time.Time, most int) (int, error)
	// ActivitiesBetween lists the open ones of a consortium (all consortia when c is 0) that start in [from, to), soonest
	// first, at most 200.
	ActivitiesBetween(c ID, from, to time.Time) ([]Activity, error)
}
