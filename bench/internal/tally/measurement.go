// Package tally holds what measurements came to, and prints it beside the goals.
package tally

import (
	"slices"
	"syscall"
	"time"
)

// Batches counts commits by size.
type Batches struct {
	Commits, Units int64
	Sizes          map[int]int64 // commits by upper bound of their size; nil = not known
}

// Since is what came after old.
func (b Batches) Since(old Batches) Batches {
	d := Batches{Commits: b.Commits - old.Commits, Units: b.Units - old.Units}
	if b.Sizes != nil {
		d.Sizes = map[int]int64{}
		for bound, n := range b.Sizes {
			d.Sizes[bound] = n - old.Sizes[bound]
		}
	}
	return d
}

// Measurement is what one round came to.
type Measurement struct {
	Rate          float64 // commands a second
	P50, P99, Max time.Duration
	Batches       Batches
	Cores         float64 // CPU time of this process by wall time
	Cost          float64 // CPU time of this process by command, in microseconds
	Load          float64 // CPU time of a load generator in a process of its own by command, in microseconds
}

// Measure sums up commands that took so long each, within the wall time and with the CPU time of this process. There must be
// at least one. took is put in order.
func Measure(took []time.Duration, wall, used time.Duration, batches Batches) Measurement {
	slices.Sort(took)
	n := len(took)
	return Measurement{
		Rate: float64(n) / wall.Seconds(), P50: took[n/2], P99: took[n*99/100], Max: took[n-1], Batches: batches,
		Cores: used.Seconds() / wall.Seconds(), Cost: Micros(used) / float64(n),
	}
}

// Micros is a duration in microseconds.
func Micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

// ProcessTime is the CPU time that this process has used.
func ProcessTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// Contest is what is measured, by name, with its rounds.
type Contest struct {
	Name   string
	Rounds []Measurement
}

// Spread is the median of some figures, with their range.
type Spread struct{ Low, Mid, High float64 }

func spreadOf(values []float64) Spread {
	v := slices.Sorted(slices.Values(values))
	return Spread{v[0], v[len(v)/2], v[len(v)-1]}
}

// Spread reads one figure of every round.
func (c *Contest) Spread(read func(Measurement) float64) Spread {
	var v []float64
	for _, m := range c.Rounds {
		v = append(v, read(m))
	}
	return spreadOf(v)
}

// Against divides rates round by round: both numbers of a quotient come from the same seconds.
func (c *Contest) Against(other *Contest) Spread {
	var v []float64
	for i, m := range c.Rounds {
		v = append(v, m.Rate/other.Rounds[i].Rate)
	}
	return spreadOf(v)
}

// Rate reads the commands a second.
func Rate(m Measurement) float64 { return m.Rate }

// Cost reads the CPU time of a command in microseconds.
func Cost(m Measurement) float64 { return m.Cost }

// P99 reads the 99th percentile in milliseconds.
func P99(m Measurement) float64 { return ms(m.P99) }

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
