package main

import (
	"fmt"

	"lianbang/bot"
	"lianbang/bot/wecom"
)

// wecomAccounts makes the adapters of the accounts on WeCom, and names the groups of their configuration.
func wecomAccounts(a *App) (all []bot.Adapter, err error) {
	seat := a.seat()
	for _, w := range a.Config.WeCom {
		c := w.adapter(a.Config.BotName)
		c.Logger, c.Now, c.Count, c.Seat = a.Log, a.Now, a.counter(wecom.Platform, w.account()), seat
		c.Memory = memory{a.DB}
		ad, err := wecom.New(c)
		if err != nil {
			return nil, fmt.Errorf("企业微信账号 %s：%w", w.account(), err)
		}
		a.rooms.add(wecom.Platform, w.account(), w.rooms(), pushedOnly)
		all = append(all, ad)
	}
	return all, nil
}

// adapter is what an operator set of an account. The AI bot has botName in groups unless he gave it another.
func (w WeComConfig) adapter(botName string) wecom.Config {
	c := wecom.Config{Account: w.account(), Home: w.Home}
	if b := w.Bot; b != nil {
		c.Bot = &wecom.BotConfig{Mode: b.Mode, Name: b.Name, ID: b.ID, Secret: string(b.Secret), URL: b.URL,
			Token: string(b.Token), AESKey: string(b.AESKey), Path: b.Path}
		if b.Name == "" {
			c.Bot.Name = botName
		}
	}
	if p := w.App; p != nil {
		c.App = &wecom.AppConfig{CorpID: p.CorpID, AgentID: p.AgentID, Secret: string(p.Secret), BaseURL: p.BaseURL,
			Token: string(p.Token), AESKey: string(p.AESKey), Path: p.Path, Chats: map[bot.ChatKey]string{},
			Calendar: p.Calendar == nil || *p.Calendar}
	}
	for _, g := range w.Groups {
		if g.URL != "" {
			c.Groups = append(c.Groups, wecom.GroupHook{Chat: g.key(), URL: string(g.URL)})
		}
		if g.AppChat != "" && c.App != nil {
			c.App.Chats[g.key()] = g.AppChat
		}
	}
	return c
}

// rooms are the groups that have a title: WeCom tells none.
func (w WeComConfig) rooms() (out []namedRoom) {
	for _, g := range w.Groups {
		if g.Title != "" {
			at := bot.Address{Platform: wecom.Platform, Account: w.account(), Chat: g.key()}
			out = append(out, namedRoom{at: at, title: g.Title, consortium: g.Consortium})
		}
	}
	return out
}
