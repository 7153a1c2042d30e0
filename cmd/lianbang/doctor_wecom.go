package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"lianbang/bot"
	"lianbang/bot/wecom"
)

type doctorWeCom struct {
	Account string `help:"Only this account." placeholder:"NAME"`
	Send    string `help:"Send a test message: to a group (its chatid, or a title of the configuration) or to a person (userid)." placeholder:"WHERE"`
	Connect bool   `help:"Try the AI bot's long connection. A running lianbang loses its own for five minutes."`
}

// Run implements the command doctor wecom.
func (d *doctorWeCom) Run(ctx context.Context, cli *commands, io console) error {
	cfg, err := cli.load()
	if err != nil {
		return err
	}
	c := checkup{platform: "企业微信", key: "wecom", manual: "docs/wecom.zh-CN.md"}
	for _, w := range cfg.WeCom {
		c.accounts = append(c.accounts, examinee{w.account(), w.headline(), func(ctx context.Context) []bot.Finding {
			ask := wecom.Ask{Connect: d.Connect}
			if d.Send != "" {
				ask.Send = w.place(d.Send)
			}
			return wecom.Examine(ctx, w.adapter(cfg.BotName), ask)
		}})
	}
	alone := ""
	switch {
	case d.Send != "":
		alone = "--send"
	case d.Connect:
		alone = "--connect"
	}
	return c.run(ctx, io, d.Account, alone)
}

// headline says what an account is made of.
func (w WeComConfig) headline() string {
	var parts []string
	if b := w.Bot; b != nil && b.Mode == wecom.ModeCallback {
		parts = append(parts, "智能机器人，回调")
	} else if b != nil {
		parts = append(parts, "智能机器人 "+b.ID+"，长连接")
	}
	if w.App != nil {
		parts = append(parts, fmt.Sprintf("自建应用 %d", w.App.AgentID))
	}
	if n := len(w.Groups); n > 0 {
		parts = append(parts, fmt.Sprintf("群推送 %d 个", n))
	}
	return strings.Join(parts, "；")
}

// shortestChatID tells a chatid, which begins with wr, from a userid that happens to.
const shortestChatID = 12

// place is what --send names: a group of the configuration, another group by its chatid, or a person by his userid.
func (w WeComConfig) place(name string) bot.Address {
	to := bot.Address{Platform: wecom.Platform, Account: w.account()}
	i := slices.IndexFunc(w.Groups, func(g WeComGroup) bool { return name == g.Title || name == g.Chat })
	switch {
	case i >= 0:
		to.Chat = w.Groups[i].key()
	case strings.HasPrefix(name, "wr") && len(name) >= shortestChatID:
		to.Chat = bot.ChatKey(name)
	default:
		to.User = bot.UserKey(name)
	}
	return to
}

// abilities say in Chinese what the account is good for, and what it is not.
func (w WeComConfig) abilities(botName string) ([]string, error) {
	ad, err := wecom.New(w.adapter(botName))
	if err != nil {
		return nil, err
	}
	does, cannot := ad.Describe()
	out := []string{fmt.Sprintf("企业微信账号 %s：%s", w.account(), does)}
	for _, line := range cannot {
		out = append(out, "  要知道："+line)
	}
	return out, nil
}
