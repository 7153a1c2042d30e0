package zhtime

import "time"

// Kind says what sort of expression a Match is.
type Kind string

// The kinds of expression. Refused matches keep the kind that they would have had.
const (
	Date       Kind = "date"       // a day, perhaps with a part of day: 下周三, 12月4日上午
	Clock      Kind = "time"       // a clock without a day, resolved to its next occurrence: 下午3点
	DateTime   Kind = "datetime"   // a day and a clock: 明天下午3点
	Range      Kind = "range"      // two ends: 下午3点到5点, 12月1日至3日
	Deadline   Kind = "deadline"   // only an end: 周五前, 三天内
	Duration   Kind = "duration"   // a length: 两小时, 半年
	Recurrence Kind = "recurrence" // a rule: 每周三下午3点
)

// Grain is the precision of Start (and of End, where there is one).
type Grain string

// The grains, fine to coarse. Part is a part of day without a clock (明天上午).
const (
	GrainMinute Grain = "minute"
	GrainPart   Grain = "part"
	GrainDay    Grain = "day"
	GrainWeek   Grain = "week"
	GrainMonth  Grain = "month"
	GrainYear   Grain = "year"
)

// Refusal says why an expression that was recognised has no usable reading.
type Refusal string

// The refusals. The empty Refusal means that the reading can be used.
const (
	RefusedPast       Refusal = "past"       // 本周一 said on Wednesday, or a written date that has gone by
	RefusedImpossible Refusal = "impossible" // 2月30日, 25点
	RefusedWeekday    Refusal = "weekday"    // the weekday contradicts the date: 10月12号星期一
	RefusedAmbiguous  Refusal = "ambiguous"  // no single day can be meant: 这周末, 下周, 月底; Start and End hold the stretch
)

// Reading is one way to understand an expression. Times are in the location of the now that Parse got.
// A date-grain End is the last day, inclusive, at 00:00; a clock End is the instant named. A zero Start with an End is a
// deadline; a zero End means that none was said.
type Reading struct {
	Start, End time.Time
	Grain      Grain
}

// Match is one expression found in a text.
type Match struct {
	From, To     int // byte offsets of the expression in the text given to Parse: text[From:To]
	Kind         Kind
	Reading              // the chosen reading
	Part         string  // the part of day that was said without a clock (上午), else ""
	MissingClock bool    // a day was said and no clock: an activity must ask for one
	EarlyClock   bool    // HH:MM before 07:00: ask (24-hour literal, probably meant PM)
	JustPassed   bool    // a date without a year went by fewer than 30 days ago and was moved to next year: ask
	Estimated    bool    // working days of a year without an official notice went into it (暂按法定节日估算)
	Refused      Refusal // why the reading must not be used; Start and End then say what was recognised, where that is a date
	Alternatives []Reading
	Length       time.Duration // for Duration, and for 下午3点开始两小时
	Rule         *Rule         // for Recurrence
}
