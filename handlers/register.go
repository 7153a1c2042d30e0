package handlers

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"lianbang/bot"
	"lianbang/consortium"
	"lianbang/understand"
	"lianbang/zhtime"
)

// Bounds of what people may register.
const (
	maxTitle    = 60 // runes
	maxPlace    = 60
	maxCapacity = 10000
	maxAhead    = 2 * 366 * 24 * time.Hour
)

// register is 登记活动: from one sentence, a form, or piece by piece.
func (d *Desk) register(s Store, c *call) (bot.Reply, error) {
	if id := bot.OnlyCode(c.Text, 'H'); id != 0 && c.Words == "发布活动" && strings.EqualFold(c.Text, code(consortium.ActivityID(id))) {
		c.Codes, c.Reading = map[string]int64{"H": id}, nil
		return d.invite(s, c)
	}
	items, err := d.registerItems(c)
	if err != nil {
		return bot.Reply{}, err
	}
	if len(items) == 0 {
		return activityForm(), nil
	}
	into, asked, err := d.home(s, c, items[0].draft())
	if asked != nil || err != nil {
		return reply(asked), err
	}
	if len(items) > 1 {
		return d.registerSeveral(s, c, into, items)
	}
	it := items[0]
	it.consortium = into.Name
	if r, asked := d.askMissing(c, it); asked {
		return r, nil
	}
	a, rs, err := d.store(s, c, into, it)
	if err != nil {
		return bot.Reply{}, err
	}
	offer, err := offerInvitation(s, c, into, code(a.ID))
	if err != nil {
		return bot.Reply{}, err
	}
	return d.registeredCard(c, a, rs, it, offer), nil
}

func reply(r *bot.Reply) bot.Reply {
	if r == nil {
		return bot.Reply{}
	}
	return *r
}

// item is one activity on its way to being registered.
type item struct {
	understand.Activity
	when       understand.When
	consortium string
	guessed    bool // the category is what the words suggest
	clockSaid  bool // the answer was to say the clock of a day that is known
}

// newItem takes what was read of one activity. A category that nobody named is suggested by the words.
func newItem(a understand.Activity) item {
	it := item{Activity: a, when: a.When}
	if it.Category == "" && a.Suggested != "" {
		it.Category, it.guessed = a.Suggested, true
	}
	if !a.Deadline.IsZero() && !a.DeadlineClock {
		it.Deadline = endOfDay(a.Deadline)
	}
	if a.When.Start.IsZero() && a.When.Rule != nil && a.When.Refused == "" {
		it.when.Start = a.When.Rule.Next(it.when.Day)
	}
	return it
}

// endOfDay is the last minute of a day, up to which a day named as a deadline counts.
func endOfDay(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 23, 59, 0, 0, t.Location())
}

// registerItems reads what was said, from a continued draft, a form, a free sentence or the rest of the command.
func (d *Desk) registerItems(c *call) ([]item, error) {
	var read understand.Reading
	switch {
	case c.Draft != nil:
		it, err := d.resume(c)
		return []item{it}, err
	case c.Event.Form != nil:
		read = understand.Fields(formText(c), c.Now, d.gazetteer())
	case c.Reading != nil:
		read = c.Reading.(understand.Reading)
	case c.Text != "":
		read = understand.Fields(c.Text, c.Now, d.gazetteer())
	}
	items := make([]item, len(read.Activities))
	for i, a := range read.Activities {
		items[i] = newItem(a)
	}
	return items, nil
}

func formText(c *call) string {
	var b strings.Builder
	for _, k := range []string{"名称", "时间", "地点", "名额"} {
		if v := c.Form(k); v != "" {
			fmt.Fprintf(&b, "%s：%s\n", k, v)
		}
	}
	return b.String()
}

func activityForm() bot.Reply {
	return bot.Reply{Card: &bot.Card{
		Title: "登记活动", Tone: bot.Info,
		Sections: []bot.Section{{Lines: []string{"也可以直接说一句话：登记活动 下周三下午2点半 参观座谈 地点 企业服务中心 限30人"}}},
		Form: &bot.Form{Command: "登记活动", Submit: "登记", Fields: []bot.Field{
			{Name: "名称", Label: "名称", Kind: bot.LineField, Hint: "联合主题党日", Required: true},
			{Name: "时间", Label: "时间", Kind: bot.LineField, Hint: "下周三下午2点半", Required: true},
			{Name: "地点", Label: "地点", Kind: bot.LineField, Hint: "企业服务中心"},
			{Name: "名额", Label: "名额", Kind: bot.NumberField, Hint: "不填就是不限"},
		}},
	}}
}

