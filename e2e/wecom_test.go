package e2e

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"lianbang/bot/wecom/wecomtest"
	"lianbang/bot/wecom/wire"
)

// The vendor's packages that the fake WeCom and the wire package are compared with.
const (
	wecomSDK    = "@wecom/aibot-node-sdk@1.0.7"
	wecomCrypto = "@wecom/crypto@1.0.1"
)

// TestWeComSDK lets the vendor's own client talk to the fake: what it sees and what people see is compared.
func TestWeComSDK(t *testing.T) {
	modules := npmInstall(t, wecomSDK)
	s := fakeWeCom(t, wecomtest.Options{})
	group := s.Groups()[0].ChatID
	bot := startSDK(t, s, modules, s.Bot().Secret, time.Minute)
	bot.await(t, "authenticated", nil)

	said := s.Say("王工", group, "@联帮 在吗")
	if m := bot.message(t, "message"); m.ID != said.ID || m.ChatID != group || m.From.UserID != "wanggong" || m.Text.Content != "@联帮 在吗" || m.BotID != s.Bot().ID {
		t.Errorf("the SDK sees %+v", m)
	}
	bot.order(t, "stream", map[string]any{"to": said.ReqID, "stream": "st-1", "texts": []string{"正在", "正在查", "查到 **3** 项"}}, 0)
	bot.order(t, "reply", map[string]any{"to": said.ReqID, "body": map[string]any{"msgtype": "text", "text": map[string]any{"content": "x"}}}, 40008)
	bot.order(t, "card", map[string]any{"to": said.ReqID, "card": wecomCard("活动 H1", "报名")}, 0)
	bot.order(t, "send", map[string]any{"chat": group, "body": map[string]any{"msgtype": "markdown", "markdown": map[string]any{"content": "⏰ 明天"}}}, 0)
	bot.order(t, "send", map[string]any{"chat": "nobody", "body": map[string]any{"msgtype": "markdown", "markdown": map[string]any{"content": "x"}}}, 93006)
	if got, want := wecomTexts(s), []string{"光电信息群: 查到 **3** 项", "光电信息群: 活动 H1\n[报名]", "光电信息群: ⏰ 明天"}; !slices.Equal(got, want) {
		t.Errorf("people see %q, want %q", got, want)
	}

	click := s.Click("王工", s.Shown()[1].ID, "报名")
	if m := bot.message(t, "event"); m.Event.Tapped().Key != "报名 H1" || m.Event.Tapped().TaskID != "task-1" {
		t.Errorf("the SDK sees %+v", m.Event)
	}
	bot.order(t, "update", map[string]any{"to": click.ReqID, "card": wecomCard("已报名 H1", "取消"), "users": []string{"wanggong"}}, 0)
	if got := s.ShownTo("王工")[1].Text; got != "已报名 H1\n[取消]" {
		t.Errorf("王工 sees %q", got)
	}
	enter := s.EnterChat("林书记")
	bot.await(t, "event", nil)
	bot.order(t, "welcome", map[string]any{"to": enter.ReqID, "text": "您好"}, 0)
	if got := s.ShownTo("林书记"); got[len(got)-1].Text != "您好" {
		t.Errorf("林书记 sees %+v", got)
	}
	if v := s.Violations(); len(v) > 0 {
		t.Errorf("the vendor's client breaks our rules: %q", v)
	}
}

