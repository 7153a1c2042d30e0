package understand

import (
	"slices"
	"time"
)

// piece is a stretch of text between separators: the value of a label, or words of their own.
type piece struct {
	from, to int
	field    field
	key      int  // where its label begins
	sep      kind // what stood before it
	colon    bool // the label had a colon
}

// cut divides [from, to) into pieces at separators, labels and atoms that were read.
func (s *scanner) cut(from, to int) {
	s.pieces = s.pieces[:0]
	cur := piece{from: from, key: from, sep: kBreak}
	flush := func(end int) {
		cur.to = min(end, to)
		if cur.to > cur.from {
			s.pieces = append(s.pieces, cur)
		}
	}
	for i := s.tokenAt(from); i < len(s.toks) && s.toks[i].from < to; {
		t := &s.toks[i]
		if a := s.atomAt(t.from); a != nil && s.cuts(a, &cur) {
			flush(a.from)
			cur = piece{from: a.to, key: a.to}
			i = max(i+1, s.tokenAt(a.to))
			continue
		}
		if f, value, ok := s.labelAt(i); ok && value <= to {
			flush(t.from)
			cur = piece{from: value, key: t.from, field: f, colon: s.colonBefore(value)}
			i = max(i+1, s.tokenAt(value))
			continue
		}
		switch {
		case s.changing && t.is(kChange) && !s.plainWordChange(i):
			flush(t.from)
			cur = piece{from: t.to, key: t.to, sep: kComma}
		case t.is(kQuote) && s.anyAt(t.from, "“", "《", "「", "『") > 0:
			if end := s.closing(i, to); end > 0 {
				i = end
				continue
			}
		case t.is(kBreak):
			flush(t.from)
			cur = piece{from: t.to, key: t.to, sep: kBreak}
		case t.is(kComma) && !s.goesOn(&cur, i):
			flush(t.from)
			cur = piece{from: t.to, key: t.to, sep: kComma}
		case t.is(kSpace) && !s.innerSpace(i) && !s.goesOn(&cur, i):
			flush(t.from)
			cur = piece{from: t.to, key: t.to, sep: kSpace}
		}
		i++
	}
	flush(to)
}

// cuts reports whether an atom ends a piece: it does when a field was read from it.
func (s *scanner) cuts(a *atom, cur *piece) bool {
	switch a.kind {
	case aTime:
		return timeRole(a.n) != roleNone
	case aPeople:
		return !a.per && cur.field != fTitle && cur.field != fBody && !s.insideName(a)
	case aMoney, aCode:
		return false
	case aLian:
		return cur.field != fTitle || !cur.colon
	}
	return true
}

// insideName reports whether a count belongs to a name: 三人篮球赛, 百人宣讲团.
func (s *scanner) insideName(a *atom) bool {
	i := s.tokenAt(a.to)
	return i < len(s.toks) && s.toks[i].from == a.to && s.toks[i].is(kActivity) && s.toks[i].to-s.toks[i].from > 3 && !s.toks[s.tokenAt(a.from)].is(kDigits)
}

func (s *scanner) colonBefore(at int) bool {
	i := s.tokenAt(at) - 1
	for i >= 0 && s.toks[i].is(kSpace) {
		i--
	}
	return i >= 0 && s.tokenColon(i)
}

// closing is the token behind the quote that closes the one at token i.
func (s *scanner) closing(i, to int) int {
	for j := i + 1; j < len(s.toks) && s.toks[j].to <= to && j < i+60; j++ {
		if s.norm[s.toks[j].from] == '\n' {
			return 0
		}
		if s.toks[j].is(kQuote) && s.pairs(&s.toks[i], &s.toks[j]) {
			return j + 1
		}
	}
	return 0
}

// innerSpace reports whether white space lies inside a name: AI for Science, 5 号楼.
func (s *scanner) innerSpace(i int) bool {
	if i == 0 || i+1 >= len(s.toks) {
		return false
	}
	a, b := &s.toks[i-1], &s.toks[i+1]
	if a.is(kLatin) && b.is(kLatin|kDigits|kActivity) {
		return true
	}
	return a.is(kDigits) && s.anyAt(b.from, "号", "楼", "栋", "室", "层", "座", "会议室", "幢") > 0 && s.atomAt(a.from) == nil
}

