package zhtime

import "time"

// resolve turns the point into a moment: pt.t.
func (p *parser) resolve(pt *point, base *point) {
	if pt.clock.impossible {
		pt.t, pt.refused, pt.grain = pt.first, RefusedImpossible, GrainDay
		return
	}
	switch {
	case pt.instant:
	case !pt.hasClock:
		pt.t = pt.first
	case !pt.hasDate && base != nil && !base.t.IsZero():
		p.endClock(pt, base)
	case !pt.hasDate:
		p.nextClock(pt)
	default:
		p.dayClock(pt)
	}
}

// nextClock resolves a clock without a day to its next occurrence.
func (p *parser) nextClock(pt *point) {
	m := pt.clock.minutes(partNone)
	pt.t = at(p.today, m)
	if m >= 24*60 {
		if early := at(p.today, m-24*60); !early.Before(p.now.Truncate(time.Minute)) && m > 24*60 {
			pt.t = early
		}
	}
	now := p.now.Truncate(time.Minute)
	if pt.t.Before(now) {
		pt.t = at(p.today, m+24*60)
	}
	pt.grain = GrainMinute
	if pt.clock.doubtful() {
		other := pt.t.Add(-12 * time.Hour)
		if other.Before(now) {
			other = pt.t.Add(12 * time.Hour)
		}
		pt.alternatives = append(pt.alternatives, Reading{Start: other, Grain: GrainMinute})
	}
}

// dayClock resolves a clock on a day. Where the day was named so that another can be meant, a clock that has passed
// today moves it on.
func (p *parser) dayClock(pt *point) {
	pt.grain = GrainMinute
	m := pt.clock.minutes(pt.part)
	pt.t = at(pt.first, m)
	now := p.now.Truncate(time.Minute)
	if pt.refused != "" || pt.first.IsZero() {
		return
	}
	if pt.t.Before(now) {
		switch pt.form {
		case formWeekday:
			pt.first = pt.first.AddDate(0, 0, 7)
		case formDay:
			_, _, d := pt.first.Date()
			pt.first = nextDayOfMonth(pt.first.AddDate(0, 0, 1), d)
		default:
			pt.refused = RefusedPast
		}
		pt.t = at(pt.first, m)
	}
	if pt.clock.doubtful() {
		other := at(pt.t, (m+12*60)%(24*60))
		if !other.Before(now) {
			pt.alternatives = append(pt.alternatives, Reading{Start: other, Grain: GrainMinute})
		}
	}
}

// endClock resolves the end of a range on the day of its start: it inherits the part of day, and an end at or before
// the start is in the afternoon when that is later, else on the next day.
func (p *parser) endClock(pt *point, base *point) {
	pt.grain = GrainMinute
	day := base.first
	from := base.clock.minutes(base.part)
	if !base.hasDate || base.instant {
		day = midnight(base.t)
		if !base.instant && base.clock.minutes(base.part) >= 24*60 {
			day = day.AddDate(0, 0, -1)
		}
	}
	if base.instant {
		from = base.t.Hour()*60 + base.t.Minute()
	}
	m := pt.clock.minutes(base.part)
	if m <= from {
		literal := pt.clock.hour%24*60 + pt.clock.min
		switch {
		case pt.clock.part != partNone:
			m += 24 * 60
		case !pt.clock.padded && literal+12*60 > from && pt.clock.hour <= 12:
			m = literal + 12*60
		default:
			m = literal + 24*60
		}
	}
	pt.t = at(day, m)
}
