package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"lianbang/bench/internal/ceiling"
	"lianbang/bench/internal/tally"
	"lianbang/bench/internal/zone"
	"lianbang/bot"
)

// warmUp precedes every measurement and is not counted.
const warmUp = 500 * time.Millisecond

// subject is what is measured.
type subject interface {
	// say handles one command of a speaker, durably. It is called by one goroutine a speaker.
	say(ctx context.Context, speaker int) error
	// Batches counts commits and the units in them since the beginning.
	Batches() tally.Batches
}

// numbered is a ceiling whose events have the ids that those of the zone have.
type numbered struct {
	*ceiling.Ceiling
	last atomic.Int64
}

func (c *numbered) say(_ context.Context, speaker int) error {
	return c.Say("web/local/"+zone.EventID(c.last.Add(1)), speaker)
}

// spoken is the bot, to which the speakers speak in the local chat.
type spoken struct {
	*zone.Zone
	last atomic.Int64
}

func (b *spoken) say(ctx context.Context, speaker int) error {
	p := b.People[speaker]
	s := p.Next()
	from := bot.Address{Platform: "web", Account: "local", Chat: p.Room, User: p.Key}
	if s.Private {
		from.Chat = p.Private
	}
	e := bot.Event{
		ID: bot.EventID(zone.EventID(b.last.Add(1))), Kind: bot.Said, At: time.Now(), From: from, Name: p.Name,
		Direct: s.Private, Addressed: s.Private || !s.Chatter, Text: s.Text,
	}
	if err := b.Handle(ctx, e); err != nil {
		return fmt.Errorf("%s: %w", s.Text, err)
	}
	return nil
}

// ceilingRound measures a ceiling.
func ceilingRound(ctx context.Context, c *ceiling.Ceiling, length time.Duration) func() (tally.Measurement, error) {
	s := &numbered{Ceiling: c}
	return func() (m tally.Measurement, err error) {
		if _, err := drive(ctx, s, warmUp); err != nil {
			return m, err
		}
		return drive(ctx, s, length)
	}
}

// botRound measures the bot, with a profile, and waits until the lanes have drained.
func botRound(ctx context.Context, z *zone.Zone, length time.Duration, p *tally.Profile) func() (tally.Measurement, error) {
	s := &spoken{Zone: z}
	return func() (m tally.Measurement, err error) {
		if _, err := drive(ctx, s, warmUp); err != nil {
			return m, err
		}
		if err := p.Start(); err != nil {
			return m, err
		}
		m, err = drive(ctx, s, length)
		return m, errors.Join(err, p.Stop(), z.Settle(ctx))
	}
}

// drive lets all speakers talk for a while.
func drive(ctx context.Context, s subject, length time.Duration) (tally.Measurement, error) {
	ctx, stop := context.WithTimeout(ctx, length+30*time.Second)
	defer stop()
	var failed atomic.Pointer[error]
	took := make([][]time.Duration, zone.Speakers)
	before, cpu, began := s.Batches(), tally.ProcessTime(), time.Now()
	end := began.Add(length)
	var group sync.WaitGroup
	for i := range took {
		group.Go(func() {
			for now := time.Now(); now.Before(end) && failed.Load() == nil && ctx.Err() == nil; {
				if err := s.say(ctx, i); err != nil {
					failed.Store(&err)
				}
				after := time.Now()
				took[i] = append(took[i], after.Sub(now))
				now = after
			}
		})
	}
	group.Wait()
	wall, used := time.Since(began), tally.ProcessTime()-cpu
	if err := failed.Load(); err != nil {
		return tally.Measurement{}, *err
	}
	if err := ctx.Err(); err != nil {
		return tally.Measurement{}, err
	}
	all := slices.Concat(took...)
	if len(all) == 0 {
		return tally.Measurement{}, fmt.Errorf("nothing was handled in %s", length)
	}
	return tally.Measure(all, wall, used, s.Batches().Since(before)), nil
}
