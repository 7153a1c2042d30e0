package main

import (
	"fmt"
	"io"

	"lianbang/bench/internal/tally"
	"lianbang/bench/internal/zone"
)

// report prints the table, the ratios and the verdicts. It reports whether all goals were met.
func report(w io.Writer, o options, contests []*tally.Contest, bot *zone.Zone, d *tally.Disk) (met bool, err error) {
	fmt.Fprintln(w, tally.Machine())
	fmt.Fprintf(w, "%d speakers, each waiting for the commit of one command; %d rounds of %s in turn; median (lowest–highest)\n",
		zone.Speakers, o.rounds, o.time)
	fmt.Fprintln(w, d)
	if o.lanes {
		fmt.Fprintf(w, "the lanes drain into a null adapter meanwhile: %d replies sent of %d\n\n", bot.Sent(), bot.Enqueued)
	} else {
		fmt.Fprint(w, "the lanes do not drain: replies are enqueued, not sent (-lanes drains them)\n\n")
	}
	if err := tally.Table(w, contests); err != nil {
		return false, err
	}
	fmt.Fprintf(w, "\n%s\n", &bot.Outcomes)
	return verdicts(w, contests), nil
}

// verdicts compares with the goals.
func verdicts(w io.Writer, contests []*tally.Contest) bool {
	goals := tally.Goals{W: w}
	bare, saved, bot := contests[0], contests[1], contests[2]
	s := bot.Against(saved)
	goals.Rate(bot, goalRate)
	goals.Share(bot, bare, "the bare ceiling", goalShare)
	goals.Tail(bot, goalTail)
	goals.Note("against the ceiling with a savepoint each: %.2f (%.2f–%.2f)", s.Mid, s.Low, s.High)
	goals.Work(bot, bare, "the bare ceiling")
	if len(contests) > 3 {
		f := contests[3].Against(bot)
		goals.Judge(f.Mid >= goalFull, "with years of data: %.2f (%.2f–%.2f) of the rate without (goal %.2f)", f.Mid, f.Low, f.High, goalFull)
	}
	return !goals.Missed
}
