package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"lianbang/bench/internal/program"
	"lianbang/bench/internal/tally"
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
	runtime.LockOSThread() // the programs end with the thread that started them
	program.Run("start", func(ctx context.Context) (met bool, err error) {
		return run(ctx, max(*starts, 1), *idle)
	})
}

// run measures and prints. It reports whether all goals were met.
func run(ctx context.Context, starts int, idle time.Duration) (met bool, err error) {
	folder, err := os.MkdirTemp("", "lianbang-start-")
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(folder)
	binary := filepath.Join(folder, "lianbang")
	build := exec.CommandContext(ctx, "go", "build", "-o", binary, "lianbang/cmd/lianbang")
	if out, err := build.CombinedOutput(); err != nil {
		return false, fmt.Errorf("build the program: %w\n%s", err, out)
	}
	info, err := os.Stat(binary)
	if err != nil {
		return false, err
	}
	fmt.Printf("%s, binary %.1f MB\n\n", tally.Machine(), mb(info.Size()))
	var ready, answered, stopped []time.Duration
	var resting rest
	for i := range starts {
		s, err := begin(ctx, binary, filepath.Join(folder, fmt.Sprint("data", i)))
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
	goals := tally.Goals{W: os.Stdout}
	goals.Judge(median(answered) <= goalStart, "first answer: %s (goal %s)", median(answered).Round(time.Millisecond), goalStart)
	goals.Judge(resting.resident <= goalMemory, "resident: %.1f MB (goal %.0f MB)", mb(resting.resident), mb(goalMemory))
	goals.Judge(resting.core <= goalIdle, "idle CPU: %.2f %% of a core (goal %.0f %%)", resting.core, goalIdle)
	return !goals.Missed, nil
}

func mb(bytes int64) float64 { return float64(bytes) / (1 << 20) }

func median(d []time.Duration) time.Duration {
	return slices.Sorted(slices.Values(d))[len(d)/2]
}

func spread(d []time.Duration) string {
	r := func(d time.Duration) time.Duration { return d.Round(time.Millisecond) }
	return fmt.Sprintf("%s (%s–%s)", r(median(d)), r(slices.Min(d)), r(slices.Max(d)))
}
