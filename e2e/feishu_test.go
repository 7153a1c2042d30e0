package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"lianbang/bot"
	"lianbang/bot/fake"
	"lianbang/bot/feishu"
	"lianbang/bot/feishu/feishutest"
)

// nodeSDK is the vendor's SDK that judges our fake of the platform.
const nodeSDK = "@larksuiteoapi/node-sdk@1.74.0"

// tenant is a fake platform for the SDK. What the SDK does is right by definition, so that a violation is the fake's fault.
// Its clock stands still unless the options say otherwise: no answer is late because this machine is slow.
func tenant(t *testing.T, o feishutest.Options) (*feishutest.Server, feishutest.Cast) {
	t.Helper()
	if o.Clock == nil {
		o.Clock = fake.NewFrozenClock(time.Now())
	}
	s := feishutest.New(o)
	if _, err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		for _, v := range s.Violations() {
			t.Errorf("the fake thinks that the SDK does wrong: %s", v)
		}
	})
	return s, s.Cast()
}

func environment(s *feishutest.Server, more ...string) []string {
	return append(more, "BASE="+s.BaseURL(), "APP_ID="+s.AppID(), "APP_SECRET="+s.AppSecret())
}

// TestFeishuSDKCalls lets the SDK's client call the fake, and compares what either has seen.
func TestFeishuSDKCalls(t *testing.T) {
	modules := npmInstall(t, nodeSDK)
	s, cast := tenant(t, feishutest.Options{})
	for i := range 4 {
		cast.Group.Join(t.Context(), cast.Lin, s.AddPerson("成员"+strconv.Itoa(i+1)))
	}
	run := node(t, modules, "feishu/client.js", environment(s, "CHAT="+cast.Group.ID, "USER="+cast.Wang.OpenID)...)
	<-run.done
	type answer struct {
		Step   string
		Status int
		Code   int
		Msg    string
		Data   json.RawMessage
	}
	steps := map[string]answer{}
	for _, a := range printed[answer](run) {
		steps[a.Step] = a
	}
	for _, name := range []string{"text", "again", "reply", "card", "patch", "edit", "image", "file", "send image", "send file", "read", "fetch", "members", "chat", "chats", "user", "bot", "recall"} {
		if a, ok := steps[name]; !ok || a.Code != 0 || a.Status != 0 {
			t.Errorf("%s: HTTP %d code %d %s", name, a.Status, a.Code, a.Msg)
		}
	}
	for name, code := range map[string]int{"recalled": 230011, "bad card": 230099, "bad chat": 230034} {
		if a := steps[name]; a.Status != 400 || a.Code != code {
			t.Errorf("%s: HTTP %d code %d %s, want 400 and %d", name, a.Status, a.Code, a.Msg, code)
		}
	}
	for name, words := range map[string][]string{
		"text":    {`"@_user_1 明天 15:30`, `"key":"@_user_1"`, `"id":"` + cast.Wang.OpenID, `"msg_type":"text"`, `"sender_type":"app"`, `"chat_id":"` + cast.Group.ID},
		"reply":   {`"thread_id":"omt_`, `"parent_id":"om_`},
		"fetch":   {`"bytes":"PK"`},
		"members": {"林书记", "王工", "成员1", "成员4"},
		"chat":    {`"name":"光电联合体"`, `"user_count":"6"`, `"bot_count":"1"`},
		"chats":   {cast.Group.ID},
		"user":    {`"name":"王工"`, `"open_id":"` + cast.Wang.OpenID},
		"bot":     {`"open_id":"` + s.BotOpenID(), `"activate_status":2`},
		"read":    {`"items":[{`, `"file"`},
	} {
		for _, word := range words {
			if !strings.Contains(strings.ReplaceAll(string(steps[name].Data), `\"`, `"`), word) {
				t.Errorf("%s: %s is not in %s", name, word, steps[name].Data)
			}
		}
	}
	if first, again := id(t, steps["text"].Data), id(t, steps["again"].Data); first != again {
		t.Errorf("one uuid made %s and %s", first, again)
	}
	shown := s.Shown()
	if len(shown) != 4 || shown[0].Text != "好" || !strings.Contains(shown[1].Text, "2 人\n[报名]") || shown[2].Where != "私聊 王工" || shown[3].Text != "[文件 台账.xlsx]" {
		t.Errorf("shown: %+v", shown)
	}
	if c := s.Counts(); c.Tokens != 1 || c.Sent != 5 || c.Deduplicated != 1 || c.Patched != 2 || c.Refused != 3 || c.Throttled != 0 {
		t.Errorf("%+v", c)
	}
}

