package handlers

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"lianbang/bot"
	"lianbang/consortium"
	"lianbang/understand"
)

const (
	maxNeed        = 1000 // runes
	maxDispatchers = 5    // coordinators who are told of a new need
	maxListed      = 50   // things that a list looks at
)

// confidential is a reply that no group may see.
func confidential(text string) bot.Reply { return bot.Reply{Text: text, Class: bot.Confidential} }

// report is 报诉求. Its draft knows body (the text so far), kind (the category), company, doubt (a number that may be an
// amount), asked (how often the category was asked for) and note (what was left out); text, category and amount are answers.
func (d *Desk) report(s Store, c *call) (bot.Reply, error) {
	if r, about, err := d.aboutNeed(s, c); about || err != nil {
		return r, err
	}
	draft := d.gather(c)
	ask := func(field, words string, options ...string) (bot.Reply, error) {
		q := bot.Question{Command: "报诉求", Draft: draft, Field: field, Again: unreported(draft, field)}
		for _, o := range options {
			q.Options = append(q.Options, bot.Option{Label: o})
		}
		c.Ask(q)
		return confidential(also(words, draft["note"])), nil
	}
	switch {
	case draft["body"] == "" && draft["kind"] == "" && c.Text == "" && len(c.Draft) == 0:
		_, err := ask("text", "")
		return d.needForm(), err
	case draft["body"] == "" && draft["kind"] == "":
		return ask("text", "好，您说。具体是什么事？一句话就行，不用写身份证号、账号。")
	case draft["body"] == "":
		return ask("text", "好，"+draft["kind"]+"诉求。具体是什么事？一句话就行，不用写身份证号、账号。")
	case len([]rune(draft["body"])) > maxNeed:
		return bot.Reply{}, refuse("long", "诉求请不要超过 %d 个字，材料可以等承办人联系时再给。", maxNeed)
	case draft["kind"] == "" && c.Draft != nil && courteous(c.Text):
		return ask("category", "刚才那件诉求属于哪一类？回数字，不清楚回“不知道”。\n"+numbered(d.Categories), d.Categories...)
	case draft["kind"] == "" && len(draft["asked"]) < 2:
		words := "记下了。这属于哪一类？\n"
		if draft["asked"] != "" {
			words = "这句也记下了。属于哪一类？回数字，不清楚回“不知道”。\n"
		}
		draft["asked"] += "x"
		return ask("category", words+numbered(d.Categories), d.Categories...)
	case draft["kind"] == "":
		draft["kind"] = d.Categories[len(d.Categories)-1]
	}
	if said := draft["doubt"]; said != "" {
		return ask("amount", "金额是 "+said+" 万元吗？回“是”，或写清楚金额。", said+"万元")
	}
	into, asked, err := d.home(s, c, draft)
	if asked != nil || err != nil {
		return reply(asked), err
	}
	n := consortium.Need{
		Consortium: into.ID, Reporter: consortium.PersonID(c.Person), Unit: unitOf(c, draft["company"]), Category: draft["kind"], Text: draft["body"],
		State: consortium.Reported, Received: c.Now,
	}
	if err := s.AddNeed(&n); err != nil {
		return bot.Reply{}, fmt.Errorf("add need: %w", err)
	}
	next, err := d.tellDispatchers(s, c, n)
	if err != nil {
		return bot.Reply{}, err
	}
	return d.reportedCard(n, next, draft["note"], c), remember(s, c, consortium.OfNeed, int64(n.ID), n.Version, nil, "报诉求 "+needCode(n.ID))
}

// aboutNeed serves 报诉求 with the code of a need that there is: 诉求 S2 撤回, 诉求 S2. Other words are more about that need.
func (d *Desk) aboutNeed(s Store, c *call) (r bot.Reply, ok bool, err error) {
	if c.Words == "" || !startsWithCode(c.Text) {
		return r, false, nil
	}
	g, ok := d.order(c.Text)
	if !ok {
		takeCode(c)
		g = bot.Guess{Path: "补充", Reading: spoken{need: c.Code("S"), text: c.Text}}
	}
	r, err = d.obey(s, c, g)
	return r, true, err
}

