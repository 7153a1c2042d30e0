package zhtime

import (
	"strings"
	"unicode/utf8"
)

// festivalAhead is the nearest such festival, or the nearest after base.
func (p *parser) festivalAhead(f *festival, base *date) (date, bool) {
	from := p.today
	if base != nil {
		from = base.first
	}
	t, ok := f.next(from)
	d := single(t, formFestival)
	if !ok {
		d = date{refused: RefusedImpossible, grain: GrainDay}
	}
	d.festival = true
	d.deadline = t.AddDate(0, 0, -1)
	return d, true
}

// theme reports whether the festival at i is what something is about and not when it is: 迎国庆, 中秋慰问, 春节快乐.
func (p *parser) theme(i int) bool {
	if p.joined(i) && p.class(i-1) == cOther {
		r, _ := utf8.DecodeLastRuneInString(p.text[:p.toks[i].from])
		switch fold(r) {
		case '迎', '庆', '度', '闹', '话', '品', '贺', '享', '乐', '暖', '颂':
			return true
		}
	}
	if !p.joined(i + 1) {
		return false
	}
	rest := p.text[p.toks[i].to:]
	for _, s := range [...]string{"联欢", "晚会", "慰问", "茶话", "文艺", "主题", "联谊", "游园", "演出", "汇演", "快乐", "愉快", "安康", "大吉", "节目", "福利",
		"送温暖", "诗会", "灯会", "庙会", "音乐", "朗诵", "系列", "走访", "座谈", "精神", "运动", "民俗", "特辑", "专场", "活动", "表彰", "献礼", "礼包", "猜灯谜", "包粽"} {
		if strings.HasPrefix(rest, s) {
			return true
		}
	}
	return false
}

func (p *parser) festivalIn(f *festival, year int) date {
	t, ok := f.on(year, p.now.Location())
	if !ok {
		return date{refused: RefusedImpossible, grain: GrainDay}
	}
	d := p.refusePast(single(t, formFull))
	d.festival, d.deadline = true, t.AddDate(0, 0, -1)
	return d
}

// numeralFestival reads 五一 and its like; 十一 only where a holiday word follows.
func (p *parser) numeralFestival(i int, base *date) (date, int, bool) {
	t := p.toks[i]
	if !t.cn || p.class(i-1) == cDi {
		return date{}, i, false
	}
	n := numeralFestival(t.val, t.digits)
	if n < 0 {
		return date{}, i, false
	}
	switch p.class(i + 1) {
	case cHoliday, cBefore:
	case cAfter:
	case cPart, cComma, cTo, cDash, cBreak, cList, cAnd, cDe, cWithin:
		if t.digits == 0 || p.class(i+1) == cTo && p.class(i+2) == cNum && p.class(i+2) == cNum && n == 0 {
			return date{}, i, false
		}
	default:
		return date{}, i, false
	}
	if p.joined(i) && (p.class(i-1) == cNum || p.class(i-1) == cColon) && p.class(i+1) != cHoliday && p.class(i+1) != cBefore {
		return date{}, i, false
	}
	d, _ := p.festivalAhead(&festivals[n], base)
	return d, i + 1, true
}

// nearFestival reads 节前 and 节后: around the next statutory holiday.
func (p *parser) nearFestival(i int) (date, int, bool) {
	t, ok := nextStatutory(p.today)
	if !ok {
		return date{}, i, false
	}
	first, last := p.holidaySpan(t)
	if p.val(i) < 0 {
		d := stretch(p.today, first.AddDate(0, 0, -1), GrainDay)
		if p.class(i+1) == cLast || p.class(i+1) == cFirst || p.class(i+1) == cDi {
			if d, j, ok := p.workdayFrom(i+1, t, t, true); ok {
				return d, j, true
			}
		}
		return d, i + 1, true
	}
	if d, j, ok := p.workdayFrom(i+1, first, last, false); ok {
		return d, j, true
	}
	return stretch(last.AddDate(0, 0, 1), last.AddDate(0, 0, 7), GrainDay), i + 1, true
}

// lunar reads 农历八月十五, 正月初五, 腊月廿三, 大年初三; year is the Gregorian year that was said, else 0.
func (p *parser) lunar(i, year int) (date, int, bool) {
	j, marked := i, false
	if p.class(j) == cLunar {
		j++
		marked = true
		if p.class(j) == cDe {
			j++
		}
		if p.class(j) == cNum && p.class(j+1) == cYear {
			if y, k, ok := p.year(j); ok {
				year, j = y, k
			}
		} else if p.class(j) == cYearWord {
			year, j = p.today.Year()+int(p.val(j)), j+1
		}
	}
	leap := false
	if p.class(j) == cLeap {
		leap = true
		j++
	}
	switch p.class(j) {
	case cLunarM:
		m := int(p.val(j))
		return p.lunarAfterMonth(j+1, year, m, leap)
	case cBigYear:
		if p.class(j+1) == cChu && p.class(j+2) == cNum {
			return p.lunarDay(j+2, p.lunarYearFor(year, 1, int(p.val(j+2))), 1, false)
		}
	case cNum:
		if !marked && !leap {
			break
		}
		if m := int(p.val(j)); p.class(j+1) == cMonth && m >= 1 && m <= 12 {
			return p.lunarAfterMonth(j+2, year, m, leap)
		}
		if m := int(p.val(j)); p.class(j+1) == cMonthPart && m >= 1 && m <= 12 && p.val(j+1) == spanEarly && p.class(j+2) == cNum { // 八月初三
			return p.lunarDay(j+2, p.lunarYearFor(year, m, int(p.val(j+2))), m, leap)
		}
	case cChu, cFestival:
		if marked && p.class(j) == cFestival {
			return p.date(j, nil)
		}
	}
	return date{}, i, false
}

func (p *parser) lunarAfterMonth(j, year, m int, leap bool) (date, int, bool) {
	if p.class(j) == cChu {
		j++
	}
	if p.class(j) == cNum && p.val(j) >= 1 && p.val(j) <= 30 {
		return p.lunarDay(j, p.lunarYearFor(year, m, int(p.val(j))), m, leap)
	}
	y := p.lunarYearFor(year, m, 1)
	first, ok := lunarToSolar(y, m, 1, leap)
	last, _ := lunarToSolar(y, m, 0, leap)
	if !ok {
		return date{refused: RefusedImpossible, grain: GrainMonth}, j, true
	}
	return p.refusePast(unit(onDate(first, p.now.Location()), onDate(last, p.now.Location()), GrainMonth)), j, true
}

// lunarDay resolves the day at token i in a month of a lunar year.
func (p *parser) lunarDay(i, year, m int, leap bool) (date, int, bool) {
	j := i + 1
	if p.class(j) == cDay || p.class(j) == cHao {
		j++
	}
	t, ok := lunarToSolar(year, m, int(p.val(i)), leap)
	if !ok || p.val(i) < 1 {
		return date{refused: RefusedImpossible, grain: GrainDay}, j, true
	}
	d := p.refusePast(single(onDate(t, p.now.Location()), formFestival))
	return d, j, true
}

// lunarYearFor is the lunar year in which month m lies: the year that was said, else the one whose day is next.
func (p *parser) lunarYearFor(said, m, d int) int {
	if said != 0 {
		return said
	}
	for y := p.today.Year() - 1; y <= p.today.Year()+1; y++ {
		t, ok := lunarToSolar(y, m, d, false)
		if ok && dayKey(t) >= dayKey(p.today) {
			return y
		}
	}
	return p.today.Year()
}

func (p *parser) lunarYearAhead(m int) int { return p.lunarYearFor(0, m, 1) }
