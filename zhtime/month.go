package zhtime

import "time"

// month reads 12月…: i is the number, 月 follows. year 0 means that none was said.
func (p *parser) month(year, i int, base *date) (date, int, bool) {
	m := int(p.val(i))
	if p.class(i+1) == cMonthPart { // 12月底: the lexer reads 月底 as one word
		span := int(p.val(i + 1))
		if span == spanEarly && p.class(i+2) == cNum && p.toks[i+2].cn && p.joined(i+2) && p.val(i+2) <= 10 { // 三月初一
			return p.lunarDay(i+2, p.lunarYearFor(year, m, int(p.val(i+2))), m, false)
		}
		if m > 12 {
			return date{}, i, false
		}
		d := p.monthIn(year, m, base)
		return p.refusePast(p.monthPart(d.first, span)), i + 2, true
	}
	if m > 12 {
		if p.class(i+2) == cNum && (p.class(i+3) == cDay || p.class(i+3) == cHao) {
			return date{refused: RefusedImpossible, grain: GrainDay}, i + 4, true
		}
		return date{}, i, false
	}
	return p.afterMonth(year, m, i+2, base)
}

// monthIn is the month of the year that was said, else the nearest one that is not over.
func (p *parser) monthIn(year, m int, base *date) date {
	if year == 0 {
		return p.monthAhead(m, base)
	}
	return p.refusePast(p.monthUnit(year, m))
}

func (p *parser) monthAhead(m int, base *date) date {
	from := p.today
	if base != nil {
		from = base.first
	}
	d := p.monthUnit(from.Year(), m)
	if d.end().Before(from) {
		d = p.monthUnit(from.Year()+1, m)
		d.rolled = true
	}
	return d
}

// afterMonth reads what may follow a month; alone it is the whole month.
func (p *parser) afterMonth(year, m, i int, base *date) (date, int, bool) {
	j := i
	if p.class(j) == cDe {
		j++
	}
	switch p.class(j) {
	case cNum:
		if d, k, ok := p.dayInMonth(year, m, j, base); ok {
			return d, k, true
		}
	case cChu:
		if p.class(j+1) == cNum && p.val(j+1) >= 1 && p.val(j+1) <= 10 {
			return p.lunarDay(j+1, p.lunarYearFor(year, m, int(p.val(j+1))), m, false)
		}
		if p.joined(j) && p.class(j+1) != cOther {
			return p.refusePast(p.monthPart(p.monthIn(year, m, base).first, spanEarly)), j + 1, true
		}
	case cMonthPart, cPos:
		d := p.monthIn(year, m, base)
		if p.class(j) == cMonthPart || p.joined(j) && (p.val(j) == spanLate || p.class(j+1) != cOther) {
			return p.refusePast(p.monthPart(d.first, int(p.val(j)))), j + 1, true
		}
	case cDi, cLast, cFirst:
		if d, k, ok := p.ordinal(p.monthIn(year, m, base), j); ok {
			return d, k, true
		}
	case cWeekend:
	}
	return p.monthIn(year, m, base), i, true
}

// dayInMonth reads the day behind a month: 4日, 4号, the bare 4 of 12月4, and the first half of 4-6日.
func (p *parser) dayInMonth(year, m, j int, base *date) (date, int, bool) {
	t := p.toks[j]
	if t.glued || t.digits > 2 || t.val > 99 {
		return date{}, j, false
	}
	n := int(t.val)
	switch p.class(j + 1) {
	case cDay, cHao:
		if p.codeAfter(j + 1) {
			return date{}, j, false
		}
		return p.monthDay(year, m, n, base), j + 2, true
	case cTo, cDash:
		if p.class(j+2) == cNum && n >= 1 && n <= 31 {
			d := p.monthDay(year, m, n, base)
			switch p.class(j + 3) {
			case cDay, cHao:
				d.open = true
				return d, j + 1, true
			case cMonth:
				return d, j + 1, true
			}
			if p.val(j+2) > t.val && p.val(j+2) <= 31 && !p.measureAfter(j+2) && p.bareEnd(j+2) {
				d.open = true
				return d, j + 1, true
			}
		}
		return date{}, j, false
	case cMonth, cYear, cGe, cTian, cWeek, cMark, cHour, cMinute, cWorkday, cTimes, cColon, cDot, cQuarter, cFen, cKe, cSlash, cWeekday, cMonthPart:
		if p.class(j+1) != cWeekday {
			return date{}, j, false
		}
	}
	if n < 1 || n > 31 || p.measureAfter(j) || !p.bareEnd(j) {
		return date{}, j, false
	}
	return p.monthDay(year, m, n, base), j + 1, true
}

// bareEnd reports whether a number without a unit can end a date at j: nothing that it could count follows.
func (p *parser) bareEnd(j int) bool {
	if !p.joined(j + 1) {
		return true
	}
	switch p.class(j + 1) {
	case cNum:
		return p.toks[j].cn != p.toks[j+1].cn // 12月4三点
	case cOther, cGe, cHalf, cDi, cTimes:
		return false
	}
	return true
}

// monthDay is a day of a month; without a year the nearest one that is not before today or base.
func (p *parser) monthDay(year, m, d int, base *date) date {
	if d < 1 || d > 31 || m != 2 && d > monthDays(2000, time.Month(m)) || m == 2 && d > 29 {
		return date{refused: RefusedImpossible, grain: GrainDay}
	}
	if year != 0 {
		if d > monthDays(year, time.Month(m)) {
			return date{refused: RefusedImpossible, grain: GrainDay}
		}
		return p.refusePast(single(p.ymd(year, m, d), formFull))
	}
	from := p.today
	if base != nil {
		from = base.first
	}
	out := date{form: formMonthDay, grain: GrainDay}
	for y := from.Year(); y <= from.Year()+8; y++ {
		t := p.ymd(y, m, d)
		if t.Day() != d {
			continue
		}
		if !t.Before(from) {
			out.first = t
			return out
		}
		out.rolled = true
		out.recent = base == nil && daysBetween(t, from) < 30
	}
	out.refused = RefusedImpossible
	return out
}

