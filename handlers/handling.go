package handlers

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"lianbang/bot"
	"lianbang/consortium"
)

// assign is 派: a coordinator gives a need to a person.
func (d *Desk) assign(s Store, c *call) (bot.Reply, error) {
	n, err := d.loadNeed(s, c, consortium.Need.Unfinished)
	if err != nil {
		return bot.Reply{}, err
	}
	who, asked, err := d.findPerson(s, c, n.Consortium, "派 "+needCode(n.ID)+" %s")
	if asked != nil || err != nil {
		return reply(asked), err
	}
	before := n
	if n.Assignee == who.ID && n.State == consortium.Assigned {
		return confidential(fmt.Sprintf("%s 已经由%s承办。", needCode(n.ID), who.Name)), nil
	}
	if !n.Assign(who.ID, c.Now) {
		return bot.Reply{}, refuse("not-assignable", "%s 现在是“%s”，不能再派。", needCode(n.ID), stateText(n))
	}
	if err := saveNeed(s, c, before, &n, "派"); err != nil {
		return bot.Reply{}, err
	}
	task := fmt.Sprintf("%s %s诉求派给您了(%s)：\n%s\n联系企业后办好了回“办结 %s 结果”。", needCode(n.ID), n.Category, unitOr(n), n.Text, needCode(n.ID))
	if _, err := tell(s, c, who.ID, confidential(task)); err != nil {
		return bot.Reply{}, err
	}
	if n.Reporter != who.ID {
		news := fmt.Sprintf("%s 有进展：由%s承办，会联系您。", needCode(n.ID), name(who))
		if _, err := tell(s, c, n.Reporter, confidential(news)); err != nil {
			return bot.Reply{}, err
		}
	}
	return confidential(fmt.Sprintf("%s %s → %s，已通知他和企业。10分钟内可“撤销”。", needCode(n.ID), n.Category, name(who))), nil
}

func unitOr(n consortium.Need) string {
	if n.Unit == "" {
		return "单位未登记"
	}
	return n.Unit
}

// findPerson finds the person named by the call's text, or #id as a question's option writes it; it asks when several
// people have the name. again is the command line with %s where the person goes.
func (d *Desk) findPerson(s Store, c *call, in consortium.ID, again string) (consortium.Person, *bot.Reply, error) {
	said := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(c.Text), "给"))
	if id, ok := strings.CutPrefix(said, "#"); ok {
		n, _ := strconv.ParseInt(id, 10, 64)
		p, err := s.Person(consortium.PersonID(n))
		return p, nil, err
	}
	people, err := s.PeopleNamed(said, in)
	if err != nil {
		return consortium.Person{}, nil, fmt.Errorf("find person: %w", err)
	}
	switch len(people) {
	case 0:
		return consortium.Person{}, nil, refuse("nobody", "我还不认识“%s”。请他先跟我说一句话，或换个名字再说一次。", clip(said, 20))
	case 1:
		return people[0], nil, nil
	}
	var q bot.Question
	var b strings.Builder
	fmt.Fprintf(&b, "有 %d 位%s，是哪一位？", len(people), said)
	for i, p := range people {
		q.Options = append(q.Options, bot.Option{Label: name(p), Line: fmt.Sprintf(again, fmt.Sprintf("#%d", p.ID))})
		fmt.Fprintf(&b, "\n%d %s", i+1, name(p))
	}
	c.Ask(q)
	r := confidential(b.String())
	return consortium.Person{}, &r, nil
}