// goesOn reports whether a piece reaches beyond the separator at token i: lists of branches, texts of remarks.
func (s *scanner) goesOn(cur *piece, i int) bool {
	switch cur.field {
	case fIgnored, fBody, fNeedText:
		return cur.colon
	case fBranches, fHost:
		j := i + 1
		for n := 0; j < len(s.toks) && n < 24; j, n = j+1, n+1 {
			t := &s.toks[j]
			if t.is(kBranch) {
				return true
			}
			if t.is(kBreak|kComma|kSpace|kList|kHold|kVisit|kActivity) || s.atomAt(t.from) != nil {
				return false
			}
			if _, _, ok := s.labelAt(j); ok {
				return false
			}
		}
	}
	return false
}

// activity reads one activity from [from, to). day is a day said earlier, for clocks without one.
func (s *scanner) activity(from, to int, day time.Time) Activity {
	var a Activity
	s.when(from, to, day, &a)
	s.lian(from, to, &a)
	s.branches(from, to, &a)
	s.capacity(from, to, &a)
	s.contact(from, to, &a.Contact, &a.Phone)
	s.cut(from, to)
	s.extra(from, to, &a)
	s.titleAndPlace(&a)
	return a
}

func (s *scanner) lian(from, to int, a *Activity) {
	for i := range s.atoms {
		if t := &s.atoms[i]; t.kind == aLian && t.from >= from && t.to <= to && a.Category == "" {
			a.Category = lianNames[t.at]
			s.span(t.from, t.to, "category", a.Category)
		}
	}
}

// capacity reads how many people an activity holds.
func (s *scanner) capacity(from, to int, a *Activity) {
	set := func(lo, n int64, f, t int) {
		a.Capacity, a.CapacityMin = int(n), int(lo)
		s.span(f, t, "capacity", itoa(n))
	}
	for i := range s.atoms {
		t := &s.atoms[i]
		if t.kind == aPeople && !t.per && t.from >= from && t.to <= to && !s.insideName(t) {
			if label, _ := s.labelBefore(t.from); label == fIgnored || label == fNeedText {
				continue
			}
			if a.Capacity == 0 || s.hasAt(t.from-len("限"), "限") {
				set(t.lo, t.n, t.from, t.to)
			}
		}
	}
	if a.Capacity != 0 {
		return
	}
	for i := s.tokenAt(from); i < len(s.toks) && s.toks[i].from < to; i++ {
		if !s.toks[i].is(kLabel) || s.toks[i].field != fCapacity && s.toks[i].field != fHeadcount {
			continue
		}
		if _, at, ok := s.labelAt(i); ok && at < to {
			if n := s.anyAt(at, "不超过", "控制在", "最多", "大概", "大约", "预计", "限", "约"); n > 0 {
				at = s.skipSpace(at + n)
			}
			if v, end, ok := s.number(at); ok && v >= one && v%one == 0 && end <= to {
				lo := int64(0)
				if next := s.rangeMark(end); next > end {
					if hi, e, ok := s.number(next); ok && hi > v && e <= to {
						lo, v, end = v/one, hi, e
					}
				}
				s.insert(atom{from: at, to: end, kind: aPeople, n: v / one})
				set(lo, v/one, at, end)
				return
			}
		}
	}
	for i := s.tokenAt(from); i < len(s.toks) && s.toks[i].from < to; i++ { // 限30, 最多40
		if n := s.anyAt(s.toks[i].from, "限额", "限", "最多", "不超过", "上限"); n > 0 {
			at := s.skipSpace(s.toks[i].from + n)
			if v, end, ok := s.number(at); ok && v >= one && v%one == 0 && end <= to && s.atomAt(at) == nil && s.unitless(end) {
				s.insert(atom{from: s.toks[i].from, to: end, kind: aPeople, n: v / one})
				set(0, v/one, at, end)
				return
			}
		}
	}
}

// unitless reports whether nothing that gives a number another meaning stands at offset at.
func (s *scanner) unitless(at int) bool {
	if at >= len(s.norm) {
		return true
	}
	t := &s.toks[s.tokenAt(at)]
	return t.is(kBreak | kComma | kSpace | kQuote)
}

