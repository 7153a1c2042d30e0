package storage

import (
	"fmt"
	"time"

	"lianbang/consortium"
)

// needSelect reads what scanNeed takes.
const needSelect = `SELECT id, consortium, reporter, unit, category, body, state, assignee, outcome, rating, reopened,
  received, assigned_at, answered_at, closed_at, due, reason, version FROM need`

var (
	needAdd = sqlText(`INSERT INTO need(id, consortium, reporter, unit, category, body, state, assignee, outcome, rating, reopened,
  received, assigned_at, answered_at, closed_at, due, reason, version)
VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, 1)`)
	needGet  = sqlText(needSelect + ` WHERE id = $1`)
	needHold = sqlText(needSelect + ` WHERE id = $1{lock}`)
	needSave = sqlText(`UPDATE need SET consortium = $1, reporter = $2, unit = $3, category = $4, body = $5, state = $6, assignee = $7,
  outcome = $8, rating = $9, reopened = $10, received = $11, assigned_at = $12, answered_at = $13, closed_at = $14,
  due = $15, reason = $16, version = version + 1 WHERE id = $17 AND version = $18`)
	needReporter = sqlText(needSelect + ` WHERE reporter = $1 AND state <> 'withdrawn'
ORDER BY (state IN ('reported', 'assigned', 'answered')) DESC, id DESC LIMIT $2`)
	needReporterCount = sqlText(`SELECT count(*) FROM (
  SELECT 1 FROM need WHERE reporter = $1 AND state <> 'withdrawn' LIMIT $2) AS counted`)
	needAssignee = sqlText(needSelect + `
WHERE assignee = $1 AND state IN ('assigned', 'answered') ORDER BY id LIMIT $2`)
	needUnassigned = sqlText(needSelect + `
WHERE consortium = $1 AND assignee = 0 AND state IN ('reported', 'assigned', 'answered') AND state = 'reported' ORDER BY id LIMIT $2`)
	needUnassignedAll = sqlText(needSelect + `
WHERE state = 'reported' AND assignee = 0 ORDER BY id LIMIT $1`)
	needReceivedCount = sqlText(`SELECT category, count(*) FROM need
WHERE consortium = $1 AND received >= $2 AND received < $3 AND state <> 'withdrawn' GROUP BY category ORDER BY category`)
	needClosedCount = sqlText(`SELECT category, count(*) FROM need
WHERE consortium = $1 AND closed_at > 0 AND closed_at >= $2 AND closed_at < $3 AND state = 'closed' GROUP BY category ORDER BY category`)
	needOpenCount = sqlText(`SELECT count(*) FROM need WHERE consortium = $1 AND state IN ('reported', 'assigned', 'answered')`)
)

func (tx *Tx) scanNeed(r *row) (consortium.Need, error) {
	n := consortium.Need{ID: consortium.NeedID(r.int()), Consortium: consortium.ID(r.int()), Reporter: consortium.PersonID(r.int()),
		Unit: r.text(), Category: r.text()}
	body := r.bytes()
	n.State, n.Assignee = consortium.NeedState(r.text()), consortium.PersonID(r.int())
	outcome := r.bytes()
	n.Rating, n.Reopened = int(r.int()), int(r.int())
	n.Received, n.AssignedAt = tx.db.moment(r.int()), tx.db.moment(r.int())
	n.AnsweredAt, n.ClosedAt, n.Due = tx.db.moment(r.int()), tx.db.moment(r.int()), tx.db.moment(r.int())
	reason := r.bytes()
	n.Version = r.int()
	plain, err := tx.db.seals.open("need.body", body)
	if err != nil {
		return n, err
	}
	n.Text = string(plain)
	if plain, err = tx.db.seals.open("need.outcome", outcome); err != nil {
		return n, err
	}
	n.Outcome = string(plain)
	if plain, err = tx.db.seals.open("need.reason", reason); err != nil {
		return n, err
	}
	n.Reason = string(plain)
	return n, nil
}

// AddNeed stores a new one and sets its ID and Version.
func (tx *Tx) AddNeed(n *consortium.Need) error {
	id, err := tx.nextCode("need")
	if err != nil {
		return err
	}
	if n.Received.IsZero() {
		n.Received = tx.now
	}
	err = tx.run(needAdd, id, int64(n.Consortium), int64(n.Reporter), n.Unit, n.Category,
		tx.db.seals.seal("need.body", []byte(n.Text)), string(n.State), int64(n.Assignee),
		tx.db.seals.seal("need.outcome", []byte(n.Outcome)), n.Rating, n.Reopened,
		micros(n.Received), micros(n.AssignedAt), micros(n.AnsweredAt), micros(n.ClosedAt), micros(n.Due),
		tx.db.seals.seal("need.reason", []byte(n.Reason)))
	if err != nil {
		return fmt.Errorf("add a need: %w", err)
	}
	n.ID, n.Version = consortium.NeedID(id), 1
	tx.need = *n
	return tx.note("need", id, "add", nil, *n)
}

