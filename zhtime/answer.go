package zhtime

import "time"

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

// Pick chooses the expression that a sentence is about: one that can be used before one that is refused, an event
// before its deadline, a clock before a day, a day before an amount; else the first.
func Pick(text string, ms []Match) (Match, bool) {
	best, rank := -1, -1
	for i := range ms {
		if r := ms[i].rank(); r > rank {
			best, rank = i, r
		}
	}
	if best < 0 {
		return Match{}, false
	}
	return ms[best], true
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
