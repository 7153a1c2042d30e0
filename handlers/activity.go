package handlers

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"lianbang/bot"
	"lianbang/consortium"
	"lianbang/understand"
	"lianbang/zhtime"
)

// activities is 活动: what is coming, or one activity.
func (d *Desk) activities(s Store, c *call) (bot.Reply, error) {
	if id := c.Code("H"); id != 0 {
		a, err := loadActivity(s, id)
		if err != nil {
			return bot.Reply{}, err
		}
		return d.show(s, c, a)
	}
	as, err := s.ComingActivities(consortium.ID(c.Consortium), c.Now, 8)
	if err != nil {
		return bot.Reply{}, err
	}
	if len(as) == 0 {
		return bot.Say("接下来还没有活动。要办一场，直接说：登记活动 下周三下午2点半 参观座谈 地点 企业服务中心 限30人"), nil
	}
	card := bot.Card{Title: "接下来的活动", Tone: bot.Info}
	var lines []string
	for _, a := range as {
		lines = append(lines, d.activityLine(a, c.Now))
		if a.SignupOpen(c.Now) && len(card.Buttons) < 3 {
			card.Buttons = append(card.Buttons, bot.Button{Label: "报名 " + code(a.ID), Command: "报名 " + code(a.ID)})
		}
	}
	card.Sections = []bot.Section{{Lines: lines}}
	return bot.Reply{Card: &card}, nil
}

// show is one activity as the asker sees it.
func (d *Desk) show(s Store, c *call, a consortium.Activity) (bot.Reply, error) {
	mine, err := s.Registration(a.ID, consortium.PersonID(c.Person))
	if err != nil {
		return bot.Reply{}, fmt.Errorf("load registration: %w", err)
	}
	return d.activityCard(a, mine, c.Now), nil
}

func loadActivity(s Store, id int64) (consortium.Activity, error) {
	a, err := s.Activity(consortium.ActivityID(id))
	if errors.Is(err, consortium.ErrNotFound) || err == nil && a.State == consortium.Withdrawn {
		return a, refuse("no-activity", "没有%s。回“活动”看接下来有哪些。", unknownCode("H", id, "这个活动"))
	}
	return a, err
}

// findActivity finds the activity that a change, a cancellation or a sign-up is about: by its code, else by its title or
// day among those that are coming, else the only one there is. When several fit it asks, and returns the words.
func (d *Desk) findActivity(s Store, c *call, again string) (consortium.Activity, *bot.Reply, error) {
	none := consortium.Activity{}
	if id := c.Code("H"); id != 0 {
		a, err := loadActivity(s, id)
		return a, nil, err
	}
	target := targetOf(c)
	if r, ok := c.Reading.(understand.Reading); ok && r.Intent == understand.Correct && target.Number == 0 {
		return lastActivity(s, c)
	}
	if target.Letter == "H" && target.Number != 0 {
		a, err := loadActivity(s, target.Number)
		return a, nil, err
	}
	as, err := s.ComingActivities(consortium.ID(c.Consortium), c.Now, 50)
	if err != nil {
		return none, nil, err
	}
	fits := fitting(as, target)
	switch {
	case len(as) == 0:
		return none, nil, refuse("no-activities", "接下来没有活动。")
	case len(fits) == 1:
		return fits[0], nil, nil
	case len(fits) == 0:
		fits = as
	}
	r := d.whichActivity(c, fits, again)
	return none, &r, nil
}

// lastActivity is the one that the asker registered or changed last: what a correction without a name is about.
func lastActivity(s Store, c *call) (consortium.Activity, *bot.Reply, error) {
	act, err := s.LastAct(consortium.PersonID(c.Person))
	if errors.Is(err, consortium.ErrNotFound) || err == nil && (act.Subject != consortium.OfActivity || c.Now.Sub(act.At) > consortium.UndoWindow) {
		return consortium.Activity{}, nil, refuse("nothing-to-correct", "要改哪一件？请带上编号，比如“改 H1 时间 周五下午3点”。")
	}
	if err != nil {
		return consortium.Activity{}, nil, fmt.Errorf("load last act: %w", err)
	}
	a, err := loadActivity(s, act.ID)
	return a, nil, err
}

// targetOf is what a free sentence is about.
func targetOf(c *call) understand.Target {
	r, _ := c.Reading.(understand.Reading)
	return r.Target
}

