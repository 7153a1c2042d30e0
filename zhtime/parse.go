package zhtime

import (
	"slices"
	"time"
)

// maxText bounds what is read: offsets of tokens are 32 bits wide.
const maxText = 1 << 30

// Parse finds the time expressions of text, in order, without overlaps. now is the moment of speaking and
// carries the zone (Asia/Shanghai in Lianbang). cal may be nil: then the embedded calendar is used.
// Parse is pure, never panics and is linear in the length of text.
func Parse(text string, now time.Time, cal *Calendar) []Match {
	if len(text) > maxText {
		text = text[:maxText]
	}
	var room [2 * chunk]token
	p := parser{text: text, now: now, today: midnight(now), cal: cal.orEmbedded()}
	var out []Match
	index, toks := lexicon(), room[:0]
	for at := 0; at < len(text); {
		p.toks, at = tokenise(index, text, at, toks[:0])
		toks = p.toks
		out = p.matches(out)
	}
	return out
}

// matches appends the expressions of the tokens at hand.
func (p *parser) matches(out []Match) []Match {
	var list *point
	for i := 0; i < len(p.toks); {
		if c := p.toks[i].class; c == cOther || c == cBreak {
			list = nil
			i++
			continue
		}
		p.estimated = false
		m, pt, j, ok := p.expression(i, list)
		m.Estimated = p.estimated
		list = nil
		if !ok || j <= i {
			i++
			continue
		}
		m.From, m.To = int(p.toks[i].from), int(p.toks[j-1].to)
		if len(out) == cap(out) && len(out) > 64 {
			out = slices.Grow(out, 3*len(out)) // append would copy a long list ten times over
		}
		out = append(out, m)
		if (p.class(j) == cList || p.class(j) == cAnd) && pt != nil && pt.refused == "" {
			list = pt
			j++
		}
		i = j
	}
	return out
}

// expression reads one whole expression at token i. list is the point before a 、 or 或 that i follows. It returns the
// point that a list can go on from, if any.
func (p *parser) expression(i int, list *point) (Match, *point, int, bool) {
	switch p.class(i) {
	case cEvery, cUnique, cEachOther:
		m, j, ok := p.recurrence(i)
		return m, nil, j, ok
	case cBy, cByFirst:
		return p.byExpression(i)
	case cFrom:
		if m, pt, j, ok := p.span(i+1, nil); ok {
			return m, pt, j, ok
		}
		return Match{}, nil, i, false
	case cTo:
		if pt, j, ok := p.point(i+1, nil); ok && p.val(i) > 0 && !pt.open {
			pt.include()
			switch {
			case p.class(j) == cUntil:
				return p.deadline(&pt), nil, j + 1, true
			case p.val(i) == 2:
				return p.deadline(&pt), nil, j, true
			}
		}
		return Match{}, nil, i, false
	case cOffWork:
		if p.class(i+1) == cBefore {
			return Match{Kind: Deadline, Reading: Reading{End: p.today, Grain: GrainDay}}, nil, i + 2, true
		}
		return Match{}, nil, i, false
	case cNext:
		return p.coming(i)
	case cWeek, cMonth, cQuarter, cYear:
		return p.withinUnit(i)
	case cYearAhead:
		return p.yearAhead(i)
	case cDi: // 第三天, 第二期: counts, not dates
		if _, _, ok := p.date(i, nil); !ok {
			return Match{}, nil, i, false
		}
	case cNum, cHalf:
		if m, j, ok := p.amount(i); ok {
			return m, nil, j, true
		}
	case cWorkday:
		if m, j, ok := p.recurrence(i); ok {
			return m, nil, j, true
		}
	}
	if p.class(i) == cTian || p.class(i-1) == cDi && p.joined(i) {
		return Match{}, nil, i, false
	}
	return p.span(i, list)
}

// amount reads an amount with 内 or 前 behind it: 三天内, 5个工作日内, 三天前. A bare amount is left to span.
func (p *parser) amount(i int) (Match, int, bool) {
	l, j, ok := p.length(i)
	if !ok || p.class(i-1) == cDi && p.joined(i) {
		return Match{}, i, false
	}
	switch p.class(j) {
	case cWithin:
		j++
		return p.withinAmount(l), p.afterDeadline(j), true
	case cBefore:
		if p.class(j-1) == cDay {
			return Match{}, i, false
		}
		t := p.after(l.negative(), p.now)
		if l.byClock() {
			return Match{Kind: DateTime, Reading: Reading{Start: t, Grain: GrainMinute}, Refused: RefusedPast}, j + 1, true
		}
		return Match{Kind: Date, Reading: Reading{Start: midnight(t), Grain: GrainDay}, Refused: RefusedPast}, j + 1, true
	}
	return Match{}, i, false
}

