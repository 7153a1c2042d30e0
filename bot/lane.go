package bot

import (
	"errors"
	"time"
)

// ErrLeaseLost says that the lane has been leased to somebody else since: stop sending from it.
var ErrLeaseLost = errors.New("lease lost")

// Lease is the right to send from one lane until it expires. Fence grows with every lease of the lane; what carries an
// older fence is refused, so that two nodes never send from one lane.
type Lease struct {
	Lane  string
	Fence int64
}

// Wanted says which lanes are to be leased.
type Wanted struct {
	Accounts []string               // of these ("platform/account")
	Lanes    []string               // nil = any of theirs, else these alone
	Ours     func(lane string) bool // nil = all; asked of each, perhaps more than once; it must not block
}

// Fate is what became of one attempt.
type Fate string

// The fates of an attempt, which are also the states of a delivery that is over.
const (
	Delivered Fate = "sent"
	Postponed Fate = "new"     // try again at Settlement.NotBefore
	Dead      Fate = "dead"    // never again, until an operator says so
	Expired   Fate = "expired" // dropped unsent: too late to be of use
	Unknown   Fate = "unknown" // a crash hid whether it was sent; an operator decides
)

// Settlement is the end of one attempt to send one delivery.
type Settlement struct {
	Delivery  int64
	Fate      Fate
	Receipt   Receipt
	Topic     string    // of the card that was sent to a group, so that it can be found when that changes
	NotBefore time.Time // for Postponed: this delivery's next attempt
	LaneUntil time.Time // zero, or the lane must be silent until then (throttled)
	Gone      bool      // the chat is gone: close the room and let its lane die; of a person: he is not reached in private (Shut)
	Doubtful  bool      // with Postponed: it may have arrived all the same, and will come twice then
	Error     string    // code and cause for the operator, never with message text or a secret
	Began     time.Time // when the attempt left: the lane's pace counts from here
	At        time.Time
}
