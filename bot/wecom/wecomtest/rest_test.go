package wecomtest

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"lianbang/bot/fake"
)

var png = append([]byte("\x89PNG\r\n\x1a\n"), make([]byte, 64)...)

func toUsers(users string, c fields) fields {
	c["touser"], c["agentid"] = users, DefaultApp.AgentID
	return c
}

func text(words string) fields { return fields{"msgtype": "text", "text": fields{"content": words}} }

func TestToken(t *testing.T) {
	clock := fake.NewFrozenClock(time.Unix(1_790_000_000, 0))
	s := start(t, Options{Clock: clock})
	for query, want := range map[string]int{
		"corpsecret=x": 41002, "corpid=x": 41004, "corpid=x&corpsecret=y": 40013, "corpid=" + s.App().CorpID + "&corpsecret=y": 40001,
	} {
		if got := errcode(call(t, s, "GET", "gettoken?"+query, nil)); got != want {
			t.Errorf("%s: %d, want %d", query, got, want)
		}
	}
	q := token(t, s)
	if q != token(t, s) || s.Tokens() != 1 {
		t.Error("a valid token was replaced")
	}
	ask := func(q string) int { return errcode(call(t, s, "GET", "user/get"+q+"&userid=wanggong", nil)) }
	if got := ask("?x=y"); got != 41001 {
		t.Error(got)
	}
	if got := ask(q); got != 0 {
		t.Error(got)
	}
	s.TrustIP(false)
	if out := call(t, s, "GET", "user/get"+q+"&userid=wanggong", nil); errcode(out) != 60020 || !strings.Contains(out["errmsg"].(string), "from ip: 203.0.113.9") {
		t.Error(out)
	}
	s.TrustIP(true)
	s.RevokeToken()
	if got := ask(q); got != 40014 {
		t.Error(got)
	}
	q = token(t, s)
	clock.Advance(2 * time.Hour)
	if got := ask(q); got != 42001 {
		t.Error(got)
	}
	if got := ask(token(t, s)); got != 0 {
		t.Error(got)
	}
}

func TestMessageSend(t *testing.T) {
	clock := fake.NewFrozenClock(time.Unix(1_790_000_000, 0))
	s := start(t, Options{Clock: clock})
	s.AddMember(Member{UserID: "Hidden", Name: "外部", Hidden: true})
	q := token(t, s)
	send := func(body fields) fields { return call(t, s, "POST", "message/send"+q, body) }
	out := send(toUsers("wanggong|Hidden|Nobody", text("交报告")))
	if errcode(out) != 0 || out["invaliduser"] != "hidden|nobody" || out["msgid"] == "" {
		t.Error(out)
	}
	for want, body := range map[int]fields{
		81013: toUsers("nobody", text("x")), 40008: toUsers("wanggong", fields{"msgtype": "stream"}), 44004: toUsers("wanggong", text(" ")),
		301002: {"touser": "wanggong", "agentid": 7, "msgtype": "text", "text": fields{"content": "x"}}, 40003: toUsers("", text("x")),
		45002: toUsers("wanggong", markdown(strings.Repeat("长", 700))), 40007: toUsers("wanggong", fields{"msgtype": "file", "file": fields{"media_id": "x"}}),
		43012: toUsers("wanggong", carding(buttons("t", "好"))),
	} {
		if got := send(body); errcode(got) != want {
			t.Errorf("%v, want %d", got, want)
		}
	}
	if errcode(send(toUsers("wanggong", text(strings.Repeat("长", 700))))) != 0 {
		t.Error("a long text is cut, not refused")
	}
	if x := s.Shown()[1]; !x.Cut || len(x.Text) != 2046 {
		t.Errorf("%v %d", x.Cut, len(x.Text))
	}
	once := toUsers("@all", text("只一次"))
	once["enable_duplicate_check"], once["duplicate_check_interval"] = 1, 60
	first := send(once)
	if again := send(once); again["msgid"] != first["msgid"] || s.Count("只一次") != 2 {
		t.Errorf("%v, shown %d times", again, s.Count("只一次"))
	}
	clock.Advance(time.Minute)
	if send(once); s.Count("只一次") != 4 {
		t.Error("swallowed after the interval")
	}
	if got := errcode(call(t, s, "POST", "message/recall"+q, fields{"msgid": first["msgid"]})); got != 0 {
		t.Error(got)
	}
	if n := len(slices.DeleteFunc(s.Shown(), func(x Shown) bool { return !x.Recalled })); n != 2 {
		t.Errorf("%d recalled", n)
	}
	clock.Advance(time.Minute)
	for range 31 {
		send(toUsers("wanggong", text("多")))
	}
	if s.Count("多") != 30 || len(s.Dropped()) != 1 {
		t.Errorf("%d shown, %d dropped", s.Count("多"), len(s.Dropped()))
	}
}

