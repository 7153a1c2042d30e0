package storage

import (
	"fmt"
	"time"

	"lianbang/consortium"
)

var (
	registrationGet = sqlText(`SELECT activity, person, seats, waiting, queue, together, changed, version FROM registration
WHERE activity = $1 AND person = $2`)
	registrationAdd = sqlText(`INSERT INTO registration(activity, person, seats, waiting, queue, together, ordinal, changed, version)
VALUES($1, $2, $3, $4, $5, $6, $7, $8, 1) ON CONFLICT(activity, person) DO NOTHING`)
	registrationSave = sqlText(`UPDATE registration SET seats = $1, waiting = $2, queue = $3, together = $4, changed = $5, version = version + 1
WHERE activity = $6 AND person = $7 AND version = $8`)
	registrationList = sqlText(`SELECT r.activity, r.person, r.seats, r.waiting, r.queue, r.together, r.changed, r.version, p.name, p.unit
FROM registration r JOIN person p ON p.id = r.person
WHERE r.activity = $1 AND r.seats + r.waiting > 0 ORDER BY r.ordinal LIMIT 500`)
	registrationWaiting = sqlText(`SELECT r.activity, r.person, r.seats, r.waiting, r.queue, r.together, r.changed, r.version, p.name, p.unit
FROM registration r JOIN person p ON p.id = r.person
WHERE r.activity = $1 AND r.waiting > 0 ORDER BY r.queue LIMIT $2`)
	registrationBefore = sqlText(`SELECT CAST(sum(waiting) AS bigint) FROM registration WHERE activity = $1 AND waiting > 0 AND queue < $2`)
	registrationOf     = sqlText(`SELECT r.activity, r.person, r.seats, r.waiting, r.queue, r.together, r.changed, r.version,
  a.id, a.consortium, a.title, a.category, a.start_at, a.end_at, a.place, a.capacity, a.signup_ends, a.host, a.organiser,
  a.state, a.seats, a.waiting, a.queue, a.created, a.version
FROM registration r JOIN activity a ON a.id = r.activity
WHERE r.person = $1 AND r.seats + r.waiting > 0 AND a.state = 'open' AND a.start_at >= $2 ORDER BY a.start_at, a.id LIMIT $3`)
)

func (tx *Tx) scanRegistration(r *row) consortium.Registration {
	return consortium.Registration{
		Activity: consortium.ActivityID(r.int()), Person: consortium.PersonID(r.int()), Seats: int(r.int()), Waiting: int(r.int()),
		Queue: r.int(), Together: r.bool(), Changed: tx.db.moment(r.int()), Version: r.int(),
	}
}

// Registration finds a person's; a zero Version when there is none yet.
func (tx *Tx) Registration(a consortium.ActivityID, p consortium.PersonID) (consortium.Registration, error) {
	if r, ok := tx.keeps().registration(a, p); ok {
		tx.registration = r
		return r, nil
	}
	r, ok, err := tx.one(registrationGet, int64(a), int64(p))
	if err != nil {
		return consortium.Registration{}, fmt.Errorf("read a registration: %w", err)
	}
	if !ok {
		return consortium.Registration{Activity: a, Person: p}, nil
	}
	tx.registration = tx.scanRegistration(&r)
	tx.keeps().keepRegistration(tx.registration)
	return tx.registration, nil
}

// SaveRegistration stores a new or changed one; consortium.ErrConflict. It raises Version. A zero Changed is set to now.
func (tx *Tx) SaveRegistration(reg *consortium.Registration) error {
	if reg.Changed.IsZero() {
		reg.Changed = tx.now
	}
	if reg.Version == 0 {
		n, err := tx.exec(registrationAdd, int64(reg.Activity), int64(reg.Person), reg.Seats, reg.Waiting, reg.Queue, reg.Together,
			tx.db.nextOrdinal(tx.at), micros(reg.Changed))
		return tx.savedRegistration(reg, nil, n, err)
	}
	before := tx.registration
	if before.Activity != reg.Activity || before.Person != reg.Person || before.Version != reg.Version {
		var err error
		if before, err = tx.Registration(reg.Activity, reg.Person); err != nil {
			return err
		}
	}
	n, err := tx.exec(registrationSave, reg.Seats, reg.Waiting, reg.Queue, reg.Together, micros(reg.Changed),
		int64(reg.Activity), int64(reg.Person), reg.Version)
	return tx.savedRegistration(reg, &before, n, err)
}

func (tx *Tx) savedRegistration(reg, before *consortium.Registration, n int64, err error) error {
	if err != nil {
		return fmt.Errorf("save a registration: %w", err)
	}
	if n == 0 {
		return fmt.Errorf("save registration of %d for activity %d: %w", reg.Person, reg.Activity, consortium.ErrConflict)
	}
	reg.Version++
	tx.registration = *reg
	stored := *reg
	stored.Name, stored.Unit, stored.Changed = "", "", tx.db.moment(micros(reg.Changed))
	tx.keeps().keepRegistration(stored)
	if before == nil {
		return tx.note("registration", int64(reg.Activity), "add", nil, *reg)
	}
	return tx.note("registration", int64(reg.Activity), "save", *before, *reg)
}

// nextOrdinal grows with every call, and with time across restarts and nodes.
func (db *DB) nextOrdinal(at int64) int64 {
	for {
		last := db.ordinal.Load()
		next := max(at, last+1)
		if db.ordinal.CompareAndSwap(last, next) {
			return next
		}
	}
}

func (tx *Tx) registrations(statement *statement, args ...any) ([]consortium.Registration, error) {
	var out []consortium.Registration
	err := tx.each(statement, func(r *row) error {
		reg := tx.scanRegistration(r)
		reg.Name, reg.Unit = r.text(), r.text()
		out = append(out, reg)
		return nil
	}, args...)
	if err != nil {
		return nil, fmt.Errorf("list registrations: %w", err)
	}
	return out, nil
}

// Registrations lists those with a party, by first sign-up. At most 500.
func (tx *Tx) Registrations(a consortium.ActivityID) ([]consortium.Registration, error) {
	return tx.registrations(registrationList, int64(a))
}

// Waitlist lists those who wait, by Queue.
func (tx *Tx) Waitlist(a consortium.ActivityID, limit int) ([]consortium.Registration, error) {
	return tx.registrations(registrationWaiting, int64(a), limit)
}

// WaitingBefore counts the people who wait before a place in the queue.
func (tx *Tx) WaitingBefore(a consortium.ActivityID, queue int64) (int, error) {
	r, _, err := tx.one(registrationBefore, int64(a), queue)
	if err != nil {
		return 0, fmt.Errorf("count those who wait: %w", err)
	}
	return int(r.int()), nil
}

// AttendancesOf lists what a person has signed up for: open activities that start at or after from, soonest first.
func (tx *Tx) AttendancesOf(p consortium.PersonID, from time.Time, limit int) ([]consortium.Attendance, error) {
	var out []consortium.Attendance
	err := tx.each(registrationOf, func(r *row) error {
		out = append(out, consortium.Attendance{Registration: tx.scanRegistration(r), Activity: tx.scanActivity(r)})
		return nil
	}, int64(p), micros(from), limit)
	if err != nil {
		return nil, fmt.Errorf("list what somebody signed up for: %w", err)
	}
	return out, nil
}
