package understand

import (
	"slices"
	"time"
)

// Fields reads the fields of an activity from the rest of a typed command (what follows 登记活动), where the intent is known.
func Fields(text string, now time.Time, g *Gazetteer) Reading {
	s := scan(text, now, g)
	defer s.release()
	r := Reading{Intent: ActivityCreate, Confidence: 1}
	s.tally.issued = true
	r.Activities = s.activities(0, len(s.norm))
	return s.finish(r)
}

// NeedFields reads a need from the rest of a typed command (what follows 报诉求).
func NeedFields(text string, now time.Time, g *Gazetteer) Reading {
	s := scan(text, now, g)
	defer s.release()
	n := s.need(0, len(s.norm))
	return s.finish(Reading{Intent: NeedCreate, Confidence: 1, Need: &n})
}

// finish hands over the spans in the order of the text.
func (s *scanner) finish(r Reading) Reading {
	sortSpans(s.spans)
	r.Spans = s.spans
	return r
}

func sortSpans(spans []Span) {
	slices.SortStableFunc(spans, func(a, b Span) int { return a.From - b.From })
}
