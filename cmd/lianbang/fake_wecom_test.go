package main

import (
	"context"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"lianbang/bot/wecom/wire"
)

// TestFakeWeCom starts the fake, connects with the credentials that it prints, and lets a member speak.
func TestFakeWeCom(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	out := &lockedBuffer{}
	done := make(chan int, 1)
	go func() {
		done <- run(ctx, []string{"fake", "wecom", "--listen", "127.0.0.1:0"}, console{strings.NewReader(""), out, out})
	}()
	page := regexp.MustCompile(`http://127\.0\.0\.1:\d+/_fake/`)
	await(t, "the advice", func() bool { return page.MatchString(out.String()) })
	printed := func(form string) string {
		t.Helper()
		m := regexp.MustCompile(form).FindStringSubmatch(out.String())
		if m == nil {
			t.Fatalf("%q is not in:\n%s", form, out)
		}
		return m[1]
	}
	ws, answer, err := websocket.DefaultDialer.Dial(printed(`url: (ws://\S+)`), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	answer.Body.Close()
	if err := ws.WriteJSON(wire.Request{Cmd: wire.CmdSubscribe, Headers: wire.Headers{RequestID: "1"}, Body: wire.Subscribe{BotID: printed(` id: (\S+)`), Secret: printed(` secret: (\S+)`)}}); err != nil {
		t.Fatal(err)
	}
	var f wire.Frame
	if err := ws.ReadJSON(&f); err != nil || f.ErrCode != 0 {
		t.Fatalf("%v: the bot was not let in: %+v", err, f)
	}
	home := page.FindString(out.String())
	res, err := http.Post(home+"say", "application/json", strings.NewReader(`{"user":"王工","chat":"光电联合体","text":"@联帮 活动"}`))
	if err != nil {
		t.Fatal(err)
	}
	told, err := io.ReadAll(res.Body)
	res.Body.Close()
	if err != nil || !strings.Contains(string(told), `"delivered":true`) {
		t.Errorf("%v: %s", err, told)
	}
	if err := ws.ReadJSON(&f); err != nil || f.Cmd != wire.CmdMessage {
		t.Errorf("%v: %+v", err, f)
	}
	if res, err = http.Get(home); err != nil || res.StatusCode != http.StatusOK {
		t.Errorf("the page: %v %v", err, res)
	}
	res.Body.Close()
	stop()
	if code := <-done; code != 0 {
		t.Errorf("exit code %d: %s", code, out)
	}
}

func TestFakeWeComStaysOnThisMachine(t *testing.T) {
	for _, args := range [][]string{{"--listen", "0.0.0.0:0"}, {"--listen", ":0"}, {"--listen", "192.168.1.2:0"}, {"--bot-callback", "x"}, {"--app-callback", "127.0.0.1:1"}} {
		out := &lockedBuffer{}
		if code := run(t.Context(), append([]string{"fake", "wecom", "--listen", "127.0.0.1:0"}, args...), console{strings.NewReader(""), out, out}); code == 0 {
			t.Errorf("%v: accepted: %s", args, out)
		}
	}
}
