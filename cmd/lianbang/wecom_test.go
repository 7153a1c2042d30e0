package main

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"lianbang/bot"
	"lianbang/bot/feishu/feishutest"
	"lianbang/bot/wecom/wecomtest"
	"lianbang/consortium"
	"lianbang/storage"
)

// accountOf is the account that a company's AI bot on the long connection and its app are.
func accountOf(s *wecomtest.Server) WeComConfig {
	return WeComConfig{
		Bot: &WeComBot{ID: s.Bot().ID, Secret: Secret(s.Bot().Secret), URL: s.SocketURL()},
		App: &WeComApp{CorpID: s.App().CorpID, AgentID: s.App().AgentID, Secret: Secret(s.App().Secret), BaseURL: s.BaseURL()},
	}
}

// TestWeComAccounts runs an AI bot on the long connection with its app and a webhook, an AI bot and an app on callbacks, and
// Feishu side by side: each hears and answers its own people, and no secret shows in a log of the finest grain.
func TestWeComAccounts(t *testing.T) {
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	defer stop()
	outside := wecomtest.Group{ChatID: "wrOUTSIDE000001", Title: "外部企业群", HookKey: "out-" + secretWord, NoBot: true}
	near := company(t, wecomtest.Options{Groups: []wecomtest.Group{wecomtest.DefaultGroup, outside}})
	far := company(t, wecomtest.Options{})
	lark, _ := platform(t, feishutest.Options{AppSecret: "lark-" + secretWord})
	cfg := defaults()
	off := false
	cfg.Web.Enabled = &off
	cfg.Feishu = []FeishuConfig{tenantOf(lark)}
	first := accountOf(near)
	first.Groups = []WeComGroup{{Title: "外部企业群", URL: Secret(near.HookURL(outside.ChatID)), Consortium: "光电信息"}}
	second := accountOf(far)
	second.Name = "far"
	second.Bot = &WeComBot{Mode: "callback", Token: Secret(far.Bot().Token), AESKey: Secret(far.Bot().AESKey)}
	second.App.Token, second.App.AESKey = Secret(far.App().Token), Secret(far.App().AESKey)
	cfg.WeCom = []WeComConfig{first, second}
	var log lockedBuffer
	app, address, done := servedAs(t, ctx, cfg, Setup{Log: finest(&log), Adapters: platforms})
	far.SetBotCallback(address + "/wecom/far/bot")
	far.SetAppCallback(address + "/wecom/far/app")
	waitFor(t, func() bool { return near.Subscribed() != 0 && lark.Connections() == 1 })
	for _, what := range []string{wecomtest.Bot, wecomtest.App} {
		if a := far.Verify(what); a.Err != "" {
			t.Errorf("the callback of the %s is not accepted: %s", what, a.Err)
		}
	}

	for what, sent := range map[string]wecomtest.Sent{
		"the connection":           near.Say("王工", "", "帮助"),
		"the bot's callback":       far.Say("王工", "", "帮助"),
		"the app's callback":       far.SayToApp("林书记", "帮助"),
		"the mentioned in a group": near.Say("林书记", wecomtest.DefaultGroup.ChatID, "@联帮 帮助"),
	} {
		if !sent.Delivered {
			t.Errorf("%s: %+v", what, sent)
		}
	}
	if out := lark.Person("王工").Tell(ctx, "帮助"); !out.Acked {
		t.Errorf("Feishu: %+v", out)
	}
	answered := func(s *wecomtest.Server, channel, where, with string) func() bool {
		return func() bool {
			return slices.ContainsFunc(s.Shown(), func(m wecomtest.Shown) bool {
				return m.Channel == channel && m.Where == where && strings.Contains(m.Text, with)
			})
		}
	}
	waitFor(t, answered(near, wecomtest.Bot, "私聊 王工", "报名"))
	waitFor(t, answered(near, wecomtest.Bot, wecomtest.DefaultGroup.Title, "私聊您"))
	waitFor(t, answered(near, wecomtest.App, "私聊 林书记", "报名")) // who never wrote to the AI bot
	waitFor(t, answered(far, wecomtest.Bot, "私聊 王工", "报名"))
	waitFor(t, answered(far, wecomtest.App, "私聊 林书记", "报名"))
	waitFor(t, func() bool { return len(lark.Shown()) == 1 })

	if err := app.DB.Do(ctx, func(tx *storage.Tx) error {
		if err := tx.AddConsortium(&consortium.Consortium{Name: "光电信息", Kind: consortium.Chain}); err != nil {
			return err
		}
		to := bot.Address{Platform: "wecom", Account: "main", Chat: first.Groups[0].key()}
		return tx.Enqueue(bot.Delivery{Key: "notice", To: to, Urgency: bot.Remind, Body: bot.Say("周五下午参观座谈")})
	}); err != nil {
		t.Fatal(err)
	}
	waitFor(t, func() bool { return len(near.ShownIn(outside.ChatID)) == 1 })
	if m := near.ShownIn(outside.ChatID)[0]; m.Channel != wecomtest.Hook || !strings.Contains(m.Text, "周五下午参观座谈") {
		t.Errorf("the webhook said %+v", m)
	}

	metrics := fetch(t, address+"/metrics")
	if !near.Kick() {
		t.Error("there is no connection to take over")
	}
	waitFor(t, func() bool {
		return strings.Contains(fetch(t, address+"/metrics"), `lianbang_platform_incidents_total{account="main",platform="wecom",what="displaced"} 1`)
	})
	stop()
	if err := <-done; err != nil {
		t.Errorf("the program ended with %v", err)
	}
	for what, text := range map[string]string{"log": log.String(), "metrics": metrics} {
		for _, secret := range []string{secretWord, wecomtest.DefaultBot.AESKey, wecomtest.DefaultApp.AESKey, "access_token=", "response_code="} {
			if strings.Contains(text, secret) {
				t.Errorf("the %s shows %q", what, secret)
			}
		}
	}
	for _, server := range []*wecomtest.Server{near, far} {
		if v := server.Violations(); len(v) > 0 {
			t.Errorf("against the protocol: %q", v)
		}
	}
}

