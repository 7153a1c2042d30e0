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

// draftNeed is the need that a question was about, when this call answers it.
func draftNeed(c *call) int64 {
	if c.Code("S") != 0 {
		return 0
	}
	n, _ := strconv.ParseInt(c.Draft["need"], 10, 64)
	return n
}

// followUp is a question about a need, whose answer continues the command.
func followUp(command string, id int64, field string) bot.Question {
	return bot.Question{Command: command, Draft: map[string]string{"need": fmt.Sprint(id)}, Field: field}
}

// assign is 派: a coordinator gives a need to a person, with a term or without.
func (d *Desk) assign(s Store, c *call) (bot.Reply, error) {
	heard(c)
	due := unstamp(c.Draft["due"], c.Now.Location())
	if id := draftNeed(c); id != 0 {
		c.Codes = map[string]int64{"S": id}
	}
	takeCode(c)
	n, err := d.needToAssign(s, c)
	if err != nil {
		return bot.Reply{}, err
	}
	said, term, err := d.cutTerm(c.Text, c.Now)
	if err != nil {
		return bot.Reply{}, err
	}
	if !term.IsZero() {
		due = term
	}
	q := bot.Question{Command: "派", Draft: map[string]string{"need": fmt.Sprint(n.ID), "due": stamp(due)}, Field: "who"}
	if said == "" {
		if due.IsZero() || n.State != consortium.Assigned {
			c.Ask(q)
			return confidential(needCode(n.ID) + " 派给谁？回姓名，可以带期限，比如“张航 3天内”。"), nil
		}
		said = fmt.Sprintf("#%d", n.Assignee)
	}
	who, asked, err := d.findPerson(s, c, personSought{said: said, in: n.Consortium, again: "派 " + needCode(n.ID) + " %s", question: q})
	if asked != nil || err != nil {
		return reply(asked), err
	}
	return d.hand(s, c, n, who, due)
}

// needToAssign is the need with the code that was said, or the only one that waits.
func (d *Desk) needToAssign(s Store, c *call) (consortium.Need, error) {
	if c.Code("S") != 0 {
		return d.loadNeed(s, c, consortium.Need.Unfinished)
	}
	ns, err := s.NeedsUnassigned(0, maxListed)
	if err != nil {
		return consortium.Need{}, fmt.Errorf("list unassigned needs: %w", err)
	}
	if len(ns) == 0 {
		return consortium.Need{}, refuse("no-need", "没有待派的诉求。改派请带上编号：派 S1 姓名。")
	}
	return one(c, ns)
}

// cutTerm cuts the term that stands behind a name: 王科 3天内.
func (d *Desk) cutTerm(text string, now time.Time) (who string, due time.Time, err error) {
	for _, m := range zhtime.Parse(text, now, d.Calendar) {
		switch {
		case m.Kind != zhtime.Deadline && m.Kind != zhtime.Date && m.Kind != zhtime.DateTime:
			continue
		case m.Refused != "" && m.Kind == zhtime.Deadline || m.Refused == zhtime.RefusedPast:
			return "", due, refuse("term", "期限“%s”用不了，请写成还没到的日子，比如“3天内”“12月4日前”。", text[m.From:m.To])
		case m.Refused != "":
			continue
		}
		if due = m.End; due.IsZero() {
			due = m.Start
		}
		if !due.Equal(midnight(due)) && m.Grain != zhtime.GrainMinute {
			due = midnight(due)
		}
		text = text[:m.From] + " " + text[m.To:]
		break
	}
	text = strings.TrimSpace(text)
	for range 3 {
		for _, w := range []string{"答复", "办结", "办好", "完成", "之前", "前", "来办", "办理", "去办", "负责", "处理", "同志", "吧", "，", ","} {
			text = strings.TrimSpace(strings.TrimSuffix(text, w))
		}
	}
	return text, due, nil
}

// term writes until when an answer is due.
func (d *Desk) term(due, now time.Time) string {
	due = due.In(now.Location())
	if due.Equal(midnight(due)) {
		return zhtime.FormatDate(due, now, d.Calendar)
	}
	return d.moment(due, now)
}

