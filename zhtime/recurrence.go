package zhtime

import "time"

// recurrence reads 每天, 每周一三五下午3点, 每月最后一个工作日, 每两周, 工作日每天9点 at token i.
func (p *parser) recurrence(i int) (Match, int, bool) {
	s := recurrence{interval: 1}
	workdays := false
	j := i
	switch p.class(j) {
	case cUnique:
		s.freq = "DAILY"
		return p.recurring(s, false, j+1)
	case cWorkday:
		if p.class(i-1) == cGe || p.class(i-1) == cNum || p.class(i-1) == cOther && p.joined(i) {
			return Match{}, i, false
		}
		j++
		switch {
		case p.class(j) == cEvery && p.class(j+1) == cTian:
			j += 2
		case p.class(j) == cPart || p.class(j) == cNum && (p.class(j+1) == cMark || p.class(j+1) == cColon):
		default:
			return Match{}, i, false
		}
		s.freq, s.weekdays = "DAILY", allWorkdays
		return p.recurring(s, true, j)
	case cEachOther:
		s.interval = 2
		j++
		if p.class(j) != cWeekday && p.class(j) != cWeek && p.class(j) != cMonth || !p.joined(j) {
			return Match{}, i, false
		}
	default:
		j++
		other := p.class(j) == cEachOther
		if other {
			j++
		}
		if p.class(j) == cNum && p.val(j) >= 1 && p.val(j) <= 90 {
			s.interval = int(p.val(j))
			j++
			if u := p.class(j); other && u != cMinute && u != cHour {
				s.interval++
			}
			if p.class(j) == cGe && p.class(j+1) == cMonth || p.class(j) == cGe && p.class(j+1) == cHour || p.class(j) == cGe && p.class(j+1) == cWeek || p.class(j) == cGe && p.class(j+1) == cWorkday || p.class(j) == cGe && p.class(j+1) == cQuarter {
				j++
			}
		} else if other {
			s.interval = 2
		}
		if p.class(j) == cGe {
			j++
		}
	}
	switch p.class(j) {
	case cTian, cDay:
		s.freq = "DAILY"
		j++
	case cShort, cPart: // 每晚
		s.freq = "DAILY"
	case cWorkday:
		s.freq, s.weekdays, workdays = "DAILY", allWorkdays, true
		j++
	case cWeekend:
		s.freq, s.weekdays = "WEEKLY", 1<<5|1<<6
		j++
	case cWeekday:
		s.freq = "WEEKLY"
		if p.class(j+1) == cTimes {
			j += 2
			break
		}
		j = p.weekdayList(&s, j)
	case cWeek:
		s.freq = "WEEKLY"
		j++
		if p.class(j) == cDe {
			j++
		}
		switch p.class(j) {
		case cWeekday:
			j = p.weekdayList(&s, j)
		case cWeekend:
			s.weekdays = 1<<5 | 1<<6
			j++
		case cWorkday:
			s.weekdays, workdays = allWorkdays, true
			j++
		case cLast, cFirst, cDi:
			if pos, k := p.position(j); k > j && p.class(k) == cWorkday && pos <= 7 && pos >= -7 {
				s.weekdays, s.setPos, workdays = allWorkdays, pos, true
				j = k + 1
			}
		}
	case cMonth, cMonthPart:
		s.freq = "MONTHLY"
		if p.class(j) == cMonth {
			j++
		}
		j = p.monthly(&s, &workdays, j)
	case cQuarter, cQuarterEnd:
		s.freq = "MONTHLY"
		j = p.quarterly(&s, &workdays, j)
	case cHalf:
		if p.class(j+1) != cYear {
			return Match{}, i, false
		}
		s.freq, s.months, s.monthDays = "MONTHLY", 1<<1|1<<7, []int{1}
		j += 2
	case cYear:
		s.freq = "YEARLY"
		j = p.yearly(&s, j+1)
	case cHour:
		s.freq = "HOURLY"
		return p.recurring(s, false, j+1)
	case cMinute:
		s.freq = "MINUTELY"
		return p.recurring(s, false, j+1)
	default:
		return Match{}, i, false
	}
	return p.recurring(s, workdays, j)
}

