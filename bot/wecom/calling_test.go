package wecom

import (
	"strings"
	"testing"

	"lianbang/bot"
	"lianbang/bot/wecom/wecomtest"
)

// TestCalling: words to a group that ask for an answer name the bot once, and those to a person do not.
func TestCalling(t *testing.T) {
	list := func(lines ...string) bot.Reply {
		return bot.Reply{Card: &bot.Card{Title: "接下来的活动", Sections: []bot.Section{{Lines: lines}}, Buttons: []bot.Button{{Label: "报名 H1", Command: "报名 H1"}}}}
	}
	long := strings.Repeat("长", 60)
	o := openOffice(t, have{mode: ModeWebsocket})
	o.say("光电信息群", "在吗")
	o.say("", "在吗")
	for _, c := range []struct {
		said  bot.Reply
		group string // what the group reads
	}{
		{bot.Say("已报名。\n不去了回“取消报名 H1” · 改人数回“报名 H1 人数”"), "不去了 @联帮 回“取消报名 H1” · 改人数回“报名 H1 人数”"},
		{bot.Say("不对？回“2”"), "不对？@联帮 回“2”"},
		{bot.Say("您是想 报名 H1 吗？@联帮 回“是”。"), "报名 H1 吗？@联帮 回“是”。"},
		{list("H1 参观座谈", "报名回“报名 H1 人数”"), "报名 @联帮 回“报名 H1 人数”"},
		{list("H1 参观座谈"), "H1 参观座谈"}, // a card: its button can be tapped
		{list(long, long), "可 @联帮 回复：“报名 H1”"},
	} {
		d := toGroup("reply/group", "")
		d.Body = c.said
		o.must(d)
		if x := o.last(); !strings.Contains(x.Text, c.group) || strings.Count(x.Text, "@联帮") != strings.Count(c.group, "@联帮") {
			t.Errorf("in the group: %q", x.Text)
		}
		d = toWang("reply/wang", "")
		d.Body = c.said
		o.must(d)
		if x := o.last(); strings.Contains(x.Text, "@联帮") && !strings.Contains(bot.Plain(c.said), "@联帮") {
			t.Errorf("in private: %q", x.Text)
		}
	}
}

// TestDeafWays: what asks for an answer where none is heard says where to go instead.
func TestDeafWays(t *testing.T) {
	ask := bot.Say("来不了请回“取消报名 H1”。")
	o := openOffice(t, have{mode: ModeWebsocket, app: true})
	d := toWang("reply/1", "")
	d.Body = ask
	o.must(d) // he has not talked to the AI bot yet
	if x := o.last(); x.Channel != wecomtest.App || !strings.HasSuffix(x.Text, "\n这里收不到回复，请私聊机器人“联帮”。") {
		t.Errorf("%+v", x)
	}
	d.Key, d.Body = "reply/2", bot.Say("您现在是统筹员。")
	if o.must(d); strings.Contains(o.last().Text, "收不到") {
		t.Errorf("%+v", o.last())
	}
	o = openOffice(t, have{hooks: true})
	d = toGroup("reply/3", "")
	d.Body = ask
	if o.must(d); !strings.HasSuffix(o.last().Text, "\n这里收不到回复。") || strings.Contains(o.last().Text, "@联帮") {
		t.Errorf("%+v", o.last())
	}
}
