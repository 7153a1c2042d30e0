package understand

import (
	"time"

	"lianbang/zhtime"
)

// changes reads the new values of an activity from [from, to): 名额 40, 时间改到周六上午9点, 换到5号楼, 推迟一周.
func (s *scanner) changes(from, to int) Activity {
	s.changing = true
	s.dropOld(from, to)
	a := s.activity(from, to, time.Time{})
	s.changing = false
	y := &s.tally
	if !y.titleSet {
		a.Title, a.Suggested = "", ""
		s.dropSpan("title")
	}
	if !y.placeSet && a.Place != "" && y.place.score < 4 && !s.movedTo(y.place.from) {
		a.Place = ""
		s.dropSpan("place")
	}
	if a.When.Start.IsZero() && a.When.Day.IsZero() && a.When.Refused == "" {
		a.Shift = s.shift(from, to)
	}
	return a
}

// dropOld cuts what stands between 由 and the word of change: 名额由20人调整为30人.
func (s *scanner) dropOld(from, to int) {
	for i := s.tokenAt(from); i < len(s.toks) && s.toks[i].from < to; i++ {
		if s.anyAt(s.toks[i].from, "由", "从") == 0 || s.toks[i].to-s.toks[i].from > 3 {
			continue
		}
		for j := i + 1; j < len(s.toks) && j < i+16 && !s.toks[j].is(kBreak|kComma); j++ {
			if !s.toks[j].is(kChange) {
				continue
			}
			for k := range s.atoms {
				if a := &s.atoms[k]; a.from >= s.toks[i].to && a.to <= s.toks[j].from {
					a.kind = aCut
				}
			}
			i = j
			break
		}
	}
}

func (s *scanner) dropSpan(field string) {
	kept := s.spans[:0]
	for _, sp := range s.spans {
		if sp.Field != field {
			kept = append(kept, sp)
		}
	}
	s.spans = kept
}

// movedTo reports whether a word of change stands directly before offset at: 改到创客空间.
func (s *scanner) movedTo(at int) bool {
	i := s.tokenAt(at) - 1
	for n := 0; n < 3 && i >= 0; n++ {
		if s.toks[i].is(kChange) {
			return true
		}
		if !s.toks[i].is(kSpace | kAt | kColon | kLead) {
			return false
		}
		i--
	}
	return false
}

// shift reads how far the start moves: 推迟一周, 提前半小时, 延后两天.
func (s *scanner) shift(from, to int) time.Duration {
	for i := range s.atoms {
		t := &s.atoms[i]
		if t.kind != aTime || t.from < from || t.to > to {
			continue
		}
		m := &s.times[t.at]
		if m.Kind != zhtime.Duration || m.Length == 0 {
			continue
		}
		for j, n := s.tokenAt(t.from), 0; j >= 0 && n < 5; j, n = j-1, n+1 {
			if !s.toks[j].is(kChange) {
				continue
			}
			s.span(t.from, t.to, "start", s.value(t.from, t.to))
			if s.anyAt(s.toks[j].from, "提前", "提早", "往前", "早一") > 0 {
				return -m.Length
			}
			return m.Length
		}
	}
	return 0
}

// target reads which activity is meant from [from, to): a code, a title, a day.
func (s *scanner) target(from, to int) Target {
	t, a := s.codeIn(from, to)
	if a != nil {
		s.span(a.from, a.to, "target", t.Letter+itoa(t.Number))
		a.kind = aCut
	}
	for i := range s.atoms {
		b := &s.atoms[i]
		if b.kind != aTime || b.from < from || b.to > to {
			continue
		}
		m := &s.times[b.at]
		if m.Kind == zhtime.Duration || coarse(m) && s.inTitle(b, m) {
			continue
		}
		if m.Grain == zhtime.GrainMinute && s.dayless(m) {
			b.n = int64(roleOther)
			continue
		}
		day := m.Start
		if day.IsZero() {
			day = m.End
		}
		if (m.Refused == zhtime.RefusedAmbiguous || coarse(m)) || day.IsZero() {
			b.n = int64(roleOther)
			continue
		}
		b.n = int64(roleOther)
		if t.Day.IsZero() {
			y, mo, d := day.Date()
			t.Day = time.Date(y, mo, d, 0, 0, 0, 0, day.Location())
			s.span(b.from, b.to, "target", zhtime.FormatDate(t.Day, s.now, nil))
		}
	}
	s.cut(from, to)
	s.tally = tally{}
	for i := range s.pieces {
		switch p := &s.pieces[i]; p.field {
		case fTitle:
			s.labelledTitle(i)
		case fNone, fTime, fPlace:
			s.free(p.from, p.to)
		}
	}
	g := s.tally.title
	if g.from >= g.to && s.tally.unknowns > 0 {
		g = s.tally.unknown[0]
	}
	if g.from >= g.to {
		g = s.tally.place
	}
	s.aim = g
	if g.from < g.to && !s.generic(g.from, g.to) {
		t.Title = s.value(g.from, g.to)
		s.span(g.from, g.to, "target", t.Title)
		if t.Letter == "" {
			t.Letter = "H"
		}
	}
	return t
}

