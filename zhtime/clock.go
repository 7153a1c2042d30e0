package zhtime

import (
	"strings"
	"time"
)

// clock is a time of day as it was said.
type clock struct {
	hour, min  int
	delta      int // minutes, for 差 and 过
	part       part
	colon      bool // HH:MM: literal on the 24-hour clock
	padded     bool // 05:40, said with a zero
	impossible bool // 25点
	early      bool // HH:MM before 07:00 without a part of day: ask
}

// minutes converts the clock to minutes after midnight of the day that it was said for; more than a day's worth is
// the night that follows. inherited is the part of day of an earlier clock and counts when c has none of its own.
func (c clock) minutes(inherited part) int {
	h, p := c.hour, c.part
	if p == partNone && !c.colon {
		p = inherited
	}
	switch p {
	case partNone:
		if !c.colon && h >= 1 && h <= 6 {
			h += 12
		}
	case partDawn, partMorning, partForenoon, partAM:
		if h == 12 && (p == partDawn || p == partAM) {
			h = 0
		}
	case partNoon:
		if h >= 1 && h <= 4 {
			h += 12
		}
	case partAfternoon, partDusk, partPM:
		if h >= 1 && h < 12 {
			h += 12
		}
	case partEvening:
		switch {
		case h == 12 || h == 0:
			h = 24
		case h <= 4:
			h += 24
		case h < 12:
			h += 12
		}
	case partNight:
		switch {
		case h == 12 || h == 0:
			h = 24
		case h <= 6:
			h += 24
		case h < 12:
			h += 12
		}
	}
	return h*60 + c.min + c.delta
}

// doubtful reports whether the other half of the day is plausible: 5点 to 11点, and HH:MM before 07:00.
func (c clock) doubtful() bool {
	return c.part == partNone && (c.early && c.hour > 0 || !c.colon && c.hour >= 5 && c.hour <= 11)
}

// clock reads a clock with or without a part of day: 下午3点半, 15:30, 差一刻八点, 3pm. It reports false for a part
// of day alone.
func (p *parser) clock(i int) (clock, int, bool) {
	var c clock
	j := i
	single := false
	if p.class(j) == cApprox {
		j++
	}
	switch p.class(j) {
	case cPart:
		c.part = part(p.val(j))
		j++
		if p.class(j) == cPart && c.part < partAM && p.val(j) < int32(partAM) { // 明天晚上半夜
			c.part = part(p.val(j))
			j++
		}
	case cShort:
		c.part, single = part(p.val(j)), true
		j++
	}
	if p.class(j) == cApprox || c.part != partNone && (p.class(j) == cDe || p.class(j) == cComma && p.class(j+2) == cColon) {
		j++
	}
	if p.class(j) == cLess { // 差5分8点
		m, k, ok := p.minuteWord(j + 1)
		if ok && p.class(k) == cNum && p.class(k+1) == cMark && p.hourOK(k) {
			c.hour = int(p.val(k))
			c.delta = -m
			return c, p.afterClock(k+2, &c), true
		}
		return c, i, false
	}
	if p.class(j) != cNum || p.toks[j].glued {
		return c, i, false
	}
	if !p.hourOK(j) {
		if v := p.val(j); p.class(j+1) == cMark && p.val(j+1) == 0 && v > 24 && v < 100 && !p.toks[j].pair() && p.class(j+2) != cOther && p.class(j+2) != cNum {
			c.impossible = true
			return c, j + 2, true
		}
		return c, i, false
	}
	if j > i && single && p.toks[j].sp && (!p.joined(i) || p.class(i-1) == cOther) {
		return c, i, false
	}
	c.hour = int(p.val(j))
	switch p.class(j + 1) {
	case cColon:
		return p.colonClock(i, j, c)
	case cMark:
		return p.markClock(i, j, c, single)
	case cPart:
		if v := part(p.val(j + 1)); v >= partAM && c.part == partNone && c.hour >= 1 && c.hour <= 12 {
			c.part = v
			return c, p.afterClock(j+2, &c), true
		}
	case cTo, cDash, cAnd:
		// 五到六点, 下午3-5点, 9到11:30
		k := j + 2
		if p.class(k) == cPart {
			k++
		}
		if p.class(k) == cNum && p.hourOK(k) && !p.toks[k].glued {
			if p.class(k+1) == cMark && p.markIsClock(k+1) || p.class(k+1) == cColon && p.class(k+2) == cNum && p.toks[k+2].digits == 2 && c.part != partNone {
				if p.class(j+1) != cAnd {
					return c, j + 1, true
				}
			}
			if p.class(k+1) == cPart && p.val(k+1) >= int32(partAM) && c.part == partNone { // 3-5pm
				c.part = part(p.val(k + 1))
				return c, j + 1, true
			}
		}
	}
	return c, i, false
}

