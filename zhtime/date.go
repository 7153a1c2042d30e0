package zhtime

// date reads a day or a stretch of days at token i. base is the date that a range or a list began with: what is left
// out is taken from it, and the result is not before it.
func (p *parser) date(i int, base *date) (date, int, bool) {
	switch p.class(i) {
	case cRelDay:
		return p.refusePast(single(p.today.AddDate(0, 0, int(p.val(i))), formRelative)), i + 1, true
	case cRelSpan:
		first := p.today.AddDate(0, 0, int(p.val(i)))
		return stretch(first, first.AddDate(0, 0, 1), GrainDay), i + 1, true
	case cSameDay:
		from := p.today
		if base != nil {
			from = base.end()
		}
		return single(from.AddDate(0, 0, int(p.val(i))), formRelative), i + 1, true
	case cToday:
		if p.joined(i+1) && (p.class(i+1) == cPart && p.val(i+1) < int32(partAM) && p.val(i) == 0 || p.class(i+1) == cShort) {
			return p.refusePast(single(p.today.AddDate(0, 0, int(p.val(i))), formRelative)), i + 1, true
		}
	case cAfter: // 后晚
		if p.width(i) == 3 && p.class(i+1) == cShort && p.joined(i+1) {
			return single(p.today.AddDate(0, 0, 2), formRelative), i + 1, true
		}
	case cMod:
		return p.modDate(i, base)
	case cWeekday:
		return p.weekday(i, base)
	case cWeekend:
		return p.weekend(0), i + 1, true
	case cYearWord:
		return p.afterYear(p.today.Year()+int(p.val(i)), i+1, base)
	case cMonthPart:
		return p.monthPartAhead(int(p.val(i))), i + 1, true
	case cYearPart:
		if p.class(i+1) == cNum && p.toks[i+1].cn && p.joined(i+1) && p.val(i) == spanEarly { // 年初五
			return p.lunarDay(i+1, p.lunarYearAhead(1), 1, false)
		}
		return p.yearPartAhead(int(p.val(i))), i + 1, true
	case cHalfYear:
		d := p.halfYear(p.today.Year(), int(p.val(i)))
		return p.refusePast(d), i + 1, true
	case cQuarterEnd:
		return p.quarterPart(p.today.Year(), (int(p.today.Month())+2)/3, int(p.val(i))), i + 1, true
	case cDi:
		if p.class(i+1) == cNum {
			if d, j, ok := p.quarter(0, i+1); ok {
				return d, j, true
			}
		}
	case cLunar, cLunarM, cBigYear, cLeap:
		return p.lunar(i, 0)
	case cMonthOff:
		first := p.ymd(p.today.Year(), int(p.today.Month()), 1)
		if base != nil {
			first = p.ymd(base.end().Year(), int(base.end().Month()), 1)
		}
		first = addMonths(first, int(p.val(i)))
		return p.afterMonth(first.Year(), int(first.Month()), i+1, base)
	case cMonthName:
		return p.afterMonth(0, int(p.val(i)), i+1, base)
	case cSolar:
		return p.date(i+1, base)
	case cFestival:
		if p.theme(i) {
			return date{}, i, false
		}
		d, ok := p.festivalAhead(&festivals[p.val(i)], base)
		return d, i + 1, ok
	case cNearFest:
		return p.nearFestival(i)
	case cPast: // 过三天, 再过两周
		if l, j, ok := p.length(i + 1); ok && !l.byClock() {
			if p.class(j) == cAfter {
				j++
			}
			d, j := p.offset(l, j)
			return d, j, true
		}
	case cHalf:
		if l, j, ok := p.length(i); ok && p.class(j) == cAfter && !l.byClock() {
			d, j := p.offset(l, j+1)
			return d, j, true
		}
	case cNum:
		return p.numberDate(i, base)
	}
	return date{}, i, false
}

// offset is the day that lies an amount ahead of today; j stands behind 后. A day that is named after it lies in the
// week or month that the amount leads to: 三周后的周五, 两个月后的5号.
func (p *parser) offset(l length, j int) (date, int) {
	t := p.after(l, p.today)
	d := single(t, formRelative)
	k := j
	if p.class(k) == cDe {
		k++
	}
	switch {
	case l.days > 0 && l.days%7 == 0 && l.months == 0 && p.class(k) == cWeekday:
		return p.inWeek(l.days/7, p.val(k)), k + 1
	case l.months > 0 && l.days == 0 && k > j && p.class(k) == cNum && (p.class(k+1) == cDay || p.class(k+1) == cHao) && !p.codeAfter(k+1):
		return p.monthDay(t.Year(), int(t.Month()), int(p.val(k)), nil), k + 2
	case l.months > 0 && l.months%12 == 0 && l.days == 0 && k > j && p.class(k) == cNum && p.class(k+1) == cMonth:
		if in, e, ok := p.month(t.Year(), k, nil); ok {
			return in, e
		}
	case k > j && p.class(k) == cRelDay && p.val(k) == 0: // 两个月后的今天
		return d, k + 1
	}
	return d, j
}

