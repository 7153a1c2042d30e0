package handlers

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"lianbang/bot"
	"lianbang/consortium"
	"lianbang/understand"
	"lianbang/zhtime"
)

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
	find := d.findManaged
	if read.Settled {
		find = d.findOpen
	}
	a, asked, err := find(s, c, "改 %s "+strings.ReplaceAll(c.Text, "%", "%%"))
	if asked != nil || err != nil {
		return reply(asked), err
	}
	if err := d.mayManage(s, c, a); err != nil {
		return bot.Reply{}, err
	}
	if a.State != consortium.Open || !a.Start.After(c.Now) {
		state := "开始"
		if a.State == consortium.Cancelled {
			state = "取消"
		}
		return bot.Reply{}, refuse("over", "%s 已经%s，不能再改。", code(a.ID), state)
	}
	var wish understand.Activity
	if len(read.Activities) > 0 {
		wish = read.Activities[0]
	}
	if at, ok := d.newEnd(c, a); ok {
		wish = understand.Activity{When: understand.When{Start: a.Start, End: at}}
	}
	before := a
	lines, question := d.apply(&a, wish, c)
	if question != nil {
		return *question, nil
	}
	if len(lines) == 0 && read.Settled {
		return bot.Say(fmt.Sprintf("%s %s 登记的就是 %s %s，没有改动。", code(a.ID), a.Title, d.when(a, c.Now), placeSaid(a.Place))), nil
	}
	if len(lines) == 0 {
		return bot.Say(fmt.Sprintf("%s 要改什么？可以说：改 %s 时间 周六上午9点 · 改 %s 地点 … · 改 %s 名额 40", code(a.ID), code(a.ID), code(a.ID), code(a.ID))), nil
	}
	if err := d.checkActivity(a, c.Now); err != nil {
		return bot.Reply{}, err
	}
	return d.saveChange(s, c, before, a, lines)
}

// newEnd reads a change of nothing but the end: 改 H1 结束时间 17:30, H1改5点结束.
func (d *Desk) newEnd(c *call, a consortium.Activity) (time.Time, bool) {
	if !strings.Contains(c.Text, "结束") {
		return time.Time{}, false
	}
	said := strings.NewReplacer("结束", "", "时间", "", "到", "", "改", "").Replace(c.Text)
	w := d.readWhen(strings.TrimSpace(said), c.Now)
	if w.Start.IsZero() {
		return time.Time{}, false
	}
	return onDay(a.Start.In(c.Now.Location()), w.Start), true
}

// stayEvening keeps the part of the day where none was said: what begins at 19:00 and is moved to 七点半 begins at 19:30.
func stayEvening(was time.Time, w understand.When) understand.When {
	const evening, half = 17, 12 * time.Hour
	if was.Hour() < evening || w.Start.Hour() < 5 || w.Start.Hour() >= 12 || !strings.Contains(w.Said, "点") || strings.ContainsAny(w.Said, "早晨上午明") {
		return w
	}
	w.Start = w.Start.Add(half)
	if !w.End.IsZero() && w.End.Before(w.Start) {
		w.End = w.End.Add(half)
	}
	return w
}

