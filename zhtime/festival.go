package zhtime

import "time"

// festival is a named day. Exactly one of its rules is set.
type festival struct {
	names        string // separated by blanks
	month, day   int    // a fixed day
	nth, weekday int    // with month: the nth weekday (1 = Monday) of it
	lunarM       int    // with lunarD: a day of the traditional calendar, lunarD 0 = the last of the month
	lunarD       int
	term         int // 1 清明, 2 冬至
	statutory    bool
}

var festivals = [...]festival{
	{names: "元旦 元旦节 元旦日 新年元旦", month: 1, day: 1, statutory: true},
	{names: "春节 农历新年 大年初一 农历春节 过年那天", lunarM: 1, lunarD: 1, statutory: true},
	{names: "清明 清明节", term: 1, statutory: true},
	{names: "劳动节 五一节 五一劳动节 五一国际劳动节 国际劳动节", month: 5, day: 1, statutory: true},
	{names: "端午 端午节 端阳节", lunarM: 5, lunarD: 5, statutory: true},
	{names: "中秋 中秋节 八月十五中秋", lunarM: 8, lunarD: 15, statutory: true},
	{names: "国庆 国庆节 十一国庆 十一国庆节 国庆日", month: 10, day: 1, statutory: true},
	{names: "除夕 除夕夜 大年三十 大年夜 年三十", lunarM: 12, lunarD: 0},
	{names: "元宵 元宵节 上元节 灯节", lunarM: 1, lunarD: 15},
	{names: "龙抬头", lunarM: 2, lunarD: 2},
	{names: "七夕 七夕节 乞巧节", lunarM: 7, lunarD: 7},
	{names: "中元节", lunarM: 7, lunarD: 15},
	{names: "重阳 重阳节 敬老节", lunarM: 9, lunarD: 9},
	{names: "腊八 腊八节", lunarM: 12, lunarD: 8},
	{names: "小年 小年夜", lunarM: 12, lunarD: 23},
	{names: "冬至 冬至节", term: 2},
	{names: "情人节", month: 2, day: 14},
	{names: "白色情人节", month: 3, day: 14},
	{names: "学雷锋日 雷锋日 学雷锋纪念日", month: 3, day: 5},
	{names: "女生节", month: 3, day: 7},
	{names: "妇女节 三八节 三八妇女节 三八国际妇女节 国际妇女节 女神节", month: 3, day: 8},
	{names: "植树节", month: 3, day: 12},
	{names: "消费者权益日 消费者权益保护日 国际消费者权益日", month: 3, day: 15},
	{names: "愚人节", month: 4, day: 1},
	{names: "国家安全教育日 全民国家安全教育日", month: 4, day: 15},
	{names: "地球日 世界地球日", month: 4, day: 22},
	{names: "读书日 世界读书日", month: 4, day: 23},
	{names: "航天日 中国航天日", month: 4, day: 24},
	{names: "青年节 五四 五四节 五四青年节", month: 5, day: 4},
	{names: "护士节 国际护士节", month: 5, day: 12},
	{names: "母亲节", month: 5, nth: 2, weekday: 7},
	{names: "科技工作者日 全国科技工作者日", month: 5, day: 30},
	{names: "儿童节 六一节 六一儿童节 六一国际儿童节 国际儿童节", month: 6, day: 1},
	{names: "环境日 世界环境日 六五环境日", month: 6, day: 5},
	{names: "父亲节", month: 6, nth: 3, weekday: 7},
	{names: "禁毒日 国际禁毒日", month: 6, day: 26},
	{names: "建党节 七一建党节 建党日 党的生日 党的生日那天", month: 7, day: 1},
	{names: "建军节 八一建军节", month: 8, day: 1},
	{names: "医师节 中国医师节", month: 8, day: 19},
	{names: "抗战胜利纪念日 抗日战争胜利纪念日", month: 9, day: 3},
	{names: "教师节", month: 9, day: 10},
	{names: "烈士纪念日", month: 9, day: 30},
	{names: "程序员节", month: 10, day: 24},
	{names: "万圣节 万圣夜 万圣节前夜", month: 10, day: 31},
	{names: "记者节", month: 11, day: 8},
	{names: "消防日 全国消防日", month: 11, day: 9},
	{names: "双十一 双11 光棍节", month: 11, day: 11},
	{names: "感恩节", month: 11, nth: 4, weekday: 4},
	{names: "宪法日 国家宪法日", month: 12, day: 4},
	{names: "志愿者日 国际志愿者日", month: 12, day: 5},
	{names: "双十二 双12", month: 12, day: 12},
	{names: "国家公祭日 公祭日", month: 12, day: 13},
	{names: "平安夜 圣诞夜 圣诞前夜", month: 12, day: 24},
	{names: "圣诞 圣诞节 圣诞日", month: 12, day: 25},
	{names: "跨年 跨年夜 跨年日", month: 12, day: 31},
}

