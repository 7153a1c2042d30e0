package feishu

import (
	"encoding/json"
	"errors"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"lianbang/bot"
)

var me = listener{account: "main", openID: "ou_bot"}

// v2 is an event of schema 2.0.
func v2(kind, id, body string) string {
	return `{"schema":"2.0","header":{"event_id":"` + id + `","event_type":"` + kind + `","create_time":"1795360000123","token":"vt","app_id":"cli_1a2b3c4d5e6f7081","tenant_key":"tk1"},"event":` + body + `}`
}

// saidJSON is a message of ou_lin.
func saidJSON(id, chat, chatType, kind, content, mentions string) string {
	quoted, err := json.Marshal(content)
	if err != nil {
		panic(err)
	}
	return v2(messageReceived, "ev-"+id, `{"sender":{"sender_id":{"open_id":"ou_lin","union_id":"on_lin","user_id":"lin7"},"sender_type":"user","tenant_key":"tk1"},
		"message":{"message_id":"`+id+`","create_time":"1795360000001","chat_id":"`+chat+`","chat_type":"`+chatType+`","message_type":"`+kind+`","content":`+string(quoted)+`,"mentions":[`+mentions+`]}}`)
}

const (
	atBot = `{"key":"@_user_1","id":{"open_id":"ou_bot","union_id":"on_bot","user_id":null},"mentioned_type":"bot","name":"联帮","tenant_key":"tk1"}`
	atMei = `{"key":"@_user_2","id":{"open_id":"ou_mei","union_id":"on_mei","user_id":"mei1"},"mentioned_type":"user","name":"梅姐","tenant_key":"tk1"}`
	atTen = `{"key":"@_user_10","id":{"open_id":"ou_ten"},"name":"老十","tenant_key":"tk1"}`
)

func from(chat, user string) bot.Address {
	return bot.Address{Platform: Platform, Account: "main", Chat: bot.ChatKey(chat), User: bot.UserKey(user)}
}

var (
	headerTime  = time.UnixMilli(1795360000123)
	messageTime = time.UnixMilli(1795360000001)
)

