package storage

import (
	"context"
	"errors"
	"fmt"
	"runtime"
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
	units []*unit
	wrote bool // something was committed
	head  auditHead
	batch shared
	later later
	tx    Tx // of the unit that runs: they run one after another
}

func newWriter(db *DB, queue int) *writer {
	if queue <= 0 {
		queue = 1024
	}
	w := &writer{db: db, in: make(chan *unit, queue), ended: make(chan struct{})}
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
			w.lite = &liteConn{c: sqliteConn}
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

// group runs the first unit and those that come meanwhile in one transaction, at first without savepoints. When a unit fails
// that has written, all run once more, each inside a savepoint; when that is lost too, each in a transaction of its own.
func (w *writer) group() {
	w.wrote = false
	if err := w.begin(); err != nil {
		w.fail(err)
		return
	}
	err := errLost
	if w.gather() || w.again() {
		err = w.commit(len(w.units))
	}
	if err != nil {
		w.db.stats.failed(err)
		w.rollback()
		w.apart(err)
	}
	w.answer(nil)
}

// gather runs units as they come. It returns false when a failure cannot be undone alone.
func (w *writer) gather() bool {
	start := time.Now()
	whole := w.run(w.units[0], false)
	for whole && !w.full() && time.Since(start) < batchTime {
		u := w.more()
		if u == nil {
			break
		}
		w.units = append(w.units, u)
		whole = w.run(u, false)
	}
	return whole
}

// full reports whether the batch is large enough: half of those who talk should be served while the other half waits for the
// disk.
func (w *writer) full() bool {
	n := len(w.units)
	return n >= batchUnits || n >= batchEager && !w.db.syncs.busy.Load()
}

// again runs the units of the batch once more, each inside a savepoint.
func (w *writer) again() bool {
	w.rollback()
	if w.begin() != nil {
		return false
	}
	for _, u := range w.units {
		if !w.run(u, true) {
			return false
		}
	}
	return true
}

// errLost says that SQLite itself rolled the whole transaction back.
var errLost = fmt.Errorf("%w: the transaction was rolled back", bot.ErrUnavailable)

// more returns another waiting unit, nil when there is none. Before it gives up it lets the callers run that the last
// commit has answered: they are on this goroutine's own run queue.
func (w *writer) more() *unit {
	for range 2 {
		select {
		case u := <-w.in:
			return u
		default:
			runtime.Gosched()
		}
	}
	return nil
}

// run runs a unit and leaves its outcome in it. A unit that fails is undone: by its savepoint, or without one if it has
// written nothing yet. run returns false when the transaction cannot go on.
func (w *writer) run(u *unit, savepoint bool) bool {
	if u.state.Load() != unitTaken && !u.state.CompareAndSwap(unitWaiting, unitTaken) {
		return true
	}
	if u.outbox && w.later.flushSends(w.lite) != nil { // whose row is at fault shows when the units run apart
		return false
	}
	if savepoint && w.lite.command("SAVEPOINT unit") != nil {
		return false
	}
	head := w.head
	tx := &w.tx
	tx.begin(w.db, w.lite)
	tx.batch = w.batch
	if u.err = guard(u.fn, tx); u.err == nil {
		u.err = w.head.append(tx)
	}
	if u.err != nil {
		w.head = head
		return w.undo(tx, savepoint)
	}
	if savepoint && w.lite.command("RELEASE unit") != nil {
		return false
	}
	u.wakes = tx.wakes
	w.later.add(&tx.later)
	for name, id := range tx.lanes {
		w.batch.lanes[name] = id
	}
	return true
}

// undo takes back what a unit wrote. It returns false when it cannot.
func (w *writer) undo(tx *Tx, savepoint bool) bool {
	tx.forget()
	switch {
	case w.lite.c.AutoCommit(): // SQLite itself rolled the whole transaction back
		return false
	case savepoint:
		return w.lite.command("ROLLBACK TO unit") == nil && w.lite.command("RELEASE unit") == nil
	}
	return tx.writes == 0
}

func (w *writer) begin() error {
	w.head = auditHead{}
	w.later.empty()
	w.batch = shared{map[string]int64{}, map[arrival]struct{}{}}
	if err := w.db.syncs.failed(); err != nil {
		return err
	}
	if err := w.db.disk.room(); err != nil {
		return err
	}
	return w.lite.command("BEGIN IMMEDIATE")
}

func (w *writer) commit(units int) error {
	if err := w.later.flush(w.lite); err != nil {
		return err
	}
	if err := w.head.save(w.lite); err != nil {
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
	if !w.lite.c.AutoCommit() {
		w.lite.command("ROLLBACK")
	}
}

// apart runs again, each in a transaction of its own, the units that went well in a batch whose commit failed.
func (w *writer) apart(cause error) {
	for _, u := range w.units {
		if u.err != nil || u.state.Load() != unitTaken {
			continue
		}
		if len(w.units) == 1 {
			u.err = cause
			return
		}
		if u.err = w.begin(); u.err != nil {
			continue
		}
		whole := w.run(u, true)
		if u.err == nil && whole {
			u.err = w.commit(1)
		} else if u.err == nil {
			u.err = errLost
		}
		if u.err != nil {
			w.db.stats.failed(u.err)
			w.rollback()
		}
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
