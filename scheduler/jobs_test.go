package scheduler

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"lianbang/storage/storagetest"
)

// counting is a sweep that counts its runs.
type counting struct {
	name string
	runs atomic.Int64
	at   atomic.Pointer[time.Time]
	do   func(ctx context.Context) error
}

func (c *counting) Name() string { return c.name }

func (c *counting) Run(ctx context.Context, now time.Time) error {
	c.runs.Add(1)
	c.at.Store(&now)
	if c.do != nil {
		return c.do(ctx)
	}
	return nil
}

// await waits for something that happens on River's real clock.
func await(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
	}
}

// runJobs runs jobs until the test ends or stop is called.
func runJobs(t testing.TB, j *Jobs) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	over := make(chan error, 1)
	go func() { over <- j.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-over; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return stop
}

func TestJobsOnSQLite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a b%c#d", "jobs.db")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	testJobs(t, func(t *testing.T) JobsConfig { return JobsConfig{SQLitePath: path} })
}

func TestJobsOnPostgres(t *testing.T) {
	pool, err := pgxpool.New(t.Context(), storagetest.Postgres(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	testJobs(t, func(t *testing.T) JobsConfig { return JobsConfig{Postgres: pool} })
}

func testJobs(t *testing.T, config func(t *testing.T) JobsConfig) {
	var out bytes.Buffer
	var mu sync.Mutex
	fixed := time.Date(2026, 11, 27, 16, 47, 0, 0, time.UTC)
	good := &counting{name: "good"}
	bad := &counting{name: "bad", do: func(context.Context) error { return errors.New("broken") }}
	mad := &counting{name: "mad", do: func(context.Context) error { panic("bug") }}
	open := func() *Jobs {
		cfg := config(t)
		cfg.Sweeps = []Sweep{good, bad, mad}
		cfg.Now = func() time.Time { return fixed }
		cfg.Logger = slog.New(slog.NewTextHandler(&locked{mu: &mu, w: &out}, nil))
		j, err := OpenJobs(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		return j
	}

	j := open()
	stop := runJobs(t, j)
	await(t, "the run at the start", func() bool { return good.runs.Load() > 0 && bad.runs.Load() > 0 && mad.runs.Load() > 0 })
	if at := *good.at.Load(); !at.Equal(fixed) {
		t.Errorf("the sweep was told %v", at)
	}
	before := good.runs.Load()
	j.Kick("nobody")
	j.Kick("good")
	await(t, "the kicked run", func() bool { return good.runs.Load() > before })
	stop()

	// A second life on the same tables.
	before = good.runs.Load()
	stop = runJobs(t, open())
	await(t, "the run at the second start", func() bool { return good.runs.Load() > before })
	stop()

	mu.Lock()
	defer mu.Unlock()
	log := out.String()
	if n := strings.Count(log, "sweep=bad"); int64(n) != bad.runs.Load() {
		t.Errorf("%d lines for %d failures:\n%s", n, bad.runs.Load(), log)
	}
	if !strings.Contains(log, "panic: bug") || strings.Contains(log, "level=INFO") {
		t.Errorf("log:\n%s", log)
	}
}

// locked is a writer for many goroutines.
type locked struct {
	mu *sync.Mutex
	w  *bytes.Buffer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

func TestJobsStopCancelsASlowSweep(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for the real grace")
	}
	running := make(chan struct{})
	slow := &counting{name: "slow", do: func(ctx context.Context) error {
		close(running)
		<-ctx.Done()
		return ctx.Err()
	}}
	j, err := OpenJobs(t.Context(), JobsConfig{SQLitePath: filepath.Join(t.TempDir(), "jobs.db"), Sweeps: []Sweep{slow}, Logger: silent})
	if err != nil {
		t.Fatal(err)
	}
	stop := runJobs(t, j)
	<-running
	begin := time.Now()
	stop()
	if d := time.Since(begin); d < stopPatience || d > stopPatience+3*time.Second {
		t.Errorf("stopped after %v", d)
	}
}

func TestOpenJobsRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "jobs.db")
	for name, cfg := range map[string]JobsConfig{
		"nowhere":   {},
		"twins":     {SQLitePath: path, Sweeps: []Sweep{&counting{name: "x"}, &counting{name: "x"}}},
		"no folder": {SQLitePath: filepath.Join(path, "none", "jobs.db"), Logger: silent},
	} {
		if j, err := OpenJobs(t.Context(), cfg); err == nil {
			t.Errorf("%s: opened", name)
			j.Close()
		}
	}
}

func TestRunAll(t *testing.T) {
	a := &counting{name: "a", do: func(context.Context) error { return errors.New("broken") }}
	b := &counting{name: "b"}
	now := time.Date(2026, 11, 27, 16, 47, 0, 0, time.UTC)
	err := RunAll(t.Context(), now, a, b)
	if err == nil || err.Error() != "sweep a: broken" || b.runs.Load() != 1 || !b.at.Load().Equal(now) {
		t.Errorf("%v, %d", err, b.runs.Load())
	}
}

func TestPurge(t *testing.T) {
	var asked []time.Time
	p := &Purge{Logger: silent, Forget: func(_ context.Context, t time.Time) (int64, error) {
		asked = append(asked, t)
		if len(asked) == 1 {
			return 0, errors.New("locked")
		}
		return 3, nil
	}}
	now := time.Date(2026, 11, 27, 0, 0, 0, 0, time.UTC)
	if err := p.Run(t.Context(), now); err == nil {
		t.Error("the failure was swallowed")
	}
	for i := range 3 * 60 {
		if err := p.Run(t.Context(), now.Add(time.Duration(i)*time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	if len(asked) != 4 || !asked[3].Equal(now.Add(2*time.Hour)) {
		t.Errorf("%v", asked)
	}
}
