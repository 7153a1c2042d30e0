package storage

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"lianbang/bot"
	"lianbang/consortium"
)

// conn runs statements inside one transaction. Arguments are int64, int, bool, string, []byte and nil.
type conn interface {
	// exec returns the number of rows that changed.
	exec(s *statement, args []any) (int64, error)
	// insert returns the id of the new row; s ends in {returning id}.
	insert(s *statement, args []any) (int64, error)
	// run is exec for those who need no count.
	run(s *statement, args []any) error
	// each calls f for every row. The row is valid during the call only, and f must not use the connection.
	each(s *statement, args []any, f func(*row) error) error
}

// Tx is one unit of work: the store that commands and sweeps work on. It belongs to one goroutine and must not be kept.
type Tx struct {
	db *DB
	c  conn

	now   time.Time
	at    int64  // now, as stored
	actor string // who acts: a person as "p12", or a part of the program
	event string // key of the event that caused it, may be empty

	later  later
	batch  shared           // what earlier units of the same database transaction made
	lanes  map[string]int64 // lanes made by this unit
	wakes  []string         // lanes to wake after the commit
	from   bot.Event        // the event being handled; its Text is not kept
	look   bool             // SQLite: runs on a snapshot and may only record the event and enqueue
	writes int              // statements run that write
	codes  []string         // SQLite: kinds of which the unit took a number

	arrival  arrival // SQLite: of the event that the unit recorded
	recorded bool
	lock     bool // PostgreSQL: a repeated unit locks what it reads for writing

	// The last value read of each kind, as the "before" of its change.
	activity     consortium.Activity
	registration consortium.Registration
	need         consortium.Need
	person       consortium.Person
}

// shared is what units of one database transaction know of each other.
type shared struct {
	lanes   map[string]int64     // made
	arrived map[arrival]struct{} // recorded
	codes   map[string]int64     // last running numbers, by kind
}

// begin makes tx ready for a unit. What an earlier unit left in it is forgotten, except for the room that it took.
func (tx *Tx) begin(db *DB, c conn) {
	now := db.now()
	tx.later.empty()
	*tx = Tx{db: db, c: c, now: now, at: micros(now), actor: "system", later: tx.later}
}

// As says who acts and when, for sweeps and tools: the time and the name go into what is stored and audited.
func (tx *Tx) As(actor string, now time.Time) {
	tx.actor, tx.now, tx.at = actor, now, micros(now)
}

// forget takes the event of a unit that failed out of its batch, and gives back the numbers that it took.
func (tx *Tx) forget() {
	for _, name := range tx.codes { // nobody has taken any since
		tx.batch.codes[name]--
	}
	if tx.recorded {
		delete(tx.batch.arrived, tx.arrival)
	}
}

func (tx *Tx) exec(s *statement, args ...any) (int64, error) {
	if tx.look {
		return 0, errWrites
	}
	tx.writes++
	return tx.c.exec(s, args)
}

func (tx *Tx) insert(s *statement, args ...any) (int64, error) {
	if tx.look {
		return 0, errWrites
	}
	tx.writes++
	return tx.c.insert(s, args)
}

func (tx *Tx) run(s *statement, args ...any) error {
	if tx.look {
		return errWrites
	}
	tx.writes++
	return tx.c.run(s, args)
}

func (tx *Tx) each(s *statement, f func(*row) error, args ...any) error {
	if s.writes {
		if tx.look {
			return errWrites
		}
		tx.writes++
	}
	return tx.c.each(s, args, f)
}

var errStop = errors.New("stop")

// one reads the first row of a statement, which must yield at most one.
func (tx *Tx) one(s *statement, args ...any) (r row, ok bool, err error) {
	err = tx.until(s, func(got *row) bool {
		r, ok = *got, true
		return false
	}, args...)
	return r, ok, err
}

// until calls f for every row until it returns false.
func (tx *Tx) until(s *statement, f func(*row) bool, args ...any) error {
	err := tx.each(s, func(r *row) error {
		if !f(r) {
			return errStop
		}
		return nil
	}, args...)
	if errors.Is(err, errStop) {
		return nil
	}
	return err
}

// row reads the columns of one row from left to right.
type row struct {
	values []driver.Value
	next   int
}

func (r *row) value() any {
	r.next++
	return r.values[r.next-1]
}

// int reads an integer or a truth value, 0 for NULL.
func (r *row) int() int64 {
	switch v := r.value().(type) {
	case int64:
		return v
	case int32:
		return int64(v)
	case bool:
		if v {
			return 1
		}
	}
	return 0
}

func (r *row) bool() bool { return r.int() != 0 }

// text reads a string, "" for NULL.
func (r *row) text() string {
	s, _ := r.value().(string)
	return s
}

// bytes reads a blob, nil for NULL.
func (r *row) bytes() []byte {
	b, _ := r.value().([]byte)
	return b
}

// bound converts an argument to what the drivers take.
func bound(v any) any {
	switch v := v.(type) {
	case int:
		return int64(v)
	case bool:
		if v {
			return int64(1)
		}
		return int64(0)
	case int64, string, []byte, nil:
		return v
	}
	panic(fmt.Sprintf("storage: unsupported argument %T", v))
}
