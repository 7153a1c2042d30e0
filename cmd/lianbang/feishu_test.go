package main

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"lianbang/bot"
	"lianbang/bot/bottest"
	"lianbang/bot/feishu"
	"lianbang/bot/feishu/feishutest"
	"lianbang/consortium"
	"lianbang/storage"
)

// TestFeishuAccounts runs an app on the long connection, an app on webhooks and a custom bot side by side: each hears and
// answers its own people, and no secret shows in a log of the finest grain.
func TestFeishuAccounts(t *testing.T) {
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	defer stop()
	near, nearGroup := platform(t, feishutest.Options{AppSecret: "near-" + secretWord})
	far, farGroup := platform(t, feishutest.Options{AppID: "cli_00000000000000ff", AppSecret: "far-" + secretWord, EncryptKey: "key-" + secretWord,
		VerificationToken: "token-" + secretWord})
	hook := nearGroup.AddHook("sign-"+secretWord, "")
	cfg := defaults()
	off := false
	cfg.Web.Enabled = &off
	cfg.Feishu = []FeishuConfig{
		{Name: "near", AppID: near.AppID(), AppSecret: Secret(near.AppSecret()), BaseURL: near.BaseURL()},
		{Name: "far", AppID: far.AppID(), AppSecret: Secret(far.AppSecret()), BaseURL: far.BaseURL(), Mode: string(feishu.Webhook),
			EncryptKey: "key-" + secretWord, VerificationToken: "token-" + secretWord},
		{Name: "push", Groups: []FeishuGroup{{Title: "外部企业群", URL: Secret(near.BaseURL() + hook.Path), Secret: "sign-" + secretWord, Consortium: "光电信息"}}},
	}
	var log lockedBuffer
	app, address, done := servedAs(t, ctx, cfg, Setup{Log: finest(&log), Adapters: platforms})
	far.SetWebhook(address + "/feishu/far")
	waitFor(t, func() bool { return near.Connections() == 1 })

	for server, who := range map[*feishutest.Server]string{near: "王工", far: "王工"} {
		if out := server.Person(who).Tell(ctx, "帮助"); !out.Acked {
			t.Fatalf("not acknowledged: %+v", out)
		}
	}
	for _, server := range []*feishutest.Server{near, far} {
		waitFor(t, func() bool { return len(server.Shown()) == 1 })
		if shown := server.Shown()[0]; shown.Where != "私聊 王工" || !strings.Contains(shown.Text, "报名") {
			t.Errorf("shown %+v", shown)
		}
	}
	for _, g := range []*feishutest.Group{nearGroup, farGroup} {
		if len(near.Messages(g.ID))+len(far.Messages(g.ID)) != 0 {
			t.Error("something was said in a group")
		}
	}

	if err := app.DB.Do(ctx, func(tx *storage.Tx) error {
		if err := tx.AddConsortium(&consortium.Consortium{Name: "光电信息", Kind: consortium.Chain}); err != nil {
			return err
		}
		to := bot.Address{Platform: "feishu", Account: "push", Chat: "外部企业群"}
		return tx.Enqueue(bot.Delivery{Key: "notice", To: to, Urgency: bot.Remind, Body: bot.Say("周五下午参观座谈")})
	}); err != nil {
		t.Fatal(err)
	}
	waitFor(t, func() bool { return len(near.Messages(nearGroup.ID)) == 1 })
	if m := near.Messages(nearGroup.ID)[0]; !strings.Contains(m.Text, "周五下午参观座谈") {
		t.Errorf("the custom bot said %q", m.Text)
	}

	metrics := fetch(t, address+"/metrics")
	stop()
	if err := <-done; err != nil {
		t.Errorf("the program ended with %v", err)
	}
	for what, text := range map[string]string{"log": log.String(), "metrics": metrics} {
		for _, secret := range []string{secretWord, hook.Path, "access_key="} {
			if strings.Contains(text, secret) {
				t.Errorf("the %s shows %q", what, secret)
			}
		}
	}
	for _, server := range []*feishutest.Server{near, far} {
		if v := server.Violations(); len(v) > 0 {
			t.Errorf("against the protocol: %q", v)
		}
	}
}

