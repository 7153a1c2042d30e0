package wecom

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"lianbang/bot"
	"lianbang/bot/wecom/wecomtest"
)

func TestAnswerInPlace(t *testing.T) {
	o := openOffice(t, have{mode: ModeWebsocket})
	e := o.say("光电信息群", "报名 H27")
	d := toGroup("reply/1", "已报名 H27，秘密")
	d.Ref = e.Ref
	o.must(d)
	if x := o.last(); x.ReqID == "" || x.Type != "stream" || x.Open || x.Text != "已报名 H27，秘密" {
		t.Errorf("%+v", x)
	}
	o.must(d) // the same stream once more
	if n := o.fake.Count("已报名 H27"); n != 1 {
		t.Errorf("shown %d times", n)
	}
	d.Key, d.Body = "reply/1/1", signUp("")
	if o.must(d); o.last().Type != "template_card" || o.last().ReqID == "" {
		t.Errorf("%+v", o.last())
	}
	o.fake.Inject(wecomtest.Fault{Name: "aibot_respond_msg", Code: 846605})
	d.Key, d.Body = "reply/2", bot.Say("另发")
	o.must(d)
	if x := o.last(); x.ReqID != "" || x.Text != "另发" || x.Where != "光电信息群" {
		t.Errorf("after the req_id was gone: %+v", x)
	}
}

// TestUnknownOutcome: what may have arrived is never sent again from here, by no way, and a digest counts as cut off.
func TestUnknownOutcome(t *testing.T) {
	for name, c := range map[string]struct {
		have  have
		fault string
		d     bot.Delivery
	}{
		"push":    {have{mode: ModeWebsocket, app: true, hooks: true}, "aibot_send_msg", toGroup("digest/1", "秘密简报")},
		"app":     {have{app: true}, "message/send", toWang("digest/1", "秘密简报")},
		"webhook": {have{hooks: true}, "webhook/send", toGroup("digest/1", "秘密简报")},
	} {
		t.Run(name, func(t *testing.T) {
			o := openOffice(t, c.have)
			if c.have.mode != "" {
				o.say("光电信息群", "在吗")
			}
			o.fake.Inject(wecomtest.Fault{Name: c.fault, Effect: true, Cut: true})
			v := o.fails(c.d)
			if v.Verdict != bot.Retry || v.Code != "unknown_outcome" || !errors.Is(v, context.DeadlineExceeded) {
				t.Errorf("%v", v)
			}
			if n := o.fake.Count("秘密简报"); n != 1 {
				t.Errorf("shown %d times", n)
			}
		})
	}
}

func TestWelcome(t *testing.T) {
	o := openOffice(t, have{mode: ModeWebsocket})
	o.fake.EnterChat("王工")
	d := toWang("reply/1", "您好，我是联帮。")
	d.Ref = o.next().Ref
	o.must(d)
	if x := o.last(); x.ReqID == "" || x.Type != "text" || x.Where != "私聊 王工" {
		t.Errorf("%+v", x)
	}
}

// TestWays: who cannot be reached one way is reached another, and what no way reaches is refused.
func TestWays(t *testing.T) {
	stranger := have{mode: ModeWebsocket}
	for name, c := range map[string]struct {
		have    have
		meet    string // the group where 王工 speaks first; "-" = nowhere
		prepare func(*office)
		d       bot.Delivery
		channel string
		refused string
		gone    bool
	}{
		"person who spoke":           {stranger, "", nil, toWang("k", "x"), wecomtest.Bot, "", false},
		"stranger":                   {stranger, "-", nil, toWang("k", "x"), "", "93006", true},
		"stranger with app":          {have{mode: ModeWebsocket, app: true}, "-", nil, toWang("k", "x"), wecomtest.App, "", false},
		"nobody's colleague":         {have{mode: ModeWebsocket, app: true}, "-", nil, bot.Delivery{To: bot.Address{User: "wer"}, Body: bot.Say("x")}, "", "81013", true},
		"group":                      {stranger, "光电信息群", nil, toGroup("k", "x"), wecomtest.Bot, "", false},
		"group that never spoke":     {have{mode: ModeWebsocket, hooks: true}, "-", nil, toGroup("k", "x"), wecomtest.Hook, "", false},
		"group without the bot":      {stranger, "光电信息群", (*office).expel, toGroup("k", "x"), "", "93008", true},
		"the same with a webhook":    {have{mode: ModeWebsocket, hooks: true}, "光电信息群", (*office).expel, toGroup("k", "x"), wecomtest.Hook, "", false},
		"group of one's own name":    {have{mode: ModeWebsocket}, "-", nil, bot.Delivery{To: bot.Address{Chat: "push:值班群"}, Body: bot.Say("x")}, "", "no_way", false},
		"callback mode, late":        {have{mode: ModeCallback}, "-", nil, toGroup("k", "x"), "", "no_way", false},
		"callback mode with webhook": {have{mode: ModeCallback, hooks: true}, "-", nil, toGroup("k", "x"), wecomtest.Hook, "", false},
		"callback mode with app":     {have{mode: ModeCallback, app: true}, "-", nil, toWang("k", "x"), wecomtest.App, "", false},
		"app and a group":            {have{app: true}, "-", nil, toGroup("k", "x"), "", "no_way", false},
		"dead webhook":               {have{hooks: true}, "-", func(o *office) { o.group(func(g *wecomtest.Group) { g.NoHook = true }) }, toGroup("k", "x"), "", "93004", false},
		"nothing to say":             {stranger, "-", nil, toGroup("k", ""), "", "empty", false},
		"nowhere":                    {stranger, "-", nil, bot.Delivery{Body: bot.Say("x")}, "", "address", false},
	} {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			o := openOffice(t, c.have)
			if c.meet != "-" {
				o.say(c.meet, "在吗")
			}
			if c.prepare != nil {
				c.prepare(o)
			}
			if c.refused != "" {
				if v := o.fails(c.d); v.Verdict != bot.Refused || v.Code != c.refused || v.Gone != c.gone {
					t.Errorf("%+v", v)
				}
				return
			}
			o.must(c.d)
			if x := o.last(); x.Channel != c.channel || bot.Fold(x.Text) != "x" {
				t.Errorf("%+v", x)
			}
		})
	}
}

