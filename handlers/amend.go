package handlers

import (
	"errors"
	"fmt"
	"strings"

	"lianbang/bot"
	"lianbang/consortium"
)

// withdraw is 撤回诉求.
func (d *Desk) withdraw(s Store, c *call) (bot.Reply, error) {
	heard(c)
	return d.withdrawNeed(s, c, c.Code("S"))
}

// withdrawNeed takes back one's own need. Reporting it as the asker's last act is undone like any other; after that it is
// withdrawn while nobody handles it, however old it is.
func (d *Desk) withdrawNeed(s Store, c *call, id int64) (bot.Reply, error) {
	c.Codes = map[string]int64{"S": id}
	n, err := d.loadNeed(s, c, consortium.Need.Unfinished)
	if err != nil {
		return bot.Reply{}, err
	}
	if n.Reporter != consortium.PersonID(c.Person) {
		return bot.Reply{}, refuse("not-yours", "%s 要由报送的人来撤回。", needCode(n.ID))
	}
	act, err := s.LastAct(n.Reporter)
	if err != nil && !errors.Is(err, consortium.ErrNotFound) {
		return bot.Reply{}, fmt.Errorf("load last act: %w", err)
	}
	if err == nil && act.Subject == consortium.OfNeed && act.ID == id && act.Before == nil && act.Version == n.Version && c.Now.Sub(act.At) <= consortium.UndoWindow {
		return d.undo(s, c)
	}
	before := n
	if !n.Withdraw() {
		if n.State == consortium.NeedClosed {
			return bot.Reply{}, refuse("closed", "%s 已经办完，不用撤回。", needCode(n.ID))
		}
		return bot.Reply{}, refuse("built-on", "%s 已有人接着办，不能撤回。要停办请告诉统筹员。", needCode(n.ID))
	}
	if err := saveNeed(s, c, before, &n, "撤回"); err != nil {
		return bot.Reply{}, err
	}
	return confidential(fmt.Sprintf("%s 已撤回，不再派单。10分钟内可“撤销”。", needCode(n.ID))), nil
}

// ownNeed is the asker's own need that is not over; a coordinator may mean any.
func (d *Desk) ownNeed(s Store, c *call) (consortium.Need, error) {
	n, err := d.loadNeed(s, c, consortium.Need.Unfinished)
	if err != nil {
		return n, err
	}
	if n.Reporter != consortium.PersonID(c.Person) {
		rank, err := rankIn(s, c, n.Consortium)
		if err != nil {
			return n, err
		}
		if rank < consortium.Coordinator {
			return n, refuse("not-yours", "%s 由报送的人或统筹员来改。有情况请回“进展 %s …”或告诉统筹员。", needCode(n.ID), needCode(n.ID))
		}
	}
	if !n.Unfinished() {
		return n, refuse("closed", "%s 已经办完，不能再改。有新情况请另报一件。", needCode(n.ID))
	}
	return n, nil
}

// supplement is 补充: more about one's own need, which its assignee is told.
func (d *Desk) supplement(s Store, c *call) (bot.Reply, error) {
	heard(c)
	if id := draftNeed(c); id != 0 {
		c.Codes = map[string]int64{"S": id}
	}
	n, err := d.ownNeed(s, c)
	if err != nil {
		return bot.Reply{}, err
	}
	more, note := hide(c, written(c))
	if more == "" {
		c.Ask(followUp("补充", int64(n.ID), "text"))
		return confidential(needCode(n.ID) + " 要补充什么？一句话就行。"), nil
	}
	before := n
	n.Text = join(n.Text, more)
	told, err := d.saveText(s, c, before, &n, "补充", "补充："+more)
	if err != nil {
		return bot.Reply{}, err
	}
	return confidential(also(fmt.Sprintf("%s 已补充：%s%s\n10分钟内可“撤销”。", needCode(n.ID), more, told), note)), nil
}

// changeNeed is 改诉求: 类别 and a category, or 内容 and a text.
func (d *Desk) changeNeed(s Store, c *call) (bot.Reply, error) {
	heard(c)
	if err := needMeant(s, c, true); err != nil {
		return bot.Reply{}, err
	}
	n, err := d.ownNeed(s, c)
	if err != nil {
		return bot.Reply{}, err
	}
	id, before := needCode(n.ID), n
	said := strings.TrimLeft(written(c), " ：:，,")
	rest, textSaid := strings.CutPrefix(said, "内容")
	if !textSaid {
		rest = strings.TrimPrefix(said, "类别")
	}
	rest = strings.TrimSpace(rest)
	for _, w := range []string{"改成", "改为", "应该是", "为", "是", "：", ":"} {
		rest = strings.TrimSpace(strings.TrimPrefix(rest, w))
	}
	if textSaid && !d.empty(rest) {
		text, note := hide(c, rest)
		n.Text = text
		told, err := d.saveText(s, c, before, &n, "改", "内容改为："+text)
		if err != nil {
			return bot.Reply{}, err
		}
		return confidential(also(fmt.Sprintf("%s 内容已改为：%s%s\n10分钟内可“撤销”。", id, text, told), note)), nil
	}
	kind := d.namedCategory(rest)
	switch {
	case kind == "" || textSaid:
		return bot.Reply{}, refuse("what", "%s 要改什么？类别回“改 %s 类别 …”(%s)，内容回“改 %s 内容 …”，加几句回“补充 %s …”。", id, id, strings.Join(d.Categories, "、"), id, id)
	case kind == n.Category:
		return confidential(fmt.Sprintf("%s 本来就是%s。", id, kind)), nil
	}
	n.Category = kind
	told, err := d.saveText(s, c, before, &n, "改", fmt.Sprintf("类别 %s → %s", before.Category, kind))
	if err != nil {
		return bot.Reply{}, err
	}
	return confidential(fmt.Sprintf("%s 类别 %s → %s%s\n10分钟内可“撤销”。", id, before.Category, kind, told)), nil
}

// saveText stores what was said of a need and tells those who handle it. told is for the answer.
func (d *Desk) saveText(s Store, c *call, before consortium.Need, n *consortium.Need, line, news string) (told string, err error) {
	if len([]rune(n.Text)) > maxNeed {
		return "", refuse("long", "%s 加起来超过 %d 个字了，这句没有存。材料可以等承办人联系时再给。", needCode(n.ID), maxNeed)
	}
	if err := saveNeed(s, c, before, n, line); err != nil {
		return "", err
	}
	if n.Assignee == 0 || n.Assignee == consortium.PersonID(c.Person) {
		return "", nil
	}
	ok, err := tell(s, c, n.Assignee, confidential(needCode(n.ID)+" "+news))
	if err != nil {
		return "", err
	}
	who, err := personName(s, n.Assignee)
	if !ok {
		return "\n我暂时联系不上承办人" + who + "，急事请直接告诉他。", err
	}
	return "\n已告诉承办人" + who + "。", err
}