// contact reads whom to ask and the telephone number.
func (s *scanner) contact(from, to int, name, phone *string) {
	for i := range s.atoms {
		t := &s.atoms[i]
		if t.kind != aPhone || t.from < from || t.to > to || *phone != "" {
			continue
		}
		*phone = s.phoneValue(t)
		s.span(t.from, t.to, "phone", maskPhone(*phone))
		prev := from
		if i > 0 {
			prev = max(from, s.atoms[i-1].to)
		}
		if f, e, ok := s.nameBefore(prev, t.from); ok {
			*name = s.value(f, e)
			s.insert(atom{from: f, to: e, kind: aContact})
			s.span(f, e, "contact", *name)
		} else if e, ok := s.nameBehind(t.to); ok { // 13800001111(王总)
			f := s.skipQuote(t.to)
			*name = s.value(f, e)
			s.insert(atom{from: f, to: e, kind: aContact})
			s.span(f, e, "contact", *name)
		}
		break
	}
	if *name != "" {
		return
	}
	for i := s.tokenAt(from); i < len(s.toks) && s.toks[i].from < to; i++ {
		if s.toks[i].is(kLabel) && s.toks[i].field == fContact {
			if f, at, ok := s.labelAt(i); ok && f == fContact {
				end, ok := s.nameAt(at, to)
				if next := s.skipSpace(end); !ok && next > end { // 联系人: 电力党支部 小许
					if e, good := s.nameAt(next, to); good {
						at, end = next, e
					}
				}
				if end > at && runes(s.norm[at:end]) <= 6 {
					*name = s.value(at, end)
					s.insert(atom{from: at, to: end, kind: aContact})
					s.span(at, end, "contact", *name)
					return
				}
			}
		}
		if at := s.toks[i].to; s.norm[s.toks[i].from:at] == "找" {
			if end, ok := s.nameAt(at, to); ok && s.toks[s.tokenAt(end-1)].is(kPerson) {
				*name = s.value(at, end)
				s.insert(atom{from: s.toks[i].from, to: end, kind: aContact})
				s.span(at, end, "contact", *name)
				return
			}
		}
		if s.norm[s.toks[i].from:s.toks[i].to] == "联系" || s.hasAt(s.toks[i].from, "报名找") || s.hasAt(s.toks[i].from, "请找") || s.hasAt(s.toks[i].from, "对接") {
			at := s.skipSpace(s.toks[i].to)
			if s.hasAt(s.toks[i].from, "报名找") {
				at = s.skipSpace(s.toks[i].from + len("报名找"))
			}
			if end, ok := s.nameAt(at, to); ok && (s.toks[s.tokenAt(end-1)].is(kPerson) || s.unitless(end)) {
				*name = s.value(at, end)
				s.insert(atom{from: at, to: end, kind: aContact})
				s.span(at, end, "contact", *name)
				return
			}
		}
	}
}

func (s *scanner) skipQuote(at int) int {
	for at < len(s.norm) && (s.norm[at] == '(' || s.norm[at] == ' ' || s.norm[at] == ',') {
		at++
	}
	return at
}

func (s *scanner) nameBehind(at int) (int, bool) {
	from := s.skipQuote(at)
	if from >= len(s.norm) {
		return 0, false
	}
	end, ok := s.nameAt(from, len(s.norm))
	if !ok || end >= len(s.norm) {
		return end, ok && end-from <= 12
	}
	return end, s.norm[end] == ')' && from > at || s.toks[s.tokenAt(end)].is(kBreak|kComma|kSpace) && s.toks[s.tokenAt(end-1)].is(kPerson)
}

// missing lists what an activity lacks.
func (a *Activity) missing() []string {
	var m []string
	if a.Title == "" {
		m = append(m, "title")
	}
	if a.When.Start.IsZero() || a.When.Refused != "" {
		if a.When.Day.IsZero() || a.When.Refused != "" {
			m = append(m, "start")
		} else {
			m = append(m, "start_time")
		}
	}
	if a.Place == "" {
		m = append(m, "place")
	}
	return slices.Clip(m)
}
