package zhtime

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"pgregory.net/rapid"
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

func TestDay(t *testing.T) {
	for _, c := range []struct {
		date string
		want DayInfo
	}{
		{"2026-01-04", DayInfo{Name: "元旦", Workday: true, MakeUp: true}},
		{"2026-02-14", DayInfo{Name: "春节", Workday: true, MakeUp: true}},
		{"2026-02-28", DayInfo{Name: "春节", Workday: true, MakeUp: true}},
		{"2026-05-09", DayInfo{Name: "劳动节", Workday: true, MakeUp: true}},
		{"2026-09-20", DayInfo{Name: "国庆节", Workday: true, MakeUp: true}},
		{"2026-10-10", DayInfo{Name: "国庆节", Workday: true, MakeUp: true}},
		{"2026-10-03", DayInfo{Name: "国庆节", Off: true}},
		{"2026-11-21", DayInfo{}},
		{"2026-11-23", DayInfo{Workday: true}},
		{"2027-01-01", DayInfo{Name: "元旦", Off: true, Estimated: true}},
		{"2027-02-05", DayInfo{Name: "春节", Off: true, Estimated: true}}, // 除夕
		{"2027-02-08", DayInfo{Name: "春节", Off: true, Estimated: true}},
		{"2027-02-09", DayInfo{Workday: true, Estimated: true}},
		{"2027-04-05", DayInfo{Name: "清明节", Off: true, Estimated: true}},
		{"2027-05-02", DayInfo{Name: "劳动节", Off: true, Estimated: true}},
		{"2027-05-03", DayInfo{Workday: true, Estimated: true}},
		{"2027-06-09", DayInfo{Name: "端午节", Off: true, Estimated: true}},
		{"2027-09-15", DayInfo{Name: "中秋节", Off: true, Estimated: true}},
		{"2027-10-03", DayInfo{Name: "国庆节", Off: true, Estimated: true}},
		{"2028-10-03", DayInfo{Name: "国庆节", Off: true, Estimated: true}}, // 中秋 as well
		{"2050-10-01", DayInfo{Name: "国庆节", Off: true, Estimated: true}},
	} {
		if got := Embedded().Day(day(c.date)); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.date, got, c.want)
		}
	}
	for year, want := range map[int][2]int{2024: {28, 8}, 2025: {28, 5}, 2026: {33, 6}} {
		got := [2]int{}
		for d := day("2024-01-01").AddDate(year-2024, 0, 0); d.Year() == year; d = d.AddDate(0, 0, 1) {
			switch info := Embedded().Day(d); {
			case info.Off:
				got[0]++
			case info.MakeUp:
				got[1]++
			}
		}
		if got != want {
			t.Errorf("%d: rest and make-up days %v, want %v", year, got, want)
		}
		if len(Embedded().Papers(year)) != 1 || !Embedded().Noticed(year) {
			t.Errorf("%d has no source", year)
		}
	}
}

const notice2027 = `{"year": 2027, "papers": ["https://www.gov.cn/"], "days": [
	{"name": "元旦", "date": "2027-01-01", "isOffDay": true},
	{"name": "元旦", "date": "2027-01-04", "isOffDay": true},
	{"name": "元旦", "date": "2026-12-27", "isOffDay": false}]}`

