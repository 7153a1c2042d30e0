package zhtime

import "time"

// point is one end of an expression: a day, a clock, or both.
type point struct {
	date
	hasDate, hasClock, instant bool
	clock                      clock
	part                       part
	t                          time.Time // the resolved start
	alternatives               []Reading
	open                       bool // 3 in 3到5点
	after                      bool // 后 follows: it opens a stretch
}

// point reads a day with or without a clock, a clock, or a part of day.
func (p *parser) point(i int, base *point) (point, int, bool) {
	j := i
	if p.class(j) == cApprox {
		j++
	}
	if pt, k, ok := p.instant(j); ok {
		return pt, k, true
	}
	var baseDate *date
	if base != nil && base.hasDate {
		baseDate = &base.date
	}
	if d, k, ok := p.date(j, baseDate); ok {
		pt := point{date: d, hasDate: true, open: d.open}
		if d.open {
			return pt, k, true
		}
		k = p.otherName(&pt, k)
		k = p.relative(&pt, k)
		k = p.clockOf(&pt, k)
		return pt, k, true
	}
	if c, k, ok := p.clock(j); ok {
		return point{hasClock: true, clock: c, part: c.part, open: p.openClock(k, c)}, k, true
	}
	if p.class(j) == cPart && p.val(j) < int32(partAM) {
		return point{date: date{first: p.partDay(part(p.val(j))), grain: GrainPart}, part: part(p.val(j))}, j + 1, true
	}
	return point{}, i, false
}

// openClock reports whether the clock that ended at k was a bare number whose end must follow.
func (p *parser) openClock(k int, c clock) bool {
	return p.class(k-1) == cNum && !c.colon && (p.class(k) == cTo || p.class(k) == cDash) && p.toks[k-1].val == int32(c.hour) && c.min == 0 && p.class(k-2) != cColon && p.class(k-2) != cMark && p.class(k-2) != cLess
}

// partDay is the day on which a part of day comes next: today unless it is over.
func (p *parser) partDay(pa part) time.Time {
	over := [...]int{partNone: 24, partDawn: 6, partMorning: 12, partForenoon: 12, partNoon: 14, partAfternoon: 19, partDusk: 20, partEvening: 24, partNight: 24}
	if p.now.Hour() >= over[pa] {
		return p.today.AddDate(0, 0, 1)
	}
	return p.today
}

// instant reads an amount of clock time ahead of now: 2小时后, 过十分钟, 再过半个小时.
func (p *parser) instant(i int) (point, int, bool) {
	j := i
	past := p.class(j) == cPast
	if past {
		j++
	} else if p.class(j) == cBefore || p.class(j) == cAfter {
		return point{}, i, false
	}
	l, k, ok := p.length(j)
	if !ok || !l.byClock() {
		return point{}, i, false
	}
	switch {
	case p.class(k) == cAfter:
		k++
	case !past:
		return point{}, i, false
	}
	t := p.after(l, p.now)
	if l.clock >= time.Minute {
		t = t.Truncate(time.Minute)
	}
	return point{date: date{first: midnight(t), grain: GrainMinute}, hasDate: true, hasClock: true, instant: true, t: t}, k, true
}

// otherName reads the second name of the same day, and refuses when the two differ: 12月4日(周五), 周五(12月4日),
// 9月20日(周日·调休上班).
func (p *parser) otherName(pt *point, i int) int {
	if !pt.last.IsZero() || pt.first.IsZero() {
		return i
	}
	j := i
	open, comma := p.class(j) == cOpen, p.class(j) == cComma
	if open || comma || p.class(j) == cDe {
		j++
	}
	switch {
	case j == i && p.class(j) == cSameDay && p.val(j) == 0: // 国庆节当天
		return j + 1
	case p.class(j) == cWeekday && firstWeekday(p.val(j)) > 0 && p.val(j)&(p.val(j)-1) == 0 && pt.mask == 0:
		if p.class(j+1) == cTimes && !open {
			return i
		}
		p.checkWeekday(&pt.date, firstWeekday(p.val(j)))
		j++
	case open && (p.class(j) == cNum && p.toks[j].cn && p.val(j) >= 1 && p.val(j) <= 6 || p.class(j) == cDay) && p.class(j+1) == cClose: // 12/4(五)
		wd := 7
		if p.class(j) == cNum {
			wd = int(p.val(j))
		}
		p.checkWeekday(&pt.date, wd)
		j++
	case !open && !comma && j == i && p.class(j) == cFestival && p.joined(j) && pt.form != formFestival: // 12.4宪法日
		if d, ok := festivals[p.val(j)].on(pt.first.Year(), p.now.Location()); ok && d.Equal(pt.first) {
			return j + 1
		}
		return i
	case pt.mask != 0 && pt.mask&(pt.mask-1) == 0 && (p.class(j) == cNum || p.class(j) == cRelDay) || open && (p.class(j) == cNum || p.class(j) == cMod):
		d, k, ok := p.date(j, nil)
		if !ok || d.open || d.first.IsZero() || !d.last.IsZero() || d.form != formMonthDay && d.form != formFull && d.form != formRelative && d.form != formDay {
			return i
		}
		if pt.mask != 0 {
			wd := isoWeekday(pt.first)
			if pt.form == formRelative && daysBetween(pt.first, d.first) != 0 && d.refused == "" {
				d.refused = RefusedWeekday
			}
			p.checkWeekday(&d, wd)
			pt.date = d
		} else if daysBetween(pt.first, d.first) != 0 {
			if p.class(k) != cClose {
				return i
			}
			pt.refused = RefusedWeekday
		}
		j = k
	case open && (p.class(j) == cFestival || p.class(j) == cLunar || p.class(j) == cLunarM || p.class(j) == cRelDay):
		if _, k, ok := p.date(j, nil); ok {
			j = k
		}
	default:
		return i
	}
	if open {
		for range 8 {
			if p.class(j) == cClose {
				return j + 1
			}
			if p.class(j) == cBreak {
				break
			}
			j++
		}
		return i
	}
	return j
}