// TestPausedAccount: an account whose platform refuses it stops sending, is listed with the cause, and sends again what
// waited when the operator says so, or at the next start.
func TestPausedAccount(t *testing.T) {
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	defer stop()
	server, _ := platform(t, feishutest.Options{})
	cfg := defaults()
	cfg.Feishu = []FeishuConfig{tenantOf(server)}
	var log lockedBuffer
	var late atomic.Int64 // seconds by which the program's clock is ahead
	app, address, done := servedAs(t, ctx, cfg, Setup{Log: finest(&log), Adapters: platforms,
		Now: func() time.Time { return time.Now().Add(time.Duration(late.Load()) * time.Second) }})
	waitFor(t, func() bool { return server.Connections() == 1 })
	speak := []string{"im:message", "im:message:send_as_bot", "im:message:send"}
	refuse := func() {
		t.Helper()
		server.Revoke(speak...)
		if out := server.Person("王工").Tell(ctx, "帮助"); !out.Acked {
			t.Fatalf("not acknowledged: %+v", out)
		}
		waitFor(t, func() bool {
			paused, err := app.DB.Paused(ctx)
			return err == nil && len(paused) == 1
		})
	}
	refuse()
	tool := func(args ...string) string { return lianbang(t, "", append(args, "--data", app.Config.Data)...) }
	if got := tool("outbox", "list"); !strings.Contains(got, "账号 feishu/main 从 ") || !strings.Contains(got, "99991672") || !strings.Contains(got, "outbox resume feishu/main") {
		t.Error(got)
	}
	if got := refused(t, 1, "outbox", "resume", "feishu/other", "--data", app.Config.Data); !strings.Contains(got, "账号 feishu/other 没有暂停") {
		t.Error(got)
	}
	if got := fetch(t, address+"/metrics"); !strings.Contains(got, "lianbang_accounts_paused 1") {
		t.Error("the metrics do not show a paused account")
	}
	server.Grant(speak...)
	if got := tool("outbox", "resume", "feishu/main"); got != "账号 feishu/main 恢复发送，等着的消息半分钟内开始发出。\n" {
		t.Error(got)
	}
	late.Store(60)
	waitFor(t, func() bool { return len(server.Shown()) == 1 })

	refuse()
	server.Grant(speak...)
	if err := app.takeOver(ctx); err != nil {
		t.Fatal(err)
	}
	if paused, err := app.DB.Paused(ctx); err != nil || len(paused) != 0 {
		t.Errorf("paused after a start: %v %v", paused, err)
	}
	if !strings.Contains(log.String(), "a paused account sends again") {
		t.Error("the log does not say that the account sends again")
	}
	stop()
	if err := <-done; err != nil {
		t.Errorf("the program ended with %v", err)
	}
}

// tenantOf is the account that a tenant's app on the long connection is.
func tenantOf(s *feishutest.Server) FeishuConfig {
	return FeishuConfig{AppID: s.AppID(), AppSecret: Secret(s.AppSecret()), BaseURL: s.BaseURL()}
}

// TestManualFirstGroup does what the tenth step of docs/feishu.zh-CN.md says, in its words.
func TestManualFirstGroup(t *testing.T) {
	server, group := platform(t, feishutest.Options{Unlimited: true})
	cfg := defaults()
	cfg.Feishu = []FeishuConfig{tenantOf(server)}
	s := newService(t, cfg)
	waitFor(t, func() bool { return server.Connections() == 1 })
	worker := server.Person("王工")
	admin := server.AddPerson("林书记")
	group.Join(s.ctx, worker, admin)
	answer := func(in *feishutest.Group, who *feishutest.Person, text, want string) {
		t.Helper()
		before := len(server.Shown())
		d := feishutest.Draft{Text: text}
		if text == "" {
			d.Image = must(bottest.Picture(bot.FileRef{Key: "合影.png"})).Data
		}
		if out := who.Write(s.ctx, in, d); !out.Acked {
			t.Fatalf("%s: not acknowledged: %+v", text, out)
		}
		waitFor(t, func() bool {
			for _, m := range server.Shown()[before:] {
				if strings.Contains(m.Text, want) {
					return true
				}
			}
			return false
		})
	}
	answer(group, worker, "@联帮 你好", "这个群还没有绑定联合体")
	answer(nil, admin, "认领 "+s.code, "您现在是管理员")
	answer(group, admin, "@联帮 新建联合体 光电信息", "已绑定光电信息党建联合体")
	answer(nil, worker, "活动", "请先到联合体的群里 @联帮 说句话")
	answer(group, worker, "@联帮 你好", "您好，我在")
	answer(nil, worker, "活动", "接下来还没有活动")
	answer(nil, admin, "任命 王工 联络员", "王工 现在是光电信息联络员")
	answer(nil, worker, "", "照片收到了。是哪场活动的？")
	answer(group, admin, "@联帮 登记活动 下周三下午2点半 参观座谈 地点 企业服务中心 限30人", "已登记")
	if out := worker.Click(s.ctx, feishutest.Tap{In: group, Label: "报名"}); !out.Acked || out.Failure != 0 {
		t.Fatalf("the tap: %+v", out)
	}
	waitFor(t, func() bool { return len(server.Toasts()) == 1 })
	if toast := server.Toasts()[0]; toast.Who != "王工" || !strings.Contains(toast.Text, "已报名 H1") {
		t.Errorf("王工 saw %+v", toast)
	}
	before := len(server.Shown())
	if out := group.RemoveBot(s.ctx, admin); !out.Acked {
		t.Fatalf("the bot is removed: %+v", out)
	}
	if out := group.AddBot(s.ctx, admin); !out.Acked {
		t.Fatalf("the bot is added again: %+v", out)
	}
	waitFor(t, func() bool { return len(server.Shown()) > before })
	if back := server.Shown()[before]; !strings.Contains(back.Text, "联帮回来了。这个群已绑定光电信息党建联合体") {
		t.Errorf("back in its group it says %q", back.Text)
	}
	s.end()
}
