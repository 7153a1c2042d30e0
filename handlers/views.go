package handlers

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"lianbang/bot"
	"lianbang/consortium"
	"lianbang/zhtime"
)

// when writes the times of an activity in full: 12月4日(周五) 15:30–17:00.
func (d *Desk) when(a consortium.Activity, now time.Time) string {
	if a.End.IsZero() {
		return zhtime.Format(a.Start, now, d.Calendar)
	}
	return zhtime.FormatSpan(a.Start, a.End, now, d.Calendar)
}

func (d *Desk) moment(t, now time.Time) string {
	return zhtime.Format(t.In(now.Location()), now, d.Calendar)
}

func code(a consortium.ActivityID) string { return "H" + strconv.FormatInt(int64(a), 10) }

func needCode(n consortium.NeedID) string { return "S" + strconv.FormatInt(int64(n), 10) }

// seats says how full an activity is: 33/36，候补 2 人.
func seats(a consortium.Activity) string {
	s := fmt.Sprintf("%d 人", a.Seats)
	if a.Capacity > 0 {
		s = fmt.Sprintf("%d/%d", a.Seats, a.Capacity)
	}
	if a.Waiting > 0 {
		s += fmt.Sprintf("，候补 %d 人", a.Waiting)
	}
	return s
}

// activityFacts are the facts that could be wrong, always in the same order.
func (d *Desk) activityFacts(a consortium.Activity, now time.Time) []bot.Fact {
	facts := []bot.Fact{{Label: "时间", Value: d.when(a, now)}}
	add := func(label, value string) {
		if value != "" {
			facts = append(facts, bot.Fact{Label: label, Value: value})
		}
	}
	add("地点", placeOr(a.Place))
	add("主办", a.Host)
	add("五联", a.Category)
	if a.Capacity > 0 {
		add("名额", fmt.Sprintf("%d 人", a.Capacity))
	} else {
		add("名额", "不限")
	}
	if !a.SignupEnds.IsZero() {
		add("报名截止", d.moment(a.SignupEnds, now))
	}
	return facts
}

func placeOr(place string) string {
	if place == "" {
		return "未定"
	}
	return place
}

// placeSaid is the place where nothing else says that it is one.
func placeSaid(place string) string {
	if p := placeOr(place); p != "未定" {
		return p
	}
	return "地点未定"
}

// registeredCard echoes a new activity. offer says how groups that do not know of it hear of it, "" when all do.
func (d *Desk) registeredCard(c *call, a consortium.Activity, rs []*consortium.Reminder, it item, offer string) bot.Reply {
	now := c.Now
	s := bot.Section{Facts: d.activityFacts(a, now), Lines: []string{d.reminderLine(a, rs, now)}}
	for i, f := range s.Facts {
		if f.Label == "五联" && it.guessed {
			s.Facts[i].Value += "(按内容推测)"
		}
	}
	if len(it.Extra) > 0 {
		s.Lines = append(s.Lines, "这些我没有登记："+clip(strings.Join(it.Extra, "；"), 60))
	}
	if it.when.Rule != nil {
		s.Lines = append(s.Lines, "每次要分别登记，这是最近的一次。")
	}
	card := bot.Card{Title: fmt.Sprintf("已登记 %s %s", code(a.ID), a.Title), Tone: bot.Done}
	card.Buttons = []bot.Button{{Label: "报名", Command: "报名 " + code(a.ID)}}
	if b, ok := d.otherReading(a, it.when.Alternatives, now); ok {
		card.Buttons = append(card.Buttons, b)
	}
	switch {
	case offer == "":
	case c.Event.Direct:
		card.Buttons = slices.Insert(card.Buttons, 0, invitationButton(c, a))
	default:
		card.Buttons = append(card.Buttons, invitationButton(c, a))
	}
	if offer != "" {
		s.Lines = append(s.Lines, offer)
	}
	card.Buttons = append(card.Buttons, bot.Button{Label: "撤销", Command: "撤销", Tone: bot.Danger, Confirm: "撤销登记 " + code(a.ID) + "？"})
	s.Lines = append(s.Lines, fmt.Sprintf("报名回“报名 %s 人数” · 改回“改 %s …” · 10分钟内可“撤销”", code(a.ID), code(a.ID)))
	card.Sections = []bot.Section{s}
	return bot.Reply{Card: &card, Topic: code(a.ID)}
}

// otherReading offers the second plausible time as one tap.
func (d *Desk) otherReading(a consortium.Activity, others []zhtime.Reading, now time.Time) (bot.Button, bool) {
	for _, o := range others {
		if o.Start.IsZero() || o.Start.Equal(a.Start) || !o.Start.After(now) {
			continue
		}
		return bot.Button{
			Label:   "改到" + d.unlike(o.Start, a.Start, now),
			Command: fmt.Sprintf("改 %s 时间 %s", code(a.ID), o.Start.Format("2006年1月2日 15:04")),
		}, true
	}
	return bot.Button{}, false
}

