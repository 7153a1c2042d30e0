package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"time"

	"lianbang/bench/internal/program"
)

// The goals.
const (
	goalExpressions = 50_000 // a second on one core
	goalMessages    = 20_000 // a second on one core
	goalAllocations = 40     // of a typical message
	goalGrowth      = 120    // times the cost of 1 KB that 100 KB may cost
)

// rounds is into how many parts a measurement is divided; their median counts.
const rounds = 3

func main() {
	length := flag.Duration("time", 3*time.Second, "length of one measurement")
	peers := flag.Bool("peers", true, "install and measure the peers as well")
	runtime.GOMAXPROCS(1) // one core, the garbage collector included; the peers do the same
	program.Run("understanding", func(ctx context.Context) (met bool, err error) {
		return run(ctx, max(*length, 30*time.Millisecond), *peers)
	})
}

// corpus is a set of texts that everybody reads.
type corpus struct {
	name      string
	items     []item // that are read for speed
	negatives []item // that are read once, besides
	scored    bool
}

// line is a reader's line of the table of a corpus.
type line struct {
	name    string
	outcome outcome
	score   score
	missing error
}

// run measures and prints. It reports whether all goals were met.
func run(ctx context.Context, length time.Duration, withPeers bool) (met bool, err error) {
	corpora, err := corpora()
	if err != nil {
		return false, err
	}
	read, err := understanding(ctx, length)
	if err != nil {
		return false, err
	}
	tables, err := compare(ctx, length, corpora, withPeers)
	if err != nil {
		return false, err
	}
	return report(os.Stdout, length, corpora, tables, read), nil
}

// compare lets everybody read every corpus. The first line of each table is the project's own.
func compare(ctx context.Context, length time.Duration, corpora []corpus, withPeers bool) (tables [][]line, err error) {
	var peers []peer
	if withPeers {
		folder, err := os.MkdirTemp("", "lianbang-peers-")
		if err != nil {
			return nil, err
		}
		defer os.RemoveAll(folder)
		peers = install(ctx, folder)
	}
	for _, c := range corpora {
		own := line{name: "zhtime"}
		if own.outcome, own.score, err = c.measure(ctx, length, parse); err != nil {
			return nil, fmt.Errorf("measure zhtime: %w", err)
		}
		table := []line{own}
		for _, p := range peers {
			l := line{name: p.name}
			l.outcome, l.score, l.missing = c.measure(ctx, length, p.read)
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			table = append(table, l)
		}
		tables = append(tables, table)
	}
	return tables, nil
}

// corpora are the built-in expressions and, if there is any, the development data.
func corpora() ([]corpus, error) {
	at, err := time.Parse(time.RFC3339, moment)
	if err != nil {
		return nil, err
	}
	own := corpus{name: "built-in expressions"}
	for i, text := range expressions {
		own.items = append(own.items, item{ID: fmt.Sprint(i), Text: text, Ref: at})
	}
	out := []corpus{own}
	if folder := os.Getenv("ZHTIME_DATA"); folder != "" {
		dev := corpus{name: "development data, scheduling", scored: true}
		if dev.items, dev.negatives, err = readItems(folder); err != nil {
			return nil, err
		}
		out = append(out, dev)
	}
	return out, nil
}

// measure lets a reader read the corpus.
func (c corpus) measure(ctx context.Context, length time.Duration, read func(context.Context, []item, time.Duration) (outcome, error)) (o outcome, s score, err error) {
	if o, err = read(ctx, c.items, length); err != nil || !c.scored {
		return o, s, err
	}
	rest := outcome{}
	if len(c.negatives) > 0 {
		if rest, err = read(ctx, c.negatives, 30*time.Millisecond); err != nil {
			return o, s, err
		}
	}
	s, err = judge(c.items, c.negatives, slices.Concat(o.Answers, rest.Answers))
	return o, s, err
}
