package main

import (
	"context"
	"flag"
	"os"
	"runtime/debug"
	"time"

	"lianbang/bench/internal/ceiling"
	"lianbang/bench/internal/program"
	"lianbang/bench/internal/tally"
	"lianbang/bench/internal/zone"
)

// The goals.
const (
	goalRate  = 10_000 // commands a second
	goalShare = 0.5    // of the bare ceiling
	goalTail  = 15 * time.Millisecond
	goalFull  = 0.8 // of the rate of an empty database
)

// options are the flags.
type options struct {
	rounds  int
	time    time.Duration
	lanes   bool
	fill    float64
	folder  string
	profile string
}

func main() {
	var o options
	flag.IntVar(&o.rounds, "rounds", 3, "how often everything is measured")
	flag.DurationVar(&o.time, "time", 4*time.Second, "length of one measurement")
	flag.BoolVar(&o.lanes, "lanes", false, "drain the lanes into a null adapter at the same time")
	flag.Float64Var(&o.fill, "fill", 0, "also measure a database filled with so many times 1,000,000 needs, 200,000 activities and 5,000,000 audit rows")
	flag.StringVar(&o.folder, "folder", "", "where the databases are made and removed again; empty = the system's temporary folder")
	flag.StringVar(&o.profile, "profile", "", "write a CPU profile of the bot's measurements to this file")
	debug.SetGCPercent(1600) // as the program does
	program.Run("commands", func(ctx context.Context) (met bool, err error) { return run(ctx, o) })
}

// run measures and prints. It reports whether all goals were met.
func run(ctx context.Context, o options) (met bool, err error) {
	o.rounds = max(o.rounds, 1)
	folder, err := os.MkdirTemp(o.folder, "lianbang-bench-")
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(folder)
	bare, err := ceiling.New(folder, false)
	if err != nil {
		return false, err
	}
	defer bare.Close()
	saved, err := ceiling.New(folder, true)
	if err != nil {
		return false, err
	}
	defer saved.Close()
	empty, err := zone.Open(ctx, zone.Options{Folder: folder, Name: "empty", Place: zone.Local(), Lanes: o.lanes})
	if err != nil {
		return false, err
	}
	defer empty.Close()
	profile := tally.Profile{Name: o.profile}
	contests := []*tally.Contest{
		{Name: "ceiling: three rows", Measure: ceilingRound(ctx, bare, o.time)},
		{Name: "ceiling, savepoint each", Measure: ceilingRound(ctx, saved, o.time)},
		{Name: "the bot", Measure: botRound(ctx, empty, o.time, &profile)},
	}
	if o.fill > 0 {
		full, err := zone.Open(ctx, zone.Options{Folder: folder, Name: "full", Place: zone.Local(), Lanes: o.lanes, Fill: o.fill})
		if err != nil {
			return false, err
		}
		defer full.Close()
		contests = append(contests, &tally.Contest{Name: "the bot, years of data", Measure: botRound(ctx, full, o.time, &profile)})
	}
	disk, err := tally.InTurn(o.rounds, folder, contests...)
	if err != nil {
		return false, err
	}
	if err := empty.Verify(ctx); err != nil {
		return false, err
	}
	return report(os.Stdout, o, contests, empty, disk)
}
