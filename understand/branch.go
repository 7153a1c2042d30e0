package understand

// mostBranches bounds how many branches one activity lists.
const mostBranches = 20

// branches reads the co-hosts: 参加支部：A、B, 和A联办, 与A、B共同举办, 联合A开展.
func (s *scanner) branches(from, to int, a *Activity) {
	for i := s.tokenAt(from); i < len(s.toks) && s.toks[i].from < to; i++ {
		if !s.toks[i].is(kLabel) || s.toks[i].field != fBranches && s.toks[i].field != fHost {
			continue
		}
		f, at, ok := s.labelAt(i)
		if !ok || at >= to {
			continue
		}
		end := s.listEnd(at, to)
		if f == fHost {
			x, z := s.trim(at, end)
			if x < z && a.Host == "" {
				a.Host = s.value(x, z)
				s.span(x, z, "host", a.Host)
				s.insert(atom{from: x, to: z, kind: aBranch})
			}
			continue
		}
		s.branchList(at, end, a)
	}
	for i := s.tokenAt(from); i < len(s.toks) && s.toks[i].from < to && len(a.Branches) < mostBranches; i++ {
		t := &s.toks[i]
		if !t.is(kWith) || s.atomAt(t.from) != nil || s.midList(i, from) {
			continue
		}
		if x, z, ok := s.partners(i, to); ok {
			before := len(a.Branches)
			s.branchList(x, z, a)
			if len(a.Branches) > before {
				end := z
				if j := s.tokenAt(z); j < len(s.toks) && s.toks[j].from == z && s.toks[j].is(kJoint) && s.toks[j].to <= to {
					end = s.toks[j].to
				}
				s.insert(atom{from: t.from, to: end, kind: aBranch})
			}
		}
	}
	s.hosts(from, to, a)
}

// midList reports whether 和 at token i joins two names of which the first has already been read.
func (s *scanner) midList(i, from int) bool {
	return i > 0 && s.toks[i-1].from >= from && s.toks[i-1].is(kBranch) && s.anyAt(s.toks[i].from, "联合", "会同", "携手") == 0
}

// partners finds the names behind 和 at token i: up to 联办, or up to the end of the last branch.
func (s *scanner) partners(i, to int) (from, end int, ok bool) {
	from = s.toks[i].to
	last := 0
	for j, n := i+1, 0; j < len(s.toks) && s.toks[j].from < to && n < 40; j, n = j+1, n+1 {
		t := &s.toks[j]
		if t.is(kJoint) {
			return from, t.from, t.from > from
		}
		if t.is(kBranch) {
			last = t.to
			continue
		}
		if t.is(kBreak|kComma|kSpace|kColon) || t.is(kActivity|kHold|kAt) || s.atomAt(t.from) != nil {
			break
		}
	}
	return from, last, last > from
}

// hosts reads A和B联合开展…: the subjects before 联合 are branches when both are named as such.
func (s *scanner) hosts(from, to int, a *Activity) {
	if len(a.Branches) > 0 {
		return
	}
	for i := s.tokenAt(from); i < len(s.toks) && s.toks[i].from < to; i++ {
		if !s.toks[i].is(kJoint) {
			continue
		}
		start, end := i, i
		named := false
		for start > 0 && s.toks[start-1].from >= from && i-start < 40 {
			t := &s.toks[start-1]
			if t.is(kAt) && !named && end == i { // A和B在园区广场联合举办
				end = start - 1
			}
			if t.is(kBreak|kComma|kSpace|kColon|kHold) || s.atomAt(t.from) != nil {
				break
			}
			named = named || t.is(kBranch)
			start--
		}
		if named {
			s.branchList(s.toks[start].from, s.toks[end].from, a)
			if end < i {
				return
			}
			if len(a.Branches) > 0 {
				s.insert(atom{from: s.toks[start].from, to: s.toks[i].to, kind: aBranch})
			}
			return
		}
	}
}

// listEnd is where a labelled list of names ends.
func (s *scanner) listEnd(at, to int) int {
	p := piece{field: fBranches, colon: true}
	for i := s.tokenAt(at); i < len(s.toks) && s.toks[i].from < to; i++ {
		t := &s.toks[i]
		if t.from < at {
			continue
		}
		if t.is(kBreak) || t.is(kComma|kSpace) && !s.goesOn(&p, i) {
			return t.from
		}
		if a := s.atomAt(t.from); a != nil && a.kind != aPeople && a.kind != aMoney {
			return a.from
		}
		if _, _, ok := s.labelAt(i); ok {
			return t.from
		}
	}
	return to
}

// branchList adds the names between separators.
func (s *scanner) branchList(from, to int, a *Activity) {
	start := from
	add := func(end int) {
		x, z := s.trim(start, end)
		for again := true; again && x < z; {
			again = false
			i := s.tokenAt(x)
			if s.toks[i].from == x && (s.toks[i].is(kWith|kLead) || s.anyAt(x, "由") > 0) && s.toks[i].to < z {
				x, again = s.toks[i].to, true
			}
			if j := s.lastToken(x, z); j >= 0 && s.toks[j].from > x && (s.toks[j].is(kTail|kJoint) || s.anyAt(s.toks[j].from, "等", "一起", "共同", "参加") > 0) {
				z, again = s.toks[j].from, true
			}
		}
		for i := s.tokenAt(x); i < len(s.toks) && s.toks[i].from < z; i++ { // 丰源材料两家支部
			if s.anyAt(s.toks[i].from, "两家", "三家", "四家", "几家", "多家", "两个", "三个", "等") > 0 && s.toks[i].from > x {
				z = s.toks[i].from
			}
		}
		n := runes(s.norm[x:z])
		if x >= z || n < 2 || n > 24 || len(a.Branches) >= mostBranches || s.has(x, z, kWe|kAsk|kNot) || s.anyAt(x, "各支部", "全体", "本支部", "所有", "党员", "群众", "职工", "待定", "大家") > 0 {
			return
		}
		a.Branches = append(a.Branches, s.value(x, z))
		s.span(x, z, "branches", s.value(x, z))
		s.insert(atom{from: x, to: z, kind: aBranch})
	}
	for i := s.tokenAt(from); i < len(s.toks) && s.toks[i].from < to; i++ {
		t := &s.toks[i]
		if t.from < start {
			continue
		}
		if t.is(kList|kComma|kBreak|kSpace) || t.is(kWith) && t.from > start && s.separates(i, to) {
			add(t.from)
			start = t.to
		}
	}
	add(to)
}

// separates reports whether 和 or 与 at token i separates two names.
func (s *scanner) separates(i, to int) bool {
	return s.toks[i].to < to && s.toks[i-1].kind != 0 || s.toks[i].to < to && s.anyAt(s.toks[i].from, "和", "及", "以及", "与", "跟") > 0
}
