package feishu_test

import (
	"bytes"
	"image"
	"image/png"
	"strings"
	"testing"
	"time"

	"lianbang/bot"
	"lianbang/bot/fake"
	"lianbang/bot/feishu"
	"lianbang/bot/feishu/feishutest"
)

// tenant is a fake platform with an app that speaks and does not listen.
type tenant struct {
	*feishutest.Server
	base  string
	clock *fake.Clock
	cast  feishutest.Cast
	app   *feishu.Adapter
	group bot.Address
}

func newTenant(t *testing.T) *tenant {
	t.Helper()
	clock := fake.NewFrozenClock(time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC))
	fake := feishutest.New(feishutest.Options{Clock: clock})
	base, err := fake.Start()
	if err != nil {
		t.Fatal(err)
	}
	app, err := feishu.New(feishu.Config{Account: "hq", AppID: feishutest.DefaultAppID, AppSecret: feishutest.DefaultAppSecret, BaseURL: base, Now: clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, v := range fake.Violations() {
			t.Errorf("against the protocol: %s", v)
		}
		if err := fake.Close(); err != nil {
			t.Error(err)
		}
	})
	x := &tenant{Server: fake, base: base, clock: clock, cast: fake.Cast(), app: app}
	x.group = bot.Address{Platform: feishu.Platform, Account: "hq", Chat: bot.ChatKey(x.cast.Group.ID)}
	return x
}

func (x *tenant) delivery(key string, r bot.Reply) bot.Delivery {
	return bot.Delivery{ID: 1, Key: key, To: x.group, Body: r, Attempt: 1}
}

// say sends and expects success.
func (x *tenant) say(t *testing.T, d bot.Delivery) bot.Receipt {
	t.Helper()
	got, err := x.app.Send(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	x.clock.Advance(250 * time.Millisecond) // the pace of a lane
	return got
}

func (x *tenant) verdict(t *testing.T, d bot.Delivery) *bot.SendError {
	t.Helper()
	_, err := x.app.Send(t.Context(), d)
	if err == nil {
		t.Fatal("sent")
	}
	return bot.AsSendError(err)
}

func activity(line string) bot.Reply {
	return bot.Reply{Card: &bot.Card{Title: "H1 参观", Sections: []bot.Section{{Lines: []string{line}}}, Buttons: []bot.Button{{Label: "报名", Command: "报名 H1"}}}}
}

// TestLostAnswers: a message whose answer was lost is shown once, however often it is sent again within the hour.
func TestLostAnswers(t *testing.T) {
	x := newTenant(t)
	for name, fault := range map[string]feishutest.Fault{
		"a gateway's page": {Effect: true, Status: 504, Body: "<html>timeout</html>"},
		"a cut connection": {Effect: true, Cut: true},
		"a server's error": {Effect: true, Status: 500, Code: 2200},
	} {
		fault.Path = "/open-apis/im/v1/messages"
		x.Inject(fault)
		d := x.delivery("remind/"+name, bot.Say("⏰ "+name))
		if se := x.verdict(t, d); se.Verdict != bot.Retry {
			t.Errorf("%s: %v", name, se)
		}
		x.clock.Advance(time.Second)
		x.say(t, d)
		shown := 0
		for _, s := range x.Shown() {
			shown += strings.Count(s.Text, name)
		}
		if shown != 1 {
			t.Errorf("%s: shown %d times", name, shown)
		}
	}
	if n := x.Counts().Deduplicated; n != 3 {
		t.Errorf("%d duplicates were dropped", n)
	}
}

// TestTokenExpires: an app that slept does not fail.
func TestTokenExpires(t *testing.T) {
	x := newTenant(t)
	for range 5 {
		x.say(t, x.delivery("", bot.Say("在")))
		x.clock.Advance(3 * time.Hour)
	}
	x.Inject(feishutest.Fault{Path: "/open-apis/im/v1/messages", Code: 99991663})
	x.say(t, x.delivery("", bot.Say("还在")))
	if n := len(x.Shown()); n != 6 {
		t.Errorf("%d messages", n)
	}
}

func TestUpdatesOnPlatform(t *testing.T) {
	x := newTenant(t)
	sent := x.say(t, x.delivery("reply/1", activity("3/36")))
	d := x.delivery("reply/2", activity("4/36"))
	d.Update = sent.Message
	x.say(t, d)
	if s := x.Shown(); len(s) != 1 || !strings.Contains(s[0].Text, "4/36") || strings.Contains(s[0].Text, "3/36") {
		t.Errorf("shown: %+v", s)
	}
	x.clock.Advance(15 * 24 * time.Hour)
	if se := x.verdict(t, d); se.Verdict != bot.Refused || se.Code != "230031" || len(x.Shown()) != 1 {
		t.Errorf("%v, %d messages", se, len(x.Shown()))
	}
}

// TestRefusedCardOnPlatform: the words are there, and the button as a command to type.
func TestRefusedCardOnPlatform(t *testing.T) {
	x := newTenant(t)
	x.Inject(feishutest.Fault{Path: "/open-apis/im/v1/messages", Code: 230099, Msg: "Failed to create card content, ext=ErrCode: 200861; ErrMsg: unsupported tag;"})
	x.say(t, x.delivery("reply/1", activity("3/36")))
	s := x.Shown()
	if len(s) != 1 {
		t.Fatalf("%d messages", len(s))
	}
	for _, word := range []string{"H1 参观", "3/36", "报名 H1"} {
		if !strings.Contains(s[0].Text, word) {
			t.Errorf("%q is not shown", word)
		}
	}
}

func TestThreadsOnPlatform(t *testing.T) {
	x := newTenant(t)
	question := x.cast.Wang.Write(t.Context(), x.cast.Group, feishutest.Draft{Text: "@联帮 活动"}).Message
	d := x.delivery("reply/1", bot.Say("一"))
	d.Ref.Token = "m:" + question
	first := x.say(t, d)
	if m, ok := x.Message(first.Message); !ok || m.Parent != question {
		t.Errorf("the reply hangs at %q, want %q", m.Parent, question)
	}
	x.cast.Group.ForbidThreads(true)
	d = x.delivery("reply/2", bot.Say("二"))
	d.Ref.Token = "m:" + question + ":omt_1"
	second := x.say(t, d)
	if m, ok := x.Message(second.Message); !ok || m.Thread != "" {
		t.Errorf("in thread %q of a group without threads", m.Thread)
	}
	x.cast.Wang.Recall(t.Context(), question)
	d = x.delivery("reply/3", bot.Say("三"))
	d.Ref.Token = "m:" + question
	third := x.say(t, d)
	if m, ok := x.Message(third.Message); !ok || m.Parent != "" || m.Where != "光电联合体" {
		t.Errorf("after the recall: %+v", m)
	}
}

func TestFilesOnPlatform(t *testing.T) {
	x := newTenant(t)
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 8, 8))); err != nil {
		t.Fatal(err)
	}
	x.say(t, x.delivery("digest/1", bot.Reply{Text: "周报", File: &bot.Attachment{Name: "周报.xlsx", Data: []byte("sheet")}}))
	x.clock.Advance(time.Second)
	x.say(t, x.delivery("digest/2", bot.Reply{File: &bot.Attachment{Name: "图.png", Type: "image/png", Data: picture.Bytes()}}))
	var kinds []string
	for _, m := range x.Messages(x.cast.Group.ID) {
		kinds = append(kinds, m.Type)
	}
	if got := strings.Join(kinds, " "); got != "text file image" {
		t.Errorf("messages: %s", got)
	}
}

