// Command lianbang is the bot: it serves, and it has small tools for operators.
package main

import (
	"context"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	_ "time/tzdata"

	"github.com/alecthomas/kong"
)

// commands is the command line.
type commands struct {
	Config string `help:"Configuration file (YAML). Without one the defaults hold." type:"existingfile" placeholder:"FILE"`
	Data   string `help:"Data folder; overrides the configuration." placeholder:"DIR"`

	Serve       serveCommand   `cmd:"" default:"withargs" help:"Run the bot (the default)."`
	Chat        chatCommand    `cmd:"" help:"Talk with the bot in the terminal, or line by line from a script."`
	Demo        demoCommand    `cmd:"" help:"Load a demonstration zone."`
	Migrate     migrateCommand `cmd:"" help:"Bring the database up to date and stop."`
	CheckConfig checkCommand   `cmd:"" help:"Check the configuration and stop."`
	Outbox      outboxCommands `cmd:"" help:"List, retry or drop messages that did not leave."`
	Groups      groupsCommand  `cmd:"" help:"List the groups that the bot knows, with their ids."`
	Audit       auditCommands  `cmd:"" help:"Prove that the audit log is whole."`
	Doctor      doctorCommands `cmd:"" help:"Check an account against its platform."`
	Fake        fakeCommands   `cmd:"" help:"Run a platform of one's own, to rehearse."`
	Parse       parseCommands  `cmd:"" help:"See how texts are understood."`
	Version     versionCommand `cmd:"" help:"Print the version."`
}

// console is what a command talks to.
type console struct {
	in       io.Reader
	out, err io.Writer
}

// Garbage is collected seldom: what lives is small, so that a collection every few megabytes would cost a tenth of the CPU
// under load, and the idle program still stays below its bound. With much that lives the limit calls for it earlier.
const (
	gcPercent   = 1600
	memoryLimit = 1 << 30 // bytes
)

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], console{os.Stdin, os.Stdout, os.Stderr}))
}

// run is main without the process: it returns the exit code.
func run(ctx context.Context, args []string, io console) int {
	var cli commands
	exit := -1
	parser, err := kong.New(&cli, kong.Name("lianbang"), kong.Description("联帮: a chat bot for 党建联合体."),
		kong.Writers(io.out, io.err), kong.Exit(func(code int) { exit = code }), kong.UsageOnError())
	if err != nil {
		complain(io, err)
		return 2
	}
	chosen, err := parser.Parse(args)
	if exit >= 0 {
		return exit
	}
	if err != nil {
		complain(io, misused(err))
		return 2
	}
	chosen.BindTo(ctx, (*context.Context)(nil))
	if err := chosen.Run(&cli, io); err != nil {
		complain(io, err)
		return 1
	}
	return 0
}

// load reads the configuration that the flags name.
func (c *commands) load() (Config, error) {
	cfg, err := LoadConfig(c.Config)
	if err != nil {
		return cfg, err
	}
	if c.Data != "" {
		cfg.Data = c.Data
	}
	return cfg, nil
}

// logger writes to w as the configuration says.
func logger(c LogConfig, w io.Writer) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.Level)); err != nil {
		level = slog.LevelInfo
	}
	o := &slog.HandlerOptions{Level: level}
	if c.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}

// terminal reports whether a stream is one.
func terminal(stream any) bool {
	f, ok := stream.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
