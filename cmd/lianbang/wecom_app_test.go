package main

import (
	"slices"
	"strings"
	"testing"

	"lianbang/bot/wecom/wecomtest"
	"lianbang/bot/wecom/wire"
)

// TestWeComAppAlone plays an account that has nothing but the self-built app, as in docs/wecom.zh-CN.md: its address is
// verified, who opens it is greeted, what is said is answered there, and a tapped card changes while its answer stays readable.
func TestWeComAppAlone(t *testing.T) {
	server := company(t, wecomtest.Options{Unlimited: true})
	cfg := defaults()
	account := accountOf(server)
	account.Bot = nil
	account.App.Token, account.App.AESKey = Secret(server.App().Token), Secret(server.App().AESKey)
	cfg.WeCom = []WeComConfig{account}
	s := newService(t, cfg)
	server.SetAppCallback(s.address + "/wecom/main/app")
	if a := server.Verify(wecomtest.App); a.Err != "" {
		t.Fatalf("the address is not accepted: %s", a.Err)
	}
	answered := func(who, want string, act func() wecomtest.Sent) wecomtest.Shown {
		t.Helper()
		before := len(server.Shown())
		if sent := act(); !sent.Delivered || len(sent.Attempts) != 1 || sent.Attempts[0].Body != "" {
			t.Fatalf("not acknowledged at once and empty: %+v", sent)
		}
		var found wecomtest.Shown
		waitFor(t, func() bool {
			return slices.ContainsFunc(server.Shown()[before:], func(m wecomtest.Shown) bool {
				found = m
				return m.Channel == wecomtest.App && m.Where == "私聊 "+who && strings.Contains(m.Text, want)
			})
		})
		return found
	}
	says := func(who, text, want string) wecomtest.Shown {
		t.Helper()
		return answered(who, want, func() wecomtest.Sent { return server.SayToApp(who, text) })
	}
	answered("林书记", "我是联帮", func() wecomtest.Sent { return server.EnterApp("林书记") })
	says("林书记", "认领 "+s.code, "您现在是管理员")
	says("林书记", "新建联合体 光电信息", "已新建光电信息党建联合体")
	says("王工", "帮助", "报名")
	says("林书记", "任命 王工 联络员", "王工 现在是光电信息联络员")
	says("王工", "登记活动 下周三下午2点半 参观座谈 地点 企业服务中心 限30人", "已登记 H1")
	card := says("王工", "活动 H1", "已报 0/30")
	said := answered("王工", "已报名 H1", func() wecomtest.Sent { return server.Click("王工", card.ID, "报名") })
	if said.ID == card.ID || said.Type != "markdown" {
		t.Errorf("the answer to the tap cannot be read again: %+v", said)
	}
	waitFor(t, func() bool {
		i := slices.IndexFunc(server.Shown(), func(m wecomtest.Shown) bool { return m.ID == card.ID })
		m := server.Shown()[i]
		return m.Edits == 1 && strings.Contains(m.Text, "我的报名 1 人") && !strings.Contains(m.Text, "[报名]")
	})
	quiet := len(server.Shown())
	if sent := server.DeliverToApp("王工", wire.AppMessage{Type: "event", Event: "LOCATION"}); !sent.Delivered {
		t.Errorf("what concerns nobody is not acknowledged: %+v", sent)
	}
	for _, f := range wecomtest.Forgeries {
		if a := server.Forge(wecomtest.App, f, "forged"); a.Status == 200 {
			t.Errorf("%s is accepted: %+v", f, a)
		}
	}
	s.end()
	if n := len(server.Shown()); n != quiet {
		t.Errorf("%d messages after what says nothing", n-quiet)
	}
	if v := server.Violations(); len(v) > 0 {
		t.Errorf("against the protocol: %q", v)
	}
	for _, secret := range []string{secretWord, server.App().Secret, server.App().AESKey, "access_token=", "response_code="} {
		if strings.Contains(s.log.String(), secret) {
			t.Errorf("the log shows %q", secret)
		}
	}
}