// fitting are the activities that a target's words and day fit best; all of them when it has none.
func fitting(as []consortium.Activity, t understand.Target) (out []consortium.Activity) {
	best := 1
	for _, a := range as {
		if !t.Day.IsZero() && !sameDay(a.Start.In(t.Day.Location()), t.Day) {
			continue
		}
		n := best
		if t.Title != "" {
			n = alike(t.Title, a.Title+" "+a.Place)
		}
		switch {
		case n > best:
			out, best = []consortium.Activity{a}, n
		case n == best:
			out = append(out, a)
		}
	}
	return out
}

// alike counts the pairs of neighbouring characters of said that stand in text, too.
func alike(said, text string) (n int) {
	r := []rune(said)
	for i := 1; i < len(r); i++ {
		if pair := string(r[i-1 : i+1]); !strings.Contains("活动这个那个我们参加报名", pair) && strings.Contains(text, pair) {
			n++
		}
	}
	return n
}

// whichActivity asks which of several is meant. again is the command line with %s where the code goes.
func (d *Desk) whichActivity(c *call, as []consortium.Activity, again string) bot.Reply {
	var q bot.Question
	var b strings.Builder
	b.WriteString("是哪一场？")
	for i, a := range as[:min(len(as), 5)] {
		q.Options = append(q.Options, bot.Option{Label: code(a.ID), Line: fmt.Sprintf(again, code(a.ID))})
		fmt.Fprintf(&b, "\n%d %s %s %s", i+1, code(a.ID), a.Title, d.when(a, c.Now))
	}
	c.Ask(q)
	return bot.Say(b.String())
}

// mayManage refuses everybody but the organiser and those who rank as liaison in the activity's consortium.
func (d *Desk) mayManage(s Store, c *call, a consortium.Activity) error {
	if a.Organiser == consortium.PersonID(c.Person) {
		return nil
	}
	rank, err := rankIn(s, c, a.Consortium)
	if err != nil || rank >= consortium.Liaison {
		return err
	}
	who, err := personName(s, a.Organiser)
	if err != nil {
		return err
	}
	return refuse("not-yours", "%s 由%s登记，只有他本人或联合体联络员可以改动。", code(a.ID), who)
}

// change is 改: the time, place, seats or title of an activity.
func (d *Desk) change(s Store, c *call) (bot.Reply, error) {
	read, free := c.Reading.(understand.Reading)
	if id := c.Draft["activity"]; id != "" {
		n, _ := strconv.ParseInt(id, 10, 64)
		c.Codes, c.Text = map[string]int64{"H": n}, "时间 "+c.Draft["when"]
	}
	if !free {
		read = understand.Changes(c.Text, c.Now, d.gazetteer())
	}
	a, asked, err := d.findActivity(s, c, "改 %s "+strings.ReplaceAll(c.Text, "%", "%%"))
	if asked != nil || err != nil {
		return reply(asked), err
	}
	if err := d.mayManage(s, c, a); err != nil {
		return bot.Reply{}, err
	}
	if a.State != consortium.Open || !a.Start.After(c.Now) {
		return bot.Reply{}, refuse("over", "%s 已经%s，不能再改。", code(a.ID), map[bool]string{true: "取消", false: "开始"}[a.State == consortium.Cancelled])
	}
	var wish understand.Activity
	if len(read.Activities) > 0 {
		wish = read.Activities[0]
	}
	before := a
	lines, question := d.apply(&a, wish, c)
	if question != nil {
		return *question, nil
	}
	if len(lines) == 0 {
		return bot.Say(fmt.Sprintf("%s 要改什么？可以说：改 %s 时间 周六上午9点 · 改 %s 地点 … · 改 %s 名额 40", code(a.ID), code(a.ID), code(a.ID), code(a.ID))), nil
	}
	if err := d.checkActivity(a, c.Now); err != nil {
		return bot.Reply{}, err
	}
	return d.saveChange(s, c, before, a, lines)
}

