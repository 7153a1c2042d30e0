package storage

import (
	"errors"
	"fmt"
)

var (
	codeTake = sqlText(`UPDATE counter SET value = value + 1 WHERE name = $1 RETURNING value`)
	codeLast = sqlText(`SELECT value FROM counter WHERE name = $1`)
	codePut  = sqlText(`UPDATE counter SET value = $1 WHERE name = $2`)
)

// nextCode is the next running number of a kind of thing. Numbers are never reused. On SQLite the units of a batch count on in
// memory, and the last number is stored with the batch.
func (tx *Tx) nextCode(name string) (int64, error) {
	if tx.batch.codes == nil {
		return tx.code(codeTake, name)
	}
	n, begun := tx.batch.codes[name]
	if !begun {
		var err error
		if n, err = tx.code(codeLast, name); err != nil {
			return 0, err
		}
	}
	tx.batch.codes[name] = n + 1
	tx.codes = append(tx.codes, name)
	return n + 1, nil
}

func (tx *Tx) code(s *statement, name string) (int64, error) {
	r, ok, err := tx.one(s, name)
	if err == nil && !ok {
		err = errors.New("there is no counter")
	}
	if err != nil {
		return 0, fmt.Errorf("take the next number of %s: %w", name, err)
	}
	return r.int(), nil
}

// flushCodes stores the last numbers that were taken.
func flushCodes(c conn, codes map[string]int64) error {
	for name, n := range codes {
		if err := c.run(codePut, []any{n, name}); err != nil {
			return fmt.Errorf("store the last number of %s: %w", name, err)
		}
	}
	return nil
}
