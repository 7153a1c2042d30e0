package main

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"lianbang/bot/wecom/wecomtest"
)

// company is a fake WeCom whose secrets are told from all else.
func company(t *testing.T, o wecomtest.Options) *wecomtest.Server {
	t.Helper()
	o.Bot, o.App = wecomtest.DefaultBot, wecomtest.DefaultApp
	o.Bot.Secret, o.App.Secret = "bot-"+secretWord, "app-"+secretWord
	o.Bot.Token, o.App.Token = "bot-token-"+secretWord, "app-token-"+secretWord
	if o.Groups == nil {
		group := wecomtest.DefaultGroup
		group.HookKey = "hook-" + secretWord
		o.Groups = []wecomtest.Group{group}
	}
	server := wecomtest.New(o)
	if _, err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return server
}

// wecomExamined is what lianbang doctor wecom answers to a configuration of accounts.
func wecomExamined(t *testing.T, accounts string, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(context.Background(), append([]string{"doctor", "wecom", "--config", withSecrets(t, "wecom:\n"+accounts)}, args...),
		console{strings.NewReader(""), &o, &e})
	return code, o.String(), e.String()
}

// parts are the YAML of what a company offers: the AI bot, the app, and the webhook of its group, which the AI bot is in.
func parts(s *wecomtest.Server) (bot, app, group string) {
	return fmt.Sprintf("bot: {id: %s, secret: %s, url: \"%s\"}", s.Bot().ID, s.Bot().Secret, s.SocketURL()),
		fmt.Sprintf("app: {corp_id: %s, agent_id: %d, secret: %s, base_url: \"%s\"}", s.App().CorpID, s.App().AgentID, s.App().Secret, s.BaseURL()),
		fmt.Sprintf("{chat: %s, title: 光电信息群, url: \"%s\"}", wecomtest.DefaultGroup.ChatID, s.HookURL(wecomtest.DefaultGroup.ChatID))
}

// TestDoctorWeCom: every ill is found and said, with what to do, and only ills make the command fail.
func TestDoctorWeCom(t *testing.T) {
	for name, c := range map[string]struct {
		ill          func(s *wecomtest.Server)
		args         []string
		code         int
		wants, never []string
	}{
		"well": {
			wants: []string{"企业微信账号 main：智能机器人 " + wecomtest.DefaultBot.ID + "，长连接；自建应用 1000042；群推送 1 个", "! 机器人长连接：没有试连",
				"✓ 自建应用的凭证", "✓ 可信 IP", "✓ 应用编号", "✓ 成员姓名", "! 可见范围", "! 群消息推送", "没有要改的"},
			never: []string{"✗", "测试消息："},
		},
		"connected": {args: []string{"--connect"}, wants: []string{"✓ 机器人长连接：bot.id 和 bot.secret 有效", "没有要改的"}, never: []string{"✗", "没有试连"}},
		"wrong secret of the bot": {
			ill:  func(s *wecomtest.Server) { s.Inject(wecomtest.Fault{Name: "aibot_subscribe", Code: 853000}) },
			args: []string{"--connect"}, code: 1, wants: []string{"✗ 机器人长连接：bot.id 或 bot.secret 不对(853000)", "使用长连接", "还有 1 处要处理"},
		},
		"wrong secret of the app": {
			ill:  func(s *wecomtest.Server) { s.SetSecret("another") },
			code: 1, wants: []string{"✗ 自建应用的凭证：app.secret 不对(40001)", "重新查看 Secret"}, never: []string{"可信 IP："},
		},
		"untrusted address": {
			ill:  func(s *wecomtest.Server) { s.TrustIP(false) },
			code: 1, wants: []string{"✗ 可信 IP：", "203.0.113.9", "企业可信 IP", "还有 1 处要处理"},
		},
		"another app's secret": {
			ill:  func(s *wecomtest.Server) { s.Inject(wecomtest.Fault{Name: "message/send", Code: 301002}) },
			code: 1, wants: []string{"✗ 应用编号：", "301002", "重新复制 AgentId"},
		},
		"a socket that is refused": {
			ill:  func(s *wecomtest.Server) { s.Inject(wecomtest.Fault{Name: "connect", Status: 502}) },
			args: []string{"--connect"}, code: 1, wants: []string{"✗ 机器人长连接：", "HTTPS_PROXY"},
		},
		"not WeCom at all": {
			ill: func(s *wecomtest.Server) {
				s.Inject(wecomtest.Fault{Times: 100, Status: 502, Body: "<html>bad gateway</html>"})
			},
			code: 1, wants: []string{"✗ 自建应用的凭证：", "app.base_url"}, never: []string{"html"},
		},
	} {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			t.Parallel()
			server := company(t, wecomtest.Options{})
			aiBot, ownApp, group := parts(server)
			if c.ill != nil {
				c.ill(server)
			}
			finding(t, c.code, c.wants, append(c.never, secretWord))(wecomExamined(t, "  - {"+aiBot+", "+ownApp+", groups: ["+group+"]}\n", c.args...))
			if n := len(server.Shown()); n != 0 {
				t.Errorf("%d messages were sent", n)
			}
		})
	}
}

