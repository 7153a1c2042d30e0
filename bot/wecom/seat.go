package wecom

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

// The rhythm of the seat.
const (
	seatTTL    = 30 * time.Second
	seatRenew  = 5 * time.Second // between two renewals
	seatCall   = 5 * time.Second // that one call may take
	seatMargin = 5 * time.Second // before the end of the ttl, after which it counts as lost
	seatRetry  = 5 * time.Second // between two attempts to take it from nobody
)

// errSeatLost is the seat now held by another process, or no longer certainly by this one.
var errSeatLost = errors.New("another process holds the bot's connection")

// seated runs work whenever the seat of that name is ours, and ends it when the seat is lost. It returns when ctx ends or
// work returns by itself.
func (a *Adapter) seated(ctx context.Context, name string, work func(context.Context) error) error {
	seat := a.conf.Seat
	if seat == nil {
		return work(ctx)
	}
	for {
		until := a.takeSeat(ctx, name)
		if ctx.Err() != nil {
			return nil
		}
		held, cancel := context.WithCancelCause(ctx)
		renewed := make(chan struct{})
		go func() {
			defer close(renewed)
			a.keepSeat(held, name, until, cancel)
		}()
		err := work(held)
		lost := errors.Is(context.Cause(held), errSeatLost)
		cancel(nil)
		<-renewed
		if lost && ctx.Err() == nil {
			a.conf.Count("seat_lost")
			a.conf.Logger.Warn("the bot's connection belongs to another process now", "seat", name)
			continue
		}
		a.leaveSeat(ctx, name)
		return err
	}
}

// seatName is the seat of the bot's connection.
func (a *Adapter) seatName() string { return "wecom/" + a.conf.Bot.ID }

// gaveWay reports whether it was a process of our own cluster that displaced the connection: the seat is no longer ours. That
// is nothing to alarm anybody with.
func (a *Adapter) gaveWay(ctx context.Context) bool {
	if a.conf.Seat == nil {
		return false
	}
	_, held, err := a.callSeat(ctx, a.seatName())
	return ctx.Err() != nil || err == nil && !held
}

// takeSeat waits until the seat is ours, and gives the time until which it certainly is. It returns early when ctx ends.
func (a *Adapter) takeSeat(ctx context.Context, name string) time.Time {
	for {
		until, held, err := a.callSeat(ctx, name)
		if held {
			a.conf.Logger.Info("the bot's connection is ours", "seat", name)
			return until
		}
		if err != nil && ctx.Err() == nil {
			a.conf.Logger.Warn("seat not taken", "seat", name, "err", err)
		}
		select {
		case <-ctx.Done():
			return time.Time{}
		case <-time.After(seatRetry/2 + rand.N(seatRetry/2)):
		}
	}
}

func (a *Adapter) callSeat(ctx context.Context, name string) (until time.Time, held bool, err error) {
	until = time.Now().Add(seatTTL - seatMargin)
	ctx, cancel := context.WithTimeout(ctx, seatCall)
	defer cancel()
	held, err = a.conf.Seat.Take(ctx, name, seatTTL)
	return until, held && err == nil, err
}

// keepSeat renews the seat until ctx ends. When it is lost, or could not be renewed in time, it cancels with errSeatLost.
func (a *Adapter) keepSeat(ctx context.Context, name string, until time.Time, cancel context.CancelCauseFunc) {
	tick := time.NewTicker(seatRenew)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		next, held, err := a.callSeat(ctx, name)
		switch {
		case held:
			until = next
		case err == nil || !time.Now().Before(until.Add(-seatRenew)): // the next look would come too late
			cancel(errSeatLost)
			return
		default:
			a.conf.Logger.Warn("seat not renewed", "seat", name, "err", err)
		}
	}
}

// leaveSeat lets the next process in at once, rather than after the ttl.
func (a *Adapter) leaveSeat(ctx context.Context, name string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), seatCall)
	defer cancel()
	if err := a.conf.Seat.Leave(ctx, name); err != nil {
		a.conf.Logger.Warn("seat not left", "seat", name, "err", err)
	}
}
