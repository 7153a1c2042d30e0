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
)

// spread is the median of some figures, with their range.
type spread struct{ low, mid, high float64 }

func spreadOf(values []float64) spread {
	v := slices.Sorted(slices.Values(values))
	return spread{v[0], v[len(v)/2], v[len(v)-1]}
}

func (c *contest) spread(read func(measurement) float64) spread {
	var v []float64
	for _, m := range c.rounds {
		v = append(v, read(m))
	}
	return spreadOf(v)
}

// against divides rates round by round: both numbers of a quotient come from the same seconds.
func (c *contest) against(other *contest) spread {
	var v []float64
	for i, m := range c.rounds {
		v = append(v, m.rate/other.rounds[i].rate)
	}
	return spreadOf(v)
}

func rate(m measurement) float64 { return m.rate }
func cost(m measurement) float64 { return m.cost }
func tail(m measurement) float64 { return float64(m.p99) }

// report prints the table, the ratios and the verdicts. It reports whether all goals were met.
func report(w io.Writer, o options, contests []*contest, d *disk) bool {
	bot := contests[2].subject.(*zone)
	load, _ := os.ReadFile("/proc/loadavg")
	fmt.Fprintf(w, "%s, %s %s/%s, %d cores, load %s\n", time.Now().Format("2006-01-02 15:04"), runtime.Version(), runtime.GOOS,
		runtime.GOARCH, runtime.GOMAXPROCS(0), strings.TrimSpace(string(load)))
	fmt.Fprintf(w, "%d speakers, each waiting for the commit of one command; %d rounds of %s in turn; median (lowest–highest)\n",
		speakers, o.rounds, o.time)
	fmt.Fprintln(w, d)
	if o.lanes {
		fmt.Fprintf(w, "the lanes drain into a null adapter meanwhile: %d replies sent of %d\n\n", bot.lanes.Stats().Sent, bot.enqueued)
	} else {
		fmt.Fprint(w, "the lanes do not drain: replies are enqueued, not sent (-lanes drains them)\n\n")
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "\tcommands/s\tp50 ms\tp99 ms\tmax ms\tCPU µs each\tcores used\tunits/commit")
	for _, c := range contests {
		r, p99, cpu := c.spread(rate), c.spread(tail), c.spread(cost)
		fmt.Fprintf(table, "%s\t%.0f (%.0f–%.0f)\t%.1f\t%.1f (%.1f–%.1f)\t%.1f\t%.0f (%.0f–%.0f)\t%.2f\t%s\n", c.name, r.mid, r.low, r.high,
			ms(c.spread(func(m measurement) float64 { return float64(m.p50) }).mid), ms(p99.mid), ms(p99.low), ms(p99.high),
			ms(c.spread(func(m measurement) float64 { return float64(m.max) }).high), cpu.mid, cpu.low, cpu.high,
			c.spread(func(m measurement) float64 { return m.cores }).mid, c.batchText())
	}
	table.Flush()
	fmt.Fprintln(w)
	bot.outcomes.print(w)
	return verdicts(w, contests)
}

func ms(ns float64) float64 { return ns / float64(time.Millisecond) }

// batchText is the mean size of a batch, and the size class that most commands went in.
func (c *contest) batchText() string {
	var sum batches
	sum.sizes = map[int]int64{}
	for _, m := range c.rounds {
		sum.commits += m.batches.commits
		sum.units += m.batches.units
		for bound, n := range m.batches.sizes {
			sum.sizes[bound] += n
		}
	}
	if sum.commits == 0 {
		return "–"
	}
	text := fmt.Sprintf("%.1f", float64(sum.units)/float64(sum.commits))
	if len(sum.sizes) == 0 {
		return text
	}
	var parts []string
	for _, bound := range slices.Sorted(maps.Keys(sum.sizes)) {
		if share := 100 * sum.sizes[bound] / sum.commits; share > 0 {
			parts = append(parts, fmt.Sprintf("≤%d %d%%", bound, share))
		}
	}
	return text + " (" + strings.Join(parts, ", ") + ")"
}

// print shows what the mix came to.
func (o *outcomes) print(w io.Writer) {
	o.mu.Lock()
	defer o.mu.Unlock()
	total := int64(0)
	for _, n := range o.counts {
		total += n
	}
	keys := slices.SortedFunc(maps.Keys(o.counts), func(a, b [2]string) int { return cmp.Compare(o.counts[b], o.counts[a]) })
	var parts []string
	for _, k := range keys {
		name := strings.TrimSpace(k[0] + " " + k[1])
		if k[1] == "done" {
			name = k[0]
		}
		parts = append(parts, fmt.Sprintf("%s %.1f%%", name, 100*float64(o.counts[k])/float64(total)))
	}
	fmt.Fprintf(w, "the mix, of %d commands: %s\n", total, strings.Join(parts, ", "))
}

// verdicts compares with the goals.
func verdicts(w io.Writer, contests []*contest) bool {
	met := true
	judge := func(ok bool, format string, args ...any) {
		mark := "met"
		if !ok {
			mark, met = "MISSED", false
		}
		fmt.Fprintf(w, "%-7s %s\n", mark, fmt.Sprintf(format, args...))
	}
	bare, saved, bot := contests[0], contests[1], contests[2]
	r, p99, share := bot.spread(rate), bot.spread(tail), bot.against(bare)
	judge(r.mid >= goalRate, "commands a second: %.0f (goal %d)", r.mid, goalRate)
	judge(share.mid >= goalShare, "against the bare ceiling: %.2f (%.2f–%.2f) (goal %.2f)", share.mid, share.low, share.high, goalShare)
	judge(p99.mid <= float64(goalTail), "p99: %.1f ms (goal %s)", ms(p99.mid), goalTail)
	s := bot.against(saved)
	fmt.Fprintf(w, "        against the ceiling with a savepoint each: %.2f (%.2f–%.2f)\n", s.mid, s.low, s.high)
	fmt.Fprintf(w, "        CPU time of a command: %.1f times that of the bare ceiling\n", bot.spread(cost).mid/bare.spread(cost).mid)
	if len(contests) > 3 {
		f := contests[3].against(bot)
		judge(f.mid >= goalFull, "with years of data: %.2f (%.2f–%.2f) of the rate without (goal %.2f)", f.mid, f.low, f.high, goalFull)
	}
	return met
}
