package main

import (
	"context"
	"errors"
	"flag"
	"os"
	"runtime/debug"
	"time"

	"lianbang/bench/internal/ceiling"
	"lianbang/bench/internal/program"
	"lianbang/bench/internal/tally"
)

// The goals.
const (
	goalRate  = 8_000 // commands a second
	goalShare = 0.5   // of the bare handler's rate
	goalTail  = 20 * time.Millisecond
)

// warmUp is how many commands a connection sends before each measurement, which are not counted.
const warmUp = 50

// options are the flags.
type options struct {
	rounds, commands int
	folder           string
	profile          string
}

func main() {
	debug.SetGCPercent(1600) // as the program does
	if len(os.Args) == 2 && os.Args[1] == generateCommand {
		generate()
		return
	}
	var o options
	flag.IntVar(&o.rounds, "rounds", 3, "how often everything is measured")
	flag.IntVar(&o.commands, "commands", 400, "length of one measurement, in commands of each connection")
	flag.StringVar(&o.folder, "folder", "", "where the databases are made and removed again; empty = the system's temporary folder")
	flag.StringVar(&o.profile, "profile", "", "write a CPU profile of the bot's measurements to this file, and one of the bare handler to the same with .bare")
	program.Run("webhook", func(ctx context.Context) (met bool, err error) { return run(ctx, o) })
}

// run measures and prints. It reports whether all goals were met.
func run(ctx context.Context, o options) (met bool, err error) {
	o.rounds, o.commands = max(o.rounds, 1), max(o.commands, 1)
	folder, err := os.MkdirTemp(o.folder, "lianbang-bench-")
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(folder)
	rows, err := ceiling.New(folder, false)
	if err != nil {
		return false, err
	}
	defer rows.Close()
	t, err := newTenant(ctx, folder)
	if err != nil {
		return false, err
	}
	defer t.close()
	address, stop, err := serve(t.adapter, t.zone.Handle, newBare(rows))
	if err != nil {
		return false, err
	}
	defer stop()
	generator, err := startGenerator(ctx)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, generator.close()) }()

	load := Order{Address: address, Speakers: t.zone.People, Bot: t.fake.BotOpenID()}
	bareSide := &side{path: barePath, batches: rows.Batches, profile: tally.Profile{Name: o.profile}}
	botSide := &side{path: botPath, batches: t.zone.Batches, profile: tally.Profile{Name: o.profile}}
	if o.profile != "" {
		bareSide.profile.Name += ".bare"
	}
	bare := bareSide.contest("bare handler: three rows", generator, load, o.commands)
	bot := botSide.contest("the bot", generator, load, o.commands)
	disk, err := tally.InTurn(o.rounds, folder, bare, bot)
	if err != nil {
		return false, err
	}
	if err := errors.Join(rows.Verify(bareSide.acknowledged), t.verify(ctx, botSide.acknowledged)); err != nil {
		return false, err
	}
	return report(os.Stdout, o, bare, bot, t.zone, disk)
}
