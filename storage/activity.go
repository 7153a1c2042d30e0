package storage

import (
	"fmt"
	"time"

	"lianbang/consortium"
)

// everyConsortium stands where activities of all consortia are asked for, so that the index serves, which begins with the
// consortium. 0 is that of activities of none.
const everyConsortium = `consortium IN (SELECT id FROM consortium UNION ALL SELECT 0)`

// activitySelect reads what scanActivity takes.
const activitySelect = `SELECT id, consortium, title, category, start_at, end_at, place, capacity, signup_ends, host, organiser,
  state, seats, waiting, queue, created, version FROM activity`

var (
	activityAdd = sqlText(`INSERT INTO activity(id, consortium, title, category, start_at, end_at, place, capacity, signup_ends, host, organiser,
  state, seats, waiting, queue, created, version)
VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 1)`)
	activityGet  = sqlText(activitySelect + ` WHERE id = $1`)
	activityHold = sqlText(activitySelect + ` WHERE id = $1{lock}`)
	activitySave = sqlText(`UPDATE activity SET consortium = $1, title = $2, category = $3, start_at = $4, end_at = $5, place = $6,
  capacity = $7, signup_ends = $8, host = $9, organiser = $10, state = $11, seats = $12, waiting = $13, queue = $14,
  version = version + 1 WHERE id = $15 AND version = $16`)
	activityCount = sqlText(`UPDATE activity SET seats = $1, waiting = $2, queue = $3, version = version + 1
WHERE id = $4 AND version = $5`)
	activityComing = sqlText(activitySelect + `
WHERE consortium = $1 AND state = 'open' AND start_at >= $2 ORDER BY start_at, id LIMIT $3`)
	activityComingAll = sqlText(activitySelect + `
WHERE ` + everyConsortium + ` AND state = 'open' AND start_at >= $1 ORDER BY start_at, id LIMIT $2`)
	activityOf = sqlText(activitySelect + `
WHERE organiser = $1 AND state = 'open' AND start_at >= $2 ORDER BY start_at, id LIMIT $3`)
	activityCountOf = sqlText(`SELECT count(*) FROM (
  SELECT 1 FROM activity WHERE organiser = $1 AND state = 'open' AND start_at >= $2 LIMIT $3) AS counted`)
	activityBetween = sqlText(activitySelect + `
WHERE consortium = $1 AND state = 'open' AND start_at >= $2 AND start_at < $3 ORDER BY start_at, id LIMIT 200`)
	activityBetweenAll = sqlText(activitySelect + `
WHERE ` + everyConsortium + ` AND state = 'open' AND start_at >= $1 AND start_at < $2
ORDER BY start_at, id LIMIT 200`)
)

func (tx *Tx) scanActivity(r *row) consortium.Activity {
	return consortium.Activity{
		ID: consortium.ActivityID(r.int()), Consortium: consortium.ID(r.int()), Title: r.text(), Category: r.text(),
		Start: tx.db.moment(r.int()), End: tx.db.moment(r.int()), Place: r.text(), Capacity: int(r.int()),
		SignupEnds: tx.db.moment(r.int()), Host: r.text(), Organiser: consortium.PersonID(r.int()),
		State: consortium.ActivityState(r.text()), Seats: int(r.int()), Waiting: int(r.int()), Queue: r.int(),
		Created: tx.db.moment(r.int()), Version: r.int(),
	}
}

// AddActivity stores a new one and sets its ID and Version.
func (tx *Tx) AddActivity(a *consortium.Activity) error {
	id, err := tx.nextCode("activity")
	if err != nil {
		return err
	}
	if a.Created.IsZero() {
		a.Created = tx.now
	}
	err = tx.run(activityAdd, id, int64(a.Consortium), a.Title, a.Category, micros(a.Start), micros(a.End), a.Place, a.Capacity,
		micros(a.SignupEnds), a.Host, int64(a.Organiser), string(a.State), a.Seats, a.Waiting, a.Queue, micros(a.Created))
	if err != nil {
		return fmt.Errorf("add an activity: %w", err)
	}
	a.ID, a.Version = consortium.ActivityID(id), 1
	tx.activity = *a
	return tx.note("activity", id, "add", nil, *a)
}

