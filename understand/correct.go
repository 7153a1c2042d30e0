package understand

import "strings"

// correction reads messages that put a pending draft right: 不对，是周五; 写错了，是40人; 不是5号楼，是6号楼.
func (s *scanner) correction(g *signs) (Reading, bool) {
	if g.kinds&kCorrect == 0 || g.words > 30 || g.issue || g.keys > 2 {
		return Reading{}, false
	}
	i := s.firstWord(0)
	for i < len(s.toks) && (s.toks[i].is(kPolite|kLead|kComma|kSpace|kBreak) || s.inMention(i)) && !s.toks[i].is(kCorrect) {
		i++
	}
	head := i
	for i < len(s.toks) && !s.toks[i].is(kCorrect) && i-head < 3 { // 时间不对, 地点写错了
		i++
	}
	if i >= len(s.toks) || !s.toks[i].is(kCorrect) || i > head && !s.toks[head].is(kLabel) && s.anyAt(s.toks[head].from, "刚才", "上面", "前面", "人") == 0 {
		return Reading{}, false
	}
	label := fNone
	if i > head && s.toks[head].is(kLabel) {
		label = s.toks[head].field
	}
	from := s.toks[i].to
	old := ""
	if s.norm[s.toks[i].from:s.toks[i].to] == "不是" { // 不是周五，是周六
		rest := s.norm[from:]
		at := -1
		for _, w := range [...]string{"，是", ",是", " 是", "而是", "应该是", ",应该", ",改", "是"} {
			if k := strings.Index(rest, w); k >= 0 && (at < 0 || k < at) {
				at = k
			}
		}
		if at < 0 {
			return Reading{}, false
		}
		x, z := s.trim(from, from+at)
		old = s.value(x, z)
		from += at
	}
	a := s.changes(from, len(s.norm))
	r := Reading{Intent: Correct, Confidence: 0.8}
	add := func(field, value string) {
		if value != "" {
			r.Corrections = append(r.Corrections, Correction{Field: field, Old: old, Value: value})
		}
	}
	if !a.When.Start.IsZero() || !a.When.Day.IsZero() || a.When.Refused != "" {
		add("start", s.sayWhen(&a.When))
	}
	if a.Capacity > 0 {
		add("capacity", itoa(int64(a.Capacity)))
	}
	if !a.Deadline.IsZero() {
		add("deadline", sayDay(a.Deadline, a.DeadlineClock))
	}
	add("title", a.Title)
	add("category", a.Category)
	add("phone", a.Phone)
	add("contact", a.Contact)
	n := &Need{}
	s.needAmount(from, len(s.norm), nFinance, n)
	if n.Amount > 0 {
		add("amount", formatMoney(n.Amount))
		r.Need = n
	}
	if a.Place == "" && len(r.Corrections) == 0 {
		s.looseValue(from, label, &a)
		add("title", a.Title)
	}
	add("place", a.Place)
	if len(r.Corrections) == 0 {
		return Reading{}, false
	}
	r.Activities = []Activity{a}
	return r, true
}

func (s *scanner) inMention(i int) bool {
	a := s.atomAt(s.toks[i].from)
	return a != nil && a.kind == aMention
}

// looseValue takes what follows 是 as a place or, behind 名称不对, as a title.
func (s *scanner) looseValue(from int, label field, a *Activity) {
	for i := s.tokenAt(from); i < len(s.toks); i++ {
		if s.toks[i].is(kComma|kSpace|kBreak|kColon) || s.anyAt(s.toks[i].from, "应该是", "应该在", "应为", "应是", "是", "在", "改成", "改为") > 0 {
			from = s.toks[i].to
			continue
		}
		break
	}
	f, t := s.tightPlace(from, len(s.norm))
	if f >= t || s.has(f, t, kComma|kBreak) {
		return
	}
	switch {
	case label == fTitle, label == fNone && s.titleScore(f, t) == 9 && s.placeScore(f, t) < 2:
		a.Title = s.value(f, t)
		s.span(f, t, "title", a.Title)
	case label == fPlace, s.placeScore(f, t) >= 2:
		a.Place = s.value(f, t)
		s.span(f, t, "place", a.Place)
	}
}
