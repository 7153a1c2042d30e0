package consortium

import "time"

// ReminderKind says how far ahead a reminder speaks.
type ReminderKind string

// The reminders of an activity.
const (
	DayBefore      ReminderKind = "T-1d"
	TwoHoursBefore ReminderKind = "T-2h"
	// AskPhotos asks whoever registered the activity for photos of it, once and privately.
	AskPhotos ReminderKind = "T+1h"
)

// ReminderState is where a reminder stands.
type ReminderState string

// The states of a reminder.
const (
	Pending ReminderState = "pending"
	Sent    ReminderState = "sent"
	Skipped ReminderState = "skipped" // Reason says why
	Void    ReminderState = "void"    // the activity moved or was cancelled
)

// Reminder is one planned reminder of one activity: a row, claimed by the sweep when it is due.
type Reminder struct {
	ID       int64
	Activity ActivityID
	Kind     ReminderKind
	Due      time.Time
	State    ReminderState
	Reason   string    // why it was skipped
	At       time.Time // when it was sent, skipped or made void
}

// Reminders stores reminders.
type Reminders interface {
	// AddReminders stores pending ones.
	AddReminders(rs ...*Reminder) error
	// VoidReminders makes the pending ones of an activity void.
	VoidReminders(a ActivityID) error
	// PendingReminders lists the pending ones of an activity, soonest first.
	PendingReminders(a ActivityID) ([]Reminder, error)
	// DueReminders lists pending ones that are due at now, oldest first.
	DueReminders(now time.Time, limit int) ([]Reminder, error)
	// SettleReminder stores State, Reason and At of one that is still pending; ErrConflict when it is not.
	SettleReminder(r Reminder) error
}
