// Command start measures how long the program takes from nothing to its first answer, and what it costs while nobody talks.
//
//	go run ./bench/start [-starts 5] [-idle 20s] [-strict]
//
// It builds the program, starts it on fresh data folders on loopback, talks with it as a person does, and stops it.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

// The goals.
const (
	goalStart  = 500 * time.Millisecond
	goalMemory = 60 << 20 // bytes
	goalIdle   = 2.0      // per cent of a core
)

// patience is how long anything may take before the measurement is given up.
const patience = 30 * time.Second

func main() {
	starts := flag.Int("starts", 5, "how many times the program is started on a fresh folder")
	idle := flag.Duration("idle", 20*time.Second, "how long it idles in the end")
	strict := flag.Bool("strict", false, "exit with 1 when a goal is missed")
	flag.Parse()
	runtime.LockOSThread() // the programs end with the thread that started them
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	met, err := run(ctx, max(*starts, 1), *idle)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "start:", err)
		os.Exit(2)
	}
	if *strict && !met {
		os.Exit(1)
	}
}

// run measures and prints. It reports whether all goals were met.
func run(ctx context.Context, starts int, idle time.Duration) (met bool, err error) {
	folder, err := os.MkdirTemp("", "lianbang-start-")
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(folder)
	program := filepath.Join(folder, "lianbang")
	build := exec.CommandContext(ctx, "go", "build", "-o", program, "lianbang/cmd/lianbang")
	if out, err := build.CombinedOutput(); err != nil {
		return false, fmt.Errorf("build the program: %w\n%s", err, out)
	}
	info, err := os.Stat(program)
	if err != nil {
		return false, err
	}
	load, _ := os.ReadFile("/proc/loadavg")
	fmt.Printf("%s, %s %s/%s, %d cores, load %s, binary %.1f MB\n\n", time.Now().Format("2006-01-02 15:04"), runtime.Version(),
		runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), strings.TrimSpace(string(load)), float64(info.Size())/(1<<20))
	var ready, answered, stopped []time.Duration
	var resting rest
	for i := range starts {
		s, err := begin(ctx, program, filepath.Join(folder, fmt.Sprint("data", i)))
		if err != nil {
			return false, err
		}
		ready, answered = append(ready, s.ready), append(answered, s.answered)
		if i == starts-1 {
			resting, err = s.idle(ctx, idle)
		}
		took, ended := s.end()
		if err == nil {
			err = ended
		}
		if err != nil {
			return false, err
		}
		stopped = append(stopped, took)
	}
	fmt.Printf("from start to /readyz          %s\n", spread(ready))
	fmt.Printf("from start to the first answer %s\n", spread(answered))
	fmt.Printf("from SIGTERM to the end        %s\n", spread(stopped))
	fmt.Printf("idle for %s, one chat open: %.1f MB resident (%.1f MB at most), %.2f %% of a core\n\n", idle, mb(resting.resident),
		mb(resting.highest), resting.core)
	met = true
	judge := func(ok bool, format string, args ...any) {
		mark := "met"
		if !ok {
			mark, met = "MISSED", false
		}
		fmt.Printf("%-7s %s\n", mark, fmt.Sprintf(format, args...))
	}
	judge(median(answered) <= goalStart, "first answer: %s (goal %s)", median(answered).Round(time.Millisecond), goalStart)
	judge(resting.resident <= goalMemory, "resident: %.1f MB (goal %.0f MB)", mb(resting.resident), mb(goalMemory))
	judge(resting.core <= goalIdle, "idle CPU: %.2f %% of a core (goal %.0f %%)", resting.core, goalIdle)
	return met, nil
}

func mb(bytes int64) float64 { return float64(bytes) / (1 << 20) }

func median(d []time.Duration) time.Duration {
	return slices.Sorted(slices.Values(d))[len(d)/2]
}

func spread(d []time.Duration) string {
	r := func(d time.Duration) time.Duration { return d.Round(time.Millisecond) }
	return fmt.Sprintf("%s (%s–%s)", r(median(d)), r(slices.Min(d)), r(slices.Max(d)))
}