// changePoint is where the new values begin: at the first word of change, or at the label before it (人数改成50).
// A word of change at the head of the message only names the wish (修改活动：…); the values then begin later.
func (s *scanner) changePoint(from, to int) (target, values int) {
	head := from
	for i := s.tokenAt(from); i < len(s.toks) && s.toks[i].from < to; i++ {
		t := &s.toks[i]
		if t.from < head {
			continue
		}
		if f, v, ok := s.labelAt(i); ok && v <= to {
			if s.toks[s.tokenAt(t.to)].is(kChange) || f != fBody && f != fIgnored && f != fTitle && f != fNeedKind && (head > from || s.changeBehind(t.to, to)) {
				return head, t.from
			}
			continue
		}
		if !t.is(kChange) || s.plainWordChange(i) {
			continue
		}
		if a, _ := s.skipLeads(from, to); a >= t.from && head == from && !s.valueBehind(i, to) {
			head = t.to
			if n := s.anyAt(head, "通知", "活动", "："); n > 0 {
				head += n
			}
			continue
		}
		return head, t.from
	}
	if head > from { // 麻烦改一下联合献血的时间，12月15日8:00
		for i := range s.atoms {
			a := &s.atoms[i]
			if j := s.tokenAt(a.from); a.kind == aTime && a.from > head && a.to <= to && j > 0 && s.toks[j-1].is(kComma|kBreak|kColon|kSpace) {
				return head, a.from
			}
		}
	}
	return head, to
}

// changeBehind reports whether a word of change stands soon behind at.
func (s *scanner) changeBehind(at, to int) bool {
	for i, n := s.tokenAt(at), 0; i < len(s.toks) && s.toks[i].from < to && n < 6; i, n = i+1, n+1 {
		if s.toks[i].is(kBreak | kComma) {
			return false
		}
		if s.toks[i].is(kChange) {
			return true
		}
	}
	return false
}

// plainWordChange rules out 改 and 调 inside words that the vocabulary does not have.
func (s *scanner) plainWordChange(i int) bool {
	t := &s.toks[i]
	if t.to-t.from > 3 {
		return false
	}
	a := s.atomAt(t.to)
	return a == nil && i+1 < len(s.toks) && !s.toks[i+1].is(kSpace|kLabel|kPlace|kDigits|kLatin|kOnline|kAt|kLead) && s.toks[i+1].kind == 0 && !s.has(t.to, min(len(s.norm), t.to+24), kPlace|kOnline)
}

// valueBehind reports whether a new value follows the word of change at token i in its clause.
func (s *scanner) valueBehind(i, to int) bool {
	at := s.skipSpace(s.toks[i].to)
	if a := s.atomAt(at); a != nil && a.kind == aTime {
		j := s.tokenAt(a.to)
		return j >= len(s.toks) || s.toks[j].from >= to || s.anyAt(a.to, "的", "那", "这") == 0
	}
	return false
}

// Changes reads the new values from the rest of a typed change (what follows 改 H27): 名额 40, 时间 周六上午9点, 地点 5号楼.
func Changes(text string, now time.Time, g *Gazetteer) Reading {
	s := scan(text, now, g)
	defer s.release()
	signs := s.look()
	if r, ok := s.settles(&signs); ok {
		r.Confidence = 1
		return s.finish(r)
	}
	s.restore()
	r := Reading{Intent: ActivityReschedule, Confidence: 1}
	from := 0
	if t, a := s.codeIn(0, len(s.norm)); a != nil && s.firstWord(0) < len(s.toks) && a.from <= s.toks[s.firstWord(0)].from {
		r.Target = t
		s.span(a.from, a.to, "target", t.Letter+itoa(t.Number))
		from = a.to
	}
	r.Activities = []Activity{s.changes(from, len(s.norm))}
	return s.finish(r)
}
