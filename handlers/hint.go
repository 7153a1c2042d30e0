package handlers

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"lianbang/bot"
	"lianbang/consortium"
	"lianbang/understand"
)

var (
	fieldOfActivity = regexp.MustCompile(`^(?i:h)\d+ *(名额|时间|地点|名称)`)
	photoToDelete   = regexp.MustCompile(`删.*(照片|图|张)|(照片|图|张).*删`)
	firstNumber     = regexp.MustCompile(`\d+`)
)

// hint offers what a sentence that was not understood most likely asks for; nothing is done before the asker has said yes.
// ok is false when nothing suggests itself.
func (v Voice) hint(s Store, c *call) (r bot.Reply, ok bool, err error) {
	switch said := c.Line; {
	case fieldOfActivity.MatchString(said):
		return v.offer(c, "改 "+said)
	case photoToDelete.MatchString(said):
		return v.offer(c, strings.TrimSpace("照片 删除 "+firstNumber.FindString(said)))
	case strings.Contains(said, "取消") && strings.Contains(said, "报名"):
		return v.offer(c, "取消报名")
	case !c.Event.Direct:
		return bot.Reply{}, false, nil
	case consortium.Role(c.Role) >= consortium.Coordinator && strings.Contains(said, "新") && strings.Contains(said, "诉求"):
		return v.offer(c, "待派")
	}
	if r, ok, err := v.aboutCode(s, c); ok || err != nil {
		return r, ok, err
	}
	return v.verdict(s, c)
}

// offer asks whether a command line is meant. ok is false when it could not be run as it stands.
func (v Voice) offer(c *call, line string) (r bot.Reply, ok bool, err error) {
	if p := v.registry.Parse(bot.Fold(line)); p.Command == nil || p.Missing != nil {
		return bot.Reply{}, false, nil
	}
	c.Ask(bot.Question{Options: []bot.Option{{Label: line, Line: line}}})
	return v.Unsure(c, line), true, nil
}

// aboutCode asks what a sentence with the code of a need wants with it, when the need is the asker's own or in his hands.
func (v Voice) aboutCode(s Store, c *call) (r bot.Reply, ok bool, err error) {
	id := codeIn(c.Line, 'S')
	if id == 0 {
		return bot.Reply{}, false, nil
	}
	n, err := s.Need(consortium.NeedID(id))
	if errors.Is(err, consortium.ErrNotFound) {
		return bot.Reply{}, false, nil
	}
	if err != nil {
		return bot.Reply{}, false, fmt.Errorf("load need: %w", err)
	}
	me, this := consortium.PersonID(c.Person), needCode(n.ID)
	said := aside(c, this)
	options, what := []bot.Option{{Label: "看进度", Line: "进度 " + this}}, ""
	switch {
	case n.State == consortium.Assigned && n.Assignee == me:
		options = append(options, bot.Option{Label: "进展", Line: "进展 " + this + " " + said}, bot.Option{Label: "办结", Line: "办结 " + this + " " + said})
		what = "把这句记为进展 3 已经办好，把这句当办理结果"
	case n.Unfinished() && n.Reporter == me:
		options = append(options, bot.Option{Label: "补充", Line: "补充 " + this + " " + said})
		what = "把这句补充进去"
	default:
		return bot.Reply{}, false, nil
	}
	c.Ask(bot.Question{Options: options})
	return confidential(fmt.Sprintf("没看懂。%s 您是要：1 看进度 2 %s？回数字或换个说法。", this, what)), true, nil
}

// aside is what the sentence says besides the code.
func aside(c *call, code string) string {
	text := strings.TrimSpace(c.Event.Text)
	if len(text) >= len(code) && strings.EqualFold(text[:len(code)], code) {
		text = text[len(code):]
	}
	return strings.TrimLeft(text, " ，,：:")
}

// verdict asks whether a statement is the asker's word on the only need that waits for it.
func (v Voice) verdict(s Store, c *call) (r bot.Reply, ok bool, err error) {
	bad, good := strings.ContainsAny(c.Line, "没不未"), strings.ContainsAny(c.Line, "好谢") || strings.Contains(c.Line, "满意")
	if read, _ := c.Reading.(understand.Reading); !bad && !good || pleasantry(c.Line) || read.Note == understand.NoteQuestion {
		return bot.Reply{}, false, nil
	}
	ns, err := s.NeedsOf(consortium.PersonID(c.Person), maxListed)
	if err != nil {
		return bot.Reply{}, false, fmt.Errorf("list own needs: %w", err)
	}
	ns = slices.DeleteFunc(ns, func(n consortium.Need) bool {
		return n.State != consortium.Answered || n.Reporter != consortium.PersonID(c.Person)
	})
	if len(ns) != 1 {
		return bot.Reply{}, false, nil
	}
	this, refusal := needCode(ns[0].ID), "不符 "+needCode(ns[0].ID)
	if bad {
		refusal += " " + strings.TrimSpace(c.Event.Text)
	}
	c.Ask(bot.Question{Options: []bot.Option{{Label: "属实", Line: "确认 " + this}, {Label: "不符", Line: refusal}}})
	return confidential("您说的是 " + this + " 吗？1 属实，确认办结　2 不符，退回重办"), true, nil
}