func TestAppCards(t *testing.T) {
	clock := fake.NewFrozenClock(time.Unix(1_790_000_000, 0))
	s := start(t, Options{Clock: clock})
	bot := listen(t, s, App)
	q := token(t, s)
	out := call(t, s, "POST", "message/send"+q, toUsers("wanggong|linshuji", carding(buttons("t1", "完成"))))
	code, _ := out["response_code"].(string)
	if code == "" {
		t.Fatal(out)
	}
	update := func(code, user string) fields {
		return call(t, s, "POST", "message/update_template_card"+q, fields{"userids": []string{user}, "agentid": s.App().AgentID, "response_code": code, "button": fields{"replace_name": "已完成"}})
	}
	card := s.ShownTo("王工")[0]
	click := s.Click("王工", card.ID, "完成")
	if !click.Delivered {
		t.Fatal(click.Why)
	}
	m := bot.app()
	if m.Event != "template_card_event" || m.EventKey != "完成 H1" || m.TaskID != "t1" || m.ResponseCode == "" || m.From != "wanggong" {
		t.Errorf("%+v", m)
	}
	if got := errcode(update(m.ResponseCode, "wanggong")); got != 0 {
		t.Error(got)
	}
	if got := s.ShownTo("王工")[0].Text; got != "参观 H1\n[已完成]" {
		t.Errorf("%q", got)
	}
	if got := s.ShownTo("林书记")[0].Text; got != "参观 H1\n[完成]" {
		t.Errorf("%q", got)
	}
	if got := errcode(update(m.ResponseCode, "wanggong")); got != 60140 {
		t.Errorf("a code twice: %d", got)
	}
	clock.Advance(71 * time.Hour)
	q = token(t, s)
	clock.Advance(61 * time.Minute)
	if got := errcode(update(code, "linshuji")); got != 60140 {
		t.Errorf("a code after 72 h: %d", got)
	}
}

func TestAppChat(t *testing.T) {
	s := start(t, Options{})
	q := token(t, s)
	create := func(name, id string, members ...string) int {
		return errcode(call(t, s, "POST", "appchat/create"+q, fields{"name": name, "owner": members[0], "userlist": members, "chatid": id}))
	}
	for want, got := range map[int]int{
		0: create("值班群", "duty2026", "wanggong", "linshuji"), 86215: create("值班群", "duty2026", "wanggong", "linshuji"), 86001: create("x", "值班", "wanggong", "linshuji"),
		86006: create("x", "a", "wanggong"), 86216: create("x", "b", "wanggong", "nobody"), 86004: create(strings.Repeat("长", 51), "c", "wanggong", "linshuji"),
	} {
		if got != want {
			t.Errorf("%d, want %d", got, want)
		}
	}
	send := func(chat string, c fields) int {
		c["chatid"] = chat
		return errcode(call(t, s, "POST", "appchat/send"+q, c))
	}
	notice := text("18:00 交班")
	notice["text"].(fields)["mentioned_list"] = []string{"wanggong"}
	for want, got := range map[int]int{
		0: send("duty2026", notice), 86008: send(chat, text("x")), 86003: send("none", text("x")), 40008: send("duty2026", carding(buttons("t", "好"))), 86201: send("", text("x")),
	} {
		if got != want {
			t.Errorf("%d, want %d", got, want)
		}
	}
	if x := s.ShownTo("林书记"); len(x) != 1 || x[0].Where != "值班群" || !slices.Equal(x[0].Mentions, []string{"wanggong"}) {
		t.Errorf("%+v", x)
	}
}

func TestContacts(t *testing.T) {
	s := start(t, Options{Members: []Member{{UserID: "wanggong", Name: "王工", OpenUserID: "woABC"}, {UserID: "ghost", Name: "鬼", Hidden: true}}})
	q := token(t, s)
	for id, want := range map[string]int{"wanggong": 0, "ghost": 60011, "nobody": 60111} {
		if got := call(t, s, "GET", "user/get"+q+"&userid="+id, nil); errcode(got) != want || want == 0 && got["name"] != "王工" {
			t.Errorf("%s: %v", id, got)
		}
	}
	out := call(t, s, "POST", "batch/openuserid_to_userid"+q, fields{"open_userid_list": []string{"woABC", "woXYZ"}})
	if fmt.Sprint(out["userid_list"]) != "[map[open_userid:woABC userid:wanggong]]" || fmt.Sprint(out["invalid_open_userid_list"]) != "[woXYZ]" {
		t.Error(out)
	}
}

