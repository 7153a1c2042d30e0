package main

import (
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"lianbang/bot/wecom/wecomtest"
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

// TestFakeWeComAdvice looks whether the configuration that the fake prints is good, in each way that messages can come.
func TestFakeWeComAdvice(t *testing.T) {
	for name, f := range map[string]fakeWeCom{
		"long connection": {}, "callbacks": {BotCallback: "http://127.0.0.1:8080/wecom/rehearsal/bot", AppCallback: "http://127.0.0.1:8080/wecom/rehearsal/app"},
	} {
		f.Group, f.People = "光电联合体", []string{"林书记", "王工"}
		s := wecomtest.New(f.company())
		if _, err := s.Start(); err != nil {
			t.Fatal(err)
		}
		_, config, _ := strings.Cut(f.advice(s), "\n\n")
		config, _, _ = strings.Cut(config, "\n\n")
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		file := filepath.Join(t.TempDir(), "config.yaml")
		if err := os.WriteFile(file, []byte(config+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		checked := &lockedBuffer{}
		if code := run(t.Context(), []string{"--config", file, "check-config"}, console{strings.NewReader(""), checked, checked}); code != 0 {
			t.Errorf("%s: the printed configuration is refused: %s\n%s", name, checked, config)
		}
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
