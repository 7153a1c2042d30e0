package handlers

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"lianbang/bot"
	"lianbang/consortium"
	"lianbang/understand"
)

const maxNeed = 1000 // runes

// confidential is a reply that no group may see.
func confidential(text string) bot.Reply { return bot.Reply{Text: text, Class: bot.Confidential} }

// report is 报诉求.
func (d *Desk) report(s Store, c *call) (bot.Reply, error) {
	draft := c.Draft
	if draft == nil {
		draft = d.readNeed(c)
	}
	if draft["text"] == "" && draft["category"] == "" {
		return d.needForm(), nil
	}
	ask := func(field, words string, options ...string) (bot.Reply, error) {
		q := bot.Question{Command: "报诉求", Draft: draft, Field: field}
		for _, o := range options {
			q.Options = append(q.Options, bot.Option{Label: o})
		}
		c.Ask(q)
		return confidential(words), nil
	}
	if draft["text"] == "" {
		return ask("text", "好，"+draft["category"]+"诉求。具体是什么事？一句话就行，不用写身份证号、账号。")
	}
	if draft["category"] == "" {
		return ask("category", "记下了。这属于哪一类？\n"+numbered(d.Categories), d.Categories...)
	}
	if said := draft["amount?"]; said != "" {
		delete(draft, "amount?")
		q := "金额是 " + said + " 万元吗？回“是”，或写清楚金额。"
		c.Ask(bot.Question{Command: "报诉求", Draft: draft, Field: "amount", Options: []bot.Option{{Label: said + "万元"}}})
		return confidential(q), nil
	}
	if amount := draft["amount"]; amount != "" {
		delete(draft, "amount")
		draft["text"] = withAmount(draft["text"], amount)
	}
	if !slices.Contains(d.Categories, draft["category"]) {
		draft["category"] = d.nearestCategory(draft["category"])
	}
	into, asked, err := d.home(s, c, draft)
	if asked != nil || err != nil {
		return reply(asked), err
	}
	if len([]rune(draft["text"])) > maxNeed {
		return bot.Reply{}, refuse("long", "诉求请不要超过 %d 个字，材料可以等承办人联系时再给。", maxNeed)
	}
	n := consortium.Need{
		Consortium: into.ID, Reporter: consortium.PersonID(c.Person), Unit: unitOf(c, draft["company"]), Category: draft["category"], Text: draft["text"],
		State: consortium.Reported, Received: c.Now,
	}
	if err := s.AddNeed(&n); err != nil {
		return bot.Reply{}, fmt.Errorf("add need: %w", err)
	}
	if err := d.tellDispatchers(s, c, n); err != nil {
		return bot.Reply{}, err
	}
	return d.reportedCard(n, c), remember(s, c, consortium.OfNeed, int64(n.ID), n.Version, nil, "报诉求 "+needCode(n.ID))
}

// withAmount adds an amount that was asked for to a need's text, in place of a text that was nothing but the doubtful number.
func withAmount(text, amount string) string {
	if strings.Trim(text, "0123456789.， ") == "" {
		return "需要资金 " + amount
	}
	return text + "(金额：" + amount + ")"
}

// unitOf is the reporter's unit; what he says of himself counts where none is known.
func unitOf(c *call, said string) string {
	if c.Unit != "" {
		return c.Unit
	}
	return said
}

func numbered(options []string) string {
	var b strings.Builder
	for i, o := range options {
		if i > 0 {
			b.WriteString("　")
		}
		fmt.Fprintf(&b, "%d %s", i+1, o)
	}
	return b.String()
}

// readNeed reads a need from a form, a free sentence or the rest of the command.
func (d *Desk) readNeed(c *call) map[string]string {
	draft := map[string]string{}
	if c.Event.Form != nil {
		draft["category"], draft["text"] = c.Form("类别"), c.Form("内容")
		return draft
	}
	r, ok := c.Reading.(understand.Reading)
	if !ok {
		r = understand.NeedFields(c.Text, c.Now, d.gazetteer())
	}
	if r.Need != nil {
		draft["category"], draft["text"], draft["company"] = r.Need.Category, r.Need.Text, r.Need.Company
		if r.Need.Unitless && r.Need.Category == "融资" {
			draft["amount?"] = strconv.FormatInt(r.Need.Amount, 10)
		}
	}
	return draft
}

// nearestCategory maps a free answer to a category; what fits none is the last one, 其他.
func (d *Desk) nearestCategory(said string) string {
	for _, c := range d.Categories {
		if strings.Contains(said, c) || strings.Contains(c, said) {
			return c
		}
	}
	return d.Categories[len(d.Categories)-1]
}