// askMissing asks for the first thing that is missing or doubtful.
func (d *Desk) askMissing(c *call, it item) (bot.Reply, bool) {
	w := it.when
	ask := func(field, words string, options ...string) (bot.Reply, bool) {
		draft := it.draft()
		if c.Draft[asking] == field {
			words += "不办了回“算了”。"
		}
		if !c.Event.Direct {
			words = alsoAside(words, "请 "+d.calling(c)+"回答")
		}
		draft[asking] = field
		q := bot.Question{Command: "登记活动", Draft: draft, Field: field}
		for _, o := range options {
			q.Options = append(q.Options, bot.Option{Label: o})
		}
		c.Ask(q)
		return bot.Say(words), true
	}
	switch {
	case w.Refused == zhtime.RefusedWeekday && !w.Start.IsZero():
		day := w.Start.Format("2006年1月2日15:04")
		return ask("when", fmt.Sprintf("%s，和您说的星期对不上。按 %s 登记吗？回“是”，或说另一天。",
			zhtime.FormatDay(w.Start, d.Calendar), zhtime.Format(w.Start, c.Now, d.Calendar)), day)
	case w.Refused != "" && !w.Day.IsZero() && it.clockSaid:
		return ask("clock", fmt.Sprintf("“%s”不是几点几分。%s几点开始？", clip(w.Said, 20), zhtime.FormatDate(w.Day, c.Now, d.Calendar)))
	case w.Refused != "":
		return ask("when", d.whyNot(w, c.Now))
	case w.EarlyClock:
		hour, minute := w.Start.Hour(), w.Start.Minute()
		early, late := fmt.Sprintf("早上%d点%02d分", hour, minute), fmt.Sprintf("下午%d点%02d分", hour, minute)
		it.when = understand.When{Day: midnight(w.Start)}
		return ask("clock", fmt.Sprintf("%s %d:%02d，是 1 %s 还是 2 %s？", zhtime.FormatDay(w.Start, d.Calendar), hour, minute, early, late), early, late)
	case d.justPassed(w, c.Now):
		return ask("when", fmt.Sprintf("%s刚过去。是 %s 吗？回“是”，或说是哪一天。", clip(w.Said, 20), zhtime.Format(w.Start, c.Now, d.Calendar)),
			w.Start.Format("2006年1月2日15:04"))
	case w.Start.IsZero() && !w.Day.IsZero():
		return ask("clock", fmt.Sprintf("记下了 %s%s。几点开始？", zhtime.FormatDate(w.Day, c.Now, d.Calendar), w.Part))
	case w.Start.IsZero() && it.Title == "":
		return ask("title", "活动叫什么？什么时候、在哪里办也可以一起说。")
	case w.Start.IsZero():
		return ask("when", "记下了“"+clip(it.Title, 20)+"”。什么时候办？比如“下周三下午2点半”。")
	case it.Title == "":
		return ask("title", fmt.Sprintf("记下了 %s。活动叫什么？", zhtime.Format(w.Start, c.Now, d.Calendar)))
	case it.Place == "":
		return ask("place", fmt.Sprintf("记下了 %s。在哪里办？(回“未定”也可以)", zhtime.Format(w.Start, c.Now, d.Calendar)))
	}
	return bot.Reply{}, false
}

// alsoAside puts a note in brackets behind the words, or into the brackets that they end with.
func alsoAside(words, note string) string {
	if before, ok := strings.CutSuffix(words, ")"); ok {
		return before + "，" + note + ")"
	}
	return words + "(" + note + ")"
}

// asking is the draft's note of what was asked last.
const asking = "asking"

func midnight(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())
}

// justPassed reports whether a date without a year went by a few weeks ago and was therefore read as next year's.
func (d *Desk) justPassed(w understand.When, now time.Time) bool {
	m, ok := zhtime.Pick(w.Said, zhtime.Parse(w.Said, now, d.Calendar))
	return ok && m.JustPassed && !w.Start.IsZero()
}

// whyNot says why a time cannot be used.
func (d *Desk) whyNot(w understand.When, now time.Time) string {
	said := "这个时间"
	if w.Said != "" {
		said = "“" + clip(w.Said, 20) + "”"
	}
	switch w.Refused {
	case zhtime.RefusedPast:
		return said + "已经过了，现在是 " + zhtime.Format(now, now, d.Calendar) + "。改到什么时候？"
	case zhtime.RefusedWeekday:
		return said + "的日期和星期对不上，请再说一次是哪一天。"
	case zhtime.RefusedAmbiguous:
		return said + "可能是好几天，请说具体哪一天、几点。"
	}
	return said + "这一天不存在，请再说一次是哪一天。"
}

