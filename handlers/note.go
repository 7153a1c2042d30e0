package handlers

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"lianbang/bot"
	"lianbang/consortium"
)

const (
	maxNote    = 200 // runes
	maxNotes   = 30  // of a need
	notesShown = 5   // by 进度
)

// note is 进展: who handles a need says how far it is, and the enterprise is told. Whoever only asks is shown 进度.
func (d *Desk) note(s Store, c *call) (bot.Reply, error) {
	_, free := c.Reading.(spoken)
	heard(c)
	if id := draftNeed(c); id != 0 {
		c.Codes = map[string]int64{"S": id}
	}
	if r, ok, err := d.notNoting(s, c, free); ok || err != nil {
		return r, err
	}
	n, err := d.needToHandle(s, c, "记进展")
	if err != nil {
		return bot.Reply{}, err
	}
	id := needCode(n.ID)
	switch n.State {
	case consortium.Reported:
		return bot.Reply{}, refuse("unassigned", "%s 要先派单：回“派 %s 姓名”。", id, id)
	case consortium.Assigned:
	default:
		return bot.Reply{}, refuse("closed", "%s 现在是“%s”，不用再记进展。", id, stateText(n))
	}
	text, hid := hide(c, written(c))
	hid = strings.Replace(hid, hidNumber, hidResult, 1)
	switch {
	case text == "":
		c.Ask(followUp("进展", int64(n.ID), "note"))
		return confidential(id + " 有什么进展？一句话，比如“已联系银行，下周面谈”。"), nil
	case len([]rune(text)) > maxNote:
		return bot.Reply{}, refuse("long", "进展请不要超过 %d 个字，这句没有存。", maxNote)
	}
	notes, err := s.NeedNotes(n.ID, maxNotes)
	if err != nil {
		return bot.Reply{}, fmt.Errorf("count notes: %w", err)
	}
	if len(notes) == maxNotes {
		return bot.Reply{}, refuse("full", "%s 已有 %d 条进展，记不下了。办好了回“办结 %s 结果”。", id, maxNotes, id)
	}
	note := consortium.NeedNote{Need: n.ID, Person: consortium.PersonID(c.Person), At: c.Now, Text: text}
	if err := s.AddNeedNote(&note); err != nil {
		return bot.Reply{}, fmt.Errorf("add note: %w", err)
	}
	kept, err := json.Marshal(note)
	if err != nil {
		return bot.Reply{}, fmt.Errorf("keep note: %w", err)
	}
	if err := remember(s, c, consortium.OfNote, int64(n.ID), n.Version, kept, "进展 "+id); err != nil {
		return bot.Reply{}, err
	}
	told, err := d.tellNote(s, c, n, text)
	if err != nil {
		return bot.Reply{}, err
	}
	return confidential(also(fmt.Sprintf("%s 已记进展：%s\n%s办好了回“办结 %s 结果” · 10分钟内可“撤销”。", id, text, told, id), hid)), nil
}

// notNoting serves 进展 where nothing is to be noted: a question, 全部, the bare code of a need that somebody else handles, and
// a free sentence of the one who reported the need.
func (d *Desk) notNoting(s Store, c *call, free bool) (r bot.Reply, ok bool, err error) {
	if c.Draft != nil {
		return r, false, nil
	}
	switch {
	case c.Text == "全部":
		r, err = d.allNotes(s, c)
		return r, true, err
	case c.Text != "" && asksProgress(c.Text):
		r, err = d.progress(s, c)
		return r, true, err
	case c.Code("S") == 0:
		return r, false, nil
	}
	n, err := s.Need(consortium.NeedID(c.Code("S")))
	if err != nil && !errors.Is(err, consortium.ErrNotFound) {
		return r, false, fmt.Errorf("load need: %w", err)
	}
	me := consortium.PersonID(c.Person)
	switch {
	case err == nil && n.Assignee == me:
		return r, false, nil
	case c.Text == "":
		r, err = d.progress(s, c)
		return r, true, err
	case free && err == nil && n.Reporter == me:
		return Voice{d}.aboutCode(s, c)
	}
	return r, false, nil
}

