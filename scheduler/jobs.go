package scheduler

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"
	"github.com/robfig/cron/v3"
)

const (
	jobTimeout   = 30 * time.Second
	jobsKept     = time.Hour
	kickPause    = 200 * time.Millisecond
	stopPatience = 5 * time.Second // for running sweeps, when the program ends
)

// JobsConfig says where River keeps its jobs and what they run. One of SQLitePath and Postgres is set.
type JobsConfig struct {
	// SQLitePath is a database file of River's own. It holds nothing that is missed when it is lost. The driver named
	// "sqlite3" must be registered, as package storage does.
	SQLitePath string
	Postgres   *pgxpool.Pool // not closed by Jobs
	Sweeps     []Sweep
	Now        func() time.Time // what the sweeps take for now; nil = time.Now. River itself runs on the real clock
	Logger     *slog.Logger     // nil = slog.Default
}

// Jobs runs every sweep each minute, on one of the nodes, and when kicked.
type Jobs struct {
	cfg    JobsConfig
	river  engine
	db     *sql.DB // of SQLite, ours to close
	sweeps map[string]*sweeper
	mu     sync.Mutex
	kicked map[string]bool
	kicks  chan struct{}

	stopping atomic.Bool
}

// engine is a River client, whatever its transaction type.
type engine interface {
	Start(ctx context.Context) error
	Stop(ctx context.Context) error
	StopAndCancel(ctx context.Context) error
	Insert(ctx context.Context, args river.JobArgs, opts *river.InsertOpts) (*rivertype.JobInsertResult, error)
}

// sweeper runs one sweep, once at a time.
type sweeper struct {
	Sweep
	mu sync.Mutex
}

// sweepArgs is the one kind of job.
type sweepArgs struct {
	Name string `json:"name" river:"unique"`
}

// Kind implements river.JobArgs.
func (sweepArgs) Kind() string { return "sweep" }

// worker works the one kind of job.
type worker struct {
	river.WorkerDefaults[sweepArgs]
	jobs *Jobs
}

// Work implements river.Worker.
func (w *worker) Work(ctx context.Context, job *river.Job[sweepArgs]) error {
	return w.jobs.run(ctx, job.Args.Name, w.jobs.cfg.Now())
}

// OpenJobs opens River's tables, bringing them up to date, and prepares the client. It starts nothing. Whoever opened it
// calls Run, or Close when it never runs.
func OpenJobs(ctx context.Context, cfg JobsConfig) (*Jobs, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	j := &Jobs{cfg: cfg, sweeps: map[string]*sweeper{}, kicked: map[string]bool{}, kicks: make(chan struct{}, 1)}
	for _, s := range cfg.Sweeps {
		if j.sweeps[s.Name()] != nil {
			return nil, fmt.Errorf("two sweeps are named %q", s.Name())
		}
		j.sweeps[s.Name()] = &sweeper{Sweep: s}
	}
	var err error
	switch {
	case cfg.Postgres != nil && cfg.SQLitePath != "":
		return nil, errors.New("jobs are kept in SQLite or in PostgreSQL, not in both")
	case cfg.Postgres != nil:
		err = j.openPostgres(ctx)
	case cfg.SQLitePath != "":
		err = j.openSQLite(ctx)
	default:
		return nil, errors.New("neither a SQLite path nor a PostgreSQL pool for jobs")
	}
	if err != nil {
		return nil, errors.Join(err, j.Close())
	}
	return j, nil
}

func (j *Jobs) openSQLite(ctx context.Context) error {
	q := url.Values{
		"_journal_mode": {"WAL"}, "_synchronous": {"NORMAL"}, "_busy_timeout": {"5000"}, "_txlock": {"immediate"},
	}
	file := url.URL{Scheme: "file", Opaque: (&url.URL{Path: j.cfg.SQLitePath}).EscapedPath(), RawQuery: q.Encode()}
	db, err := sql.Open("sqlite3", file.String())
	if err != nil {
		return fmt.Errorf("open the job database: %w", err)
	}
	db.SetMaxOpenConns(1)
	j.db = db
	j.river, err = engineOn(ctx, riversqlite.New(db), j)
	return err
}

// migrateLock is the PostgreSQL advisory lock under which one node at a time brings River's tables up to date.
const migrateLock = 0x6c69616e62616e67 // "lianbang"

func (j *Jobs) openPostgres(ctx context.Context) (err error) {
	c, err := j.cfg.Postgres.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("reach the job database: %w", err)
	}
	defer c.Release()
	if _, err := c.Exec(ctx, "SELECT pg_advisory_lock($1)", int64(migrateLock)); err != nil {
		return fmt.Errorf("lock the job tables: %w", err)
	}
	defer func() {
		_, e := c.Exec(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", int64(migrateLock))
		err = errors.Join(err, e)
	}()
	j.river, err = engineOn(ctx, riverpgxv5.New(j.cfg.Postgres), j)
	return err
}

// engineOn brings River's tables up to date and makes the client of either database.
func engineOn[T any](ctx context.Context, driver riverdriver.Driver[T], j *Jobs) (engine, error) {
	logger := slog.New(quiet{j.cfg.Logger.Handler(), &j.stopping})
	m, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: logger})
	if err != nil {
		return nil, fmt.Errorf("prepare the job tables: %w", err)
	}
	if _, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return nil, fmt.Errorf("bring the job tables up to date: %w", err)
	}
	workers := river.NewWorkers()
	river.AddWorker(workers, &worker{jobs: j})
	client, err := river.NewClient(driver, &river.Config{
		Workers:              workers,
		Queues:               map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: len(j.cfg.Sweeps) + 1}},
		PeriodicJobs:         periodic(j.cfg.Sweeps),
		JobTimeout:           jobTimeout,
		RescueStuckJobsAfter: 3 * jobTimeout,
		FetchCooldown:        10 * time.Millisecond,
		FetchPollInterval:    time.Second,
		// On SQLite River's notifications are a table that it polls 20 times a second, which costs more than all our jobs.
		PollOnly:                    j.db != nil,
		MaxAttempts:                 1, // the next tick is the next attempt
		CompletedJobRetentionPeriod: jobsKept,
		DiscardedJobRetentionPeriod: jobsKept,
		CancelledJobRetentionPeriod: jobsKept,
		Logger:                      logger,
	})
	if err != nil {
		return nil, fmt.Errorf("prepare the job client: %w", err)
	}
	return client, nil
}

// periodic is one job a sweep and minute, on the minute, whichever node is the leader.
func periodic(sweeps []Sweep) []*river.PeriodicJob {
	minutely, err := cron.ParseStandard("* * * * *")
	if err != nil {
		panic(err) // a constant
	}
	out := make([]*river.PeriodicJob, 0, len(sweeps))
	for _, s := range sweeps {
		out = append(out, river.NewPeriodicJob(minutely, func() (river.JobArgs, *river.InsertOpts) {
			return sweepArgs{Name: s.Name()}, &river.InsertOpts{UniqueOpts: river.UniqueOpts{ByArgs: true, ByPeriod: time.Minute}}
		}, &river.PeriodicJobOpts{ID: s.Name()}))
	}
	return out
}
