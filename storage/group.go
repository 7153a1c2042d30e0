package storage

import (
	"runtime"
	"time"
)

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

// run runs a unit and leaves its outcome in it. A unit that fails is undone: by its savepoint, or without one if it has
// written nothing yet. run returns false when the transaction cannot go on.
func (w *writer) run(u *unit, savepoint bool) bool {
	if u.state.Load() != unitTaken && !u.state.CompareAndSwap(unitWaiting, unitTaken) {
		return true
	}
	if u.outbox && flushSends(w.lite, w.sealing.units()) != nil { // whose row is at fault shows when the units run apart
		return false
	}
	if savepoint && w.lite.command("SAVEPOINT unit") != nil {
		return false
	}
	tx := &w.tx
	tx.begin(w.db, w.lite)
	tx.batch = w.batch
	if u.err = guard(u.fn, tx); u.err != nil {
		return w.undo(tx, savepoint)
	}
	if w.lite.c.AutoCommit() { // SQLite rolled the whole transaction back, and the unit made nothing of it
		return false
	}
	if savepoint && w.lite.command("RELEASE unit") != nil {
		return false
	}
	u.wakes = tx.wakes
	w.sealing.put(&tx.later)
	for name, id := range tx.lanes {
		w.batch.lanes[name] = id
	}
	return true
}

// undo takes back what a unit wrote. It returns false when it cannot.
func (w *writer) undo(tx *Tx, savepoint bool) bool {
	tx.forget()
	if tx.writes > 0 { // a refusal that wrote nothing leaves what is kept as true as it was
		w.lite.kept.forget()
	}
	switch {
	case w.lite.c.AutoCommit(): // SQLite itself rolled the whole transaction back
		return false
	case savepoint:
		return w.lite.command("ROLLBACK TO unit") == nil && w.lite.command("RELEASE unit") == nil
	}
	return tx.writes == 0
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
