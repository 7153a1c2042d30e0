package storage

import (
	"fmt"
	"time"

	"lianbang/consortium"
)

var (
	reminderRows = newInsertion(3, "reminder", "activity, kind, due, state, reason, at", "")
	reminderOff  = sqlText(`UPDATE reminder SET state = 'void', at = $1 WHERE activity = $2 AND state = 'pending'`)
	reminderOf   = sqlText(`SELECT id, activity, kind, due, state, reason, at FROM reminder
WHERE activity = $1 AND state = 'pending' ORDER BY due, id`)
	reminderDue = sqlText(`SELECT id, activity, kind, due, state, reason, at FROM reminder
WHERE state = 'pending' AND due <= $1 ORDER BY due, id LIMIT $2`)
	reminderSettle = sqlText(`UPDATE reminder SET state = $1, reason = $2, at = $3 WHERE id = $4 AND state = 'pending'`)
)

// AddReminders stores pending ones.
func (tx *Tx) AddReminders(rs ...*consortium.Reminder) error {
	var columns []any
	for _, r := range rs {
		if r.State == "" {
			r.State = consortium.Pending
		}
		columns = append(columns, int64(r.Activity), string(r.Kind), micros(r.Due), string(r.State), r.Reason, micros(r.At))
	}
	for len(columns) > 0 {
		statement, args := reminderRows.next(columns)
		if err := tx.run(statement, args...); err != nil {
			return fmt.Errorf("add reminders: %w", err)
		}
		columns = columns[len(args):]
	}
	return nil
}

// VoidReminders makes the pending ones of an activity void.
func (tx *Tx) VoidReminders(a consortium.ActivityID) error {
	if err := tx.run(reminderOff, tx.at, int64(a)); err != nil {
		return fmt.Errorf("void reminders: %w", err)
	}
	return nil
}

func (tx *Tx) reminders(statement *statement, args ...any) ([]consortium.Reminder, error) {
	var out []consortium.Reminder
	err := tx.each(statement, func(r *row) error {
		out = append(out, consortium.Reminder{ID: r.int(), Activity: consortium.ActivityID(r.int()),
			Kind: consortium.ReminderKind(r.text()), Due: tx.db.moment(r.int()), State: consortium.ReminderState(r.text()),
			Reason: r.text(), At: tx.db.moment(r.int())})
		return nil
	}, args...)
	if err != nil {
		return nil, fmt.Errorf("list reminders: %w", err)
	}
	return out, nil
}

// PendingReminders lists the pending ones of an activity, soonest first.
func (tx *Tx) PendingReminders(a consortium.ActivityID) ([]consortium.Reminder, error) {
	return tx.reminders(reminderOf, int64(a))
}

// DueReminders lists pending ones that are due at now, oldest first.
func (tx *Tx) DueReminders(now time.Time, limit int) ([]consortium.Reminder, error) {
	return tx.reminders(reminderDue, micros(now), limit)
}

// SettleReminder stores State, Reason and At of one that is still pending; consortium.ErrConflict when it is not.
func (tx *Tx) SettleReminder(r consortium.Reminder) error {
	n, err := tx.exec(reminderSettle, string(r.State), r.Reason, micros(r.At), r.ID)
	if err != nil {
		return fmt.Errorf("settle a reminder: %w", err)
	}
	if n == 0 {
		return fmt.Errorf("settle reminder %d: %w", r.ID, consortium.ErrConflict)
	}
	return nil
}
