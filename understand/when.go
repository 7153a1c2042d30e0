package understand

import (
	"strings"
	"time"

	"lianbang/zhtime"
)

// timeRole is what a time says of an activity.
type timeRole uint8

const (
	roleNone timeRole = iota // not read: it stays in the text around it (元旦联欢会)
	roleStart
	roleEnd
	roleLength
	roleSignBy
	roleOther // read by no field: 集合时间, 原定…
)

// clocked reports whether m says a time of day.
func clocked(m *zhtime.Match) bool {
	return m.Grain == zhtime.GrainMinute && (m.Kind == zhtime.Clock || m.Kind == zhtime.DateTime || m.Kind == zhtime.Range || m.Kind == zhtime.Recurrence)
}

// dayless reports whether m says a time of day without a day.
func (s *scanner) dayless(m *zhtime.Match) bool {
	if m.Kind == zhtime.Clock {
		return true
	}
	if m.Kind != zhtime.Range || m.Grain != zhtime.GrainMinute {
		return false
	}
	said := s.norm[m.From:m.To]
	return !strings.ContainsAny(said, "月日号周天今明后期礼/.节旦") && strings.Count(said, "-") < 2
}

// coarse reports whether m is no single day: 下个月, 年底.
func coarse(m *zhtime.Match) bool {
	return m.Grain == zhtime.GrainWeek || m.Grain == zhtime.GrainMonth || m.Grain == zhtime.GrainYear
}

// labelBefore is the field of the label that governs offset at, and the offset of the label.
func (s *scanner) labelBefore(at int) (field, int) {
	i := s.tokenAt(at)
	if i < len(s.toks) && s.toks[i].from < at && s.toks[i].is(kLabel) {
		return s.toks[i].field, s.toks[i].from
	}
	for n := 0; n < 6 && i > 0; n++ {
		i--
		t := &s.toks[i]
		if t.is(kLabel) {
			return t.field, t.from
		}
		if t.is(kColon|kSpace|kQuote) || t.is(kLead|kAt) || s.norm[t.from] == ';' && n == 0 || s.anyAt(t.from, "就", "暂", "定", "是", "在", "为", "于", "从", "自", "约", "初", "到", "至", "均", "都") > 0 {
			continue
		}
		break
	}
	return fNone, 0
}

// signNear reports whether the words around a time speak of signing up: 12月3日前报名, 请于周四前反馈.
func (s *scanner) signNear(a *atom) bool {
	i := s.tokenAt(a.to)
	for n := 0; n < 6 && i < len(s.toks); i, n = i+1, n+1 {
		t := &s.toks[i]
		if t.is(kBreak | kComma) {
			break
		}
		if t.is(kSign) || s.anyAt(t.from, "反馈", "上报", "回复", "确认", "报给", "报送", "报到", "提交", "接龙", "报我", "报名单") > 0 {
			return true
		}
	}
	i = s.tokenAt(a.from)
	if i < len(s.toks) && s.toks[i].from == a.from {
		i--
	}
	for n := 0; n < 4 && i >= 0; i, n = i-1, n+1 {
		t := &s.toks[i]
		if t.is(kBreak|kComma) || t.is(kActivity) && n > 0 {
			break
		}
		if t.is(kSign) || t.field == fSignBy || s.anyAt(t.from, "截止", "截至") > 0 {
			return true
		}
	}
	return false
}