// unreported mentions a need that is not reported yet because a question about it is not answered; "" while nothing is known
// of it.
func unreported(draft map[string]string, field string) string {
	if draft["body"] == "" {
		return ""
	}
	what := map[string]string{"category": "属于哪一类", "amount": "金额是 " + draft["doubt"] + " 万元吗", "consortium": "放在哪个联合体"}[field]
	return fmt.Sprintf("“%s”还没报，等您回：%s？不报了回“算了”。", clip(strings.TrimSpace(draft["kind"]+" "+draft["body"]), 16), what)
}

// gather reads what is known of a need: a form, the rest of the command, a free sentence, or the answer to a question.
func (d *Desk) gather(c *call) map[string]string {
	draft := map[string]string{}
	maps.Copy(draft, c.Draft)
	switch {
	case len(c.Event.Form) > 0:
		draft["kind"] = d.category(c.Form("类别"))
		d.take(c, draft, c.Form("内容"))
	case c.Draft == nil:
		text := written(c)
		if r, ok := c.Reading.(understand.Reading); ok && r.Need != nil && c.Words == "" {
			draft["company"] = r.Need.Company
			if draft["kind"] = d.category(r.Need.Category); r.Need.Text != "" {
				text = r.Need.Text
			}
		}
		d.take(c, draft, text)
	case courteous(c.Text): // says nothing about the need
	case draft["text"] != "":
		d.take(c, draft, draft["text"])
	case draft["category"] != "":
		if draft["kind"] = d.namedCategory(draft["category"]); draft["kind"] == "" {
			d.take(c, draft, draft["category"])
		}
	case draft["amount"] != "" && strings.ContainsAny(draft["amount"], "0123456789０１２３４５６７８９一二三四五六七八九十百千万亿两"):
		draft["body"] = withAmount(draft["body"], draft["doubt"], draft["amount"])
		delete(draft, "doubt")
	case draft["amount"] != "":
		draft["body"] = join(draft["body"], draft["amount"])
	}
	delete(draft, "text")
	delete(draft, "category")
	delete(draft, "amount")
	return draft
}

// take adds something that was said to a draft: the text, and what it tells of the category, the company and an amount.
func (d *Desk) take(c *call, draft map[string]string, said string) {
	said, note := hide(c, strings.TrimSpace(said))
	if note != "" {
		draft["note"] = note
	}
	if draft["body"] == "" {
		if kind, rest := d.head(said); kind != "" {
			draft["kind"], said = kind, rest
		}
		if d.empty(said) {
			if draft["kind"] == "" {
				draft["kind"] = d.named(said)
			}
			return
		}
	}
	draft["body"] = join(draft["body"], said)
	read := d.readNeed(c, strings.TrimSpace(draft["kind"]+" "+draft["body"]))
	if read.Need == nil {
		return
	}
	if draft["kind"] == "" {
		draft["kind"] = d.category(read.Need.Category)
	}
	if draft["company"] == "" {
		draft["company"] = read.Need.Company
	}
	if read.Need.Unitless && draft["kind"] == "融资" {
		draft["doubt"] = strconv.FormatInt(read.Need.Amount, 10)
	}
}

// readNeed reads the text of a need, unless it is what was typed after the command, which has been read before the transaction.
func (d *Desk) readNeed(c *call, text string) understand.Reading {
	if r, ok := c.Reading.(understand.Reading); ok && c.Words != "" && bot.Fold(text) == c.Text {
		return r
	}
	return understand.NeedFields(text, c.Now, d.gazetteer())
}

// join puts what is said later behind what was said before.
func join(before, more string) string {
	before = strings.TrimRight(before, " ，,；;")
	switch {
	case before == "":
		return more
	case strings.ContainsAny(before[len(before)-1:], ".!?") || strings.HasSuffix(before, "。") || strings.HasSuffix(before, "？") || strings.HasSuffix(before, "！"):
		return before + more
	}
	return before + "；" + more
}