func (p *parser) withinAmount(l length) Match {
	m := Match{Kind: Deadline, Length: l.approx()}
	if l.byClock() {
		m.End, m.Grain = p.after(l, p.now).Truncate(time.Minute), GrainMinute
	} else {
		m.End, m.Grain = p.after(l, p.today), GrainDay
	}
	return m
}

func (p *parser) afterDeadline(j int) int {
	for range 2 {
		if c := p.class(j); c == cBy && p.width(j) == len("截止") || c == cUntil {
			j++
		}
	}
	return j
}

// byExpression reads 截止到12月4日, 最晚周五下午5点.
func (p *parser) byExpression(i int) (Match, *point, int, bool) {
	j := i + 1
	for range 3 {
		switch p.class(j) {
		case cColon, cTo, cComma, cBy, cByFirst, cDe:
			j++
		case cOther:
			switch p.text[p.toks[j].from:p.toks[j].to] {
			case "为", "是", "在", "于", "時間", "日期", "时间":
				j++
			}
		}
	}
	if p.class(j) == cNum {
		if m, k, ok := p.amount(j); ok && m.Kind == Deadline {
			return m, nil, k, true
		}
	}
	pt, k, ok := p.point(j, nil)
	if !ok || pt.open {
		return Match{}, nil, i, false
	}
	if p.class(k) == cBefore {
		k++
	} else {
		pt.include()
		if p.class(k) == cWithin {
			k++
		}
	}
	return p.deadline(&pt), nil, p.afterDeadline(k), true
}

// coming reads 未来三天, 接下来两周内.
func (p *parser) coming(i int) (Match, *point, int, bool) {
	l, j, ok := p.length(i + 1)
	if !ok {
		return Match{}, nil, i, false
	}
	if p.class(j) == cWithin {
		return p.withinAmount(l), nil, j + 1, true
	}
	if l.byClock() {
		end := p.after(l, p.now)
		return Match{Kind: Range, Reading: Reading{Start: p.now, End: end, Grain: GrainMinute}, Length: l.approx()}, nil, j, true
	}
	return Match{Kind: Range, Reading: Reading{Start: p.today.AddDate(0, 0, 1), End: p.after(l, p.today), Grain: GrainDay}, Length: l.approx(),
		Refused: RefusedAmbiguous}, nil, j, true
}

// withinUnit reads 周内, 月内, 年内 and 季度内: the rest of the running one.
func (p *parser) withinUnit(i int) (Match, *point, int, bool) {
	if p.class(i+1) != cWithin || p.joined(i) && (p.class(i-1) == cNum || p.class(i-1) == cGe || p.class(i-1) == cHalf) {
		return Match{}, nil, i, false
	}
	end := p.today
	y, m := end.Year(), int(end.Month())
	switch p.class(i) {
	case cWeek:
		end = p.monday(1).AddDate(0, 0, -1)
	case cMonth:
		end = p.ymd(y, m+1, 0)
	case cQuarter:
		end = p.ymd(y, (m+2)/3*3+1, 0)
	case cYear:
		end = p.ymd(y, 12, 31)
	}
	return Match{Kind: Deadline, Reading: Reading{End: end, Grain: GrainDay}}, nil, i + 2, true
}

// yearAhead reads 年前 in the sense of before the Spring Festival.
func (p *parser) yearAhead(i int) (Match, *point, int, bool) {
	if p.joined(i) {
		switch p.class(i - 1) {
		case cNum, cMod, cHalf, cToday, cTimes:
			return Match{}, nil, i, false
		case cOther:
			return Match{}, nil, i, false
		}
	}
	t, ok := festivals[1].next(p.today.AddDate(0, 0, 1))
	if !ok {
		return Match{}, nil, i, false
	}
	return Match{Kind: Deadline, Reading: Reading{End: t.AddDate(0, 0, -1), Grain: GrainDay}}, nil, i + 1, true
}
