package zhtime

import "time"

// Rule is a recurrence. The zero Rule never occurs.
type Rule struct {
	// RRULE is the RFC 5545 form, without the "RRULE:" prefix; rules that RFC 5545 cannot say
	// (每月最后一个工作日 by the official calendar) carry the nearest RRULE and WorkdayShift.
	RRULE string
}

// Next returns the first occurrence strictly after t, in t's location, or the zero time when there is none.
func (r *Rule) Next(after time.Time) time.Time { return time.Time{} }
