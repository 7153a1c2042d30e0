package zhtime

import (
	"testing"
	"time"
)

var shanghai = time.FixedZone("CST", 8*3600)

func day(s string) time.Time {
	layout := time.DateOnly
	if len(s) > 10 {
		layout = "2006-01-02 15:04"
	}
	t, err := time.ParseInLocation(layout, s, shanghai)
	if err != nil {
		panic(err)
	}
	return t
}

func TestFormat(t *testing.T) {
	now := day("2026-11-22")
	for _, c := range []struct{ got, want string }{
		{FormatDay(day("2026-12-04"), nil), "12月4日(周五)"},
		{FormatDay(day("2026-09-20"), nil), "9月20日(周日·调休上班)"},
		{FormatDay(day("2026-10-03"), nil), "10月3日(周六·国庆节)"},
		{FormatDay(day("2027-01-01"), nil), "1月1日(周五·元旦)"},
		{Format(day("2026-12-04 15:30"), now, nil), "12月4日(周五) 15:30"},
		{Format(day("2027-01-08 09:00"), now, nil), "2027年1月8日(周五) 09:00"},
		{FormatSpan(day("2026-12-04 15:30"), day("2026-12-04 17:00"), now, nil), "12月4日(周五) 15:30–17:00"},
		{FormatSpan(day("2026-12-04 22:00"), day("2026-12-05 02:00"), now, nil), "12月4日(周五) 22:00–12月5日(周六) 02:00"},
		{FormatDays(day("2026-12-01"), day("2026-12-03"), now, nil), "12月1日(周二)–12月3日(周四)"},
		{FormatDeadline(day("2026-12-04"), GrainDay, now, nil), "12月4日(周五) 23:59"},
		{FormatDeadline(day("2026-12-05 00:00"), GrainMinute, now, nil), "12月4日(周五) 23:59"},
	} {
		if c.got != c.want {
			t.Errorf("got %s, want %s", c.got, c.want)
		}
	}
}

func TestWorkdayTraps(t *testing.T) {
	c := Embedded()
	for _, x := range []struct {
		from string
		n    int
		want string
	}{
		{"2026-11-24", 30, "2027-01-06"},
		{"2026-09-30", 3, "2026-10-10"},
		{"2026-09-28", 5, "2026-10-10"},
		{"2026-02-13", 1, "2026-02-14"},
		{"2026-02-14", 1, "2026-02-24"},
		{"2026-10-08", -1, "2026-09-30"},
		{"2026-09-21", -1, "2026-09-20"},
	} {
		got := c.WorkdayAfter(day(x.from), x.n)
		if got != day(x.want) {
			t.Errorf("%s %+d = %s, want %s", x.from, x.n, got.Format(time.DateOnly), x.want)
		}
		if x.n > 0 && c.WorkdaysBetween(day(x.from), got) != x.n {
			t.Errorf("between %s and %s", x.from, x.want)
		}
	}
}