// withAmount adds an amount that was asked for to a need's text, in place of the doubtful number where the text begins with it.
func withAmount(text, doubt, amount string) string {
	if rest, ok := strings.CutPrefix(text, doubt); ok && (rest == "" || strings.HasPrefix(rest, "；")) {
		return "需要资金 " + amount + rest
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

func (d *Desk) reportedCard(n consortium.Need, next, note string, c *call) bot.Reply {
	lines := []string{next + "群里只会显示“" + n.Category + " 1 件”。"}
	if note != "" {
		lines = append(lines, note)
	}
	if n.Unit == "" {
		lines = append(lines, "单位还没登记，回“我的单位 名称”我就记下。")
	}
	id := needCode(n.ID)
	lines = append(lines, fmt.Sprintf("补充回“补充 %s …” · 类别不对回“改 %s 类别 …” · 10分钟内可“撤销”", id, id))
	return bot.Reply{Class: bot.Confidential, Card: &bot.Card{
		Title: fmt.Sprintf("已登记 %s %s诉求", id, n.Category), Tone: bot.Done,
		Sections: []bot.Section{{
			Facts: []bot.Fact{{Label: "内容", Value: n.Text}, {Label: "单位", Value: unitOr(n)}, {Label: "受理", Value: d.moment(n.Received, c.Now)}},
			Lines: lines,
		}},
		Buttons: []bot.Button{{Label: "看进度", Command: "进度 " + id},
			{Label: "撤销", Command: "撤销", Tone: bot.Danger, Confirm: "撤销 " + id + "？"}},
	}}
}

// tellDispatchers tells those who may assign a need that there is one. next is what happens now, for the reporter.
func (d *Desk) tellDispatchers(s Store, c *call, n consortium.Need) (next string, err error) {
	people, err := s.Ranked(0, consortium.Coordinator)
	if err != nil {
		return "", fmt.Errorf("list coordinators: %w", err)
	}
	id := needCode(n.ID)
	text := fmt.Sprintf("新诉求 %s %s(%s)待派单：\n%s\n回“派 %s 姓名”。", id, n.Category, needParty(n, c.Name), n.Text, id)
	told, self := 0, false
	for _, p := range people {
		if p.ID == n.Reporter {
			self = true
			continue
		}
		if told == maxDispatchers {
			break
		}
		ok, err := tell(s, c, p.ID, confidential(text))
		if err != nil {
			return "", err
		}
		if ok {
			told++
		}
	}
	news := "有进展我私聊您"
	if !c.Reachable() {
		news = "有进展回“进度”能看到"
	}
	switch {
	case told > 0:
		return "统筹员会派人办理，" + news + "。", nil
	case self:
		return "由您来派，回“派 " + id + " 姓名”。", nil
	case len(people) > 0:
		return "已记下。我暂时联系不上统筹员，急事请直接找他；" + news + "。", nil
	}
	return "目前还没有统筹员，已记下，" + strings.Replace(news, "有进展", "有人接手", 1) + "。", nil
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
	me := consortium.PersonID(c.Person)
	n, err := s.Need(consortium.NeedID(id))
	if err == nil && n.State == consortium.NeedWithdrawn && n.Reporter == me {
		return none, refuse("withdrawn", "%s 您已经撤回了，不再办理。还要办，请再报一次。", needCode(n.ID))
	}
	if errors.Is(err, consortium.ErrNotFound) || err == nil && n.State == consortium.NeedWithdrawn {
		return none, refuse("no-need", "没有%s。回“我的”看您的诉求。", unknownCode("S", id, "这件诉求"))
	}
	if err != nil {
		return none, err
	}
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
	ns, err := s.NeedsOf(consortium.PersonID(c.Person), maxListed)
	if err != nil {
		return consortium.Need{}, fmt.Errorf("list own needs: %w", err)
	}
	ns = slices.DeleteFunc(ns, func(n consortium.Need) bool { return !pick(n) })
	if len(ns) == 0 {
		return consortium.Need{}, refuse("no-need", "没有这样的诉求。回“我的”看您的诉求，报一件回“报诉求”。")
	}
	return one(c, ns)
}

// one is the only need of a list, or a refusal that asks for its code.
func one(c *call, ns []consortium.Need) (consortium.Need, error) {
	if len(ns) == 1 {
		return ns[0], nil
	}
	codes := make([]string, len(ns))
	for i, n := range ns {
		codes[i] = needCode(n.ID)
	}
	return consortium.Need{}, refuse("which-need", "有好几件：%s。请带上编号再说一次，比如“%s %s”。", strings.Join(codes[:min(len(codes), 10)], "、"), c.Path, codes[0])
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
