package wecomtest

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"lianbang/bot/fake"
	"lianbang/bot/wecom/wire"
)

const chat = "wrFAKEgroup0001"

func TestConversation(t *testing.T) {
	s := start(t, Options{})
	c := join(t, s)
	c.must(93006, wire.CmdSend, "", push(chat, "太早"))
	sent := s.Say("王工", chat, "@联帮 在吗")
	if !sent.Delivered {
		t.Fatal(sent.Why)
	}
	reqID, m := c.heard()
	if reqID != sent.ReqID || m.ID != sent.ID || m.ChatID != chat || m.From.UserID != "wanggong" || m.Text.Content != "@联帮 在吗" || m.ChatType != wire.Group || m.ResponseURL == "" {
		t.Fatalf("%+v", m)
	}
	c.must(40008, wire.CmdRespond, reqID, fields{"msgtype": "text", "text": fields{"content": "在"}})
	for _, n := range []struct {
		text string
		over bool
	}{{"正在", false}, {"正在查", false}, {"查到了", true}} {
		c.must(0, wire.CmdRespond, reqID, fields{"msgtype": "stream", "stream": fields{"id": "st-1", "finish": n.over, "content": n.text}})
	}
	c.must(0, wire.CmdRespond, reqID, fields{"msgtype": "stream", "stream": fields{"id": "st-1", "finish": true, "content": "查到了"}})
	c.must(wire.CodeStreamExpired, wire.CmdRespond, reqID, fields{"msgtype": "stream", "stream": fields{"id": "st-1", "finish": true, "content": "又改"}})
	c.must(0, wire.CmdSend, "", push(chat, "**提醒**"))
	c.must(93006, wire.CmdSend, "", push(strings.ToLower(chat), "大小写"))
	if got := texts(s); !slices.Equal(got, []string{"光电信息群: 查到了", "光电信息群: **提醒**"}) {
		t.Error(got)
	}
	if x := s.Shown()[0]; x.Edits != 2 || x.Open || x.ReqID != reqID {
		t.Errorf("%+v", x)
	}
	if got := s.Answers(reqID); len(got) != 6 || got[0].Code != 40008 || got[0].Place != chat {
		t.Errorf("%+v", got)
	}
	for _, bad := range []Sent{s.Say("王工", chat, "没有提到"), s.Say("王工", "没有的群", "@联帮 x"), s.Say("外人", "", "x")} {
		if bad.Delivered || bad.Why == "" {
			t.Errorf("%+v", bad)
		}
	}
}

func TestSubscription(t *testing.T) {
	clock := fake.NewFrozenClock(time.Unix(1_790_000_000, 0))
	s := start(t, Options{Clock: clock, KickLag: 30 * time.Second})
	stranger := dial(t, s)
	stranger.must(wire.CodeNotSubscribed, wire.CmdSend, "", push(chat, "x"))
	stranger.must(wire.CodeCredentials, wire.CmdSubscribe, "", fields{"bot_id": s.Bot().ID, "secret": "wrong"})
	stranger.must(0, wire.CmdPing, "", nil) // the socket stays open
	first := join(t, s)
	second := join(t, s)
	if _, m := first.heard(); m.Event == nil || m.Event.Type != wire.EventDisconnected {
		t.Fatalf("%+v", m)
	}
	first.must(0, wire.CmdPing, "", nil)
	first.must(wire.CodeNotSubscribed, wire.CmdSend, "", push(chat, "x"))
	if n := s.Connections(); n != 3 {
		t.Errorf("%d connections", n)
	}
	clock.Advance(30 * time.Second)
	if _, err := first.read(); err == nil {
		t.Error("the displaced connection is still open")
	}
	if got := s.Subscriptions(); len(got) != 2 || !got[1].Kicked || s.Subscribed() != got[1].Conn {
		t.Errorf("%+v", got)
	}
	s.Unsubscribe()
	second.must(wire.CodeNotSubscribed, wire.CmdSend, "", push(chat, "x"))
	if sent := s.Say("王工", "", "在吗"); sent.Delivered || s.Lost() != 1 {
		t.Errorf("%+v", sent)
	}
}