// answer is 办结: the assignee says what came of it; the enterprise has the last word.
func (d *Desk) answer(s Store, c *call) (bot.Reply, error) {
	if id := c.Draft["need"]; id != "" {
		n, _ := strconv.ParseInt(id, 10, 64)
		c.Codes, c.Text = map[string]int64{"S": n}, c.Draft["outcome"]
	}
	n, err := d.loadNeed(s, c, consortium.Need.Unfinished)
	if err != nil {
		return bot.Reply{}, err
	}
	rank, err := rankIn(s, c, n.Consortium)
	if err != nil {
		return bot.Reply{}, err
	}
	if n.Assignee != consortium.PersonID(c.Person) && rank < consortium.Coordinator {
		who, err := personName(s, n.Assignee)
		if err != nil {
			return bot.Reply{}, err
		}
		if who == "" {
			return bot.Reply{}, refuse("not-yours", "%s 还没有派单，办结由承办人来做。", needCode(n.ID))
		}
		return bot.Reply{}, refuse("not-yours", "办结由承办人%s或统筹员来做。", who)
	}
	if n.State == consortium.Reported {
		return bot.Reply{}, refuse("unassigned", "%s 还没有派单，先回“派 %s 姓名”。", needCode(n.ID), needCode(n.ID))
	}
	if c.Text == "" {
		c.Ask(bot.Question{Command: "办结", Draft: map[string]string{"need": fmt.Sprint(n.ID)}, Field: "outcome"})
		return confidential(needCode(n.ID) + " 办成了什么？一句话，比如“已签约12人”。"), nil
	}
	before := n
	if !n.Answer(clip(c.Text, maxNeed), c.Now) {
		return bot.Reply{}, refuse("closed", "%s 现在是“%s”，不用再办结。", needCode(n.ID), stateText(n))
	}
	if err := saveNeed(s, c, before, &n, "办结"); err != nil {
		return bot.Reply{}, err
	}
	who, err := personName(s, n.Assignee)
	if err != nil {
		return bot.Reply{}, err
	}
	if _, err := tell(s, c, n.Reporter, confirmCard(n, who)); err != nil {
		return bot.Reply{}, err
	}
	return confidential(fmt.Sprintf("%s 已转“待企业确认”，结果：%s。企业确认后我告诉您。10分钟内可“撤销”。", needCode(n.ID), n.Outcome)), nil
}

// confirmCard asks the enterprise for its word.
func confirmCard(n consortium.Need, who string) bot.Reply {
	id := needCode(n.ID)
	return bot.Reply{Class: bot.Confidential, Card: &bot.Card{
		Title: "请确认 " + id + " " + n.Category + "诉求", Tone: bot.Needs,
		Sections: []bot.Section{{Lines: []string{who + "反馈：" + n.Outcome, "属实请点确认，可顺手打分(5 非常满意 … 1 很不满意)，不评也可以。"}}},
		Buttons: []bot.Button{
			{Label: "属实，非常满意", Command: "确认 " + id + " 5"},
			{Label: "属实，满意", Command: "确认 " + id + " 4"},
			{Label: "属实，不评分", Command: "确认 " + id},
			{Label: "不符", Command: "不符 " + id},
		},
	}}
}

var ratings = []string{"很不满意", "不满意", "基本满意", "满意", "非常满意"}

// confirm is 确认: the enterprise's word, with a rating or without.
func (d *Desk) confirm(s Store, c *call) (bot.Reply, error) {
	awaits := func(n consortium.Need) bool {
		return n.State == consortium.Answered || n.State == consortium.NeedClosed && n.Rating == 0 && c.Given
	}
	n, err := d.loadNeed(s, c, awaits)
	if err != nil {
		return bot.Reply{}, err
	}
	if n.Reporter != consortium.PersonID(c.Person) {
		return bot.Reply{}, refuse("not-yours", "%s 要由报送的企业确认。", needCode(n.ID))
	}
	if c.Given && (c.Count < 1 || c.Count > 5) {
		return bot.Reply{}, refuse("rating", "评分是 1 到 5：5 非常满意，1 很不满意。")
	}
	before := n
	if !n.Confirm(c.Count, c.Now) {
		return bot.Reply{}, refuse("nothing-to-confirm", "%s 现在是“%s”，不用确认。", needCode(n.ID), stateText(n))
	}
	if err := saveNeed(s, c, before, &n, "确认"); err != nil {
		return bot.Reply{}, err
	}
	if n.Assignee != 0 && n.Assignee != n.Reporter {
		news := needCode(n.ID) + " 企业已确认办结。"
		if n.Rating > 0 {
			news = fmt.Sprintf("%s 企业已确认办结，评分 %d(%s)。", needCode(n.ID), n.Rating, ratings[n.Rating-1])
		}
		if _, err := tell(s, c, n.Assignee, confidential(news)); err != nil {
			return bot.Reply{}, err
		}
	}
	if n.Rating > 0 {
		return confidential(fmt.Sprintf("%s 已办结，评分 %d(%s)。谢谢您。", needCode(n.ID), n.Rating, ratings[n.Rating-1])), nil
	}
	var q bot.Question
	for i, r := range ratings {
		q.Options = append(q.Options, bot.Option{Label: r, Line: fmt.Sprintf("确认 %s %d", needCode(n.ID), i+1)})
	}
	c.Ask(q)
	return confidential(needCode(n.ID) + " 已办结，谢谢您。愿意的话打个分：5 非常满意 4 满意 3 基本满意 2 不满意 1 很不满意。"), nil
}

