package zhtime

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Rule is a recurrence. The zero Rule never occurs. It is stored as RRULE, Workdays and Anchor, and made again by
// ParseRule.
type Rule struct {
	// RRULE is the RFC 5545 form, without the "RRULE:" prefix.
	RRULE string
	// Workdays says what RFC 5545 cannot: BYDAY=MO,TU,WE,TH,FR stands for the working days of the calendar
	// (每个工作日, 每月最后一个工作日).
	Workdays bool
	// Anchor is where an INTERVAL above 1 and a rule without a day are counted from: the moment of speaking.
	Anchor time.Time

	spec recurrence
	cal  *Calendar
}

// recurrence is an RRULE taken apart.
type recurrence struct {
	freq      string
	interval  int
	months    uint16 // bit 1 = January
	monthDays []int  // negative from the end
	weekdays  uint8  // bit 0 = Monday
	nth       int    // of the weekday in its month, negative from the end
	setPos    int    // of the days that the rest selects in a week or a month
	hour, min int
	hasClock  bool
}

const allWorkdays = 0b11111

var weekdayCodes = [...]string{"MO", "TU", "WE", "TH", "FR", "SA", "SU"}

func (s *recurrence) String() string {
	b := append(make([]byte, 0, 64), "FREQ="...)
	b = append(b, s.freq...)
	list := func(name string, n int, item func(i int) string) {
		sep := ";" + name + "="
		for i := range n {
			if v := item(i); v != "" {
				b = append(append(b, sep...), v...)
				sep = ","
			}
		}
	}
	number := func(name string, v int) { b = strconv.AppendInt(append(b, ";"+name+"="...), int64(v), 10) }
	if s.interval > 1 {
		number("INTERVAL", s.interval)
	}
	list("BYMONTH", 13, func(i int) string {
		if s.months&(1<<i) == 0 {
			return ""
		}
		return strconv.Itoa(i)
	})
	list("BYMONTHDAY", len(s.monthDays), func(i int) string { return strconv.Itoa(s.monthDays[i]) })
	list("BYDAY", 7, func(i int) string {
		switch {
		case s.weekdays&(1<<i) == 0:
			return ""
		case s.nth != 0:
			return strconv.Itoa(s.nth) + weekdayCodes[i]
		}
		return weekdayCodes[i]
	})
	if s.setPos != 0 {
		number("BYSETPOS", s.setPos)
	}
	if s.hasClock {
		number("BYHOUR", s.hour)
		number("BYMINUTE", s.min)
	}
	return string(b)
}

// ParseRule reads an RRULE of the forms that Parse yields. workdays and anchor are what the Rule had; a nil calendar
// is the embedded one.
func ParseRule(rrule string, workdays bool, anchor time.Time, cal *Calendar) (*Rule, error) {
	s := recurrence{interval: 1}
	for part := range strings.SplitSeq(rrule, ";") {
		name, value, _ := strings.Cut(part, "=")
		if name == "FREQ" {
			s.freq = value
			continue
		}
		for item := range strings.SplitSeq(value, ",") {
			if err := s.set(name, item); err != nil {
				return nil, fmt.Errorf("rule %q: %w", rrule, err)
			}
		}
	}
	switch s.freq {
	case "YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY":
	default:
		return nil, fmt.Errorf("rule %q: no known FREQ", rrule)
	}
	return newRule(s, workdays, anchor, cal), nil
}

func (s *recurrence) set(name, value string) error {
	if name == "BYDAY" {
		for i, code := range weekdayCodes {
			if n, ok := strings.CutSuffix(value, code); ok {
				s.weekdays |= 1 << i
				if n == "" {
					return nil
				}
				var err error
				s.nth, err = strconv.Atoi(n)
				return err
			}
		}
		return fmt.Errorf("BYDAY %q", value)
	}
	v, err := strconv.Atoi(value)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	inside := func(from, to int) error {
		if v < from || v > to {
			return fmt.Errorf("%s=%d", name, v)
		}
		return nil
	}
	switch name {
	case "INTERVAL":
		s.interval = v
		return inside(1, 1000)
	case "BYMONTH":
		if err := inside(1, 12); err != nil {
			return err
		}
		s.months |= 1 << v
	case "BYMONTHDAY":
		s.monthDays = append(s.monthDays, v)
		return inside(-31, 31)
	case "BYSETPOS":
		s.setPos = v
		return inside(-366, 366)
	case "BYHOUR":
		s.hour, s.hasClock = v, true
		return inside(0, 23)
	case "BYMINUTE":
		s.min = v
		return inside(0, 59)
	default:
		return fmt.Errorf("unknown part %s", name)
	}
	return nil
}

