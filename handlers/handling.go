package handlers

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"lianbang/bot"
	"lianbang/consortium"
	"lianbang/understand"
)

func unitOr(n consortium.Need) string {
	if n.Unit == "" {
		return "未登记"
	}
	return n.Unit
}

// needParty is who reported a need, for those who handle it: 恒锐数控 刘HR.
func needParty(n consortium.Need, reporter string) string {
	if n.Unit == "" {
		return reporter + "，单位未登记"
	}
	return n.Unit + " " + reporter
}

// reporterOf is needParty of a stored need; a unit that was told later counts.
func (d *Desk) reporterOf(s Store, n consortium.Need) (string, error) {
	p, err := s.Person(n.Reporter)
	if errors.Is(err, consortium.ErrNotFound) {
		return "单位" + unitOr(n), nil
	}
	if n.Unit == "" {
		n.Unit = p.Unit
	}
	return needParty(n, p.Name), err
}

// answer is 办结: the assignee says what came of it; the enterprise has the last word.
func (d *Desk) answer(s Store, c *call) (bot.Reply, error) {
	heard(c)
	if id := draftNeed(c); id != 0 {
		c.Codes = map[string]int64{"S": id}
	}
	n, err := d.needToHandle(s, c, "办结")
	if err != nil {
		return bot.Reply{}, err
	}
	id := needCode(n.ID)
	if n.State == consortium.Reported {
		return bot.Reply{}, refuse("unassigned", "%s 要先派单：回“派 %s 姓名”。", id, id)
	}
	outcome, note := hide(c, written(c))
	note = strings.Replace(note, hidNumber, hidResult, 1)
	if outcome == "" {
		c.Ask(followUp("办结", int64(n.ID), "outcome"))
		return confidential(id + " 办成了什么？一句话，比如“已签约12人”。"), nil
	}
	before := n
	if !n.Answer(clip(outcome, maxNeed), c.Now) {
		return bot.Reply{}, refuse("closed", "%s 不用再办结，回“进度 %s”看办到哪一步。", id, id)
	}
	if err := saveNeed(s, c, before, &n, "办结"); err != nil {
		return bot.Reply{}, err
	}
	toFirm, err := d.tellOther(s, c, n.Reporter, confirmCard(n, c.Name))
	if err != nil {
		return bot.Reply{}, err
	}
	if err := askConfirmation(s, c, n, toFirm); err != nil {
		return bot.Reply{}, err
	}
	who, err := personName(s, n.Assignee)
	if err != nil {
		return bot.Reply{}, err
	}
	toWho, err := d.tellOther(s, c, n.Assignee, confidential(fmt.Sprintf("%s 由%s反馈：%s。等企业确认，您不用再办结。", id, c.Name, n.Outcome)))
	if err != nil {
		return bot.Reply{}, err
	}
	next := "企业确认后我告诉您。"
	switch {
	case toFirm == told && toWho == himself && !c.Reachable():
		next = "企业是否确认，回“进度 " + id + "”能看到。"
	case toFirm == untold:
		next = "企业我联系不上，请打电话请他回“确认 " + id + "”。"
	case toFirm == himself:
		next = "请您回“确认 " + id + "”。"
	case toWho == told:
		next = "已告诉承办人" + who + "，企业确认后我告诉他。"
	case toWho == untold:
		next = "承办人" + who + "我联系不上，请您转告。"
	}
	return confidential(also(fmt.Sprintf("%s 已转“待企业确认”，结果：%s。%s10分钟内可“撤销”。", id, n.Outcome, next), note)), nil
}

// needToHandle is the need that a command of those who handle it is about: by its code, else the only one that the asker
// handles. doing is what the command does.
func (d *Desk) needToHandle(s Store, c *call, doing string) (consortium.Need, error) {
	none, me := consortium.Need{}, consortium.PersonID(c.Person)
	takeCode(c)
	if c.Code("S") == 0 {
		ns, err := s.NeedsAssigned(me, maxListed)
		if err != nil {
			return none, fmt.Errorf("list assigned needs: %w", err)
		}
		if ns = slices.DeleteFunc(ns, func(n consortium.Need) bool { return n.State != consortium.Assigned }); len(ns) > 0 {
			return one(c, ns)
		}
		return none, refuse("no-task", "您手上没有在办的诉求。别的请带上编号：%s S1 …。", c.Path)
	}
	n, err := s.Need(consortium.NeedID(c.Code("S")))
	if errors.Is(err, consortium.ErrNotFound) || err == nil && n.State == consortium.NeedWithdrawn {
		return none, refuse("no-need", "没有%s。回“我的”看您的诉求。", unknownCode("S", c.Code("S"), "这件诉求"))
	}
	if err != nil || n.Assignee == me {
		return n, err
	}
	rank, err := rankIn(s, c, n.Consortium)
	if err != nil || rank >= consortium.Coordinator {
		return n, err
	}
	who, err := personName(s, n.Assignee)
	switch {
	case err != nil:
		return none, err
	case n.Reporter != me:
		return none, refuse("not-yours", "%s由承办人或统筹员来做。", doing)
	case who == "":
		return none, refuse("not-yours", "%s 还没有派单，%s由承办人来做。", needCode(n.ID), doing)
	}
	return none, refuse("not-yours", "%s由承办人%s或统筹员来做。您有新情况请回“补充 %s …”。", doing, who, needCode(n.ID))
}

