package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"lianbang/bot"
)

// Options says where the data is and how it is kept. Exactly one of SQLite and Postgres is set.
type Options struct {
	SQLite   string // path of the database file; its folder is made when it does not exist
	Postgres string // connection URL

	Key     []byte // the sealing key, 32 bytes; or
	KeyFile string // a file that holds it (as it is, in hex or in base64); made for a fresh database

	Now      func() time.Time  // the clock for units that name no time of their own; nil = time.Now
	Location *time.Location    // of the times that are returned; nil = UTC
	Wake     func(lane string) // called after the commit for every lane that got a delivery which is due; must not block
	Logger   *slog.Logger      // nil = slog.Default()
	Progress func(Progress)    // called before every migration; nil = not told

	Queue   int // SQLite: units that may wait before Do refuses; 0 = 1024
	Readers int // SQLite: read connections; 0 = 3
	Pool    int // PostgreSQL: connections; 0 = 8
}

// Progress is how far the migrations are.
type Progress struct {
	Migration   string
	Done, Total int
}

// DB is an open database. Its methods may be called from any goroutine.
//
// Open starts the writer goroutine of SQLite and Close ends it: the database is a resource with an owner, like a file, and
// is wanted by commands that have no Run loop.
type DB struct {
	dialect  dialect
	now      func() time.Time
	location *time.Location
	wake     func(string)
	log      *slog.Logger
	seals    *sealer

	shared *sql.DB // SQLite: the write connection; PostgreSQL: the pool as database/sql

	writer      *writer       // SQLite
	checkpoints *checkpointer // SQLite
	syncs       *syncer
	arrived     *arrivals // SQLite
	lookBeside  int
	disk        disk          // SQLite
	readers     *readers      // SQLite
	pool        *pgxpool.Pool // PostgreSQL

	lanes   laneSet
	ordinal atomic.Int64 // last ordinal of a registration
	stats   stats

	closed sync.Once
}

// background carries no deadline and cannot be cancelled: the SQLite driver starts a goroutine for every statement whose
// context can be.
var background = context.Background()

// Open opens or makes the database, migrates it and proves the key. The caller must Close it.
func Open(ctx context.Context, o Options) (*DB, error) {
	if (o.SQLite == "") == (o.Postgres == "") {
		return nil, errors.New("open the database: name either a SQLite file or a PostgreSQL URL")
	}
	db := &DB{lookBeside: lookBeside, now: o.Now, location: o.Location, wake: o.Wake, log: o.Logger}
	if db.now == nil {
		db.now = time.Now
	}
	if db.location == nil {
		db.location = time.UTC
	}
	if db.wake == nil {
		db.wake = func(string) {}
	}
	if db.log == nil {
		db.log = slog.Default()
	}
	open := db.openSQLite
	if o.Postgres != "" {
		db.dialect = postgres
		open = db.openPostgres
	}
	if err := open(ctx, o); err != nil {
		db.Close()
		return nil, fmt.Errorf("open the database: %w", err)
	}
	if err := db.checkKey(o); err != nil {
		db.Close()
		return nil, err
	}
	return db, nil
}

// Close waits for the units that were accepted, then closes the database. Units that come later are refused.
func (db *DB) Close() error {
	var err error
	db.closed.Do(func() {
		if db.writer != nil {
			db.writer.stop()
		}
		if db.syncs != nil {
			err = errors.Join(err, db.syncs.close())
		}
		if db.checkpoints != nil {
			err = errors.Join(err, db.checkpoints.close())
		}
		if db.readers != nil {
			err = errors.Join(err, db.readers.close())
		}
		if db.shared != nil {
			err = errors.Join(err, db.shared.Close())
		}
		if db.pool != nil {
			db.pool.Close()
		}
	})
	return err
}

// Do runs fn as one unit of work and returns after its commit. On SQLite fn runs on the writer's goroutine, so it must be
// quick and must not call Do. An error of fn rolls the unit back and is returned as it is; a panic in fn does the same and
// is returned as a *PanicError. When the error satisfies errors.Is(err, bot.ErrUnavailable) the same unit may succeed
// later. When ctx ends before the unit has begun it is not run; once it has begun, Do waits for its end.
func (db *DB) Do(ctx context.Context, fn func(tx *Tx) error) error {
	if db.dialect == postgres {
		return db.doPostgres(ctx, fn)
	}
	return db.writer.do(ctx, fn, false)
}

// lookBeside is how many units wait for the writer when it is worth reading beside it. A read connection finds its pages
// gone after every commit, which costs more than the same reads on the writer's own.
const lookBeside = 16

// Look is Do for a unit that most likely stores nothing but the event and deliveries. On SQLite, while the writer is busy, fn
// runs on a snapshot beside it, and the writer then only adds what fn recorded; when fn wants to store more, or another unit
// has recorded the same event meanwhile, it is run again as by Do.
func (db *DB) Look(ctx context.Context, fn func(tx *Tx) error) error {
	if db.dialect == postgres || len(db.writer.in) < db.lookBeside {
		return db.Do(ctx, fn)
	}
	err := db.lookSQLite(ctx, fn)
	if errors.Is(err, errWrites) {
		return db.writer.do(ctx, fn, false)
	}
	return err
}

// doOutbox is Do for a unit that reads the outbox.
func (db *DB) doOutbox(ctx context.Context, fn func(tx *Tx) error) error {
	if db.dialect == postgres {
		return db.doPostgres(ctx, fn)
	}
	return db.writer.do(ctx, fn, true)
}

// View runs fn on a consistent snapshot, beside the writers. What fn tries to write is an error.
func (db *DB) View(ctx context.Context, fn func(tx *Tx) error) error {
	if db.dialect == postgres {
		return db.viewPostgres(ctx, fn)
	}
	return db.viewSQLite(ctx, fn)
}

// SQL is the database for others who keep their own tables in it (the job queue): on SQLite the single write connection,
// which they share with the writer in turns, on PostgreSQL the pool. The tables of this package are not to be written through it:
// the writer would not notice. Close closes it.
func (db *DB) SQL() *sql.DB { return db.shared }

// Pool is the PostgreSQL pool, nil on SQLite.
func (db *DB) Pool() *pgxpool.Pool { return db.pool }

// newTx makes the transaction-bound store on a connection.
func (db *DB) newTx(c conn) *Tx {
	tx := new(Tx)
	tx.begin(db, c)
	return tx
}

// moment is the time of stored microseconds, zero for 0.
func (db *DB) moment(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).In(db.location)
}

// micros is how a time is stored, 0 for the zero time.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// PanicError is a panic of a unit of work.
type PanicError struct {
	Value any
	Stack []byte
}

// Error implements error.
func (e *PanicError) Error() string { return fmt.Sprintf("panic in a unit of work: %v", e.Value) }

// unavailable marks a temporary error.
func unavailable(err error) error {
	if err == nil || errors.Is(err, bot.ErrUnavailable) {
		return err
	}
	return fmt.Errorf("%w: %w", bot.ErrUnavailable, err)
}

// laneSet remembers the ids of lanes that are committed. Lanes are never deleted.
type laneSet struct {
	mu  sync.RWMutex
	ids map[string]int64
}

func (s *laneSet) get(name string) int64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.ids[name]
}

func (s *laneSet) add(ids map[string]int64) {
	if len(ids) == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ids == nil || len(s.ids) > 100_000 {
		s.ids = map[string]int64{}
	}
	for name, id := range ids {
		s.ids[name] = id
	}
}