// on returns the festival's day in a year and reports whether it is known. For a lunar festival the year is the one
// in which the day falls (除夕 2027 is in the lunar year 2026).
func (f *festival) on(year int, loc *time.Location) (time.Time, bool) {
	switch {
	case f.term == 1:
		return time.Date(year, 4, qingmingDay(year), 0, 0, 0, 0, loc), true
	case f.term == 2:
		return time.Date(year, 12, dongzhiDay(year), 0, 0, 0, 0, loc), true
	case f.lunarM != 0:
		for _, y := range [2]int{year, year - 1} {
			if t, ok := lunarToSolar(y, f.lunarM, f.lunarD, false); ok && t.Year() == year {
				return onDate(t, loc), true
			}
		}
		return time.Time{}, false
	case f.nth != 0:
		return nthWeekday(year, time.Month(f.month), f.nth, f.weekday, loc)
	}
	return time.Date(year, time.Month(f.month), f.day, 0, 0, 0, 0, loc), true
}

// next returns the first day of the festival on or after a day.
func (f *festival) next(from time.Time) (time.Time, bool) {
	for y := from.Year(); y <= from.Year()+1; y++ {
		if t, ok := f.on(y, from.Location()); ok && !t.Before(from) {
			return t, true
		}
	}
	return time.Time{}, false
}

// holidaySpan returns the first and the last day off around a holiday: listed days and the weekends they touch.
func (c *Calendar) holidaySpan(t time.Time) (first, last time.Time) {
	first, last = t, t
	for range 15 {
		if d := first.AddDate(0, 0, -1); !c.IsWorkday(d) {
			first = d
		}
		if d := last.AddDate(0, 0, 1); !c.IsWorkday(d) {
			last = d
		}
	}
	return first, last
}

// nextStatutory returns the next statutory holiday after a day that is not already part of that holiday.
func nextStatutory(from time.Time) (time.Time, bool) {
	var best time.Time
	for i := range festivals {
		if !festivals[i].statutory {
			continue
		}
		if t, ok := festivals[i].next(from); ok && (best.IsZero() || t.Before(best)) {
			best = t
		}
	}
	return best, !best.IsZero()
}

// numeralFestival names festivals that are said as a number: 五一, 十一.
func numeralFestival(val int32, digits uint8) int {
	month, dayOfMonth := 0, 0
	switch {
	case val == 11 && digits == 0:
		month, dayOfMonth = 10, 1
	case digits == 2 && val == 51:
		month, dayOfMonth = 5, 1
	case digits == 2 && val == 54:
		month, dayOfMonth = 5, 4
	case digits == 2 && val == 61:
		month, dayOfMonth = 6, 1
	case digits == 2 && val == 71:
		month, dayOfMonth = 7, 1
	case digits == 2 && val == 81:
		month, dayOfMonth = 8, 1
	case digits == 2 && val == 38:
		month, dayOfMonth = 3, 8
	default:
		return -1
	}
	for i := range festivals {
		if festivals[i].month == month && festivals[i].day == dayOfMonth {
			return i
		}
	}
	return -1
}

// nthWeekday returns the nth weekday (1 = Monday) of a month; n = -1 is the last.
func nthWeekday(year int, month time.Month, n, weekday int, loc *time.Location) (time.Time, bool) {
	first := time.Date(year, month, 1, 0, 0, 0, 0, loc)
	d := (weekday - isoWeekday(first) + 7) % 7
	if n < 0 {
		last := time.Date(year, month+1, 0, 0, 0, 0, 0, loc)
		t := last.AddDate(0, 0, -((isoWeekday(last)-weekday+7)%7)+7*(n+1))
		return t, t.Month() == month
	}
	t := first.AddDate(0, 0, d+7*(n-1))
	return t, n >= 1 && t.Month() == month
}

// isoWeekday is 1 for Monday to 7 for Sunday.
func isoWeekday(t time.Time) int { return (int(t.Weekday())+6)%7 + 1 }

// onDate moves a day to a location, at midnight.
func onDate(t time.Time, loc *time.Location) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, loc)
}
