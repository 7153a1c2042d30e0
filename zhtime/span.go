package zhtime

import "time"

// span reads a point and what can be built on it: a range, a deadline, a point with a length; or a bare amount.
func (p *parser) span(i int, list *point) (Match, *point, int, bool) {
	left, j, ok := p.point(i, list)
	if !ok {
		if l, k, ok := p.length(i); ok && (i == 0 || p.class(i-1) != cDi) && p.class(k) != cTimes {
			return Match{Kind: Duration, Length: l.approx()}, nil, k, true
		}
		return Match{}, nil, i, false
	}
	if list != nil && !left.hasDate && left.hasClock && list.hasDate {
		if left.part == partNone {
			left.clock.part, left.part = list.part, list.part
		}
		left.date, left.hasDate = list.date, true
	}
	p.resolve(&left, nil)
	if m, k, ok := p.rangeFrom(&left, j); ok {
		if left.mask != 0 && m.Grain == GrainDay && p.class(k) == cEvery && p.class(k+1) == cTian { // 周一到周五每天
			s := recurrence{freq: "WEEKLY", interval: 1}
			p.weekdayList(&s, i)
			if m, k, ok := p.recurring(s, false, k+2); ok {
				return m, nil, k, true
			}
		}
		return m, nil, k, true
	}
	if left.mask&(left.mask-1) != 0 && left.last.IsZero() && p.class(i) == cWeekday { // 周一三五下午3点
		m, k, ok := p.recurring(recurrence{freq: "WEEKLY", interval: 1, weekdays: uint8(left.mask)}, false, i+1)
		return m, nil, k, ok
	}
	if left.open {
		return Match{}, nil, i, false
	}
	switch p.class(j) {
	case cBefore, cWithin:
		if p.class(j) == cWithin {
			if left.hasClock {
				break
			}
			left.deadline = left.end()
		}
		return p.deadline(&left), nil, p.afterDeadline(j + 1), true
	case cBy, cUntil:
		if p.class(j) == cBy && p.width(j) != len("截止") {
			break
		}
		left.include()
		return p.deadline(&left), nil, j + 1, true
	case cOffWork: // 周五下班前
		if p.class(j+1) == cBefore {
			left.hasClock, left.part = false, partNone
			return p.deadline(&left), nil, p.afterDeadline(j + 2), true
		}
	case cAfter:
		left.after = true
		return p.match(&left), nil, j + 1, true
	}
	m := p.match(&left)
	j = p.lasting(&left, &m, j)
	return m, &left, j, true
}

// rangeFrom reads the second half of a range: j stands behind the first.
func (p *parser) rangeFrom(left *point, j int) (Match, int, bool) {
	k := j
	if p.class(k) == cStart {
		k++
	}
	if p.class(k) == cComma && p.class(k+1) == cTo {
		k++
	}
	and := p.class(k) == cAnd
	switch p.class(k) {
	case cTo, cAnd:
	case cDash:
	default:
		return Match{}, j, false
	}
	k++
	if p.class(k) == cTo && !and { // 起至, - 到
		k++
	}
	right, end, ok := p.rangeEnd(left, k)
	if !ok || right.open {
		return Match{}, j, false
	}
	if and && p.class(end) != cBetween {
		return Match{}, j, false
	}
	if left.hasClock && right.hasClock && left.clock.part == partNone && left.clock.hour <= 12 && right.clock.part >= partAM && !right.hasDate { // 3:00-5:00pm
		left.clock.part, left.clock.early = right.clock.part, false
		if left.clock.hour%12 > right.clock.hour%12 {
			left.clock.part = partAM
		}
		left.clock.colon, left.part, left.alternatives = false, left.clock.part, nil
		p.resolve(left, nil)
	}
	if p.class(end) == cBetween || p.class(end) == cUntil || p.class(end) == cHoliday {
		end++
	}
	m := Match{Kind: Range, Refused: left.refused, JustPassed: left.recent, EarlyClock: left.clock.early || right.clock.early && !left.hasClock}
	if right.clock.impossible {
		m.Refused = RefusedImpossible
	}
	if right.refused == RefusedImpossible || right.refused == RefusedWeekday {
		m.Refused = right.refused
	}
	m.Start, m.Grain, m.Part = left.t, GrainMinute, ""
	switch {
	case right.hasClock && left.hasClock:
		if right.hasDate && !right.instant {
			inherited := partNone
			if daysBetween(left.first, right.first) == 0 {
				inherited = left.part
			}
			right.t = at(right.first, right.clock.minutes(inherited))
		} else {
			p.resolve(&right, left)
		}
		m.End = right.t
	case left.hasClock:
		m.End = at(right.end(), 24*60-1)
	case right.hasClock && right.hasDate:
		m.End = at(right.first, right.clock.minutes(partNone))
	case right.hasClock:
		return Match{}, j, false
	default:
		m.End, m.Grain = right.end(), GrainDay
		m.MissingClock = true
		if left.part != partNone || right.part != partNone {
			m.Grain = GrainPart
			m.Part = partNames[left.part]
		}
	}
	if m.Refused == "" && m.End.Before(m.Start) {
		return Match{}, j, false
	}
	if right.form != formWeekday || right.hasClock && !right.hasDate {
		p.otherWeek(left, &m)
	}
	if m.Refused == RefusedPast && !m.End.Before(p.today) && m.Grain != GrainMinute {
		m.Refused = "" // it has begun and is not over
	}
	if m.Refused == "" && m.End.Before(p.today) {
		m.Refused = RefusedPast
	}
	return m, end, true
}

