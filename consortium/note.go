package consortium

import "time"

// NoteID tells notes apart.
type NoteID int64

// NeedNote says how far a need is (进展). Text is confidential (L3).
type NeedNote struct {
	ID     NoteID
	Need   NeedID
	Person PersonID // who says so
	At     time.Time
	Text   string
}

// NeedNotes stores notes.
type NeedNotes interface {
	// AddNeedNote stores a new one and sets its ID.
	AddNeedNote(n *NeedNote) error
	// NeedNotes lists the last ones of a need, oldest first.
	NeedNotes(n NeedID, last int) ([]NeedNote, error)
	// RemoveNeedNote takes one back; ErrNotFound.
	RemoveNeedNote(id NoteID) error
}
