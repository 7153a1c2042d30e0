package consortium

import "time"

// leastAhead is how long before the start a reminder must be due to be of any use.
const leastAhead = 30 * time.Minute

// ReminderDue is the moment at which a reminder of that kind is due for an activity that starts at start. All policy of the
// clock (quiet hours, working days) belongs here and nowhere else.
func ReminderDue(k ReminderKind, start time.Time) time.Time {
	if k == DayBefore {
		return start.AddDate(0, 0, -1)
	}
	return start.Add(-2 * time.Hour)
}

// PlanReminders makes the reminders of an activity that was registered or moved at now: those whose moment has not passed
// yet, at least half an hour before the start, soonest first. A cancelled activity has none. The caller stores them in the
// transaction that stores the activity, after making the old ones void.
func PlanReminders(a Activity, now time.Time) []*Reminder {
	if a.State != Open {
		return nil
	}
	var out []*Reminder
	for _, k := range []ReminderKind{DayBefore, TwoHoursBefore} {
		due := ReminderDue(k, a.Start)
		if !due.After(now) || a.Start.Sub(due) < leastAhead {
			continue
		}
		out = append(out, &Reminder{Activity: a.ID, Kind: k, Due: due, State: Pending})
	}
	return out
}
