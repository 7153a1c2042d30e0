package consortium

import "time"

// NeedID is the running number of a need: S158 is 158. Numbers are never reused.
type NeedID int64

// NeedState is where a need stands.
type NeedState string

// The states of a need.
const (
	Reported      NeedState = "reported"  // 待派单
	Assigned      NeedState = "assigned"  // 办理中
	Answered      NeedState = "answered"  // 待企业确认
	NeedClosed    NeedState = "closed"    // 已办结
	NeedWithdrawn NeedState = "withdrawn" // 撤回: counts nowhere
)

// Need is what an enterprise (or a village) needs help with (诉求). Text, Outcome and Reason are confidential (L3).
type Need struct {
	ID         NeedID
	Consortium ID
	Reporter   PersonID
	Unit       string // of the reporter
	Category   string // 融资, 用工 …
	Text       string
	State      NeedState
	Assignee   PersonID  // 主办; 0 = nobody yet
	Outcome    string    // what the assignee says came of it
	Rating     int       // 1–5 by the enterprise; 0 = not given
	Reopened   int       // how often the enterprise said no
	Reason     string    // why it said no last
	Due        time.Time // by when the assignee is to answer; zero = none was set
	Received   time.Time
	AssignedAt time.Time
	AnsweredAt time.Time
	ClosedAt   time.Time
	Version    int64
}

// CategoryCount is how many needs of a category were received and closed in a period.
type CategoryCount struct {
	Category         string
	Received, Closed int
}

// Needs stores needs.
type Needs interface {
	// AddNeed stores a new one and sets its ID and Version.
	AddNeed(n *Need) error
	// Need finds one by number; ErrNotFound.
	Need(id NeedID) (Need, error)
	// SaveNeed stores a changed one; ErrConflict. It raises Version.
	SaveNeed(n *Need) error
	// NeedsOf lists those that a person reported and has not withdrawn: the unfinished ones first, then newest first.
	NeedsOf(p PersonID, limit int) ([]Need, error)
	// CountNeedsOf counts those that NeedsOf lists, up to most.
	CountNeedsOf(p PersonID, most int) (int, error)
	// NeedsAssigned lists the unfinished ones that a person handles, oldest first.
	NeedsAssigned(p PersonID, limit int) ([]Need, error)
	// NeedsUnassigned lists those that nobody handles yet (of all consortia when c is 0), oldest first.
	NeedsUnassigned(c ID, limit int) ([]Need, error)
	// NeedCounts counts, by category, the needs of a consortium received and closed in [from, to). Withdrawn ones do not
	// count.
	NeedCounts(c ID, from, to time.Time) ([]CategoryCount, error)
	// OpenNeeds counts those of a consortium that are neither closed nor withdrawn.
	OpenNeeds(c ID) (int, error)
}

// Unfinished reports whether somebody still has to do something about the need.
func (n Need) Unfinished() bool {
	return n.State == Reported || n.State == Assigned || n.State == Answered
}

// Assign gives the need to a person. It reports false when it is over or waits for the enterprise's word.
func (n *Need) Assign(p PersonID, now time.Time) bool {
	if n.State != Reported && n.State != Assigned {
		return false
	}
	n.State, n.Assignee, n.AssignedAt = Assigned, p, now
	return true
}

// Answer notes what the assignee says came of the need; the enterprise has the last word. It reports false when the need is
// not being handled.
func (n *Need) Answer(outcome string, now time.Time) bool {
	if n.State != Assigned && n.State != Answered {
		return false
	}
	n.State, n.Outcome, n.AnsweredAt = Answered, outcome, now
	return true
}

// Confirm closes the need on the enterprise's word, with a rating from 1 to 5 or 0 for none. A closed need takes a first
// rating later. It reports false when there is nothing to confirm.
func (n *Need) Confirm(rating int, now time.Time) bool {
	switch {
	case n.State == Answered:
		n.State, n.ClosedAt, n.Rating = NeedClosed, now, rating
		return true
	case n.State == NeedClosed && n.Rating == 0 && rating > 0:
		n.Rating = rating
		return true
	}
	return false
}

// Reopen sends the need back to its assignee because the enterprise says that it is not settled: when it is asked, or when it
// closed the need with one of the two lowest ratings. It reports false otherwise.
func (n *Need) Reopen(reason string) bool {
	if n.State != Answered && (n.State != NeedClosed || n.Rating == 0 || n.Rating > 2) {
		return false
	}
	n.State, n.Reopened, n.Reason = Assigned, n.Reopened+1, reason
	n.ClosedAt, n.Rating = time.Time{}, 0
	return true
}

// Withdraw takes a need back that nobody handles yet. It reports false when somebody does, or did.
func (n *Need) Withdraw() bool {
	if n.State != Reported || n.Assignee != 0 {
		return false
	}
	n.State = NeedWithdrawn
	return true
}