func (p *parser) hourOK(i int) bool {
	t := p.toks[i]
	return t.val >= 0 && t.val <= 24 && t.digits <= 2 && !t.pair()
}

// colonClock reads HH:MM[:SS] and what may follow it; j is the token of the hour.
func (p *parser) colonClock(i, j int, c clock) (clock, int, bool) {
	if p.class(j+2) != cNum || p.toks[j].cn || p.toks[j+2].digits != 2 || p.val(j+2) > 59 || p.toks[j+1].sp && !p.toks[j+2].sp {
		return c, i, false
	}
	c.min, c.colon, c.padded = int(p.val(j+2)), true, p.toks[j].digits == 2 && p.val(j) < 10
	k := j + 3
	if p.class(k) == cColon && p.class(k+1) == cNum && p.toks[k+1].digits == 2 && p.val(k+1) < 60 {
		k += 2
		if p.class(k) == cDot && p.class(k+1) == cNum && !p.toks[k+1].sp { // fractions of a second
			k += 2
		}
	}
	if p.class(k) == cMark && p.val(k) == 1 || p.class(k) == cFen { // 11:00时, 11:30分
		k++
	}
	if p.class(k) == cPart && p.val(k) >= int32(partAM) && c.part == partNone && c.hour <= 12 {
		c.part = part(p.val(k))
		k++
	}
	if c.hour == 24 && c.min != 0 {
		return c, i, false
	}
	if c.part != partNone && c.hour < 12 {
		c.colon = false // 下午5:00
	} else if c.part != partNone && c.hour == 12 {
		c.colon = false
	}
	c.early = c.colon && c.part == partNone && c.hour < 7
	return c, p.afterClock(k, &c), true
}

// markIsClock rules out 一点 in the sense of "a little", and the points of an agenda: 三点建议, 讲两点.
func (p *parser) markIsClock(mark int) bool {
	n := p.toks[mark-1]
	if n.to != p.toks[mark].from && !p.toks[mark].sp {
		return false
	}
	if p.joined(mark + 1) {
		rest := p.text[p.toks[mark].to:]
		for _, s := range agendaWords {
			if strings.HasPrefix(rest, s) {
				return false
			}
		}
	}
	if n.cn && p.joined(mark-1) && p.class(mark-2) == cOther || p.class(mark-2) == cMod {
		switch p.lastRune(mark - 2) {
		case '提', '讲', '谈', '下', '有', '这', '那', '列', '述', '分', '强', '几':
			return false
		}
	}
	return true
}

// agendaWords follow the 点 that counts points.
var agendaWords = [...]string{"建议", "意见", "要求", "要点", "思考", "体会", "感受", "感想", "内容", "原因", "原则", "说明", "需求", "问题", "方面", "不足",
	"不同", "希望", "想法", "优势", "优点", "缺点", "小结", "共识", "疑问", "诉求", "困难", "经验", "启示", "收获", "措施", "变化", "提醒", "注意", "好处"}