func (o *office) expel() { o.group(func(g *wecomtest.Group) { g.NoBot = true }) }

func (o *office) group(change func(*wecomtest.Group)) {
	g := o.fake.Groups()[0]
	change(&g)
	o.fake.AddGroup(g)
}

// TestConnectionAway: without the connection nothing is lost, what can go another way does, and the rest waits.
func TestConnectionAway(t *testing.T) {
	o := openOffice(t, have{mode: ModeWebsocket, app: true, aloof: true})
	person, group := (bot.Address{Platform: Platform, Account: "hq", User: "wanggong"}).Lane(), (bot.Address{Platform: Platform, Account: "hq", Chat: theGroup}).Lane()
	if o.Holds("") || o.Holds(person) {
		t.Error("holds without a connection")
	}
	if v := o.fails(toGroup("k", "x")); v.Verdict != bot.Retry || v.Code != "not_connected" {
		t.Errorf("%+v", v)
	}
	o.must(toWang("k", "x"))
	o.link.set(nil, o.now().Add(time.Hour))
	if !o.Holds("") || !o.Holds(person) || !o.Holds(bot.CalendarLane("wecom/hq")) || o.Holds(group) {
		t.Error("displaced, this process sends what the app can, and nothing else")
	}
	if v := o.fails(toGroup("k", "x")); v.Verdict != bot.Throttled || v.Code != "displaced" {
		t.Errorf("%+v", v)
	}
	o.ours.Store(false)
	if o.Holds("") || o.Holds(person) {
		t.Error("holds although the seat is another's")
	}
}

// TestMentionsRing: a reminder for somebody goes where he is rung for, an answer stays where it was asked.
func TestMentionsRing(t *testing.T) {
	o := openOffice(t, have{mode: ModeWebsocket, hooks: true})
	e := o.say("光电信息群", "在吗")
	d := toGroup("remind/1", "⏰ 明天 15:30")
	d.Urgency, d.Body.Mention = bot.Remind, []bot.UserKey{"wanggong"}
	o.must(d)
	if x := o.last(); x.Channel != wecomtest.Hook || !slices.Equal(x.Mentions, []string{"wanggong"}) {
		t.Errorf("%+v", x)
	}
	d.Key, d.Body = "remind/2", bot.Reply{Text: "请看", Mention: d.Body.Mention, Card: signUp("").Card}
	o.must(d)
	if x := o.last(); x.Channel != wecomtest.Hook || !slices.Equal(x.Mentions, []string{"wanggong"}) || !strings.Contains(x.Text, "报名 H27") {
		t.Errorf("%+v", x)
	}
	d.Key, d.Urgency, d.Ref = "reply/1", bot.Answer, e.Ref
	o.must(d)
	if x := o.last(); x.Channel != wecomtest.Bot || len(x.Mentions) != 0 {
		t.Errorf("%+v", x)
	}
}

// TestEncryptedMentions: an encrypted id would stand in the message as it is, and is left out.
func TestEncryptedMentions(t *testing.T) {
	o := openOffice(t, have{hooks: true})
	d := toGroup("remind/1", "⏰ 明天 15:30")
	d.Body.Mention = []bot.UserKey{encryptedID, "wanggong"}
	o.must(d)
	if x := o.last(); !slices.Equal(x.Mentions, []string{"wanggong"}) || strings.Contains(x.Text, encryptedID) {
		t.Errorf("%+v", x)
	}
}