func TestChatsThatEnd(t *testing.T) {
	x := newTenant(t)
	x.cast.Group.RemoveBot(t.Context(), x.cast.Lin)
	if se := x.verdict(t, x.delivery("remind/1", bot.Say("⏰"))); se.Verdict != bot.Refused || !se.Gone || se.Code != "230002" {
		t.Errorf("removed: %v gone %v", se, se.Gone)
	}
	d := x.delivery("remind/2", bot.Say("⏰"))
	d.To = bot.Address{Platform: feishu.Platform, Account: "hq", User: bot.UserKey(x.cast.Wang.OpenID)}
	x.say(t, d)
	x.cast.Wang.StopBot(true)
	d.Key = "remind/3"
	if se := x.verdict(t, d); se.Verdict != bot.Refused || !se.Gone || se.Code != "230053" {
		t.Errorf("stopped: %v", se)
	}
	x.cast.Wang.Resign()
	if se := x.verdict(t, d); se.Verdict != bot.Refused || !se.Gone || se.Code != "230013" {
		t.Errorf("resigned: %v", se)
	}
}

// TestPaceOnPlatform: at the pace of Caps nobody is throttled; faster, the chat's limit is met and waited for.
func TestPaceOnPlatform(t *testing.T) {
	x := newTenant(t)
	pace := x.app.Caps().Chat
	for range 40 {
		if _, err := x.app.Send(t.Context(), x.delivery("", bot.Say("一句"))); err != nil {
			t.Fatal(err)
		}
		x.clock.Advance(pace.Interval)
	}
	if n := x.Counts().Throttled; n != 0 {
		t.Errorf("%d calls throttled", n)
	}
	for range 10 {
		if _, err := x.app.Send(t.Context(), x.delivery("", bot.Say("急"))); err != nil {
			if se := bot.AsSendError(err); se.Verdict != bot.Throttled || se.After < time.Second {
				t.Errorf("%v after %v", se, se.After)
			}
			return
		}
	}
	t.Error("never throttled")
}

// TestHooksOnPlatform: a custom bot with a signature.
func TestHooksOnPlatform(t *testing.T) {
	x := newTenant(t)
	hook := x.cast.Group.AddHook("s1gn", "")
	h, err := feishu.NewHooks(feishu.HookConfig{Account: "push", Now: x.clock.Now, Hooks: []feishu.Hook{{Chat: "光电", URL: x.base + hook.Path, Secret: "s1gn"}}})
	if err != nil {
		t.Fatal(err)
	}
	to := bot.Address{Platform: feishu.Platform, Account: "push", Chat: "光电"}
	for _, r := range bot.Fit(activity("3/36"), h.Caps()) {
		if _, err := h.Send(t.Context(), bot.Delivery{To: to, Body: r, Attempt: 1}); err != nil {
			t.Fatal(err)
		}
	}
	if s := x.Shown(); len(s) != 1 || !strings.Contains(s[0].Text, "3/36") {
		t.Errorf("shown: %+v", s)
	}
	x.clock.Advance(2 * time.Hour)
	late, err := feishu.NewHooks(feishu.HookConfig{Account: "push", Now: func() time.Time { return x.clock.Now().Add(-2 * time.Hour) }, Hooks: []feishu.Hook{{Chat: "光电", URL: x.base + hook.Path, Secret: "s1gn"}}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := late.Send(t.Context(), bot.Delivery{To: to, Body: bot.Say("好"), Attempt: 1}); bot.AsSendError(err).Verdict != bot.Throttled || bot.AsSendError(err).Code != "19021" {
		t.Errorf("a clock that is wrong: %v", err)
	}
}