func (d *Desk) needForm() bot.Reply {
	return bot.Reply{Class: bot.Confidential, Card: &bot.Card{
		Title: "报诉求", Tone: bot.Info,
		Sections: []bot.Section{{Lines: []string{"只有统筹员和承办人看得到内容。也可以直接说：报诉求 用工 招10名机械工程师"}}},
		Form: &bot.Form{Command: "报诉求", Submit: "提交", Fields: []bot.Field{
			{Name: "类别", Label: "类别", Kind: bot.ChoiceField, Options: d.Categories, Required: true},
			{Name: "内容", Label: "内容", Kind: bot.TextField, Hint: "请勿写身份证号、银行账号", Required: true},
		}},
	}}
}

func (d *Desk) reportedCard(n consortium.Need, c *call) bot.Reply {
	return bot.Reply{Class: bot.Confidential, Card: &bot.Card{
		Title: fmt.Sprintf("已登记 %s %s诉求", needCode(n.ID), n.Category), Tone: bot.Done,
		Sections: []bot.Section{{
			Facts: []bot.Fact{{Label: "内容", Value: n.Text}, {Label: "单位", Value: party(c)}, {Label: "受理", Value: d.moment(n.Received, c.Now)}},
			Lines: []string{"统筹员会派人办理，有进展我私聊您。群里只会显示“" + n.Category + " 1 件”。", fmt.Sprintf("随时回“进度 %s”查看 · 10分钟内可“撤销”", needCode(n.ID))},
		}},
		Buttons: []bot.Button{{Label: "看进度", Command: "进度 " + needCode(n.ID)},
			{Label: "撤销", Command: "撤销", Tone: bot.Danger, Confirm: "撤销 " + needCode(n.ID) + "？"}},
	}}
}

// tellDispatchers tells those who may assign a need that there is one.
func (d *Desk) tellDispatchers(s Store, c *call, n consortium.Need) error {
	people, err := s.Ranked(0, consortium.Coordinator)
	if err != nil {
		return fmt.Errorf("list coordinators: %w", err)
	}
	text := fmt.Sprintf("新诉求 %s %s(%s)待派单：\n%s\n回“派 %s 姓名”。", needCode(n.ID), n.Category, party(c), n.Text, needCode(n.ID))
	for _, p := range people[:min(len(people), 5)] {
		if p.ID == consortium.PersonID(c.Person) {
			continue
		}
		if _, err := tell(s, c, p.ID, confidential(text)); err != nil {
			return err
		}
	}
	return nil
}

// loadNeed finds the need that the asker means and may see: his own, one that he handles, or any for a coordinator. Without
// a code it is the only one that pick accepts among his.
func (d *Desk) loadNeed(s Store, c *call, pick func(consortium.Need) bool) (consortium.Need, error) {
	none := consortium.Need{}
	id := c.Code("S")
	if r, ok := c.Reading.(understand.Reading); ok && id == 0 && r.Target.Letter == "S" {
		id = r.Target.Number
	}
	if id == 0 {
		return d.onlyNeed(s, c, pick)
	}
	n, err := s.Need(consortium.NeedID(id))
	if errors.Is(err, consortium.ErrNotFound) || err == nil && n.State == consortium.NeedWithdrawn {
		return none, refuse("no-need", "没有%s。回“我的”看您的诉求。", unknownCode("S", id, "这件诉求"))
	}
	if err != nil {
		return none, err
	}
	me := consortium.PersonID(c.Person)
	if n.Reporter == me || n.Assignee == me {
		return n, nil
	}
	rank, err := rankIn(s, c, n.Consortium)
	if err != nil {
		return none, err
	}
	if rank < consortium.Coordinator {
		return none, refuse("not-yours", "%s 只有报送企业、承办人和统筹员能看。", needCode(n.ID))
	}
	return n, nil
}

func (d *Desk) onlyNeed(s Store, c *call, pick func(consortium.Need) bool) (consortium.Need, error) {
	ns, err := s.NeedsOf(consortium.PersonID(c.Person), 50)
	if err != nil {
		return consortium.Need{}, fmt.Errorf("list own needs: %w", err)
	}
	ns = slices.DeleteFunc(ns, func(n consortium.Need) bool { return !pick(n) })
	switch len(ns) {
	case 0:
		return consortium.Need{}, refuse("no-need", "没有这样的诉求。回“我的”看您的诉求，报一件回“报诉求”。")
	case 1:
		return ns[0], nil
	}
	codes := make([]string, len(ns))
	for i, n := range ns {
		codes[i] = needCode(n.ID)
	}
	return consortium.Need{}, refuse("which-need", "您有好几件：%s。请带上编号再说一次，比如“%s %s”。", strings.Join(codes, "、"), c.Path, codes[0])
}

// saveNeed stores a changed need and keeps what it was for 撤销.
func saveNeed(s Store, c *call, before consortium.Need, n *consortium.Need, line string) error {
	if err := s.SaveNeed(n); err != nil {
		return fmt.Errorf("save need: %w", err)
	}
	was, err := json.Marshal(before)
	if err != nil {
		return fmt.Errorf("keep need: %w", err)
	}
	return remember(s, c, consortium.OfNeed, int64(n.ID), n.Version, was, line+" "+needCode(n.ID))
}