func TestDecode(t *testing.T) {
	users := `[{"name":"梅姐","user_id":{"open_id":"ou_mei","union_id":"on_mei"}},{"name":"老十","user_id":{"open_id":"ou_ten"}}]`
	said := func(text string) bot.Event {
		return bot.Event{ID: "om_30", Kind: bot.Said, At: messageTime, From: from("oc_1", "ou_lin"), Common: "on_lin", Text: text, Ref: bot.ReplyRef{Token: "m:om_30"}}
	}
	cases := map[string]struct {
		in   string
		want []bot.Event
	}{
		"the documented message, in a thread": {v2(messageReceived, "a1f0", `{"sender":{"sender_id":{"open_id":"ou_lin","union_id":"on_lin","user_id":"lin7"},"sender_type":"user","tenant_key":"tk1"},
			"message":{"message_id":"om_30","root_id":"om_10","parent_id":"om_20","thread_id":"omt_5","create_time":"1795360000001","update_time":"1795360000001","chat_id":"oc_5f0e","chat_type":"group","message_type":"text",
			"content":"{\"text\":\"@_user_1 swap my shift with @_user_2\"}","mentions":[`+atBot+`,`+atMei+`]}}`),
			[]bot.Event{{ID: "om_30", Kind: bot.Said, At: messageTime, From: from("oc_5f0e", "ou_lin"), Common: "on_lin", Addressed: true, Text: "swap my shift with @梅姐", On: "om_20", Ref: bot.ReplyRef{Token: "m:om_30:omt_5"}}}},
		"private": {saidJSON("om_30", "oc_p2p", "p2p", "text", `{"text":"活动"}`, ""),
			[]bot.Event{{ID: "om_30", Kind: bot.Said, At: messageTime, From: from("oc_p2p", "ou_lin"), Common: "on_lin", Direct: true, Addressed: true, Text: "活动", Ref: bot.ReplyRef{Token: "m:om_30"}}}},
		"not for us":           {saidJSON("om_30", "oc_1", "group", "text", `{"text":"@_user_2 你好"}`, atMei), []bot.Event{said("@梅姐 你好")}},
		"to all is not for us": {saidJSON("om_30", "oc_1", "topic_group", "text", `{"text":"@_all 开会"}`, ""), []bot.Event{said("@所有人 开会")}},
		"a sticker says nothing": {saidJSON("om_30", "oc_p2p", "p2p", "sticker", `{"file_key":"f"}`, ""),
			[]bot.Event{{ID: "om_30", Kind: bot.Said, At: messageTime, From: from("oc_p2p", "ou_lin"), Common: "on_lin", Direct: true, Addressed: true, Ref: bot.ReplyRef{Token: "m:om_30"}}}},
		"a bot":      {v2(messageReceived, "e", `{"sender":{"sender_id":{"open_id":"ou_other"},"sender_type":"bot"},"message":{"message_id":"om_1","chat_id":"oc_1","chat_type":"group","message_type":"text","content":"{}"}}`), nil},
		"an app":     {v2(messageReceived, "e", `{"sender":{"sender_id":{},"sender_type":"app"},"message":{"message_id":"om_1","chat_id":"oc_1"}}`), nil},
		"ourselves":  {v2(messageReceived, "e", `{"sender":{"sender_id":{"open_id":"ou_bot"},"sender_type":"user"},"message":{"message_id":"om_1","chat_id":"oc_1","chat_type":"group","message_type":"text","content":"{}"}}`), nil},
		"bot added":  {v2("im.chat.member.bot.added_v1", "e1", `{"chat_id":"oc_5f0e","operator_id":{"open_id":"ou_lin","union_id":"on_lin"},"external":false,"name":"Front desk","i18n_names":{"zh_cn":"前台"}}`), []bot.Event{{ID: "e1", Kind: bot.Joined, At: headerTime, From: from("oc_5f0e", "ou_lin"), Common: "on_lin", Text: "Front desk"}}},
		"bot gone":   {v2("im.chat.member.bot.deleted_v1", "e1", `{"chat_id":"oc_5f0e","operator_id":{"open_id":"ou_lin"},"name":"Front desk"}`), []bot.Event{{ID: "e1", Kind: bot.Left, At: headerTime, From: from("oc_5f0e", "ou_lin")}}},
		"disbanded":  {v2("im.chat.disbanded_v1", "e1", `{"chat_id":"oc_5f0e","operator_id":{"open_id":"ou_lin"},"name":"Front desk"}`), []bot.Event{{ID: "e1", Kind: bot.Left, At: headerTime, From: from("oc_5f0e", "ou_lin")}}},
		"renamed":    {v2("im.chat.updated_v1", "e1", `{"chat_id":"oc_5f0e","operator_id":{"open_id":"ou_lin"},"after_change":{"name":"新前台"},"before_change":{"name":"前台"}}`), []bot.Event{{ID: "e1", Kind: bot.Renamed, At: headerTime, From: from("oc_5f0e", "ou_lin"), Text: "新前台"}}},
		"repainted":  {v2("im.chat.updated_v1", "e1", `{"chat_id":"oc_5f0e","after_change":{"avatar":"x"},"before_change":{"avatar":"y"}}`), nil},
		"user added": {v2("im.chat.member.user.added_v1", "e1", `{"chat_id":"oc_5f0e","users":`+users+`}`), nil},
		"users removed": {v2("im.chat.member.user.deleted_v1", "e1", `{"chat_id":"oc_5f0e","operator_id":{"open_id":"ou_lin"},"users":`+users+`}`), []bot.Event{
			{ID: "e1/1", Kind: bot.Departed, At: headerTime, From: from("oc_5f0e", "ou_mei"), Common: "on_mei", Name: "梅姐"}, {ID: "e1/2", Kind: bot.Departed, At: headerTime, From: from("oc_5f0e", "ou_ten"), Name: "老十"}}},
		"user withdrawn": {v2("im.chat.member.user.withdrawn_v1", "e1", `{"chat_id":"oc_5f0e","users":[{"name":"梅姐","user_id":{"open_id":"ou_mei"}}]}`), []bot.Event{{ID: "e1", Kind: bot.Departed, At: headerTime, From: from("oc_5f0e", "ou_mei"), Name: "梅姐"}}},
		"recalled": {v2("im.message.recalled_v1", "e1", `{"message_id":"om_30","chat_id":"oc_5f0e","recall_time":"1795360100000","recall_type":"message_owner"}`),
			[]bot.Event{{ID: "e1", Kind: bot.Recalled, At: time.UnixMilli(1795360100000), From: from("oc_5f0e", ""), Quoted: "om_30"}}},
		"menu": {v2("application.bot.menu_v6", "e1", `{"operator":{"operator_name":"林书记","operator_id":{"open_id":"ou_lin","union_id":"on_lin"}},"event_key":"我的","timestamp":1795360000}`),
			[]bot.Event{{ID: "e1", Kind: bot.Clicked, At: time.Unix(1795360000, 0), From: from("", "ou_lin"), Common: "on_lin", Name: "林书记", Menu: true, Direct: true, Addressed: true, Text: "我的"}}},
		"entered for the first time": {v2("im.chat.access_event.bot_p2p_chat_entered_v1", "e1", `{"chat_id":"oc_p2p","operator_id":{"open_id":"ou_lin","union_id":"on_lin"}}`),
			[]bot.Event{{ID: "e1", Kind: bot.Entered, At: headerTime, From: from("oc_p2p", "ou_lin"), Common: "on_lin", Direct: true, Addressed: true}}},
		"entered again": {v2("im.chat.access_event.bot_p2p_chat_entered_v1", "e1", `{"chat_id":"oc_p2p","operator_id":{"open_id":"ou_lin"},"last_message_id":"om_9","last_message_create_time":"1795350000000"}`), nil},
		"the old envelope": {`{"ts":"1502199207.7171419","uuid":"u1","token":"vt","type":"event_callback","event":{"type":"im.chat.disbanded_v1","chat_id":"oc_1"}}`,
			[]bot.Event{{ID: "u1", Kind: bot.Left, At: time.Unix(1502199207, 0), From: from("oc_1", "")}}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			p, err := openPushed([]byte(c.in))
			if err != nil {
				t.Fatal(err)
			}
			got, err := p.decode(me)
			if err != nil || len(got) != len(c.want) {
				t.Fatalf("%+v, %v", got, err)
			}
			for i := range got {
				if !reflect.DeepEqual(got[i], c.want[i]) {
					t.Errorf("got  %+v\nwant %+v", got[i], c.want[i])
				}
			}
		})
	}
}

