package wecom

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"lianbang/bot"
	"lianbang/bot/wecom/wecomtest"
	"lianbang/bot/wecom/wire"
)

// until waits for what must happen in the fake, whose sockets are real.
func until(t *testing.T, what string, happened func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !happened(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("in vain: %s", what)
		}
	}
}

// company starts the fake platform.
func company(t *testing.T, o wecomtest.Options) *wecomtest.Server {
	t.Helper()
	s := wecomtest.New(o)
	if _, err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if v := s.Violations(); len(v) > 0 {
			t.Errorf("against the protocol: %q", v)
		}
	})
	return s
}

// TestAgainstTheFake plays the connection through with the fake platform that the vendor's SDK accepts.
func TestAgainstTheFake(t *testing.T) {
	s := company(t, wecomtest.Options{RawControl: true, KickLag: time.Millisecond})
	var displaced atomic.Bool
	count := func(what string) {
		if what == "displaced" {
			displaced.Store(true)
		}
	}
	a, err := New(Config{Account: "main", Count: count, Bot: &BotConfig{Mode: ModeWebsocket, Name: s.Bot().Name, ID: s.Bot().ID, Secret: s.Bot().Secret,
		URL: s.SocketURL(), Pause: 50 * time.Millisecond}})
	if err != nil {
		t.Fatal(err)
	}
	events := make(chan bot.Event, 10)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- a.runBot(ctx, func(_ context.Context, e bot.Event) error { events <- e; return nil }) }()
	connected := func() bool { _, err := a.line(); return err == nil }
	until(t, "connected", connected)
	line := func() *socket {
		l, err := a.line()
		if err != nil {
			t.Fatal(err)
		}
		return l
	}

	if sent := s.Say("王工", "光电信息群", "@联帮 报名 H1\n3人"); !sent.Delivered {
		t.Fatal(sent.Why)
	}
	e := <-events
	if e.Text != "报名 H1\n3人" || e.Direct || e.From.User != "wanggong" || e.From.Chat != "wrFAKEgroup0001" {
		t.Errorf("%+v", e)
	}
	if err := line().respond(ctx, parseRef(e.Ref, time.Now()).id, wire.CmdRespond, streamed("k1", "已报名 H1")); err != nil {
		t.Error(err)
	}
	if n := s.Count("已报名 H1"); n != 1 {
		t.Errorf("shown %d times", n)
	}

	s.EnterChat("王工")
	e = <-events
	welcome := map[string]any{"msgtype": "text", "text": map[string]any{"content": "您好"}}
	if err := line().respond(ctx, parseRef(e.Ref, time.Now()).id, wire.CmdWelcome, welcome); err != nil || e.Kind != bot.Entered || s.Count("您好") != 1 {
		t.Errorf("%+v, %v", e, err)
	}

	file := bytes.Repeat([]byte("0123456789"), 60_000)
	id, err := line().upload(ctx, "file", "周报.xlsx", file)
	if err != nil {
		t.Fatal(err)
	}
	if err := line().push(ctx, map[string]any{"chatid": "wrFAKEgroup0001", "chat_type": 2, "msgtype": "file", "file": map[string]any{"media_id": id}}); err != nil {
		t.Error(err)
	}
	if shown := s.ShownIn("wrFAKEgroup0001"); !bytes.Equal(shown[len(shown)-1].File, file) {
		t.Error("the file came otherwise")
	}

	s.SendFile("王工", "合影.png", []byte("a photograph"))
	e = <-events
	if m, err := a.Fetch(ctx, e.Files[0], MaxMedia); err != nil || string(m.Data) != "a photograph" {
		t.Errorf("%+v, %v", m, err)
	}

	if !s.Unsubscribe() {
		t.Fatal("nobody was subscribed")
	}
	var ack *refusedError
	if err := line().push(ctx, map[string]any{"chatid": "wrFAKEgroup0001", "msgtype": "markdown", "markdown": map[string]any{"content": "x"}}); !errors.As(err, &ack) || ack.code != wire.CodeNotSubscribed {
		t.Errorf("not subscribed: %v", err)
	}
	until(t, "subscribed again", func() bool { return connected() && s.Subscribed() > 0 })

	if !s.Kick() {
		t.Fatal("nobody was kicked")
	}
	until(t, "displaced", displaced.Load)
	until(t, "back after the pause", connected)
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestCallbacksAgainstTheFake(t *testing.T) {
	s := company(t, wecomtest.Options{})
	a, err := New(Config{Account: "main",
		Bot: &BotConfig{Mode: ModeCallback, Name: s.Bot().Name, Token: s.Bot().Token, AESKey: s.Bot().AESKey, Path: "/bot"},
		App: &AppConfig{CorpID: s.App().CorpID, Secret: s.App().Secret, AgentID: s.App().AgentID, Token: s.App().Token, AESKey: s.App().AESKey, Path: "/app"}})
	if err != nil {
		t.Fatal(err)
	}
	events := make(chan bot.Event, 10)
	mux := http.NewServeMux()
	if err := a.mountCallbacks(mux, func(_ context.Context, e bot.Event) error { events <- e; return nil }); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(mux)
	defer server.Close()
	s.SetBotCallback(server.URL + "/bot")
	s.SetAppCallback(server.URL + "/app")
	for _, to := range []string{wecomtest.Bot, wecomtest.App} {
		if v := s.Verify(to); v.Err != "" {
			t.Errorf("%s: %s", to, v.Err)
		}
		for i, f := range wecomtest.Forgeries {
			if v := s.Forge(to, f, string(rune('a'+i))); v.Status == http.StatusOK {
				t.Errorf("%s: %s was taken", to, f)
			}
		}
	}
	if n := len(events); n != 0 {
		t.Fatalf("%d events of forgeries", n)
	}
	answered := make(chan error, 1)
	go func() {
		e := <-events
		answered <- a.calls.answer(t.Context(), parseRef(e.Ref, time.Now()).id, streamed("k1", "已报名 H1"))
	}()
	if sent := s.Say("王工", "光电信息群", "@联帮报名 H1"); !sent.Delivered {
		t.Fatalf("%+v", sent)
	}
	if err := <-answered; err != nil || s.Count("已报名 H1") != 1 {
		t.Errorf("%v, %v", err, s.Shown())
	}
	if sent := s.SayToApp("王工", "活动"); !sent.Delivered {
		t.Fatalf("%+v", sent)
	}
	if e := <-events; e.Text != "活动" || e.Ref.Token != "a:" || !strings.HasPrefix(string(e.ID), "app/") {
		t.Errorf("%+v", e)
	}
}