// Activity finds one by number; consortium.ErrNotFound.
func (tx *Tx) Activity(id consortium.ActivityID) (consortium.Activity, error) {
	if a, ok := tx.keeps().activity(id); ok {
		tx.activity = a
		return a, nil
	}
	statement := activityGet
	if tx.lock {
		statement = activityHold
	}
	r, ok, err := tx.one(statement, int64(id))
	if err != nil {
		return consortium.Activity{}, fmt.Errorf("read an activity: %w", err)
	}
	if !ok {
		return consortium.Activity{}, fmt.Errorf("activity %d: %w", id, consortium.ErrNotFound)
	}
	tx.activity = tx.scanActivity(&r)
	tx.keeps().keepActivity(tx.activity)
	return tx.activity, nil
}

// SaveActivity stores a changed one; consortium.ErrConflict. It raises Version. A change of nothing but the counters
// (Seats, Waiting, Queue) follows from registrations, which have audit rows of their own.
func (tx *Tx) SaveActivity(a *consortium.Activity) error {
	before := tx.activity
	if before.ID != a.ID || before.Version != a.Version {
		var err error
		if before, err = tx.Activity(a.ID); err != nil {
			return err
		}
	}
	same := *a
	same.Seats, same.Waiting, same.Queue = before.Seats, before.Waiting, before.Queue
	counters := same == before
	var n int64
	var err error
	if counters {
		n, err = tx.exec(activityCount, a.Seats, a.Waiting, a.Queue, int64(a.ID), a.Version)
	} else {
		n, err = tx.exec(activitySave, int64(a.Consortium), a.Title, a.Category, micros(a.Start), micros(a.End), a.Place,
			a.Capacity, micros(a.SignupEnds), a.Host, int64(a.Organiser), string(a.State), a.Seats, a.Waiting, a.Queue,
			int64(a.ID), a.Version)
	}
	if err != nil {
		return fmt.Errorf("save an activity: %w", err)
	}
	if n == 0 {
		return fmt.Errorf("save activity %d: %w", a.ID, consortium.ErrConflict)
	}
	a.Version++
	tx.activity = *a
	if counters {
		tx.keeps().countActivity(*a)
		return nil
	}
	tx.keeps().forgetActivity(a.ID)
	return tx.note("activity", int64(a.ID), "save", before, *a)
}

func (tx *Tx) activities(statement *statement, args ...any) ([]consortium.Activity, error) {
	var out []consortium.Activity
	err := tx.each(statement, func(r *row) error {
		out = append(out, tx.scanActivity(r))
		return nil
	}, args...)
	if err != nil {
		return nil, fmt.Errorf("list activities: %w", err)
	}
	return out, nil
}

// ComingActivities lists the open ones of a consortium (all consortia when c is 0) that start at or after from, soonest
// first.
func (tx *Tx) ComingActivities(c consortium.ID, from time.Time, limit int) ([]consortium.Activity, error) {
	if c == 0 {
		return tx.activities(activityComingAll, micros(from), limit)
	}
	return tx.activities(activityComing, int64(c), micros(from), limit)
}

// ActivitiesOf lists the open ones that a person organises and that start at or after from, soonest first.
func (tx *Tx) ActivitiesOf(p consortium.PersonID, from time.Time, limit int) ([]consortium.Activity, error) {
	return tx.activities(activityOf, int64(p), micros(from), limit)
}

// CountActivitiesOf counts those that ActivitiesOf lists, up to most.
func (tx *Tx) CountActivitiesOf(p consortium.PersonID, from time.Time, most int) (int, error) {
	r, _, err := tx.one(activityCountOf, int64(p), micros(from), most)
	if err != nil {
		return 0, fmt.Errorf("count activities: %w", err)
	}
	return int(r.int()), nil
}

// ActivitiesBetween lists the open ones of a consortium (all consortia when c is 0) that start in [from, to), soonest
// first, at most 200.
func (tx *Tx) ActivitiesBetween(c consortium.ID, from, to time.Time) ([]consortium.Activity, error) {
	if c == 0 {
		return tx.activities(activityBetweenAll, micros(from), micros(to))
	}
	return tx.activities(activityBetween, int64(c), micros(from), micros(to))
}