func TestWindows(t *testing.T) {
	clock := fake.NewFrozenClock(time.Unix(1_790_000_000, 0))
	s := start(t, Options{Clock: clock})
	c := join(t, s)
	hello := fields{"msgtype": "text", "text": fields{"content": "您好"}}
	s.EnterChat("王工")
	enter, m := c.heard()
	if m.Event.Type != wire.EventEnter || m.CreateTime == 0 || m.ChatID != "" {
		t.Errorf("%+v", m)
	}
	c.must(wire.CodeRequestGone, wire.CmdRespond, enter, markdown("x"))
	c.must(0, wire.CmdWelcome, enter, hello)
	s.EnterChat("王工")
	enter, _ = c.heard()
	clock.Advance(5001 * time.Millisecond)
	c.must(wire.CodeRequestGone, wire.CmdWelcome, enter, hello)

	s.Say("王工", "", "在吗")
	said, _ := c.heard()
	frame := func(text string) fields {
		return fields{"msgtype": "stream", "stream": fields{"id": "a", "finish": false, "content": text}}
	}
	c.must(0, wire.CmdRespond, said, frame("1"))
	clock.Advance(6*time.Minute + time.Second)
	c.must(wire.CodeStreamExpired, wire.CmdRespond, said, frame("2"))
	c.must(0, wire.CmdRespond, said, markdown("晚了"))
	clock.Advance(24 * time.Hour)
	c.must(wire.CodeRequestGone, wire.CmdRespond, said, markdown("太晚了"))
	c.must(wire.CodeRequestGone, wire.CmdRespond, "never-seen", markdown("x"))
	c.must(0, wire.CmdSend, "", push("wanggong", "推送"))
	if got := texts(s); !slices.Equal(got, []string{"私聊 王工: 您好", "私聊 王工: 1", "私聊 王工: 晚了", "私聊 王工: 推送"}) {
		t.Error(got)
	}
}

func TestCards(t *testing.T) {
	clock := fake.NewFrozenClock(time.Unix(1_790_000_000, 0))
	s := start(t, Options{Clock: clock})
	c := join(t, s)
	s.Say("王工", chat, "@联帮 卡片")
	reqID, _ := c.heard()
	bad := buttons("t1", "报名")
	delete(bad, "button_list")
	c.must(42038, wire.CmdRespond, reqID, carding(bad))
	c.must(0, wire.CmdRespond, reqID, carding(buttons("t1", "报名", "取消")))
	card := s.Shown()[0]
	if card.Text != "参观 H1\n[报名]\n[取消]" {
		t.Errorf("%q", card.Text)
	}
	if got := s.Click("王工", card.ID, "删除"); got.Delivered {
		t.Error("a button that is not there was tapped")
	}
	s.Click("王工", card.ID, "报名")
	click, m := c.heard()
	if e := m.Event.Tapped(); e.Key != "报名 H1" || e.TaskID != "t1" || e.CardType != "button_interaction" || m.ChatID != chat {
		t.Errorf("%+v", m)
	}
	done := buttons("t1", "取消")
	update := fields{"response_type": "update_template_card", "userids": []string{"wanggong"}, "template_card": done}
	c.must(0, wire.CmdUpdate, click, update)
	if got := s.ShownTo("王工")[0].Text; got != "参观 H1\n[取消]" {
		t.Errorf("%q", got)
	}
	if got := s.ShownTo("林书记")[0].Text; got != card.Text {
		t.Errorf("%q", got)
	}
	s.Click("林书记", card.ID, "取消")
	click, _ = c.heard()
	done["task_id"] = "other"
	c.must(42016, wire.CmdUpdate, click, fields{"response_type": "update_template_card", "template_card": done})
	done["task_id"] = "t1"
	clock.Advance(5001 * time.Millisecond)
	c.must(wire.CodeRequestGone, wire.CmdUpdate, click, fields{"response_type": "update_template_card", "template_card": done})
}