func id(t *testing.T, data json.RawMessage) string {
	t.Helper()
	var in struct {
		ID string `json:"message_id"`
	}
	if err := json.Unmarshal(data, &in); err != nil {
		t.Fatal(err)
	}
	return in.ID
}

// heard is one line of listen.js and receive.js.
type heard struct {
	Kind, Type, URL string
	Data            struct {
		EventID string `json:"event_id"`
		Sender  struct {
			ID struct {
				Open string `json:"open_id"`
			} `json:"sender_id"`
		}
		Message struct {
			ID       string `json:"message_id"`
			Chat     string `json:"chat_id"`
			Content  string
			Mentions []struct{ Key, Name string }
		}
		Operator struct {
			Open string `json:"open_id"`
		}
		Action struct {
			Value struct{ C string }
		}
		Context struct {
			Message string `json:"open_message_id"`
		}
	}
}

// count counts the lines of a kind, and of a type of event unless that is "".
func (s *script) count(kind, event string) (n int) {
	for _, h := range printed[heard](s) {
		if h.Kind == kind && (event == "" || h.Type == event) {
			n++
		}
	}
	return n
}

// event waits for the first line about an event.
func (s *script) event(id string) (found heard) {
	s.t.Helper()
	await(s.t, "the SDK prints "+id, func() bool {
		for _, h := range printed[heard](s) {
			if h.Data.EventID == id {
				found = h
				return true
			}
		}
		return false
	})
	return found
}

// times counts the lines about an event.
func (s *script) times(id string) (n int) {
	for _, h := range printed[heard](s) {
		if h.Data.EventID == id {
			n++
		}
	}
	return n
}

// TestFeishuSDKListens lets the SDK's client hold the long connection of the fake.
func TestFeishuSDKListens(t *testing.T) {
	modules := npmInstall(t, nodeSDK)
	s, cast := tenant(t, feishutest.Options{ConnectionConfig: feishutest.Config{ReconnectCount: -1, ReconnectInterval: 1, ReconnectNonce: 1, PingInterval: 1}})
	run := node(t, modules, "feishu/listen.js", environment(s)...)
	await(t, "the SDK is connected", func() bool { return run.count("ready", "") == 1 && s.Connections() == 1 })

	said := cast.Wang.Say(t.Context(), cast.Group, "@联帮 请 @林书记 报名 H1")
	h := run.event(said.Event)
	if m := h.Data.Message; !said.Acked || h.Data.EventID != said.Event || m.ID != said.Message || m.Chat != cast.Group.ID || h.Data.Sender.ID.Open != cast.Wang.OpenID ||
		m.Content != `{"text":"@_user_1 请 @_user_2 报名 H1"}` || len(m.Mentions) != 2 || m.Mentions[1].Name != "林书记" {
		t.Errorf("said %+v, heard %+v", said, h)
	}

	long := strings.Repeat("联合体活动安排，", 800)
	s.SetNetwork(feishutest.Network{Fragment: 1000, Shuffle: true})
	out := cast.Wang.Tell(t.Context(), long)
	if got := run.event(out.Event); !out.Acked || !strings.Contains(got.Data.Message.Content, long) {
		t.Errorf("fragments in disorder: %+v", out)
	}
	s.SetNetwork(feishutest.Network{Twice: true})
	if out = cast.Wang.Tell(t.Context(), "在吗"); !out.Acked {
		t.Errorf("twice: %+v", out)
	}
	await(t, "both copies, for the SDK takes none away", func() bool { return run.times(out.Event) == 2 })
	s.SetNetwork(feishutest.Network{})

	if out := cast.Wang.Tell(t.Context(), "失败一次"); out.Acked || out.Code != 500 || s.Waiting() != 1 {
		t.Errorf("a handler that throws: %+v", out)
	}
	s.Clock().Advance(15 * time.Second)
	await(t, "the event comes again and is acknowledged", func() bool { return s.Waiting() == 0 })
	if len(s.Lost()) != 0 {
		t.Errorf("lost: %+v", s.Lost())
	}
	sdkClicks(t, s, cast, run)
	sdkHappenings(t, cast, run)

	await(t, "pings, as often as the pongs say", func() bool { return s.Counts().Pings >= 3 })
	s.Cut()
	await(t, "the SDK comes back after a cut", func() bool { return run.count("reconnected", "") == 1 && s.Connections() == 1 })
	if out := cast.Wang.Tell(t.Context(), "还在吗"); !out.Acked {
		t.Errorf("after all that: %+v", out)
	}
}