// numberDate reads the dates that begin with a number.
func (p *parser) numberDate(i int, base *date) (date, int, bool) {
	t := p.toks[i]
	if t.glued {
		return date{}, i, false
	}
	if base != nil && base.mask != 0 && t.cn && t.digits == 1 && t.val >= 1 && t.val <= 6 && p.bareOrDay(i) && !p.measureAfter(i) { // 下周二、四
		d := single(onOrAfter(base.first, int(t.val)), formRelative)
		d.mask = 1 << (t.val - 1)
		return d, i + 1, true
	}
	if year, j, ok := p.year(i); ok {
		return p.afterYear(year, j, base)
	}
	if d, j, ok := p.numeralFestival(i, base); ok {
		return d, j, true
	}
	if l, j, ok := p.length(i); ok && p.class(j) == cAfter && !l.byClock() {
		d, j := p.offset(l, j+1)
		return d, j, true
	}
	switch p.class(i + 1) {
	case cMonth, cMonthPart:
		if t.val >= 1 && t.digits <= 2 {
			return p.month(0, i, base)
		}
		if t.val == 0 && p.class(i+2) == cNum && (p.class(i+3) == cDay || p.class(i+3) == cHao) { // 0月5日
			return date{refused: RefusedImpossible, grain: GrainDay}, i + 4, true
		}
		return date{}, i, false
	case cDay, cHao:
		if r := p.peekRune(i); r == '两' || t.val < 1 || t.digits > 2 || p.codeAfter(i+1) {
			return date{}, i, false
		}
		return p.dayOfMonth(int(t.val), base), i + 2, true
	case cTo, cDash:
		if p.class(i+2) == cNum && t.val >= 1 && t.digits <= 2 && p.val(i+2) > t.val {
			switch p.class(i + 3) {
			case cDay, cHao:
				if t.val <= 31 && p.val(i+2) <= 31 && !p.codeAfter(i+3) && p.class(i+4) != cWithin && p.class(i+4) != cAfter {
					d := p.dayOfMonth(int(t.val), base)
					d.open = true
					return d, i + 1, true
				}
			case cMonth:
				if t.val <= 12 && p.val(i+2) <= 12 {
					d := p.monthAhead(int(t.val), base)
					d.open = true
					return d, i + 1, true
				}
			}
		}
	case cQuarter, cQuarterEnd:
		if p.class(i-1) == cDi || t.val <= 4 {
			return p.quarter(0, i)
		}
	}
	return p.numericDate(i, base)
}

// codeAfter reports whether 号 or 日 at i belongs to the name of a thing: 5号楼.
func (p *parser) codeAfter(i int) bool {
	switch p.peekRune(i + 1) {
	case '楼', '线', '馆', '厅', '院', '门', '库', '机', '店', '路', '桥', '井', '仓', '室', '房', '桌', '台', '栋', '幢', '位', '游', '元':
		return true
	}
	return false
}

// year reads 2026年, 二〇二六年, and 26年 where a month follows.
func (p *parser) year(i int) (int, int, bool) {
	t := p.toks[i]
	if p.class(i+1) != cYear && p.class(i+1) != cYearPart {
		return 0, i, false
	}
	y, j := int(t.val), i+2
	if p.class(i+1) == cYearPart {
		j = i + 1
	}
	switch {
	case (t.digits == 4 || t.digits == 0 && t.cn) && y >= 1000 && y <= 2999:
		return y, j, true
	case t.digits == 2 && (p.class(j) == cNum && (p.class(j+1) == cMonth || p.class(j+1) == cMonthPart || p.class(j+1) == cDash || p.class(j+1) == cTo) || p.class(j) == cFestival || p.class(j) == cYearPart && p.class(i+1) == cYearPart):
		return p.century(y), j, true
	}
	return 0, i, false
}

// century completes a year of two digits to the one nearest to now.
func (p *parser) century(y int) int {
	now := p.today.Year()
	full := now - now%100 + y
	switch {
	case full > now+50:
		full -= 100
	case full <= now-50:
		full += 100
	}
	return full
}

