package main

import (
	"fmt"

	"lianbang/bot"
	"lianbang/bot/feishu"
)

// feishuAccounts makes the adapters of the accounts on Feishu, and names the rooms of their custom bots.
func feishuAccounts(a *App) (all []bot.Adapter, err error) {
	for _, f := range a.Config.Feishu {
		var ad bot.Adapter
		if f.pushOnly() {
			ad, err = feishu.NewHooks(a.feishuHooks(f))
			a.rooms.add(feishu.Platform, f.account(), f.rooms(), everyRoom)
		} else {
			ad, err = feishu.New(a.feishuApp(f))
		}
		if err != nil {
			return nil, fmt.Errorf("飞书账号 %s：%w", f.account(), err)
		}
		all = append(all, ad)
	}
	return all, nil
}

// feishuApp is the adapter's view of an account that is an app.
func (a *App) feishuApp(f FeishuConfig) feishu.Config {
	c := f.app()
	c.Logger, c.Now, c.Count = a.Log, a.Now, a.counter(feishu.Platform, f.account())
	return c
}

// feishuHooks is the adapter's view of an account of custom bots.
func (a *App) feishuHooks(f FeishuConfig) feishu.HookConfig {
	c := f.hooks()
	c.Logger, c.Now, c.Count = a.Log, a.Now, a.counter(feishu.Platform, f.account())
	return c
}

// app is what an operator set of an app.
func (f FeishuConfig) app() feishu.Config {
	return feishu.Config{
		Account: f.account(), AppID: f.AppID, AppSecret: string(f.AppSecret), BaseURL: f.BaseURL, Mode: f.mode(),
		EncryptKey: string(f.EncryptKey), VerificationToken: string(f.VerificationToken), Path: f.path(),
		Calendar: f.Calendar == nil || *f.Calendar,
	}
}

// hooks is what an operator set of custom bots.
func (f FeishuConfig) hooks() feishu.HookConfig {
	c := feishu.HookConfig{Account: f.account()}
	for _, g := range f.Groups {
		c.Hooks = append(c.Hooks, feishu.Hook{Chat: bot.ChatKey(g.Title), URL: string(g.URL), Secret: string(g.Secret)})
	}
	return c
}

// rooms are the groups of custom bots. A group's key is its title.
func (f FeishuConfig) rooms() (out []namedRoom) {
	for _, g := range f.Groups {
		at := bot.Address{Platform: feishu.Platform, Account: f.account(), Chat: bot.ChatKey(g.Title)}
		out = append(out, namedRoom{at: at, title: g.Title, consortium: g.Consortium})
	}
	return out
}
