package handlers

import (
	"strings"

	"lianbang/bot"
	"lianbang/consortium"
)

// help is 帮助: what the asker may do, derived from the table, or one command in full. A guest hears what members may do, and
// how to become one.
func (d *Desk) help(_ Store, c *call) (bot.Reply, error) {
	topic, role, text := strings.TrimSpace(c.Text), consortium.Role(c.Role), ""
	if role == consortium.Guest {
		role, text = consortium.Member, Voice{d}.howToJoin(c)+"，之后就能用这些。"
	}
	if cmd := d.topic(topic); cmd != nil && role >= consortium.Role(cmd.Need) && !cmd.Hidden {
		r := helpOn(cmd)
		r.Text = text
		return r, nil
	}
	card := bot.Card{Title: "我能帮您做这些", Tone: bot.Info}
	for _, cmd := range d.registry.Commands() {
		if cmd.Hidden || role < consortium.Role(cmd.Need) {
			continue
		}
		n := len(card.Sections)
		if n == 0 || card.Sections[n-1].Heading != cmd.Section {
			card.Sections = append(card.Sections, bot.Section{Heading: cmd.Section})
			n++
		}
		s := &card.Sections[n-1]
		s.Lines = append(s.Lines, cmd.Example+" — "+cmd.Summary)
	}
	last := &card.Sections[len(card.Sections)-1]
	last.Lines = append(last.Lines, "不用记格式，直接说事就行。想细看哪一个，回“帮助 报名”。")
	return bot.Reply{Text: text, Card: &card, Private: !c.Event.Direct}, nil
}

// topic finds the command that a help topic names, also when a free question was asked.
func (d *Desk) topic(said string) *bot.Command[Store] {
	if said == "" {
		return nil
	}
	if cmd := d.registry.Find(said); cmd != nil {
		return cmd
	}
	var best *bot.Command[Store]
	for _, cmd := range d.registry.Commands() {
		if strings.Contains(said, cmd.Path) && (best == nil || len(cmd.Path) > len(best.Path)) {
			best = cmd
		}
	}
	return best
}

func helpOn(cmd *bot.Command[Store]) bot.Reply {
	s := bot.Section{Lines: []string{cmd.Summary + "。", "这样说：" + cmd.Example}}
	if len(cmd.Aliases) > 0 {
		s.Lines = append(s.Lines, "也可以说："+strings.Join(cmd.Aliases, "、"))
	}
	switch cmd.Where {
	case bot.DirectOnly:
		s.Lines = append(s.Lines, "在群里说，我私下回您。")
	case bot.GroupOnly:
		s.Lines = append(s.Lines, "请在群里说。")
	}
	return bot.Reply{Card: &bot.Card{Title: "怎么" + cmd.Path, Tone: bot.Info, Sections: []bot.Section{s}}}
}
