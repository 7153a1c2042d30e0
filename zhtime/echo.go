package zhtime

import (
	"strconv"
	"strings"
	"time"
)

// FormatMatch writes a reading back in full, in words that Parse reads as the same: 12月4日(周五) 15:30–17:00,
// 12月4日(周五)下午, 截止12月4日(周五) 17:00, 每月最后一个工作日 15:00, 1小时30分钟. It is empty where there is nothing to
// say (an impossible date).
func FormatMatch(m Match, now time.Time, cal *Calendar) string {
	clock := m.Grain == GrainMinute
	switch {
	case m.Kind == Recurrence && m.Rule != nil:
		s := m.Rule.Format()
		if m.Length > 0 {
			s += string(appendClock([]byte("–"), m.Start.Add(m.Length)))
		}
		return s + m.Part
	case m.Kind == Duration:
		return FormatLength(m.Length)
	case m.Start.IsZero() && m.End.IsZero():
		return ""
	case m.Start.IsZero() && clock:
		return "截止" + FormatDeadline(m.End, GrainMinute, now, cal)
	case m.Start.IsZero():
		return "截止" + FormatDate(m.End, now, cal)
	case clock:
		return FormatSpan(m.Start, m.End, now, cal)
	case m.Part != "":
		return FormatDate(m.Start, now, cal) + m.Part
	}
	return FormatDays(m.Start, m.End, now, cal)
}

// FormatLength writes an amount of time in the largest units that divide it: 3天, 1小时30分钟.
func FormatLength(d time.Duration) string {
	if d <= 0 {
		return ""
	}
	if d%(24*time.Hour) == 0 {
		return strconv.Itoa(int(d/(24*time.Hour))) + "天"
	}
	s := ""
	if h := int(d / time.Hour); h > 0 {
		s = strconv.Itoa(h) + "小时"
	}
	if m := int(d % time.Hour / time.Minute); m > 0 {
		s += strconv.Itoa(m) + "分钟"
	}
	return s
}

// Format writes the rule in words: 每周一、周三 15:00, 每月最后一个工作日, 每季度第一个月5日.
func (r *Rule) Format() string {
	s := &r.spec
	every := func(unit string) string {
		if s.interval > 1 {
			return "每" + strconv.Itoa(s.interval) + unit
		}
		return "每" + strings.TrimPrefix(unit, "个")
	}
	var b string
	switch s.freq {
	case "MINUTELY":
		return every("分钟")
	case "HOURLY":
		return every("小时")
	case "DAILY":
		b = every("天")
		if s.weekdays == allWorkdays {
			b = "每个工作日"
		}
	case "WEEKLY":
		b = every("周")
		switch {
		case s.setPos != 0:
			b += ordinalName(s.setPos) + "工作日"
		case s.weekdays == allWorkdays && r.Workdays:
			b += "工作日"
		case s.weekdays == 1<<5|1<<6 && s.interval == 1:
			b = "每个周末"
		case s.weekdays != 0 && s.interval == 1:
			b = "每" + weekdayNames(s.weekdays)
		default:
			b += weekdayNames(s.weekdays)
		}
	case "MONTHLY":
		b = every("个月") + r.dayOfMonth()
		if q := quarterMonth(s.months); q > 0 {
			b = "每季度第" + strconv.Itoa(q) + "个月" + r.dayOfMonth()
			if q == 3 && s.setPos < 0 {
				b = "每季度" + r.dayOfMonth()
			}
		} else if s.months == 1<<1|1<<7 {
			b = "每半年"
		}
	case "YEARLY":
		b = every("年")
		for m := 1; m <= 12; m++ {
			if s.months&(1<<m) != 0 {
				b += strconv.Itoa(m) + "月" + r.dayOfMonth()
			}
		}
	}
	if s.hasClock {
		b = string(appendClock(append([]byte(b), ' '), time.Date(0, 1, 1, s.hour, s.min, 0, 0, time.UTC)))
	}
	return b
}

func (r *Rule) dayOfMonth() string {
	s := &r.spec
	switch {
	case s.setPos != 0:
		return ordinalName(s.setPos) + "工作日"
	case s.nth != 0:
		return ordinalName(s.nth) + weekdayNames(s.weekdays)
	}
	days := make([]string, len(s.monthDays))
	for i, d := range s.monthDays {
		switch {
		case d == -1:
			days[i] = "最后一天"
		case d < 0:
			days[i] = "倒数第" + strconv.Itoa(-d) + "天"
		default:
			days[i] = strconv.Itoa(d) + "日"
		}
	}
	return strings.Join(days, "、")
}

// ordinalName writes 第3个, 最后一个, 倒数第2个.
func ordinalName(n int) string {
	switch {
	case n == -1:
		return "最后一个"
	case n < 0:
		return "倒数第" + strconv.Itoa(-n) + "个"
	}
	return "第" + strconv.Itoa(n) + "个"
}

func weekdayNames(mask uint8) string {
	var names []string
	for i := range 7 {
		if mask&(1<<i) != 0 {
			names = append(names, WeekdayName(time.Weekday((i+1)%7)))
		}
	}
	return strings.Join(names, "、")
}

// quarterMonth returns 1, 2 or 3 when the months are that month of every quarter, else 0.
func quarterMonth(months uint16) int {
	for q := range 3 {
		if months == quarterFirst<<q {
			return q + 1
		}
	}
	return 0
}
