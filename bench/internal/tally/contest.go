package tally

import (
	"errors"
	"fmt"
	"slices"
)

// Contest is what is measured, by name, with its rounds.
type Contest struct {
	Name    string
	Measure func() (Measurement, error) // measures one round
	Rounds  []Measurement
}

// InTurn measures the contests, and the disk of the folder, round by round, so that whatever else the machine does meets all
// of them alike. There must be at least one round.
func InTurn(rounds int, folder string, contests ...*Contest) (d *Disk, err error) {
	if d, err = newDisk(folder); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, d.close()) }()
	for range rounds {
		if err := d.round(); err != nil {
			return nil, err
		}
		for _, c := range contests {
			m, err := c.Measure()
			if err != nil {
				return nil, fmt.Errorf("measure %s: %w", c.Name, err)
			}
			c.Rounds = append(c.Rounds, m)
		}
	}
	return d, nil
}

// Spread is the median of some figures, with their range.
type Spread struct{ Low, Mid, High float64 }

// SpreadOf sums up figures, of which there must be at least one.
func SpreadOf(values []float64) Spread {
	v := slices.Sorted(slices.Values(values))
	return Spread{v[0], v[len(v)/2], v[len(v)-1]}
}

// Spread reads one figure of every round.
func (c *Contest) Spread(read func(Measurement) float64) Spread {
	var v []float64
	for _, m := range c.Rounds {
		v = append(v, read(m))
	}
	return SpreadOf(v)
}

// Against divides rates round by round: both numbers of a quotient come from the same seconds.
func (c *Contest) Against(other *Contest) Spread {
	var v []float64
	for i, m := range c.Rounds {
		v = append(v, m.Rate/other.Rounds[i].Rate)
	}
	return SpreadOf(v)
}

// rate reads the commands a second.
func rate(m Measurement) float64 { return m.Rate }

// cost reads the CPU time of a command in microseconds.
func cost(m Measurement) float64 { return m.Cost }

// p99 reads the 99th percentile in milliseconds.
func p99(m Measurement) float64 { return ms(m.P99) }
