package scheduler

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"lianbang/bot"
	"lianbang/consortium"
)

// Enters is what the calendar sweep needs of its transaction.
type Enters interface {
	// StaleEntries lists activities that an account's calendar does not show as they are at now, at most n of each kind.
	StaleEntries(account string, now time.Time, n int) ([]consortium.ActivityID, error)
	// Activity finds one by number.
	Activity(id consortium.ActivityID) (consortium.Activity, error)
	// Guests lists those of an account who have a seat, and who registered the activity, at most n.
	Guests(a consortium.Activity, account string, n int) ([]bot.UserKey, error)
	// PutEntry makes the entry of d what the calendar is to show of an activity at its present version. put is false while
	// the one before is on its way: come again.
	PutEntry(a consortium.Activity, d bot.Delivery) (put bool, err error)
	As(actor string, now time.Time) // who the audit rows name
}

// mostGuests bounds the guests of one entry.
const mostGuests = 2000

// Entries is the sweep that makes calendars show what activities are now. It compares versions, so that commands do nothing
// for it, the changes of a minute go together, and what was missed while a calendar was closed is made up for. An entry has
// one delivery for its whole life, which holds the state that it is to have. All fields but Logger are required.
type Entries[S Enters] struct {
	Store     bot.Store[S]
	Calendars []bot.Calendar
	// Words is what a calendar shows of an activity: its Entry, without guests, and its Topic. It must be pure, and public.
	Words  func(a consortium.Activity) bot.Reply
	Logger *slog.Logger
}

// Name implements Sweep.
func (s *Entries[S]) Name() string { return "entries" }

// Run implements Sweep. A calendar that is closed, or an entry that cannot be put, does not keep the others from being put.
func (s *Entries[S]) Run(ctx context.Context, now time.Time) error {
	var failed []error
	for _, c := range s.Calendars {
		if ctx.Err() != nil || !c.CalendarOpen(ctx) {
			continue
		}
		if err := s.sweep(ctx, c, now); err != nil {
			failed = append(failed, fmt.Errorf("calendar of %s: %w", account(c), err))
		}
	}
	return errors.Join(failed...)
}

// sweep puts what one calendar does not show. What is on its way is left to the next run.
func (s *Entries[S]) sweep(ctx context.Context, c bot.Calendar, now time.Time) error {
	var failed []error
	for ctx.Err() == nil {
		var stale []consortium.ActivityID
		err := s.Store.Do(ctx, func(tx S) (err error) {
			stale, err = tx.StaleEntries(account(c), now, batch)
			return err
		})
		if err != nil {
			return fmt.Errorf("list stale entries: %w", err)
		}
		done := 0
		for _, id := range stale {
			if ctx.Err() != nil {
				break
			}
			switch put, err := s.put(ctx, c, id, now); {
			case errors.Is(err, bot.ErrUnavailable):
				return fmt.Errorf("put an entry: %w", err)
			case err != nil:
				failed = append(failed, fmt.Errorf("put the entry of activity %d: %w", id, err))
			case put:
				done++
			}
		}
		if len(stale) < batch || done == 0 {
			break
		}
	}
	return errors.Join(failed...)
}

// put stores what the calendar is to show of one activity.
func (s *Entries[S]) put(ctx context.Context, c bot.Calendar, id consortium.ActivityID, now time.Time) (put bool, err error) {
	platform, name := c.Name()
	var cancelled bool
	var guests int
	err = s.Store.Do(ctx, func(tx S) error {
		tx.As(Actor, now)
		a, err := tx.Activity(id)
		if err != nil {
			return err
		}
		body := s.Words(a)
		if body.Entry.Guests, err = tx.Guests(a, account(c), mostGuests); err != nil {
			return err
		}
		guests = len(body.Entry.Guests)
		cancelled = a.State != consortium.Open || guests == 0
		body.Entry.Cancelled = cancelled
		put, err = tx.PutEntry(a, bot.Delivery{Key: "entry/" + account(c) + "/" + body.Topic, Urgency: bot.Remind, Body: body,
			To: bot.Address{Platform: platform, Account: name}, Expires: body.Entry.End})
		return err
	})
	if errors.Is(err, consortium.ErrConflict) { // somebody else puts it
		return false, nil
	}
	if err == nil && put && s.Logger != nil {
		s.Logger.Debug("entry put", "account", account(c), "activity", int64(id), "guests", guests, "cancelled", cancelled)
	}
	return put, err
}