func picture(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 4, 4))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestFiles: files and pictures go up by each channel; where that is impossible their names are said.
func TestFiles(t *testing.T) {
	table := &bot.Attachment{Name: "名单/秘.csv", Type: "text/csv", Data: []byte("姓名,人数\n王工,3\n")}
	photo := &bot.Attachment{Name: "图", Type: "image/png", Data: picture(t)}
	empty := &bot.Attachment{Name: "空.csv", Type: "text/csv", Data: []byte("x")}
	for name, c := range map[string]struct {
		have have
		d    bot.Delivery
	}{
		"bot":      {have{mode: ModeWebsocket}, toWang("k", "名单在这。")},
		"app":      {have{app: true}, toWang("k", "名单在这。")},
		"webhook":  {have{hooks: true}, toGroup("k", "名单在这。")},
		"callback": {have{mode: ModeCallback}, toWang("k", "名单在这。")},
	} {
		t.Run(name, func(t *testing.T) {
			o := openOffice(t, c.have)
			for i, f := range []*bot.Attachment{table, photo, empty} {
				if c.have.mode != "" {
					c.d.Ref = o.say("", "名单").Ref
				}
				c.d.Key, c.d.Body.File = fmt.Sprint("k", i), f
				shown := len(o.fake.Shown())
				o.must(c.d)
				until(t, "it is shown", func() bool { return len(o.fake.Shown()) > shown })
				x := o.last()
				switch {
				case f == empty || name == "callback":
					if !strings.Contains(x.Text, "[文件] "+f.FileName()+"(没能发到企业微信)") {
						t.Errorf("%+v", x)
					}
				case !bytes.Equal(x.File, f.Data) || (x.Type == "image") != (f == photo):
					t.Errorf("%+v", x)
				}
			}
			if n := o.fake.Count("名单在这"); n != 3 {
				t.Errorf("the words came %d times", n)
			}
		})
	}
}

// TestPartsGoOutOnce: when the second of two parts fails, the next attempt sends that alone.
func TestPartsGoOutOnce(t *testing.T) {
	o := openOffice(t, have{app: true})
	d := toWang("k", strings.Repeat("秘密安排如下，", 150))
	o.fake.Inject(wecomtest.Fault{Name: "message/send", Skip: 1, Code: -1})
	if v := o.fails(d); v.Verdict != bot.Retry || v.Code != "-1" {
		t.Errorf("%+v", v)
	}
	d.Attempt = 2
	o.must(d)
	if all := o.fake.Shown(); len(all) != 2 || len(all[0].Text+all[1].Text) != len(d.Body.Text) {
		t.Errorf("%d messages", len(all))
	}
}

// TestRefusedCardInParts: once words have gone out in a card's place, the next attempt neither repeats them nor tries the card.
func TestRefusedCardInParts(t *testing.T) {
	o := openOffice(t, have{app: true, hears: true})
	d := toWang("k", "")
	d.Body = signUp("请报名。")
	d.Body.File = &bot.Attachment{Name: "名单.csv", Type: "text/csv", Data: []byte("姓名\n王工\n")}
	o.fake.Inject(wecomtest.Fault{Name: "message/send", Code: 42014})
	o.fake.Inject(wecomtest.Fault{Name: "message/send", Skip: 1, Code: -1})
	if v := o.fails(d); v.Code != "-1" || len(o.fake.Shown()) != 1 {
		t.Errorf("%+v, %d shown", v, len(o.fake.Shown()))
	}
	d.Attempt = 2
	o.must(d)
	if all := o.fake.Shown(); len(all) != 2 || all[0].Type != "markdown" || all[1].FileName != "名单.csv" {
		t.Errorf("%+v", all)
	}
}

// TestOwnClocks: what the platform would drop silently or refuse is held back.
func TestOwnClocks(t *testing.T) {
	for name, c := range map[string]struct {
		have have
		d    bot.Delivery
		most int
	}{
		"member":  {have{app: true}, toWang("", "x"), 30},
		"webhook": {have{hooks: true}, toGroup("", "x"), 20},
	} {
		t.Run(name, func(t *testing.T) {
			o := openOffice(t, c.have)
			for i := range c.most {
				c.d.Key, c.d.Body.Text = fmt.Sprint("k", i), fmt.Sprint("第", i)
				o.must(c.d)
			}
			c.d.Key, c.d.Body.Text = "late", "最后"
			v := o.fails(c.d)
			if v.Verdict != bot.Throttled || v.Code != "own_limit" || v.After <= 0 || v.After > time.Minute {
				t.Errorf("%+v", v)
			}
			o.advance(v.After)
			o.must(c.d)
			if n := len(o.fake.Shown()); n != c.most+1 {
				t.Errorf("%d are shown", n)
			}
		})
	}
}

// TestManyAtOnce: senders of many lanes share one token.
func TestManyAtOnce(t *testing.T) {
	o := openOffice(t, have{app: true})
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			if _, err := o.try(toWang(fmt.Sprint("k", i), fmt.Sprint("第", i))); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n, asked := len(o.fake.Shown()), len(o.fake.Calls("gettoken")); n != 20 || asked != 1 {
		t.Errorf("%d are shown, %d tokens asked for", n, asked)
	}
}
