package storage

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// batchBuckets are the upper bounds of the batch sizes counted in Stats.Batches.
var batchBuckets = [...]int{1, 2, 4, 8, 16, 32, 64, 128}

// stats counts what the database does.
type stats struct {
	commits, units, failures, refused atomic.Int64
	batches                           [len(batchBuckets)]atomic.Int64
	last                              atomic.Pointer[error] // of the last commit; nil = it went well
}

func (s *stats) committed(units int) {
	s.commits.Add(1)
	s.units.Add(int64(units))
	for i, bound := range batchBuckets {
		if units <= bound {
			s.batches[i].Add(1)
			break
		}
	}
	if s.last.Load() != nil {
		s.last.Store(nil)
	}
}

func (s *stats) failed(err error) {
	s.failures.Add(1)
	s.last.Store(&err)
}

// Batch counts the commits that held at most Units units, and more than the bound before.
type Batch struct {
	Units   int
	Commits int64
}

// Stats is a snapshot for metrics. The counters start at zero with Open.
type Stats struct {
	Waiting  int   // units in the writer's queue now (SQLite)
	Commits  int64 // commits that went well
	Units    int64 // units in them
	Failures int64 // commits that failed
	Refused  int64 // units refused because the queue was full
	Batches  []Batch
	LastErr  error // of the last commit; nil when it went well
}

// Stats reads the counters.
func (db *DB) Stats() Stats {
	s := &db.stats
	out := Stats{Commits: s.commits.Load(), Units: s.units.Load(), Failures: s.failures.Load(), Refused: s.refused.Load()}
	if db.writer != nil {
		out.Waiting = len(db.writer.in)
	}
	for i, bound := range batchBuckets {
		out.Batches = append(out.Batches, Batch{bound, s.batches[i].Load()})
	}
	if last := s.last.Load(); last != nil {
		out.LastErr = *last
	}
	return out
}

var readyProbe = sqlText(`UPDATE counter SET value = $1 WHERE name = 'ready'`)

// Ready writes something small. It returns nil when that is on disk, and otherwise why nothing can be stored now (a full
// disk, a locked or unreachable database). It recovers by itself.
func (db *DB) Ready(ctx context.Context) error {
	err := db.Do(ctx, func(tx *Tx) error { return tx.run(readyProbe, time.Now().UnixMicro()) })
	if err == nil {
		return nil
	}
	if ctx.Err() != nil { // the probe is still waiting for its turn: say what holds it up
		if last := db.stats.last.Load(); last != nil {
			err = *last
		} else {
			err = errors.New("the writer waits for the database, which is busy or locked")
		}
	}
	return fmt.Errorf("storage is not ready: %w", err)
}