func newRule(s recurrence, workdays bool, anchor time.Time, cal *Calendar) *Rule {
	return &Rule{RRULE: s.String(), Workdays: workdays, Anchor: anchor, spec: s, cal: cal}
}

// Next returns the first occurrence strictly after t, in t's location, or the zero time when there is none within
// ten years. Without a clock an occurrence is the midnight with which its day begins.
func (r *Rule) Next(after time.Time) time.Time {
	s := &r.spec
	if s.freq == "" {
		return time.Time{}
	}
	if s.freq == "HOURLY" || s.freq == "MINUTELY" {
		step := time.Duration(s.interval) * time.Minute
		if s.freq == "HOURLY" {
			step = time.Duration(s.interval) * time.Hour
		}
		t := r.Anchor.In(after.Location())
		if passed := after.Sub(t); passed >= 0 {
			t = t.Add((passed/step + 1) * step)
		}
		return t
	}
	day := midnight(after)
	for end := day.AddDate(10, 0, 0); day.Before(end); {
		y, m, _ := day.Date()
		monthly := s.freq == "MONTHLY" || s.freq == "YEARLY"
		switch {
		case s.months != 0 && s.months&(1<<m) == 0, monthly && !r.inInterval(day):
			day = time.Date(y, m+1, 1, 0, 0, 0, 0, day.Location())
			continue
		case s.freq == "WEEKLY" && !r.inInterval(day):
			day = day.AddDate(0, 0, 8-isoWeekday(day))
			continue
		}
		if r.on(day) {
			if t := at(day, s.hour*60+s.min); t.After(after) {
				return t
			}
		}
		day = day.AddDate(0, 0, 1)
	}
	return time.Time{}
}

// on reports whether the rule has an occurrence on a day.
func (r *Rule) on(day time.Time) bool {
	s := &r.spec
	return r.selects(day) && r.inInterval(day) && (s.setPos == 0 || r.position(day))
}

// selects reports whether a day satisfies the rule's lists, without its interval and its position.
func (r *Rule) selects(day time.Time) bool {
	s := &r.spec
	y, m, d := day.Date()
	if s.months != 0 && s.months&(1<<m) == 0 {
		return false
	}
	if len(s.monthDays) > 0 {
		found := false
		for _, want := range s.monthDays {
			found = found || want == d || want < 0 && monthDays(y, m)+want+1 == d
		}
		if !found {
			return false
		}
	}
	switch {
	case s.weekdays == allWorkdays && r.Workdays:
		return r.cal.IsWorkday(day)
	case s.weekdays != 0:
		wd := isoWeekday(day)
		if s.weekdays&(1<<(wd-1)) == 0 {
			return false
		}
		if s.nth != 0 {
			t, ok := nthWeekday(y, m, s.nth, wd, day.Location())
			return ok && t.Day() == d
		}
	case len(s.monthDays) == 0 && s.freq == "WEEKLY":
		return day.Weekday() == r.Anchor.Weekday()
	case len(s.monthDays) == 0 && s.freq == "MONTHLY":
		return d == min(r.Anchor.Day(), monthDays(y, m))
	case len(s.monthDays) == 0 && s.freq == "YEARLY":
		return d == r.Anchor.Day() && (s.months != 0 || m == r.Anchor.Month())
	}
	return true
}

func (r *Rule) inInterval(day time.Time) bool {
	s := &r.spec
	if s.interval <= 1 {
		return true
	}
	n := 0
	switch s.freq {
	case "DAILY":
		n = daysBetween(r.Anchor, day)
	case "WEEKLY":
		n = daysBetween(r.Anchor.AddDate(0, 0, 1-isoWeekday(r.Anchor)), day.AddDate(0, 0, 1-isoWeekday(day))) / 7
	case "MONTHLY":
		n = (day.Year()-r.Anchor.Year())*12 + int(day.Month()) - int(r.Anchor.Month())
	case "YEARLY":
		n = day.Year() - r.Anchor.Year()
	}
	return n%s.interval == 0
}

// position reports whether a selected day is the one that BYSETPOS asks for in its week or month.
func (r *Rule) position(day time.Time) bool {
	step, n := 1, r.spec.setPos
	if n > 0 {
		step = -1
	} else {
		n = -n
	}
	same := func(t time.Time) bool {
		if r.spec.freq == "WEEKLY" {
			return daysBetween(day, t)+isoWeekday(day) == isoWeekday(t)
		}
		return t.Month() == day.Month()
	}
	for t := day.AddDate(0, 0, step); same(t) && n > 0; t = t.AddDate(0, 0, step) {
		if r.selects(t) {
			n--
		}
	}
	return n == 1
}
