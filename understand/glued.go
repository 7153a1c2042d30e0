package understand

// splitPlace finds where the title begins in 光子重点实验室联合主题党日.
func (s *scanner) splitPlace(from, to int) (int, bool) { return s.splitAfter(from, to, 3) }

// splitAfter is splitPlace for places of at least so many characters.
func (s *scanner) splitAfter(from, to, least int) (int, bool) {
	for i := s.lastToken(from, to) - 1; i >= 0 && s.toks[i].from >= from; i-- {
		t := &s.toks[i]
		if !t.is(kPlace|kInPlace) && !(t.is(kDigits) && s.hasPlace(from, t.from)) || t.to >= to {
			continue
		}
		if s.toks[i+1].is(kBranch|kPlace|kInPlace|kPerson|kCompany) || s.toks[i+1].is(kDigits) {
			return 0, false
		}
		rest, _ := s.tightTitle(t.to, to)
		n := runes(s.norm[from:t.to])
		if rest < to && s.titleScore(rest, to) == 9 && runes(s.norm[rest:to]) >= 3 && n >= least && (least < 3 || n >= 4 || t.to-t.from >= 9 || s.has(from, t.to, kDigits)) {
			return rest, true
		}
		return 0, false
	}
	return 0, false
}

// splitTitle finds where the place begins in 联合主题党日光子重点实验室.
func (s *scanner) splitTitle(from, to int) (int, bool) {
	for i := s.tokenAt(from); i < len(s.toks) && s.toks[i].to < to; i++ {
		t := &s.toks[i]
		if !t.is(kActivity) || t.to-t.from < 6 || i+1 < len(s.toks) && s.toks[i+1].is(kActivity) {
			continue
		}
		if n := runes(s.norm[t.to:to]); n >= 4 && s.placeScore(t.to, to) >= 2 && !s.toks[i+1].is(kPlace) {
			return t.to, true
		}
	}
	return 0, false
}
