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

// Need is what an enterprise (or a village) needs help with (诉求). Text and Outcome are confidential (L3).
type Need struct {
	ID         NeedID
	Consortium ID
	Reporter   PersonID
	Unit       string // of the reporter
	Category   string // 融资, 用工 …
	Text       string
	State      NeedState
	Assignee   PersonID // 主办; 0 = nobody yet
	Outcome    string   // what the assignee says came of it
	Rating     int      // 1–5 by the enterprise; 0 = not given
	Reopened   int      // how often the enterprise said no
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
	// NeedsOf lists those that a person reported, newest first.
	NeedsOf(p PersonID, limit int) ([]Need, error)
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