// afterYear reads what may follow a year; alone it is the whole year.
func (p *parser) afterYear(year, i int, base *date) (date, int, bool) {
	j := i
	if p.class(j) == cDe {
		j++
	}
	switch p.class(j) {
	case cNum:
		switch next := p.class(j + 1); {
		case next == cMonth || next == cMonthPart:
			return p.month(year, j, base)
		case (next == cTo || next == cDash) && p.class(j+2) == cNum && p.class(j+3) == cMonth && p.val(j) >= 1 && p.val(j) < p.val(j+2) && p.val(j+2) <= 12:
			d := p.refusePast(p.monthUnit(year, int(p.val(j))))
			d.open = true
			return d, j + 1, true
		case next == cQuarter || next == cQuarterEnd:
			if d, k, ok := p.quarter(year, j); ok {
				return d, k, true
			}
		case p.toks[j].cn && !p.toks[j].sp:
			if n := numeralFestival(p.val(j), p.toks[j].digits); n >= 0 && p.class(j+1) != cMark && next != cDay && next != cHao {
				return p.festivalIn(&festivals[n], year), j + 1, true
			}
		}
	case cDi:
		if p.class(j+1) == cNum {
			if d, k, ok := p.quarter(year, j+1); ok {
				return d, k, true
			}
			if p.class(j+2) == cGe && p.class(j+3) == cMonth && p.val(j+1) >= 1 && p.val(j+1) <= 12 { // 第九个月
				return p.refusePast(p.monthUnit(year, int(p.val(j+1)))), j + 4, true
			}
		}
		if d, k, ok := p.ordinal(unit(p.ymd(year, 1, 1), p.ymd(year, 12, 31), GrainYear), j); ok {
			return d, k, true
		}
	case cLast, cFirst:
		if d, k, ok := p.ordinal(unit(p.ymd(year, 1, 1), p.ymd(year, 12, 31), GrainYear), j); ok {
			return d, k, true
		}
	case cQuarterName:
		n := int(p.val(j))
		return p.refusePast(unit(p.ymd(year, 3*n-2, 1), p.ymd(year, 3*n+1, 0), GrainMonth)), j + 1, true
	case cMonthName:
		return p.afterMonth(year, int(p.val(j)), j+1, base)
	case cFestival:
		return p.festivalIn(&festivals[p.val(j)], year), j + 1, true
	case cYearPart:
		return p.refusePast(p.yearPart(year, int(p.val(j)))), j + 1, true
	case cPos:
		if j == i && p.joined(j) && (p.val(j) != spanMiddle) {
			return p.refusePast(p.yearPart(year, int(p.val(j)))), j + 1, true
		}
	case cChu:
		if j == i && p.joined(j) && p.class(j+1) != cNum {
			return p.refusePast(p.yearPart(year, spanEarly)), j + 1, true
		}
	case cHalfYear:
		return p.refusePast(p.halfYear(year, int(p.val(j)))), j + 1, true
	case cLunar, cLunarM, cLeap, cBigYear:
		if d, k, ok := p.lunar(j, year); ok {
			return d, k, true
		}
	}
	return p.refusePast(unit(p.ymd(year, 1, 1), p.ymd(year, 12, 31), GrainYear)), i, true
}

// quarter reads 3季度, 四季度末 at the number; year 0 is the nearest.
func (p *parser) quarter(year, i int) (date, int, bool) {
	n := int(p.val(i))
	j := i + 1
	if p.class(j) == cGe {
		j++
	}
	if n < 1 || n > 4 || p.class(j) != cQuarter && p.class(j) != cQuarterEnd {
		return date{}, i, false
	}
	said := year != 0
	if !said {
		year = p.today.Year()
	}
	make := func() date {
		if p.class(j) == cQuarterEnd {
			return p.quarterPart(year, n, int(p.val(j)))
		}
		return unit(p.ymd(year, 3*n-2, 1), p.ymd(year, 3*n+1, 0), GrainMonth)
	}
	d := make()
	if !said && d.end().Before(p.today) {
		year++
		d = make()
	}
	if p.class(j) == cQuarter && p.class(j+1) == cPos && p.joined(j+1) {
		return p.refusePast(p.quarterPart(year, n, int(p.val(j+1)))), j + 2, true
	}
	return p.refusePast(d), j + 1, true
}

func (p *parser) quarterPart(year, n, span int) date {
	if span == spanEarly {
		return stretch(p.ymd(year, 3*n-2, 1), p.ymd(year, 3*n-2, 10), GrainDay)
	}
	return stretch(p.ymd(year, 3*n, 21), p.ymd(year, 3*n+1, 0), GrainDay)
}

func (p *parser) halfYear(year, half int) date {
	return unit(p.ymd(year, 6*half-5, 1), p.ymd(year, 6*half+1, 0), GrainMonth)
}

func (p *parser) yearPart(year, span int) date {
	switch span {
	case spanEarly:
		return stretch(p.ymd(year, 1, 1), p.ymd(year, 2, 0), GrainDay)
	case spanMiddle:
		return stretch(p.ymd(year, 6, 1), p.ymd(year, 7, 31), GrainDay)
	}
	return stretch(p.ymd(year, 11, 1), p.ymd(year, 12, 31), GrainDay)
}

func (p *parser) yearPartAhead(span int) date {
	d := p.yearPart(p.today.Year(), span)
	if d.end().Before(p.today) {
		d = p.yearPart(p.today.Year()+1, span)
	}
	return d
}
