package handlers

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"lianbang/bot"
	"lianbang/consortium"
)

// confirmTime is how long a bare 1 or 2 answers the card.
const confirmTime = 3 * 24 * time.Hour

// askConfirmation leaves the question of the card where the card went.
func askConfirmation(s Store, c *call, n consortium.Need, how reached) error {
	id := needCode(n.ID)
	q := bot.Question{Asked: c.Now, Expires: c.Now.Add(confirmTime), Options: []bot.Option{
		{Label: "属实", Line: "确认 " + id}, {Label: "不符", Line: "不符 " + id},
		{Label: "基本满意", Line: "确认 " + id + " 3"}, {Label: "满意", Line: "确认 " + id + " 4"}, {Label: "非常满意", Line: "确认 " + id + " 5"},
	}}
	if how == himself {
		c.Ask(q)
		return nil
	}
	if how == untold {
		return nil
	}
	to, ok, err := reach(s, c, n.Reporter)
	if err != nil || !ok {
		return err
	}
	if err := s.Ask(to, int64(n.Reporter), &q); err != nil {
		return fmt.Errorf("ask for confirmation: %w", err)
	}
	return nil
}

// confirmCard asks the enterprise for its word. who is the one who says that the matter is settled.
func confirmCard(n consortium.Need, who string) bot.Reply {
	id := needCode(n.ID)
	return bot.Reply{Class: bot.Confidential, Card: &bot.Card{
		Title: "请确认 " + id + " " + n.Category + "诉求", Tone: bot.Needs,
		Sections: []bot.Section{{Lines: []string{who + "反馈：" + n.Outcome, "回 1 属实、2 不符，也可以直接说“很满意”“不满意”，不评也可以。"}}},
		Buttons:  confirmButtons(id),
	}}
}

func confirmButtons(id string) []bot.Button {
	return []bot.Button{
		{Label: "属实，非常满意", Command: "确认 " + id + " 5"},
		{Label: "属实，满意", Command: "确认 " + id + " 4"},
		{Label: "属实，不评分", Command: "确认 " + id},
		{Label: "不符", Command: "不符 " + id},
	}
}

var ratings = []string{"很不满意", "不满意", "基本满意", "满意", "非常满意"}

// ratingIn is the rating that words give, 0 for none.
func ratingIn(words string) int {
	for _, r := range []struct {
		word   string
		rating int
	}{{"很不满意", 1}, {"非常不满意", 1}, {"不满意", 2}, {"基本满意", 3}, {"非常满意", 5}, {"很满意", 5}, {"满意", 4}} {
		if strings.Contains(words, r.word) {
			return r.rating
		}
	}
	return 0
}

// settled is what an option says of a matter that is settled although the enterprise is not content.
const settled = "办成了"

// confirm is 确认: the enterprise's word, with a rating or without.
func (d *Desk) confirm(s Store, c *call) (bot.Reply, error) {
	heard(c)
	takeCode(c)
	if r := ratingIn(c.Text); r > 0 && !c.Given {
		c.Count, c.Given = r, true
	}
	n, err := d.needToConfirm(s, c)
	if err != nil {
		return bot.Reply{}, err
	}
	id := needCode(n.ID)
	if n.Reporter != consortium.PersonID(c.Person) {
		return bot.Reply{}, refuse("not-yours", "%s 要由报送的企业确认。", id)
	}
	if c.Given && (c.Count < 1 || c.Count > 5) {
		return bot.Reply{}, refuse("rating", "评分是 1 到 5：5 非常满意，1 很不满意。")
	}
	if n.State == consortium.Answered && ratingIn(c.Text) == 0 && doubtful(c.Text) {
		if err := askConfirmation(s, c, n, himself); err != nil {
			return bot.Reply{}, err
		}
		return confidential(id + " 先不动。您是要：1 属实，确认办结　2 不符，退回重办？"), nil
	}
	if c.Given && c.Count <= 2 && n.State == consortium.Answered && !strings.Contains(c.Text, settled) {
		c.Ask(bot.Question{Options: []bot.Option{{Label: "没办成", Line: "不符 " + id}, {Label: settled, Line: fmt.Sprintf("确认 %s %d %s", id, c.Count, settled)}}})
		return confidential(fmt.Sprintf("%s %s。事情办成了吗？\n1 没办成，退回重办\n2 办成了，照“%s”记", id, ratings[c.Count-1], ratings[c.Count-1])), nil
	}
	before := n
	if !n.Confirm(c.Count, c.Now) {
		return bot.Reply{}, refuse("nothing-to-confirm", "%s 现在不用确认，回“进度 %s”看办到哪一步。", id, id)
	}
	if err := saveNeed(s, c, before, &n, "确认"); err != nil {
		return bot.Reply{}, err
	}
	news := id + " 企业已确认办结。"
	if n.Rating > 0 {
		news = fmt.Sprintf("%s 企业已确认办结，评分 %d(%s)。", id, n.Rating, ratings[n.Rating-1])
	}
	if _, err := d.tellOther(s, c, n.Assignee, confidential(news)); err != nil {
		return bot.Reply{}, err
	}
	switch {
	case n.Rating > 2:
		return confidential(fmt.Sprintf("%s 已办结，评分 %d(%s)。谢谢您。10分钟内可“撤销”。", id, n.Rating, ratings[n.Rating-1])), nil
	case n.Rating > 0:
		return confidential(fmt.Sprintf("%s 已办结，评分 %d(%s)。要重办随时回“不符 %s 原因”。", id, n.Rating, ratings[n.Rating-1], id)), nil
	}
	var q bot.Question
	for i, r := range ratings {
		q.Options = append(q.Options, bot.Option{Label: r, Line: fmt.Sprintf("确认 %s %d", id, i+1)})
	}
	c.Ask(q)
	return confidential(id + " 已办结，谢谢您。愿意的话打个分：5 非常满意 4 满意 3 基本满意 2 不满意 1 很不满意。"), nil
}

