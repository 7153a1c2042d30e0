package main

import (
	"fmt"
	"io"

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
	goals.Rate(bot, goalRate)
	goals.Tail(bot, goalTail)
	goals.Share(bot, bare, "the bare handler", goalShare)
	goals.Work(bot, bare, "the bare handler")
	return !goals.Missed, nil
}
