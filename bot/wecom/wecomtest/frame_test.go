package wecomtest

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"lianbang/bot/fake"
	"lianbang/bot/wecom/wire"
)

// TestBadFrames sends what no client should: nothing of it stops the platform, and all of it is written down.
func TestBadFrames(t *testing.T) {
	s := start(t, Options{})
	c := join(t, s)
	for _, bad := range []string{"", "null", "[]", "{", `"text"`, `{"cmd":"ping"}`, `{"cmd":"ping","headers":{"req_id":"` + strings.Repeat("x", 300) + `"}}`, `{"headers":{"req_id":"x"},"errcode":0}`} {
		if err := c.ws.WriteMessage(websocket.TextMessage, []byte(bad)); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.ws.WriteMessage(websocket.BinaryMessage, []byte{1}); err != nil {
		t.Fatal(err)
	}
	c.must(40008, "aibot_unheard_of", "", nil)
	for _, cmd := range []string{wire.CmdSend, wire.CmdUploadInit, wire.CmdUploadChunk, wire.CmdUploadFinish} {
		for _, body := range []any{nil, []int{1}, "text", fields{"chatid": 1, "upload_id": 1}} {
			if f := c.ask(cmd, "", body); f.ErrCode == 0 {
				t.Errorf("%s with %v was taken", cmd, body)
			}
		}
	}
	c.must(0, wire.CmdSubscribe, "", fields{"bot_id": s.Bot().ID, "secret": s.Bot().Secret})
	c.must(0, wire.CmdPing, "", nil)
	if n := len(s.Violations()); n != 11 {
		t.Errorf("%d violations: %q", n, s.Violations())
	}
	if err := c.ws.WriteMessage(websocket.TextMessage, make([]byte, maxFrame+1)); err == nil {
		if _, err := c.read(); err == nil {
			t.Error("a frame of more than 2 MiB was read")
		}
	}
	await(t, "the connection ends", func() bool { return s.Connections() == 0 })
}

// TestDelays holds acknowledgements and answers back, by the clock.
func TestDelays(t *testing.T) {
	clock := fake.NewFrozenClock(time.Unix(1_790_000_000, 0))
	s := start(t, Options{Clock: clock})
	c := join(t, s)
	s.Say("王工", "", "在吗")
	said, _ := c.heard()
	s.Inject(Fault{Name: wire.CmdRespond, Delay: 7 * time.Second})
	c.write(wire.CmdRespond, said, markdown("慢"))
	c.must(0, wire.CmdPing, "", nil)
	if s.Count("慢") != 1 {
		t.Error("the message waits, not only its acknowledgement")
	}
	await(t, "the acknowledgement waits", func() bool { return clock.Waiting() == 1 })
	clock.Advance(7 * time.Second)
	if f := c.next(); f.Headers.RequestID != said || f.ErrCode != 0 {
		t.Errorf("%+v", f)
	}
	s.Inject(Fault{Name: "gettoken", Delay: time.Second})
	done := make(chan string)
	go func() { done <- token(t, s) }()
	await(t, "the answer waits", func() bool { return clock.Waiting() == 1 })
	clock.Advance(time.Second)
	if q := <-done; q == "" {
		t.Error("no token")
	}
}

// TestConnectFails lets connections fail before they are open, and pings stay unanswered.
func TestConnectFails(t *testing.T) {
	s := start(t, Options{NoPings: true})
	s.Inject(Fault{Name: nameConnect, Status: http.StatusBadGateway})
	s.Inject(Fault{Name: nameConnect, Cut: true})
	for _, want := range []int{http.StatusBadGateway, 0} {
		ws, answer, err := websocket.DefaultDialer.Dial(s.SocketURL(), nil)
		if err == nil {
			_ = ws.Close()
			t.Fatal("the connection opened")
		}
		if got := status(answer); got != want {
			t.Errorf("status %d, want %d", got, want)
		}
	}
	c := join(t, s)
	c.write(wire.CmdPing, "", nil)
	s.Say("王工", "", "在吗")
	if _, m := c.heard(); m.Text.Content != "在吗" {
		t.Errorf("%+v", m)
	}
	s.Inject(Fault{Name: wire.CmdSend, Cut: true, Effect: true})
	c.write(wire.CmdSend, "", push("wanggong", "做了才断"))
	if _, err := c.read(); err == nil {
		t.Error("the connection was not cut")
	}
	if s.Count("做了才断") != 1 {
		t.Error("the message was not shown")
	}
}

func status(answer *http.Response) int {
	if answer == nil {
		return 0
	}
	_ = answer.Body.Close()
	return answer.StatusCode
}
