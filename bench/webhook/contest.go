package main

import (
	"errors"
	"fmt"

	"lianbang/bench/internal/tally"
	"lianbang/bench/internal/zone"
)

// contest is a handler with its rounds.
type contest struct {
	tally.Contest
	path         string // where the server has it
	batches      func() tally.Batches
	profile      tally.Profile
	prepared     int64 // requests, since the beginning
	acknowledged int64
}

// round measures once.
func (c *contest) round(g *generator, load Order, each int) error {
	load.Path = c.path
	if _, err := c.fire(g, load, warmUp); err != nil {
		return err
	}
	if err := c.profile.Start(); err != nil {
		return err
	}
	m, err := c.fire(g, load, each)
	if err := errors.Join(err, c.profile.Stop()); err != nil {
		return err
	}
	c.Rounds = append(c.Rounds, m)
	return nil
}

// fire has the generator prepare requests and then, with the clock running, send them.
func (c *contest) fire(g *generator, load Order, each int) (tally.Measurement, error) {
	load.First, load.Each = c.prepared, each
	c.prepared += int64(each) * zone.Speakers
	if err := g.prepare(load); err != nil {
		return tally.Measurement{}, fmt.Errorf("prepare the load: %w", err)
	}
	before, cpu := c.batches(), tally.ProcessTime()
	r, err := g.fire()
	if err != nil {
		return tally.Measurement{}, err
	}
	n := len(r.Took)
	c.acknowledged += int64(n)
	m := tally.Measure(r.Took, r.Wall, tally.ProcessTime()-cpu, c.batches().Since(before))
	m.Load = tally.Micros(r.Used) / float64(n)
	return m, nil
}
