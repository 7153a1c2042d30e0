package scheduler

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"lianbang/consortium"
)

var shanghai = time.FixedZone("CST", 8*3600)

func schedule(t testing.TB, expr string) Schedule {
	t.Helper()
	s, err := ParseSchedule(expr, shanghai)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func clock(t testing.TB, s string) time.Time {
	t.Helper()
	if s == "" {
		return time.Time{}
	}
	at, err := time.ParseInLocation("2006-01-02 15:04:05", s, shanghai)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestLastTick(t *testing.T) {
	for _, c := range []struct{ name, expr, now, want string }{
		{"on the tick", DigestSchedule, "2026-11-27 16:47:00", "2026-11-27 16:47:00"},
		{"a second before", DigestSchedule, "2026-11-27 16:46:59", "2026-11-20 16:47:00"},
		{"a minute after", DigestSchedule, "2026-11-27 16:48:00", "2026-11-27 16:47:00"},
		{"26 hours after", DigestSchedule, "2026-11-28 18:47:00", "2026-11-27 16:47:00"},
		{"three weeks after: the newest", DigestSchedule, "2026-12-18 18:00:00", "2026-12-18 16:47:00"},
		{"by the zone's clock", "0 8 * * *", "2026-11-27 07:59:00", "2026-11-26 08:00:00"},
		{"monthly", "0 9 1 * *", "2026-11-27 07:59:00", "2026-11-01 09:00:00"},
		{"yearly", "0 9 1 1 *", "2026-11-27 07:59:00", "2026-01-01 09:00:00"},
		{"every minute", "* * * * *", "2026-11-27 07:59:30", "2026-11-27 07:59:00"},
		{"never", "0 9 30 2 *", "2026-11-27 07:59:00", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := LastTick(schedule(t, c.expr), clock(t, c.now).UTC(), digestBack)
			if !got.Equal(clock(t, c.want)) {
				t.Errorf("got %v", got)
			}
		})
	}
	if got := LastTick(schedule(t, DigestSchedule), clock(t, "2026-11-26 12:00:00"), 24*time.Hour); !got.IsZero() {
		t.Errorf("older than it may be: %v", got)
	}
}

func TestLastTickIsTheNewest(t *testing.T) {
	exprs := []string{DigestSchedule, "*/7 * * * *", "3 8-18 * * 1-5", "0 0 29 2 *", "@monthly"}
	rapid.Check(t, func(t *rapid.T) {
		s, err := ParseSchedule(rapid.SampledFrom(exprs).Draw(t, "expr"), shanghai)
		if err != nil {
			t.Fatal(err)
		}
		now := t0.Add(time.Duration(rapid.Int64Range(0, int64(3*365*24*time.Hour)).Draw(t, "now")))
		tick := LastTick(s, now, digestBack)
		if tick.IsZero() {
			if next := s.Next(now.Add(-digestBack)); !next.After(now) {
				t.Fatalf("missed %v", next)
			}
			return
		}
		if tick.After(now) || !s.Next(tick).After(now) || !s.Next(tick.Add(-time.Second)).Equal(tick) {
			t.Fatalf("%v is not the newest tick before %v", tick, now)
		}
	})
}

func TestParseScheduleRefuses(t *testing.T) {
	for _, expr := range []string{"", "16:47", "61 * * * *", "* * * *"} {
		if _, err := ParseSchedule(expr, shanghai); err == nil {
			t.Errorf("%q passed", expr)
		}
	}
}

func TestPeriod(t *testing.T) {
	tick := "2026-11-27 16:47:00"
	for _, c := range []struct {
		name, created, last, now, from string // last: tick and end of the last digest
	}{
		{"a usual week", "2026-01-01 00:00:00", "2026-11-20 16:47:00", tick, "2026-11-20 16:47:00"},
		{"served", "2026-01-01 00:00:00", tick, "2026-11-27 17:00:00", ""},
		{"served by a node whose clock is ahead", "2026-01-01 00:00:00", "2026-12-04 16:47:00", tick, ""},
		{"down for weeks: the real period", "2026-01-01 00:00:00", "2026-10-30 16:47:00", "2026-11-30 09:00:00", "2026-10-30 16:47:00"},
		{"the first one", "2026-01-01 00:00:00", "", tick, "2026-11-20 16:47:00"},
		{"the first one, created on Wednesday", "2026-11-25 09:00:00", "", tick, "2026-11-25 09:00:00"},
		{"the first one, 26 hours late", "2026-01-01 00:00:00", "", "2026-11-28 18:47:00", "2026-11-20 16:47:00"},
		{"a room bound on the next Wednesday", "2026-01-01 00:00:00", "", "2026-12-02 10:00:00", ""},
		{"created after the tick", "2026-11-27 17:00:00", "", "2026-11-27 17:01:00", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var last consortium.Digest
			if c.last != "" {
				last.Planned = clock(t, c.last)
				last.Cut.To = last.Planned
			}
			from, due := Period(consortium.Consortium{ID: 1, Created: clock(t, c.created)}, last, clock(t, tick), clock(t, c.now))
			if due != (c.from != "") || due && !from.Equal(clock(t, c.from)) {
				t.Errorf("got %v, %v", from, due)
			}
		})
	}
}
