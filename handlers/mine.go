package handlers

import (
	"fmt"

	"lianbang/bot"
	"lianbang/consortium"
)

// mine is 我的: what the asker signed up for, reported, and has to do.
func (d *Desk) mine(s Store, c *call) (bot.Reply, error) {
	me := consortium.PersonID(c.Person)
	rs, err := s.RegistrationsOf(me, c.Now, 10)
	if err != nil {
		return bot.Reply{}, fmt.Errorf("list own registrations: %w", err)
	}
	var sections []bot.Section
	add := func(heading string, lines []string) {
		if len(lines) > 0 {
			sections = append(sections, bot.Section{Heading: heading, Lines: lines})
		}
	}
	var lines []string
	for _, r := range rs {
		a, err := s.Activity(r.Activity)
		if err != nil {
			return bot.Reply{}, fmt.Errorf("load activity: %w", err)
		}
		lines = append(lines, fmt.Sprintf("%s %s %s %s：%s", code(a.ID), a.Title, d.when(a, c.Now), placeOr(a.Place), partyText(r)))
	}
	add("报名的活动", lines)
	tasks, err := s.NeedsAssigned(me, 10)
	if err != nil {
		return bot.Reply{}, fmt.Errorf("list assigned needs: %w", err)
	}
	add("该我办的", needLines(tasks))
	needs, err := s.NeedsOf(me, 10)
	if err != nil {
		return bot.Reply{}, fmt.Errorf("list own needs: %w", err)
	}
	add("我报的诉求", needLines(needs))
	if len(sections) == 0 {
		return bot.Reply{Text: "您还没有报名活动，也没有诉求。回“活动”看接下来有什么，有困难回“报诉求”。", Class: bot.Internal}, nil
	}
	return bot.Reply{Class: bot.Confidential, Card: &bot.Card{Title: "我的", Tone: bot.Info, Sections: sections}}, nil
}

// unit is 我的单位.
func (d *Desk) unit(s Store, c *call) (bot.Reply, error) {
	if len([]rune(c.Text)) > 40 {
		return bot.Reply{}, refuse("long", "单位名称请不要超过 40 个字。")
	}
	p, err := s.Person(consortium.PersonID(c.Person))
	if err != nil {
		return bot.Reply{}, fmt.Errorf("load asker: %w", err)
	}
	p.Unit = c.Text
	if err := s.SavePerson(&p); err != nil {
		return bot.Reply{}, fmt.Errorf("save asker: %w", err)
	}
	return bot.Say(fmt.Sprintf("记下了，%s 的单位是 %s。", p.Name, p.Unit)), nil
}
