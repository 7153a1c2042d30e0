package storage

import (
	"encoding/json"
	"fmt"

	"lianbang/consortium"
)

var (
	digestLast = sqlText(`SELECT consortium, planned, cut, made FROM digest WHERE consortium = $1 ORDER BY planned DESC LIMIT 1`)
	digestAdd  = sqlText(`INSERT INTO digest(consortium, planned, cut, made) VALUES($1, $2, $3, $4) ON CONFLICT DO NOTHING`)
)

// LastDigest is the newest digest of a consortium; consortium.ErrNotFound.
func (tx *Tx) LastDigest(c consortium.ID) (consortium.Digest, error) {
	r, ok, err := tx.one(digestLast, int64(c))
	if err != nil {
		return consortium.Digest{}, fmt.Errorf("read a digest: %w", err)
	}
	if !ok {
		return consortium.Digest{}, fmt.Errorf("digest of consortium %d: %w", c, consortium.ErrNotFound)
	}
	d := consortium.Digest{Consortium: consortium.ID(r.int()), Planned: tx.db.moment(r.int())}
	cut := r.text()
	d.Made = tx.db.moment(r.int())
	if err := json.Unmarshal([]byte(cut), &d.Cut); err != nil {
		return consortium.Digest{}, fmt.Errorf("decode a digest: %w", err)
	}
	return d, nil
}

// AddDigest stores one; consortium.ErrConflict when there is one with the same consortium and plan.
func (tx *Tx) AddDigest(d consortium.Digest) error {
	cut, err := json.Marshal(d.Cut)
	if err != nil {
		return fmt.Errorf("encode a digest: %w", err)
	}
	n, err := tx.exec(digestAdd, int64(d.Consortium), micros(d.Planned), string(cut), micros(d.Made))
	if err != nil {
		return fmt.Errorf("add a digest: %w", err)
	}
	if n == 0 {
		return fmt.Errorf("add a digest of consortium %d: %w", d.Consortium, consortium.ErrConflict)
	}
	return nil
}
