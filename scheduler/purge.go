package scheduler

import (
	"context"
	"fmt"
	"log/slog"
	"time"
)

// Purge is the sweep that forgets raw texts and photos whose time is over: of texts only the parsed record remains.
type Purge struct {
	// Forget deletes what is too old at now, in small transactions, and says how much it was.
	Forget func(ctx context.Context, now time.Time) (gone int64, err error)
	Logger *slog.Logger // may be nil

	last time.Time
}

// Name implements Sweep.
func (p *Purge) Name() string { return "purge" }

// Run implements Sweep. It works once an hour at most.
func (p *Purge) Run(ctx context.Context, now time.Time) error {
	if d := now.Sub(p.last); d >= 0 && d < time.Hour {
		return nil
	}
	gone, err := p.Forget(ctx, now)
	if err != nil {
		return fmt.Errorf("forget what is too old: %w", err)
	}
	p.last = now
	if gone > 0 && p.Logger != nil {
		p.Logger.Info("what was too old is forgotten", "count", gone)
	}
	return nil
}
