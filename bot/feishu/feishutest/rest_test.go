package feishutest

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"lianbang/bot/fake"
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
	s := New(Options{Clock: fake.NewFrozenClock(noon)})
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
