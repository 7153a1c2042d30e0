package scheduler

import (
	"fmt"
	"slices"
	"time"

	"lianbang/bot"
	"lianbang/consortium"
)

// ask enqueues the question for photos, to the one who registered the activity alone, or says why not. When the activity
// ends later than was planned, the question is planned anew. At night it waits for the morning.
func (s *Reminders[S]) ask(tx S, r consortium.Reminder, a consortium.Activity, decided Decision, now time.Time) (Decision, []string, error) {
	if decided.Reason == Longer {
		return decided, nil, tx.AddReminders(&consortium.Reminder{Activity: a.ID, Kind: r.Kind, Due: consortium.ReminderDue(r.Kind, a), State: consortium.Pending})
	}
	if !decided.Send {
		return decided, nil, nil
	}
	photos, err := tx.PhotoCount(a.ID)
	if err != nil || photos > 0 {
		return Decision{Reason: Answered}, nil, err
	}
	contacts, err := tx.Contacts(a.Organiser)
	reached := slices.IndexFunc(contacts, s.Reaches)
	if err != nil || reached < 0 {
		return Decision{Reason: NoRoom}, nil, err
	}
	to := contacts[reached].Address
	ds := Deliveries(fmt.Sprintf("remind/%d/%d", r.ID, r.Due.Unix()), to, s.Fit(s.Ask(a, to), to), bot.Remind, r.Due.Add(askWithin))
	if at := consortium.Awake(now.In(a.Start.Location())); at.After(now) {
		for i := range ds {
			ds[i].NotBefore = at
		}
	}
	return decided, []string{to.Lane()}, tx.Enqueue(ds...)
}
