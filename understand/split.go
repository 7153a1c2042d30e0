package understand

import (
	"time"

	"lianbang/zhtime"
)

// mostActivities bounds how many activities one message may hold.
const mostActivities = 6

// activities reads one activity, or several where the text holds several times with titles of their own.
func (s *scanner) activities(from, to int) []Activity {
	issued := s.tally.issued
	if cuts := s.borders(from, to); len(cuts) > 0 {
		if list := s.readEach(from, to, cuts); list != nil {
			return list
		}
		s.restore()
	}
	s.tally.issued = issued
	a := s.activity(from, to, time.Time{})
	a.Missing = a.missing()
	return []Activity{a}
}

// borders are the offsets at which the second and later activities may begin.
func (s *scanner) borders(from, to int) []int {
	var cuts []int
	var last *atom
	for i := range s.atoms {
		t := &s.atoms[i]
		if t.kind != aTime || t.from < from || t.to > to || !s.startsOne(t) {
			continue
		}
		m := &s.times[t.at]
		if last == nil {
			last = t
			continue
		}
		lm := &s.times[last.at]
		if clocked(lm) != clocked(m) && (s.dayless(lm) || s.dayless(m)) {
			last = t
			continue // 12月5日 … 14:00 is one time
		}
		if b := s.border(last.to, t.from); b > 0 && len(cuts) < mostActivities-1 {
			cuts = append(cuts, b)
			last = t
		}
	}
	return cuts
}

// startsOne reports whether a time may be the start of an activity.
func (s *scanner) startsOne(t *atom) bool {
	m := &s.times[t.at]
	if m.Kind == zhtime.Duration || m.Kind == zhtime.Deadline || m.Refused != "" || s.sideline(t) || s.signNear(t) || s.inTitle(t, m) {
		return false
	}
	switch label, _ := s.labelBefore(t.from); label {
	case fEnd, fSignBy, fIgnored, fDeadline:
		return false
	}
	return true
}

// border is where a new activity begins between two times: behind the last strong separator, else the last weak one.
func (s *scanner) border(from, to int) int {
	at, best := 0, kind(0)
	for i := s.tokenAt(from); i < len(s.toks) && s.toks[i].from < to; i++ {
		t := &s.toks[i]
		switch {
		case t.is(kBreak) && !s.tokenColon(i):
			if best == kBreak && !s.has(t.to, to, kActivity) && s.has(at, t.from, kActivity) {
				continue // the title stands on a line before the one with the time
			}
			at, best = t.to, kBreak
		case t.is(kComma) && best != kBreak:
			at, best = t.to, kComma
		case (t.is(kList|kSpace) || s.anyAt(t.from, "然后", "还有", "另外", "以及", "接着", "再") > 0) && best != kBreak && best != kComma:
			at, best = t.from, kSpace
		}
	}
	return at
}

// readEach reads the activities between the borders; nil where one of them has no title of its own.
func (s *scanner) readEach(from, to int, cuts []int) []Activity {
	var out []Activity
	var day time.Time
	for i := 0; i <= len(cuts); i++ {
		end := to
		if i < len(cuts) {
			end = cuts[i]
		}
		a := s.activity(from, end, day)
		if a.Title == "" || s.tally.title.score < 5 {
			// 技术沙龙，下周一9点，读书会，下周二3点: the title stands one piece before the border
			if i == 0 || !s.pullBack(&from, cuts[i-1], out) {
				return nil
			}
			a = s.activity(from, end, day)
			if a.Title == "" || s.tally.title.score < 5 {
				return nil
			}
		}
		switch w := &a.When; {
		case !w.Start.IsZero():
			day = midnight(w.Start)
		case !w.Day.IsZero():
			day = w.Day
		}
		out = append(out, a)
		from = end
	}
	s.share(out, to)
	for i := range out {
		out[i].Missing = out[i].missing()
	}
	return out
}

// pullBack moves the start of an activity one piece to the left, unless that takes the title of the one before.
func (s *scanner) pullBack(from *int, border int, out []Activity) bool {
	i := s.tokenAt(border) - 1
	if i < 1 || !s.toks[i].is(kComma|kSpace|kList) {
		return false
	}
	for i--; i >= 0; i-- {
		if s.toks[i].is(kComma|kSpace|kBreak) || s.atomAt(s.toks[i].from) != nil {
			break
		}
	}
	if i < 0 {
		return false
	}
	f, t := s.tightTitle(s.toks[i].to, border)
	if f >= t || s.titleScore(f, t) < 9 || len(out) > 0 && out[len(out)-1].Title == s.value(f, t) {
		return false
	}
	*from = s.toks[i].to
	return true
}

// share gives what the last part says for all (地点都是…, 联系人张强) to those that lack it.
func (s *scanner) share(list []Activity, to int) {
	last := &list[len(list)-1]
	all := s.find("都", "均", "两场", "两个", "统一", "全部", "一并")
	for i := range list[:len(list)-1] {
		a := &list[i]
		if a.Place == "" && (all || s.tally.placeSet) {
			a.Place = last.Place
		}
		if a.Contact == "" && a.Phone == "" {
			a.Contact, a.Phone = last.Contact, last.Phone
		}
		if all && a.Capacity == 0 {
			a.Capacity = last.Capacity
		}
		if all && len(a.Branches) == 0 {
			a.Branches = last.Branches
		}
	}
	first := &list[0]
	if all && first.Place != "" {
		for i := range list {
			if list[i].Place == "" {
				list[i].Place = first.Place
			}
		}
	}
}