// rangeEnd reads the second half of a range, which may leave out what the first has said: 周一至五, 8点到10, 12.4-6.
func (p *parser) rangeEnd(left *point, k int) (point, int, bool) {
	if p.class(k) == cNum && !p.toks[k].glued {
		n := p.toks[k]
		switch {
		case left.form == formWeekday || left.mask != 0:
			if !left.hasClock && n.val >= 1 && n.val <= 7 && n.digits == 1 && p.bareOrDay(k) {
				t := onOrAfter(left.first, int(n.val))
				return point{date: date{first: t, grain: GrainDay}, hasDate: true, t: t}, k + 1, true
			}
		case left.date.open && p.class(k+1) == cMonth, left.grain == GrainMonth && left.date.open:
			d, j, ok := p.month(left.first.Year(), k, nil)
			return point{date: d, hasDate: true}, j, ok
		case left.date.open:
			t := p.ymd(left.first.Year(), int(left.first.Month()), int(n.val))
			j := k + 1
			if p.class(j) == cDay || p.class(j) == cHao {
				j++
			}
			pt := point{date: date{first: t, grain: GrainDay}, hasDate: true}
			if t.Day() != int(n.val) {
				pt.refused = RefusedImpossible
			}
			return pt, p.clockOf(&pt, j), true
		case left.numeric && left.last.IsZero() && !left.hasClock && n.digits <= 2 && int(n.val) > left.first.Day() && n.val <= 31 && !p.measureAfter(k) && p.bareEnd(k) && p.bareOrDay(k) && p.class(k+1) != cDash:
			t := p.ymd(left.first.Year(), int(left.first.Month()), int(n.val))
			if t.Day() == int(n.val) {
				return point{date: date{first: t, grain: GrainDay}, hasDate: true}, k + 1, true
			}
		}
	}
	if p.class(k) == cDay && left.mask != 0 { // 周六至日
		t := onOrAfter(left.first, 7)
		return point{date: date{first: t, grain: GrainDay}, hasDate: true, t: t}, k + 1, true
	}
	base := left
	if !left.hasDate {
		base = &point{date: date{first: midnight(left.t)}, hasDate: true}
		if left.t.IsZero() {
			base = nil
		}
	}
	right, end, ok := p.point(k, base)
	if !ok {
		if left.hasClock && p.class(k) == cNum && p.hourOK(k) && !p.toks[k].glued && !p.measureAfter(k) && p.bareEnd(k) && p.class(k+1) != cDash {
			switch p.class(k + 1) {
			case cOther, cBreak, cComma, cClose, cList, cBetween, cPart:
				return point{hasClock: true, clock: clock{hour: int(p.val(k))}}, k + 1, true
			}
		}
		return right, k, false
	}
	if left.hasDate && !left.hasClock && !right.hasDate {
		if right.hasClock || left.part == partNone {
			return right, k, false
		}
	}
	if !right.hasDate && !right.hasClock { // a part of day alone: 上午到下午
		right.first = left.first
	}
	p.resolveEnd(&right)
	return right, end, true
}

func (p *parser) resolveEnd(pt *point) {
	if !pt.hasClock {
		pt.t = pt.first
	}
}

// bareOrDay reports whether the number at k can be a weekday: 五 in 周一至五.
func (p *parser) bareOrDay(k int) bool {
	switch p.class(k + 1) {
	case cMonth, cHao, cYear, cMark, cGe, cColon, cDot, cSlash, cNum, cHour, cMinute, cWeek, cTian, cMonthPart, cQuarter, cDay:
		return false
	}
	return true
}

