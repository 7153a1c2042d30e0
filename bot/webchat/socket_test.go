package webchat

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"lianbang/bot"
)

func TestBadFrames(t *testing.T) {
	_, k, server := serve(t)
	x, _ := openTab(t, server, request{Who: "林书记"})
	raw := func(text string) {
		t.Helper()
		if err := x.conn.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	final := func(id, word string) {
		t.Helper()
		if f := x.next(typeNack); f.ID != id || !f.Final || !strings.Contains(f.Why, word) {
			t.Errorf("nack %+v, want %s %s", f, id, word)
		}
	}
	raw("{not json")
	if f := x.next(typeError); f.Why == "" {
		t.Errorf("bad JSON: %+v", f)
	}
	raw(`{"type":"say","id":"b1","text":17}`)
	final("b1", "没看懂")
	raw(`{"type":"say","id":"b2","text":"` + strings.Repeat("长", 400<<10) + `"}`)
	final("b2", "太大")
	raw("{\"type\":\"say\",\"id\":\"b3\",\"text\":\"\xff\xfe\"}")
	final("b3", "编码")
	x.send(request{Type: kindSay, ID: "b4", Text: strings.Repeat("x", MaxText+1)})
	final("b4", "太长")
	x.send(request{Type: kindSay, ID: "b5", Text: " \u202e\u0000\n "})
	final("b5", "没有看到文字")
	x.send(request{Type: kindSay, ID: "b 6", Text: "x"})
	final("b 6", "编号")
	x.send(request{Type: kindSay, ID: "b7", Room: strings.Repeat("群", 41), Text: "x"})
	final("b7", "群名")
	if n := len(k.got()); n != 0 {
		t.Errorf("the Sink got %d of them", n)
	}
	x.send(request{Type: kindSay, ID: "b8", Text: strings.Repeat("x", MaxText)})
	x.next(typeAck)
	if n := len(k.got()[0].Text); n != MaxText {
		t.Errorf("%d bytes passed", n)
	}
}

func TestHelloFirst(t *testing.T) {
	_, _, server := serve(t)
	conn, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(server.URL, "http")+"/ws", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	x := &tab{t, conn}
	x.send(request{Type: kindSay, ID: "h1", Text: "x"})
	x.next(typeNack)
	for _, who := range []string{"", "联帮", strings.Repeat("名", 21)} {
		x.send(request{Type: typeHello, Who: who})
		x.next(typeError)
	}
	x.send(request{Type: typeHello, Who: " 林书记 "})
	if f := x.next(typeWelcome); f.Who != "林书记" {
		t.Errorf("welcome to %q", f.Who)
	}
}

func TestClickAndSubmit(t *testing.T) {
	_, k, server := serve(t)
	x, _ := openTab(t, server, request{Who: "林书记"})
	x.send(request{Type: kindClick, ID: "c1", Room: "光电信息群", Message: "m1", Command: "报名 H1", Label: "报名"})
	x.next(typeAck)
	x.send(request{Type: kindSubmit, ID: "c2", Message: "m2", Command: "登记活动", Form: map[string]string{"地点": "会议室"}})
	x.next(typeAck)
	es := k.got()
	if e := es[0]; e.Kind != bot.Clicked || !e.Addressed || e.Text != "报名 H1" || e.Ref.Token != "m1" {
		t.Errorf("click %+v", e)
	}
	if e := es[1]; e.Kind != bot.Clicked || e.Form["地点"] != "会议室" || !e.Direct {
		t.Errorf("submit %+v", e)
	}
}

func TestForeignHostAndOrigin(t *testing.T) {
	_, _, server := serve(t)
	at := "ws" + strings.TrimPrefix(server.URL, "http") + "/ws"
	for name, h := range map[string]http.Header{
		"foreign origin":   {"Origin": {"http://evil.example"}},
		"another port":     {"Origin": {"http://127.0.0.1:1"}},
		"null origin":      {"Origin": {"null"}},
		"rebound host":     {"Host": {"evil.example"}},
		"rebound and same": {"Host": {"evil.example"}, "Origin": {"http://evil.example"}},
	} {
		conn, res, err := websocket.DefaultDialer.Dial(at, h)
		if err == nil {
			_ = conn.Close()
			t.Errorf("%s was let in", name)
		} else if res == nil || res.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %v", name, err)
		}
	}
	conn, _, err := websocket.DefaultDialer.Dial(at, http.Header{"Origin": {server.URL}})
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()
	q, _ := http.NewRequest("GET", server.URL+"/", nil)
	q.Host = "evil.example"
	res, err := http.DefaultClient.Do(q)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusForbidden {
		t.Errorf("page under a foreign host: %s", res.Status)
	}
	for host, want := range map[string]bool{"localhost:8080": true, "127.0.0.1": true, "[::1]:80": true, "127.9.9.9:1": true,
		"a.localhost": true, "localhost.evil.example": false, "10.0.0.1:8080": false, "": false} {
		if loopback(host) != want {
			t.Errorf("loopback(%q) = %v", host, !want)
		}
	}
}