// store checks the bounds and registers the activity with its reminders.
func (d *Desk) store(s Store, c *call, into consortium.Consortium, it item) (consortium.Activity, []*consortium.Reminder, error) {
	a := consortium.Activity{
		Consortium: into.ID, Title: it.Title, Category: it.Category, Start: it.when.Start, End: it.when.End, Place: it.Place,
		Capacity: it.Capacity, SignupEnds: it.Deadline, Host: it.Host, Organiser: consortium.PersonID(c.Person),
		State: consortium.Open,
	}
	if a.Host == "" {
		a.Host = party(c)
	}
	if err := d.checkActivity(a, c.Now); err != nil {
		return a, nil, err
	}
	if err := s.AddActivity(&a); err != nil {
		return a, nil, fmt.Errorf("add activity: %w", err)
	}
	if !c.Event.Direct { // the answer shows it
		if err := s.Show(a.ID, c.Now, c.Event.Place()); err != nil {
			return a, nil, fmt.Errorf("note where an activity is known: %w", err)
		}
	}
	rs := consortium.PlanReminders(a, c.Now)
	if err := s.AddReminders(rs...); err != nil {
		return a, nil, fmt.Errorf("add reminders: %w", err)
	}
	return a, rs, remember(s, c, consortium.OfActivity, int64(a.ID), a.Version, nil, "登记 "+code(a.ID))
}

func (d *Desk) checkActivity(a consortium.Activity, now time.Time) error {
	switch {
	case !a.Start.After(now):
		return refuse("past", "%s 已经过了，现在是 %s。请换个时间再说一次。", d.moment(a.Start, now), d.moment(now, now))
	case a.Start.Sub(now) > maxAhead:
		return refuse("far", "%s 太远了，我只登记两年以内的活动。", d.moment(a.Start, now))
	case !a.End.IsZero() && !a.End.After(a.Start):
		return refuse("end", "结束时间要在 %s 之后，请再说一次。", d.moment(a.Start, now))
	case a.Capacity < 0 || a.Capacity > maxCapacity:
		return refuse("capacity", "名额要在 1 到 %d 之间。", maxCapacity)
	case len([]rune(a.Title)) > maxTitle:
		return refuse("title", "活动名称请不要超过 %d 个字。", maxTitle)
	case len([]rune(a.Place)) > maxPlace:
		return refuse("place", "地点请不要超过 %d 个字。", maxPlace)
	case a.SignupEnds.After(a.Start) && !sameDay(a.SignupEnds, a.Start):
		return refuse("deadline", "报名截止 %s 在活动开始(%s)之后，请再说一次。", d.moment(a.SignupEnds, now), d.moment(a.Start, now))
	case !a.SignupEnds.IsZero() && !a.SignupEnds.After(now):
		return refuse("deadline", "报名截止 %s 已经过了，请再说一次。", d.moment(a.SignupEnds, now))
	}
	return nil
}

// registerSeveral registers the complete ones of a message that names several activities, and says what the others lack.
func (d *Desk) registerSeveral(s Store, c *call, into consortium.Consortium, items []item) (bot.Reply, error) {
	var lines []string
	registered := false
	for i, it := range items {
		if i == 5 {
			lines = append(lines, "一次最多登记 5 场，其余请再发一条。")
			break
		}
		if r, lacks := d.askMissing(&call{Now: c.Now}, it); lacks {
			lines = append(lines, fmt.Sprintf("“%s”还没登记：%s(请单独再发一条)", clip(it.Title, 20), r.Text))
			continue
		}
		a, _, err := d.store(s, c, into, it)
		if refusal := (*consortium.Error)(nil); errors.As(err, &refusal) {
			lines = append(lines, fmt.Sprintf("“%s”没登记：%s", clip(it.Title, 20), refusal.Text))
			continue
		}
		if err != nil {
			return bot.Reply{}, err
		}
		registered = true
		lines = append(lines, "已登记 "+d.activityLine(a, c.Now))
	}
	offer, err := offerInvitation(s, c, into, "编号")
	if err != nil {
		return bot.Reply{}, err
	}
	if registered && offer != "" {
		lines = append(lines, offer+"。")
	}
	lines = append(lines, "报名回“报名 编号 人数”，要撤回请回“取消活动 编号”。")
	return bot.Say(strings.Join(lines, "\n")), nil
}