func TestLoad(t *testing.T) {
	c, err := Load(fstest.MapFS{"2027.json": {Data: []byte(notice2027)}, "README.md": {Data: []byte("#")}})
	if err != nil {
		t.Fatal(err)
	}
	if !c.Noticed(2027) || !c.Noticed(2026) || Embedded().Noticed(2027) {
		t.Error("the folder must add to the embedded years, in a copy")
	}
	if got := c.WorkdayAfter(day("2026-11-24"), 30); !got.Equal(day("2027-01-06")) {
		t.Errorf("30 working days with the notice: %s", got) // 12-27 is worked, 01-04 is off
	}
	if c.Day(day("2027-01-01")).Estimated || c.IsWorkday(day("2027-01-04")) || !c.IsWorkday(day("2026-12-27")) || !c.IsWorkday(day("2027-10-01")) {
		t.Error("the notice is not in force")
	}
	if back, err := c.With(strings.NewReader(`{"year": 2027, "papers": [], "days": []}`)); err != nil || back.Noticed(2027) || back.IsWorkday(day("2027-10-01")) {
		t.Error("an empty notice is none")
	}
	for _, bad := range []string{"", "{}", `{"year": 2027, "days": [{"date": "2027-13-01"}]}`, `{"year": "x"}`} {
		if _, err := Load(fstest.MapFS{"2027.json": {Data: []byte(bad)}}); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
}

func TestWorkingTime(t *testing.T) {
	for _, c := range []struct {
		from string
		d    time.Duration
		want string
	}{
		{"2026-11-25 09:00", time.Hour, "2026-11-25 10:00"},
		{"2026-11-25 11:30", time.Hour, "2026-11-25 14:30"},
		{"2026-11-25 11:00", time.Hour, "2026-11-25 12:00"},
		{"2026-11-25 12:30", time.Hour, "2026-11-25 15:00"},
		{"2026-11-25 17:00", time.Hour, "2026-11-26 09:30"},
		{"2026-11-25 20:00", time.Hour, "2026-11-26 10:00"},
		{"2026-11-27 17:00", time.Hour, "2026-11-30 09:30"},
		{"2026-09-30 17:00", time.Hour, "2026-10-08 09:30"},
		{"2026-10-09 17:00", time.Hour, "2026-10-10 09:30"},
		{"2026-11-25 10:00", 0, "2026-11-25 10:00"},
		{"2026-11-25 09:00", 13 * time.Hour, "2026-11-26 17:30"},
	} {
		if got := Embedded().WorkingTimeAfter(day(c.from), c.d, nil); !got.Equal(day(c.want)) {
			t.Errorf("%s + %s = %s, want %s", c.from, c.d, got.Format("2006-01-02 15:04"), c.want)
		}
	}
}

// TestCalendarProperties checks that the walks over working days undo each other.
func TestCalendarProperties(t *testing.T) {
	c := Embedded()
	rapid.Check(t, func(t *rapid.T) {
		from := day("2024-01-01").AddDate(0, 0, rapid.IntRange(0, 6*365).Draw(t, "day")).Add(time.Duration(rapid.IntRange(0, 1439).Draw(t, "minute")) * time.Minute)
		n := rapid.IntRange(1, 90).Draw(t, "n")
		to := c.WorkdayAfter(from, n)
		if !c.IsWorkday(to) || c.WorkdaysBetween(from, to) != n || c.WorkdaysBetween(to, from) != -n {
			t.Fatalf("%s %+d = %s", from, n, to)
		}
		if back := c.WorkdayAfter(to, -n); c.WorkdaysBetween(back, from) != 0 {
			t.Fatalf("%s back %d = %s", to, n, back)
		}
		d := time.Duration(rapid.IntRange(1, 6000).Draw(t, "work")) * time.Minute
		end := c.WorkingTimeAfter(from, d, nil)
		if c.WorkingTimeBetween(from, end, nil) != d {
			t.Fatalf("%s + %s = %s", from, d, end)
		}
	})
}

// TestLunarTable checks that every lunar year ends where the next begins, and festivals against known days.
func TestLunarTable(t *testing.T) {
	for i, l := range lunarYears {
		if want := 12; len(l.months) != want && (l.leap == 0 || len(l.months) != want+1) {
			t.Errorf("%d has %d months", l.year, len(l.months))
		}
		last, ok := lunarToSolar(l.year, 12, 0, false)
		if !ok {
			t.Fatalf("%d has no last day", l.year)
		}
		if i+1 < len(lunarYears) {
			if next, _ := lunarNewYear(l.year + 1); !last.AddDate(0, 0, 1).Equal(next) {
				t.Errorf("%d ends on %s", l.year, last.Format(time.DateOnly))
			}
		}
	}
	for _, c := range []struct {
		name, want string
	}{
		{"春节", "2024-02-10 2025-01-29 2026-02-17 2027-02-06 2028-01-26 2029-02-13 2030-02-03"},
		{"除夕", "2024-02-09 2025-01-28 2026-02-16 2027-02-05 2028-01-25 2029-02-12 2030-02-02"},
		{"元宵", "2024-02-24 2025-02-12 2026-03-03 2027-02-20 2028-02-09 2029-02-27 2030-02-17"},
		{"清明", "2024-04-04 2025-04-04 2026-04-05 2027-04-05 2028-04-04 2029-04-04 2030-04-05"},
		{"端午", "2024-06-10 2025-05-31 2026-06-19 2027-06-09 2028-05-28 2029-06-16 2030-06-05"},
		{"七夕", "2024-08-10 2025-08-29 2026-08-19 2027-08-08 2028-08-26 2029-08-16 2030-08-05"},
		{"中秋", "2024-09-17 2025-10-06 2026-09-25 2027-09-15 2028-10-03 2029-09-22 2030-09-12"},
		{"重阳", "2024-10-11 2025-10-29 2026-10-18 2027-10-08 2028-10-26 2029-10-16 2030-10-05"},
		{"腊八", "2024-01-18 2025-01-07 2026-01-26 2027-01-15 2028-01-04 2029-01-22 2030-01-11"},
		{"冬至", "2024-12-21 2025-12-21 2026-12-22 2027-12-22 2028-12-21 2029-12-21 2030-12-22"},
	} {
		for _, want := range strings.Fields(c.want) {
			now := day(want[:4] + "-01-01")
			if ms := Parse(want[:4]+"年"+c.name, now, nil); len(ms) != 1 || ms[0].Start.Format(time.DateOnly) != want {
				t.Errorf("%s: %v, want %s", c.name, ms, want)
			}
		}
	}
}
