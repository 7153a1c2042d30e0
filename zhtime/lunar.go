package zhtime

import "time"

// lunarYear is one year of the traditional calendar: the first day of its first month, the leap month (0 = none, 6 = a
// month after the sixth) and the lengths of its months in order ('L' 30 days, 's' 29).
type lunarYear struct {
	year, month, day  int // of 正月初一, Gregorian
	leap              int
	months            string
	qingming, dongzhi int // day of April, day of December of the same Gregorian year
}

// lunarYears covers 2022 to 2032, so that every day of 2024 to 2030 can be converted from either side.
var lunarYears = [...]lunarYear{
	{2022, 2, 1, 0, "LsLsLLsLsLsL", 5, 22},
	{2023, 1, 22, 2, "sLssLLsLLsLsL", 5, 22},
	{2024, 2, 10, 0, "sLssLsLLsLLs", 4, 21},
	{2025, 1, 29, 6, "LsLssLsLsLLLs", 4, 21},
	{2026, 2, 17, 0, "LsLssLssLLLs", 5, 22},
	{2027, 2, 6, 0, "LLsLssLssLLs", 5, 22},
	{2028, 1, 26, 5, "LLLsLssLssLLs", 4, 21},
	{2029, 2, 13, 0, "LLsLsLsLssLL", 4, 21},
	{2030, 2, 3, 0, "sLsLLsLsLsLs", 5, 22},
	{2031, 1, 23, 3, "sLLsLsLLsLsLs", 5, 22},
	{2032, 2, 11, 0, "LssLsLLsLLsL", 4, 21},
}

func lunarOf(year int) *lunarYear {
	if i := year - lunarYears[0].year; i >= 0 && i < len(lunarYears) {
		return &lunarYears[i]
	}
	return nil
}

func lunarNewYear(year int) (time.Time, bool) {
	l := lunarOf(year)
	if l == nil {
		return time.Time{}, false
	}
	return time.Date(l.year, time.Month(l.month), l.day, 0, 0, 0, 0, time.UTC), true
}

// lunarToSolar converts a day of the traditional calendar; day 0 stands for the last day of the month. leap asks for
// the leap month of that number. It answers in UTC and reports whether the year is in the table and has that day.
func lunarToSolar(year, month, day int, leap bool) (time.Time, bool) {
	l := lunarOf(year)
	if l == nil || month < 1 || month > 12 || day < 0 || leap && l.leap != month {
		return time.Time{}, false
	}
	index := month - 1
	if l.leap != 0 && (month > l.leap || leap) {
		index++
	}
	offset := 0
	for _, m := range l.months[:index] {
		offset += lunarMonthDays(byte(m))
	}
	length := lunarMonthDays(l.months[index])
	if day > length {
		return time.Time{}, false
	}
	if day == 0 {
		day = length
	}
	return time.Date(l.year, time.Month(l.month), l.day+offset+day-1, 0, 0, 0, 0, time.UTC), true
}

func lunarMonthDays(length byte) int {
	if length == 'L' {
		return 30
	}
	return 29
}

// lunarIs reports whether t is that day of the traditional calendar; only for months that end in the same Gregorian year.
func lunarIs(t time.Time, month, day int) bool {
	s, ok := lunarToSolar(t.Year(), month, day, false)
	return ok && dayKey(s) == dayKey(t)
}

// qingmingDay returns the day of April on which 清明 falls.
func qingmingDay(year int) int {
	if l := lunarOf(year); l != nil {
		return l.qingming
	}
	if y := year % 100; year >= 2000 && year < 2100 { // the usual approximation for this century
		return int(float64(y)*0.2422+4.81) - y/4
	}
	return 5
}

// dongzhiDay returns the day of December on which 冬至 falls.
func dongzhiDay(year int) int {
	if l := lunarOf(year); l != nil {
		return l.dongzhi
	}
	if y := year % 100; year >= 2000 && year < 2100 {
		return int(float64(y)*0.2422+21.94) - y/4
	}
	return 22
}