// doubtful reports whether what was said with 确认 is anything but a yes.
func doubtful(text string) bool {
	for _, w := range [...]string{"没", "不", "未", "吗", "?", "？", "什么", "谁", "怎么", "一下", "但", "才"} {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}

// rateTime is how long a rating without a code still finds the need that was closed without one.
const rateTime = 7 * 24 * time.Hour

// needToConfirm is by its code, else the only one that waits for the asker's word, else with a rating the last one that he
// closed without.
func (d *Desk) needToConfirm(s Store, c *call) (consortium.Need, error) {
	if c.Code("S") != 0 {
		return d.loadNeed(s, c, consortium.Need.Unfinished)
	}
	ns, err := s.NeedsOf(consortium.PersonID(c.Person), maxListed)
	if err != nil {
		return consortium.Need{}, fmt.Errorf("list own needs: %w", err)
	}
	waiting := slices.DeleteFunc(slices.Clone(ns), func(n consortium.Need) bool { return n.State != consortium.Answered })
	if len(waiting) > 0 {
		return one(c, waiting)
	}
	if i := slices.IndexFunc(ns, func(n consortium.Need) bool {
		return n.State == consortium.NeedClosed && n.Rating == 0 && c.Now.Sub(n.ClosedAt) < rateTime
	}); i >= 0 && c.Given {
		return ns[i], nil
	}
	return consortium.Need{}, refuse("nothing-to-confirm", "现在没有等您确认的诉求。回“进度”看您的诉求。")
}

// reopen is 不符: the enterprise says that the matter is not settled. The reason may come later.
func (d *Desk) reopen(s Store, c *call) (bot.Reply, error) {
	heard(c)
	if id := draftNeed(c); id != 0 {
		return d.reason(s, c, id)
	}
	takeCode(c)
	n, err := d.loadNeed(s, c, func(n consortium.Need) bool { return n.State == consortium.Answered })
	if err != nil {
		return bot.Reply{}, err
	}
	id := needCode(n.ID)
	if n.Reporter != consortium.PersonID(c.Person) {
		return bot.Reply{}, refuse("not-yours", "%s 要由报送的企业来说。", id)
	}
	before := n
	why, note := hide(c, clip(written(c), maxNeed))
	if !n.Reopen(why) {
		return bot.Reply{}, refuse("nothing-to-reopen", "%s 没有待确认的结果，回“进度 %s”看办到哪一步。", id, id)
	}
	if err := saveNeed(s, c, before, &n, "退回"); err != nil {
		return bot.Reply{}, err
	}
	if why != "" {
		why = "，说：" + why
	}
	how, err := d.tellOther(s, c, n.Assignee, confidential(fmt.Sprintf("%s 企业认为还没办成%s。请继续办理，办好了再回“办结 %s 结果”。", id, why, id)))
	if err != nil {
		return bot.Reply{}, err
	}
	text := fmt.Sprintf("记下了，%s 已退回承办人继续办理(第 %d 次)。", id, n.Reopened)
	if how == untold {
		text += "我暂时联系不上承办人，急事请告诉统筹员。"
	}
	if why == "" {
		c.Ask(followUp("不符", int64(n.ID), "reason"))
		return confidential(text + "\n哪里不符？回一句话，我记给承办人。"), nil
	}
	return confidential(also(text+"随时回“进度 "+id+"”，10分钟内可“撤销”。", note)), nil
}

// reason takes the answer to 哪里不符.
func (d *Desk) reason(s Store, c *call, id int64) (bot.Reply, error) {
	n, err := s.Need(consortium.NeedID(id))
	if err != nil {
		return bot.Reply{}, fmt.Errorf("load need: %w", err)
	}
	why, note := hide(c, clip(written(c), maxNeed))
	if n.State != consortium.Assigned {
		return bot.Reply{}, refuse("closed", "%s 已经有变化，回“进度 %s”看办到哪一步。", needCode(n.ID), needCode(n.ID))
	}
	before := n
	n.Reason = why
	if err := s.SaveNeed(&n); err != nil {
		return bot.Reply{}, fmt.Errorf("save need: %w", err)
	}
	act, err := s.LastAct(n.Reporter)
	if err == nil && act.Subject == consortium.OfNeed && act.ID == id && act.Version == before.Version { // the reason belongs to what was done before
		act.Version = n.Version
		err = s.SaveAct(act)
	}
	if err != nil && !errors.Is(err, consortium.ErrNotFound) {
		return bot.Reply{}, fmt.Errorf("keep act: %w", err)
	}
	how, err := d.tellOther(s, c, n.Assignee, confidential(needCode(n.ID)+" 企业说哪里不符："+why))
	if err != nil {
		return bot.Reply{}, err
	}
	text := "记下了，已告诉承办人。"
	if how == untold {
		text = "记下了。我暂时联系不上承办人，急事请告诉统筹员。"
	}
	return confidential(also(text+"随时回“进度 "+needCode(n.ID)+"”。", note)), nil
}
