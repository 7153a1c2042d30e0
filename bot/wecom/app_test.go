package wecom

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"lianbang/bot"
	"lianbang/bot/wecom/wecomtest"
)

// TestRepeatsAreSwallowed: a delivery that is repeated is shown once; another that says the same is shown too.
func TestRepeatsAreSwallowed(t *testing.T) {
	o := openOffice(t, have{app: true})
	for range 3 {
		o.must(toWang("remind/1", "⏰ 明天 15:30"))
	}
	if n := o.fake.Count("⏰"); n != 1 {
		t.Errorf("one delivery is shown %d times", n)
	}
	o.must(toWang("remind/2", "⏰ 明天 15:30"))
	if n := o.fake.Count("⏰"); n != 2 {
		t.Errorf("two deliveries are shown %d times", n)
	}
	o.fake.Inject(wecomtest.Fault{Name: "message/send", Effect: true, Cut: true})
	card := toWang("reply/1", "")
	card.Body = signUp("请看")
	if v := o.fails(card); v.Code != unknownOutcome {
		t.Errorf("%+v", v)
	}
	card.Attempt = 2
	o.must(card)
	if n := o.fake.Count("请看"); n != 1 {
		t.Errorf("the card is shown %d times", n)
	}
}

func TestToken(t *testing.T) {
	o := openOffice(t, have{app: true})
	o.must(toWang("k1", "一"))
	o.fake.RevokeToken()
	o.must(toWang("k2", "二"))
	if n := o.fake.Tokens(); n != 2 || o.counted("token_refused") != 1 {
		t.Errorf("%d tokens", n)
	}
	o.advance(2*time.Hour - 4*time.Minute) // renewed early, while the old one still holds
	o.must(toWang("k3", "三"))
	until(t, "the token is asked for again", func() bool { return len(o.fake.Calls("gettoken")) == 3 })
	o.advance(2 * time.Hour)
	o.must(toWang("k4", "四"))
	o.fake.Inject(wecomtest.Fault{Name: "message/send", Code: 42001, Times: 2})
	if v := o.fails(toWang("k5", "五")); v.Verdict != bot.Retry || v.Code != "42001" {
		t.Errorf("refused twice: %+v", v)
	}
}

// TestWrongAppSecret: it is not asked for again and again, and where the AI bot works the account is not paused for it.
func TestWrongAppSecret(t *testing.T) {
	o := openOffice(t, have{app: true})
	o.fake.SetSecret("another")
	for range 3 {
		if v := o.fails(toWang("k", "x")); v.Verdict != bot.Misconfigured || v.Code != "40001" {
			t.Errorf("%+v", v)
		}
	}
	if n := len(o.fake.Calls("gettoken")); n != 1 {
		t.Errorf("asked %d times", n)
	}
	both := openOffice(t, have{mode: ModeWebsocket, app: true})
	both.fake.TrustIP(false)
	if v := both.fails(toWang("k", "x")); v.Verdict != bot.Throttled || v.Code != "60020" || v.After != mendTime {
		t.Errorf("%+v", v)
	}
	both.say("", "在吗")
	both.must(toWang("k", "x"))
}

// TestCardsOfTheApp: a click changes the card, by the code that came with it, and the words stay readable below.
func TestCardsOfTheApp(t *testing.T) {
	o := openOffice(t, have{app: true, hears: true})
	d := toWang("reply/1", "")
	d.Body = signUp("请报名")
	d.Body.Topic = "H27"
	o.must(d)
	click := toWang("reply/2", "")
	for i := range 2 { // the changed card tells its topic too
		o.advance(time.Second) // taps of one second are one
		go o.fake.Click("王工", 1, "报名")
		e := o.next()
		if e.Kind != bot.Clicked || e.Text != "报名 H27" || e.Topic != "H27" {
			t.Errorf("%+v", e)
		}
		click.Key, click.Ref, click.Body = fmt.Sprint("reply/2/", i), e.Ref, signUp(fmt.Sprint("已报名 H27，", i+3, " 人。"))
		click.Body.InPlace, click.Body.Topic = true, "H27"
		o.must(click)
		all := o.fake.Shown()
		if x := all[len(all)-1]; len(all) != i+2 || all[0].Edits != i+1 || strings.Contains(all[0].Text, "已报名") || x.Text != click.Body.Text || x.Channel != wecomtest.App {
			t.Errorf("%+v", all)
		}
	}
	click.Key = "reply/3"
	o.must(click) // the code is used up: it is said
	if all := o.fake.Shown(); len(all) != 4 || all[0].Edits != 2 || all[3].Text != click.Body.Text {
		t.Errorf("%+v", all)
	}
	closed := bot.Reply{InPlace: true, Text: "报名结束了。", Card: &bot.Card{Title: "H27 参观座谈", Tone: bot.Closed}}
	o.advance(time.Second)
	go o.fake.Click("王工", 1, "报名")
	click.Key, click.Ref, click.Body = "reply/4", o.next().Ref, closed
	o.must(click)
	if all := o.fake.Shown(); !strings.Contains(all[0].Text, "已结束") || o.last().Text != "报名结束了。" {
		t.Errorf("%+v", all)
	}
}

// TestMenuOfACard: a button that asks back stands in the card's menu, and is heard there too.
func TestMenuOfACard(t *testing.T) {
	o := openOffice(t, have{app: true, hears: true})
	d := toWang("reply/1", "")
	d.Body = signUp("")
	d.Body.Topic = "H27"
	d.Body.Card.Buttons = append(d.Body.Card.Buttons, bot.Button{Label: "取消报名", Command: "取消报名 H27", Confirm: "取消 H27 的报名？"})
	o.must(d)
	go o.fake.Click("王工", o.last().ID, "取消报名")
	if e := o.next(); e.Kind != bot.Clicked || e.Text != "取消报名 H27" || e.Topic != "H27" {
		t.Errorf("%+v", e)
	}
}

// TestAnswersStayWhereTheyWereAsked: what was said to the app is answered in the app, although the bot could.
func TestAnswersStayWhereTheyWereAsked(t *testing.T) {
	o := openOffice(t, have{mode: ModeWebsocket, app: true, hears: true})
	o.say("", "在吗")
	go o.fake.SayToApp("王工", "活动")
	d := toWang("reply/1", "没有活动。")
	d.Ref = o.next().Ref
	o.must(d)
	if x := o.last(); x.Channel != wecomtest.App {
		t.Errorf("%+v", x)
	}
	o.must(toWang("remind/1", "⏰"))
	if x := o.last(); x.Channel != wecomtest.Bot {
		t.Errorf("%+v", x)
	}
}

// TestMuteApp: an app without a callback sends its cards in words, since nobody would hear a tap.
func TestMuteApp(t *testing.T) {
	o := openOffice(t, have{app: true})
	d := toWang("reply/1", "")
	d.Body = signUp("请报名")
	o.must(d)
	if x := o.last(); x.Type != "markdown" || !strings.Contains(x.Text, "报名 H27") {
		t.Errorf("%+v", x)
	}
}
