package main

import (
	"fmt"
	"io"
	"time"

	"lianbang/bench/internal/tally"
	"lianbang/bench/internal/zone"
)

// report prints the table, the ratios and the verdicts. It reports whether all goals were met.
func report(w io.Writer, o options, contests []*contest, d *tally.Disk) (met bool, err error) {
	bot := contests[2].subject.(*spoken)
	fmt.Fprintln(w, tally.Machine())
	fmt.Fprintf(w, "%d speakers, each waiting for the commit of one command; %d rounds of %s in turn; median (lowest–highest)\n",
		zone.Speakers, o.rounds, o.time)
	fmt.Fprintln(w, d)
	if o.lanes {
		fmt.Fprintf(w, "the lanes drain into a null adapter meanwhile: %d replies sent of %d\n\n", bot.Sent(), bot.Enqueued)
	} else {
		fmt.Fprint(w, "the lanes do not drain: replies are enqueued, not sent (-lanes drains them)\n\n")
	}
	var all []*tally.Contest
	for _, c := range contests {
		all = append(all, &c.Contest)
	}
	if err := tally.Table(w, all); err != nil {
		return false, err
	}
	fmt.Fprintf(w, "\n%s\n", &bot.Outcomes)
	return verdicts(w, all), nil
}

// verdicts compares with the goals.
func verdicts(w io.Writer, contests []*tally.Contest) bool {
	goals := tally.Goals{W: w}
	bare, saved, bot := contests[0], contests[1], contests[2]
	r, p99, share, s := bot.Spread(tally.Rate), bot.Spread(tally.P99), bot.Against(bare), bot.Against(saved)
	goals.Judge(r.Mid >= goalRate, "commands a second: %.0f (goal %d)", r.Mid, goalRate)
	goals.Judge(share.Mid >= goalShare, "against the bare ceiling: %.2f (%.2f–%.2f) (goal %.2f)", share.Mid, share.Low, share.High, goalShare)
	goals.Judge(p99.Mid <= float64(goalTail)/float64(time.Millisecond), "p99: %.1f ms (goal %s)", p99.Mid, goalTail)
	goals.Note("against the ceiling with a savepoint each: %.2f (%.2f–%.2f)", s.Mid, s.Low, s.High)
	goals.Note("CPU time of a command: %.1f times that of the bare ceiling", bot.Spread(tally.Cost).Mid/bare.Spread(tally.Cost).Mid)
	if len(contests) > 3 {
		f := contests[3].Against(bot)
		goals.Judge(f.Mid >= goalFull, "with years of data: %.2f (%.2f–%.2f) of the rate without (goal %.2f)", f.Mid, f.Low, f.High, goalFull)
	}
	return !goals.Missed
}
