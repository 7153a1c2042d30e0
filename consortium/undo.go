package consortium

import "time"

// Subject is the sort of thing that an act changed.
type Subject string

// The subjects.
const (
	OfActivity     Subject = "activity"
	OfRegistration Subject = "registration"
	OfNeed         Subject = "need"
	OfPhotos       Subject = "photos"     // of an activity
	OfInvitation   Subject = "invitation" // of groups to an activity: it cannot be taken back
	OfNote         Subject = "note"       // of a need
)

// UndoWindow is how long a person may take back his own last act.
const UndoWindow = 10 * time.Minute

// Act is the last thing that a person did, kept so that he can take it back.
type Act struct {
	Person  PersonID
	Subject Subject
	ID      int64  // number of the activity or need
	Version int64  // of the subject after the act: a later change by anybody makes it final
	Before  []byte // the subject before, as JSON; nil = the act created it
	Line    string // what it was, for the echo: 登记 H27
	At      time.Time
}

// Acts stores the last act of each person.
type Acts interface {
	// LastAct is a person's; ErrNotFound.
	LastAct(p PersonID) (Act, error)
	// SaveAct replaces it. A zero Subject clears it.
	SaveAct(a Act) error
}

// Settings stores small zone-wide facts: the claim code's digest, the calendar's year.
type Settings interface {
	// Setting is "" when unset.
	Setting(key string) (string, error)
	SetSetting(key, value string) error
}
