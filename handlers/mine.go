package handlers

import (
	"fmt"
	"strings"

	"lianbang/bot"
	"lianbang/consortium"
)

// fewListed is how many of each sort 我的 shows; 我的诉求, 我的任务, 我的活动 and 我的登记 show one sort as far as it goes.
const fewListed = 5

// mine is 我的: what the asker signed up for, registered and reported, and has to do.
func (d *Desk) mine(s Store, c *call) (bot.Reply, error) {
	heard(c)
	only := ""
	for _, w := range []string{"诉求", "任务", "活动", "登记"} {
		if strings.Contains(c.Text, w) {
			only = w
		}
	}
	lists := []struct {
		word, heading string
		lines         func(s Store, c *call, most int) ([]string, error)
	}{
		{"活动", "报名的活动", d.mySignups}, {"登记", "我登记的", d.myActivities}, {"任务", "该我办的", d.myTasks}, {"诉求", "我报的诉求", d.myNeeds},
	}
	var sections []bot.Section
	for _, l := range lists {
		if only != "" && l.word != only && (only != "活动" || l.word != "登记") {
			continue
		}
		most := fewListed
		if only != "" {
			most = maxListed
		}
		lines, err := l.lines(s, c, most)
		if err != nil {
			return bot.Reply{}, err
		}
		if len(lines) > 0 {
			sections = append(sections, bot.Section{Heading: l.heading, Lines: lines})
		}
	}
	switch {
	case len(sections) > 0:
		return bot.Reply{Class: bot.Confidential, Card: &bot.Card{Title: "我的", Tone: bot.Info, Sections: sections}}, nil
	case only != "":
		return bot.Reply{Text: "这一类您现在没有。回“我的”看全部。", Class: bot.Internal}, nil
	}
	return bot.Reply{Text: "您还没有报名活动，也没有诉求。回“活动”看接下来有什么，有困难回“报诉求”。", Class: bot.Internal}, nil
}

// looked is how many things are looked at for a list of so many lines: enough to say how many more there usually are.
func looked(most int) int { return min(3*most, maxListed) }

// countAll is how many things there are, up to looked(most), where a list of at most so many has listed some.
func countAll(listed, most int, count func(upTo int) (int, error)) (int, error) {
	if listed < most || most >= looked(most) {
		return listed, nil
	}
	return count(looked(most))
}

// cut shortens a list to most lines and says how many of all are left out and what shows them.
func cut(lines []string, all, most int, unit, more string) []string {
	if all <= most {
		return lines
	}
	if all >= looked(most) {
		unit += "以上"
	}
	return append(lines[:most:most], fmt.Sprintf("…另 %d %s，回“%s”", all-most, unit, more))
}

func (d *Desk) mySignups(s Store, c *call, most int) (lines []string, err error) {
	own, err := s.AttendancesOf(consortium.PersonID(c.Person), c.Now, looked(most))
	if err != nil {
		return nil, fmt.Errorf("list own registrations: %w", err)
	}
	for _, o := range own[:min(len(own), most)] {
		a := o.Activity
		lines = append(lines, fmt.Sprintf("%s %s %s %s：%s", code(a.ID), a.Title, d.when(a, c.Now), placeSaid(a.Place), partyText(o.Registration)))
	}
	return cut(lines, len(own), most, "场", "我的活动"), nil
}

func (d *Desk) myActivities(s Store, c *call, most int) (lines []string, err error) {
	me := consortium.PersonID(c.Person)
	as, err := s.ActivitiesOf(me, c.Now, most)
	if err != nil {
		return nil, fmt.Errorf("list own activities: %w", err)
	}
	all, err := countAll(len(as), most, func(upTo int) (int, error) { return s.CountActivitiesOf(me, c.Now, upTo) })
	if err != nil {
		return nil, fmt.Errorf("count own activities: %w", err)
	}
	for _, a := range as {
		lines = append(lines, fmt.Sprintf("%s %s %s %s：已报 %s", code(a.ID), a.Title, d.when(a, c.Now), placeSaid(a.Place), seats(a)))
	}
	return cut(lines, all, most, "场", "我的登记"), nil
}

func (d *Desk) myTasks(s Store, c *call, most int) (lines []string, err error) {
	ns, err := s.NeedsAssigned(consortium.PersonID(c.Person), looked(most))
	if err != nil {
		return nil, fmt.Errorf("list assigned needs: %w", err)
	}
	for _, n := range ns {
		l := fmt.Sprintf("%s %s %s：%s", needCode(n.ID), n.Category, stateText(n), clip(n.Text, 24))
		if !n.Due.IsZero() && n.State == consortium.Assigned {
			l += "(最迟 " + d.term(n.Due, c.Now) + " 答复)"
		}
		lines = append(lines, l)
	}
	return cut(lines, len(ns), most, "件", "我的任务"), nil
}

func (d *Desk) myNeeds(s Store, c *call, most int) (lines []string, err error) {
	me := consortium.PersonID(c.Person)
	ns, err := s.NeedsOf(me, most)
	if err != nil {
		return nil, fmt.Errorf("list own needs: %w", err)
	}
	all, err := countAll(len(ns), most, func(upTo int) (int, error) { return s.CountNeedsOf(me, upTo) })
	if err != nil {
		return nil, fmt.Errorf("count own needs: %w", err)
	}
	return cut(needLines(ns), all, most, "件", "我的诉求"), nil
}

// unit is 我的单位.
func (d *Desk) unit(s Store, c *call) (bot.Reply, error) {
	heard(c)
	if len([]rune(c.Text)) > 40 {
		return bot.Reply{}, refuse("long", "单位名称请不要超过 40 个字。")
	}
	p, err := s.Person(consortium.PersonID(c.Person))
	if err != nil {
		return bot.Reply{}, fmt.Errorf("load asker: %w", err)
	}
	switch {
	case c.Text == "" && p.Unit == "":
		return bot.Say("您的单位还没登记，回“我的单位 名称”我就记下。"), nil
	case c.Text == "":
		return bot.Say(fmt.Sprintf("%s 的单位是 %s。要改回“我的单位 新名称”。", p.Name, p.Unit)), nil
	}
	p.Unit, _ = consortium.Mask(c.Text)
	if err := s.SavePerson(&p); err != nil {
		return bot.Reply{}, fmt.Errorf("save asker: %w", err)
	}
	return bot.Say(fmt.Sprintf("记下了，%s 的单位是 %s。", p.Name, p.Unit)), nil
}
