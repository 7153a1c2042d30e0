package wecom

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"lianbang/bot"
	"lianbang/bot/wecom/wire"
)

// decoded is an event as testdata/decoded.json shows it.
type decoded struct {
	Name   string
	Skip   string            `json:",omitempty"`
	ID     bot.EventID       `json:",omitempty"`
	Kind   bot.EventKind     `json:",omitempty"`
	At     time.Time         `json:",omitzero"`
	Chat   bot.ChatKey       `json:",omitempty"`
	User   bot.UserKey       `json:",omitempty"`
	Direct bool              `json:",omitempty"`
	Text   string            `json:",omitempty"`
	Quoted string            `json:",omitempty"`
	Files  []bot.FileRef     `json:",omitempty"`
	Topic  string            `json:",omitempty"`
	Form   map[string]string `json:",omitempty"`
	Ref    string            `json:",omitempty"`
}

// TestDecode decodes the documents' own shapes and compares with testdata/decoded.json.
func TestDecode(t *testing.T) {
	d := decoder{account: "main", name: "小助手"}
	at := time.Unix(1790000000, 0).UTC()
	var got []decoded
	note := func(name string, e bot.Event, r ref, skip string) {
		got = append(got, decoded{name, skip, e.ID, e.Kind, e.At.UTC(), e.From.Chat, e.From.User, e.Direct, e.Text, e.Quoted, e.Files, e.Topic, e.Form, r.pack(at).Token})
		if skip == "" && (!e.Addressed || e.From.Platform != Platform || e.From.Account != "main") {
			t.Errorf("%s: %+v", name, e)
		}
	}
	for _, c := range botSamples {
		var m wire.Message
		if err := wire.Unmarshal([]byte(c.doc), &m); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		e, skip := d.message(m, at)
		note(c.name, e, ref{}, skip)
	}
	for _, c := range appSamples {
		m, err := wire.ParseAppMessage([]byte(c.doc))
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		e, r, skip := d.app(m)
		note(c.name, e, r, skip)
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(got); err != nil {
		t.Fatal(err)
	}
	golden(t, "decoded.json", out.String())
}

type sample struct{ name, doc string }

const head = `"msgid":"m1","aibotid":"aibTESTBOT","from":{"userid":"linmei"},`

var botSamples = []sample{
	{"group text with a quote", `{"msgid":"m1","aibotid":"aibTESTBOT","chatid":"wrGROUP01","chattype":"group","from":{"userid":"linmei"},
		"response_url":"https://qyapi.weixin.qq.com/cgi-bin/aibot/response?response_code=RC1",
		"msgtype":"text","text":{"content":"@小助手 周五前把报告发我"},"quote":{"msgtype":"text","text":{"content":"初稿在共享盘"}}}`},
	{"image", `{` + head + `"chattype":"single","msgtype":"image","image":{"url":"https://ww-aibot-img.example/a?sign=1"}}`},
	{"image with a key", `{` + head + `"chattype":"single","msgtype":"image","image":{"url":"https://x.example/a","aeskey":"AAcOFRwjKjE4P0ZNVFtiaXB3foWMk5qhqK+2vcTL0tk="}}`},
	{"mixed", `{"msgid":"m1","chatid":"wrGROUP01","chattype":"group","from":{"userid":"linmei"},"msgtype":"mixed","mixed":{"msg_item":[
		{"msgtype":"text","text":{"content":"@小助手 看这张"}},{"msgtype":"image","image":{"url":"https://x.example/1"}},
		{"msgtype":"text","text":{"content":"和这张"}},{"msgtype":"image","image":{"url":"https://x.example/2"}},{"msgtype":"mixed"},{"msgtype":"new"}]}}`},
	{"voice", `{` + head + `"msgtype":"voice","voice":{"content":"已经转写好的文字"}}`},
	{"file", `{` + head + `"msgtype":"file","file":{"url":"https://x.example/f"}}`},
	{"video", `{` + head + `"msgtype":"video","video":{"url":"https://x.example/v"}}`},
	{"quote of a picture", `{` + head + `"msgtype":"text","text":{"content":"这是什么"},"quote":{"msgtype":"image","image":{"url":"https://x.example/q"}}}`},
	{"quote of mixed", `{` + head + `"msgtype":"text","text":{"content":"收到"},"quote":{"msgtype":"mixed","mixed":{"msg_item":[{"msgtype":"text","text":{"content":"一"}},{"msgtype":"text","text":{"content":"二"}}]}}}`},
	{"stream refresh", `{` + head + `"msgtype":"stream","stream":{"id":"st-77"}}`},
	{"unknown type", `{` + head + `"msgtype":"hologram"}`},
	{"no content", `{` + head + `"msgtype":"text"}`},
	{"empty mixed", `{` + head + `"msgtype":"mixed"}`},
	{"no msgid", `{"from":{"userid":"linmei"},"msgtype":"text","text":{"content":"x"}}`},
	{"nobody", `{"msgid":"m1","msgtype":"text","text":{"content":"x"}}`},
	{"group without a group", `{` + head + `"chattype":"group","msgtype":"text","text":{"content":"x"}}`},
	{"group without a type", `{` + head + `"chatid":"wrGROUP01","msgtype":"text","text":{"content":"@小助手报名"}}`},
	{"enter_chat", `{` + head + `"create_time":1790000100,"msgtype":"event","event":{"eventtype":"enter_chat"}}`},
	{"card, nested", `{` + head + `"create_time":1790000100,"chatid":"wrGROUP01","chattype":"group","msgtype":"event","event":{"eventtype":"template_card_event","template_card_event":{"card_type":"vote_interaction",
		"event_key":"submit_k","task_id":"task-9","selected_items":{"selected_item":[{"question_key":"q1","option_ids":{"option_id":["a","c"]}},{"question_key":"q2","option_ids":{"option_id":["下午 3 点"]}}]}}}}`},
	{"card, flat", `{` + head + `"create_time":"1790000100","msgtype":"event","event":{"eventtype":"template_card_event","event_key":"完成 S42","task_id":"task-9@S42"}}`},
	{"feedback", `{` + head + `"msgtype":"event","event":{"eventtype":"feedback_event","feedback_event":{"id":"fb-1","type":2,"content":"答非所问","inaccurate_reason_list":[1,3]}}}`},
	{"unknown event", `{` + head + `"msgtype":"event","event":{"eventtype":"auth_change_event","auth_list":[1,2]}}`},
	{"event of nothing", `{` + head + `"msgtype":"event"}`},
}

const appHead = `<xml><ToUserName><![CDATA[ww00aa11bb22cc33dd]]></ToUserName><FromUserName><![CDATA[linmei]]></FromUserName>`

var appSamples = []sample{
	{"app text", appHead + `<CreateTime>1790000400</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[明早八点叫我]]></Content><MsgId>7412589630147852370</MsgId><AgentID>1000042</AgentID></xml>`},
	{"app image", appHead + `<CreateTime>1790000400</CreateTime><MsgType><![CDATA[image]]></MsgType><PicUrl><![CDATA[https://x.example/p]]></PicUrl><MediaId><![CDATA[MEDIA7]]></MediaId><MsgId>7412589630147852371</MsgId></xml>`},
	{"app voice", appHead + `<CreateTime>1790000400</CreateTime><MsgType><![CDATA[voice]]></MsgType><MediaId><![CDATA[MEDIA8]]></MediaId><Format><![CDATA[amr]]></Format><MsgId>7412589630147852372</MsgId></xml>`},
	{"app enter", appHead + `<CreateTime>1790000500</CreateTime><MsgType><![CDATA[event]]></MsgType><Event><![CDATA[enter_agent]]></Event><EventKey><![CDATA[]]></EventKey></xml>`},
	{"app menu", appHead + `<CreateTime>1790000500</CreateTime><MsgType><![CDATA[event]]></MsgType><Event><![CDATA[click]]></Event><EventKey><![CDATA[我的]]></EventKey></xml>`},
	{"app card", appHead + `<CreateTime>1790000500</CreateTime><MsgType><![CDATA[event]]></MsgType><Event><![CDATA[template_card_event]]></Event><EventKey><![CDATA[submit_k]]></EventKey><TaskId><![CDATA[rem-42@H27]]></TaskId><CardType><![CDATA[multiple_interaction]]></CardType><ResponseCode><![CDATA[RC10]]></ResponseCode><AgentID>1000042</AgentID><SelectedItems><SelectedItem><QuestionKey><![CDATA[q1]]></QuestionKey><OptionIds><OptionId><![CDATA[a]]></OptionId></OptionIds></SelectedItem></SelectedItems></xml>`},
	{"app menu of a card", appHead + `<CreateTime>1790000500</CreateTime><MsgType><![CDATA[event]]></MsgType><Event><![CDATA[template_card_menu_event]]></Event><EventKey><![CDATA[取消 H27]]></EventKey><TaskId><![CDATA[rem-42@H27]]></TaskId><CardType><![CDATA[button_interaction]]></CardType><ResponseCode><![CDATA[RC11]]></ResponseCode></xml>`},
	{"app card without a code", appHead + `<CreateTime>1790000500</CreateTime><MsgType><![CDATA[event]]></MsgType><Event><![CDATA[template_card_event]]></Event><EventKey><![CDATA[submit_k]]></EventKey></xml>`},
	{"app unknown event", appHead + `<CreateTime>1790000500</CreateTime><MsgType><![CDATA[event]]></MsgType><Event><![CDATA[LOCATION]]></Event></xml>`},
	{"app location", appHead + `<CreateTime>1790000500</CreateTime><MsgType><![CDATA[location]]></MsgType><MsgId>1</MsgId></xml>`},
	{"app without an id", appHead + `<CreateTime>1790000400</CreateTime><MsgType><![CDATA[text]]></MsgType><Content>x</Content></xml>`},
	{"app from nobody", `<xml><CreateTime>1790000400</CreateTime><MsgType><![CDATA[text]]></MsgType><Content>x</Content><MsgId>1</MsgId></xml>`},
}

func TestCutMention(t *testing.T) {
	named, unnamed := decoder{name: "小助手"}, decoder{}
	cases := []struct {
		d     decoder
		group bool
		text  string
		want  string
	}{
		{named, true, "@小助手 报名 H1", "报名 H1"},
		{named, true, "@小助手报名 H1", "报名 H1"},
		{named, true, "@小助手\u2005报名 H1", "报名 H1"},
		{named, true, "@小助手\n报名 H1\n3人", "报名 H1\n3人"},
		{named, true, "@小助手", ""},
		{named, true, " 报名 H1 @小助手", "报名 H1"},
		{named, true, "请 @小助手 明天提醒", "请 明天提醒"},
		{named, true, "第一行 @小助手\n第二行", "第一行\n第二行"},
		{named, true, "@小助手 请 @小助手 看 @小助手二号 的", "请 看 @小助手二号 的"},
		{named, true, "@王工 在吗", "@王工 在吗"},
		{named, true, "邮箱 a@小助手.cn", "邮箱 a@小助手.cn"},
		{named, false, "@小助手 活动", "活动"},
		{named, false, "活动", "活动"},
		{unnamed, true, "@小助手 报名 H1", "报名 H1"},
		{unnamed, true, "@小助手报名", "@小助手报名"},
		{unnamed, true, "报名 @小助手 H1", "报名 @小助手 H1"},
		{unnamed, false, "@小助手 报名", "@小助手 报名"},
	}
	for _, c := range cases {
		if got := c.d.cutMention(c.text, c.group); got != c.want {
			t.Errorf("%q with name %q → %q, want %q", c.text, c.d.name, got, c.want)
		}
	}
}

func TestAppEventIDs(t *testing.T) {
	m := wire.AppMessage{From: "linmei", CreateTime: 1790000500, Event: "click", EventKey: "我的"}
	id := appEventID(m)
	again, other, later := m, m, m
	again.ResponseCode, other.EventKey, later.CreateTime = "RC2", "活动", 1790000501
	if appEventID(again) != id || appEventID(other) == id || appEventID(later) == id || !strings.HasPrefix(string(id), "app/e/") {
		t.Error(id)
	}
}

func FuzzDecodeMessage(f *testing.F) {
	for _, c := range botSamples {
		f.Add([]byte(c.doc))
	}
	d := decoder{account: "main", name: "小助手"}
	at := time.Unix(1790000000, 0)
	f.Fuzz(func(t *testing.T, doc []byte) {
		var m wire.Message
		if wire.Unmarshal(doc, &m) != nil {
			return
		}
		e, skip := d.message(m, at)
		switch {
		case (skip == "") == reflect.DeepEqual(e, bot.Event{}):
			t.Fatalf("event %+v with skip %q", e, skip)
		case skip != "":
		case e.ID == "" || e.From.User == "" || e.From.Chat == "" || e.Kind == "":
			t.Fatalf("an event lacks something: %+v", e)
		case len(e.Text) > len(doc) || len(e.Files) > maxParts || len(e.Form) > maxParts:
			t.Fatalf("an event grew: %+v", e)
		}
	})
}

func FuzzCutMention(f *testing.F) {
	f.Add("@小助手 请 @小助手 看 @小助手二号 的", true)
	f.Fuzz(func(t *testing.T, text string, group bool) {
		for _, d := range []decoder{{name: "小助手"}, {name: "a b"}, {}} {
			if got := d.cutMention(text, group); len(got) > len(strings.TrimSpace(text))+1 {
				t.Fatalf("%q became %q", text, got)
			}
		}
	})
}
