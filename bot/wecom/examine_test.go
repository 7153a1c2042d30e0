package wecom

import (
	"fmt"
	"strings"
	"testing"

	"lianbang/bot"
	"lianbang/bot/wecom/wecomtest"
)

// report is what an examination says, a line each.
func report(found []bot.Finding) string {
	var b strings.Builder
	for _, f := range found {
		mark := "✗"
		switch {
		case f.OK && f.Do == "":
			mark = "✓"
		case f.OK:
			mark = "!"
		}
		fmt.Fprintln(&b, mark, f.What, f.Detail, f.Do)
	}
	return b.String()
}

func TestExamine(t *testing.T) {
	for name, c := range map[string]struct {
		spoil   func(*Config)
		prepare func(*wecomtest.Server)
		ask     Ask
		says    []string
		silent  string
		sent    int
	}{
		"all is well": {nil, nil, Ask{Connect: true, Send: bot.Address{User: "wanggong"}},
			[]string{"✓ 机器人长连接", "✓ 自建应用的凭证", "✓ 可信 IP", "✓ 应用编号", "✓ 成员姓名", "! 可见范围", "✓ 测试消息"}, "✗", 1},
		"nothing is asked":  {nil, nil, Ask{}, []string{"! 机器人长连接 没有试连", "! 群消息推送 1 个群"}, "✗", 0},
		"webhook is tried":  {nil, nil, Ask{Send: bot.Address{Chat: theGroup}}, []string{"✓ 测试消息"}, "✗", 1},
		"wrong bot secret":  {func(c *Config) { c.Bot.Secret = "wrong" }, nil, Ask{Connect: true}, []string{"✗ 机器人长连接 bot.id 或 bot.secret 不对(853000)"}, "", 0},
		"wrong app secret":  {func(c *Config) { c.App.Secret = "wrong" }, nil, Ask{}, []string{"✗ 自建应用的凭证 app.secret 不对(40001)"}, "可信 IP 这台", 0},
		"wrong corp id":     {func(c *Config) { c.App.CorpID = "ww99" }, nil, Ask{}, []string{"✗ 自建应用的凭证 app.corp_id 不对(40013)"}, "", 0},
		"untrusted":         {nil, func(s *wecomtest.Server) { s.TrustIP(false) }, Ask{}, []string{"✗ 可信 IP 这台机器的出口 IP 203.0.113.9 不在可信名单里(60020)", "企业可信 IP"}, "", 0},
		"another agent":     {func(c *Config) { c.App.AgentID = 7 }, nil, Ask{}, []string{"✗ 应用编号", "不是同一个应用的(301002)"}, "", 0},
		"bad configuration": {func(c *Config) { c.Bot.ID = "" }, nil, Ask{}, []string{"✗ 配置 bot.id 没有填"}, "", 0},
		"stranger": {func(c *Config) { c.App, c.Groups = nil, nil }, nil, Ask{Connect: true, Send: bot.Address{User: "wanggong"}},
			[]string{"✗ 测试消息", "还没有人跟机器人说过话"}, "", 0},
		"calendars": {func(c *Config) { c.App.Calendar = true }, nil, Ask{}, []string{"✓ 日程 可以用", "活动进参加人的日程"}, "✗", 0},
		"no calendars": {func(c *Config) { c.App.Calendar = true }, func(s *wecomtest.Server) { s.AllowCalendar(false) }, Ask{},
			[]string{"! 日程 应用没有日程的权限(48002)", "可调用接口的应用"}, "✗", 0},
		"calendars away": {func(c *Config) { c.App.Calendar = true }, func(s *wecomtest.Server) {
			s.Inject(wecomtest.Fault{Name: "oa/calendar/get", Status: 502, Body: "<html>"})
		}, Ask{}, []string{"✗ 日程 回答不是企业微信的(HTTP 502)"}, "", 0},
		"needs the connection": {func(c *Config) { c.App, c.Groups = nil, nil }, nil, Ask{Send: bot.Address{User: "wanggong"}}, []string{"✗ 测试消息 要经机器人的长连接发"}, "", 0},
		"no way":               {func(c *Config) { c.Bot, c.Groups = nil, nil }, nil, Ask{Send: bot.Address{Chat: theGroup}}, []string{"✗ 测试消息 这个账号现在没有办法发到那里"}, "", 0},
		"gateway": {nil, func(s *wecomtest.Server) { s.Inject(wecomtest.Fault{Name: "gettoken", Status: 502, Body: "<html>"}) }, Ask{},
			[]string{"✗ 自建应用的凭证 回答不是企业微信的(HTTP 502)"}, "", 0},
		"callback": {func(c *Config) {
			c.Bot = &BotConfig{Mode: ModeCallback, Token: "t", AESKey: testKey}
			c.App.Token, c.App.AESKey = "t", testKey
		}, nil, Ask{}, []string{"! 机器人的名字", "https://您的域名/wecom/hq/bot", "https://您的域名/wecom/hq/app"}, "✗", 0},
	} {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			s := company(t, wecomtest.Options{})
			b, p := s.Bot(), s.App()
			conf := Config{Account: "hq", Bot: &BotConfig{Name: b.Name, ID: b.ID, Secret: b.Secret, URL: s.SocketURL()},
				App:    &AppConfig{CorpID: p.CorpID, Secret: p.Secret, AgentID: p.AgentID, BaseURL: s.BaseURL()},
				Groups: []GroupHook{{Chat: theGroup, URL: s.HookURL(string(theGroup))}}}
			if c.spoil != nil {
				c.spoil(&conf)
			}
			if c.prepare != nil {
				c.prepare(s)
			}
			got := report(Examine(t.Context(), conf, c.ask))
			for _, want := range c.says {
				if !strings.Contains(got, want) {
					t.Errorf("%q is not said:\n%s", want, got)
				}
			}
			if c.silent != "" && strings.Contains(got, c.silent) {
				t.Errorf("%q is said:\n%s", c.silent, got)
			}
			for _, secret := range []string{b.Secret, p.Secret, "fake-hook-key", "TOKEN-"} {
				if strings.Contains(got, secret) {
					t.Errorf("a secret is said:\n%s", got)
				}
			}
			if n := len(s.Shown()); n != c.sent {
				t.Errorf("%d messages were sent", n)
			}
			if subscribed := len(s.Subscriptions()); subscribed > 0 && !c.ask.Connect {
				t.Error("connected without being asked")
			}
			until(t, "the connection is given back", func() bool { return s.Subscribed() == 0 })
		})
	}
}

// TestRemedies: every code that pauses an account has words for the operator.
func TestRemedies(t *testing.T) {
	for code, m := range meanings {
		if m.verdict == bot.Misconfigured && remedies[code].do == "" {
			t.Errorf("nobody is told what to do about %d", code)
		}
	}
	for code := range remedies {
		if _, known := meaningOf(code); !known {
			t.Errorf("%d has a remedy and no meaning", code)
		}
	}
	if detail, do := explain(&refusedError{code: 12345, msg: "秘密"}); !strings.Contains(detail+do, "12345") || strings.Contains(detail+do, "秘密") {
		t.Error(detail, do)
	}
}