// markClock reads H点…; j is the token of the hour.
func (p *parser) markClock(i, j int, c clock, single bool) (clock, int, bool) {
	mark := j + 1
	if p.val(mark) == 1 && p.toks[j].cn && p.val(j) == 1 && c.part == partNone { // 一时
		return c, i, false
	}
	if c.part == partNone && !p.markIsClock(mark) {
		return c, i, false
	}
	if c.part == partNone && p.toks[j].cn && p.joined(mark+1) && p.class(mark+1) == cNum && p.toks[mark+1].cn && p.toks[mark+1].digits == 1 && p.val(mark+1) > 0 &&
		p.class(mark+2) != cFen && p.class(mark+2) != cKe && p.class(mark+2) != cGe { // 三点五 is a decimal
		return c, i, false
	}
	k := mark + 1
	if p.class(k) == cHour && p.width(k) == len("钟") {
		k++
	}
	little := p.toks[j].cn && p.val(j) == 1 && p.val(mark) == 0 && p.toks[j].digits == 1 && k == mark+1
	switch p.class(k) {
	case cHalf:
		if p.class(k+1) == cGe || p.class(k+1) == cHour && p.width(k+1) > len("钟") { // 3点 半小时
			break
		}
		c.min, little = 30, false
		k++
	case cSharp:
		little = false
		k++
	case cPast: // 8点过5分
		if m, n, ok := p.minuteWord(k + 1); ok {
			c.delta = m
			k, little = n, false
		}
	case cLess: // 8点差5分
		if m, n, ok := p.minuteWord(k + 1); ok && p.class(n) != cNum {
			c.delta = -m
			k, little = n, false
		}
	case cNum:
		if m, n, ok := p.minutesAfterMark(k); ok {
			c.min, little = m, false
			k = n
		}
	}
	if little && (c.part == partNone && (i > 0 && !p.toks[i].sp && p.class(i-1) == cOther || p.peekRune(k) != 0 && p.class(k) == cOther) || single) {
		return c, i, false
	}
	if c.hour == 24 && c.min != 0 {
		return c, i, false
	}
	if p.class(k) == cPart && p.val(k) >= int32(partAM) && c.part == partNone && c.hour <= 12 { // 1点pm
		c.part = part(p.val(k))
		k++
	}
	return c, p.afterClock(k, &c), true
}

// minutesAfterMark reads the minutes behind 点: 15, 15分, 零五分, 一刻, 三刻.
func (p *parser) minutesAfterMark(k int) (int, int, bool) {
	t := p.toks[k]
	if t.glued || t.val > 59 {
		return 0, k, false
	}
	switch p.class(k + 1) {
	case cKe:
		if t.val >= 1 && t.val <= 3 {
			return int(t.val) * 15, k + 2, true
		}
		return 0, k, false
	case cFen:
		n := k + 2
		if p.class(n) == cSharp {
			n++
		}
		if p.class(n) == cNum && p.class(n+1) == cSecond {
			n += 2
		}
		return int(t.val), n, true
	case cMinute, cHour, cKeZhong, cGe, cYear, cMonth, cDay, cHao, cTian, cWeek, cMark, cColon, cWorkday, cTimes, cDot, cSlash:
		return 0, k, false
	}
	if t.digits < 2 && t.val < 10 || t.digits > 2 || p.measureAfter(k) {
		return 0, k, false
	}
	return int(t.val), k + 1, true
}

// minuteWord reads 5分, 五分钟, 一刻, 10 (after 差 or 过).
func (p *parser) minuteWord(i int) (int, int, bool) {
	if p.class(i) != cNum || p.val(i) > 59 {
		return 0, i, false
	}
	switch p.class(i + 1) {
	case cKe, cKeZhong:
		return int(p.val(i)) * 15, i + 2, p.val(i) <= 3
	case cFen, cMinute:
		return int(p.val(i)), i + 2, true
	case cNum, cMark:
		return 0, i, false
	}
	return int(p.val(i)), i + 1, p.val(i) >= 10
}

// afterClock skips what may trail a clock without changing it: 整, 左右, 许, 多, 钟.
func (p *parser) afterClock(k int, c *clock) int {
	for range 3 {
		switch p.class(k) {
		case cSharp, cApprox:
			k++
			continue
		case cOther:
			if r := p.peekRune(k); r == '多' && (p.width(k) == 3 || p.class(k+1) == cHour) {
				k++
				continue
			}
		case cHour:
			if p.width(k) == len("钟") && p.class(k-1) != cNum && p.text[p.toks[k].from] >= 0x80 {
				k++
				continue
			}
		}
		break
	}
	return k
}

// at puts minutes after midnight on a day.
func at(day time.Time, minutes int) time.Time {
	y, m, d := day.Date()
	return time.Date(y, m, d, 0, minutes, 0, 0, day.Location())
}
