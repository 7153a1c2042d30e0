package main

import (
	"errors"
	"fmt"

	"lianbang/bench/internal/tally"
	"lianbang/bench/internal/zone"
)

// side is one of the handlers.
type side struct {
	path         string // where the server has it
	batches      func() tally.Batches
	profile      tally.Profile
	prepared     int64 // requests, since the beginning
	acknowledged int64
}

// contest measures with so many commands of each connection.
func (s *side) contest(name string, g *generator, load Order, each int) *tally.Contest {
	load.Path = s.path
	return &tally.Contest{Name: name, Measure: func() (m tally.Measurement, err error) {
		if _, err := s.fire(g, load, warmUp); err != nil {
			return m, err
		}
		if err := s.profile.Start(); err != nil {
			return m, err
		}
		m, err = s.fire(g, load, each)
		return m, errors.Join(err, s.profile.Stop())
	}}
}

// fire has the generator prepare requests and then, with the clock running, send them.
func (s *side) fire(g *generator, load Order, each int) (tally.Measurement, error) {
	load.First, load.Each = s.prepared, each
	s.prepared += int64(each) * zone.Speakers
	if err := g.prepare(load); err != nil {
		return tally.Measurement{}, fmt.Errorf("prepare the load: %w", err)
	}
	before, cpu := s.batches(), tally.ProcessTime()
	r, err := g.fire()
	if err != nil {
		return tally.Measurement{}, err
	}
	n := len(r.Took)
	s.acknowledged += int64(n)
	m := tally.Measure(r.Took, r.Wall, tally.ProcessTime()-cpu, s.batches().Since(before))
	m.Load = tally.Micros(r.Used) / float64(n)
	return m, nil
}
