package storage

import (
	"context"
	"fmt"
	"time"
)

var (
	seatTake = sqlText(`INSERT INTO seat(name, owner, until) VALUES($1, $2, $3)
ON CONFLICT(name) DO UPDATE SET owner = excluded.owner, until = excluded.until WHERE seat.owner = excluded.owner OR seat.until <= $4`)
	seatLeave = sqlText(`DELETE FROM seat WHERE name = $1 AND owner = $2`)
)

// TakeSeat takes the seat of that name until now+ttl if it is free, run out or the owner's already, and reports whether it
// is his now. Owners are unique among processes; now is the caller's clock, so ttl must be longer than clocks differ.
func (db *DB) TakeSeat(ctx context.Context, name, owner string, now time.Time, ttl time.Duration) (held bool, err error) {
	err = db.Do(ctx, func(tx *Tx) error {
		n, err := tx.exec(seatTake, name, owner, micros(now.Add(ttl)), micros(now))
		held = n > 0
		return err
	})
	if err != nil {
		return false, fmt.Errorf("take a seat: %w", err)
	}
	return held, nil
}

// LeaveSeat gives the seat up, if it is the owner's.
func (db *DB) LeaveSeat(ctx context.Context, name, owner string) error {
	err := db.Do(ctx, func(tx *Tx) error { return tx.run(seatLeave, name, owner) })
	if err != nil {
		return fmt.Errorf("leave a seat: %w", err)
	}
	return nil
}