// times reads when an activity takes place and until when people sign up, from the times in [from, to). day is a day
// said earlier in the message, for clocks that have none of their own.
func (s *scanner) when(from, to int, day time.Time, a *Activity) {
	var best, clock *atom
	bestScore := -1
	for i := range s.atoms {
		t := &s.atoms[i]
		if t.kind != aTime || t.from < from || t.to > to {
			continue
		}
		m := &s.times[t.at]
		t.n = int64(roleNone)
		label, _ := s.labelBefore(t.from)
		switch {
		case label == fSignBy || m.Kind != zhtime.Duration && s.signNear(t):
			s.signBy(t, m, a)
			continue
		case label == fIgnored:
			t.n = int64(roleOther)
			continue
		case m.Kind == zhtime.Duration:
			continue
		case m.Kind == zhtime.Deadline:
			t.n = int64(roleOther)
			continue
		case label == fEnd:
			t.n = int64(roleEnd)
			continue
		}
		score := 0
		if label == fTime {
			score += 8
		}
		if clocked(m) {
			score += 4
		}
		if m.Refused == "" {
			score += 2
		}
		if coarse(m) {
			score -= 2
		}
		if !s.dayless(m) {
			score++
		}
		if label != fTime && !clocked(m) && s.inTitle(t, m) {
			score -= 8
		}
		if label != fTime && s.sideline(t) {
			t.n = int64(roleOther)
			score -= 6
		}
		if score > bestScore {
			best, bestScore = t, score
		}
	}
	if best == nil {
		return
	}
	m := &s.times[best.at]
	best.n = int64(roleStart)
	a.When = s.whenOf(m)
	if !clocked(m) && m.Kind != zhtime.Recurrence {
		clock = s.partner(best, from, to, true)
	} else if s.dayless(m) {
		clock = s.partner(best, from, to, false)
	}
	switch {
	case clock != nil:
		clock.n = int64(roleStart)
		d, c := m, &s.times[clock.at]
		if s.dayless(m) {
			d, c = c, m
		}
		a.When = s.join(d, c)
	case s.dayless(m) && !day.IsZero():
		a.When = s.whenOf(m)
		moveTo(&a.When, day)
	}
	s.ends(from, to, best, a)
	s.span(best.from, best.to, "start", s.sayWhen(&a.When))
	if clock != nil {
		s.span(clock.from, clock.to, "start", s.sayWhen(&a.When))
	}
}

// sideline reports whether a time is about gathering, checking in or what was planned before.
func (s *scanner) sideline(t *atom) bool {
	i := s.tokenAt(t.to)
	if i < len(s.toks) && s.toks[i].is(kSpace) {
		i++
	}
	if i < len(s.toks) && s.anyAt(s.toks[i].from, "签到", "集合", "出发", "发车", "用餐", "就餐", "入场", "返程", "彩排", "乘车", "上车") > 0 {
		return true
	}
	at := s.toks[s.tokenAt(t.from)].from
	if i := s.tokenAt(t.from); i > 0 {
		at = s.toks[i-1].from
	}
	return s.anyAt(at, "原定", "原计划", "集合", "签到", "彩排", "出发") > 0
}

// inTitle reports whether a day without a clock is glued to the name of an activity: 元旦联欢会, 12月主题党日.
func (s *scanner) inTitle(t *atom, m *zhtime.Match) bool {
	i := s.tokenAt(t.to)
	if i >= len(s.toks) || s.toks[i].from != t.to || s.toks[i].is(kSpace|kComma|kBreak|kAt|kColon|kHold|kWe|kLabel) {
		return false
	}
	if clocked(m) {
		return false
	}
	said := s.norm[t.from:t.to]
	return coarse(m) || m.Refused == zhtime.RefusedAmbiguous || !strings.ContainsAny(said, "0123456789周天号日期今明后")
}

// partner finds the clock that belongs to a day, or the day that belongs to a clock.
func (s *scanner) partner(of *atom, from, to int, wantClock bool) *atom {
	for i := range s.atoms {
		t := &s.atoms[i]
		if t.kind != aTime || t == of || t.from < from || t.to > to || timeRole(t.n) != roleNone {
			continue
		}
		m := &s.times[t.at]
		if m.Refused != "" && m.Refused != zhtime.RefusedPast || m.Kind == zhtime.Duration || m.Kind == zhtime.Deadline {
			continue
		}
		if wantClock && s.dayless(m) {
			return t
		}
		if !wantClock && !s.dayless(m) && !coarse(m) && m.Grain != "" && !s.inTitle(t, m) {
			return t
		}
	}
	return nil
}

// whenOf turns a match into a When.
func (s *scanner) whenOf(m *zhtime.Match) When {
	w := When{Said: s.value(m.From, m.To), Refused: m.Refused, Part: m.Part, EarlyClock: m.EarlyClock, Alternatives: m.Alternatives, Rule: m.Rule}
	switch {
	case m.Grain == zhtime.GrainMinute:
		w.Start, w.End = m.Start, m.End
		if w.End.IsZero() && m.Length > 0 && !w.Start.IsZero() {
			w.End = w.Start.Add(m.Length)
		}
	case m.Grain == zhtime.GrainDay || m.Grain == zhtime.GrainPart:
		w.Day, w.EndDay = m.Start, m.End
	default:
		if w.Refused == "" {
			w.Refused = zhtime.RefusedAmbiguous
		}
	}
	return w
}

