package main

import (
	"context"
	"time"

	"lianbang/bot/wecom"
	"lianbang/storage"
)

// seat elects the process of a cluster that holds a bot's connection. On SQLite there is one process alone: the lock on the
// data folder sees to that.
func (a *App) seat() wecom.Seat {
	if a.DB.Pool() == nil {
		return nil
	}
	return seats{a.DB, a.node}
}

// seats is a wecom.Seat in the database, for the process of that name. Its clock is the machine's, whatever the App's says.
type seats struct {
	db    *storage.DB
	owner string
}

// Take implements wecom.Seat.
func (s seats) Take(ctx context.Context, name string, ttl time.Duration) (held bool, err error) {
	return s.db.TakeSeat(ctx, name, s.owner, time.Now(), ttl)
}

// Leave implements wecom.Seat.
func (s seats) Leave(ctx context.Context, name string) error {
	return s.db.LeaveSeat(ctx, name, s.owner)
}