// TestWeComRoomsOfTheConfiguration: a group without the AI bot is free when the configuration names it no more; a group that
// the AI bot is in is bound from inside, and stays so.
func TestWeComRoomsOfTheConfiguration(t *testing.T) {
	data, ctx := t.TempDir(), context.Background()
	opened := func(groups ...WeComGroup) *App {
		t.Helper()
		cfg := defaults()
		cfg.Data = data
		cfg.WeCom = []WeComConfig{{Bot: &WeComBot{ID: "aibOne", Secret: secretWord}, Groups: groups}}
		if problems := cfg.Validate(); len(problems) > 0 {
			t.Fatal(problems)
		}
		app, err := Open(ctx, cfg, Setup{Log: finest(testWriter{t}), Adapters: wecomAccounts})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { app.Close() })
		if err := app.takeOver(ctx); err != nil {
			t.Fatal(err)
		}
		return app
	}
	bound := func(app *App) (chats []string) {
		t.Helper()
		if err := app.DB.View(ctx, func(tx *storage.Tx) error {
			all, err := boundTo(tx)
			chats = nil
			for chat := range all["wecom/main"] {
				chats = append(chats, string(chat))
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		slices.Sort(chats)
		return chats
	}
	inside := WeComGroup{Chat: "wrAbCdEf0001", Title: "光电信息群", URL: wecomHookURL}
	without := WeComGroup{Title: "外部企业群", URL: wecomHookURL, Consortium: "光电信息"}

	app := opened(inside, without)
	if err := app.DB.Do(ctx, func(tx *storage.Tx) error {
		c := &consortium.Consortium{Name: "光电信息", Kind: consortium.Chain}
		if err := tx.AddConsortium(c); err != nil {
			return err
		}
		room, err := tx.AddRoom(bot.Address{Platform: "wecom", Account: "main", Chat: inside.key()}, "光电信息群", false)
		if err != nil {
			return err
		}
		return tx.Bind(room, c.ID)
	}); err != nil {
		t.Fatal(err)
	}
	if err := app.rooms.Run(ctx, time.Now()); err != nil {
		t.Fatal(err)
	}
	if got := bound(app); !slices.Equal(got, []string{"push:外部企业群", "wrAbCdEf0001"}) {
		t.Errorf("bound %q", got)
	}
	app.Close()

	app = opened()
	if got := bound(app); !slices.Equal(got, []string{"wrAbCdEf0001"}) {
		t.Errorf("bound %q when the configuration names no group", got)
	}
}

// TestWeComManual does what docs/wecom.zh-CN.md says from the eighth step on, in its words, with the AI bot and the app.
func TestWeComManual(t *testing.T) {
	server := company(t, wecomtest.Options{Unlimited: true})
	group := wecomtest.DefaultGroup
	cfg := defaults()
	cfg.WeCom = []WeComConfig{accountOf(server)}
	s := newService(t, cfg)
	waitFor(t, func() bool { return server.Subscribed() != 0 })
	heard := func(since int, want string) *wecomtest.Shown {
		t.Helper()
		var found *wecomtest.Shown
		waitFor(t, func() bool {
			for _, m := range server.Shown()[since:] {
				if strings.Contains(m.Text, want) && !m.Open {
					found = &m
				}
			}
			return found != nil
		})
		return found
	}
	answer := func(chat, who, text, want string) *wecomtest.Shown {
		t.Helper()
		before := len(server.Shown())
		if sent := server.Say(who, chat, text); !sent.Delivered {
			t.Fatalf("%s: %+v", text, sent)
		}
		return heard(before, want)
	}
	answer("", "林书记", "认领 "+s.code, "您现在是管理员")
	answer(group.ChatID, "林书记", "@联帮 新建联合体 光电信息", "已绑定光电信息党建联合体")
	answer(group.ChatID, "王工", "@联帮 活动", "还没有活动")
	answer(group.ChatID, "林书记", "@联帮 任命 王工 联络员", "王工 现在是光电信息联络员")
	answer(group.ChatID, "林书记", "@联帮 登记活动 下周三下午2点半 参观座谈 地点 企业服务中心 限30人", "已登记")
	card := answer(group.ChatID, "林书记", "@联帮 活动 H1", "参观座谈")
	if sent := server.Click("王工", card.ID, "报名"); !sent.Delivered {
		t.Fatalf("the tap: %+v", sent)
	}
	heard(0, "已报名 H1")
	s.end()
	if v := server.Violations(); len(v) > 0 {
		t.Errorf("against the protocol: %q", v)
	}
}