// TestFeishuSDKNoticesSilence lets the SDK's watchdog find out that a connection is dead.
func TestFeishuSDKNoticesSilence(t *testing.T) {
	modules := npmInstall(t, nodeSDK)
	s, cast := tenant(t, feishutest.Options{Clock: fake.NewClock(),
		ConnectionConfig: feishutest.Config{ReconnectCount: -1, ReconnectInterval: 1, ReconnectNonce: 1, PingInterval: 2}})
	// Every ping starts the watchdog anew, so that it only barks when it is shorter than the interval of pings.
	run := node(t, modules, "feishu/listen.js", environment(s, "PING_TIMEOUT=1.5")...)
	await(t, "the SDK is connected", func() bool { return run.count("ready", "") == 1 && s.Connections() == 1 })
	if s.Freeze() != 1 {
		t.Fatal("nothing was frozen")
	}
	await(t, "the SDK connects anew", func() bool { return run.count("reconnected", "") > 0 })
	await(t, "an event arrives again", func() bool { return cast.Wang.Tell(t.Context(), "还在吗").Acked })
}

// TestFeishuSDKGivesUp refuses the SDK a connection with the code of wrong credentials, which the SDK knows as final.
func TestFeishuSDKGivesUp(t *testing.T) {
	modules := npmInstall(t, nodeSDK)
	s, _ := tenant(t, feishutest.Options{})
	run := node(t, modules, "feishu/listen.js", "BASE="+s.BaseURL(), "APP_ID="+s.AppID(), "APP_SECRET=wrong")
	await(t, "the SDK gives up", func() bool { return run.count("failed", "") == 1 })
	if s.Counts().Connections != 0 {
		t.Error("connected with a wrong secret")
	}
}

// sdkClicks lets the SDK answer a click.
func sdkClicks(t *testing.T, s *feishutest.Server, cast feishutest.Cast, run *script) {
	t.Helper()
	a, err := feishu.New(feishu.Config{Account: "hq", AppID: s.AppID(), AppSecret: s.AppSecret(), BaseURL: s.BaseURL()})
	if err != nil {
		t.Fatal(err)
	}
	to := bot.Address{Platform: feishu.Platform, Account: "hq", Chat: bot.ChatKey(cast.Group.ID)}
	receipt, err := a.Send(t.Context(), bot.Delivery{Key: "k", To: to, Body: bot.Reply{Card: &bot.Card{Title: "H1", Buttons: []bot.Button{{Label: "报名", Command: "报名 H1"}}}}})
	if err != nil {
		t.Fatal(err)
	}
	out := cast.Wang.Click(t.Context(), feishutest.Tap{In: cast.Group, Label: "报名"})
	if !out.Acked || out.Failure != 0 || out.Answer == nil || out.Answer.Toast != "已报名" || !out.Answer.Replaced {
		t.Fatalf("the SDK's answer to a click: %+v %+v", out, out.Answer)
	}
	if h := run.event(out.Event); h.Kind != "click" || h.Data.Operator.Open != cast.Wang.OpenID || h.Data.Action.Value.C != "报名 H1" || h.Data.Context.Message != receipt.Message {
		t.Errorf("clicked: %+v", h)
	}
	if m, _ := s.Message(receipt.Message); !strings.Contains(m.Text, "已报名 1 人") {
		t.Errorf("the card: %s", m.Text)
	}
}