// weekdayList reads the days of a week from the first: 周一三五, 周一、三、五, 周一和周三, 周一至周五.
func (p *parser) weekdayList(s *recurrence, j int) int {
	s.weekdays |= uint8(p.val(j))
	last := firstWeekday(p.val(j))
	j++
	for range 7 {
		sep := p.class(j)
		if sep != cList && sep != cAnd && sep != cTo && sep != cDash && sep != cComma {
			return j
		}
		d := 0
		switch {
		case p.class(j+1) == cWeekday:
			d = firstWeekday(p.val(j + 1))
		case p.class(j+1) == cNum && p.val(j+1) >= 1 && p.val(j+1) <= 6 && p.toks[j+1].digits == 1 && sep != cComma && p.bareOrDay(j+1):
			d = int(p.val(j + 1))
		case p.class(j+1) == cDay && sep != cComma:
			d = 7
		}
		if d == 0 {
			return j
		}
		if sep == cTo || sep == cDash {
			for k := last; k != d; k = k%7 + 1 {
				s.weekdays |= 1 << (k - 1)
			}
		}
		s.weekdays |= 1 << (d - 1)
		if p.class(j+1) == cWeekday {
			s.weekdays |= uint8(p.val(j + 1))
		}
		last = d
		j += 2
	}
	return j
}

// position reads 第三个, 首个, 最后一个, 倒数第二个 and returns the index behind it, j when there is none.
func (p *parser) position(j int) (int, int) {
	k, n := j, 0
	switch p.class(k) {
	case cFirst:
		n, k = 1, k+1
	case cDi:
		if p.class(k+1) != cNum {
			return 0, j
		}
		n, k = int(p.val(k+1)), k+2
	case cLast:
		n, k = -1, k+1
		if p.val(k-1) == 1 {
			if p.class(k) != cDi || p.class(k+1) != cNum {
				return 0, j
			}
			n, k = -int(p.val(k+1)), k+2
		} else if p.class(k) == cNum && p.val(k) == 1 {
			k++
		}
	}
	if n == 0 || n > 23 || n < -23 { // no month has more working days
		return 0, j
	}
	if p.class(k) == cGe {
		k++
	}
	return n, k
}

// monthly reads the day within a month: 5号, 1号和15号, 第一个周一, 最后一个工作日, 底.
func (p *parser) monthly(s *recurrence, workdays *bool, j int) int {
	if p.class(j) == cDe {
		j++
	}
	switch p.class(j) {
	case cNum:
		for range 8 {
			if p.class(j) != cNum || p.val(j) < 1 || p.val(j) > 31 {
				return j
			}
			from, k := int(p.val(j)), j+1
			if (p.class(k) == cTo || p.class(k) == cDash) && p.class(k+1) == cNum && p.val(k+1) > p.val(j) && p.val(k+1) <= 31 {
				for d := from; d < int(p.val(k+1)); d++ {
					s.monthDays = append(s.monthDays, d)
				}
				from, k = int(p.val(k+1)), k+2
			}
			listed := p.class(k) == cList && p.class(k+1) == cNum
			if p.class(k) != cDay && p.class(k) != cHao && !listed {
				return j
			}
			s.monthDays = append(s.monthDays, from)
			if !listed {
				k++
			}
			if (p.class(k) == cList || p.class(k) == cAnd) && p.class(k+1) == cNum && p.class(k+2) != cMark {
				k++
			} else {
				return k
			}
			j = k
		}
	case cMonthPart, cPos:
		switch p.val(j) {
		case spanLate:
			s.monthDays = []int{-1}
		case spanMiddle, spanFirstHalf:
			s.monthDays = []int{15}
		case spanEarly, spanFirstTen:
			s.monthDays = []int{1}
		case spanSecondTen:
			s.monthDays = []int{11}
		case spanLastTen:
			s.monthDays = []int{21}
		default:
			return j
		}
		return j + 1
	case cDi, cFirst, cLast:
		n, k := p.position(j)
		if k == j {
			return j
		}
		switch p.class(k) {
		case cWeekday:
			if n > 5 || n < -5 {
				return j
			}
			s.weekdays, s.nth = uint8(p.val(k)), n
		case cWorkday:
			s.weekdays, s.setPos, *workdays = allWorkdays, n, true
		case cTian, cDay:
			s.monthDays = []int{n}
		default:
			return j
		}
		return k + 1
	}
	return j
}

