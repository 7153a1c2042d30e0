package storage

import (
	"iter"
	"runtime"
	"sync/atomic"
)

// sealEvery is how many units the writer hands over before it wakes the goroutine that seals: waking costs more than sealing
// a few rows.
const sealEvery = 8

// sealing encodes and seals the rows that units add, beside the writer, which does what is left itself before it commits.
// The writer alone calls put, units and clear.
type sealing struct {
	db    *DB
	slots [batchUnits]later // of the batch: unit n has slot n modulo their number

	// Of all units there ever were: those handed over, and those somebody seals or has sealed.
	ready, taken atomic.Int64
	sealed       [batchUnits]atomic.Bool // by slot

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
		s.sealed[n%batchUnits].Store(true)
	}
	return true
}

// put takes the rows of a unit over. There are at most batchUnits between two calls of clear.
func (s *sealing) put(l *later) {
	n := s.ready.Load()
	s.slots[n%batchUnits].take(l)
	s.sealed[n%batchUnits].Store(false)
	s.ready.Store(n + 1)
	if (n+1-s.first)%sealEvery == 0 {
		s.rouse()
	}
}

// rouse makes the goroutine go on.
func (s *sealing) rouse() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// units walks the rows of the batch, unit by unit, each sealed or with the error why not. The goroutine seals the last ones
// while the first are looked at.
func (s *sealing) units() iter.Seq[*later] {
	if s.taken.Load() < s.ready.Load() {
		s.rouse()
	}
	return func(yield func(*later) bool) {
		for n := s.first; n < s.ready.Load(); n++ {
			s.await(n)
			if !yield(&s.slots[n%batchUnits]) {
				return
			}
		}
	}
}

// clear begins a new batch.
func (s *sealing) clear() {
	for l := range s.units() {
		l.empty()
	}
	s.first = s.ready.Load()
}

// await returns when unit n is sealed, and seals others meanwhile.
func (s *sealing) await(n int64) {
	for !s.sealed[n%batchUnits].Load() {
		if !s.one() {
			runtime.Gosched()
		}
	}
}
