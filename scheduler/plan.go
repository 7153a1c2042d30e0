package scheduler

import (
	"time"

	"lianbang/consortium"
)

// leastAhead is how long before the start a reminder must be due to be of any use.
const leastAhead = 30 * time.Minute

// When is the moment at which a reminder of that kind is due for an activity that starts at start. All policy of the
// clock (quiet hours, working days) belongs here and nowhere else. It is pure.
func When(k consortium.ReminderKind, start time.Time) time.Time {
	if k == consortium.DayBefore {
		return start.AddDate(0, 0, -1)
	}
	return start.Add(-2 * time.Hour)
}

// Plan makes the reminders of an activity that was registered or moved at now: those whose moment has not passed yet, at
// least half an hour before the start, soonest first. A cancelled activity has none. It is pure; the caller stores them
// in the transaction that stores the activity, after making the old ones void.
func Plan(a consortium.Activity, now time.Time) []*consortium.Reminder {
	if a.State != consortium.Open {
		return nil
	}
	var out []*consortium.Reminder
	for _, k := range []consortium.ReminderKind{consortium.DayBefore, consortium.TwoHoursBefore} {
		due := When(k, a.Start)
		if !due.After(now) || a.Start.Sub(due) < leastAhead {
			continue
		}
		out = append(out, &consortium.Reminder{Activity: a.ID, Kind: k, Due: due, State: consortium.Pending})
	}
	return out
}