// apply sets what was wished for and says what changes; or it asks.
func (d *Desk) apply(a *consortium.Activity, wish understand.Activity, c *call) (lines []string, ask *bot.Reply) {
	w := wish.When
	if clockAlone(w, c.Now) {
		w.Start = onDay(a.Start.In(c.Now.Location()), w.Start)
	}
	if w.Start.IsZero() && !w.Day.IsZero() && w.Refused == "" {
		w.Start = onDay(w.Day, a.Start.In(c.Now.Location()))
	}
	if wish.Shift != 0 {
		w.Start = a.Start.Add(wish.Shift)
	}
	switch {
	case w.Refused != "":
		r := d.askWhenAgain(c, a.ID, w)
		return nil, &r
	case !w.Start.IsZero() && !w.Start.Equal(a.Start):
		length := a.End.Sub(a.Start)
		old := d.when(*a, c.Now)
		if !a.SignupEnds.IsZero() {
			a.SignupEnds = a.SignupEnds.Add(w.Start.Sub(a.Start))
		}
		switch {
		case !w.End.IsZero():
			a.End = w.End
		case !a.End.IsZero():
			a.End = w.Start.Add(length)
		}
		a.Start = w.Start
		lines = append(lines, "时间 "+old+" → "+d.when(*a, c.Now))
	}
	if wish.Place != "" && wish.Place != a.Place {
		lines = append(lines, "地点 "+placeOr(a.Place)+" → "+wish.Place)
		a.Place = wish.Place
	}
	if wish.Capacity != 0 && wish.Capacity != a.Capacity {
		lines = append(lines, fmt.Sprintf("名额 %s → %d", capacityText(a.Capacity), wish.Capacity))
		a.Capacity = wish.Capacity
	}
	if wish.Category != "" && wish.Category != a.Category {
		lines = append(lines, "五联 → "+wish.Category)
		a.Category = wish.Category
	}
	if wish.Title != "" && wish.Title != a.Title {
		lines = append(lines, "名称 "+a.Title+" → "+wish.Title)
		a.Title = wish.Title
	}
	if ends := newItem(wish).Deadline; !ends.IsZero() && !ends.Equal(a.SignupEnds) {
		lines = append(lines, "报名截止 → "+d.moment(ends, c.Now))
		a.SignupEnds = ends
	}
	return lines, nil
}

// askWhenAgain asks for a time in place of one that cannot be used; the answer continues 改.
func (d *Desk) askWhenAgain(c *call, id consortium.ActivityID, w understand.When) bot.Reply {
	c.Ask(bot.Question{Command: "改", Draft: map[string]string{"activity": fmt.Sprint(id)}, Field: "when"})
	return bot.Say(d.whyNot(w, c.Now))
}

// onDay keeps the clock of an activity that moves to another day.
func onDay(day, clock time.Time) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), clock.Hour(), clock.Minute(), 0, 0, day.Location())
}

// clockAlone reports whether a clock was said without a day: 是下午4点.
func clockAlone(w understand.When, now time.Time) bool {
	m, ok := zhtime.Pick(w.Said, zhtime.Parse(w.Said, now, nil))
	return ok && m.Kind == zhtime.Clock && !w.Start.IsZero()
}

func capacityText(n int) string {
	if n == 0 {
		return "不限"
	}
	return fmt.Sprint(n)
}

// saveChange stores a change with everything that follows from it: reminders move, free seats go to those who wait, and
// the registered people are told once.
func (d *Desk) saveChange(s Store, c *call, before, a consortium.Activity, lines []string) (bot.Reply, error) {
	if a.Capacity > 0 && a.Capacity < a.Seats {
		return bot.Reply{}, refuse("capacity", "%s 已报 %d 人，名额不能少于 %d。", code(a.ID), a.Seats, a.Seats)
	}
	up, err := d.promote(s, c, &a)
	if err != nil {
		return bot.Reply{}, err
	}
	if err := s.SaveActivity(&a); err != nil {
		return bot.Reply{}, fmt.Errorf("save activity: %w", err)
	}
	moved := !a.Start.Equal(before.Start)
	if moved {
		rs := consortium.PlanReminders(a, c.Now)
		if err := moveReminders(s, a, rs); err != nil {
			return bot.Reply{}, err
		}
		lines = append(lines, d.reminderLine(a, rs, c.Now))
	}
	told := 0
	if moved || a.Place != before.Place {
		news := bot.Say(fmt.Sprintf("%s %s 有变动：\n%s\n来不了请回“取消报名 %s”。", code(a.ID), a.Title, strings.Join(lines, "\n"), code(a.ID)))
		if told, err = d.tellRegistered(s, c, a, news); err != nil {
			return bot.Reply{}, err
		}
	}
	if told > 0 {
		lines = append(lines, fmt.Sprintf("已私聊通知 %d 位报名人", told))
	}
	if up != "" {
		lines = append(lines, up)
	}
	if err := rememberActivity(s, c, before, a.Version, "改 "+code(a.ID)); err != nil {
		return bot.Reply{}, err
	}
	return bot.Say(fmt.Sprintf("已改 %s %s\n%s\n10分钟内可“撤销”", code(a.ID), a.Title, strings.Join(lines, "\n"))), nil
}

