package main

import (
	"slices"
	"strings"
	"testing"

	"lianbang/bot"
	"lianbang/bot/feishu/feishutest"
	"lianbang/storage"
)

// TestInvitationFollows: an activity that was registered in private comes to the groups as a card by which people sign up, and
// which follows what changes; to a group that a custom bot can only push to it comes without buttons.
func TestInvitationFollows(t *testing.T) {
	server, group := platform(t, feishutest.Options{Unlimited: true})
	away := server.AddGroup("外部企业群", server.Person("王工"))
	hook := away.AddHook("sign-"+secretWord, "")
	cfg := defaults()
	cfg.Feishu = []FeishuConfig{tenantOf(server), {Name: "push", Groups: []FeishuGroup{
		{Title: "外部企业群", URL: Secret(server.BaseURL() + hook.Path), Secret: "sign-" + secretWord, Consortium: "光电信息"}}}}
	s := newService(t, cfg)
	waitFor(t, func() bool { return server.Connections() == 1 })
	worker, admin := server.Person("王工"), server.AddPerson("林书记")
	group.Join(s.ctx, worker, admin)
	shown := func(in, word string) (found feishutest.Message) {
		t.Helper()
		waitFor(t, func() bool {
			all := server.Messages("")
			i := slices.IndexFunc(all, func(m feishutest.Message) bool { return m.FromBot && m.Where == in && strings.Contains(m.Text, word) })
			if i >= 0 {
				found = all[i]
			}
			return i >= 0
		})
		return found
	}
	admin.Tell(s.ctx, "认领 "+s.code)
	shown("私聊 林书记", "您现在是管理员")
	admin.Say(s.ctx, group, "@联帮 新建联合体 光电信息")
	shown("光电信息群", "已绑定光电信息党建联合体")
	if err := s.DB.Do(s.ctx, func(tx *storage.Tx) error {
		c, err := tx.ConsortiumNamed("光电信息")
		if err != nil {
			return err
		}
		room, err := tx.AddRoom(bot.Address{Platform: "feishu", Account: "push", Chat: "外部企业群"}, "外部企业群", false)
		if err != nil {
			return err
		}
		return tx.Bind(room, c.ID)
	}); err != nil {
		t.Fatal(err)
	}

	admin.Tell(s.ctx, "登记活动 下周三下午2点半 参观座谈 地点 企业服务中心 限30人")
	shown("私聊 林书记", "光电信息的 2 个群还不知道")
	if out := admin.Click(s.ctx, feishutest.Tap{Label: "发到群里"}); !out.Acked || out.Failure != 0 {
		t.Fatalf("the tap: %+v", out)
	}
	shown("私聊 林书记", "H1 参观座谈 已发到光电信息的 2 个群")
	if m := shown("外部企业群", "H1 参观座谈"); len(m.Buttons) != 0 {
		t.Errorf("where nobody can answer there are buttons: %q", m.Buttons)
	}
	card := shown("光电信息群", "H1 参观座谈")
	if !slices.Equal(card.Buttons, []string{"报名"}) {
		t.Errorf("the card in the group has the buttons %q", card.Buttons)
	}
	if out := worker.Click(s.ctx, feishutest.Tap{Message: card.ID, Label: "报名"}); !out.Acked || out.Failure != 0 {
		t.Fatalf("the tap in the group: %+v", out)
	}
	now := func(word string) bool {
		m, _ := server.Message(card.ID)
		return strings.Contains(m.Text, word)
	}
	waitFor(t, func() bool { return now("1/30") })
	admin.Tell(s.ctx, "改 H1 地点 创客空间")
	waitFor(t, func() bool { return now("创客空间") })
	admin.Click(s.ctx, feishutest.Tap{Label: "发到群里"})
	shown("私聊 林书记", "3 天内不重复发")
	if v := server.Violations(); len(v) > 0 {
		t.Errorf("against the protocol: %q", v)
	}
	s.end()
}
