package understand

import "time"

// change reads 改到, 推迟, 取消: messages about an activity that exists.
func (s *scanner) change(g *signs) (Reading, bool) {
	if g.kinds&(kCancel|kChange) == 0 || g.kinds&kHearsay != 0 {
		return Reading{}, false
	}
	end := len(s.norm)
	none := func(note string) (Reading, bool) { return Reading{Intent: None, Note: note}, true }
	if i := s.cancelWord(); i >= 0 && !s.changesToo(i) {
		if s.anyAt(s.toks[i].from, "取消报名", "取消候补") > 0 || s.signBehind(i) {
			return Reading{}, false
		}
		if g.ask || g.kinds&kIf != 0 {
			return none(NoteQuestion)
		}
		if s.calledOff() {
			return Reading{Intent: ActivityCancel, Confidence: 0.5}, true
		}
		verb := s.toks[i]
		s.insert(atom{from: verb.from, to: verb.to, kind: aCut})
		t := s.target(0, end)
		if s.pastOnly(g, t) || !g.title && t.Number == 0 && (t.Title == "" || t.Day.IsZero() && !g.hold && s.titleLess(t.Title)) {
			s.spans = nil
			return none(NotePast)
		}
		if t.Letter == "S" && t.Number > 0 {
			return Reading{Intent: NeedWithdraw, Confidence: 0.85, Target: Target{Letter: "S", Number: t.Number}}, true
		}
		c := 0.9
		if t.Number == 0 && t.Title == "" {
			c = 0.5
		}
		return Reading{Intent: ActivityCancel, Confidence: c, Target: t}, true
	}
	if g.kinds&kChange == 0 {
		return Reading{}, false
	}
	head := s.head()
	from, values := s.changePoint(head, end)
	if values >= end && from == head {
		return Reading{}, false
	}
	if g.ask && (g.strongAsk || s.norm[end-1] == '?') {
		if g.topic >= 4 && g.want || g.phone { // 想改造…
			return Reading{}, false
		}
		return none(NoteQuestion)
	}
	if g.kinds&kIf != 0 && g.kinds&kIssue == 0 && !g.code {
		return Reading{}, false
	}
	t := s.target(from, min(values, end))
	a := s.changes(values, end)
	moved := a.Shift != 0 || !a.When.Start.IsZero() || !a.When.Day.IsZero() || a.When.Refused != "" || a.Place != "" || a.Capacity != 0 || a.Title != "" ||
		!a.Deadline.IsZero() || a.Contact != "" || a.Phone != "" || a.Category != "" || len(a.Branches) > 0
	if t.Number == 0 && t.Title == "" && t.Day.IsZero() && !(moved && values <= s.toks[s.firstWord(head)].from) {
		return Reading{}, false
	}
	if !moved && (!s.moveOnly() || t.Number == 0 && !g.title) {
		return Reading{}, false
	}
	if s.pastOnly(g, t) && !moved || g.topic >= 4 && g.want && !g.title && t.Number == 0 {
		return Reading{}, false
	}
	if a.Capacity > 0 && a.When.Said == "" && a.Place == "" && a.Title == "" && s.signs() && !s.find("名额", "限", "容量", "上限") { // H1报名改成5人: the size of a party
		return Reading{Intent: SignUp, Confidence: 0.5, Target: t, Count: a.Capacity}, true
	}
	if !a.When.Day.IsZero() && a.When.Refused == "" {
		a.Missing = []string{"start_time"}
	} else if !moved || a.When.Refused != "" {
		a.Missing = []string{"start"}
	}
	if a.Shift != 0 && !t.Day.IsZero() {
		s.applyShift(&a, t, from, values)
	}
	return Reading{Intent: ActivityReschedule, Confidence: 0.9, Target: t, Activities: []Activity{a}}, true
}

// applyShift moves the day or the clock that the message itself names: 周五下午3点的沙龙推迟一小时.
func (s *scanner) applyShift(a *Activity, t Target, from, values int) {
	for i := range s.atoms {
		b := &s.atoms[i]
		if b.kind != aTime || b.from < from || b.to > values {
			continue
		}
		m := &s.times[b.at]
		if clocked(m) && m.Refused == "" && !m.Start.IsZero() {
			a.When.Start = m.Start.Add(a.Shift)
			if !m.End.IsZero() {
				a.When.End = m.End.Add(a.Shift)
			}
			return
		}
	}
	if a.Shift%(24*time.Hour) == 0 {
		a.When.Day = t.Day.Add(a.Shift)
		a.Missing = []string{"start_time"}
	}
}

// cancelWord is the first word of cancellation, -1 where there is none.
func (s *scanner) cancelWord() int {
	for i := range s.toks {
		if s.toks[i].is(kCancel) {
			if s.norm[s.toks[i].from:s.toks[i].to] == "去掉" {
				continue
			}
			return i
		}
	}
	return -1
}

// calledOff reports whether the message says that something will not take place, and not what: 不办了, 这次先不办了吧.
func (s *scanner) calledOff() bool {
	at := s.head()
	for n := 1; n > 0; at += n {
		n = s.anyAt(at, "我们", "咱们", "我", "这次", "这场", "这期", "这个", "那就", "就", "先", "算了", "，", ",", " ")
	}
	n := s.anyAt(at, "不办了", "不办啦", "不搞了", "不开了", "不举办了", "不举行了", "不组织了", "不进行了", "办不成了", "开不成了", "搞不成了", "办不了了", "开不了了", "停办")
	return n > 0 && s.over(at+n)
}

// changesToo reports whether the message also says a new time: 周五办不了了，改到下周一.
func (s *scanner) changesToo(cancel int) bool {
	for i := cancel + 1; i < len(s.toks); i++ {
		if s.toks[i].is(kChange) && !s.plainWordChange(i) {
			for k := range s.atoms {
				if a := &s.atoms[k]; a.kind == aTime && a.from >= s.toks[i].to {
					return true
				}
			}
		}
	}
	return false
}

func (s *scanner) signBehind(i int) bool {
	for j := i + 1; j < len(s.toks) && j <= i+3; j++ {
		if s.toks[j].is(kSign) {
			return true
		}
	}
	return i > 0 && s.toks[i-1].is(kSign)
}

// pastOnly reports whether a message tells what has happened to something that is over.
func (s *scanner) pastOnly(g *signs, t Target) bool {
	return !t.Day.IsZero() && t.Day.Before(midnight(s.now)) && g.future == 0
}

func midnight(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, t.Location())
}

// titleLess reports whether a title names nothing that can be cancelled.
func (s *scanner) titleLess(title string) bool {
	return !contains(title, "会") && !contains(title, "活动")
}

// moveOnly reports whether the message postpones without a new time.
func (s *scanner) moveOnly() bool {
	for i := range s.toks {
		if s.toks[i].is(kMove) {
			return true
		}
	}
	return false
}