const (
	quarterFirst = 1<<1 | 1<<4 | 1<<7 | 1<<10
	quarterLast  = 1<<3 | 1<<6 | 1<<9 | 1<<12
)

// quarterly reads 每季度, 每季度末, 每季度最后一个工作日, 每季度第一个月5号.
func (p *parser) quarterly(s *recurrence, workdays *bool, j int) int {
	s.months, s.monthDays = quarterFirst, []int{1}
	if p.class(j) == cQuarterEnd {
		if p.val(j) == spanLate {
			s.months, s.monthDays = quarterLast, []int{-1}
		}
		return j + 1
	}
	j++
	if p.class(j) == cDe {
		j++
	}
	switch p.class(j) {
	case cPos:
		s.months, s.monthDays = quarterLast, []int{-1}
		return j + 1
	case cDi, cFirst, cLast:
		n, k := p.position(j)
		if k == j {
			return j
		}
		if p.class(k) == cMonth && n >= -3 && n <= 3 {
			if n < 0 {
				n += 4
			}
			s.months = quarterFirst << (n - 1)
			s.monthDays = nil
			if e := p.monthly(s, workdays, k+1); e > k+1 {
				return e
			}
			s.monthDays = []int{1}
			return k + 1
		}
		if n < 0 {
			s.months = quarterLast
		}
		s.monthDays = nil
		if e := p.monthly(s, workdays, j); e > j {
			return e
		}
		s.months, s.monthDays = quarterFirst, []int{1}
	}
	return j
}

// yearly reads 每年12月4日, 每年国庆节, 每年3月.
func (p *parser) yearly(s *recurrence, j int) int {
	if p.class(j) == cDe {
		j++
	}
	switch p.class(j) {
	case cNum:
		if p.class(j+1) == cMonth && p.val(j) >= 1 && p.val(j) <= 12 {
			s.months = 1 << p.val(j)
			if e := p.monthly(s, new(bool), j+2); e > j+2 {
				return e
			}
			s.monthDays = []int{1}
			return j + 2
		}
	case cFestival:
		if f := &festivals[p.val(j)]; f.day != 0 {
			s.months, s.monthDays = 1<<f.month, []int{f.day}
			return j + 1
		}
	case cYearPart:
		if p.val(j) == spanLate {
			s.months, s.monthDays = 1<<12, []int{31}
		} else {
			s.months, s.monthDays = 1<<1, []int{1}
		}
		return j + 1
	}
	return j
}

// recurring completes a rule with the clock, the span of clocks or the part of day behind j.
func (p *parser) recurring(s recurrence, workdays bool, j int) (Match, int, bool) {
	m := Match{Kind: Recurrence}
	m.Grain = GrainDay
	if p.class(j) == cNum && p.class(j+1) == cTimes {
		j++
	}
	if p.class(j) == cTimes {
		j++
	}
	k := j
	if p.class(k) == cDe || p.class(k) == cComma {
		k++
	}
	m.MissingClock = true
	pt := point{date: single(p.today, formFull), hasDate: true}
	if e := p.clockOf(&pt, k); e > k {
		j = e
		m.Part = partNames[pt.part]
		if pt.hasClock {
			m.Part, m.MissingClock, m.Grain, m.EarlyClock = "", false, GrainMinute, pt.clock.early
			minutes := pt.clock.minutes(pt.part)
			pt.t = at(p.today, minutes)
			if r, end, ok := p.rangeFrom(&pt, e); ok && r.Grain == GrainMinute {
				m.Length, j = r.End.Sub(r.Start), end
			} else if pt.open {
				pt.hasClock, j = false, k
				m.MissingClock, m.Grain = true, GrainDay
			}
			if pt.hasClock {
				s.hour, s.min, s.hasClock = minutes/60%24, minutes%60, true
			}
		}
	}
	m.Rule = newRule(s, workdays, p.now, p.cal)
	from := p.now
	if s.freq == "HOURLY" || s.freq == "MINUTELY" {
		m.MissingClock, m.Grain = false, GrainMinute
	} else if !s.hasClock {
		from = p.today
	}
	m.Start = m.Rule.Next(from.Add(-time.Nanosecond))
	if m.Length != 0 {
		m.End = m.Start.Add(m.Length)
	}
	return m, j, true
}
