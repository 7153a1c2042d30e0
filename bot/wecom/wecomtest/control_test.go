package wecomtest

import (
	"net/http"
	"strings"
	"testing"

	"lianbang/bot/wecom/wire"
)

func TestControl(t *testing.T) {
	s := start(t, Options{})
	c := join(t, s)
	order := func(path, body string) fields {
		return exchange(t, "POST", s.BaseURL()+"/_fake/"+path, "application/json", strings.NewReader(body))
	}
	if out := order("say", `{"user":"王工","chat":"光电信息群","text":"@联帮 在吗"}`); out["delivered"] != true {
		t.Error(out)
	}
	said, m := c.heard()
	if m.Text.Content != "@联帮 在吗" {
		t.Errorf("%+v", m)
	}
	c.must(0, wire.CmdRespond, said, carding(buttons("t", "好")))
	if out := order("click", `{"user":"王工","message":1,"button":"好"}`); out["delivered"] != true {
		t.Error(out)
	}
	if _, m := c.heard(); m.Event.Tapped().Key != "好 H1" {
		t.Errorf("%+v", m)
	}
	obeyed := func(path, body string) {
		t.Helper()
		answer, err := http.Post(s.BaseURL()+"/_fake/"+path, "application/json", strings.NewReader(body))
		if err != nil || answer.StatusCode != http.StatusOK {
			t.Fatal(path, err, answer)
		}
		_ = answer.Body.Close()
	}
	obeyed("fault", `{"name":"aibot_send_msg","code":45009}`)
	c.must(0, wire.CmdRespond, said, markdown("不受影响"))
	c.must(45009, wire.CmdSend, "", push("wrFAKEgroup0001", "x"))
	obeyed("member", `{"member":{"userid":"zhaoyi","name":"赵一"}}`)
	obeyed("cut", "")
	if state := s.State(); len(state.Members) != 3 || state.Connections != 0 || state.Shown != 2 {
		t.Errorf("%+v", state)
	}
	for name, c := range map[string]struct {
		change func(*http.Request)
		want   int
	}{
		"the page itself": {func(r *http.Request) { r.Header.Set("Origin", s.BaseURL()) }, http.StatusOK},
		"another page":    {func(r *http.Request) { r.Header.Set("Origin", "http://evil.example") }, http.StatusForbidden},
		"a file":          {func(r *http.Request) { r.Header.Set("Origin", "null") }, http.StatusForbidden},
		"another name":    {func(r *http.Request) { r.Host = "rebound.example" }, http.StatusForbidden},
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.BaseURL()+"/_fake/shown", nil)
		if err != nil {
			t.Fatal(err)
		}
		c.change(req)
		answer, err := http.DefaultClient.Do(req)
		if err != nil || answer.StatusCode != c.want {
			t.Errorf("%s: %v %v", name, err, answer)
		}
		_ = answer.Body.Close()
	}
}
