package tally

import (
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

// Machine says when and on what it was measured.
func Machine() string {
	load, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		load = []byte("not known")
	}
	return fmt.Sprintf("%s, %s %s/%s, %d cores, load %s", time.Now().Format("2006-01-02 15:04"), runtime.Version(), runtime.GOOS,
		runtime.GOARCH, runtime.GOMAXPROCS(0), strings.TrimSpace(string(load)))
}

// Table prints a line for each contest: medians, in brackets the range, of max the greatest. The load generator has a column
// where there is one.
func Table(w io.Writer, contests []*Contest) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	apart := contests[0].Rounds[0].Load > 0
	generator := ""
	if apart {
		generator = "\tgenerator µs each"
	}
	fmt.Fprintf(table, "\tcommands/s\tp50 ms\tp99 ms\tmax ms\tCPU µs each%s\tcores used\tunits/commit\n", generator)
	for _, c := range contests {
		if apart {
			generator = fmt.Sprintf("\t%.0f", c.Spread(func(m Measurement) float64 { return m.Load }).Mid)
		}
		r, tail, cpu := c.Spread(rate), c.Spread(p99), c.Spread(cost)
		fmt.Fprintf(table, "%s\t%.0f (%.0f–%.0f)\t%.1f\t%.1f (%.1f–%.1f)\t%.1f\t%.0f (%.0f–%.0f)%s\t%.2f\t%s\n", c.Name,
			r.Mid, r.Low, r.High, c.Spread(func(m Measurement) float64 { return ms(m.P50) }).Mid, tail.Mid, tail.Low, tail.High,
			c.Spread(func(m Measurement) float64 { return ms(m.Max) }).High, cpu.Mid, cpu.Low, cpu.High, generator,
			c.Spread(func(m Measurement) float64 { return m.Cores }).Mid, c.batches())
	}
	return table.Flush()
}

// batches is the mean size of a batch, and the size class that most commands went in.
func (c *Contest) batches() string {
	sum := Batches{Sizes: map[int]int64{}}
	for _, m := range c.Rounds {
		sum.Commits += m.Batches.Commits
		sum.Units += m.Batches.Units
		for bound, n := range m.Batches.Sizes {
			sum.Sizes[bound] += n
		}
	}
	if sum.Commits == 0 {
		return "–"
	}
	text := fmt.Sprintf("%.1f", float64(sum.Units)/float64(sum.Commits))
	if len(sum.Sizes) == 0 {
		return text
	}
	var parts []string
	for _, bound := range slices.Sorted(maps.Keys(sum.Sizes)) {
		if share := 100 * sum.Sizes[bound] / sum.Commits; share > 0 {
			parts = append(parts, fmt.Sprintf("≤%d %d%%", bound, share))
		}
	}
	return text + " (" + strings.Join(parts, ", ") + ")"
}
