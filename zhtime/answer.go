package zhtime

import (
	"strings"
	"time"
)

// Answer is one reading in the form of the acceptance interface. Dates are 2026-12-04, clocks RFC 3339; a deadline has
// only an end. Start and End are nil when nothing was found or the reading is refused.
type Answer struct {
	ID      string   `json:"id"`
	Start   *string  `json:"start"`
	End     *string  `json:"end"`
	Kind    *Kind    `json:"kind"`
	Refused *Refusal `json:"refused"`
}

// AnswerTo reads text at the moment now and answers with the expression that the sentence is about. A stretch out of
// which no single day is chosen (RefusedAmbiguous: 下周, 月底) is answered with its ends and not refused.
func AnswerTo(id, text string, now time.Time, cal *Calendar) Answer {
	a := Answer{ID: id}
	m, ok := Pick(text, Parse(text, now, cal))
	if !ok {
		return a
	}
	a.Kind = &m.Kind
	if m.Refused != "" && m.Refused != RefusedAmbiguous {
		a.Refused = &m.Refused
		return a
	}
	a.Start, a.End = stamp(m.Start, m.Grain), stamp(m.End, m.Grain)
	return a
}

func stamp(t time.Time, g Grain) *string {
	if t.IsZero() {
		return nil
	}
	layout := time.DateOnly
	if g == GrainMinute {
		layout = time.RFC3339
	}
	s := t.Format(layout)
	return &s
}

// Pick chooses the expression of text that the sentence is about: one that can be used before one that is refused, what
// something is moved to (改到 …) before what it is moved from, an event before its deadline, a clock before a day, a
// day before an amount; else the first. It reports false when there is none.
func Pick(text string, ms []Match) (Match, bool) {
	best, rank := -1, -1
	for i := range ms {
		r := ms[i].rank()
		if r > 1 && ms[i].From <= len(text) && movedTo(text[:ms[i].From]) {
			r += 10
		}
		if r > rank {
			best, rank = i, r
		}
	}
	if best < 0 {
		return Match{}, false
	}
	return ms[best], true
}

// movedTo reports whether text ends in words that name a new time.
func movedTo(text string) bool {
	text = strings.TrimRight(text, " :：")
	for _, s := range [...]string{"改到", "改在", "改为", "改成", "改至", "调到", "调至", "调整到", "调整为", "推迟到", "推迟至", "提前到", "提前至", "延期到", "延期至", "延到", "换到", "挪到", "顺延至", "顺延到"} {
		if strings.HasSuffix(text, s) {
			return true
		}
	}
	return false
}

func (m *Match) rank() int {
	switch {
	case m.Kind == Duration:
		return 0
	case m.Refused != "" && m.Refused != RefusedAmbiguous:
		return 1
	case m.Refused == RefusedAmbiguous:
		return 2
	case m.Kind == Deadline && m.Grain != GrainMinute:
		return 3
	case m.Kind == Deadline:
		return 4
	case m.Grain != GrainMinute:
		return 5
	}
	return 6
}
