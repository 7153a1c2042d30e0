package program

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// Run reads the flags, to which it adds -strict, and measures until that is done or the process is told to end. measure
// reports whether all goals were met. Run ends the process with 2 after an error, which it prints behind the program's name,
// and with 1 when a goal was missed and -strict was given; otherwise it returns.
func Run(name string, measure func(context.Context) (met bool, err error)) {
	strict := flag.Bool("strict", false, "exit with 1 when a goal is missed")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	met, err := measure(ctx)
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		os.Exit(2)
	}
	if *strict && !met {
		os.Exit(1)
	}
}
