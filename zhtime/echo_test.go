package zhtime

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// drawMoment draws a moment of speaking.
func drawMoment(t *rapid.T) time.Time {
	return day("2024-01-01").AddDate(0, 0, rapid.IntRange(0, 6*365).Draw(t, "day")).Add(time.Duration(rapid.IntRange(0, 1439).Draw(t, "minute")) * time.Minute)
}

// one parses an echo, which must be a single expression from end to end.
func one(t *rapid.T, text string, now time.Time) Match {
	ms := Parse(text, now, nil)
	if len(ms) != 1 || ms[0].From != 0 || ms[0].To != len(text) {
		t.Fatalf("%s: %v", text, ms)
	}
	return ms[0]
}

// TestEchoOfReadings draws readings, writes them in Chinese and reads them again.
func TestEchoOfReadings(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := drawMoment(t)
		start := now.Add(time.Duration(rapid.IntRange(1, 500*24*60).Draw(t, "ahead")) * time.Minute)
		m := Match{Kind: rapid.SampledFrom([]Kind{Date, DateTime, Range, Deadline, Duration}).Draw(t, "kind"), Reading: Reading{Grain: GrainMinute}}
		clock := rapid.Bool().Draw(t, "clock")
		length := time.Duration(rapid.IntRange(1, 72*60).Draw(t, "length")) * time.Minute
		switch m.Kind {
		case Date:
			m.Start, m.Grain = midnight(start), GrainDay
			if clock {
				m.Part, m.Grain = rapid.SampledFrom([]string{"凌晨", "早上", "上午", "中午", "下午", "傍晚", "晚上", "半夜"}).Draw(t, "part"), GrainPart
			}
		case DateTime:
			m.Start = start
		case Range:
			m.Start, m.End = start, start.Add(length)
			if !clock {
				m.Start, m.End, m.Grain = midnight(start), midnight(start).AddDate(0, 0, int(length/time.Hour)+1), GrainDay
			}
		case Deadline:
			m.End = start
			if !clock || start.Equal(midnight(start)) {
				m.End, m.Grain = midnight(start), GrainDay
			}
		case Duration:
			m.Length, m.Grain = length, ""
		}
		text := FormatMatch(m, now, nil)
		got := one(t, text, now)
		if got.Kind != m.Kind || !got.Start.Equal(m.Start) || !got.End.Equal(m.End) || got.Grain != m.Grain || got.Part != m.Part || got.Length != m.Length || got.Refused != "" {
			t.Fatalf("%s (%s)\n got %+v\nwant %+v", text, now, got, m)
		}
	})
}

// TestEchoOfRules does the same with recurrences.
func TestEchoOfRules(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := drawMoment(t)
		s := recurrence{interval: 1}
		workdays := false
		clock := func() {
			s.hour, s.min, s.hasClock = rapid.IntRange(0, 23).Draw(t, "hour"), rapid.IntRange(0, 59).Draw(t, "min"), rapid.Bool().Draw(t, "clock")
			if !s.hasClock {
				s.hour, s.min = 0, 0
			}
		}
		nth := rapid.SampledFrom([]int{-2, -1, 1, 2, 3, 4})
		switch rapid.IntRange(0, 10).Draw(t, "form") {
		case 0:
			s.freq, s.interval = "MINUTELY", rapid.IntRange(1, 90).Draw(t, "n")
		case 1:
			s.freq, s.interval = "HOURLY", rapid.IntRange(1, 90).Draw(t, "n")
		case 2:
			s.freq, s.interval = "DAILY", rapid.IntRange(1, 90).Draw(t, "n")
			clock()
		case 3:
			s.freq, s.weekdays, workdays = "DAILY", allWorkdays, true
			clock()
		case 4:
			s.freq, s.weekdays, s.interval = "WEEKLY", uint8(rapid.IntRange(1, 127).Draw(t, "days")), rapid.IntRange(1, 9).Draw(t, "n")
			clock()
		case 5:
			s.freq, s.weekdays, s.setPos, workdays = "WEEKLY", allWorkdays, nth.Draw(t, "nth"), true
			clock()
		case 6:
			s.freq = "MONTHLY"
			s.monthDays = rapid.SliceOfNDistinct(rapid.IntRange(1, 31), 1, 4, rapid.ID).Draw(t, "days")
			slices.Sort(s.monthDays)
			clock()
		case 7:
			s.freq, s.nth, s.weekdays = "MONTHLY", nth.Draw(t, "nth"), 1<<rapid.IntRange(0, 6).Draw(t, "day")
			clock()
		case 8:
			s.freq, s.setPos, s.weekdays, workdays = "MONTHLY", nth.Draw(t, "nth"), allWorkdays, true
			clock()
		case 9:
			s.freq, s.months, s.monthDays = "MONTHLY", quarterFirst<<rapid.IntRange(0, 2).Draw(t, "q"), []int{rapid.SampledFrom([]int{-1, 1, 15, 28}).Draw(t, "day")}
			clock()
		case 10:
			s.freq, s.months, s.monthDays = "YEARLY", 1<<rapid.IntRange(1, 12).Draw(t, "month"), []int{rapid.IntRange(1, 28).Draw(t, "day")}
			clock()
		}
		r := newRule(s, workdays, now, nil)
		got := one(t, r.Format(), now)
		if got.Rule == nil || got.Rule.RRULE != r.RRULE || got.Rule.Workdays != r.Workdays {
			t.Fatalf("%s\n got %+v\nwant %s %v", r.Format(), got.Rule, r.RRULE, r.Workdays)
		}
		stored, err := ParseRule(r.RRULE, r.Workdays, r.Anchor, nil)
		if err != nil || !stored.Next(now).Equal(r.Next(now)) || stored.Format() != r.Format() {
			t.Fatalf("%s: stored %v %v", r.RRULE, stored, err)
		}
		if next := r.Next(now); !next.IsZero() && !next.After(now) {
			t.Fatalf("%s: next after %s is %s", r.RRULE, now, next)
		}
	})
}

// TestEchoOfParsed reads every case of the table again from its echo.
func TestEchoOfParsed(t *testing.T) {
	eachCase(t, func(_ int, now time.Time, text, _ string) {
		for _, m := range Parse(text, now, nil) {
			echo := FormatMatch(m, now, nil)
			if m.Refused != "" || m.Kind == Deadline && m.Grain == GrainMinute && m.End.Equal(midnight(m.End)) || m.Part != "" && !m.End.IsZero() {
				continue
			}
			got := Parse(echo, now, nil)
			if len(got) != 1 || !got[0].Start.Equal(m.Start) || !got[0].End.Equal(m.End) {
				t.Errorf("%s → %s → %v, want %v", text, echo, got, m)
			}
		}
	})
}