// reopen is 不符: the enterprise says that the matter is not settled.
func (d *Desk) reopen(s Store, c *call) (bot.Reply, error) {
	n, err := d.loadNeed(s, c, func(n consortium.Need) bool { return n.State == consortium.Answered })
	if err != nil {
		return bot.Reply{}, err
	}
	if n.Reporter != consortium.PersonID(c.Person) {
		return bot.Reply{}, refuse("not-yours", "%s 要由报送的企业来说。", needCode(n.ID))
	}
	before := n
	if !n.Reopen() {
		return bot.Reply{}, refuse("nothing-to-reopen", "%s 现在是“%s”，没有待确认的结果。", needCode(n.ID), stateText(n))
	}
	if err := saveNeed(s, c, before, &n, "退回"); err != nil {
		return bot.Reply{}, err
	}
	why := ""
	if c.Text != "" {
		why = "，说：" + clip(c.Text, 200)
	}
	if _, err := tell(s, c, n.Assignee, confidential(fmt.Sprintf("%s 企业认为还没办成%s。请继续办理，办好了再回“办结 %s 结果”。", needCode(n.ID), why, needCode(n.ID)))); err != nil {
		return bot.Reply{}, err
	}
	return confidential(fmt.Sprintf("记下了，%s 已退回承办人继续办理(第 %d 次)。随时回“进度 %s”。", needCode(n.ID), n.Reopened, needCode(n.ID))), nil
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
	if c.Code("S") == 0 {
		ns, err := s.NeedsOf(consortium.PersonID(c.Person), 50)
		if err != nil {
			return bot.Reply{}, fmt.Errorf("list own needs: %w", err)
		}
		if lines := needLines(ns); len(lines) > 1 {
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
	return d.needCard(n, who, c), nil
}

// needLines lists needs that still matter, and those closed last.
func needLines(ns []consortium.Need) (lines []string) {
	for _, n := range ns {
		if n.State != consortium.NeedWithdrawn && len(lines) < 10 {
			lines = append(lines, fmt.Sprintf("%s %s %s：%s", needCode(n.ID), n.Category, stateText(n), clip(n.Text, 24)))
		}
	}
	return lines
}

func (d *Desk) needCard(n consortium.Need, who string, c *call) bot.Reply {
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
	add("结果", n.Outcome)
	add("反馈", at(n.AnsweredAt))
	add("办结", at(n.ClosedAt))
	if n.Rating > 0 {
		add("评分", fmt.Sprintf("%d(%s)", n.Rating, ratings[n.Rating-1]))
	}
	r := bot.Reply{Class: bot.Confidential, Card: &bot.Card{
		Title: fmt.Sprintf("%s %s诉求 · %s", needCode(n.ID), n.Category, stateText(n)), Tone: tone, Sections: []bot.Section{{Facts: facts}},
	}}
	if n.State == consortium.Answered && n.Reporter == consortium.PersonID(c.Person) {
		r.Card.Buttons = confirmCard(n, who).Card.Buttons
	}
	return r
}

// unassigned is 待派.
func (d *Desk) unassigned(s Store, c *call) (bot.Reply, error) {
	ns, err := s.NeedsUnassigned(0, 20)
	if err != nil {
		return bot.Reply{}, fmt.Errorf("list unassigned needs: %w", err)
	}
	if len(ns) == 0 {
		return confidential("没有待派的诉求。"), nil
	}
	lines := make([]string, len(ns))
	for i, n := range ns {
		lines[i] = fmt.Sprintf("%s %s %s：%s(%s)", needCode(n.ID), n.Category, unitOr(n), clip(n.Text, 24), d.moment(n.Received, c.Now))
	}
	return confidential(fmt.Sprintf("待派 %d 件：\n%s\n回“派 编号 姓名”。", len(ns), strings.Join(lines, "\n"))), nil
}
