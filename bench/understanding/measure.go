package main

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"lianbang/understand"
	"lianbang/zhtime"
)

// warmUp precedes every measurement and is not counted.
const warmUp = 500 * time.Millisecond

// round is a part of a measurement. The peers print theirs as JSON.
type round struct {
	Texts   int     `json:"texts"`
	Seconds float64 `json:"seconds"` // wall time
	CPU     float64 `json:"cpu"`     // CPU time of the whole process
}

// drive reads the texts from beginning to end, again and again, in rounds that last length together.
func drive(ctx context.Context, length time.Duration, texts int, read func(i int)) ([]round, error) {
	var out []round
	for n := range rounds + 1 {
		part := length / rounds
		if n == 0 {
			part = warmUp
		}
		r := round{}
		cpu, began := processTime(), time.Now()
		for time.Since(began) < part {
			for i := range texts {
				read(i)
			}
			r.Texts += texts
			if err := ctx.Err(); err != nil {
				return nil, err
			}
		}
		r.Seconds, r.CPU = time.Since(began).Seconds(), (processTime() - cpu).Seconds()
		if n > 0 {
			out = append(out, r)
		}
	}
	return out, nil
}

// processTime is the CPU time that this process has used.
func processTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// parse is zhtime as a reader.
func parse(ctx context.Context, items []item, length time.Duration) (outcome, error) {
	var o outcome
	for _, it := range items {
		a := zhtime.AnswerTo(it.ID, it.Text, it.Ref, nil)
		o.Answers = append(o.Answers, answer{ID: it.ID, Start: a.Start, End: a.End, Found: a.Kind != nil})
	}
	var err error
	o.Rounds, err = drive(ctx, length, len(items), func(i int) { zhtime.Parse(items[i].Text, items[i].Ref, nil) })
	return o, err
}

// reading is what measuring understand.Message came to.
type reading struct {
	rounds      []round
	intents     map[understand.Intent]int
	allocations []float64 // a message, in rising order
	growth      growth    // of understand.Message
	parse       growth    // of zhtime.Parse
}

// understanding measures whole messages.
func understanding(ctx context.Context, length time.Duration) (r reading, err error) {
	now, err := time.Parse(time.RFC3339, moment)
	if err != nil {
		return r, err
	}
	g := understand.NewGazetteer(units)
	r.intents = map[understand.Intent]int{}
	for _, text := range messages {
		r.intents[understand.Message(text, now, g).Intent]++
		r.allocations = append(r.allocations, allocations(func() { understand.Message(text, now, g) }))
	}
	slices.Sort(r.allocations)
	r.rounds, err = drive(ctx, length, len(messages), func(i int) { understand.Message(messages[i], now, g) })
	if err != nil {
		return r, err
	}
	if r.growth, err = grow(ctx, length, func(text string) { understand.Message(text, now, g) }); err != nil {
		return r, err
	}
	r.parse, err = grow(ctx, length, func(text string) { zhtime.Parse(text, now, nil) })
	return r, err
}

// allocations is how often f allocates, on average. Only one goroutine may be running.
func allocations(f func()) float64 {
	const runs = 50
	f()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range runs {
		f()
	}
	runtime.ReadMemStats(&after)
	return float64(after.Mallocs-before.Mallocs) / runs
}

// The sizes of texts that are compared. Of a message the first 16 KB are read, so the middle one tells what that bound hides.
const (
	small  = 1 << 10
	middle = 16 << 10
	large  = 100 << 10
)

// growth is how many times more larger texts cost than small ones.
type growth struct {
	best, worst float64       // large by small
	middle      float64       // middle by small, the worst
	unit        string        // that the worst large text repeats
	cost        time.Duration // of the costliest large text
}

// longUnits are what long texts repeat: all messages, and pieces that make a careless reader look far ahead or back.
var longUnits = []string{
	strings.Join(messages, "\n"),
	"下周五下午3点半 联合主题党日 光子重点实验室 限30人，",
	"想招两个会计一个出纳13800001111、",
	"和启明软件党支部联办、",
	"名称：读书会\n",
	"党建联合体共同推进产业链协同发展",
	"12-1.",
	"改到下下周",
	"500万",
}

// grow compares the costs, each the least of many tries, so that what else the machine does stays out of the quotients.
func grow(ctx context.Context, length time.Duration, read func(string)) (growth, error) {
	g := growth{best: large}
	for _, unit := range longUnits {
		texts := [...]string{cut(unit, small), cut(unit, middle), cut(unit, large)}
		runs := [...]int{50, 5, 1}
		least := [...]time.Duration{time.Hour, time.Hour, time.Hour}
		for began, n := time.Now(), 0; n < 3 || time.Since(began) < length/time.Duration(len(longUnits)); n++ {
			for i, text := range texts {
				start := time.Now()
				for range runs[i] {
					read(text)
				}
				least[i] = min(least[i], time.Since(start)/time.Duration(runs[i]))
			}
			if err := ctx.Err(); err != nil {
				return g, err
			}
		}
		if least[0] <= 0 {
			return g, fmt.Errorf("the clock is too coarse for %d bytes of %q", small, unit)
		}
		q := float64(least[2]) / float64(least[0])
		g.best, g.cost = min(g.best, q), max(g.cost, least[2])
		g.middle = max(g.middle, float64(least[1])/float64(least[0]))
		if q > g.worst {
			g.worst, g.unit = q, unit
		}
	}
	return g, nil
}

// cut repeats unit up to size bytes of whole characters.
func cut(unit string, size int) string {
	s := strings.Repeat(unit, size/len(unit)+1)
	for size > 0 && s[size]&0xc0 == 0x80 {
		size--
	}
	return s[:size]
}
