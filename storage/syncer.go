package storage

import (
	"fmt"
	"os"
	"sync/atomic"

	"lianbang/bot"
)

// syncer makes commits durable. SQLite appends a commit to its write-ahead log without waiting for the disk; the syncer then
// forces the log to the disk and answers the units, while the writer runs the next ones. Nobody hears of a commit before it
// is durable: not the unit's caller, and no unit that saw what it wrote, since batches are answered in their order.
type syncer struct {
	log   *os.File
	in    chan batch
	ended chan struct{}
	busy  atomic.Bool           // a batch is on its way to the disk
	dead  atomic.Pointer[error] // the disk refused: what is in the log may be lost, so nothing more is promised
}

// batch is a transaction that is over. wrote says that it committed something.
type batch struct {
	units []*unit
	wrote bool
}

// newSyncer opens the log of a database that other connections hold open, so that the file stays the same.
func newSyncer(path string) (*syncer, error) {
	log, err := os.OpenFile(path+"-wal", os.O_RDWR, 0)
	if err != nil {
		return nil, fmt.Errorf("open the write-ahead log: %w", err)
	}
	s := &syncer{log: log, in: make(chan batch), ended: make(chan struct{})}
	if err := fdatasync(log); err != nil { // what the migrations wrote
		log.Close()
		return nil, fmt.Errorf("sync the write-ahead log: %w", unavailable(err))
	}
	go s.loop()
	return s, nil
}

// answer takes over a batch. It waits while the one before is on its way to the disk.
func (s *syncer) answer(b batch) { s.in <- b }

func (s *syncer) loop() {
	defer close(s.ended)
	for b := range s.in {
		s.busy.Store(true)
		if b.wrote {
			s.sync()
		}
		err := s.failed()
		for _, u := range b.units {
			if u.err == nil {
				u.err = err
			}
			u.done <- u.err
		}
		s.busy.Store(false)
	}
}

// sync forces the log to the disk. After a failure the kernel may have dropped what could not be written and report success
// the next time, so the first failure is the last word.
func (s *syncer) sync() {
	if s.failed() != nil {
		return
	}
	if err := fdatasync(s.log); err != nil {
		err = fmt.Errorf("%w: the disk refused what was written, start the program again: %w", bot.ErrUnavailable, err)
		s.dead.Store(&err)
	}
}

// failed is the error of the first sync that failed, nil while none has.
func (s *syncer) failed() error {
	if err := s.dead.Load(); err != nil {
		return *err
	}
	return nil
}

// close answers what was taken over and ends the goroutine.
func (s *syncer) close() error {
	close(s.in)
	<-s.ended
	return s.log.Close()
}
