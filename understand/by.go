package understand

import (
	"strings"

	"lianbang/zhtime"
)

// needBy reads until when a need is to be met: a deadline, or a day on which something is needed.
func (s *scanner) needBy(from, to int, n *Need) {
	for round, want := range [...]zhtime.Kind{zhtime.Deadline, zhtime.Date, zhtime.Date, zhtime.DateTime, zhtime.Range} {
		for i := range s.atoms {
			t := &s.atoms[i]
			if t.kind != aTime || t.from < from || t.to > to {
				continue
			}
			m := &s.times[t.at]
			if round == 1 && !strings.ContainsAny(s.norm[m.From:m.To], "0123456789月周号") { // a festival is rather the reason
				continue
			}
			label, _ := s.labelBefore(t.from)
			if want != zhtime.Deadline && (s.dayless(m) || m.Part != "" && m.Start.Equal(midnight(s.now)) && !contains(s.norm[m.From:m.To], "今")) {
				continue
			}
			if m.Kind != want || contains(s.norm[m.From:m.To], "前后") || s.hasAt(m.To, "前后") || m.Refused == zhtime.RefusedPast || m.Refused == zhtime.RefusedImpossible || label == fTerm {
				continue
			}
			at := m.End
			switch {
			case want == zhtime.Deadline:
			case m.Refused == zhtime.RefusedAmbiguous && !at.IsZero() && (label == fDeadline || s.endOf(t)):
			case m.Refused != "":
				continue
			default:
				at = m.Start
			}
			if at.IsZero() {
				continue
			}
			t.n = int64(roleSignBy)
			n.Deadline, n.DeadlineClock = at, m.Grain == zhtime.GrainMinute
			s.span(t.from, t.to, "deadline", sayDay(at, n.DeadlineClock))
			return
		}
	}
}

// endOf reports whether 月底 or 年底 is the moment by which something is needed: 月底到期, 年底要.
func (s *scanner) endOf(t *atom) bool {
	said := s.norm[t.from:t.to]
	if !contains(said, "底") && !contains(said, "末") || contains(said, "周末") {
		return false
	}
	i := s.tokenAt(t.to)
	return i >= len(s.toks) || s.toks[i].is(kBreak|kComma|kSpace|kWant) || s.anyAt(t.to, "搬", "迁", "装", "签", "还", "给", "放", "要", "用", "前", "到", "需", "入", "上", "交", "完", "开工", "投", "使", "签", "付", "还", "发", "就", "必须", "截") > 0
}
