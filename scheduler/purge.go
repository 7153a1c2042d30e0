package scheduler

import (
	"context"
	"fmt"
	"log/slog"
	"time"
)

// RawKept is how long the raw text of an inbound event is kept.
const RawKept = 30 * 24 * time.Hour

// Purge is the sweep that forgets raw texts: after their time only the parsed record remains.
type Purge struct {
	Keep   time.Duration                                                       // zero = RawKept
	Forget func(ctx context.Context, before time.Time) (gone int64, err error) // deletes in small transactions; may be called again at once
	Logger *slog.Logger

	last time.Time
}

// Name implements Sweep.
func (p *Purge) Name() string { return "purge" }

// Run implements Sweep. It works once an hour at most.
func (p *Purge) Run(ctx context.Context, now time.Time) error {
	if d := now.Sub(p.last); d >= 0 && d < time.Hour {
		return nil
	}
	keep := p.Keep
	if keep == 0 {
		keep = RawKept
	}
	gone, err := p.Forget(ctx, now.Add(-keep))
	if err != nil {
		return fmt.Errorf("forget raw texts: %w", err)
	}
	p.last = now
	if gone > 0 && p.Logger != nil {
		p.Logger.Info("raw texts forgotten", "count", gone)
	}
	return nil
}