func moveReminders(s Store, a consortium.Activity, rs []*consortium.Reminder) error {
	if err := s.VoidReminders(a.ID); err != nil {
		return fmt.Errorf("void reminders: %w", err)
	}
	if err := s.AddReminders(rs...); err != nil {
		return fmt.Errorf("add reminders: %w", err)
	}
	return nil
}

// tellRegistered tells everybody with a party once, except the asker, and counts those who are reached.
func (d *Desk) tellRegistered(s Store, c *call, a consortium.Activity, news bot.Reply) (int, error) {
	rs, err := s.Registrations(a.ID)
	if err != nil {
		return 0, fmt.Errorf("list registrations: %w", err)
	}
	told := 0
	for _, r := range rs {
		if r.Person == consortium.PersonID(c.Person) {
			continue
		}
		ok, err := tell(s, c, r.Person, news)
		if err != nil {
			return 0, err
		}
		if ok {
			told++
		}
	}
	return told, nil
}

// cancel is 取消活动.
func (d *Desk) cancel(s Store, c *call) (bot.Reply, error) {
	a, asked, err := d.findActivity(s, c, "取消活动 %s")
	if asked != nil || err != nil {
		return reply(asked), err
	}
	if err := d.mayManage(s, c, a); err != nil {
		return bot.Reply{}, err
	}
	if a.State == consortium.Cancelled {
		return bot.Say(code(a.ID) + " 之前已经取消了。"), nil
	}
	if !a.Start.After(c.Now) {
		return bot.Reply{}, refuse("over", "%s 已经开始，不能再取消。", code(a.ID))
	}
	before := a
	a.State = consortium.Cancelled
	if err := s.SaveActivity(&a); err != nil {
		return bot.Reply{}, fmt.Errorf("save activity: %w", err)
	}
	if err := s.VoidReminders(a.ID); err != nil {
		return bot.Reply{}, fmt.Errorf("void reminders: %w", err)
	}
	news := bot.Say(fmt.Sprintf("%s %s 取消了：原定 %s %s，不用来了。", code(a.ID), a.Title, d.when(a, c.Now), placeOr(a.Place)))
	told, err := d.tellRegistered(s, c, a, news)
	if err != nil {
		return bot.Reply{}, err
	}
	if err := rememberActivity(s, c, before, a.Version, "取消 "+code(a.ID)); err != nil {
		return bot.Reply{}, err
	}
	text := fmt.Sprintf("已取消 %s %s(原定 %s)，提醒不再发。", code(a.ID), a.Title, d.when(a, c.Now))
	if told > 0 {
		text += fmt.Sprintf("\n已私聊通知 %d 位报名人。", told)
	}
	return bot.Say(text + "\n10分钟内可“撤销”。"), nil
}

// roster is 名单.
func (d *Desk) roster(s Store, c *call) (bot.Reply, error) {
	a, err := loadActivity(s, c.Code("H"))
	if err != nil {
		return bot.Reply{}, err
	}
	if err := d.mayManage(s, c, a); err != nil {
		return bot.Reply{}, err
	}
	rs, err := s.Registrations(a.ID)
	if err != nil {
		return bot.Reply{}, err
	}
	if len(rs) == 0 {
		return bot.Reply{Text: code(a.ID) + " 还没有人报名。", Class: bot.Internal}, nil
	}
	lines := make([]string, 0, len(rs)+1)
	lines = append(lines, fmt.Sprintf("%s %s 报名 %s", code(a.ID), a.Title, seats(a)))
	for _, r := range rs {
		lines = append(lines, name(consortium.Person{Name: r.Name, Unit: r.Unit})+" "+partyText(r))
	}
	return bot.Reply{Text: strings.Join(lines, "\n"), Class: bot.Internal}, nil
}

// rememberActivity keeps an activity as it was, for 撤销.
func rememberActivity(s Store, c *call, before consortium.Activity, version int64, line string) error {
	was, err := json.Marshal(before)
	if err != nil {
		return fmt.Errorf("keep activity: %w", err)
	}
	return remember(s, c, consortium.OfActivity, int64(before.ID), version, was, line)
}
