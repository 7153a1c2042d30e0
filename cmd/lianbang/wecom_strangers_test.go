package main

import (
	"strings"
	"testing"

	"lianbang/bot/wecom/wecomtest"
)

// TestWeComStrangers: an AI bot alone may not write to who has not written to it. It says so of him, nothing that it sends dies,
// and what it says becomes true again when he is heard, and when he is lost.
func TestWeComStrangers(t *testing.T) {
	server := company(t, wecomtest.Options{Unlimited: true})
	group := wecomtest.DefaultGroup
	cfg := defaults()
	account := accountOf(server)
	account.App = nil
	cfg.WeCom = []WeComConfig{account}
	s := newService(t, cfg)
	waitFor(t, func() bool { return server.Subscribed() != 0 })

	// said is what the bot says to one act, in all places.
	said := func(act func() wecomtest.Sent) (all string) {
		t.Helper()
		before := len(server.Shown())
		if sent := act(); !sent.Delivered {
			t.Fatalf("%+v", sent)
		}
		waitFor(t, func() bool { return len(server.Shown()) > before })
		if err := s.settled(s.ctx); err != nil {
			t.Fatal(err)
		}
		for _, m := range server.Shown()[before:] {
			all += m.Where + ": " + m.Text + "\n"
		}
		return all
	}
	says := func(chat, who, text, want string) {
		t.Helper()
		if got := said(func() wecomtest.Sent { return server.Say(who, chat, text) }); !strings.Contains(got, want) {
			t.Errorf("to %s the bot says\n%s\nnot %s", text, got, want)
		}
	}
	told := func(want int) {
		t.Helper()
		n := 0
		for _, m := range server.Shown() {
			if m.Where == "私聊 王工" && strings.Contains(m.Text, "参观座谈 有变动") {
				n++
			}
		}
		if n != want {
			t.Errorf("he has been told %d changes, want %d", n, want)
		}
	}
	dead := func(want int64) {
		t.Helper()
		counts, err := s.DB.OutboxCounts(s.ctx)
		if err != nil || counts.Dead != want || counts.Expired+counts.Unknown != 0 {
			t.Errorf("%d dead, want %d: %+v %v", counts.Dead, want, counts, err)
		}
	}

	says("", "林书记", "认领 "+s.code, "您现在是管理员")
	says(group.ChatID, "林书记", "@联帮 新建联合体 光电信息", "已绑定光电信息党建联合体")
	says(group.ChatID, "林书记", "@联帮 登记活动 下周三下午2点半 参观座谈 地点 企业服务中心 限30人", "已登记 H1")
	says(group.ChatID, "王工", "@联帮 报名 H1", "私聊我一句，有变动我好通知您")
	says(group.ChatID, "林书记", "@联帮 改 H1 地点 光子重点实验室", "有 1 位报名人我私聊不到，请转告\n")
	says(group.ChatID, "王工", "@联帮 我的", group.Title+": 这个我私下答您。请点开和我的私聊")

	greeting := said(func() wecomtest.Sent { return server.EnterChat("王工") })
	if !strings.Contains(greeting, "私聊 王工: 您好，我是联帮。请回我一句") {
		t.Errorf("greeted with %s", greeting)
	}
	says("", "林书记", "改 H1 时间 下周三下午4点", "有 1 位报名人我私聊不到，请转告：wanggong")
	told(0)
	dead(0)

	says("", "王工", "我的", "16:00")
	says("", "林书记", "改 H1 地点 企业服务中心", "已私聊通知 1 位报名人\n")
	told(1)
	dead(0)

	// The bot is taken from him.
	server.Inject(wecomtest.Fault{Name: "aibot_send_msg", Place: "wanggong", Code: 93006})
	says("", "林书记", "改 H1 地点 光子重点实验室", "已私聊通知 1 位报名人\n")
	told(1)
	dead(1)
	says("", "林书记", "改 H1 地点 企业服务中心", "有 1 位报名人我私聊不到，请转告：wanggong")
	says("", "王工", "活动", "参观座谈")
	says("", "林书记", "改 H1 地点 光子重点实验室", "已私聊通知 1 位报名人\n")
	told(2)
	dead(1)

	s.end()
	if v := server.Violations(); len(v) > 0 {
		t.Errorf("against the protocol: %q", v)
	}
}