// unlike is as much of a time as tells it from another one: the clock, the day with its weekday, or all of it. A button on
// WeCom holds ten characters: the weekday is not in brackets.
func (d *Desk) unlike(t, from, now time.Time) string {
	switch {
	case sameDay(t, from):
		return t.Format("15:04")
	case t.Year() == from.Year() && t.Format("15:04") == from.Format("15:04"):
		return t.Format("1月2日") + zhtime.WeekdayName(t.Weekday())
	}
	return d.moment(t, now)
}

func (d *Desk) reminderLine(a consortium.Activity, rs []*consortium.Reminder, now time.Time) string {
	rs = slices.DeleteFunc(slices.Clone(rs), func(r *consortium.Reminder) bool { return r.Kind == consortium.AskPhotos })
	if len(rs) == 0 {
		return "开始时间很近，不再另发提醒"
	}
	parts := make([]string, len(rs))
	for i, r := range rs {
		due := r.Due.In(now.Location())
		if sameDay(due, a.Start) {
			parts[i] = "当天" + due.Format("15:04")
		} else {
			parts[i] = zhtime.Format(due, now, d.Calendar)
		}
	}
	return "提醒：" + strings.Join(parts, "、")
}

func sameDay(a, b time.Time) bool {
	y, m, day := a.Date()
	y2, m2, day2 := b.Date()
	return y == y2 && m == m2 && day == day2
}

// activityCard shows one activity to somebody who has registered so.
func (d *Desk) activityCard(a consortium.Activity, mine consortium.Registration, now time.Time) bot.Reply {
	card := bot.Card{Title: code(a.ID) + " " + a.Title, Tone: bot.Info}
	facts := append(d.activityFacts(a, now), bot.Fact{Label: "已报", Value: seats(a)})
	switch {
	case a.State != consortium.Open:
		card.Title, card.Tone = card.Title+"(已取消)", bot.Closed
	case a.Over(now):
		card.Title, card.Tone = card.Title+"(已结束)", bot.Closed
	case a.SignupOpen(now) && mine.Party() == 0:
		card.Buttons = []bot.Button{signUpButton(a)}
	case a.SignupOpen(now):
		card.Buttons = []bot.Button{{Label: "取消报名", Command: "取消报名 " + code(a.ID), Tone: bot.Danger, Confirm: "取消 " + code(a.ID) + " 的报名？"}}
	}
	if mine.Party() > 0 {
		facts = append(facts, bot.Fact{Label: "我的报名", Value: partyText(mine)})
	}
	card.Sections = []bot.Section{{Facts: facts}}
	return bot.Reply{Card: &card, Topic: code(a.ID)}
}

// signUpButton says what a tap does: where all seats are taken it puts one on the waiting list.
func signUpButton(a consortium.Activity) bot.Button {
	b := bot.Button{Label: "报名", Command: "报名 " + code(a.ID)}
	if free, limited := a.Free(); limited && free == 0 {
		b.Label = "候补"
	}
	return b
}

// sharedCard shows one activity to a group, where it follows the activity's changes.
func (d *Desk) sharedCard(a consortium.Activity, now time.Time) bot.Reply {
	return d.activityCard(a, consortium.Registration{}, now)
}

func partyText(r consortium.Registration) string {
	switch {
	case r.Waiting == 0:
		return fmt.Sprintf("%d 人", r.Seats)
	case r.Seats == 0:
		return fmt.Sprintf("候补 %d 人", r.Waiting)
	}
	return fmt.Sprintf("%d 人，另候补 %d 人", r.Seats, r.Waiting)
}

// activityLine is one activity in a list.
func (d *Desk) activityLine(a consortium.Activity, now time.Time) string {
	s := fmt.Sprintf("%s %s %s %s", code(a.ID), a.Title, d.when(a, now), placeSaid(a.Place))
	free, limited := a.Free()
	switch {
	case !a.SignupOpen(now):
		return s + "，报名已截止"
	case limited && free == 0:
		return s + "，已满可候补"
	case limited:
		return s + fmt.Sprintf("，余 %d 位", free)
	}
	return s
}

// Reminder is what a room is told ahead of an activity. The first line carries everything, because that is what a locked
// phone shows.
func (d *Desk) Reminder(a consortium.Activity, k consortium.ReminderKind, late bool, now time.Time) bot.Reply {
	start := a.Start.In(now.Location())
	day := "今天"
	if sameDay(start, now.AddDate(0, 0, 1)) {
		day = "明天"
	} else if !sameDay(start, now) {
		day = zhtime.FormatDay(start, d.Calendar)
	}
	text := fmt.Sprintf("⏰ %s %s %s %s，%s", day, start.Format("15:04"), code(a.ID), a.Title, placeSaid(a.Place))
	if k == consortium.TwoHoursBefore && !late {
		text += "，2 小时后开始"
	}
	if late {
		text += "(补发)"
	}
	text += "\n已报 " + seats(a)
	r := bot.Say(text)
	if a.SignupOpen(now) && a.Seats > 0 {
		r.Hint = fmt.Sprintf("不能来请回“取消报名 %s”", code(a.ID))
	}
	return r
}
