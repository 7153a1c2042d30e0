package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// speakers is how many people talk at the same time, each waiting for the answer before the next command.
const speakers = 64

// warmUp precedes every measurement and is not counted.
const warmUp = 500 * time.Millisecond

// subject is what is measured.
type subject interface {
	// say handles one command of a speaker, durably. It is called by one goroutine a speaker.
	say(ctx context.Context, speaker int) error
	// batches counts commits and the units in them since the beginning.
	batches() batches
}

// batches counts commits by size.
type batches struct {
	commits, units int64
	sizes          map[int]int64 // commits by upper bound of their size; nil = not known
}

func (b batches) since(old batches) batches {
	d := batches{commits: b.commits - old.commits, units: b.units - old.units}
	if b.sizes != nil {
		d.sizes = map[int]int64{}
		for bound, n := range b.sizes {
			d.sizes[bound] = n - old.sizes[bound]
		}
	}
	return d
}

// measurement is what one round came to.
type measurement struct {
	rate          float64 // commands a second
	p50, p99, max time.Duration
	batches       batches
	cores         float64 // CPU time of this process by wall time
	cost          float64 // CPU time of this process by command, in microseconds
}

// contest is a subject with its rounds.
type contest struct {
	name    string
	subject subject
	rounds  []measurement
}

// round measures once.
func (c *contest) round(ctx context.Context, length time.Duration, p *profile) error {
	if _, err := drive(ctx, c.subject, warmUp); err != nil {
		return err
	}
	z, bot := c.subject.(*zone)
	if bot {
		if err := p.start(); err != nil {
			return err
		}
	}
	m, err := drive(ctx, c.subject, length)
	if bot {
		err = errors.Join(err, p.stop(), z.settle(ctx))
	}
	c.rounds = append(c.rounds, m)
	return err
}

// drive lets all speakers talk for a while.
func drive(ctx context.Context, s subject, length time.Duration) (measurement, error) {
	ctx, stop := context.WithTimeout(ctx, length+30*time.Second)
	defer stop()
	var failed atomic.Pointer[error]
	took := make([][]time.Duration, speakers)
	before, cpu, began := s.batches(), processTime(), time.Now()
	end := began.Add(length)
	var group sync.WaitGroup
	for i := range speakers {
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
	wall, used := time.Since(began), processTime()-cpu
	if err := failed.Load(); err != nil {
		return measurement{}, *err
	}
	if err := ctx.Err(); err != nil {
		return measurement{}, err
	}
	all := slices.Concat(took...)
	if len(all) == 0 {
		return measurement{}, fmt.Errorf("nothing was handled in %s", length)
	}
	slices.Sort(all)
	return measurement{
		rate: float64(len(all)) / wall.Seconds(), p50: all[len(all)/2], p99: all[len(all)*99/100], max: all[len(all)-1],
		batches: s.batches().since(before), cores: used.Seconds() / wall.Seconds(), cost: float64(used.Microseconds()) / float64(len(all)),
	}, nil
}

// eventID is the nth event's id: unique, and as scattered as those of the platforms, which is what an index has to cope with.
func eventID(n int64) string { return fmt.Sprintf("om_%016x", uint64(n)*0x9e3779b97f4a7c15) }

// processTime is the CPU time that this process has used.
func processTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
