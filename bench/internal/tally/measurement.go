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

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
