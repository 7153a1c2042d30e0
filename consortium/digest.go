package consortium

import "time"

// Cut is the frozen input of a weekly digest: every figure in it can be recomputed from the ledger for its period.
type Cut struct {
	Consortium   string // name
	From, To     time.Time
	Held         []CutActivity // open activities that ended in the period
	Coming       []CutActivity // open activities of the next seven days
	Needs        []CategoryCount
	Open         int // needs open at To
	PreviousHeld int // of the period before
	People       int // seats taken in Held
	Photos       int `json:",omitempty"` // of Held
}

// CutActivity is what a digest says of one activity.
type CutActivity struct {
	ID       ActivityID
	Title    string
	Category string
	Start    time.Time
	Place    string
	Seats    int
	Capacity int
}

// Digest is one weekly digest of one consortium, sent or about to be.
type Digest struct {
	Consortium ID
	Planned    time.Time // the tick of the schedule
	Cut        Cut
	Made       time.Time
}

// Digests stores digests.
type Digests interface {
	// LastDigest is the newest digest of a consortium; ErrNotFound.
	LastDigest(c ID) (Digest, error)
	// AddDigest stores one; ErrConflict when there is one with the same consortium and plan.
	AddDigest(d Digest) error
}
