package zhtime

import (
	"strconv"
	"time"
)

// WeekdayName returns 周一 … 周日.
func WeekdayName(d time.Weekday) string {
	return [...]string{"周日", "周一", "周二", "周三", "周四", "周五", "周六"}[d%7]
}

// FormatDay writes the day of t with its weekday and what is special about it: 12月4日(周五),
// 9月20日(周日·调休上班), 10月3日(周六·国庆节). A nil calendar is the embedded one.
func FormatDay(t time.Time, cal *Calendar) string {
	return string(appendDay(make([]byte, 0, 48), t, cal))
}

// Format writes the day and the clock of t, 12月4日(周五) 15:30, with the year when it is not now's:
// 2027年1月8日(周五) 09:00.
func Format(t, now time.Time, cal *Calendar) string {
	return string(appendClock(append(appendDate(make([]byte, 0, 64), t, now, cal), ' '), t))
}

// FormatDate is FormatDay with the year when it is not now's: 2027年1月8日(周五).
func FormatDate(t, now time.Time, cal *Calendar) string {
	return string(appendDate(make([]byte, 0, 64), t, now, cal))
}

// FormatSpan writes two clock ends: 12月4日(周五) 15:30–17:00. An end on another day is written in full.
// A zero end gives Format of the start.
func FormatSpan(start, end, now time.Time, cal *Calendar) string {
	b := appendClock(append(appendDate(make([]byte, 0, 128), start, now, cal), ' '), start)
	if end.IsZero() {
		return string(b)
	}
	b = append(b, "–"...)
	if dayKey(start) != dayKey(end) {
		b = append(appendDate(b, end, now, cal), ' ')
	}
	return string(appendClock(b, end))
}

// FormatDays writes a span of whole days, the last one included: 12月1日(周二)–12月3日(周四). A zero end, or the day
// of start again, gives the one day.
func FormatDays(start, end, now time.Time, cal *Calendar) string {
	b := appendDate(make([]byte, 0, 128), start, now, cal)
	if end.IsZero() || dayKey(start) == dayKey(end) {
		return string(b)
	}
	return string(appendDate(append(b, "–"...), end, now, cal))
}

// FormatDeadline writes the last moment that is still in time. A deadline of day grain ends with the day, and one at
// midnight belongs to the day before it: both show as 23:59.
func FormatDeadline(end time.Time, grain Grain, now time.Time, cal *Calendar) string {
	switch {
	case grain != GrainMinute:
		end = midnight(end).AddDate(0, 0, 1).Add(-time.Minute)
	case end.Equal(midnight(end)):
		end = end.Add(-time.Minute)
	}
	return Format(end, now, cal)
}

func appendDate(b []byte, t, now time.Time, cal *Calendar) []byte {
	if t.Year() != now.In(t.Location()).Year() {
		b = append(strconv.AppendInt(b, int64(t.Year()), 10), "年"...)
	}
	return appendDay(b, t, cal)
}

func appendDay(b []byte, t time.Time, cal *Calendar) []byte {
	b = append(strconv.AppendInt(b, int64(t.Month()), 10), "月"...)
	b = append(strconv.AppendInt(b, int64(t.Day()), 10), "日("...)
	b = append(b, WeekdayName(t.Weekday())...)
	switch info := cal.Day(t); {
	case info.MakeUp:
		b = append(b, "·调休上班"...)
	case info.Off:
		b = append(append(b, "·"...), info.Name...)
	}
	return append(b, ')')
}

func appendClock(b []byte, t time.Time) []byte {
	h, m := t.Hour(), t.Minute()
	return append(b, byte('0'+h/10), byte('0'+h%10), ':', byte('0'+m/10), byte('0'+m%10))
}
