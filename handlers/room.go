package handlers

import (
	"errors"
	"fmt"
	"strings"

	"lianbang/bot"
	"lianbang/consortium"
)

// bind is 绑定联合体: this group belongs to that consortium.
func (d *Desk) bind(s Store, c *call) (bot.Reply, error) {
	wanted := consortiumName(c.Text)
	if name := c.Draft["into"]; name != "" {
		wanted = name
		if c.Draft["sure"] != "改绑" {
			return bot.Say("好，不改。"), nil
		}
	}
	into, err := s.ConsortiumNamed(wanted)
	if errors.Is(err, consortium.ErrNotFound) {
		return d.offerFounding(c, wanted)
	}
	if err != nil {
		return bot.Reply{}, fmt.Errorf("find consortium: %w", err)
	}
	rank, err := rankIn(s, c, into.ID)
	if err != nil {
		return bot.Reply{}, err
	}
	if rank < consortium.Liaison {
		return bot.Reply{}, refuse("rank", "绑定群由%s联合体的联络员或统筹员来做。", into.Name)
	}
	if consortium.ID(c.Consortium) == into.ID {
		return bot.Say("这个群已经绑定了" + into.Name + "党建联合体。"), nil
	}
	if r, asked, err := d.askRebind(s, c, into); asked || err != nil {
		return r, err
	}
	if err := s.Bind(c.Room, into.ID); err != nil {
		return bot.Reply{}, fmt.Errorf("bind room: %w", err)
	}
	return bot.Say(d.boundText(into.Name)), nil
}

// askRebind asks before a group goes from one consortium to another.
func (d *Desk) askRebind(s Store, c *call, into consortium.Consortium) (bot.Reply, bool, error) {
	if c.Consortium == 0 || c.Draft["sure"] != "" {
		return bot.Reply{}, false, nil
	}
	now, err := s.Consortium(consortium.ID(c.Consortium))
	if err != nil {
		return bot.Reply{}, false, fmt.Errorf("load consortium: %w", err)
	}
	if now.Kind == consortium.Local {
		return bot.Reply{}, false, nil
	}
	c.Ask(bot.Question{Command: c.Path, Draft: map[string]string{"into": into.Name}, Field: "sure", Options: []bot.Option{{Label: "改绑"}}})
	return bot.Say(fmt.Sprintf("这个群现在绑定%s。改绑到%s吗？%s回“是”或“不用”。", now.Name, into.Name, d.calling(c))), true, nil
}

func (d *Desk) boundText(name string) string {
	return "这个群已绑定" + name + "党建联合体。活动提醒和每周五的周报会发到这里。\n要办活动，说一句：@" + d.BotName + " 登记活动 下周三下午2点半 参观座谈 地点 企业服务中心 限30人"
}

// consortiumName cuts the words around a consortium's name.
func consortiumName(said string) string {
	said = strings.TrimSpace(said)
	for _, tail := range []string{"联合体", "党建", "产业链"} {
		said = strings.TrimSuffix(said, tail)
	}
	return said
}

func (d *Desk) offerFounding(c *call, wanted string) (bot.Reply, error) {
	if consortium.Role(c.Role) < consortium.Coordinator {
		return bot.Reply{}, refuse("no-consortium", "没有“%s”这个联合体。新建由统筹员来做。", clip(wanted, 20))
	}
	c.Ask(bot.Question{Options: []bot.Option{{Label: "新建", Line: "新建联合体 " + wanted}}})
	return bot.Say(fmt.Sprintf("还没有“%s”这个联合体。要新建并绑定这个群吗？%s回“是”或“不用”。", clip(wanted, 20), d.calling(c))), nil
}

// found is 新建联合体: the consortium comes into being, and a group where it is said is bound to it.
func (d *Desk) found(s Store, c *call) (bot.Reply, error) {
	wanted := consortiumName(c.Text)
	if n := len([]rune(wanted)); n < 2 || n > 20 {
		return bot.Reply{}, refuse("name", "联合体名称要 2 到 20 个字。")
	}
	if _, err := s.ConsortiumNamed(wanted); err == nil {
		return bot.Reply{}, refuse("exists", "“%s”已经有了。在群里回“绑定联合体 %s”就能绑定。", wanted, wanted)
	} else if !errors.Is(err, consortium.ErrNotFound) {
		return bot.Reply{}, fmt.Errorf("find consortium: %w", err)
	}
	into := consortium.Consortium{Name: wanted, Kind: consortium.Chain, Created: c.Now}
	if err := s.AddConsortium(&into); err != nil {
		return bot.Reply{}, fmt.Errorf("add consortium: %w", err)
	}
	if c.Event.Direct || c.Room == 0 {
		return bot.Say("已新建" + wanted + "党建联合体。到群里发“@" + d.BotName + " 绑定联合体 " + wanted + "”就能用；只推送的群写在配置里，不用绑定。"), nil
	}
	if err := s.Bind(c.Room, into.ID); err != nil {
		return bot.Reply{}, fmt.Errorf("bind room: %w", err)
	}
	return bot.Say("已新建。" + d.boundText(wanted)), nil
}
