package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	"lianbang/bot/wecom/wecomtest"
)

type fakeWeCom struct {
	Listen      string   `help:"Address to listen on, of this machine only." default:"127.0.0.1:8701" placeholder:"HOST:PORT"`
	BotCallback string   `help:"Push to the AI bot at this URL instead of the long connection." placeholder:"URL"`
	AppCallback string   `help:"Push to the self-built app at this URL; without one it only sends." placeholder:"URL"`
	Group       string   `help:"Title of the group." default:"光电联合体"`
	People      []string `help:"Names of its members." default:"林书记,王工,张航,赵敏"`
	Encrypted   bool     `help:"The AI bot is given encrypted user ids."`
}

// Run implements the command fake wecom: a platform that lives until ctx ends and keeps nothing.
func (f *fakeWeCom) Run(ctx context.Context, io console) error {
	if err := f.check(); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", f.Listen)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	s := wecomtest.New(f.company())
	s.Serve(listener)
	fmt.Fprint(io.out, f.advice(s))
	<-ctx.Done()
	return s.Close()
}

// check refuses what would open the fake to other machines.
func (f *fakeWeCom) check() error {
	return errors.Join(checkFakeListen(f.Listen), checkPushTo("--bot-callback", f.BotCallback), checkPushTo("--app-callback", f.AppCallback))
}

// company is one group with all members, whose user ids are m1, m2, …
func (f *fakeWeCom) company() wecomtest.Options {
	group := wecomtest.DefaultGroup
	group.Title, group.Members = f.Group, nil
	o := wecomtest.Options{Bot: wecomtest.DefaultBot, App: wecomtest.DefaultApp}
	o.Bot.Callback, o.App.Callback = f.BotCallback, f.AppCallback
	for i, name := range f.People {
		id := fmt.Sprintf("m%d", i+1)
		o.Members = append(o.Members, wecomtest.Member{UserID: id, Name: name, Encrypted: f.Encrypted})
		group.Members = append(group.Members, id)
	}
	o.Groups = []wecomtest.Group{group}
	return o
}

// advice tells how to point lianbang serve at the fake.
func (f *fakeWeCom) advice(s *wecomtest.Server) string {
	var b strings.Builder
	group, bot, app := s.Groups()[0], s.Bot(), s.App()
	fmt.Fprintf(&b, "模拟企业微信已启动，群“%s”里有 %s。\n", f.Group, strings.Join(f.People, "、"))
	fmt.Fprintf(&b, "在配置文件里写上这个账号，再运行 lianbang serve：\n\nwecom:\n  - name: rehearsal\n    bot:\n      name: %s\n", bot.Name)
	if f.BotCallback == "" {
		fmt.Fprintf(&b, "      id: %s\n      secret: %s\n      url: %s\n", bot.ID, bot.Secret, s.SocketURL())
	} else {
		fmt.Fprintf(&b, "      mode: callback\n%s", callbackKeys(bot.Token, bot.AESKey, f.BotCallback))
	}
	fmt.Fprintf(&b, "    app:\n      corp_id: %s\n      secret: %s\n      agent_id: %d\n      base_url: %s\n", app.CorpID, app.Secret, app.AgentID, s.BaseURL())
	if f.AppCallback != "" {
		b.WriteString(callbackKeys(app.Token, app.AESKey, f.AppCallback))
	}
	fmt.Fprintf(&b, "    groups:\n      - chat: %s\n        url: %s\n", group.ChatID, s.HookURL(group.ChatID))
	fmt.Fprintf(&b, "\n然后打开 %s/_fake/ 扮演群里的人说话、点按钮，看活动进了谁的日程。停掉模拟企业微信，里面的消息就没有了。\n", s.BaseURL())
	return b.String()
}

// callbackKeys is what the configuration of a callback says. The address was checked.
func callbackKeys(token, aesKey, address string) string {
	path := ""
	if u, err := url.Parse(address); err == nil {
		path = u.Path
	}
	return fmt.Sprintf("      token: %s\n      aes_key: %s\n      path: %s\n", token, aesKey, path)
}
