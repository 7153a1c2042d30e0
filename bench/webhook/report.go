package main

import (
	"fmt"
	"io"
	"time"

	"lianbang/bench/internal/tally"
	"lianbang/bench/internal/zone"
)

// report prints the table, the ratios and the verdicts. It reports whether all goals were met.
func report(w io.Writer, o options, bare, bot *tally.Contest, z *zone.Zone, d *tally.Disk) (met bool, err error) {
	fmt.Fprintln(w, tally.Machine())
	fmt.Fprintf(w, "%d keep-alive connections, each waiting for the acknowledgement of one event; %d rounds in turn of at most %d events each; median (lowest–highest)\n",
		zone.Speakers, o.rounds, o.commands)
	fmt.Fprintf(w, "%s\nthe events are encrypted and signed before the clock runs; replies are enqueued, not sent\n\n", d)
	if err := tally.Table(w, []*tally.Contest{bare, bot}); err != nil {
		return false, err
	}
	fmt.Fprintf(w, "\n%s\n", &z.Outcomes)
	goals := tally.Goals{W: w}
	r, p99, share := bot.Spread(tally.Rate), bot.Spread(tally.P99), bot.Against(bare)
	goals.Judge(r.Mid >= goalRate, "commands a second: %.0f (goal %d)", r.Mid, goalRate)
	goals.Judge(p99.Mid <= float64(goalTail)/float64(time.Millisecond), "p99: %.1f ms (goal %s)", p99.Mid, goalTail)
	goals.Judge(share.Mid >= goalShare, "against the bare handler: %.2f (%.2f–%.2f) (goal %.2f)", share.Mid, share.Low, share.High, goalShare)
	goals.Note("CPU time of a command: %.1f times that of the bare handler", bot.Spread(tally.Cost).Mid/bare.Spread(tally.Cost).Mid)
	return !goals.Missed, nil
}