func TestMedia(t *testing.T) {
	clock := fake.NewFrozenClock(time.Unix(1_790_000_000, 0))
	s := start(t, Options{Clock: clock})
	q := token(t, s)
	up := func(path, name string, data []byte) fields {
		kind, body := multi(t, name, data)
		return exchange(t, "POST", s.BaseURL()+"/cgi-bin/"+path, kind, body)
	}
	for want, got := range map[int]fields{
		40006: up("media/upload"+q+"&type=file", "a.txt", []byte("1234")), 40005: up("media/upload"+q+"&type=zip", "a.txt", []byte("12345")),
		40123: up("media/upload"+q+"&type=image", "a.png", []byte("no picture")), 45001: up("media/upload"+q+"&type=voice", "a.amr", make([]byte, 3<<20)),
	} {
		if errcode(got) != want {
			t.Errorf("%v, want %d", got, want)
		}
	}
	out := up("media/upload"+q+"&type=file", "周报.txt", []byte("12345"))
	send := func() int {
		return errcode(call(t, s, "POST", "message/send"+q, toUsers("wanggong", fields{"msgtype": "file", "file": fields{"media_id": out["media_id"]}})))
	}
	if send() != 0 || s.Shown()[0].FileName != "周报.txt" || string(s.Shown()[0].File) != "12345" {
		t.Errorf("%+v", s.Shown())
	}
	if got := errcode(call(t, s, "POST", "webhook/send?key="+DefaultGroup.HookKey, fields{"msgtype": "file", "file": fields{"media_id": out["media_id"]}})); got != 40007 {
		t.Errorf("another's medium: %d", got)
	}
	clock.Advance(73 * time.Hour)
	if q = token(t, s); send() != 40007 {
		t.Error("a medium lives longer than three days")
	}
}

func TestHook(t *testing.T) {
	clock := fake.NewFrozenClock(time.Unix(1_790_000_000, 0))
	s := start(t, Options{Clock: clock})
	s.AddGroup(Group{ChatID: "wr2", Title: "停用", HookKey: "off", NoHook: true})
	path := "webhook/send?key=" + DefaultGroup.HookKey
	send := func(c fields) int { return errcode(call(t, s, "POST", path, c)) }
	sum := md5.Sum(png)
	picture := func(data []byte, sum string) fields {
		return fields{"msgtype": "image", "image": fields{"base64": base64.StdEncoding.EncodeToString(data), "md5": sum}}
	}
	v2 := fields{"msgtype": "markdown_v2", "markdown_v2": fields{"content": "|人|\n|-|\n|林梅|"}}
	notice := carding(fields{"card_type": "text_notice", "main_title": fields{"title": "交班"}, "card_action": fields{"type": 1, "url": "https://example.com"}})
	for i, c := range []struct {
		body fields
		want int
	}{
		{text("<@wanggong> 交班"), 0}, {v2, 0}, {picture(png, hex.EncodeToString(sum[:])), 0}, {notice, 0}, {picture(png, "00"), 301019},
		{picture(append(slices.Clone(png), make([]byte, 2<<20)...), ""), 93018}, {markdown(strings.Repeat("长", 1366)), 45002}, {carding(buttons("t", "好")), 42031}, {fields{"msgtype": "stream"}, 40008},
	} {
		if got := send(c.body); got != c.want {
			t.Errorf("%d: %d, want %d", i, got, c.want)
		}
	}
	if got := s.ShownIn("光电信息群"); len(got) != 4 || !slices.Equal(got[0].Mentions, []string{"wanggong"}) {
		t.Errorf("%+v", got)
	}
	for key, want := range map[string]int{"none": 93000, "off": 93004} {
		if got := errcode(call(t, s, "POST", "webhook/send?key="+key, text("x"))); got != want {
			t.Errorf("%s: %d", key, got)
		}
	}
	for range 11 {
		send(text("x"))
	}
	if got := send(text("x")); got != 45009 {
		t.Error(got)
	}
	clock.Advance(time.Minute)
	if got := send(text("x")); got != 0 {
		t.Error(got)
	}
}

func TestFaults(t *testing.T) {
	s := start(t, Options{})
	q := token(t, s)
	path := "message/send" + q
	s.Inject(Fault{Name: "message/send", Place: "linshuji", Code: -1})
	s.Inject(Fault{Name: "message/send", Skip: 1, Times: 2, Code: 6000, Effect: true})
	got := []int{}
	for range 4 {
		got = append(got, errcode(call(t, s, "POST", path, toUsers("wanggong", text("一")))))
	}
	if !slices.Equal(got, []int{0, 6000, 6000, 0}) || s.Count("一") != 4 {
		t.Errorf("%v, shown %d times", got, s.Count("一"))
	}
	s.Heal()
	s.Inject(Fault{Name: "message/send", Effect: true, Cut: true})
	if _, err := http.Post(s.BaseURL()+"/cgi-bin/"+path, "application/json", bytes.NewBufferString(`{"touser":"wanggong","agentid":1000042,"msgtype":"text","text":{"content":"二"}}`)); err == nil {
		t.Error("the connection was not cut")
	}
	s.Inject(Fault{Name: "message/send", Hang: true})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.BaseURL()+"/cgi-bin/"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := http.DefaultClient.Do(req); err == nil {
		t.Error("the call was answered")
	}
	if s.Count("二") != 1 {
		t.Error("the call had no effect")
	}
	s.Inject(Fault{Name: "gettoken", Status: http.StatusBadGateway, Body: "<html>502</html>"})
	answer, err := http.Get(s.BaseURL() + "/cgi-bin/gettoken")
	if err != nil || answer.StatusCode != http.StatusBadGateway {
		t.Fatal(err, answer)
	}
	_ = answer.Body.Close()
}