// Need finds one by number; consortium.ErrNotFound.
func (tx *Tx) Need(id consortium.NeedID) (consortium.Need, error) {
	statement := needGet
	if tx.lock {
		statement = needHold
	}
	r, ok, err := tx.one(statement, int64(id))
	if err != nil {
		return consortium.Need{}, fmt.Errorf("read a need: %w", err)
	}
	if !ok {
		return consortium.Need{}, fmt.Errorf("need %d: %w", id, consortium.ErrNotFound)
	}
	tx.need, err = tx.scanNeed(&r)
	return tx.need, err
}

// SaveNeed stores a changed one; consortium.ErrConflict. It raises Version.
func (tx *Tx) SaveNeed(n *consortium.Need) error {
	before := tx.need
	if before.ID != n.ID || before.Version != n.Version {
		var err error
		if before, err = tx.Need(n.ID); err != nil {
			return err
		}
	}
	changed, err := tx.exec(needSave, int64(n.Consortium), int64(n.Reporter), n.Unit, n.Category,
		tx.db.seals.seal("need.body", []byte(n.Text)), string(n.State), int64(n.Assignee),
		tx.db.seals.seal("need.outcome", []byte(n.Outcome)), n.Rating, n.Reopened,
		micros(n.Received), micros(n.AssignedAt), micros(n.AnsweredAt), micros(n.ClosedAt), micros(n.Due),
		tx.db.seals.seal("need.reason", []byte(n.Reason)), int64(n.ID), n.Version)
	if err != nil {
		return fmt.Errorf("save a need: %w", err)
	}
	if changed == 0 {
		return fmt.Errorf("save need %d: %w", n.ID, consortium.ErrConflict)
	}
	n.Version++
	tx.need = *n
	return tx.note("need", int64(n.ID), "save", before, *n)
}

func (tx *Tx) needs(statement *statement, args ...any) ([]consortium.Need, error) {
	var out []consortium.Need
	err := tx.each(statement, func(r *row) error {
		n, err := tx.scanNeed(r)
		out = append(out, n)
		return err
	}, args...)
	if err != nil {
		return nil, fmt.Errorf("list needs: %w", err)
	}
	return out, nil
}

// NeedsOf lists those that a person reported and has not withdrawn: the unfinished ones first, then newest first.
func (tx *Tx) NeedsOf(p consortium.PersonID, limit int) ([]consortium.Need, error) {
	return tx.needs(needReporter, int64(p), limit)
}

// CountNeedsOf counts those that NeedsOf lists, up to most.
func (tx *Tx) CountNeedsOf(p consortium.PersonID, most int) (int, error) {
	r, _, err := tx.one(needReporterCount, int64(p), most)
	if err != nil {
		return 0, fmt.Errorf("count needs: %w", err)
	}
	return int(r.int()), nil
}

// NeedsAssigned lists the unfinished ones that a person handles, oldest first.
func (tx *Tx) NeedsAssigned(p consortium.PersonID, limit int) ([]consortium.Need, error) {
	return tx.needs(needAssignee, int64(p), limit)
}

// NeedsUnassigned lists those that nobody handles yet (of all consortia when c is 0), oldest first.
func (tx *Tx) NeedsUnassigned(c consortium.ID, limit int) ([]consortium.Need, error) {
	if c == 0 {
		return tx.needs(needUnassignedAll, limit)
	}
	return tx.needs(needUnassigned, int64(c), limit)
}

// NeedCounts counts, by category, the needs of a consortium received and closed in [from, to). Withdrawn ones do not
// count.
func (tx *Tx) NeedCounts(c consortium.ID, from, to time.Time) ([]consortium.CategoryCount, error) {
	var out []consortium.CategoryCount
	at := map[string]int{}
	count := func(statement *statement, add func(*consortium.CategoryCount, int)) error {
		return tx.each(statement, func(r *row) error {
			category := r.text()
			i, ok := at[category]
			if !ok {
				i = len(out)
				at[category] = i
				out = append(out, consortium.CategoryCount{Category: category})
			}
			add(&out[i], int(r.int()))
			return nil
		}, int64(c), micros(from), micros(to))
	}
	if err := count(needReceivedCount, func(c *consortium.CategoryCount, n int) { c.Received = n }); err != nil {
		return nil, fmt.Errorf("count needs received: %w", err)
	}
	if err := count(needClosedCount, func(c *consortium.CategoryCount, n int) { c.Closed = n }); err != nil {
		return nil, fmt.Errorf("count needs closed: %w", err)
	}
	return out, nil
}

// OpenNeeds counts those of a consortium that are neither closed nor withdrawn.
func (tx *Tx) OpenNeeds(c consortium.ID) (int, error) {
	r, _, err := tx.one(needOpenCount, int64(c))
	if err != nil {
		return 0, fmt.Errorf("count open needs: %w", err)
	}
	return int(r.int()), nil
}
