package scheduler

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"lianbang/bot"
	"lianbang/consortium"
)

// Remembers is what the reminder sweep needs of its transaction.
type Remembers interface {
	bot.Ledger
	consortium.Activities
	consortium.Reminders
	PhotoCount(a consortium.ActivityID) (int, error)
	Rooms(c consortium.ID) ([]bot.Address, error)          // the open group rooms of a consortium
	Contacts(p consortium.PersonID) ([]bot.Contact, error) // the private addresses of a person, the one he used last first
	As(actor string, now time.Time)                        // who the audit rows name
}

// Reminders is the sweep that sends what consortium.PlanReminders planned. Every reminder is settled in one transaction together with the
// messages that it leads to. All fields but Wake and Logger are required.
type Reminders[S Remembers] struct {
	Store bot.Store[S]
	// Words is the message. late: it comes late and says so. It must be pure.
	Words func(a consortium.Activity, k consortium.ReminderKind, late bool, now time.Time) bot.Reply
	// Ask asks the one who registered an activity for photos of it. It must be pure.
	Ask func(a consortium.Activity, to bot.Address) bot.Reply
	// Reaches reports whether whoever is to be asked can be written to at an address. It must be pure.
	Reaches func(to bot.Contact) bool
	// Fit passes a message through the gate and cuts it to what its room can show. It must be pure.
	Fit    func(r bot.Reply, to bot.Address) []bot.Reply
	Wake   func(lane string) // called after the commit
	Logger *slog.Logger
}

// Name implements Sweep.
func (s *Reminders[S]) Name() string { return "reminders" }

// Run implements Sweep. One reminder that cannot be settled does not keep the others from being sent.
func (s *Reminders[S]) Run(ctx context.Context, now time.Time) error {
	var failed []error
	for ctx.Err() == nil {
		var due []consortium.Reminder
		err := s.Store.Do(ctx, func(tx S) (err error) {
			due, err = tx.DueReminders(now, batch)
			return err
		})
		if err != nil {
			return fmt.Errorf("list due reminders: %w", err)
		}
		settled := 0
		for _, r := range due {
			if ctx.Err() != nil {
				break
			}
			switch err := s.settle(ctx, r, now); {
			case err == nil:
				settled++
			case errors.Is(err, bot.ErrUnavailable):
				return fmt.Errorf("settle a reminder: %w", err)
			default:
				failed = append(failed, fmt.Errorf("settle reminder %d: %w", r.ID, err))
			}
		}
		if len(due) < batch || settled == 0 {
			break
		}
	}
	return errors.Join(failed...)
}

// settle fires or skips one reminder. That somebody else was faster is no error.
func (s *Reminders[S]) settle(ctx context.Context, r consortium.Reminder, now time.Time) error {
	var lanes []string
	var decided Decision
	var taken bool // by somebody else
	err := s.Store.Do(ctx, func(tx S) error {
		lanes = lanes[:0]
		tx.As(Actor, now)
		a, err := tx.Activity(r.Activity)
		if errors.Is(err, consortium.ErrNotFound) {
			a, err = consortium.Activity{ID: r.Activity, State: consortium.Withdrawn}, nil
		}
		if err != nil {
			return err
		}
		pending, err := tx.PendingReminders(r.Activity)
		if err != nil {
			return err
		}
		if taken = !slices.ContainsFunc(pending, func(p consortium.Reminder) bool { return p.ID == r.ID }); taken {
			return nil
		}
		decided = Fire(r, a, pending, now)
		if r.Kind == consortium.AskPhotos {
			decided, lanes, err = s.ask(tx, r, a, decided, now)
		} else if decided.Send {
			if lanes, err = s.enqueue(tx, r, a, decided.Late, now); len(lanes) == 0 {
				decided = Decision{Reason: NoRoom}
			}
		}
		if err != nil {
			return err
		}
		r.State, r.Reason, r.At = consortium.Skipped, string(decided.Reason), now
		if decided.Send {
			r.State = consortium.Sent
		}
		return tx.SettleReminder(r)
	})
	if taken || errors.Is(err, consortium.ErrConflict) {
		return nil
	}
	if err != nil {
		return err
	}
	if s.Logger != nil {
		s.Logger.Info("reminder settled", "reminder", r.ID, "activity", int64(r.Activity), "kind", string(r.Kind),
			"sent", decided.Send, "reason", string(decided.Reason), "rooms", len(lanes))
	}
	wake(s.Wake, lanes)
	return nil
}

// leaveIn is how long a reminder that is sent at the last moment may take to leave.
const leaveIn = 10 * time.Minute

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// enqueue adds one message to every room of the activity's consortium and returns their lanes.
func (s *Reminders[S]) enqueue(tx S, r consortium.Reminder, a consortium.Activity, late bool, now time.Time) ([]string, error) {
	rooms, err := tx.Rooms(a.Consortium)
	if err != nil || len(rooms) == 0 {
		return nil, err
	}
	prefix := fmt.Sprintf("remind/%d/%d", r.ID, r.Due.Unix())
	// A message that does not leave in time is dropped by the same rule as a reminder that is found too late.
	expires := latest(r.Due.Add(catchUpIn), now.Add(leaveIn))
	if a.Start.Before(expires) {
		expires = a.Start
	}
	return enqueue(tx, prefix, rooms, s.Words(a, r.Kind, late, now), s.Fit, bot.Remind, expires)
}

// enqueue adds the message to every room and returns the lanes to wake.
func enqueue(tx bot.Ledger, prefix string, rooms []bot.Address, message bot.Reply, fit func(bot.Reply, bot.Address) []bot.Reply,
	u bot.Urgency, expires time.Time) ([]string, error) {
	var lanes []string
	var all []bot.Delivery
	for _, to := range rooms {
		all = append(all, Deliveries(prefix, to, fit(message, to), u, expires)...)
		lanes = append(lanes, to.Lane())
	}
	return lanes, tx.Enqueue(all...)
}

// wake wakes the lanes of what was committed.
func wake(f func(string), lanes []string) {
	if f == nil {
		return
	}
	for _, lane := range lanes {
		f(lane)
	}
}
