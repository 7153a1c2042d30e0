package zhtime

import (
	"time"
)

// Period is one stretch of working time, as offsets from midnight.
type Period struct{ From, To time.Duration }

// Hours are the working hours of a working day, in order, without overlaps; the gaps between them are breaks.
type Hours []Period

// DefaultHours are 09:00–12:00 and 14:00–17:30.
var DefaultHours = Hours{
	{9 * time.Hour, 12 * time.Hour},
	{14 * time.Hour, 17*time.Hour + 30*time.Minute},
}

// maxSearch bounds every walk over days: no calendar has a year without working days.
const maxSearch = 366

// WorkdayAfter returns the n-th working day after t, at t's clock: the day of t does not count. A negative n walks
// back, n = 0 returns t itself.
func (c *Calendar) WorkdayAfter(t time.Time, n int) time.Time {
	step := 1
	if n < 0 {
		step, n = -1, -n
	}
	for idle := 0; n > 0 && idle < maxSearch; {
		t = t.AddDate(0, 0, step)
		if c.IsWorkday(t) {
			n, idle = n-1, 0
		} else {
			idle++
		}
	}
	return t
}

// PreviousWorkday returns the last working day before t, at t's clock.
func (c *Calendar) PreviousWorkday(t time.Time) time.Time { return c.WorkdayAfter(t, -1) }

// NextWorkday returns the first working day after t, at t's clock.
func (c *Calendar) NextWorkday(t time.Time) time.Time { return c.WorkdayAfter(t, 1) }

// WorkdayOnOrAfter returns t itself on a working day, else the next working day at t's clock.
func (c *Calendar) WorkdayOnOrAfter(t time.Time) time.Time {
	if c.IsWorkday(t) {
		return t
	}
	return c.NextWorkday(t)
}

// WorkdayOnOrBefore returns t itself on a working day, else the working day before at t's clock.
func (c *Calendar) WorkdayOnOrBefore(t time.Time) time.Time {
	if c.IsWorkday(t) {
		return t
	}
	return c.PreviousWorkday(t)
}

// WorkdaysBetween counts the working days after the day of a up to and including the day of b, so that
// WorkdayAfter(a, n) lies n working days from a. It is negative when b lies before a.
func (c *Calendar) WorkdaysBetween(a, b time.Time) int {
	if daysBetween(a, b) < 0 {
		return -c.WorkdaysBetween(b, a)
	}
	n := 0
	for i := daysBetween(a, b); i > 0; i-- {
		if a = a.AddDate(0, 0, 1); c.IsWorkday(a) {
			n++
		}
	}
	return n
}

// WorkingTimeAfter returns the moment at which d of working time has passed since t. Time outside h and on days off
// does not count; a result that could be the end of one period or the start of the next is the end. nil hours are
// DefaultHours; a d of zero or less returns t.
func (c *Calendar) WorkingTimeAfter(t time.Time, d time.Duration, h Hours) time.Time {
	if h == nil {
		h = DefaultHours
	}
	if d <= 0 || h.perDay() <= 0 {
		return t
	}
	for day, idle := midnight(t), 0; idle < maxSearch; day, idle = day.AddDate(0, 0, 1), idle+1 {
		if !c.IsWorkday(day) {
			continue
		}
		for _, p := range h {
			from, to := atOffset(day, p.From), atOffset(day, p.To)
			if from.Before(t) {
				from = t
			}
			left := to.Sub(from)
			if left <= 0 {
				continue
			}
			if d <= left {
				return from.Add(d)
			}
			d, idle = d-left, 0
		}
	}
	return t
}

// WorkingTimeBetween measures the working time from a to b; negative when b lies before a. nil hours are DefaultHours.
func (c *Calendar) WorkingTimeBetween(a, b time.Time, h Hours) time.Duration {
	if b.Before(a) {
		return -c.WorkingTimeBetween(b, a, h)
	}
	if h == nil {
		h = DefaultHours
	}
	var sum time.Duration
	for day := midnight(a); day.Before(b); day = day.AddDate(0, 0, 1) {
		if !c.IsWorkday(day) {
			continue
		}
		for _, p := range h {
			from, to := atOffset(day, p.From), atOffset(day, p.To)
			if from.Before(a) {
				from = a
			}
			if to.After(b) {
				to = b
			}
			sum += max(0, to.Sub(from))
		}
	}
	return sum
}

func (h Hours) perDay() time.Duration {
	var sum time.Duration
	for _, p := range h {
		sum += max(0, p.To-p.From)
	}
	return sum
}

func atOffset(day time.Time, d time.Duration) time.Time {
	y, m, dd := day.Date()
	return time.Date(y, m, dd, 0, 0, 0, int(d), day.Location())
}
