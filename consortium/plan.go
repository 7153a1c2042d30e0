package consortium

import "time"

// leastAhead is how long before the start a reminder must be due to be of any use.
const leastAhead = 30 * time.Minute

// When people are left alone by what is not about the hours ahead: from nine in the evening to eight in the morning.
const (
	quietFrom = 21
	quietTo   = 8
)

// ReminderDue is the moment at which a reminder of that kind is due for an activity. All policy of the clock (quiet hours,
// working days) belongs here and nowhere else.
func ReminderDue(k ReminderKind, a Activity) time.Time {
	switch k {
	case DayBefore:
		return a.Start.AddDate(0, 0, -1)
	case AskPhotos:
		return Awake(a.Ends().In(a.Start.Location()).Add(time.Hour))
	}
	return a.Start.Add(-2 * time.Hour)
}

// Awake is t, or the end of the quiet hours that it lies in, by the clock of its own location.
func Awake(t time.Time) time.Time {
	switch hour := t.Hour(); {
	case hour >= quietFrom:
		return time.Date(t.Year(), t.Month(), t.Day()+1, quietTo, 0, 0, 0, t.Location())
	case hour < quietTo:
		return time.Date(t.Year(), t.Month(), t.Day(), quietTo, 0, 0, 0, t.Location())
	}
	return t
}

// PlanReminders makes the reminders of an activity that was registered or moved at now: those whose moment has not passed
// yet, at least half an hour before the start, and the question for photos, soonest first. A cancelled activity has none. The caller stores them in the
// transaction that stores the activity, after making the old ones void.
func PlanReminders(a Activity, now time.Time) []*Reminder {
	if a.State != Open {
		return nil
	}
	var out []*Reminder
	for _, k := range []ReminderKind{DayBefore, TwoHoursBefore, AskPhotos} {
		due := ReminderDue(k, a)
		if !due.After(now) || k != AskPhotos && a.Start.Sub(due) < leastAhead {
			continue
		}
		out = append(out, &Reminder{Activity: a.ID, Kind: k, Due: due, State: Pending})
	}
	return out
}