// match turns a resolved point into a match.
func (p *parser) match(pt *point) Match {
	m := Match{Kind: Date, Refused: pt.refused, JustPassed: pt.recent}
	m.Start, m.Grain = pt.t, pt.grain
	m.Alternatives = pt.alternatives
	switch {
	case pt.hasClock && !pt.last.IsZero(): // 周末下午3点: on which day?
		m.Kind, m.Start, m.End, m.Grain, m.Alternatives = Range, pt.first, pt.last, GrainDay, nil
		for d := pt.first; daysBetween(pt.first, pt.last) <= 1 && !d.After(pt.last); d = d.AddDate(0, 0, 1) {
			m.Alternatives = append(m.Alternatives, Reading{Start: at(d, pt.clock.minutes(pt.part)), Grain: GrainMinute})
		}
	case pt.hasClock && (pt.hasDate || pt.instant):
		m.Kind, m.Grain = DateTime, GrainMinute
	case pt.hasClock:
		m.Kind, m.Grain = Clock, GrainMinute
	case !pt.last.IsZero():
		m.Kind, m.End, m.MissingClock = Range, pt.last, true
	default:
		m.MissingClock = true
		if pt.part != partNone {
			m.Part, m.Grain = partNames[pt.part], GrainPart
		}
	}
	if pt.vague && m.Refused == "" {
		m.Refused = RefusedAmbiguous
	}
	if pt.hasClock {
		m.EarlyClock = pt.clock.early
	}
	if pt.after && !pt.hasClock && m.Refused == "" {
		m.Refused = RefusedAmbiguous
		if pt.festival {
			_, last := p.holidaySpan(pt.first)
			m.Start = last.AddDate(0, 0, 1)
		}
		m.End = time.Time{}
	}
	if pt.recent && m.Refused == "" {
		m.Alternatives = append(m.Alternatives, Reading{Start: m.Start.AddDate(-1, 0, 0), Grain: m.Grain})
	}
	if m.Kind == Date || m.Kind == DateTime {
		p.otherWeek(pt, &m)
	}
	return m
}

// otherWeek offers the same weekday one week later, or earlier for 下周五, where that is plausible.
func (p *parser) otherWeek(pt *point, m *Match) {
	days := 0
	switch {
	case !pt.hasDate || m.Refused != "":
		return
	case pt.form == formWeekday:
		days = 7
	case pt.nearer && !m.Start.AddDate(0, 0, -7).Before(p.today):
		days = -7
	default:
		return
	}
	other := Reading{Start: m.Start.AddDate(0, 0, days), Grain: m.Grain}
	if !m.End.IsZero() {
		other.End = m.End.AddDate(0, 0, days)
	}
	m.Alternatives = append(m.Alternatives, other)
}

// include makes a stretch or a festival that 前 would leave out part of the time allowed: 截止到元旦.
func (pt *point) include() {
	if pt.deadline.Before(pt.first) {
		pt.deadline = time.Time{}
	}
}

// deadline turns a point into the last moment in time.
func (p *parser) deadline(pt *point) Match {
	if pt.t.IsZero() {
		p.resolve(pt, nil)
	}
	m := Match{Kind: Deadline, Refused: pt.refused, JustPassed: pt.recent}
	switch {
	case pt.hasClock:
		m.End, m.Grain, m.EarlyClock = pt.t, GrainMinute, pt.clock.early
		m.Alternatives = pt.alternatives
		for i := range m.Alternatives {
			m.Alternatives[i].Start, m.Alternatives[i].End = time.Time{}, m.Alternatives[i].Start
		}
	default:
		m.End, m.Grain = pt.end(), GrainDay
		if !pt.deadline.IsZero() {
			m.End = pt.deadline
		}
		if pt.part != partNone {
			m.Part = partNames[pt.part]
		}
	}
	if m.Refused == "" && m.Grain == GrainDay && !m.End.IsZero() && m.End.Before(p.today) {
		m.Refused = RefusedPast
	}
	return m
}

// lasting reads the length behind a start: 开始两小时, 起3天, ，大概一个半小时.
func (p *parser) lasting(pt *point, m *Match, j int) int {
	k, said := j, false
	begun := j
	for range 5 {
		switch p.class(k) {
		case cStart:
			k++
			begun, said = k, true
			continue
		case cComma, cApprox, cLasting, cColon:
			said = said || p.class(k) == cLasting
			k++
			continue
		case cOther:
			if s := p.text[p.toks[k].from:p.toks[k].to]; (s == "为" || s == "需" || s == "開" || s == "开") && k > j {
				k++
				continue
			}
		}
		break
	}
	l, end, ok := p.length(k)
	if !ok || p.class(end) == cAfter || p.class(end) == cWithin || p.class(end) == cBefore || m.Refused != "" && m.Refused != RefusedAmbiguous {
		return begun
	}
	switch {
	case pt.hasClock && l.byClock() && l.clock <= 24*time.Hour && (said || k-j <= 2):
		m.Kind, m.End, m.Length = Range, m.Start.Add(l.clock), l.clock
		for i := range m.Alternatives {
			m.Alternatives[i].End = m.Alternatives[i].Start.Add(l.clock)
		}
		return end
	case !pt.hasClock && pt.last.IsZero() && !l.byClock() && l.months == 0 && l.workdays == 0 && l.days > 0 && (said || k == j):
		m.Kind, m.End, m.Length = Range, m.Start.AddDate(0, 0, l.days-1), l.approx()
		m.Alternatives = nil
		return end
	}
	return begun
}