func stateText(n consortium.Need) string {
	switch n.State {
	case consortium.Reported:
		return "待派单"
	case consortium.Assigned:
		return "办理中"
	case consortium.Answered:
		return "待企业确认"
	case consortium.NeedClosed:
		return "已办结"
	}
	return "已撤回"
}

// progress is 进度.
func (d *Desk) progress(s Store, c *call) (bot.Reply, error) {
	heard(c)
	read, free := c.Reading.(understand.Reading)
	if err := needMeant(s, c, free && strings.Contains(c.Line, "这")); err != nil { // 这个事有人管了吗
		return bot.Reply{}, err
	}
	if c.Code("S") == 0 && !(free && read.Target.Letter == "S") {
		lines, err := d.myNeeds(s, c, 10)
		if err != nil {
			return bot.Reply{}, err
		}
		if len(lines) > 1 {
			return confidential("您的诉求：\n" + strings.Join(lines, "\n") + "\n看经过回“进度 编号”。"), nil
		}
	}
	n, err := d.loadNeed(s, c, func(n consortium.Need) bool { return n.State != consortium.NeedWithdrawn })
	if err != nil {
		return bot.Reply{}, err
	}
	who, err := personName(s, n.Assignee)
	if err != nil {
		return bot.Reply{}, err
	}
	if n.Unit == "" {
		p, err := s.Person(n.Reporter)
		if err != nil && !errors.Is(err, consortium.ErrNotFound) {
			return bot.Reply{}, fmt.Errorf("load reporter: %w", err)
		}
		n.Unit = p.Unit
	}
	notes, err := d.noteFacts(s, c, n)
	if err != nil {
		return bot.Reply{}, err
	}
	r := d.needCard(n, who, notes, c)
	if len(r.Card.Buttons) > 0 {
		return r, askConfirmation(s, c, n, himself)
	}
	return r, nil
}

// needLines writes needs, a line each.
func needLines(ns []consortium.Need) (lines []string) {
	for _, n := range ns {
		lines = append(lines, fmt.Sprintf("%s %s %s：%s", needCode(n.ID), n.Category, stateText(n), clip(n.Text, 24)))
	}
	return lines
}

func (d *Desk) needCard(n consortium.Need, who string, notes []bot.Fact, c *call) bot.Reply {
	tone := map[consortium.NeedState]bot.Tone{consortium.Answered: bot.Needs, consortium.NeedClosed: bot.Closed}[n.State]
	if tone == "" {
		tone = bot.Info
	}
	facts := []bot.Fact{{Label: "内容", Value: n.Text}, {Label: "单位", Value: unitOr(n)}}
	add := func(label, value string) {
		if value != "" {
			facts = append(facts, bot.Fact{Label: label, Value: value})
		}
	}
	at := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return d.moment(t, c.Now)
	}
	add("受理", at(n.Received))
	add("承办", who)
	add("派单", at(n.AssignedAt))
	if !n.Due.IsZero() {
		add("答复", "≤ "+d.term(n.Due, c.Now))
	}
	facts = append(facts, notes...)
	if n.State == consortium.Assigned {
		add("企业说", n.Reason)
	}
	if n.State == consortium.Assigned {
		add("上次结果", n.Outcome)
	} else {
		add("结果", n.Outcome)
	}
	add("反馈", at(n.AnsweredAt))
	add("办结", at(n.ClosedAt))
	if n.Rating > 0 {
		add("评分", fmt.Sprintf("%d(%s)", n.Rating, ratings[n.Rating-1]))
	}
	r := bot.Reply{Class: bot.Confidential, Card: &bot.Card{
		Title: fmt.Sprintf("%s %s诉求 · %s", needCode(n.ID), n.Category, stateText(n)), Tone: tone, Sections: []bot.Section{{Facts: facts}},
	}}
	if n.State == consortium.Answered && n.Reporter == consortium.PersonID(c.Person) {
		r.Card.Buttons = confirmButtons(needCode(n.ID))
	}
	return r
}