// TestWeComSDKFiles lets the vendor's client fetch what people send, and upload in chunks.
func TestWeComSDKFiles(t *testing.T) {
	modules := npmInstall(t, wecomSDK)
	s := fakeWeCom(t, wecomtest.Options{})
	bot := startSDK(t, s, modules, s.Bot().Secret, time.Minute)
	bot.await(t, "authenticated", nil)

	said := s.SendFile("王工", "周报 一.txt", []byte("本周三次走访"))
	m := bot.message(t, "message")
	var got struct{ Text, FileName string }
	if err := json.Unmarshal(bot.order(t, "download", map[string]any{"url": m.File.URL, "aeskey": m.File.AESKey}, 0), &got); err != nil || got.Text != "本周三次走访" || got.FileName != "周报 一.txt" {
		t.Errorf("%v: the SDK got %+v", err, got)
	}
	for i, size := range []int{5, 512 << 10, 512<<10 + 1, 3 << 20} {
		var up struct {
			MediaID string `json:"media_id"`
		}
		name := fmt.Sprintf("台账%d.xlsx", i)
		if err := json.Unmarshal(bot.order(t, "upload", map[string]any{"size": size, "name": name}, 0), &up); err != nil || up.MediaID == "" {
			t.Fatalf("%v: %d bytes gave no medium", err, size)
		}
		bot.order(t, "media", map[string]any{"to": said.ReqID, "media": up.MediaID}, 0)
		bot.order(t, "pass", map[string]any{"chat": "wanggong", "media": up.MediaID}, 0)
		shown := s.Shown()
		if x := shown[len(shown)-1]; len(shown) != 2*(i+1) || x.FileName != name || string(x.File) != strings.Repeat("a", size) {
			t.Errorf("%d bytes: people see %q with %d bytes", size, x.FileName, len(x.File))
		}
	}
	bot.order(t, "media", map[string]any{"to": said.ReqID, "media": "never-uploaded"}, 40007)
	if v := s.Violations(); len(v) > 0 {
		t.Errorf("the vendor's client breaks our rules: %q", v)
	}
}

// TestWeComSDKConnection lets the vendor's client live through mishaps as it does with the platform.
func TestWeComSDKConnection(t *testing.T) {
	modules := npmInstall(t, wecomSDK)
	s := fakeWeCom(t, wecomtest.Options{RawControl: true, KickLag: 50 * time.Millisecond})
	wrong := startSDK(t, s, modules, "wrong", time.Minute)
	wrong.await(t, "error", func(l sdkLine) bool { return l.Name == "WS_AUTH_FAILURE_EXHAUSTED" })

	bot := startSDK(t, s, modules, s.Bot().Secret, time.Second)
	bot.await(t, "authenticated", nil)
	s.Say("王工", "", "甲\x01乙")
	if m := bot.message(t, "message"); m.Text.Content != "甲乙" {
		t.Errorf("the SDK reads a raw control character as %q", m.Text.Content)
	}
	s.Cut()
	bot.await(t, "authenticated", nil)
	s.Freeze() // two heartbeats without an answer
	bot.await(t, "authenticated", nil)
	if n := len(s.Subscriptions()); n < 3 {
		t.Errorf("%d subscriptions, want at least 3", n)
	}
	await(t, "a heartbeat", func() bool { return len(s.Calls(wire.CmdPing)) > 0 })
	before := len(s.Subscriptions())
	s.Kick()
	bot.await(t, "event", func(l sdkLine) bool {
		return strings.Contains(string(l.Frame.Body), wire.EventDisconnected)
	})
	bot.await(t, "disconnected", nil)
	bot.write(map[string]any{"do": "leave", "id": -1})
	for l := (sdkLine{}); l.Kind != "answer"; {
		if l = bot.await(t, "", nil); l.Kind == "reconnecting" {
			t.Error("the SDK connects again although it was displaced")
		}
	}
	if n := len(s.Subscriptions()); n != before {
		t.Errorf("%d subscriptions after it was displaced, want %d", n, before)
	}
}