// apply sets what was wished for and says what changes; or it asks.
func (d *Desk) apply(a *consortium.Activity, wish understand.Activity, c *call) (lines []string, ask *bot.Reply) {
	w := wish.When
	if clockAlone(w, c.Now) {
		w.Start = onDay(a.Start.In(c.Now.Location()), w.Start)
		if !w.End.IsZero() {
			w.End = onDay(a.Start.In(c.Now.Location()), w.End)
		}
		w = stayEvening(a.Start.In(c.Now.Location()), w)
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
	case !w.Start.IsZero() && (!w.Start.Equal(a.Start) || !w.End.IsZero() && !w.End.Equal(a.End)):
		length := a.End.Sub(a.Start)
		old := d.when(*a, c.Now)
		ends := a.SignupEnds
		if !ends.IsZero() {
			a.SignupEnds = ends.Add(w.Start.Sub(a.Start))
		}
		switch {
		case !w.End.IsZero():
			a.End = w.End
		case !a.End.IsZero():
			a.End = w.Start.Add(length)
		}
		a.Start = w.Start
		lines = append(lines, "时间 "+old+" → "+d.when(*a, c.Now))
		if !ends.Equal(a.SignupEnds) {
			lines = append(lines, "报名截止 "+d.moment(ends, c.Now)+" → "+d.moment(a.SignupEnds, c.Now))
		}
	}
	if wish.Place != "" && wish.Place != a.Place {
		lines = append(lines, "地点 "+placeOr(a.Place)+" → "+wish.Place)
		a.Place = wish.Place
	}
	if wish.Host != "" && wish.Host != a.Host {
		lines = append(lines, "主办 "+a.Host+" → "+wish.Host)
		a.Host = wish.Host
	}
	if a.Capacity != 0 && strings.Contains(c.Line, "名额") && strings.Contains(c.Line, "不限") {
		lines = append(lines, fmt.Sprintf("名额 %d → 不限", a.Capacity))
		a.Capacity = 0
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

// clockAlone reports whether a clock, or a range of clocks, was said without a day: 是下午4点, 6点到8点.
func clockAlone(w understand.When, now time.Time) bool {
	first := w.Said
	if i := strings.IndexAny(first, "到至-–—~～"); i > 0 && !w.End.IsZero() {
		first = first[:i]
	}
	m, ok := zhtime.Pick(first, zhtime.Parse(first, now, nil))
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
	if err := d.saveActivity(s, c, &a); err != nil {
		return bot.Reply{}, err
	}
	moved := !a.Start.Equal(before.Start)
	if moved {
		rs := consortium.PlanReminders(a, c.Now)
		if err := moveReminders(s, a, rs); err != nil {
			return bot.Reply{}, err
		}
		lines = append(lines, d.reminderLine(a, rs, c.Now))
	}
	if moved || a.Place != before.Place {
		news := bot.Say(fmt.Sprintf("%s %s 有变动：\n%s\n来不了请回“取消报名 %s”。", code(a.ID), a.Title, strings.Join(lines, "\n"), code(a.ID)))
		told, err := d.announce(s, c, a, before.Start, false, news)
		if err != nil {
			return bot.Reply{}, err
		}
		if told != "" {
			lines = append(lines, told)
		}
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

// tellRegistered tells everybody with a party once, except the asker. told says in a line who knows, "" when there is nobody.
func (d *Desk) tellRegistered(s Store, c *call, a consortium.Activity, news bot.Reply) (told string, err error) {
	rs, err := s.Registrations(a.ID)
	if err != nil {
		return "", fmt.Errorf("list registrations: %w", err)
	}
	var n round
	for _, r := range rs {
		if r.Person == consortium.PersonID(c.Person) {
			continue
		}
		if err := n.tell(s, c, r, news); err != nil {
			return "", err
		}
	}
	return n.line(c), nil
}

// cancel is 取消活动.
func (d *Desk) cancel(s Store, c *call) (bot.Reply, error) {
	switch t := targetOf(c); {
	case t.Letter == "S":
		return d.withdrawNeed(s, c, t.Number)
	case strings.HasPrefix(c.Line, "撤销") || strings.HasPrefix(c.Line, "撤回"):
		c.Codes = map[string]int64{"H": t.Number}
		return d.undo(s, c)
	}
	if r, free := c.Reading.(understand.Reading); free && r.Confidence < understand.Sure {
		return d.askCancel(s, c)
	}
	a, asked, err := d.findManaged(s, c, "取消活动 %s")
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
	if err := d.saveActivity(s, c, &a); err != nil {
		return bot.Reply{}, err
	}
	if err := s.VoidReminders(a.ID); err != nil {
		return bot.Reply{}, fmt.Errorf("void reminders: %w", err)
	}
	news := bot.Say(fmt.Sprintf("%s %s 取消了：原定 %s %s，不用来了。", code(a.ID), a.Title, d.when(a, c.Now), placeSaid(a.Place)))
	told, err := d.announce(s, c, a, before.Start, true, news)
	if err != nil {
		return bot.Reply{}, err
	}
	if err := rememberActivity(s, c, before, a.Version, "取消 "+code(a.ID)); err != nil {
		return bot.Reply{}, err
	}
	text := fmt.Sprintf("已取消 %s %s(原定 %s)，提醒不再发。", code(a.ID), a.Title, d.when(a, c.Now))
	if told != "" {
		text += "\n" + strings.ReplaceAll(told, "\n", "。\n") + "。"
	}
	return bot.Say(text + "\n10分钟内可“撤销”。"), nil
}

// rememberActivity keeps an activity as it was, for 撤销.
func rememberActivity(s Store, c *call, before consortium.Activity, version int64, line string) error {
	was, err := json.Marshal(before)
	if err != nil {
		return fmt.Errorf("keep activity: %w", err)
	}
	return remember(s, c, consortium.OfActivity, int64(before.ID), version, was, line)
}
