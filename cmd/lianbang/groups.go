package main

import (
	"cmp"
	"context"
	"fmt"

	"lianbang/bot"
	"lianbang/bot/feishu"
	"lianbang/bot/wecom"
	"lianbang/storage"
)

type groupsCommand struct{}

// Run implements the command groups: the chat keys, for the configuration and for doctor --send.
func (*groupsCommand) Run(ctx context.Context, cli *commands, io console) error {
	db, cfg, err := openDatabase(ctx, cli, io)
	if err != nil {
		return err
	}
	defer db.Close()
	waiting := cfg.waiting()
	var lines []string
	err = db.View(ctx, func(tx *storage.Tx) error {
		lines = nil
		bound, err := boundTo(tx)
		if err != nil {
			return err
		}
		for _, account := range cfg.accounts() {
			rooms, err := tx.RoomsOn(account, maxNamedRooms)
			if err != nil {
				return err
			}
			for _, r := range rooms {
				whose := cmp.Or(bound[account][r.Chat], "没有绑定")
				if into := waiting[account][r.Chat]; bound[account][r.Chat] == "" && into != "" {
					whose = "等联合体“" + into + "”(还没有新建，或名称不对)"
				}
				lines = append(lines, fmt.Sprintf("%s\t%s\t%s\t%s", account, r.Chat, whose, r.Title))
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, line := range lines {
		fmt.Fprintln(io.out, line)
	}
	if len(lines) == 0 {
		fmt.Fprintln(io.out, "还没有群。把机器人加进群，在群里 @ 它说一句话，它就认得了。")
	}
	return nil
}

// waiting are the consortia into which the configuration binds groups, by account and group.
func (c *Config) waiting() map[string]map[bot.ChatKey]string {
	out := map[string]map[bot.ChatKey]string{}
	add := func(rooms []namedRoom) {
		for _, r := range rooms {
			account := string(r.at.Platform) + "/" + r.at.Account
			if out[account] == nil {
				out[account] = map[bot.ChatKey]string{}
			}
			out[account][r.at.Chat] = r.consortium
		}
	}
	for _, f := range c.Feishu {
		add(f.rooms())
	}
	for _, w := range c.WeCom {
		add(w.rooms())
	}
	return out
}

// accounts are the accounts of the configuration, as the database names them.
func (c *Config) accounts() (out []string) {
	add := func(p bot.Platform, account string) { out = append(out, string(p)+"/"+account) }
	if c.webOn() {
		add(webPlatform, webAccount)
	}
	for _, f := range c.Feishu {
		add(feishu.Platform, f.account())
	}
	for _, w := range c.WeCom {
		add(wecom.Platform, w.account())
	}
	return out
}

// boundTo are the names of consortia by account and group.
func boundTo(tx *storage.Tx) (map[string]map[bot.ChatKey]string, error) {
	all, err := tx.Consortia()
	if err != nil {
		return nil, err
	}
	out := map[string]map[bot.ChatKey]string{}
	for _, c := range all {
		rooms, err := tx.Rooms(c.ID)
		if err != nil {
			return nil, err
		}
		for _, r := range rooms {
			account := string(r.Platform) + "/" + r.Account
			if out[account] == nil {
				out[account] = map[bot.ChatKey]string{}
			}
			out[account][r.Chat] = c.Name
		}
	}
	return out, nil
}
