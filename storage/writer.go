package storage

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mattn/go-sqlite3"

	"lianbang/bot"
)

const (
	batchUnits = 128                  // units that share a commit at most
	batchEager = 48                   // units that do not wait for more while the disk has nothing to do
	batchTime  = 5 * time.Millisecond // after which a batch takes no more
)

// unit is one call of Do on its way through the writer.
type unit struct {
	fn    func(*Tx) error
	state atomic.Int32
	done  chan error
	err   error
	wakes []string

	outbox bool // reads deliveries: those enqueued before it in its batch are written first
}

const (
	unitWaiting = iota
	unitTaken
	unitAbandoned
)

// writer owns the write connection while it commits: units that wait run one after another in one transaction, each
// as if each had a savepoint of its own, and are answered by the syncer after the commit. Between two commits others may
// have the connection.
type writer struct {
	db   *DB
	lite *liteConn
	in   chan *unit

	mu     sync.RWMutex // guards sending on in against closing it
	closed bool
	ended  chan struct{}

	// Of the batch that runs.
	units   []*unit
	wrote   bool // something was committed
	head    auditHead
	batch   shared
	sealing *sealing
	tx      Tx // of the unit that runs: they run one after another
}

func newWriter(db *DB, queue int) *writer {
	if queue <= 0 {
		queue = 1024
	}
	w := &writer{db: db, in: make(chan *unit, queue), ended: make(chan struct{}), sealing: newSealing(db)}
	go w.loop()
	return w
}

var (
	errFull   = fmt.Errorf("%w: too many units of work are waiting", bot.ErrUnavailable)
	errClosed = fmt.Errorf("%w: the database is closed", bot.ErrUnavailable)
)

func (w *writer) do(ctx context.Context, fn func(*Tx) error, outbox bool) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	u := &unit{fn: fn, outbox: outbox, done: make(chan error, 1)}
	if err := w.send(u); err != nil {
		return err
	}
	var err error
	select {
	case err = <-u.done:
	case <-ctx.Done():
		if u.state.CompareAndSwap(unitWaiting, unitAbandoned) {
			return ctx.Err()
		}
		err = <-u.done
	}
	if err == nil {
		for _, lane := range u.wakes {
			w.db.wake(lane)
		}
	}
	return err
}

func (w *writer) send(u *unit) error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closed {
		return errClosed
	}
	select {
	case w.in <- u:
		return nil
	default:
		w.db.stats.refused.Add(1)
		return errFull
	}
}

// stop refuses new units, and returns when those accepted are answered.
func (w *writer) stop() {
	w.mu.Lock()
	w.closed = true
	close(w.in)
	w.mu.Unlock()
	<-w.ended
	w.sealing.close()
	if w.lite == nil {
		return
	}
	c, err := w.db.shared.Conn(background)
	if err != nil {
		return
	}
	defer c.Close()
	c.Raw(func(any) error {
		w.lite.finalize()
		return nil
	})
}

func (w *writer) loop() {
	whole := false
	defer func() {
		if whole {
			close(w.ended)
			return
		}
		// A unit ended the goroutine (runtime.Goexit): its connection was closed and with it the transaction.
		w.answer(errors.New("a unit of work ended its goroutine"))
		go w.loop()
	}()
	for first := range w.in {
		w.round(first)
	}
	whole = true
}

// round commits one batch.
func (w *writer) round(first *unit) {
	w.units = append(make([]*unit, 0, batchUnits), first)
	c, err := w.db.shared.Conn(background)
	if err != nil {
		w.fail(err)
		return
	}
	defer c.Close()
	err = c.Raw(func(driverConn any) error {
		sqliteConn := driverConn.(*sqlite3.SQLiteConn)
		if w.lite == nil || w.lite.c != sqliteConn {
			w.lite = &liteConn{c: sqliteConn, kept: new(kept)}
		}
		whole := false
		defer func() {
			if !whole { // the pool is about to close the connection: leave no transaction open behind it
				w.rollback()
				w.lite.finalize()
				w.lite = nil
			}
		}()
		w.group()
		whole = true
		return nil
	})
	if err != nil {
		w.fail(err)
	}
}

// errLost says that SQLite itself rolled the whole transaction back.
var errLost = fmt.Errorf("%w: the transaction was rolled back", bot.ErrUnavailable)

func (w *writer) begin() error {
	w.head = auditHead{}
	w.sealing.clear()
	w.batch = shared{lanes: map[string]int64{}, arrived: map[arrival]struct{}{}, codes: map[string]int64{}}
	if err := w.db.syncs.failed(); err != nil {
		return err
	}
	if err := w.db.disk.room(spareDisk); err != nil {
		return err
	}
	if err := w.lite.command("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	if err := w.lite.refresh(); err != nil {
		w.rollback() // the next batch could not begin inside this one
		return err
	}
	return nil
}

func (w *writer) commit(units int) error {
	if err := flush(w.lite, &w.head, w.sealing.units()); err != nil {
		return err
	}
	if err := flushCodes(w.lite, w.batch.codes); err != nil {
		return err
	}
	if err := w.lite.command("COMMIT"); err != nil {
		return fmt.Errorf("commit: %w", unavailable(err))
	}
	w.wrote = true
	w.db.lanes.add(w.batch.lanes)
	w.db.arrived.add(w.batch.arrived, w.db.now())
	w.db.stats.committed(units)
	w.db.checkpoints.wrote()
	return nil
}

func (w *writer) rollback() {
	w.lite.kept.forget()
	if !w.lite.c.AutoCommit() {
		w.lite.command("ROLLBACK")
	}
}

// fail refuses the batch and everything that waits.
func (w *writer) fail(err error) {
	err = fmt.Errorf("begin: %w", unavailable(err))
	w.db.stats.failed(err)
	for {
		select {
		case u, ok := <-w.in:
			if ok {
				w.units = append(w.units, u)
				continue
			}
		default:
		}
		break
	}
	for _, u := range w.units {
		u.err = err
	}
	w.answer(nil)
}

// answer lets the callers of the batch know, once what they wrote or saw is durable; with err not nil that they failed.
func (w *writer) answer(err error) {
	for _, u := range w.units {
		if err != nil {
			u.err = err
		}
	}
	w.db.syncs.answer(batch{w.units, w.wrote})
	w.units = nil
}

// guard runs fn and turns a panic into an error.
func guard(fn func(*Tx) error, tx *Tx) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &PanicError{Value: v, Stack: debug.Stack()}
		}
	}()
	return fn(tx)
}