// TestDoctorWeComSends: a test message goes where it was asked to go, again each time, and a running connection is taken away
// only when that was asked for.
func TestDoctorWeComSends(t *testing.T) {
	server := company(t, wecomtest.Options{})
	server.AddGroup(wecomtest.Group{ChatID: "wrOUTSIDE000001", Title: "外部企业群", HookKey: "out-" + secretWord, NoBot: true})
	aiBot, ownApp, _ := parts(server)
	home := wecomtest.DefaultGroup
	accounts := "  - {" + aiBot + "}\n  - {name: app, " + ownApp + "}\n" +
		fmt.Sprintf("  - {name: push, groups: [{title: 外部群, url: \"%s\", consortium: 光电信息}, {title: 另一群, url: \"%s\", consortium: 光电信息}]}\n",
			server.HookURL("wrOUTSIDE000001"), strings.Replace(server.HookURL("wrOUTSIDE000001"), "key=out", "key=gone", 1))
	server.Say("王工", home.ChatID, "@联帮 你好") // nobody hears, but now the bot may speak there
	sent := 0
	for _, c := range []struct {
		args  []string
		code  int
		wants []string
		where string // "" = nothing is sent
	}{
		{nil, 0, []string{"账号 main：", "账号 app：自建应用 1000042", "账号 push：群推送 2 个"}, ""},
		{[]string{"--send", home.ChatID}, 1, []string{"--send 要和 --account 一起用", "main、app、push"}, ""},
		{[]string{"--connect"}, 1, []string{"--connect 要和 --account 一起用"}, ""},
		{[]string{"--account", "nobody"}, 1, []string{"没有“nobody”这个企业微信账号，可以写 main、app、push"}, ""},
		{[]string{"--account", "main", "--send", home.ChatID}, 1, []string{"✗ 测试消息：要经机器人的长连接发，而这次没有连"}, ""},
		{[]string{"--account", "main", "--connect", "--send", home.ChatID}, 0, []string{"✓ 测试消息"}, home.Title},
		{[]string{"--account", "main", "--connect", "--send", home.ChatID}, 0, []string{"✓ 测试消息"}, home.Title},
		{[]string{"--account", "main", "--connect", "--send", "wrNOBODYknows01"}, 1, []string{"✗ 测试消息：没有这个会话", "93006"}, ""},
		{[]string{"--account", "app", "--send", "wanggong"}, 0, []string{"✓ 测试消息"}, "私聊 王工"},
		{[]string{"--account", "app", "--send", "stranger"}, 1, []string{"✗ 测试消息：没有这个人", "81013"}, ""},
		{[]string{"--account", "push", "--send", "外部群"}, 0, []string{"✓ 测试消息"}, "外部企业群"},
		{[]string{"--account", "push", "--send", "另一群"}, 1, []string{"✗ 测试消息：消息推送的地址不对", "93000", "重新复制地址"}, ""},
	} {
		code, out, errs := wecomExamined(t, accounts, c.args...)
		if code != c.code {
			t.Errorf("%q: code %d\n%s%s", c.args, code, out, errs)
		}
		for _, want := range c.wants {
			if !strings.Contains(out+errs, want) {
				t.Errorf("%q: %q is not in\n%s%s", c.args, want, out, errs)
			}
		}
		if strings.Contains(out+errs, secretWord) {
			t.Errorf("%q shows a secret:\n%s%s", c.args, out, errs)
		}
		if c.where != "" {
			sent++
		}
		shown := server.Shown()
		if len(shown) != sent || c.where != "" && shown[sent-1].Where != c.where {
			t.Errorf("%q: shown %+v", c.args, shown)
		}
	}
	if n := len(server.Calls("aibot_subscribe")); n != 3 {
		t.Errorf("%d times subscribed, want only where --connect was asked", n)
	}
	if v := server.Violations(); len(v) > 0 {
		t.Errorf("against the protocol: %q", v)
	}
}

// TestDoctorWithoutWeCom says where to begin.
func TestDoctorWithoutWeCom(t *testing.T) {
	if got := refused(t, 1, "doctor", "wecom"); !strings.Contains(got, "配置里没有企业微信账号") || !strings.Contains(got, "docs/wecom.zh-CN.md") {
		t.Error(got)
	}
}