// sdkHappenings lets the SDK dispatch every other event.
func sdkHappenings(t *testing.T, cast feishutest.Cast, run *script) {
	t.Helper()
	said := cast.Wang.Tell(t.Context(), "撤回这句")
	for kind, out := range map[string]feishutest.Outcome{
		"im.message.recalled_v1":                       cast.Wang.Recall(t.Context(), said.Message),
		"im.chat.access_event.bot_p2p_chat_entered_v1": cast.Wang.Enter(t.Context()),
		"application.bot.menu_v6":                      cast.Wang.Menu(t.Context(), "help"),
		"im.chat.updated_v1":                           cast.Group.Rename(t.Context(), cast.Lin, "新群名"),
		"im.chat.member.user.deleted_v1":               cast.Group.Leave(t.Context(), cast.Lin),
		"im.chat.member.user.added_v1":                 cast.Group.Join(t.Context(), cast.Wang, cast.Lin),
		"im.chat.member.bot.added_v1":                  cast.Group.AddBot(t.Context(), cast.Wang),
	} {
		if !out.Acked || run.event(out.Event).Type != kind {
			t.Errorf("%s: %+v", kind, out)
		}
	}
}

// TestFeishuSDKReceives lets the fake push webhooks to the SDK's receiver, good ones and forged.
func TestFeishuSDKReceives(t *testing.T) {
	modules := npmInstall(t, nodeSDK)
	s, cast := tenant(t, feishutest.Options{EncryptKey: "test key", VerificationToken: "vt"})
	run := node(t, modules, "feishu/receive.js", "ENCRYPT_KEY=test key", "VERIFICATION_TOKEN=vt")
	await(t, "the receiver listens", func() bool { return run.count("listening", "") == 1 })
	s.SetWebhook(printed[heard](run)[0].URL)
	if err := s.Challenge(t.Context()); err != nil {
		t.Errorf("challenge: %v", err)
	}
	if out := cast.Wang.Say(t.Context(), cast.Group, "@联帮 <b>报名</b> & H1"); !out.Acked || run.event(out.Event).Data.Message.ID != out.Message {
		t.Errorf("a good push: %+v", out)
	}
	// The SDK looks at no token where there is an Encrypt Key, and reads bodies of any size.
	for _, how := range []feishutest.Forgery{feishutest.BadSignature, feishutest.NoSignature, feishutest.WrongKey, feishutest.Tampered, feishutest.PlainBody, feishutest.BadPadding} {
		forged := s.Forge(t.Context(), how, cast.Wang, "撤销 H1")
		// What the SDK hears it prints in order: a good event behind the forged one shows that the forged one is not coming.
		good := cast.Wang.Tell(t.Context(), "在吗")
		if run.event(good.Event); run.times(forged.Event) != 0 {
			t.Errorf("%s: the SDK took it", how)
		}
	}
}

