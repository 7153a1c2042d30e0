package feishutest

import (
	"bytes"
	"encoding/json"
	"mime/multipart"
	"strconv"
	"strings"
	"testing"
	"time"

	"lianbang/bot/feishu/wire"
)

func atoi(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func itoa(n int) string { return strconv.Itoa(n) }

const botInfo = "/open-apis/bot/v3/info"

func TestToken(t *testing.T) {
	r := open(t, Options{})
	first := r.login()
	r.Clock().Advance(90 * time.Minute)
	if again := r.login(); again != first {
		t.Error("another token with half an hour left")
	}
	r.Clock().Advance(time.Second)
	second := r.login()
	if second == first {
		t.Error("the same token within its last half hour")
	}
	for _, token := range []string{first, second} {
		if g := r.do("GET", botInfo, token, "", nil); g.Code != 0 {
			t.Errorf("a token that lives is refused: %s", g.Raw)
		}
	}
	r.Clock().Advance(30 * time.Minute)
	refused := func(what, token string, code int) {
		t.Helper()
		if g := r.do("GET", botInfo, token, "", nil); g.Status != 400 || g.Code != code {
			t.Errorf("%s: HTTP %d code %d, want 400 and %d", what, g.Status, g.Code, code)
		}
	}
	refused("expired", first, 99991663)
	refused("none", "", 99991661)
	refused("malformed", "x-1", 99991671)
	r.ExpireTokens()
	refused("revoked", second, 99991663)
	if third := r.login(); third == second {
		t.Error("a revoked token was given out again")
	}
	bad := r.do("POST", "/open-apis/auth/v3/tenant_access_token/internal", "", jsonType, []byte(`{"app_id":"`+r.AppID()+`","app_secret":"x"}`))
	if bad.Status != 400 || bad.Code != 10014 {
		t.Errorf("wrong secret: %s", bad.Raw)
	}
}

func TestUUIDMakesOneMessageWithinAnHour(t *testing.T) {
	r := open(t, Options{})
	first, _ := r.text("⏰ 明天 15:30", "row-1")
	r.Clock().Advance(time.Hour - time.Second)
	if again, g := r.text("⏰ 明天 15:30", "row-1"); again != first || g.Code != 0 {
		t.Errorf("the duplicate made %s, want %s (%s)", again, first, g.Raw)
	}
	if c := r.Counts(); c.Sent != 1 || c.Deduplicated != 1 || len(r.Shown()) != 1 || len(r.Repeats()) != 0 {
		t.Errorf("%+v, shown %v, repeats %v", c, r.Shown(), r.Repeats())
	}
	r.Clock().Advance(2 * time.Second)
	if again, _ := r.text("⏰ 明天 15:30", "row-1"); again == first {
		t.Error("a uuid was remembered for more than an hour")
	}
	if twice := r.Repeats(); len(twice) != 1 || twice[0].Times != 2 || twice[0].Where != "光电联合体" {
		t.Errorf("repeats: %+v", twice)
	}
	if _, g := r.text("x", strings.Repeat("k", 51)); g.Code != 230001 {
		t.Errorf("a uuid of 51 characters: %s", g.Raw)
	}
}

func TestUUIDForTwoContents(t *testing.T) {
	s := New(Options{Clock: NewFrozenClock(noon)})
	r := newRig(t, s)
	if _, err := s.Start(); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	r.text("一", "row-1")
	r.text("二", "row-1")
	if v := s.Violations(); len(v) != 1 || !strings.Contains(v[0], "row-1") {
		t.Errorf("violations: %q", v)
	}
}

func TestLimits(t *testing.T) {
	r := open(t, Options{})
	for i := range 5 {
		if _, g := r.text("x"+itoa(i), ""); g.Code != 0 {
			t.Fatalf("message %d: %s", i, g.Raw)
		}
	}
	if _, g := r.text("x5", ""); g.Status != 400 || g.Code != 230020 || g.Header.Get("X-Ogw-Ratelimit-Reset") != "" {
		t.Errorf("the sixth of a second in one group: HTTP %d %s", g.Status, g.Raw)
	}
	r.Clock().Advance(time.Second)
	id, g := r.text("x6", "")
	if g.Code != 0 {
		t.Errorf("a second later: %s", g.Raw)
	}
	r.Clock().Advance(time.Second)
	for i := range 51 {
		g := r.call("POST", "/open-apis/im/v1/messages/"+id+"/reply", map[string]string{"msg_type": "text", "content": "bad"})
		if want := 230001; i < 50 && g.Code != want {
			t.Fatalf("reply %d: %s", i, g.Raw)
		} else if i == 50 && (g.Status != 429 || g.Code != 99991400 || g.Header.Get("X-Ogw-Ratelimit-Reset") != "1" || g.Header.Get("X-Ogw-Ratelimit-Limit") != "50") {
			t.Errorf("the 51st call of a second: HTTP %d %v %s", g.Status, g.Header, g.Raw)
		}
	}
	for range 19 {
		r.Clock().Advance(time.Second)
		for range 50 {
			r.call("POST", "/open-apis/im/v1/messages/"+id+"/reply", map[string]string{"msg_type": "text", "content": "bad"})
		}
	}
	r.Clock().Advance(time.Second)
	if g := r.call("POST", "/open-apis/im/v1/messages/"+id+"/reply", map[string]string{}); g.Status != 429 || g.Header.Get("X-Ogw-Ratelimit-Limit") != "1000" {
		t.Errorf("the 1001st call of a minute: HTTP %d %v", g.Status, g.Header)
	}
	if c := r.Counts(); c.Throttled != 3 {
		t.Errorf("%d calls throttled, want 3", c.Throttled)
	}
}

func TestPatch(t *testing.T) {
	r := open(t, Options{})
	id, g := r.post("interactive", page(tap), "c-1")
	if g.Code != 0 {
		t.Fatalf("card: %s", g.Raw)
	}
	change := func(word string) got {
		return r.call("PATCH", "/open-apis/im/v1/messages/"+id, map[string]string{"content": page(`{"tag":"markdown","content":"` + word + `"}`)})
	}
	for i := range 5 {
		if g := change("人数 " + itoa(i)); g.Code != 0 {
			t.Fatalf("patch %d: %s", i, g.Raw)
		}
	}
	if g := change("人数 5"); g.Code != 230020 {
		t.Errorf("the sixth patch of a second: %s", g.Raw)
	}
	m, _ := r.Message(id)
	if !strings.Contains(m.Text, "人数 4") || len(m.History) != 5 || m.History[1].By != "patch" || !strings.Contains(m.History[1].Text, "人数 0") {
		t.Errorf("after five patches: %+v", m)
	}
	if c := r.Counts(); c.Patched != 5 || c.Sent != 1 {
		t.Errorf("%+v", c)
	}
	if g := r.call("PATCH", "/open-apis/im/v1/messages/"+id, map[string]any{"content": map[string]any{}}); g.Code != 230001 {
		t.Errorf("content that is no string: %s", g.Raw)
	}
	r.Clock().Advance(14*24*time.Hour + time.Second)
	r.token = ""
	if g := change("人数 6"); g.Code != 230031 {
		t.Errorf("after 14 days: %s", g.Raw)
	}
}

func TestRefusedMessages(t *testing.T) {
	r := open(t, Options{Unlimited: true})
	for what, c := range map[string]struct {
		kind, content string
		code          int
	}{
		"no JSON":           {"text", "hallo", 230001},
		"empty text":        {"text", `{"text":""}`, 230001},
		"long text":         {"text", `{"text":"` + strings.Repeat("x", 150<<10) + `"}`, 230025},
		"long card":         {"interactive", page(`{"tag":"markdown","content":"` + strings.Repeat("x", 30<<10) + `"}`), 230025},
		"unknown type":      {"song", `{}`, 230001},
		"unknown image":     {"image", `{"image_key":"img_x"}`, 230001},
		"post without":      {"post", `{"zh_cn":{"title":"x"}}`, 230001},
		"removed tag":       {"interactive", page(`{"tag":"note","elements":[]}`), 230099},
		"stranger mentions": {"interactive", page(`{"tag":"markdown","content":"<at id=ou_nobody></at>"}`), 230099},
	} {
		if _, g := r.post(c.kind, c.content, ""); g.Code != c.code || g.Status != 400 {
			t.Errorf("%s: HTTP %d code %d, want %d: %s", what, g.Status, g.Code, c.code, g.Msg)
		}
	}
	if _, g := r.post("interactive", page(`{"tag":"markdown","content":"<at id=ou_nobody></at>"}`), ""); !strings.Contains(g.Msg, "ErrCode: 100290") {
		t.Errorf("the reason is not in the message: %s", g.Raw)
	}
	if len(r.Shown()) != 0 {
		t.Errorf("shown: %v", r.Shown())
	}
	wrong := r.call("POST", "/open-apis/im/v1/messages", map[string]string{"receive_id": r.group.ID, "msg_type": "text", "content": `{"text":"x"}`})
	if wrong.Code != 230001 || !strings.Contains(wrong.Msg, "receive_id_type") {
		t.Errorf("without receive_id_type: %s", wrong.Raw)
	}
}

func TestChatsThatRefuse(t *testing.T) {
	r := open(t, Options{Unlimited: true})
	code := func() int { _, g := r.text("x", ""); return g.Code }
	private := func() int {
		return r.call("POST", "/open-apis/im/v1/messages?receive_id_type=open_id", map[string]string{"receive_id": r.wang.OpenID, "msg_type": "text", "content": `{"text":"x"}`}).Code
	}
	r.group.Mute(true)
	if c := code(); c != 230018 {
		t.Errorf("muted: %d", c)
	}
	r.group.Mute(false)
	r.group.RemoveBot(t.Context(), r.lin)
	if c := code(); c != 230002 {
		t.Errorf("bot removed: %d", c)
	}
	r.group.AddBot(t.Context(), r.lin)
	r.group.Dissolve(t.Context(), r.lin)
	if c := code(); c != 232009 {
		t.Errorf("dissolved: %d", c)
	}
	if c := private(); c != 0 {
		t.Errorf("private: %d", c)
	}
	r.wang.StopBot(true)
	if c := private(); c != 230053 {
		t.Errorf("stopped: %d", c)
	}
	r.wang.Resign()
	if c := private(); c != 230013 {
		t.Errorf("resigned: %d", c)
	}
	if shown := r.Shown(); len(shown) != 1 || shown[0].Where != "私聊 王工" {
		t.Errorf("shown: %v", shown)
	}
}

func TestScopes(t *testing.T) {
	r := open(t, Options{})
	r.Revoke("im:message", "im:message:send_as_bot")
	if _, g := r.text("x", ""); g.Code != 99991672 || !strings.Contains(g.Msg, "im:message") {
		t.Errorf("without the scope: %s", g.Raw)
	}
	r.Grant("im:message:send_as_bot")
	if _, g := r.text("x", ""); g.Code != 0 {
		t.Errorf("with one of two: %s", g.Raw)
	}
	r.Revoke("contact:user.base:readonly")
	g := r.call("GET", "/open-apis/contact/v3/users/"+r.wang.OpenID, nil)
	if g.Code != 0 || strings.Contains(string(g.Raw), "王工") {
		t.Errorf("a name without the scope for names: %s", g.Raw)
	}
	r.Revoke("im:message.p2p_msg:readonly", "im:message")
	if out := r.wang.Tell(t.Context(), "在吗"); out.Event != "" || out.Err != ErrNoScope {
		t.Errorf("an event without the scope: %+v", out)
	}
}

func TestMembers(t *testing.T) {
	r := open(t, Options{})
	for i := range 60 {
		p := r.AddPerson("成员" + itoa(i))
		r.group.Join(t.Context(), r.lin, p)
	}
	seen, token, pages := map[string]bool{}, "", 0
	for {
		g := r.call("GET", "/open-apis/im/v1/chats/"+r.group.ID+"/members?member_id_type=open_id&page_size=50&page_token="+token, nil)
		var in struct {
			Items []struct {
				ID   string `json:"member_id"`
				Name string `json:"name"`
			}
			More  bool   `json:"has_more"`
			Token string `json:"page_token"`
			Total int    `json:"member_total"`
		}
		g.into(t, &in)
		if pages++; in.Total != 62 {
			t.Errorf("member_total %d", in.Total)
		}
		for _, m := range in.Items {
			seen[m.ID] = true
		}
		if token = in.Token; !in.More {
			break
		}
	}
	if len(seen) != 62 || pages != 2 || seen[r.BotOpenID()] {
		t.Errorf("%d members on %d pages, the bot among them: %v", len(seen), pages, seen[r.BotOpenID()])
	}
}

// multi is a multipart body with one file.
func multi(t *testing.T, fields map[string]string, name, file string, data []byte) (kind string, body []byte) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for k, v := range fields {
		if err := w.WriteField(k, v); err != nil {
			t.Fatal(err)
		}
	}
	part, err := w.CreateFormFile(name, file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return w.FormDataContentType(), b.Bytes()
}

func TestUploads(t *testing.T) {
	r := open(t, Options{})
	r.token = r.login()
	send := func(path string, fields map[string]string, name, file string, data []byte) got {
		kind, body := multi(t, fields, name, file, data)
		return r.do("POST", path, r.token, kind, body)
	}
	sheet := map[string]string{"file_type": "xls", "file_name": "台账.xlsx"}
	g := send("/open-apis/im/v1/files", sheet, "file", "台账.xlsx", []byte("PK"))
	var in struct {
		File  string `json:"file_key"`
		Image string `json:"image_key"`
	}
	g.into(t, &in)
	if u, ok := r.Upload(in.File); !ok || u.Kind != "xls" || u.Name != "台账.xlsx" || string(u.Data) != "PK" {
		t.Errorf("uploaded: %+v", u)
	}
	if _, g := r.post("file", compact(map[string]string{"file_key": in.File}), ""); g.Code != 0 {
		t.Errorf("file message: %s", g.Raw)
	}
	if shown := r.Shown(); shown[0].Text != "[文件 台账.xlsx]" {
		t.Errorf("shown: %v", shown)
	}
	if _, g := r.post("audio", compact(map[string]string{"file_key": in.File}), ""); g.Code != 230055 {
		t.Errorf("a sheet as sound: %s", g.Raw)
	}
	send("/open-apis/im/v1/images", map[string]string{"image_type": "message"}, "image", "x.png", []byte("PNG")).into(t, &in)
	if _, g := r.post("image", compact(map[string]string{"image_key": in.Image}), ""); g.Code != 0 {
		t.Errorf("image message: %s", g.Raw)
	}
	for what, g := range map[string]got{
		"empty":            send("/open-apis/im/v1/files", sheet, "file", "a.xlsx", nil),
		"too large":        send("/open-apis/im/v1/images", map[string]string{"image_type": "message"}, "image", "x.png", make([]byte, maxImage+1)),
		"unknown type":     send("/open-apis/im/v1/files", map[string]string{"file_type": "xlsx", "file_name": "a.xlsx"}, "file", "a", []byte("x")),
		"without ending":   send("/open-apis/im/v1/files", map[string]string{"file_type": "xls", "file_name": "a"}, "file", "a", []byte("x")),
		"image of no type": send("/open-apis/im/v1/images", nil, "image", "x.png", []byte("x")),
	} {
		if g.Code == 0 {
			t.Errorf("%s: accepted", what)
		}
	}
}

func TestHook(t *testing.T) {
	r := open(t, Options{})
	h := r.group.AddHook("demo", "联帮")
	post := func(stamp time.Time, secret, text string) got {
		ts := strconv.FormatInt(stamp.Unix(), 10)
		return r.do("POST", h.Path, "", jsonType, []byte(compact(map[string]any{
			"timestamp": ts, "sign": wire.SignHook(secret, ts), "msg_type": "text", "content": map[string]string{"text": text},
		})))
	}
	for what, c := range map[string]struct {
		g    got
		code int
	}{
		"good":       {post(noon, "demo", "联帮周报"), 0},
		"bad sign":   {post(noon, "x", "联帮周报"), 19021},
		"old":        {post(noon.Add(-time.Hour-time.Second), "demo", "联帮周报"), 19021},
		"no keyword": {post(noon, "demo", "周报"), 19024},
		"unknown":    {r.do("POST", "/open-apis/bot/v2/hook/x", "", jsonType, []byte(`{}`)), 19001},
		"no object":  {r.do("POST", r.group.AddHook("", "").Path, "", jsonType, []byte(`{"msg_type":"text","content":"x"}`)), 9499},
		"too large":  {post(noon, "demo", "联帮"+strings.Repeat("x", 20<<10)), 19036},
	} {
		if c.g.Status != 200 || c.g.Code != c.code {
			t.Errorf("%s: HTTP %d code %d, want 200 and %d", what, c.g.Status, c.g.Code, c.code)
		}
	}
	for range 4 {
		post(noon, "demo", "联帮")
	}
	if g := post(noon, "demo", "联帮"); g.Code != 11232 {
		t.Errorf("the sixth of a second: %s", g.Raw)
	}
	if shown := r.Shown(); len(shown) != 5 || shown[0] != (Shown{"光电联合体", "联帮周报"}) {
		t.Errorf("shown: %v", shown)
	}
}

func TestFaults(t *testing.T) {
	r := open(t, Options{})
	r.token = r.login()
	const create = "/open-apis/im/v1/messages"
	r.Inject(Fault{Path: create, Skip: 1, Times: 2, Code: 230020})
	for i, want := range []int{0, 230020, 230020, 0} {
		if _, g := r.text("x"+itoa(i), "u"+itoa(i)); g.Code != want {
			t.Errorf("call %d: %s, want %d", i, g.Raw, want)
		}
	}
	r.Inject(Fault{Path: create, Effect: true, Cut: true})
	if _, g := r.text("lost", "u-lost"); g.Status != 0 {
		t.Errorf("an answer although it was lost: %s", g.Raw)
	}
	if _, g := r.text("lost", "u-lost"); g.Code != 0 || r.Counts().Deduplicated != 1 {
		t.Errorf("the second attempt: %s, %+v", g.Raw, r.Counts())
	}
	r.Inject(Fault{Status: 504, Body: "<html>Gateway Timeout</html>", Header: map[string]string{"Retry-After": "2"}})
	if _, g := r.text("x", ""); g.Status != 504 || g.Header.Get("Content-Type") != "text/html" || g.Header.Get("Retry-After") != "2" {
		t.Errorf("gateway: %d %v", g.Status, g.Header)
	}
	calls := r.Calls()
	if last := calls[len(calls)-1]; last.Status != 504 || last.Method != "POST" || last.Path != create {
		t.Errorf("noted: %+v", last)
	}
	r.Inject(Fault{Path: "/x", Code: 1})
	r.Heal()
}

func TestWordsOfACard(t *testing.T) {
	r := open(t, Options{})
	card := `{"schema":"2.0","config":{"update_multi":true,"summary":{"content":"不显示"}},
	 "header":{"title":{"tag":"plain_text","content":"已登记 <H1>"},"template":"green"},
	 "body":{"elements":[
	  {"tag":"markdown","content":"**时间** 15:30 <at id=` + r.wang.OpenID + `></at> &#60;b&#62; &#42;"},
	  {"tag":"table","columns":[{"name":"a","display_name":"单位","data_type":"text"}],"rows":[{"a":"光子所"}]},
	  {"tag":"chart","chart_spec":{"type":"bar","title":{"text":"近三周"},"data":{"values":[{"x":"W45","y":8}]},"xField":"x","yField":"y"}},
	  {"tag":"form","name":"f","elements":[{"tag":"input","name":"n","label":{"tag":"plain_text","content":"活动名称"}},
	   {"tag":"select_static","name":"s","placeholder":{"tag":"plain_text","content":"类别"},"options":[{"text":{"tag":"plain_text","content":"融资"},"value":"融资"}]},
	   {"tag":"button","name":"go","form_action_type":"submit","text":{"tag":"plain_text","content":"提交"},"behaviors":[{"type":"callback","value":{"c":"x"}}]}]},
	  {"tag":"button","text":{"tag":"plain_text","content":"报名"},"behaviors":[{"type":"callback","value":{"c":"报名 H1"}}]}]}}`
	id, g := r.post("interactive", card, "")
	if g.Code != 0 {
		t.Fatal(string(g.Raw))
	}
	m, _ := r.Message(id)
	for _, word := range []string{"已登记 <H1>", "时间 15:30 @王工 <b> *", "单位", "光子所", "近三周", "W45", "8", "活动名称", "类别", "融资", "[提交]", "[报名]"} {
		if !strings.Contains(m.Text, word) {
			t.Errorf("%q is not in %q", word, m.Text)
		}
	}
	if strings.Contains(m.Text, "不显示") || strings.Join(m.Buttons, " ") != "提交 报名" {
		t.Errorf("text %q, buttons %v", m.Text, m.Buttons)
	}
	said := r.wang.Say(t.Context(), r.group, "@联帮 请 @林书记 看")
	asked, _ := r.Message(said.Message)
	if asked.Text != "@联帮 请 @林书记 看" || !json.Valid([]byte(asked.Content)) || !strings.Contains(asked.Content, "@_user_2") {
		t.Errorf("said: %+v", asked)
	}
	r.text(`<at user_id="`+r.wang.OpenID+`">x</at> 好`, "")
	if shown := r.Shown(); shown[len(shown)-1].Text != "@王工 好" {
		t.Errorf("shown: %v", shown)
	}
}
