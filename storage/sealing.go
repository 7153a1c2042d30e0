package storage

import (
	"runtime"
	"sync/atomic"
)

// sealEvery is how many units the writer hands over before it wakes the goroutine that seals: waking costs more than sealing
// a few rows.
const sealEvery = 8

// sealing encodes and seals the rows that units add, beside the writer, which does what is left itself before it commits.
// The writer alone calls put, finish and clear.
type sealing struct {
	db    *DB
	slots [batchUnits]later // of the batch: unit n has slot n modulo their number

	// Of all units there ever were: those handed over, those somebody seals or has sealed, and those that are sealed.
	ready, taken, done atomic.Int64

	first int64 // unit of the batch
	wake  chan struct{}
	ended chan struct{}
}

func newSealing(db *DB) *sealing {
	s := &sealing{db: db, wake: make(chan struct{}, 1), ended: make(chan struct{})}
	go s.loop()
	return s
}

func (s *sealing) loop() {
	defer close(s.ended)
	for range s.wake {
		for s.one() {
		}
	}
}

// close ends the goroutine. What is handed over must have been finished.
func (s *sealing) close() {
	close(s.wake)
	<-s.ended
}

// one seals the rows of one unit, if any waits.
func (s *sealing) one() bool {
	n := s.taken.Load()
	if n >= s.ready.Load() {
		return false
	}
	if s.taken.CompareAndSwap(n, n+1) {
		s.slots[n%batchUnits].seal(s.db.seals) // the error is kept there
		s.done.Add(1)
	}
	return true
}

// put takes the rows of a unit over. There are at most batchUnits between two calls of clear.
func (s *sealing) put(l *later) {
	n := s.ready.Load()
	s.slots[n%batchUnits].take(l)
	s.ready.Store(n + 1)
	if (n+1-s.first)%sealEvery == 0 {
		select {
		case s.wake <- struct{}{}:
		default:
		}
	}
}

// finish returns the rows of the batch, all sealed, and the first error.
func (s *sealing) finish() (units []*later, err error) {
	s.settle()
	for n := s.first; n < s.ready.Load(); n++ {
		l := &s.slots[n%batchUnits]
		if l.err != nil {
			return nil, l.err
		}
		units = append(units, l)
	}
	return units, nil
}

// clear begins a new batch.
func (s *sealing) clear() {
	s.settle()
	for n := s.first; n < s.ready.Load(); n++ {
		s.slots[n%batchUnits].empty()
	}
	s.first = s.ready.Load()
}

// settle seals what is left and waits for what the other goroutine is at.
func (s *sealing) settle() {
	for s.one() {
	}
	for s.done.Load() < s.ready.Load() {
		runtime.Gosched()
	}
}