// TestFeishuSDKPosts posts what the SDK accepts, and what it refuses, to our own webhook.
func TestFeishuSDKPosts(t *testing.T) {
	modules := npmInstall(t, nodeSDK)
	s, cast := tenant(t, feishutest.Options{EncryptKey: "test key", VerificationToken: "vt"})
	a, err := feishu.New(feishu.Config{Account: "hq", AppID: s.AppID(), AppSecret: s.AppSecret(), BaseURL: s.BaseURL(), Mode: feishu.Webhook, EncryptKey: "test key", VerificationToken: "vt"})
	if err != nil {
		t.Fatal(err)
	}
	inbox := &inbox{}
	mux := http.NewServeMux()
	a.Mount(mux, inbox.take)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx, inbox.take) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	run := node(t, modules, "feishu/post.js", "TARGET="+server.URL+"/feishu/hq", "ENCRYPT_KEY=test key", "VERIFICATION_TOKEN=vt")
	type verdict struct {
		Accepted  bool
		Challenge string
		Status    int
		Body      string
	}
	post := func(event map[string]any, forge string) verdict {
		t.Helper()
		n := len(printed[verdict](run))
		run.write(map[string]any{"event": event, "forge": forge})
		await(t, "an answer", func() bool { return len(printed[verdict](run)) == n+1 })
		return printed[verdict](run)[n]
	}
	said := func(id, text string) map[string]any { return message(s, cast, id, text) }

	challenge := map[string]any{"challenge": "c-1", "token": "vt", "type": "url_verification"}
	if v := post(challenge, ""); v.Challenge != "c-1" || v.Status != 200 || v.Body != `{"challenge":"c-1"}` {
		t.Errorf("challenge: %+v", v)
	}
	if v := post(map[string]any{"challenge": "c-2", "token": "wrong", "type": "url_verification"}, ""); v.Status == 200 {
		t.Errorf("a challenge with another token: %+v", v)
	}
	if v := post(said("om_good", "活动 <b>&"), ""); !v.Accepted || v.Status != 200 {
		t.Errorf("a good event: %+v", v)
	}
	// The SDK refuses what has space between its signs, because it hashes what it would write itself; the platform's rule is
	// the raw body.
	if v := post(said("om_spaced", "报名 H1"), "spaced"); v.Accepted || v.Status != 200 {
		t.Errorf("a spaced body: %+v", v)
	}
	for _, forge := range []string{"signature", "unsigned", "key", "padding", "tampered"} {
		if v := post(said("om_"+forge, "撤销 H1"), forge); v.Accepted || v.Status == 200 {
			t.Errorf("%s: %+v", forge, v)
		}
	}
	if got := inbox.ids(); !slices.Equal(got, []bot.EventID{"om_good", "om_spaced"}) {
		t.Errorf("the sink was given %v", got)
	}
	if got := inbox.texts(); got[0] != "活动 <b>&" {
		t.Errorf("texts: %q", got)
	}
	inbox.fail(errors.New("the database is away"))
	if v := post(said("om_again", "活动"), ""); !v.Accepted || v.Status == 200 {
		t.Errorf("acknowledged although it was not stored: %+v", v)
	}
}

// message is a text of 王工 in the private chat, in the envelope of the platform.
func message(s *feishutest.Server, cast feishutest.Cast, id, text string) map[string]any {
	content, err := json.Marshal(map[string]string{"text": text})
	if err != nil {
		panic(err) // two strings marshal
	}
	stamp := strconv.FormatInt(time.Now().UnixMilli(), 10)
	return map[string]any{
		"schema": "2.0",
		"header": map[string]any{"event_id": "ev_" + id, "event_type": "im.message.receive_v1", "create_time": stamp, "token": "vt", "app_id": s.AppID(), "tenant_key": "tk"},
		"event": map[string]any{
			"sender": map[string]any{"sender_id": map[string]string{"open_id": cast.Wang.OpenID}, "sender_type": "user", "tenant_key": "tk"},
			"message": map[string]any{"message_id": id, "create_time": stamp, "chat_id": cast.Wang.PrivateChat(), "chat_type": "p2p",
				"message_type": "text", "content": string(content)},
		},
	}
}

// inbox is a sink that keeps what it is given.
type inbox struct {
	mu  sync.Mutex
	got []bot.Event
	err error
}

func (i *inbox) take(_ context.Context, e bot.Event) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.err == nil {
		i.got = append(i.got, e)
	}
	return i.err
}

func (i *inbox) fail(err error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.err = err
}

func (i *inbox) ids() (out []bot.EventID) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, e := range i.got {
		out = append(out, e.ID)
	}
	return out
}

func (i *inbox) texts() (out []string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, e := range i.got {
		out = append(out, e.Text)
	}
	return out
}
