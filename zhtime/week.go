package zhtime

import (
	"math/bits"
	"time"
)

// firstWeekday returns the first day of a mask, 1 = Monday.
func firstWeekday(mask int32) int { return bits.TrailingZeros32(uint32(mask)|1<<7) + 1 }

func onOrAfter(t time.Time, weekday int) time.Time {
	return t.AddDate(0, 0, (weekday-isoWeekday(t)+7)%7)
}

// monday returns the first day of the week that lies n weeks from today's.
func (p *parser) monday(n int) time.Time {
	return p.today.AddDate(0, 0, 1-isoWeekday(p.today)+7*n)
}

// weekday reads 周五, without a week: the nearest one, or the nearest after base.
func (p *parser) weekday(i int, base *date) (date, int, bool) {
	from := p.today
	if base != nil {
		from = base.first
		if isoWeekday(from) == firstWeekday(p.val(i)) {
			from = from.AddDate(0, 0, 1)
		}
	}
	d := single(onOrAfter(from, firstWeekday(p.val(i))), formWeekday)
	d.mask = p.val(i)
	j := i + 1
	if p.val(i) == 1<<5|1<<6 { // 周六日
		d.last = d.first.AddDate(0, 0, 1)
		d.form, d.vague = formSpan, true
	}
	return d, j, true
}

// weekend is Saturday and Sunday of a week.
func (p *parser) weekend(week int) date {
	sat := p.monday(week).AddDate(0, 0, 5)
	return unit(sat, sat.AddDate(0, 0, 1), GrainDay)
}

// modDate reads 上, 本 and 下 with what they point to: 下下周三, 本月底, 下个季度, 下个工作日.
func (p *parser) modDate(i int, base *date) (date, int, bool) {
	n, j := int(p.val(i)), i+1
	for j < i+4 && p.class(j) == cMod && p.val(j) == p.val(i) && n != 0 && p.joined(j) {
		n += int(p.val(j))
		j++
	}
	if p.class(j) == cNum && p.toks[j].cn && p.val(j) == 1 && (p.class(j+1) == cGe || p.class(j+1) == cWeek || p.class(j+1) == cMonth || p.class(j+1) == cQuarter || p.class(j+1) == cWorkday) {
		j++
	}
	if p.class(j) == cGe {
		j++
	}
	switch p.class(j) {
	case cWeekday:
		return p.inWeek(n, p.val(j)), j + 1, true
	case cWeek:
		k := j + 1
		if p.class(k) == cDe || p.class(k) == cComma {
			k++
		}
		if p.class(k) == cWeekday {
			return p.inWeek(n, p.val(k)), k + 1, true
		}
		if p.class(k) == cWeekend {
			return p.refusePast(p.weekend(n)), k + 1, true
		}
		mon := p.monday(n)
		in := p.refusePast(unit(mon, mon.AddDate(0, 0, 6), GrainWeek))
		switch p.class(k) {
		case cLast, cFirst, cDi:
			if d, e, ok := p.ordinal(in, k); ok {
				return d, e, true
			}
		case cPos:
			if p.joined(k) && k == j+1 && p.val(k) == spanLate { // 本周末 is one word; 本周底
				return p.refusePast(p.weekend(n)), k + 1, true
			}
		}
		return in, j + 1, true
	case cWeekend:
		return p.refusePast(p.weekend(n)), j + 1, true
	case cMonth:
		first := addMonths(p.ymd(p.today.Year(), int(p.today.Month()), 1), n)
		return p.afterMonth(first.Year(), int(first.Month()), j+1, base)
	case cMonthPart:
		if r := p.peekRune(j); r == '月' {
			first := addMonths(p.ymd(p.today.Year(), int(p.today.Month()), 1), n)
			return p.refusePast(p.monthPart(first, int(p.val(j)))), j + 1, true
		}
	case cQuarter, cQuarterEnd:
		first := p.ymd(p.today.Year(), (int(p.today.Month())-1)/3*3+1+3*n, 1)
		y, q := first.Year(), (int(first.Month())+2)/3
		if p.class(j) == cQuarterEnd {
			return p.refusePast(p.quarterPart(y, q, int(p.val(j)))), j + 1, true
		}
		in := unit(first, addMonths(first, 3).AddDate(0, 0, -1), GrainMonth)
		k := j + 1
		if p.class(k) == cDe {
			k++
		}
		if c := p.class(k); c == cLast || c == cFirst || c == cDi {
			if d, e, ok := p.ordinal(in, k); ok {
				return d, e, true
			}
		}
		return p.refusePast(in), j + 1, true
	case cYear:
		return p.afterYear(p.today.Year()+n, j+1, base)
	case cWorkday:
		if n != 0 {
			return p.refusePast(single(p.workdayAfter(p.today, n), formRelative)), j + 1, true
		}
	case cFestival:
		if n >= 0 {
			d, ok := p.festivalAhead(&festivals[p.val(j)], nil)
			return d, j + 1, ok
		}
	case cShort: // 当晚
		if n == 0 && p.joined(j) && p.peekRune(i) == '当' {
			from := p.today
			if base != nil {
				from = base.end()
			}
			return single(from, formRelative), j, true
		}
	}
	return date{}, i, false
}

// inWeek is a weekday of the week n weeks from now; a day of this week that has passed is refused, never rolled.
func (p *parser) inWeek(n int, mask int32) date {
	d := single(p.monday(n).AddDate(0, 0, firstWeekday(mask)-1), formRelative)
	d.mask = mask
	if mask == 1<<5|1<<6 {
		d.last, d.form = d.first.AddDate(0, 0, 1), formSpan
	}
	d.vague = mask&(mask-1) != 0
	d.nearer = n == 1 && !d.first.AddDate(0, 0, -7).Before(p.today)
	return p.refusePast(d)
}
