package scheduler

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync/atomic"
	"time"
)

// Run starts River, runs every sweep once (what became due while nobody ran), and then each minute and when kicked, until
// ctx ends; then it waits a few seconds for the sweeps that run. It closes what OpenJobs opened. It is called once.
func (j *Jobs) Run(ctx context.Context) (err error) {
	defer func() { err = errors.Join(err, j.Close()) }()
	inner := context.WithoutCancel(ctx)
	if err := j.river.Start(inner); err != nil {
		return fmt.Errorf("start the jobs: %w", err)
	}
	for name := range j.sweeps {
		j.Kick(name)
	}
	for {
		select {
		case <-ctx.Done():
			j.stopping.Store(true)
			return j.stop(inner)
		case <-j.kicks:
			j.insert(inner)
			select { // kicks that come meanwhile count once
			case <-ctx.Done():
			case <-time.After(kickPause):
			}
		}
	}
}

// stop ends River: gently first, then by cancelling the sweeps that still run.
func (j *Jobs) stop(ctx context.Context) error {
	gentle, cancel := context.WithTimeout(ctx, stopPatience)
	defer cancel()
	if err := j.river.Stop(gentle); err == nil {
		return nil
	}
	hard, cancel := context.WithTimeout(ctx, stopPatience)
	defer cancel()
	if err := j.river.StopAndCancel(hard); err != nil {
		return fmt.Errorf("stop the jobs: %w", err)
	}
	return nil
}

// Close releases what OpenJobs opened. Run does it by itself. It may be called again.
func (j *Jobs) Close() error {
	if j.db == nil {
		return nil
	}
	return j.db.Close()
}

// Kick makes the sweep of that name run soon, on some node. It never blocks and may be called from any goroutine; kicks
// that come before the sweep began count once. An unknown name is ignored.
func (j *Jobs) Kick(name string) {
	if j.sweeps[name] == nil {
		return
	}
	j.mu.Lock()
	j.kicked[name] = true
	j.mu.Unlock()
	select {
	case j.kicks <- struct{}{}:
	default:
	}
}

// insert turns kicks into jobs.
func (j *Jobs) insert(ctx context.Context) {
	j.mu.Lock()
	names := j.kicked
	j.kicked = map[string]bool{}
	j.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, stopPatience)
	defer cancel()
	for name := range names {
		if _, err := j.river.Insert(ctx, sweepArgs{Name: name}, nil); err != nil {
			j.cfg.Logger.Warn("a sweep could not be asked for; the next minute runs it", "sweep", name, "err", err)
		}
	}
}

// RunAll runs every sweep once, in the order of JobsConfig.Sweeps, at the given moment, without River. It is meant for
// tests with a clock of their own and for programs that run once. It returns the errors of all.
func (j *Jobs) RunAll(ctx context.Context, now time.Time) error {
	return RunAll(ctx, now, j.cfg.Sweeps...)
}

// RunAll runs the sweeps once each, in order, at the given moment, and returns the errors of all.
func RunAll(ctx context.Context, now time.Time, sweeps ...Sweep) error {
	var failed []error
	for _, s := range sweeps {
		if err := s.Run(ctx, now); err != nil {
			failed = append(failed, fmt.Errorf("sweep %s: %w", s.Name(), err))
		}
	}
	return errors.Join(failed...)
}

// run runs one sweep for River. Its error, or its panic, is logged here and nowhere else.
func (j *Jobs) run(ctx context.Context, name string, now time.Time) (err error) {
	s := j.sweeps[name]
	if s == nil {
		return nil // of a newer or older version of the program, on another node
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
			j.cfg.Logger.Error("a sweep panicked", "sweep", name, "err", err, "stack", string(debug.Stack()))
			return
		}
		if err != nil {
			j.cfg.Logger.Error("a sweep failed; the next minute tries again", "sweep", name, "err", err)
		}
	}()
	return s.Run(ctx, now)
}

// quiet passes on only what River warns of: its Info lines are noise, and so is what its maintenance says when it is
// interrupted by the end of the program.
type quiet struct {
	slog.Handler
	stopping *atomic.Bool
}

// Enabled implements slog.Handler.
func (q quiet) Enabled(ctx context.Context, l slog.Level) bool {
	if q.stopping.Load() {
		l = slog.LevelDebug
	} else if l < slog.LevelWarn {
		return false
	}
	return q.Handler.Enabled(ctx, l)
}

// WithAttrs implements slog.Handler.
func (q quiet) WithAttrs(as []slog.Attr) slog.Handler {
	return quiet{q.Handler.WithAttrs(as), q.stopping}
}

// WithGroup implements slog.Handler.
func (q quiet) WithGroup(name string) slog.Handler {
	return quiet{q.Handler.WithGroup(name), q.stopping}
}