func TestDecodeErrors(t *testing.T) {
	long := strings.Repeat("x", maxID+1)
	cases := map[string]struct {
		in   string
		want error
	}{
		"no JSON":                {`{`, errMalformed},
		"an array":               {`[]`, errMalformed},
		"nothing":                {`{}`, errMalformed},
		"v1 without a type":      {`{"event":{}}`, errMalformed},
		"unknown":                {v2("no.such.event_v1", "e", `{}`), errUnknownEvent},
		"message without id":     {saidJSON("", "oc_1", "p2p", "text", `{"text":"x"}`, ""), errMalformed},
		"message without chat":   {saidJSON("om_1", "", "p2p", "text", `{"text":"x"}`, ""), errMalformed},
		"message, endless id":    {saidJSON(long, "oc_1", "p2p", "text", `{"text":"x"}`, ""), errMalformed},
		"message, endless chat":  {saidJSON("om_1", long, "p2p", "text", `{"text":"x"}`, ""), errMalformed},
		"content is no JSON":     {saidJSON("om_1", "oc_1", "p2p", "text", `text`, ""), errMalformed},
		"content of odd types":   {saidJSON("om_1", "oc_1", "p2p", "text", `{"text":7}`, ""), errMalformed},
		"body of odd types":      {v2(messageReceived, "e", `{"message":[]}`), errMalformed},
		"body missing":           {v2(messageReceived, "e", `null`), errMalformed},
		"message, endless union": {strings.Replace(saidJSON("om_1", "oc_1", "p2p", "text", `{"text":"x"}`, ""), "on_lin", long, 1), errMalformed},
		"event without id":       {v2("im.chat.disbanded_v1", "", `{"chat_id":"oc_1"}`), errMalformed},
		"event without chat":     {v2("im.chat.disbanded_v1", "e", `{}`), errMalformed},
		"nobody departed":        {v2("im.chat.member.user.deleted_v1", "e", `{"chat_id":"oc_1","users":[{}]}`), errMalformed},
		"nobody entered":         {v2("im.chat.access_event.bot_p2p_chat_entered_v1", "e", `{"chat_id":"oc_1"}`), errMalformed},
		"empty menu":             {v2("application.bot.menu_v6", "e", `{"operator":{"operator_id":{"open_id":"ou_lin"}},"event_key":" "}`), errMalformed},
		"recall of nothing":      {v2("im.message.recalled_v1", "e", `{"chat_id":"oc_1"}`), errMalformed},
		"click by nobody":        {v2(cardAction, "e", `{"action":{"value":{"c":"x"}}}`), errMalformed},
		"click on nothing":       {v2(cardAction, "e", `{"operator":{"open_id":"ou_lin"},"action":{}}`), errStrangeClick},
		"click, strange value":   {v2(cardAction, "e", `{"operator":{"open_id":"ou_lin"},"action":{"value":{"act":"swap"}}}`), errStrangeClick},
		"click, value a number":  {v2(cardAction, "e", `{"operator":{"open_id":"ou_lin"},"action":{"value":7}}`), errStrangeClick},
		"form of odd types":      {v2(cardAction, "e", `{"operator":{"open_id":"ou_lin"},"action":{"value":{"c":"x","f":["a"]},"form_value":[1]}}`), errMalformed},
	}
	for name, c := range cases {
		p, err := openPushed([]byte(c.in))
		if err == nil {
			var events []bot.Event
			if events, err = p.decode(me); events != nil {
				t.Errorf("%s: %+v", name, events)
			}
		}
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// As long as we don't know who we are, a group's message that mentions somebody cannot be judged; all else can.
func TestDecodeWithoutSelf(t *testing.T) {
	stranger := listener{account: "main"}
	for in, want := range map[string]error{
		saidJSON("om_1", "oc_1", "group", "text", `{"text":"@_user_1 x"}`, atBot): errNobody,
		saidJSON("om_1", "oc_1", "group", "text", `{"text":"x"}`, ""):             nil,
		saidJSON("om_1", "oc_1", "p2p", "text", `{"text":"x"}`, ""):               nil,
	} {
		p, err := openPushed([]byte(in))
		if err != nil {
			t.Fatal(err)
		}
		if events, err := p.decode(stranger); !errors.Is(err, want) || (err == nil) != (len(events) == 1) || len(events) == 1 && events[0].Addressed != events[0].Direct {
			t.Errorf("%s: %+v, %v", in, events, err)
		}
	}
}

func TestMoment(t *testing.T) {
	for in, want := range map[string]time.Time{
		`1795360000`:            time.Unix(1795360000, 0),
		`"1795360000"`:          time.Unix(1795360000, 0),
		`"1795360000123"`:       time.UnixMilli(1795360000123),
		`"1795360000123456"`:    time.UnixMicro(1795360000123456),
		`"1795360000123456789"`: time.Unix(0, 1795360000123456789),
		`"1502199207.7171419"`:  time.Unix(1502199207, 0),
		`""`:                    {}, `null`: {}, `"x"`: {}, `0`: {}, `-5`: {}, `"99999999999999999999"`: {}, `true`: {}, `{"a":[1]}`: {},
	} {
		var m moment
		if err := json.Unmarshal([]byte(in), &m); err != nil || !m.Equal(want) {
			t.Errorf("%s: %v, %v", in, m.Time, err)
		}
	}
}

func TestReadContent(t *testing.T) {
	image := bot.FileRef{Key: "om_1/img_1", Kind: "image"}
	cases := map[string]struct {
		kind, content string
		text          string
		called        bool
		files         []bot.FileRef
	}{
		"longest first":           {"text", `{"text":"@_user_10 和 @_user_1 和 @_user_2"}`, "@老十 和 和 @梅姐", true, nil},
		"unknown placeholder":     {"text", `{"text":"@_user_3 a@b.cn"}`, "@_user_3 a@b.cn", false, nil},
		"a name like a key":       {"text", `{"text":"@_user_4"}`, "@@_user_1", false, nil},
		"ours at the end":         {"text", `{"text":"报名 H1 @_user_1"}`, "报名 H1", true, nil},
		"ours twice":              {"text", `{"text":"@_user_1 报名 @_user_1"}`, "报名", true, nil},
		"ours alone":              {"text", `{"text":"@_user_1"}`, "", true, nil},
		"lines":                   {"text", `{"text":"@_user_1 报名 H1\n3人"}`, "报名 H1\n3人", true, nil},
		"all":                     {"text", `{"text":"@_all 开会"}`, "@所有人 开会", false, nil},
		"nameless":                {"text", `{"text":"@_user_5 在吗"}`, "@某人 在吗", false, nil},
		"a post as received":      {"post", `{"title":"Rota","content":[[{"tag":"at","user_id":"@_user_1","user_name":"Rota","style":[]},{"tag":"text","text":" see","style":["bold"]}],[{"tag":"img","image_key":"img_1"}]]}`, "Rota\n see", true, []bot.FileRef{image}},
		"a post as sent":          {"post", `{"en_us":{"title":"no"},"zh_cn":{"title":"排班","content":[[{"tag":"text","text":"看"},{"tag":"a","text":"这里","href":"https://x"}]]}}`, "排班\n看这里", false, nil},
		"a post of one locale":    {"post", `{"ja_jp":{"title":"","content":[[{"tag":"text","text":"勤務"}]]}}`, "勤務", false, nil},
		"an empty post":           {"post", `{}`, "", false, nil},
		"at by open_id":           {"post", `{"content":[[{"tag":"at","user_id":"ou_bot","user_name":"联帮"},{"tag":"at","user_id":"ou_x","user_name":"小王"},{"tag":"at","user_id":"all"},{"tag":"at","user_id":"@_all"}]]}`, "@小王@所有人@所有人", true, nil},
		"code and Markdown":       {"post", `{"content":[[{"tag":"code_block","language":"go","text":"x := 1"}],[{"tag":"hr"}],[{"tag":"md","text":"**粗**"}],[{"tag":"emotion","emoji_type":"SMILE"}]]}`, "x := 1\n\n**粗**", false, nil},
		"placeholder in a post":   {"post", `{"content":[[{"tag":"text","text":"@_user_2 你好"}]]}`, "@梅姐 你好", false, nil},
		"an image":                {"image", `{"image_key":"img_1"}`, "", false, []bot.FileRef{image}},
		"a file":                  {"file", `{"file_key":"file_1","file_name":"名单.xlsx"}`, "", false, []bot.FileRef{{Key: "om_1/file_1", Name: "名单.xlsx", Kind: "file"}}},
		"a video":                 {"media", `{"file_key":"file_1","image_key":"img_9","file_name":"v.mp4"}`, "", false, []bot.FileRef{{Key: "om_1/file_1", Name: "v.mp4", Kind: "file"}}},
		"an image without a key":  {"image", `{}`, "", false, nil},
		"what has no words":       {"share_chat", `{"chat_id":"oc_9"}`, "", false, nil},
		"what has no JSON either": {"system", `???`, "", false, nil},
	}
	mentions := []mention{{Key: "@_user_1", ID: userID{OpenID: "ou_bot"}, Name: "联帮"}, {Key: "@_user_2", ID: userID{OpenID: "ou_mei"}, Name: "梅姐"}, {Key: "@_user_10", ID: userID{OpenID: "ou_ten"}, Name: "老十"},
		{Key: "@_user_4", ID: userID{OpenID: "ou_4"}, Name: "@_user_1"}, {Key: "@_user_5", ID: userID{OpenID: "ou_5"}}, {Name: "no key"}}
	for name, c := range cases {
		got, err := readContent("om_1", c.kind, c.content, mentions, "ou_bot")
		if err != nil || got.text != c.text || got.called != c.called || !reflect.DeepEqual(got.files, c.files) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestReadContentBoundsFiles(t *testing.T) {
	node := `{"tag":"img","image_key":"img_1"},`
	got, err := readContent("om_1", "post", `{"content":[[`+strings.TrimSuffix(strings.Repeat(node, 3*maxFiles), ",")+`]]}`, nil, "")
	if err != nil || len(got.files) != maxFiles {
		t.Error(len(got.files), err)
	}
}

func TestDecodeAction(t *testing.T) {
	in := func(body string) string { return v2(cardAction, "cb1", body) }
	const who = `"operator":{"tenant_key":"tk1","open_id":"ou_lin","union_id":"on_lin"},"token":"c-8be1","host":"im_message","context":{"open_message_id":"om_40","open_chat_id":"oc_5f0e"},`
	want := bot.Event{ID: "cb1", Kind: bot.Clicked, At: headerTime, From: from("oc_5f0e", "ou_lin"), Common: "on_lin", Addressed: true, Text: "报名 H1", Topic: "H1"}
	alone := want
	alone.Common = ""
	bare := alone
	bare.ID, bare.At = "c-8be1", time.Time{}
	private := alone
	private.From.Chat, private.Direct = "", true
	strange := want
	strange.Topic = ""
	cases := map[string]struct {
		in   string
		want bot.Event
	}{
		"a button":                               {in(`{` + who + `"action":{"tag":"button","value":{"c":"报名 H1","t":"H1"}}}`), want},
		"value as a string":                      {in(`{` + who + `"action":{"tag":"button","value":"{\"c\":\"报名 H1\",\"t\":\"H1\"}"}}`), want},
		"value a bare command":                   {in(`{` + who + `"action":{"tag":"button","value":" 报名 H1 "}}`), strange},
		"ids at the top":                         {in(`{"operator":{"open_id":"ou_lin"},"open_message_id":"om_40","open_chat_id":"oc_5f0e","action":{"value":{"c":"报名 H1","t":"H1"}}}`), alone},
		"operator_id":                            {in(`{"operator":{"operator_id":{"open_id":"ou_lin","union_id":"on_lin"}},"context":{"open_message_id":"om_40","open_chat_id":"oc_5f0e"},"action":{"value":{"c":"报名 H1","t":"H1"}}}`), want},
		"no envelope":                            {`{"open_id":"ou_lin","open_message_id":"om_40","open_chat_id":"oc_5f0e","tenant_key":"tk1","token":"c-8be1","action":{"tag":"button","value":{"c":"报名 H1","t":"H1"}}}`, bare},
		"no chat":                                {in(`{"operator":{"open_id":"ou_lin"},"action":{"value":{"c":"报名 H1","t":"H1"}}}`), private},
		"a form's values without a form of ours": {in(`{` + who + `"action":{"value":{"c":"报名 H1","t":"H1"},"form_value":{"x":"y"}}}`), want},
	}
	for name, c := range cases {
		p, err := openPushed([]byte(c.in))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := p.decode(me); err != nil || len(got) != 1 || !reflect.DeepEqual(got[0], c.want) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// What the components of a form hand back (card-json-v2-components), and what a person would have typed.
func TestDecodeForm(t *testing.T) {
	values := []struct{ given, typed string }{
		{`"光子重点实验室"`, "光子重点实验室"}, {`" 30 "`, "30"}, {`""`, ""}, {`null`, ""}, {`30`, "30"}, {`12345678901234567890`, "12345678901234567890"},
		{`"2026-11-23 +0800"`, "2026-11-23"}, {`"20:00 +0800"`, "20:00"}, {`"2026-11-23 20:00 +0800"`, "2026-11-23 20:00"}, {`"2026-11-23 20:00"`, "2026-11-23 20:00"},
		{`"12 +0800"`, "12 +0800"}, {`["甲","乙",""]`, "甲、乙"}, {`[]`, ""}, {`true`, "是"}, {`false`, "否"}, {`{"a":1}`, ""}, {`["2026-11-23 +0800",["丙"]]`, "2026-11-23、丙"},
	}
	var names, form []string
	want := map[string]string{}
	for i, v := range values {
		name := "字段" + strconv.Itoa(i)
		names, form = append(names, name), append(form, `"`+fieldName(i)+`":`+v.given)
		want[name] = v.typed
	}
	fields, err := json.Marshal(append(names, "没填"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := openPushed([]byte(v2(cardAction, "cb1", `{"operator":{"open_id":"ou_lin"},"context":{"open_chat_id":"oc_1"},"action":{"tag":"button","name":"submit","timezone":"Asia/Shanghai",
		"value":{"c":"登记活动","f":`+string(fields)+`},"form_value":{`+strings.Join(form, ",")+`,"strange":"x"}}}`)))
	if err != nil {
		t.Fatal(err)
	}
	got, err := p.decode(me)
	if err != nil || len(got) != 1 || got[0].Text != "登记活动" || !reflect.DeepEqual(got[0].Form, want) {
		t.Errorf("%+v, %v\nwant %v", got, err, want)
	}
}

func TestSpeaker(t *testing.T) {
	for in, want := range map[string]string{
		saidJSON("om_1", "oc_1", "p2p", "text", `{}`, ""):                                                        "ou_lin",
		v2(cardAction, "e", `{"operator":{"open_id":"ou_mei"}}`):                                                 "ou_mei",
		v2("im.chat.disbanded_v1", "e", `{"chat_id":"oc_1"}`):                                                    "",
		v2("application.bot.menu_v6", "e", `{"operator":{"operator_id":{"open_id":"ou_mei"}},"event_key":"我的"}`): "ou_mei",
		v2(messageReceived, "e", `[]`):                                                                           "",
	} {
		p, err := openPushed([]byte(in))
		if got := p.speaker(); err != nil || got != want {
			t.Errorf("%s: %q, %v", in, got, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(saidJSON("om_1", "oc_1", "group", "text", `{"text":"@_user_10@_user_1 x"}`, atBot+","+atTen)))
	f.Add([]byte(saidJSON("om_1", "oc_1", "p2p", "post", `{"zh_cn":{"title":"a","content":[[{"tag":"at","user_id":"all"},{"tag":"img","image_key":"k"}]]}}`, atMei)))
	f.Add([]byte(v2(cardAction, "cb1", `{"operator":{"open_id":"ou_lin"},"action":{"value":"{\"c\":\"x\",\"f\":[\"a\"]}","form_value":{"f0":["2026-11-23 +0800",true]}}}`)))
	f.Add([]byte(v2("im.chat.member.user.deleted_v1", "e", `{"chat_id":"oc_1","users":[{"user_id":{"open_id":"ou_1"}},{"user_id":{"open_id":"ou_2"}}]}`)))
	f.Add([]byte(v2("application.bot.menu_v6", "e", `{"operator":{"operator_id":{"open_id":"ou_lin"}},"event_key":"我的","timestamp":1795360000}`)))
	f.Add([]byte(`{"uuid":"u","type":"event_callback","event":{"type":"im.message.recalled_v1","message_id":"om_1","chat_id":"oc_1"}}`))
	f.Add([]byte(`{"type":"url_verification","challenge":"c","token":"t"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := openPushed(data)
		if err != nil {
			return
		}
		_ = p.speaker()
		events, err := p.decode(me)
		if err != nil && events != nil {
			t.Fatal("events and an error")
		}
		seen := map[bot.EventID]bool{}
		for _, e := range events {
			if e.ID == "" || seen[e.ID] || e.From.Platform != Platform || e.From.Account != "main" || e.From.Chat == "" && e.From.User == "" && e.Kind != bot.Recalled {
				t.Fatalf("%+v", e)
			}
			seen[e.ID] = true
		}
	})
}