// hand gives the need to a person and tells all who have to know.
func (d *Desk) hand(s Store, c *call, n consortium.Need, who consortium.Person, due time.Time) (bot.Reply, error) {
	id, before := needCode(n.ID), n
	switch {
	case who.ID == n.Reporter:
		return bot.Reply{}, refuse("reporter", "%s 是%s自己报的，请派给别人。", id, who.Name)
	case n.Assignee == who.ID && n.State == consortium.Assigned && (due.IsZero() || due.Equal(n.Due)):
		return confidential(fmt.Sprintf("%s 已经由%s承办。", id, who.Name)), nil
	case !n.Assign(who.ID, c.Now):
		return bot.Reply{}, refuse("not-assignable", "%s 现在不能派，回“进度 %s”看办到哪一步。", id, id)
	}
	until := ""
	if !due.IsZero() {
		n.Due = due
	}
	if !n.Due.IsZero() {
		until = "，最迟 " + d.term(n.Due, c.Now) + " 答复"
	}
	if err := saveNeed(s, c, before, &n, "派"); err != nil {
		return bot.Reply{}, err
	}
	from, err := d.reporterOf(s, n)
	if err != nil {
		return bot.Reply{}, err
	}
	task := fmt.Sprintf("%s %s诉求派给您了(%s)%s：\n%s\n请联系企业，有进展回“进展 %s …”，办好了回“办结 %s 结果”。", id, n.Category, from, until, n.Text, id, id)
	if n.Reason != "" {
		task += "\n企业上次说：" + n.Reason
	}
	toWho, err := d.tellOther(s, c, who.ID, confidential(task))
	if err != nil {
		return bot.Reply{}, err
	}
	news := fmt.Sprintf("%s 有进展：由%s承办%s，会联系您。", id, name(who), until)
	if toWho == untold {
		news = fmt.Sprintf("%s 有进展：由%s承办%s。", id, name(who), until)
	}
	toFirm, err := d.tellOther(s, c, n.Reporter, confidential(news))
	if err != nil {
		return bot.Reply{}, err
	}
	if before.Assignee != 0 && before.Assignee != who.ID {
		former, err := personName(s, before.Assignee)
		if err != nil {
			return bot.Reply{}, err
		}
		now := who.Name
		if former == now {
			now = name(who)
		}
		if _, err := d.tellOther(s, c, before.Assignee, confidential(fmt.Sprintf("%s 已改派给%s，您不用办了。", id, now))); err != nil {
			return bot.Reply{}, err
		}
	}
	return confidential(fmt.Sprintf("%s %s → %s%s%s。10分钟内可“撤销”。", id, n.Category, name(who), until, toldText(toWho, toFirm, who.Name))), nil
}

// reached says how a message to somebody fared.
type reached int

const (
	himself reached = iota // it is the asker, who reads the answer
	told                   //
	untold                 // he is reached nowhere
)

// tellOther tells a person other than the asker.
func (d *Desk) tellOther(s Store, c *call, p consortium.PersonID, r bot.Reply) (reached, error) {
	if p == 0 || p == consortium.PersonID(c.Person) {
		return himself, nil
	}
	ok, err := tell(s, c, p, r)
	if err != nil || !ok {
		return untold, err
	}
	return told, nil
}

// toldText says who knows of an assignment, and no more than that.
func toldText(who, firm reached, name string) string {
	switch {
	case who == told && firm == told:
		return "，已通知承办人和企业"
	case who == told && firm == himself:
		return "，已通知承办人"
	case who == himself && firm == told:
		return "，已告诉企业"
	case who == told:
		return "，已通知承办人；企业我联系不上，请打电话告诉"
	case who == untold && firm == told:
		return "，已告诉企业；" + name + "我私聊不到，请您转告"
	case who == untold && firm == himself:
		return "；" + name + "我私聊不到，请您转告"
	case who == himself:
		return "；企业我联系不上，请打电话告诉"
	}
	return "；" + name + "和企业我都联系不上，请您转告"
}

// unassigned is 待派, ten at a time.
func (d *Desk) unassigned(s Store, c *call) (bot.Reply, error) {
	heard(c)
	ns, err := s.NeedsUnassigned(0, maxListed)
	if err != nil {
		return bot.Reply{}, fmt.Errorf("list unassigned needs: %w", err)
	}
	if len(ns) == 0 {
		return confidential("没有待派的诉求。"), nil
	}
	const page = 10
	total, from := len(ns), max(0, c.Count-1)*page
	if from >= total {
		return confidential(fmt.Sprintf("待派只有 %d 件，回“待派”从头看。", total)), nil
	}
	var lines []string
	for _, n := range slices.Clone(ns[from:min(total, from+page)]) {
		party, err := d.reporterOf(s, n)
		if err != nil {
			return bot.Reply{}, err
		}
		lines = append(lines, fmt.Sprintf("%s %s %s：%s(%s)", needCode(n.ID), n.Category, party, clip(n.Text, 24), d.moment(n.Received, c.Now)))
	}
	if left := total - from - len(lines); left > 0 {
		lines = append(lines, fmt.Sprintf("…另 %d 件，回“待派 %d”", left, from/page+2))
	}
	return confidential(fmt.Sprintf("待派 %d 件：\n%s\n回“派 编号 姓名”。", total, strings.Join(lines, "\n"))), nil
}
