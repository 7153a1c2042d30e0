package tally

import (
	"fmt"
	"io"
	"time"
)

// Goals prints how figures compare with goals, and remembers whether one was missed.
type Goals struct {
	W      io.Writer
	Missed bool
}

// Judge prints a verdict.
func (g *Goals) Judge(ok bool, format string, args ...any) {
	mark := "met"
	if !ok {
		mark, g.Missed = "MISSED", true
	}
	fmt.Fprintf(g.W, "%-7s %s\n", mark, fmt.Sprintf(format, args...))
}

// Note prints a figure that has no goal.
func (g *Goals) Note(format string, args ...any) {
	fmt.Fprintf(g.W, "%-7s %s\n", "", fmt.Sprintf(format, args...))
}

// Rate judges the commands a second.
func (g *Goals) Rate(c *Contest, goal int) {
	r := c.Spread(rate).Mid
	g.Judge(r >= float64(goal), "commands a second: %.0f (goal %d)", r, goal)
}

// Tail judges the 99th percentile.
func (g *Goals) Tail(c *Contest, goal time.Duration) {
	tail := c.Spread(p99).Mid
	g.Judge(tail <= ms(goal), "p99: %.1f ms (goal %s)", tail, goal)
}

// Share judges the rate by that of another contest, which it calls by the given name.
func (g *Goals) Share(c, of *Contest, name string, goal float64) {
	s := c.Against(of)
	g.Judge(s.Mid >= goal, "against %s: %.2f (%.2f–%.2f) (goal %.2f)", name, s.Mid, s.Low, s.High, goal)
}

// Work notes the CPU time of a command beside that of another contest.
func (g *Goals) Work(c, of *Contest, name string) {
	g.Note("CPU time of a command: %.1f times that of %s", c.Spread(cost).Mid/of.Spread(cost).Mid, name)
}
