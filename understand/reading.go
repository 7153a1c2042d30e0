package understand

import (
	"time"

	"lianbang/zhtime"
)

// Intent is what a message wants. A message that wants nothing of the bot (a question to others, chit-chat, news, a report
// of the past) has the intent None: it never becomes a record.
type Intent string

// The intents. The first five are those of the development data; the others are reached by the command table.
const (
	None               Intent = "none"
	ActivityCreate     Intent = "activity_create"
	ActivityReschedule Intent = "activity_reschedule"
	ActivityCancel     Intent = "activity_cancel"
	NeedCreate         Intent = "need_create"
	ActivityList       Intent = "activity_list" // 最近有什么活动
	SignUp             Intent = "signup"        // 我们去3个人
	SignOff            Intent = "signoff"       // 我不去了
	NeedProgress       Intent = "need_progress" // 我那个诉求怎么样了
	Roster             Intent = "roster"        // 宣讲都有谁来
	Headcount          Intent = "headcount"     // 现在多少人了
	Mine               Intent = "mine"
	Help               Intent = "help"
	Undo               Intent = "undo"
	Digest             Intent = "digest"        // 这周情况
	Correct            Intent = "correction"    // 不对，是周五: Corrections says what is put right
	NeedAssign         Intent = "need_assign"   // 把S3派给王科: Target, Person, Need.Deadline
	NeedClose          Intent = "need_close"    // S1搞定了，已签约12人: Target, Text
	NeedWithdraw       Intent = "need_withdraw" // 诉求S2不用办了: Target
)

// Reading is how a message was understood.
type Reading struct {
	Intent     Intent
	Confidence float64    // 0–1; below Sure the bot asks before it acts
	Activities []Activity // for ActivityCreate: one or more; for ActivityReschedule: one, holding the new values
	Need       *Need      // for NeedCreate
	Target     Target     // for changes, cancellations, sign-ups, progress: what it is about
	Count      int        // people, for SignUp and SignOff; 0 = not said
	More       bool       // for SignUp: Count is added to the party (我们再加2个人), it does not replace it
	Settled    bool       // for ActivityReschedule: what was open is fixed now (地点定了，在…); it is no change of mind
	Spans      []Span     // where each field was read, in the order of the text
	Note       string     // for None: why (question, chitchat, past, news, statement)

	Person string // for NeedAssign: who is to handle it; with Reach: who is to be reached
	Text   string // for NeedClose: the outcome, in the words said
	Reach  bool   // with None: asks for somebody's contact data, or to be put in touch

	// Corrections are the fields of a pending draft that a message puts right. Their values are in Activities[0], and in
	// Need where they can belong to one.
	Corrections []Correction
}

// Correction names a field that a message puts right: title, start, place, capacity, category, deadline, amount,
// headcount, phone, contact.
type Correction struct {
	Field string
	Old   string // what was denied (不是周五), "" = not said
	Value string // as understood, for people
}

// Undecided is the Place of an activity whose place is said to be open: 地点待定.
const Undecided = "未定"

// Sure is the confidence at and above which a reading is acted on without asking.
const Sure = 0.6

// Activity is what a message says of one activity. Zero values were not said.
type Activity struct {
	Title    string
	Category string // one of the 五联, where the text names it
	When     When
	Shift    time.Duration // 推迟一周, 提前半小时: how far the start moves; then When is empty
	Place    string        // “未定” (Undecided) where it is said to be open
	Capacity int
	Branches []string // co-hosts
	Host     string   // the branch or unit that is said to lead (主办)
	Contact  string
	Phone    string
	Deadline time.Time // of sign-up
	Missing  []string  // of title, start, start_time, place

	DeadlineClock bool   // Deadline is an instant and not the end of a day
	Suggested     string // one of the 五联 that the words speak for, where none is named
	CapacityMin   int    // of a range; Capacity is its upper end

	// Extra is what was said and taken as no field, each in the words said: 主讲人：李教授, 备注：自带水杯, https://….
	Extra []string
}

// When is a time as it was said, with what is doubtful about it.
type When struct {
	Start, End   time.Time        // zero = not said
	Day          time.Time        // a day without a clock, at 00:00; then Start is zero
	EndDay       time.Time        // the last day, where days were said as a range
	Part         string           // the part of day that was said without a clock
	EarlyClock   bool             // HH:MM before 07:00: ask
	Refused      zhtime.Refusal   // why it cannot be used
	Alternatives []zhtime.Reading // other plausible readings
	Said         string           // the words
	Rule         *zhtime.Rule     // of a recurrence
}

// Need is what a message says of one need. Amounts are in 分.
type Need struct {
	Category  string // 融资, 用工, 政策, 销售, 技术, 场地, …; "" = not recognised
	Text      string // the need in the asker's words, without the command and the labels
	Amount    int64  // 分; for a range the upper end
	AmountMin int64  // 分; of a range
	Unitless  bool   // a bare 500: ask for the unit; Amount then is in 元 as written
	Term      int    // months
	Headcount int
	Deadline  time.Time
	Company   string
	Contact   string
	Phone     string
	Missing   []string // of contact_phone, amount, headcount

	DeadlineClock bool // Deadline is an instant and not the end of a day
}

// Target is the thing that a message is about.
type Target struct {
	Letter string // H, S, B, V, X, P
	Number int64  // of the code, 0 = no code was said
	Title  string
	Day    time.Time
}

// Span is a piece of the text and the field that was read from it.
type Span struct {
	From, To int // byte offsets in the text given to Message
	Field    string
	Value    string // as understood, for people
}