func TestPageHeaders(t *testing.T) {
	_, _, server := serve(t)
	res, err := http.Get(server.URL + "/")
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if csp := res.Header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'self'") || strings.Contains(csp, "unsafe") {
		t.Errorf("policy %q", csp)
	}
	for _, name := range []string{"/", "/webchat/chat.js", "/webchat/render.js", "/webchat/chat.css", "/webchat/icon.svg"} {
		q, _ := http.NewRequest("GET", server.URL+name, nil)
		first, err := http.DefaultClient.Do(q)
		if err != nil {
			t.Fatal(err)
		}
		_ = first.Body.Close()
		q.Header.Set("If-None-Match", first.Header.Get("ETag"))
		second, err := http.DefaultClient.Do(q)
		if err != nil {
			t.Fatal(err)
		}
		_ = second.Body.Close()
		if first.StatusCode != 200 || second.StatusCode != 304 {
			t.Errorf("%s: %s, then %s", name, first.Status, second.Status)
		}
	}
}

func TestSlowTabIsDropped(t *testing.T) {
	a, _, server := serve(t)
	slow, _ := openTab(t, server, request{Who: "林书记"})
	to := bot.Address{Platform: Platform, Account: "local", Chat: "光电信息群"}
	long := strings.Repeat("很长", 10<<10)
	for i := 0; a.hub.listening() > 0; i++ {
		if i > 20000 {
			t.Fatal("still there")
		}
		deliver(t, a, fmt.Sprint(i), to, bot.Say(long))
		if i%100 == 0 {
			time.Sleep(time.Millisecond)
		}
	}
	_ = slow.conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	for {
		if _, _, err := slow.conn.ReadMessage(); err != nil {
			break
		}
	}
	again, _ := openTab(t, server, request{Who: "林书记"})
	deliver(t, a, "after", to, bot.Say("还在"))
	again.next(typeMessage)
}

func TestShutdownTellsSockets(t *testing.T) {
	a, k, server := serve(t)
	x, _ := openTab(t, server, request{Who: "林书记"})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx, k.sink) }()
	cancel()
	if f := x.next(typeBye); !strings.Contains(f.Why, "重启") {
		t.Errorf("bye %+v", f)
	}
	if _, _, err := x.conn.ReadMessage(); !websocket.IsCloseError(err, websocket.CloseServiceRestart) {
		t.Errorf("closed with %v", err)
	}
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(stopTime):
		t.Fatal("Run does not end")
	}
	if err := a.Say(t.Context(), "林书记", "", "late", "x"); err == nil {
		t.Error("spoke to a stopped adapter")
	}
	deliver(t, a, "late", bot.Address{Platform: Platform, User: "林书记"}, bot.Say("给下次看"))
}

func TestClient(t *testing.T) {
	a, k, server := serve(t)
	k.then = func(e bot.Event) { deliver(t, a, "re/"+string(e.ID), e.Place(), bot.Say("听到："+e.Text)) }
	c, err := Dial(t.Context(), server.URL, "林书记")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	seen, stop := c.Watch()
	defer stop()
	inside, stopInside := a.Watch("林书记")
	defer stopInside()
	if err := c.Say(t.Context(), "", "t1", "活动"); err != nil {
		t.Fatal(err)
	}
	for _, from := range []<-chan Message{seen, inside} {
		if m := <-from; m.FromBot() || m.Text != "活动" {
			t.Errorf("first %+v", m)
		}
		if m := <-from; !m.FromBot() || m.Body.Text != "听到：活动" {
			t.Errorf("then %+v", m)
		}
	}
	if err := c.Say(t.Context(), "", "t2", strings.Repeat("x", MaxText+1)); err == nil || !strings.Contains(err.Error(), "太长") {
		t.Errorf("too long: %v", err)
	}
	server.CloseClientConnections()
	_ = c.Close()
	<-c.Done()
	if err := c.Say(t.Context(), "", "t3", "x"); err == nil {
		t.Error("spoke into a closed connection")
	}
	if _, err := Dial(t.Context(), server.URL, "联帮"); err == nil {
		t.Error("became the bot")
	}
}