// dayOfMonth is the nearest such day; months without it are skipped.
func (p *parser) dayOfMonth(d int, base *date) date {
	if d < 1 || d > 31 {
		return date{refused: RefusedImpossible, grain: GrainDay}
	}
	from := p.today
	if base != nil {
		from = base.first
	}
	return single(nextDayOfMonth(from, d), formDay)
}

// nextDayOfMonth returns the first day d of a month on or after from.
func nextDayOfMonth(from time.Time, d int) time.Time {
	for m := 0; ; m++ {
		t := time.Date(from.Year(), from.Month()+time.Month(m), d, 0, 0, 0, 0, from.Location())
		if t.Day() == d && !t.Before(from) {
			return t
		}
	}
}

// monthPart is a part of the month that begins on first.
func (p *parser) monthPart(first time.Time, span int) date {
	y, m, _ := first.Date()
	from, to := 1, monthDays(y, m)
	switch span {
	case spanEarly, spanFirstTen:
		to = 10
	case spanMiddle, spanSecondTen:
		from, to = 11, 20
	case spanLate:
		from = 25
	case spanLastTen:
		from = 21
	case spanFirstHalf:
		to = 15
	case spanSecondHalf:
		from = 16
	}
	d := stretch(p.ymd(y, int(m), from), p.ymd(y, int(m), to), GrainDay)
	if span == spanMiddle {
		d.deadline = p.ymd(y, int(m), 15)
	}
	return d
}

func (p *parser) monthPartAhead(span int) date {
	d := p.monthPart(p.ymd(p.today.Year(), int(p.today.Month()), 1), span)
	if d.end().Before(p.today) {
		d = p.monthPart(p.ymd(p.today.Year(), int(p.today.Month())+1, 1), span)
	}
	return d
}

// ordinal reads 第三个星期日, 第二周, 最后一个工作日, 首个工作日, 最后一天 within a stretch.
func (p *parser) ordinal(in date, i int) (date, int, bool) {
	n, j := 1, i+1
	switch p.class(i) {
	case cDi:
		if p.class(j) != cNum || p.val(j) < 1 || p.val(j) > 53 {
			return date{}, i, false
		}
		n = int(p.val(j))
		j++
	case cLast:
		n = -1
		if p.val(i) == 1 { // 倒数第二个
			if p.class(j) != cDi || p.class(j+1) != cNum || p.val(j+1) < 1 {
				return date{}, i, false
			}
			n = -int(p.val(j + 1))
			j += 2
		} else if p.class(j) == cNum && p.val(j) == 1 {
			j++
		}
	}
	if p.class(j) == cGe {
		j++
	}
	y, m, _ := in.first.Date()
	switch p.class(j) {
	case cWeekday:
		wd := firstWeekday(p.val(j))
		var t time.Time
		ok := false
		if n > 0 {
			t = onOrAfter(in.first, wd).AddDate(0, 0, 7*(n-1))
			ok = !t.After(in.end())
		} else {
			last := in.end()
			t = last.AddDate(0, 0, -((isoWeekday(last)-wd+7)%7)+7*(n+1))
			ok = !t.Before(in.first)
		}
		return p.checked(t, ok), j + 1, true
	case cWorkday:
		var t time.Time
		if n > 0 {
			t = p.workdayAfter(in.first.AddDate(0, 0, -1), n)
		} else {
			t = p.workdayAfter(in.end().AddDate(0, 0, 1), n)
		}
		return p.checked(t, !t.Before(in.first) && !t.After(in.end())), j + 1, true
	case cTian, cDay:
		t := in.first.AddDate(0, 0, n-1)
		if n < 0 {
			t = in.end().AddDate(0, 0, n+1)
		}
		return p.checked(t, !t.Before(in.first) && !t.After(in.end())), j + 1, true
	case cWeekend:
		sat, ok := nthWeekday(y, m, n, 6, p.now.Location())
		ok = ok && in.grain == GrainMonth
		d := p.refusePast(stretch(sat, sat.AddDate(0, 0, 1), GrainDay))
		if !ok {
			d.refused = RefusedImpossible
		}
		return d, j + 1, true
	case cWeek:
		mon, ok := nthWeekday(y, m, n, 1, p.now.Location())
		if in.grain == GrainYear && n > 0 {
			mon = onOrAfter(in.first, 1).AddDate(0, 0, 7*(n-1))
			ok = mon.Year() == y
		}
		if !ok {
			return date{refused: RefusedImpossible, grain: GrainWeek}, j + 1, true
		}
		d := unit(mon, mon.AddDate(0, 0, 6), GrainWeek)
		if p.class(j+1) == cDe && p.class(j+2) == cWeekday {
			j++
		}
		if p.class(j+1) == cWeekday {
			return p.checked(mon.AddDate(0, 0, firstWeekday(p.val(j+1))-1), true), j + 2, true
		}
		return p.refusePast(d), j + 1, true
	case cMonth:
		if in.grain == GrainYear && n >= 1 && n <= 12 {
			return p.refusePast(p.monthUnit(y, n)), j + 1, true
		}
	}
	return date{}, i, false
}

func (p *parser) checked(t time.Time, ok bool) date {
	if !ok {
		return date{refused: RefusedImpossible, grain: GrainDay}
	}
	return p.refusePast(single(t, formFull))
}
