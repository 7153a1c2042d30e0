package storage

import (
	"fmt"

	"lianbang/consortium"
)

var (
	actGet = sqlText(`SELECT person, subject, id, version, before, line, at FROM act WHERE person = $1`)
	actPut = sqlText(`INSERT INTO act(person, subject, id, version, before, line, at) VALUES($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT(person) DO UPDATE SET subject = excluded.subject, id = excluded.id, version = excluded.version,
  before = excluded.before, line = excluded.line, at = excluded.at`)
	actDrop = sqlText(`DELETE FROM act WHERE person = $1`)
)

// LastAct is a person's; consortium.ErrNotFound.
func (tx *Tx) LastAct(p consortium.PersonID) (consortium.Act, error) {
	r, ok, err := tx.one(actGet, int64(p))
	if err != nil {
		return consortium.Act{}, fmt.Errorf("read an act: %w", err)
	}
	if !ok {
		return consortium.Act{}, fmt.Errorf("act of person %d: %w", p, consortium.ErrNotFound)
	}
	a := consortium.Act{Person: consortium.PersonID(r.int()), Subject: consortium.Subject(r.text()), ID: r.int(), Version: r.int()}
	sealed := r.bytes()
	a.Line, a.At = r.text(), tx.db.moment(r.int())
	if a.Before, err = tx.db.seals.open("act.before", sealed); err != nil {
		return consortium.Act{}, err
	}
	return a, nil
}

// SaveAct replaces it. A zero Subject clears it.
func (tx *Tx) SaveAct(a consortium.Act) error {
	if a.Subject == "" {
		if err := tx.run(actDrop, int64(a.Person)); err != nil {
			return fmt.Errorf("clear an act: %w", err)
		}
		return nil
	}
	err := tx.run(actPut, int64(a.Person), string(a.Subject), a.ID, a.Version, tx.db.seals.seal("act.before", a.Before), a.Line, micros(a.At))
	if err != nil {
		return fmt.Errorf("save an act: %w", err)
	}
	return nil
}