// join puts the clock of c on the day of d.
func (s *scanner) join(d, c *zhtime.Match) When {
	w := s.whenOf(c)
	w.Refused, w.Said = d.Refused, s.value(d.From, d.To)+" "+s.value(c.From, c.To)
	w.Alternatives = nil
	if d.Part == "下午" || d.Part == "晚上" || d.Part == "傍晚" {
		if h := w.Start.Hour(); h < 12 && c.Kind == zhtime.Clock {
			w.Start = w.Start.Add(12 * time.Hour)
			w.EarlyClock = false
		}
	}
	moveTo(&w, d.Start)
	if d.Refused == zhtime.RefusedPast && w.Start.After(s.now) {
		w.Refused = ""
	}
	return w
}

// moveTo puts a clock on another day.
func moveTo(w *When, day time.Time) {
	if w.Start.IsZero() {
		return
	}
	y, m, d := day.Date()
	start := time.Date(y, m, d, w.Start.Hour(), w.Start.Minute(), 0, 0, w.Start.Location())
	if !w.End.IsZero() {
		w.End = start.Add(w.End.Sub(w.Start))
	}
	w.Start = start
	if w.Refused == zhtime.RefusedPast {
		w.Refused = ""
	}
	w.Alternatives = nil
}

// ends reads a length or an end that stands apart from the start: 大概两小时, 结束时间：17:00, 12月6日结束.
func (s *scanner) ends(from, to int, start *atom, a *Activity) {
	for i := range s.atoms {
		t := &s.atoms[i]
		if t.kind != aTime || t.from < from || t.to > to || t == start {
			continue
		}
		m := &s.times[t.at]
		w := &a.When
		switch {
		case timeRole(t.n) == roleEnd && !m.Start.IsZero():
			if clocked(m) && !w.Start.IsZero() {
				e := When{Start: m.Start}
				if s.dayless(m) {
					moveTo(&e, w.Start)
				}
				w.End = e.Start
			} else if !clocked(m) {
				w.EndDay = m.Start
			}
		case m.Kind == zhtime.Duration && m.Length > 0 && timeRole(t.n) == roleNone && w.End.IsZero() && w.EndDay.IsZero() && !s.agoOrLater(t):
			t.n = int64(roleLength)
			if m.Length < 24*time.Hour && !w.Start.IsZero() {
				w.End = w.Start.Add(m.Length)
			} else if days := int(m.Length / (24 * time.Hour)); days > 1 && !w.Day.IsZero() {
				w.EndDay = w.Day.AddDate(0, 0, days-1)
			}
		default:
			continue
		}
		s.span(t.from, t.to, "end", s.value(t.from, t.to))
	}
}

// agoOrLater reports whether a length is no length of the activity: 提前10分钟到.
func (s *scanner) agoOrLater(t *atom) bool {
	i := s.tokenAt(t.from)
	return i > 0 && s.anyAt(s.toks[i-1].from, "提前", "推迟", "延后", "前", "超过", "迟到") > 0
}

// signBy takes a time as the sign-up deadline.
func (s *scanner) signBy(t *atom, m *zhtime.Match, a *Activity) {
	t.n = int64(roleSignBy)
	if m.Refused != "" && m.Refused != zhtime.RefusedAmbiguous || !a.Deadline.IsZero() {
		return
	}
	at := m.End
	if at.IsZero() {
		at = m.Start
	}
	if at.IsZero() {
		return
	}
	a.Deadline, a.DeadlineClock = at, m.Grain == zhtime.GrainMinute
	s.span(t.from, t.to, "deadline", sayDay(at, a.DeadlineClock))
}

func sayDay(t time.Time, clock bool) string {
	if clock {
		return zhtime.Format(t, t, nil)
	}
	return zhtime.FormatDate(t, t, nil)
}

// sayWhen writes a When for people.
func (s *scanner) sayWhen(w *When) string {
	switch {
	case w.Refused != "":
		return w.Said + " (" + string(w.Refused) + ")"
	case !w.Start.IsZero() && !w.End.IsZero():
		return zhtime.FormatSpan(w.Start, w.End, s.now, nil)
	case !w.Start.IsZero():
		return zhtime.Format(w.Start, s.now, nil)
	case !w.Day.IsZero() && !w.EndDay.IsZero():
		return zhtime.FormatDays(w.Day, w.EndDay, s.now, nil)
	case !w.Day.IsZero():
		return zhtime.FormatDate(w.Day, s.now, nil) + w.Part
	}
	return w.Said
}
