package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"lianbang/bench/internal/tally"
	"lianbang/understand"
)

// spreadOf reads one figure of every round.
func spreadOf(rounds []round, read func(round) float64) tally.Spread {
	var v []float64
	for _, r := range rounds {
		v = append(v, read(r))
	}
	return tally.SpreadOf(v)
}

// rate is texts by wall time, cost the microseconds of CPU time of one.
func rate(r round) float64 { return float64(r.Texts) / r.Seconds }
func cost(r round) float64 { return 1e6 * r.CPU / float64(r.Texts) }

func rates(rounds []round) string {
	s := spreadOf(rounds, rate)
	return fmt.Sprintf("%s (%s–%s)", thousands(s.Mid), thousands(s.Low), thousands(s.High))
}

// thousands prints a whole number with separators, rounded to three digits.
func thousands(v float64) string {
	for unit := 1.0; ; unit *= 10 {
		if v/unit < 1000 {
			v = float64(int(v/unit+0.5)) * unit
			break
		}
	}
	digits := fmt.Sprintf("%.0f", v)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// report prints the tables and the verdicts. It reports whether all goals were met.
func report(w io.Writer, length time.Duration, corpora []corpus, tables [][]line, read reading) bool {
	load, _ := os.ReadFile("/proc/loadavg")
	fmt.Fprintf(w, "%s, %s %s/%s, one of %d cores, load %s\n", time.Now().Format("2006-01-02 15:04"), runtime.Version(), runtime.GOOS,
		runtime.GOARCH, runtime.NumCPU(), strings.TrimSpace(string(load)))
	fmt.Fprintf(w, "%d rounds, %s together, after a warm-up of %s; median (lowest–highest)\n", rounds, length, warmUp)
	least := 0.0
	for i, c := range corpora {
		c.print(w, tables[i])
		if r := spreadOf(tables[i][0].outcome.Rounds, rate).Mid; i == 0 || r < least {
			least = r
		}
	}
	read.print(w)
	goals := tally.Goals{W: w}
	m := spreadOf(read.rounds, rate).Mid
	typical := read.allocations[len(read.allocations)/2]
	goals.Judge(least >= goalExpressions, "expressions a second: %s (goal %s)", thousands(least), thousands(goalExpressions))
	goals.Judge(m >= goalMessages, "messages a second: %s (goal %s)", thousands(m), thousands(goalMessages))
	goals.Judge(typical <= goalAllocations, "allocations of the median message: %.0f (goal %d)", typical, goalAllocations)
	goals.Judge(read.growth.worst <= goalGrowth, "100 KB against 1 KB, the worst of %d texts: %.0f times (goal %d)", len(longUnits), read.growth.worst, goalGrowth)
	return !goals.Missed
}

// print shows the table of a corpus.
func (c corpus) print(w io.Writer, lines []line) {
	fmt.Fprintf(w, "\n%s, %d\n", c.name, len(c.items))
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	head := "\texpressions/s\tCPU µs each\tfound in\tpanics"
	if c.scored {
		head += "\tright\tfalse positives"
	}
	fmt.Fprintln(table, head)
	for _, l := range lines {
		if l.missing != nil {
			fmt.Fprintf(table, "%s\tnot measured: see below\t–\t–\t–\n", l.name)
			continue
		}
		o := l.outcome
		fmt.Fprintf(table, "%s\t%s\t%.1f\t%d\t%d", l.name, rates(o.Rounds), spreadOf(o.Rounds, cost).Mid, o.found(), o.Panics)
		if c.scored {
			fmt.Fprintf(table, "\t%s\t%s", l.score, l.score.negatives())
		}
		fmt.Fprintln(table)
	}
	table.Flush()
	for _, l := range lines {
		if l.missing != nil {
			fmt.Fprintf(w, "%s: not measured: %s\n", l.name, l.missing)
		}
	}
}

// print shows what was measured of whole messages.
func (r reading) print(w io.Writer) {
	fmt.Fprintf(w, "\nwhole messages, %d, a gazetteer of %d\n", len(messages), len(units))
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "\tmessages/s\tCPU µs each\tallocations: median, most")
	fmt.Fprintf(table, "understand\t%s\t%.1f\t%.0f, %.0f\n", rates(r.rounds), spreadOf(r.rounds, cost).Mid,
		r.allocations[len(r.allocations)/2], r.allocations[len(r.allocations)-1])
	table.Flush()
	keys := slices.Collect(maps.Keys(r.intents))
	slices.SortFunc(keys, func(a, b understand.Intent) int {
		return cmp.Or(cmp.Compare(r.intents[b], r.intents[a]), cmp.Compare(a, b))
	})
	var parts []string
	for _, k := range keys {
		parts = append(parts, fmt.Sprintf("%s %d", k, r.intents[k]))
	}
	fmt.Fprintf(w, "read as: %s\n\nlong texts, %d\n", strings.Join(parts, ", "), len(longUnits))
	fmt.Fprintln(table, "\t100 KB : 1 KB\t16 KB : 1 KB, worst\t100 KB, longest\tthe worst repeats")
	for _, l := range []struct {
		name   string
		growth growth
	}{{"understand", r.growth}, {"zhtime", r.parse}} {
		g := l.growth
		fmt.Fprintf(table, "%s\t%.0f–%.0f\t%.0f\t%s\t%.30q\n", l.name, g.best, g.worst, g.middle, g.cost.Round(100*time.Microsecond), g.unit)
	}
	table.Flush()
	fmt.Fprintln(w)
}