// TestWeComCryptoBothWays compares the wire package with the vendor's encryption: each opens what the other sealed.
func TestWeComCryptoBothWays(t *testing.T) {
	node := startNode(t, npmInstall(t, wecomCrypto), "crypto.js", nil)
	const token, key, stamp, nonce = "e2eToken2026", "kjr2TKI8umCBfVF3wAHk8JiPwma5VBmekjr2TKI8umC", "1790000001", "771204466"
	for _, receiver := range []string{"", "ww00aa11bb22cc33dd"} {
		crypt, err := wire.NewCrypt(token, key, receiver)
		if err != nil {
			t.Fatal(err)
		}
		for size := range 70 { // every padding, twice
			plain := strings.Repeat("a", size/2) + strings.Repeat("会", size/2)
			var sealed struct{ Encrypt, Signature string }
			random := [16]byte{byte(size)}
			node.exchange(t, map[string]any{"do": "seal", "token": token, "key": key, "receiver": receiver, "timestamp": stamp, "nonce": nonce, "random": fmt.Sprintf("%x", random), "plain": plain}, &sealed)
			got, err := crypt.Open(wire.Query{Signature: sealed.Signature, Timestamp: stamp, Nonce: nonce}, sealed.Encrypt)
			if err != nil || string(got) != plain {
				t.Errorf("%d bytes of the vendor: %v %q", len(plain), err, got)
			}
			if ours := crypt.Encrypt(random, []byte(plain)); ours != sealed.Encrypt {
				t.Errorf("%d bytes: our ciphertext differs", len(plain))
			}
			ours := crypt.Seal(stamp, nonce, []byte(plain))
			var opened struct{ Plain, Receiver, Signature string }
			node.exchange(t, map[string]any{"do": "open", "token": token, "key": key, "timestamp": stamp, "nonce": nonce, "encrypt": ours.Encrypt}, &opened)
			if opened.Plain != plain || opened.Receiver != receiver || opened.Signature != ours.Signature {
				t.Errorf("%d bytes of ours: the vendor reads %+v", len(plain), opened)
			}
		}
	}
}

// TestWeComCryptoCallbacks lets a receiver with the vendor's encryption take the fake's callbacks, and the fake its replies.
func TestWeComCryptoCallbacks(t *testing.T) {
	modules := npmInstall(t, wecomCrypto)
	s := fakeWeCom(t, wecomtest.Options{Unlimited: true})
	for _, c := range []struct {
		to, token, key, receiver string
		at                       func(string)
		say                      func(string) wecomtest.Sent
	}{
		{wecomtest.Bot, s.Bot().Token, s.Bot().AESKey, "", s.SetBotCallback, func(text string) wecomtest.Sent { return s.Say("王工", "", text) }},
		{wecomtest.App, s.App().Token, s.App().AESKey, s.App().CorpID, s.SetAppCallback, func(text string) wecomtest.Sent { return s.SayToApp("王工", text) }},
	} {
		node := startNode(t, modules, "receive.js", []string{"TOKEN=" + c.token, "KEY=" + c.key, "RECEIVER=" + c.receiver})
		c.at(node.await(t, "listening", nil).URL)
		if a := s.Verify(c.to); a.Err != "" {
			t.Errorf("%s: verification: %+v", c.to, a)
		}
		if a := s.Forge(c.to, wecomtest.BadSignature, "forged"); a.Status != 403 {
			t.Errorf("%s: a forged callback: %+v", c.to, a)
		}
		for n := range 40 {
			text := "明早八点叫我 <&> " + strings.Repeat("会", n)
			sent := c.say(text)
			if !sent.Delivered {
				t.Fatalf("%s: %+v", c.to, sent)
			}
			if got := node.await(t, "got", nil); got.Receiver != c.receiver || !strings.Contains(wecomDecoded(got.Plain), text) {
				t.Errorf("%s: the vendor reads %q for %q", c.to, got.Plain, got.Receiver)
			}
			if shown := s.Shown(); shown[len(shown)-1].Text != "收到 "+text {
				t.Errorf("%s: people see %q", c.to, shown[len(shown)-1].Text)
			}
		}
	}
	if v := s.Violations(); len(v) > 0 {
		t.Errorf("%q", v)
	}
}

// wecomDecoded is a plaintext of either dialect with the escapes of JSON undone.
func wecomDecoded(plain string) string {
	var m wire.Message
	if json.Unmarshal([]byte(plain), &m) == nil {
		return m.Text.Content
	}
	return plain
}

