package zhtime

import "time"

// numericDate reads the dates written with marks: 2026-12-04, 12/4, 12.4, 6·30, 20261204, 2026 12 04. A month always
// stands before its day, and a form with the year last is no date.
func (p *parser) numericDate(i int, base *date) (date, int, bool) {
	t := p.toks[i]
	if t.cn || t.glued || p.partOfNumber(i) && base == nil {
		return date{}, i, false
	}
	if t.digits == 8 && !p.measureAfter(i) {
		y, m, d := int(t.val/10000), int(t.val/100%100), int(t.val%100)
		if y >= 1900 && y <= 2100 && m >= 1 && m <= 12 && d >= 1 && d <= monthDays(y, time.Month(m)) {
			return p.numeric(p.monthDay(y, m, d, base)), i + 1, true
		}
		return date{}, i, false
	}
	if p.class(i+1) == cNum && t.digits == 4 && p.toks[i+1].digits == 2 && p.class(i+2) == cNum && p.toks[i+2].digits == 2 && p.toks[i+1].sp && p.toks[i+2].sp {
		if m, d := int(p.val(i+1)), int(p.val(i+2)); t.val >= 1900 && t.val <= 2100 && m >= 1 && m <= 12 && d >= 1 && d <= 31 {
			return p.numeric(p.monthDay(int(t.val), m, d, base)), i + 3, true
		}
	}
	sep := p.class(i + 1)
	if t.digits == 4 && sep == cDash && p.class(i+3) == cDash && p.toks[i+1].sp && p.class(i+2) == cNum && p.class(i+4) == cNum && p.toks[i+2].digits <= 2 && p.toks[i+4].digits <= 2 { // 2026 - 12 - 04
		if m, d := int(p.val(i+2)), int(p.val(i+4)); t.val >= 1900 && t.val <= 2100 && m >= 1 && m <= 12 && d >= 1 && d <= 31 {
			return p.numeric(p.monthDay(int(t.val), m, d, base)), i + 5, true
		}
	}
	if sep != cDash && sep != cSlash && sep != cDot && sep != cMidDot || p.class(i+2) != cNum || p.toks[i+1].sp || p.toks[i+2].sp || p.toks[i+2].cn {
		return date{}, i, false
	}
	if t.digits == 4 && t.val >= 1900 && t.val <= 2100 && p.toks[i+2].digits <= 2 {
		return p.yearFirst(i, int(t.val), sep, base)
	}
	if t.digits == 2 && p.class(i+3) == sep && p.class(i+4) == cNum && !p.toks[i+3].sp && !p.toks[i+4].sp && p.toks[i+2].digits <= 2 && p.toks[i+4].digits <= 2 {
		if y := p.century(int(t.val)); y >= p.today.Year()-1 && y <= p.today.Year()+2 && t.val > 12 { // 26.12.4
			return p.yearFirst(i, y, sep, base)
		}
		if sep != cDash {
			return date{}, i, false
		}
	}
	m, d := int(t.val), int(p.val(i+2))
	if t.digits > 2 || p.toks[i+2].digits > 2 || m < 1 || m > 12 || d < 1 || d > 31 || p.measureAfter(i+2) {
		return date{}, i, false
	}
	if sep == cDot && base == nil && p.valueBefore(i) {
		return date{}, i, false
	}
	switch next := p.class(i + 3); {
	case next == sep && sep != cDash && p.class(i+4) == cNum && !p.toks[i+4].sp, next == cSlash && p.joined(i+3), next == cDot && p.class(i+4) == cNum && p.joined(i+4):
		return date{}, i, false
	case next == cNum && p.joined(i+3) && !p.toks[i+3].cn:
		return date{}, i, false
	case next == cDash && sep == cDash && !p.dashClock(i+3) && !p.monthDash(i+4):
		return date{}, i, false
	}
	if p.class(i+3) == cPart && p.val(i+3) >= int32(partAM) { // 3-5pm
		return date{}, i, false
	}
	switch p.class(i + 3) {
	case cDay, cHao: // 12.4日
		if p.joined(i+3) && sep != cDash && !p.codeAfter(i+3) {
			return p.numeric(p.monthDay(0, m, d, base)), i + 4, true
		}
		return date{}, i, false
	case cGe, cTian, cYear, cMonth, cWeek, cMark, cHour, cMinute, cSecond, cWorkday, cTimes, cQuarter, cKe, cKeZhong, cFen, cMonthPart, cBetween:
		if p.joined(i + 3) {
			return date{}, i, false
		}
	case cOther:
		if sep == cDash && p.joined(i+3) && t.digits == 1 && p.toks[i+2].digits == 1 {
			return date{}, i, false
		}
	case cColon:
		if p.joined(i+3) && p.class(i+4) == cNum && sep == cDash { // 9-11:30
			return date{}, i, false
		}
	}
	return p.numeric(p.monthDay(0, m, d, base)), i + 3, true
}

// yearFirst reads the rest of 2026-12-04 or 2026.12; i is the year.
func (p *parser) yearFirst(i, year int, sep class, base *date) (date, int, bool) {
	m := int(p.val(i + 2))
	if m < 1 || m > 12 {
		return date{}, i, false
	}
	if p.class(i+3) == sep && p.class(i+4) == cNum && !p.toks[i+3].sp && !p.toks[i+4].sp && p.toks[i+4].digits <= 2 {
		d := p.monthDay(year, m, int(p.val(i+4)), base)
		j := i + 5
		if p.class(j) == cDay || p.class(j) == cHao {
			j++
		}
		return p.numeric(d), j, true
	}
	if p.joined(i+3) && (p.class(i+3) == sep || p.class(i+3) == cNum) || p.measureAfter(i+2) {
		return date{}, i, false
	}
	return p.numeric(p.refusePast(p.monthUnit(year, m))), i + 3, true
}

func (p *parser) numeric(d date) date { d.numeric = true; return d }

// partOfNumber reports whether the number at i continues a longer row such as 192.168.1.1 or a phone number.
func (p *parser) partOfNumber(i int) bool {
	if !p.joined(i) {
		return false
	}
	switch p.class(i - 1) {
	case cDot, cSlash, cDash, cMidDot, cColon:
		return p.class(i-2) == cNum && !p.toks[i-1].sp
	case cNum:
		return true
	}
	return false
}

// dashClock reports whether the dash at i joins a clock to the date before it: 2021-09-12-11:23.
func (p *parser) dashClock(i int) bool {
	return p.class(i+1) == cNum && p.class(i+2) == cColon && p.class(i+3) == cNum && p.toks[i+3].digits == 2
}

// monthDash reports whether another M-D stands at i.
func (p *parser) monthDash(i int) bool {
	return p.class(i) == cNum && p.class(i+1) == cDash && p.class(i+2) == cNum && p.class(i+3) != cDash && p.val(i) <= 12 && p.val(i+2) <= 31
}

// valueBefore reports whether the word before the number at i makes it a quantity: 评分9.8, 圆周率3.14.
func (p *parser) valueBefore(i int) bool {
	if !p.joined(i) {
		return false
	}
	switch p.lastRune(i - 1) {
	case '率', '价', '版', '本', '费', '均', '值', '分', '重', '长', '宽', '高', '深', '温', '数', '额', '涨', '跌', '占', '达', '近', '超', '比', '资', '得', '评', '米', '第', '√', '=', '<', '>', '¥', '￥', '≈':
		return true
	}
	return false
}
