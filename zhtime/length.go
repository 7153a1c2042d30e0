package zhtime

import "time"

// length is an amount of time as it was said.
type length struct {
	months, days, workdays int
	clock                  time.Duration
}

// maxWorkdays bounds an amount of working days, which are walked one by one.
const maxWorkdays = 250

func (l length) zero() bool { return l == length{} }

// byClock reports whether the amount moves a clock and not only a day.
func (l length) byClock() bool { return l.clock != 0 }

// approx is the amount as a duration: months of 30 days, working days of one day.
func (l length) approx() time.Duration {
	return time.Duration(l.months*30+l.days+l.workdays)*24*time.Hour + l.clock
}

// after adds the amount to t: months keep the day of month where they can and are clipped where they cannot.
func (l length) after(t time.Time, cal *Calendar) time.Time {
	t = addMonths(t, l.months)
	t = t.AddDate(0, 0, l.days)
	if l.workdays != 0 {
		t = cal.WorkdayAfter(t, l.workdays)
	}
	return t.Add(l.clock)
}

func (l length) negative() length { return length{-l.months, -l.days, -l.workdays, -l.clock} }

func addMonths(t time.Time, n int) time.Time {
	if n == 0 {
		return t
	}
	y, m, d := t.Date()
	first := time.Date(y, m+time.Month(n), 1, t.Hour(), t.Minute(), t.Second(), 0, t.Location())
	return first.AddDate(0, 0, min(d, monthDays(first.Year(), first.Month()))-1)
}

func monthDays(year int, month time.Month) int {
	return time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// length reads 3天, 一个半小时, 两年半, 1.5小时, 1小时30分钟, 5个工作日, 半年, 一刻钟.
func (p *parser) length(i int) (length, int, bool) {
	var sum length
	j, found := i, false
	for range 4 {
		l, k, ok := p.lengthTerm(j, sum.clock >= time.Hour)
		if !ok || found && p.toks[j].sp && p.toks[j].class != cNum {
			break
		}
		sum = length{sum.months + l.months, sum.days + l.days, sum.workdays + l.workdays, sum.clock + l.clock}
		j, found = k, true
	}
	return sum, j, found && !sum.zero()
}

// lengthTerm reads one amount with its unit; 分 is a unit behind hours and before 后 or 内.
func (p *parser) lengthTerm(i int, hours bool) (length, int, bool) {
	// n halves of the unit: 3 for 一个半
	j, n, tenths := i, 0, 0
	switch p.class(j) {
	case cNum:
		t := p.toks[j]
		if t.glued || t.val > 100000 || t.pair() || t.digits > 1 && t.cn && t.val < 10 {
			return length{}, i, false
		}
		n = int(t.val) * 2
		j++
		if p.class(j) == cDot && p.class(j+1) == cNum && p.toks[j+1].digits == 1 && !p.toks[j].sp && !p.toks[j+1].sp {
			tenths = int(p.toks[j+1].val)
			j += 2
		}
	case cHalf:
	default:
		return length{}, i, false
	}
	ge := p.class(j) == cGe
	if ge {
		j++
	}
	if p.class(j) == cHalf {
		n++
		j++
		if p.class(j) == cGe {
			j++
			ge = true
		}
	}
	unit := p.class(j)
	if unit == cFen && (hours || p.class(j+1) == cAfter || p.class(j+1) == cWithin) {
		unit = cMinute
	}
	l, ok := unitLength(unit, n, tenths, ge)
	if !ok {
		return length{}, i, false
	}
	j++
	if unit == cYear && n >= 2*1000 {
		return length{}, i, false
	}
	if p.class(j) == cHalf && n%2 == 0 && unit != cMark { // 两年半, 三小时半
		half, _ := unitLength(unit, 1, 0, ge)
		l = length{l.months + half.months, l.days + half.days, 0, l.clock + half.clock}
		j++
	}
	return l, j, true
}

// unitLength is n halves and some tenths of a unit. ge says that 个 stood before the unit.
func unitLength(unit class, n, tenths int, ge bool) (length, bool) {
	part := func(d time.Duration) time.Duration { return d/2*time.Duration(n) + d/10*time.Duration(tenths) }
	switch unit {
	case cHour:
		return length{clock: part(time.Hour)}, true
	case cMinute:
		return length{clock: part(time.Minute)}, true
	case cSecond:
		return length{clock: part(time.Second)}, true
	case cKeZhong:
		return length{clock: part(15 * time.Minute)}, true
	case cTian, cDay:
		if unit == cDay && (ge || n%2 != 0) {
			return length{}, false
		}
		l := length{days: n / 2}
		if n%2 != 0 {
			l.clock = 12 * time.Hour
		}
		return l, true
	case cWeek:
		return length{days: 7*(n/2) + n%2*3}, true
	case cMonth:
		if !ge && n != 1 { // 三月 is March, 半月 is half a month
			return length{}, false
		}
		return length{months: n / 2, days: n % 2 * 15}, true
	case cYear:
		return length{months: 6*n + 12*tenths/10}, true
	case cQuarter:
		return length{months: 3 * (n / 2)}, ge || n > 0
	case cWorkday:
		return length{workdays: (n + 1) / 2}, n <= 2*maxWorkdays
	}
	return length{}, false
}
