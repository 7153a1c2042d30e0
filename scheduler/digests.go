package scheduler

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"lianbang/bot"
	"lianbang/consortium"
)

const (
	week = 7 * 24 * time.Hour
	// digestBack is how far back a tick is looked for: longer than any sensible schedule's period.
	digestBack = 400 * 24 * time.Hour
	// firstDigestIn is how long after a tick a consortium that never had a digest still gets its first: longer than a
	// night without power, and short enough that binding a room on Wednesday does not bring last Friday's digest.
	firstDigestIn = 48 * time.Hour
)

// Digesting is what the digest sweep needs of its transaction.
type Digesting interface {
	bot.Ledger
	consortium.Consortia
	consortium.CutSource
	consortium.Digests
	Rooms(c consortium.ID) ([]bot.Address, error) // the open group rooms of a consortium
	As(actor string, now time.Time)               // who the audit rows name
}

// Digests is the sweep that makes the digest of each consortium for the newest tick of the schedule, once, and sends it
// to all its rooms. After weeks without power there is one digest, with the real period. All fields but Wake and Logger
// are required.
type Digests[S Digesting] struct {
	Store    bot.Store[S]
	Schedule Schedule
	// Words is the message. It must be pure.
	Words func(cut consortium.Cut, now time.Time) bot.Reply
	// Fit passes a message through the gate and cuts it to what its room can show. It must be pure.
	Fit    func(r bot.Reply, to bot.Address) []bot.Reply
	Wake   func(lane string) // called after the commit
	Logger *slog.Logger
}

// Name implements Sweep.
func (s *Digests[S]) Name() string { return "digests" }

// Run implements Sweep. One consortium whose digest cannot be made does not keep the others from theirs.
func (s *Digests[S]) Run(ctx context.Context, now time.Time) error {
	tick := LastTick(s.Schedule, now, digestBack)
	if tick.IsZero() {
		return nil
	}
	owed, err := s.owed(ctx, tick, now)
	if err != nil {
		return fmt.Errorf("list consortia without a digest: %w", err)
	}
	var failed []error
	for _, c := range owed {
		if ctx.Err() != nil {
			break
		}
		switch err := s.make(ctx, c, tick, now); {
		case errors.Is(err, bot.ErrUnavailable):
			return fmt.Errorf("make a digest: %w", err)
		case err != nil:
			failed = append(failed, fmt.Errorf("make the digest of consortium %d: %w", c.ID, err))
		}
	}
	return errors.Join(failed...)
}

// owed lists the consortia that have a room and no digest for the tick.
func (s *Digests[S]) owed(ctx context.Context, tick, now time.Time) ([]consortium.Consortium, error) {
	var out []consortium.Consortium
	err := s.Store.Do(ctx, func(tx S) error {
		out = out[:0]
		all, err := tx.Consortia()
		if err != nil {
			return err
		}
		for _, c := range all {
			last, err := lastDigest(tx, c.ID)
			if err != nil {
				return err
			}
			if _, due := Period(c, last, tick, now); !due {
				continue
			}
			rooms, err := tx.Rooms(c.ID)
			if err != nil {
				return err
			}
			if len(rooms) > 0 {
				out = append(out, c)
			}
		}
		return nil
	})
	return out, err
}

// make stores one digest and enqueues it to all rooms, in one transaction. That somebody else was faster is no error.
func (s *Digests[S]) make(ctx context.Context, c consortium.Consortium, tick, now time.Time) error {
	var lanes []string
	err := s.Store.Do(ctx, func(tx S) error {
		lanes = lanes[:0]
		tx.As(Actor, now)
		last, err := lastDigest(tx, c.ID)
		if err != nil {
			return err
		}
		from, due := Period(c, last, tick, now)
		rooms, err := tx.Rooms(c.ID)
		if err != nil || !due || len(rooms) == 0 {
			return err
		}
		cut, err := consortium.BuildCut(tx, c, from, tick, now)
		if err != nil {
			return err
		}
		if err := tx.AddDigest(consortium.Digest{Consortium: c.ID, Planned: tick, Cut: cut, Made: now}); err != nil {
			return err
		}
		prefix := fmt.Sprintf("digest/%d/%d", c.ID, tick.Unix())
		lanes, err = enqueue(tx, prefix, rooms, s.Words(cut, now), s.Fit, bot.Digest, s.Schedule.Next(tick))
		return err
	})
	if errors.Is(err, consortium.ErrConflict) {
		return nil
	}
	if err != nil {
		return err
	}
	if s.Logger != nil && len(lanes) > 0 {
		s.Logger.Info("digest made", "consortium", int64(c.ID), "tick", tick, "late", now.Sub(tick).Round(time.Second), "rooms", len(lanes))
	}
	wake(s.Wake, lanes)
	return nil
}

// Period is what the digest of c for the tick covers: from the end of its last digest, or a week, or since the consortium
// exists; to the tick. due is false when there is nothing to make: the tick was served, the consortium is younger, or it
// never had a digest and the tick is long past. It is pure; a zero last means that there was none.
func Period(c consortium.Consortium, last consortium.Digest, tick, now time.Time) (from time.Time, due bool) {
	if !c.Created.Before(tick) {
		return time.Time{}, false
	}
	if last.Planned.IsZero() {
		from = tick.Add(-week)
		if c.Created.After(from) {
			from = c.Created
		}
		return from, now.Sub(tick) <= firstDigestIn
	}
	return last.Cut.To, last.Planned.Before(tick) && last.Cut.To.Before(tick)
}

// lastDigest is the newest digest of c, zero when there is none.
func lastDigest(tx consortium.Digests, c consortium.ID) (consortium.Digest, error) {
	d, err := tx.LastDigest(c)
	if errors.Is(err, consortium.ErrNotFound) {
		return consortium.Digest{}, nil
	}
	return d, err
}
