package wecom

import (
	"strings"
	"testing"
	"time"

	"lianbang/bot"
	"lianbang/bot/wecom/wecomtest"
)

// TestClickInTheGroup: the card changes for everybody, and says who tapped.
func TestClickInTheGroup(t *testing.T) {
	o := openOffice(t, have{mode: ModeWebsocket, app: true})
	o.say("光电信息群", "在吗")
	d := toGroup("reply/1", "")
	d.Body = signUp("")
	d.Body.Topic = "H27"
	o.must(d)
	card := o.last()
	tap := func(key string, body bot.Reply) {
		t.Helper()
		go o.fake.Click("王工", card.ID, "报名")
		e := o.next()
		if e.Kind != bot.Clicked || e.Topic != "H27" || e.Text != "报名 H27" {
			t.Fatalf("%+v", e)
		}
		d.Key, d.To, d.Ref, d.Body = key, bot.Address{Chat: theGroup, User: "wanggong"}, e.Ref, body
		o.must(d)
	}
	now := signUp("已报名，3 人。")
	now.InPlace = true
	tap("reply/2", now)
	if all := o.fake.Shown(); len(all) != 1 || all[0].Edits != 1 || !strings.Contains(all[0].Text, "王工：已报名，3 人。") {
		t.Errorf("%+v", all)
	}
	now.Text = strings.Repeat("候补。", 40) // too long for a card
	tap("reply/3", now)
	if all := o.fake.Shown(); len(all) != 2 || all[0].Edits != 2 || strings.Contains(all[0].Text, "候补") || all[1].Text != "王工："+now.Text {
		t.Errorf("%+v", all)
	}
	closed := bot.Reply{InPlace: true, Text: "报名结束了。", Card: &bot.Card{Title: "H27 参观座谈", Tone: bot.Closed}}
	tap("reply/4", closed) // no buttons left and no home to open: the card cannot be replaced
	if all := o.fake.Shown(); len(all) != 3 || all[0].Edits != 2 || all[2].Text != "王工：报名结束了。" || all[2].Chat != string(theGroup) {
		t.Errorf("%+v", all)
	}
	tap("reply/5", bot.Say("您报过了。"))
	if x := o.last(); x.Text != "王工：您报过了。" || x.Chat != string(theGroup) {
		t.Errorf("%+v", x)
	}
	tap("reply/6", bot.Say("已报名，王工 1 人。"))
	if x := o.last(); x.Text != "已报名，王工 1 人。" {
		t.Errorf("named twice: %+v", x)
	}
}

func TestClickWithHome(t *testing.T) {
	o := openOffice(t, have{mode: ModeWebsocket, home: true})
	o.say("", "在吗")
	d := toWang("reply/1", "")
	d.Body = signUp("")
	o.must(d)
	go o.fake.Click("王工", o.last().ID, "报名")
	d = toWang("reply/2", "")
	d.Ref = o.next().Ref
	d.Body = bot.Reply{InPlace: true, Text: "报名结束了。", Card: &bot.Card{Title: "H27 参观座谈", Tone: bot.Closed}}
	o.must(d)
	if all := o.fake.Shown(); len(all) != 2 || all[0].Edits != 1 || all[1].Text != "报名结束了。" || !strings.Contains(string(all[0].Card), "https://lianbang.example/") {
		t.Errorf("%+v", all)
	}
	d.Key = "reply/3"
	o.must(d) // the click no longer waits
	if x := o.last(); x.ID == 1 || x.Text != "报名结束了。" {
		t.Errorf("%+v", x)
	}
}

// TestCallbackMode: the first answer goes back in the callback, the second through the response_url, the third nowhere.
func TestCallbackMode(t *testing.T) {
	o := openOffice(t, have{mode: ModeCallback})
	d := toGroup("reply/1/0", "第一条")
	d.Ref = o.say("光电信息群", "在吗").Ref
	o.must(d)
	until(t, "the callback's answer is shown", func() bool { return o.fake.Count("第一条") == 1 })
	d.Key, d.Body = "reply/1/1", bot.Say("第二条")
	o.must(d)
	if x := o.last(); x.Text != "第二条" || x.Type != "markdown" {
		t.Errorf("%+v", x)
	}
	d.Key, d.Body = "reply/1/2", bot.Say("第三条")
	if v := o.fails(d); v.Verdict != bot.Refused || v.Code != "ref_gone" {
		t.Errorf("%+v", v)
	}
	d.Ref = o.say("光电信息群", "在吗").Ref
	d.Key, d.Body = "reply/2", signUp("请报名")
	o.must(d)
	until(t, "the card is shown", func() bool { return o.last().Type == "template_card" })
	go o.fake.Click("王工", o.last().ID, "报名")
	e := o.next()
	d.Key, d.Ref, d.Body = "reply/3", e.Ref, signUp("已报名。")
	d.Body.InPlace = true
	if o.must(d); e.Topic != "" {
		t.Errorf("clicked %q", e.Topic)
	}
	until(t, "the card is changed", func() bool { return o.last().Edits == 1 })
	d.Key, d.Ref, d.Body = "reply/4", o.say("光电信息群", "在吗").Ref, bot.Say(strings.Repeat("*", 12<<10))
	if v := o.fails(d); v.Verdict != bot.Refused || v.Code != "too_long" {
		t.Errorf("%+v", v)
	}
}

// TestGreetingInTheCallback: in callback mode a greeting fits nowhere but into the callback.
func TestGreetingInTheCallback(t *testing.T) {
	o := openOffice(t, have{mode: ModeCallback})
	go o.fake.EnterChat("王工")
	d := toWang("reply/1", "您好")
	d.Ref = o.next().Ref
	o.must(d)
	until(t, "the greeting is shown", func() bool { return o.fake.Count("您好") == 1 })
	if x := o.last(); x.Type != "text" {
		t.Errorf("%+v", x)
	}
}

// TestRefusedCards: a card that the platform will not have goes out in words, the same way.
func TestRefusedCards(t *testing.T) {
	o := openOffice(t, have{mode: ModeWebsocket})
	d := toGroup("reply/1", "")
	d.Ref = o.say("光电信息群", "在吗").Ref
	d.Body = signUp("请报名")
	o.fake.Inject(wecomtest.Fault{Name: "aibot_respond_msg", Code: 42014})
	if got := o.must(d); got.Message != "" || o.last().Type != "stream" || !strings.Contains(o.last().Text, "报名 H27") {
		t.Errorf("%+v, %+v", got, o.last())
	}
}

// TestThrottled: what the platform refuses as too frequent waits, and goes no other way.
func TestThrottled(t *testing.T) {
	o := openOffice(t, have{mode: ModeWebsocket, app: true, hooks: true})
	o.say("", "在吗")
	o.fake.Inject(wecomtest.Fault{Name: "aibot_send_msg", Code: 45009})
	if v := o.fails(toWang("k", "x")); v.Verdict != bot.Throttled || v.After != time.Minute || len(o.fake.Shown()) != 0 {
		t.Errorf("%+v", v)
	}
}