// asksProgress reports whether what stands behind 进展 asks for it.
func asksProgress(text string) bool {
	if questioning(text) {
		return true
	}
	for _, w := range [...]string{"怎么样", "怎样", "咋样", "如何", "到哪"} {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}

// tellNote tells the enterprise, and the assignee where somebody else noted it. told says who knows.
func (d *Desk) tellNote(s Store, c *call, n consortium.Need, text string) (told string, err error) {
	id := needCode(n.ID)
	return d.tellBoth(s, c, n, fmt.Sprintf("%s 有进展(%s)：%s\n看经过回“进度 %s”。", id, c.Name, text, id),
		fmt.Sprintf("%s %s记了进展：%s", id, c.Name, text))
}

// tellBoth tells the enterprise and the assignee, but not the asker, and says who knows.
func (d *Desk) tellBoth(s Store, c *call, n consortium.Need, firm, assignee string) (told string, err error) {
	toFirm, err := d.tellOther(s, c, n.Reporter, confidential(firm))
	if err != nil {
		return "", err
	}
	toWho, err := d.tellOther(s, c, n.Assignee, confidential(assignee))
	if err != nil {
		return "", err
	}
	return bothText(toFirm, toWho), nil
}

// bothText says who of the enterprise and the assignee knows, and no more than that.
func bothText(firm, who reached) string {
	var known, missed []string
	for _, p := range []struct {
		how  reached
		name string
	}{{firm, "企业"}, {who, "承办人"}} {
		switch p.how {
		case told:
			known = append(known, p.name)
		case untold:
			missed = append(missed, p.name)
		}
	}
	text := ""
	if len(known) > 0 {
		text = "已告诉" + strings.Join(known, "和") + "。"
	}
	if len(missed) > 0 {
		text += strings.Join(missed, "和") + "我联系不上，请打电话告诉。"
	}
	return text
}

// noteFacts are the last notes of a need, for its card.
func (d *Desk) noteFacts(s Store, c *call, n consortium.Need) ([]bot.Fact, error) {
	notes, err := s.NeedNotes(n.ID, maxNotes)
	if err != nil {
		return nil, fmt.Errorf("list notes: %w", err)
	}
	var facts []bot.Fact
	if earlier := len(notes) - notesShown; earlier > 0 {
		facts = append(facts, bot.Fact{Label: "进展", Value: fmt.Sprintf("更早还有 %d 条，回“进展 %s 全部”", earlier, needCode(n.ID))})
		notes = notes[earlier:]
	}
	for _, note := range notes {
		line, err := d.noteLine(s, c, n, note)
		if err != nil {
			return nil, err
		}
		facts = append(facts, bot.Fact{Label: "进展", Value: line})
	}
	return facts, nil
}

// noteLine is a note with its time, and with a name where it is not the assignee's.
func (d *Desk) noteLine(s Store, c *call, n consortium.Need, note consortium.NeedNote) (string, error) {
	by := ""
	if note.Person != n.Assignee {
		who, err := personName(s, note.Person)
		if err != nil {
			return "", fmt.Errorf("load who noted: %w", err)
		}
		by = "(" + who + ")"
	}
	return d.moment(note.At, c.Now) + " " + note.Text + by, nil
}

// allNotes is 进展 S1 全部.
func (d *Desk) allNotes(s Store, c *call) (bot.Reply, error) {
	n, err := d.loadNeed(s, c, consortium.Need.Unfinished)
	if err != nil {
		return bot.Reply{}, err
	}
	notes, err := s.NeedNotes(n.ID, maxNotes)
	if err != nil {
		return bot.Reply{}, fmt.Errorf("list notes: %w", err)
	}
	if len(notes) == 0 {
		return confidential(needCode(n.ID) + " 还没有记过进展。"), nil
	}
	lines := []string{fmt.Sprintf("%s 的进展 %d 条：", needCode(n.ID), len(notes))}
	for _, note := range notes {
		line, err := d.noteLine(s, c, n, note)
		if err != nil {
			return bot.Reply{}, err
		}
		lines = append(lines, line)
	}
	return confidential(strings.Join(lines, "\n")), nil
}

// undoNote takes the asker's note back; who was told of it is told so.
func (d *Desk) undoNote(s Store, c *call, act consortium.Act) (bot.Reply, error) {
	var note consortium.NeedNote
	if err := json.Unmarshal(act.Before, &note); err != nil {
		return bot.Reply{}, fmt.Errorf("read kept note: %w", err)
	}
	n, err := s.Need(note.Need)
	if err != nil {
		return bot.Reply{}, fmt.Errorf("load need: %w", err)
	}
	if err := s.RemoveNeedNote(note.ID); err != nil {
		return bot.Reply{}, fmt.Errorf("take a note back: %w", err)
	}
	news := fmt.Sprintf("更正：%s 刚才那条进展(%s)已撤回。", needCode(n.ID), c.Name)
	told, err := d.tellBoth(s, c, n, news, news)
	if err != nil {
		return bot.Reply{}, err
	}
	return confidential(fmt.Sprintf("已撤销：%s。%s", act.Line, told)), nil
}

// notedSince reports whether somebody else has noted something of a need since an act.
func notedSince(s Store, act consortium.Act) (bool, error) {
	notes, err := s.NeedNotes(consortium.NeedID(act.ID), 1)
	if err != nil {
		return false, fmt.Errorf("look for notes: %w", err)
	}
	return len(notes) > 0 && notes[0].Person != act.Person && notes[0].At.After(act.At), nil
}
