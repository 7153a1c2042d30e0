package storage

import (
	"fmt"
	"slices"

	"lianbang/consortium"
)

var (
	noteAdd  = sqlText(`INSERT INTO need_note(need, person, at, body) VALUES($1, $2, $3, $4){returning id}`)
	noteGet  = sqlText(`SELECT id, need, person, at, body FROM need_note WHERE id = $1`)
	noteLast = sqlText(`SELECT id, need, person, at, body FROM need_note WHERE need = $1 ORDER BY id DESC LIMIT $2`)
	noteDrop = sqlText(`DELETE FROM need_note WHERE id = $1`)
)

func (tx *Tx) scanNote(r *row) (consortium.NeedNote, error) {
	n := consortium.NeedNote{ID: consortium.NoteID(r.int()), Need: consortium.NeedID(r.int()), Person: consortium.PersonID(r.int()),
		At: tx.db.moment(r.int())}
	plain, err := tx.db.seals.open("need_note.body", r.bytes())
	n.Text = string(plain)
	return n, err
}

// AddNeedNote stores a new one and sets its ID.
func (tx *Tx) AddNeedNote(n *consortium.NeedNote) error {
	id, err := tx.insert(noteAdd, int64(n.Need), int64(n.Person), micros(n.At), tx.db.seals.seal("need_note.body", []byte(n.Text)))
	if err != nil {
		return fmt.Errorf("add a note: %w", err)
	}
	n.ID = consortium.NoteID(id)
	return tx.note("need_note", id, "add", nil, *n)
}

// NeedNotes lists the last ones of a need, oldest first.
func (tx *Tx) NeedNotes(n consortium.NeedID, last int) ([]consortium.NeedNote, error) {
	var out []consortium.NeedNote
	err := tx.each(noteLast, func(r *row) error {
		note, err := tx.scanNote(r)
		out = append(out, note)
		return err
	}, int64(n), last)
	if err != nil {
		return nil, fmt.Errorf("list notes: %w", err)
	}
	slices.Reverse(out)
	return out, nil
}

// RemoveNeedNote takes one back; consortium.ErrNotFound.
func (tx *Tx) RemoveNeedNote(id consortium.NoteID) error {
	r, ok, err := tx.one(noteGet, int64(id))
	if err != nil {
		return fmt.Errorf("read a note: %w", err)
	}
	if !ok {
		return fmt.Errorf("note %d: %w", id, consortium.ErrNotFound)
	}
	before, err := tx.scanNote(&r)
	if err != nil {
		return err
	}
	if err := tx.run(noteDrop, int64(id)); err != nil {
		return fmt.Errorf("remove a note: %w", err)
	}
	return tx.note("need_note", int64(id), "remove", before, nil)
}