// checkWeekday refuses a date whose weekday was said otherwise. A date without a year that would have been right in
// the year before has passed.
func (p *parser) checkWeekday(d *date, weekday int) {
	if isoWeekday(d.first) == weekday || d.refused != "" {
		return
	}
	d.refused = RefusedWeekday
	if last := d.first.AddDate(-1, 0, 0); d.rolled && d.form == formMonthDay && isoWeekday(last) == weekday {
		d.first, d.refused, d.recent = last, RefusedPast, false
	}
}

// relative reads what stands in relation to a day: 国庆后第一个工作日, 春节前最后一个工作日, 元旦前一天, 国庆期间.
func (p *parser) relative(pt *point, i int) int {
	j := i
	if !pt.last.IsZero() && pt.grain != GrainDay || pt.first.IsZero() {
		return i
	}
	first, last := pt.first, pt.end()
	if pt.festival {
		if p.class(j) == cHoliday {
			first, last = p.holidaySpan(pt.first)
			j++
			pt.date = unit(first, last, GrainDay)
			if j == i+1 && (p.class(j) == cHoliday) {
				j++
			}
			i = j
		}
	}
	ahead := p.class(j) == cBefore
	if !ahead && p.class(j) != cAfter {
		return i
	}
	if pt.festival && !ahead {
		_, last = p.holidaySpan(pt.first)
	}
	if d, k, ok := p.workdayFrom(j+1, first, last, ahead); ok {
		pt.date = d
		return k
	}
	if !pt.festival && p.class(j+1) != cNum {
		return i
	}
	if l, k, ok := p.length(j + 1); ok && !l.byClock() && p.class(k) != cWithin && p.class(k) != cAfter && p.class(k) != cBefore {
		if ahead {
			pt.date = p.refusePast(single(p.after(l.negative(), first), formFull))
		} else {
			pt.date = p.refusePast(single(p.after(l, last), formFull))
		}
		return k
	}
	return i
}

// workdayFrom reads 第一个工作日, 首个工作日, 最后一个工作日, 第三天 counted from the days first to last.
func (p *parser) workdayFrom(i int, first, last time.Time, ahead bool) (date, int, bool) {
	j := i
	if p.class(j) == cDe {
		j++
	}
	n := 1
	switch p.class(j) {
	case cDi:
		if p.class(j+1) != cNum || p.val(j+1) < 1 || p.val(j+1) > 99 {
			return date{}, i, false
		}
		n = int(p.val(j + 1))
		j += 2
	case cFirst:
		j++
	case cLast:
		j++
		if p.class(j) == cNum && p.val(j) == 1 {
			j++
		}
		if !ahead {
			return date{}, i, false
		}
	case cSameDay: // 国庆后第二天
		if p.val(j) == 1 && !ahead {
			return p.refusePast(single(last.AddDate(0, 0, 2), formFull)), j + 1, true
		}
		return date{}, i, false
	default:
		return date{}, i, false
	}
	if p.class(j) == cGe {
		j++
	}
	from := last
	if ahead {
		from, n = first, -n
	}
	switch p.class(j) {
	case cWorkday:
		return p.refusePast(single(p.workdayAfter(from, n), formFull)), j + 1, true
	case cTian:
		return p.refusePast(single(from.AddDate(0, 0, n), formFull)), j + 1, true
	case cWeekday:
		if !ahead {
			return p.refusePast(single(onOrAfter(from.AddDate(0, 0, 1), firstWeekday(p.val(j))).AddDate(0, 0, 7*(n-1)), formFull)), j + 1, true
		}
	}
	return date{}, i, false
}

// clockOf reads the clock or the part of day that belongs to a date.
func (p *parser) clockOf(pt *point, i int) int {
	j := i
	for range 3 {
		switch c := p.class(j); {
		case c == cAllDay, c == cDe, c == cComma && j == i:
			j++
			continue
		case c == cDash && pt.numeric && p.dashClock(j):
			j++
			continue
		case c == cColon && j == i && (p.class(j+1) == cPart || p.class(j+1) == cNum && (p.class(j+2) == cColon || p.class(j+2) == cMark)):
			j++
			continue
		case c == cOther && pt.numeric && p.peekRune(j) == 't' && p.width(j) == 1 && p.class(j+2) == cColon:
			j++
			p.toks[j].glued = false
			continue
		case c == cOpen && p.class(j+1) == cPart && p.class(j+2) == cClose: // 12月4日(下午)
			pt.part, pt.grain = part(p.val(j+1)), GrainPart
			return j + 3
		}
		break
	}
	if c, k, ok := p.clock(j); ok {
		pt.hasClock, pt.clock, pt.part = true, c, c.part
		pt.open = p.openClock(k, c)
		if p.class(j-1) == cComma && p.class(j) == cNum && pt.open {
			pt.hasClock, pt.part, pt.open = false, partNone, false
			return i
		}
		return k
	}
	pa := part(p.val(j))
	if p.class(j-1) == cComma && j > i {
		return i
	}
	if p.class(j) == cPart && pa < partAM || p.class(j) == cShort && p.joined(j) && j == i {
		if pt.last.IsZero() {
			pt.part, pt.grain = pa, GrainPart
			return j + 1
		}
		return j + 1
	}
	return i
}