func fakeWeCom(t *testing.T, o wecomtest.Options) *wecomtest.Server {
	t.Helper()
	s := wecomtest.New(o)
	if _, err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func wecomCard(title, button string) map[string]any {
	return map[string]any{
		"card_type": "button_interaction", "main_title": map[string]any{"title": title}, "task_id": "task-1",
		"button_list": []map[string]any{{"text": button, "style": 1, "key": button + " H1"}},
	}
}

func wecomTexts(s *wecomtest.Server) (out []string) {
	for _, x := range s.Shown() {
		out = append(out, x.Where+": "+x.Text)
	}
	return out
}

// sdkLine is a line of one of the scripts.
type sdkLine struct {
	Kind     string          `json:"kind"`
	ID       int             `json:"id"`
	Name     string          `json:"name"`
	Code     int             `json:"code"`
	Error    string          `json:"error"`
	Result   json.RawMessage `json:"result"`
	Frame    wire.Frame      `json:"frame"`
	URL      string          `json:"url"`
	Receiver string          `json:"receiver"`
	Plain    string          `json:"plain"`
}

// wecomScript is one of the scripts of e2e/wecom, running. It is read line by line, by one goroutine.
type wecomScript struct {
	*script
	seen int // lines
	ids  int // of orders
}

func startNode(t *testing.T, modules, name string, env []string) *wecomScript {
	t.Helper()
	return &wecomScript{script: node(t, modules, filepath.Join("wecom", name), env...)}
}

// startSDK runs the vendor's client, which holds a connection for dead when two of its heartbeats are unanswered.
func startSDK(t *testing.T, s *wecomtest.Server, modules, secret string, heartbeat time.Duration) *wecomScript {
	return startNode(t, modules, "bot.js", []string{"URL=" + s.SocketURL(), "BOT_ID=" + s.Bot().ID, "SECRET=" + secret, fmt.Sprintf("HEARTBEAT=%d", heartbeat.Milliseconds())})
}

// line is the script's next line.
func (n *wecomScript) line(t *testing.T, what string) (line []byte) {
	t.Helper()
	await(t, what, func() bool {
		n.mu.Lock()
		defer n.mu.Unlock()
		if n.seen < len(n.lines) {
			line = n.lines[n.seen]
		}
		return line != nil
	})
	n.seen++
	return line
}

// await reads lines up to one of that kind, "" = any, that pleases.
func (n *wecomScript) await(t *testing.T, kind string, pleases func(sdkLine) bool) sdkLine {
	t.Helper()
	for {
		var l sdkLine
		if line := n.line(t, kind); json.Unmarshal(line, &l) != nil {
			t.Fatalf("not a line: %q", line)
		}
		if (kind == "" || l.Kind == kind) && (pleases == nil || pleases(l)) {
			return l
		}
	}
}

// message is the next message or event that the SDK gave to its user.
func (n *wecomScript) message(t *testing.T, kind string) (m wire.Message) {
	t.Helper()
	if l := n.await(t, kind, nil); json.Unmarshal(l.Frame.Body, &m) != nil {
		t.Fatalf("not a message: %s", l.Frame.Body)
	}
	return m
}

// order has something done by the SDK and compares the code that it reports; 0 = done.
func (n *wecomScript) order(t *testing.T, do string, with map[string]any, code int) json.RawMessage {
	t.Helper()
	n.ids++
	with["do"], with["id"] = do, n.ids
	n.write(with)
	l := n.await(t, "answer", func(l sdkLine) bool { return l.ID == n.ids })
	if l.Code != code || code == 0 && l.Error != "" {
		t.Errorf("%s: code %d, want %d: %s", do, l.Code, code, l.Error)
	}
	return l.Result
}

func (n *wecomScript) exchange(t *testing.T, order map[string]any, into any) {
	t.Helper()
	n.write(order)
	if line := n.line(t, "an answer"); json.Unmarshal(line, into) != nil {
		t.Fatalf("not an answer: %q", line)
	}
}
