package zhtime

import (
	"time"
	"unicode/utf8"
)

// parser walks the tokens of one text. Its rules are methods that take the index of a token and return what they read
// and the index behind it; no rule looks further ahead than a handful of tokens.
type parser struct {
	text  string
	toks  []token
	now   time.Time
	today time.Time
	cal   *Calendar

	estimated bool // the expression at hand used the calendar of a year without a notice
}

func (p *parser) class(i int) class {
	if i < 0 || i >= len(p.toks) {
		return cBreak
	}
	return p.toks[i].class
}

func (p *parser) val(i int) int32 {
	if i < 0 || i >= len(p.toks) {
		return 0
	}
	return p.toks[i].val
}

// joined reports whether token i follows its predecessor without white space.
func (p *parser) joined(i int) bool { return i > 0 && i < len(p.toks) && !p.toks[i].sp }

// peekRune returns the first rune of a token that follows its predecessor directly, folded; 0 when there is none.
func (p *parser) peekRune(i int) rune {
	if i < 0 || i >= len(p.toks) || i > 0 && p.toks[i].sp {
		return 0
	}
	r, _ := utf8.DecodeRuneInString(p.text[p.toks[i].from:])
	return fold(r)
}

// lastRune returns the last rune of a token, folded.
func (p *parser) lastRune(i int) rune {
	if i < 0 || i >= len(p.toks) {
		return 0
	}
	r, _ := utf8.DecodeLastRuneInString(p.text[:p.toks[i].to])
	return fold(r)
}

// measureAfter reports whether the number at i counts things: 30人, 500万, 3.5%.
func (p *parser) measureAfter(i int) bool {
	switch p.peekRune(i + 1) {
	case '万', '亿', '元', '块', '人', '名', '家', '个', '位', '次', '米', '吨', '台', '套', '件', '份', '页', '章', '条', '层', '楼',
		'栋', '室', '倍', '%', '‰', '百', '千', '岁', '届', '批', '组', '户', '间', '张', '篇', '项', '种', '款', '级', '支', '只', '场',
		'轮', '杯', '瓶', '斤', '公', '平', '度', '℃', '版', '课', '车', '门', '座', '所', '辆', '亩', '厘', '毫', '克', '股', '双', '对', '折',
		'a', 'b', 'c', 'd', 'e', 'f', 'g', 'i', 'j', 'k', 'l', 'm', 'n', 'o', 'q', 'r', 's', 'u', 'v', 'w', 'x', 'y', 'z', '#', '*', '=', '_':
		return true
	}
	return false
}

// form says how a day was named; that decides what happens when its clock has passed.
type form uint8

const (
	formRelative form = iota
	formWeekday       // 周五: next week when the clock has passed
	formDay           // 12号: next month
	formMonthDay      // 12月4日
	formFull          // with a year
	formFestival
	formSpan
)

// date is a day or a stretch of days.
type date struct {
	first, last time.Time // last is zero for a single day
	grain       Grain
	form        form
	vague       bool      // a stretch out of which no day is chosen
	deadline    time.Time // the last day in time when 前 follows; zero = the day itself
	refused     Refusal
	recent      bool // the year was moved on over a day that passed fewer than 30 days ago
	rolled      bool // the year was moved on
	numeric     bool // written 12-4 or 2026/12/4
	open        bool // the number of a shortened pair, 3 in 3-5号: its end must follow
	mask        int32
	nearer      bool // 下周五 where this week's Friday is still ahead
	festival    bool
}

func (d date) end() time.Time {
	if d.last.IsZero() {
		return d.first
	}
	return d.last
}

func single(t time.Time, f form) date { return date{first: t, grain: GrainDay, form: f} }

func stretch(first, last time.Time, g Grain) date {
	return date{first: first, last: last, grain: g, form: formSpan, vague: true}
}

// unit is a stretch that 前 excludes as a whole: a week, a month, a year.
func unit(first, last time.Time, g Grain) date {
	d := stretch(first, last, g)
	d.deadline = first.AddDate(0, 0, -1)
	return d
}

func (p *parser) ymd(year, month, day int) time.Time {
	return time.Date(year, time.Month(month), day, 0, 0, 0, 0, p.now.Location())
}

func (p *parser) monthUnit(year, month int) date {
	return unit(p.ymd(year, month, 1), p.ymd(year, month+1, 0), GrainMonth)
}

// refusePast marks a date that lies wholly before today.
func (p *parser) refusePast(d date) date {
	if d.refused == "" && !d.first.IsZero() && d.end().Before(p.today) {
		d.refused = RefusedPast
	}
	return d
}

// width is the length of token i in bytes.
func (p *parser) width(i int) int { return int(p.toks[i].to - p.toks[i].from) }

func (p *parser) workdayAfter(t time.Time, n int) time.Time {
	out := p.cal.WorkdayAfter(t, n)
	p.estimate(out)
	return out
}

func (p *parser) holidaySpan(t time.Time) (first, last time.Time) {
	p.estimate(t)
	return p.cal.holidaySpan(t)
}

// after adds an amount to t.
func (p *parser) after(l length, t time.Time) time.Time {
	out := l.after(t, p.cal)
	if l.workdays != 0 {
		p.estimate(out)
	}
	return out
}

func (p *parser) estimate(t time.Time) {
	p.estimated = p.estimated || !p.cal.Noticed(t.Year())
}