func TestVote(t *testing.T) {
	s := start(t, Options{})
	c := join(t, s)
	s.Say("王工", "", "表单")
	reqID, _ := c.heard()
	option := func(id, text string) fields { return fields{"id": id, "text": text} }
	c.must(0, wire.CmdRespond, reqID, carding(fields{
		"card_type": "multiple_interaction", "main_title": fields{"title": "新提醒"}, "task_id": "t2",
		"select_list": []fields{
			{"question_key": "day", "title": "哪天", "option_list": []fields{option("d0", "今天"), option("d1", "明天")}, "selected_id": "d1"},
			{"question_key": "hour", "title": "几点", "option_list": []fields{option("9", "09:00"), option("18", "18:00")}},
		},
		"submit_button": fields{"text": "设定", "key": "new"},
	}))
	id := s.Shown()[0].ID
	if got := s.Vote("王工", id, map[string][]string{"几点": {"12:00"}}); got.Delivered {
		t.Error("an option that is not there was chosen")
	}
	s.Vote("王工", id, map[string][]string{"几点": {"18:00"}})
	_, m := c.heard()
	want := []wire.SelectedItem{{Question: "day", Options: wire.Options{IDs: []string{"d1"}}}, {Question: "hour", Options: wire.Options{IDs: []string{"18"}}}}
	if e := m.Event.Tapped(); e.Key != "new" || !reflect.DeepEqual(e.Selected.Items, want) {
		t.Errorf("%+v", e)
	}
}

func TestMishaps(t *testing.T) {
	s := start(t, Options{})
	c := join(t, s)
	s.Say("王工", "", "在吗")
	c.heard()
	s.Inject(Fault{Name: wire.CmdSend, Code: 45009})
	s.Inject(Fault{Name: wire.CmdSend, Effect: true, Hang: true})
	c.must(45009, wire.CmdSend, "", push("wanggong", "被限"))
	c.write(wire.CmdSend, "", push("wanggong", "确认丢了"))
	c.must(0, wire.CmdPing, "", nil)
	c.must(0, wire.CmdSend, "", push("wanggong", "确认丢了"))
	if got := s.Duplicates(); len(got) != 1 || s.Count("确认丢了") != 2 || s.Count("被限") != 0 {
		t.Errorf("%+v", got)
	}
	s.Freeze()
	c.write(wire.CmdPing, "", nil)
	if sent := s.Say("王工", "", "听得到吗"); sent.Delivered {
		t.Error("delivered to a silent connection")
	}
	other := join(t, s)
	s.Say("王工", "", "换一条")
	if _, m := other.heard(); m.Text.Content != "换一条" {
		t.Errorf("%+v", m)
	}
	s.Cut()
	if _, err := other.read(); err == nil {
		t.Error("the connection is still open")
	}
	await(t, "all connections end", func() bool { return s.Connections() == 0 })
}

func TestRates(t *testing.T) {
	clock := fake.NewFrozenClock(time.Unix(1_790_000_000, 0))
	s := start(t, Options{Clock: clock})
	c := join(t, s)
	s.Say("王工", "", "在吗")
	said, _ := c.heard()
	for range 29 {
		c.must(0, wire.CmdSend, "", push("wanggong", "x"))
	}
	c.must(0, wire.CmdRespond, said, markdown("y"))
	c.must(45009, wire.CmdRespond, said, markdown("z"))
	clock.Advance(time.Minute)
	c.must(0, wire.CmdRespond, said, markdown("z"))
	for range 97 {
		clock.Advance(21 * time.Second)
		for range 10 {
			c.ask(wire.CmdSend, "", push("wanggong", "x"))
		}
	}
	c.must(45009, wire.CmdSend, "", push("wanggong", "超过一小时一千条"))
	clock.Advance(time.Hour)
	c.must(0, wire.CmdSend, "", push("wanggong", "x"))
}

func TestRawControlAndCipherIDs(t *testing.T) {
	s := start(t, Options{RawControl: true, Members: []Member{{UserID: "wanggong", Name: "王工", OpenUserID: "woABC", Encrypted: true}}})
	c := join(t, s)
	s.Say("王工", "", "甲\x01乙\x0c\\u0001\n丙")
	if err := c.ws.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	_, data, err := c.ws.ReadMessage()
	if err != nil || json.Valid(data) {
		t.Fatalf("%v: the frame has no raw control characters: %q", err, data)
	}
	f, err := wire.ParseFrame(data)
	if err != nil {
		t.Fatal(err)
	}
	var m wire.Message
	if err := wire.Unmarshal(f.Body, &m); err != nil || m.Text.Content != "甲乙\\u0001\n丙" || m.From.UserID != "woABC" {
		t.Fatalf("%v %+v", err, m)
	}
	c.must(93006, wire.CmdSend, "", push("wanggong", "x"))
	c.must(0, wire.CmdSend, "", push("woABC", "x"))
	if got := s.Shown()[0]; got.User != "wanggong" || got.Where != "私聊 王工" {
		t.Errorf("%+v", got)
	}
}
