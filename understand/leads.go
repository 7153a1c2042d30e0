package understand

import "unicode/utf8"

// skipLeads moves from over words without meaning at the head of a piece; issued says whether one of them asked the bot to
// register something.
func (s *scanner) skipLeads(from, to int) (at int, issued bool) {
	at = s.skipNumbering(from, to)
	for i := s.tokenAt(at); i < len(s.toks) && s.toks[i].from < to; i++ {
		t := &s.toks[i]
		if a := s.atomAt(t.from); a != nil && a.kind != aMention && t.from >= at {
			break
		}
		switch {
		case t.from < at:
			continue
		case t.is(kIssue):
			issued = true
		case t.is(kThing) && issued && (t.to >= to || s.toks[i+1].is(kSpace|kColon|kQuote|kBreak|kComma|kList|kMeasure) || s.norm[t.from:t.to] == "活动" && s.anyAt(t.to, "日", "周", "室", "中心") == 0):
		case t.is(kThing) && t.to >= to:
		case t.is(kLead|kPolite|kWe|kFirst|kSpace|kColon|kComma|kMeasure|kIssue) && !(t.is(kMeasure) && at == from && !issued && t.to-t.from == 3 && at > 0 && !s.toks[i].is(kLead)):
		case t.kind == kBreak || s.edge(t) && !t.is(kQuote):
		default:
			return t.from, issued
		}
		at = t.to
	}
	return min(at, to), issued
}

// skipNumbering moves from behind 1、, (2), 一、 and ③.
func (s *scanner) skipNumbering(from, to int) int {
	i := s.tokenAt(from)
	if i >= len(s.toks) || s.toks[i].from != from {
		return from
	}
	r, size := utf8.DecodeRuneInString(s.norm[from:])
	if r >= '①' && r <= '⑩' {
		return s.skipSpace(from + size)
	}
	if !s.mayBeNumber(&s.toks[i]) || s.toks[i].to-from > 3 || i+1 >= len(s.toks) || s.toks[i].to >= to || s.atomAt(from) != nil {
		return from
	}
	if s.anyAt(s.toks[i].to, "、", ".", ")", ":") > 0 && !(i+2 < len(s.toks) && s.toks[i+2].is(kDigits) && s.norm[s.toks[i].to] == '.') {
		return s.skipSpace(s.toks[i+1].to)
	}
	return from
}

// skipHeader moves from behind 【活动登记】 and the like.
func (s *scanner) skipHeader(from, to int) int {
	i := s.tokenAt(from)
	if s.anyAt(from, "【", "[", "(", "「") == 0 {
		return from
	}
	end := s.closing(i, to)
	if end == 0 {
		return from
	}
	if at, issued := s.skipLeads(s.toks[i].to, s.toks[end-1].from); issued && at >= s.toks[end-1].from {
		s.tally.issued = true
		return s.toks[end-1].to
	}
	return from
}
