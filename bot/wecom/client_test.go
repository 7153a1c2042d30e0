package wecom

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"lianbang/bot"
)

// TestHostileAnswers: whatever comes back, the outcome of a message is not taken for success, nothing is followed or read
// without end, and no error holds the address, its key or what was said.
func TestHostileAnswers(t *testing.T) {
	mux := http.NewServeMux()
	answer := func(name, body string, status int) {
		mux.HandleFunc("/"+name+hookPath, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		})
	}
	answer("html", "<html>秘密</html>", 502)
	answer("empty", "", 200)
	answer("huge", `{"errcode":0,"x":"`+strings.Repeat("x", answerSize)+`"}`, 200)
	answer("echo", `{"errcode":44004,"errmsg":"empty content, from ip: 203.0.113.9"}`, 200)
	answer("many", "slow down", 429)
	mux.HandleFunc("/away"+hookPath, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/html"+hookPath, http.StatusTemporaryRedirect)
	})
	mux.HandleFunc("/cut"+hookPath, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	server := httptest.NewServer(mux)
	defer server.Close()
	for name, want := range map[string]struct {
		verdict bot.Verdict
		code    string
	}{
		"html": {bot.Retry, unknownOutcome}, "empty": {bot.Retry, unknownOutcome}, "huge": {bot.Retry, unknownOutcome}, "echo": {bot.Refused, "44004"},
		"many": {bot.Throttled, "http429"}, "away": {bot.Retry, "http307"}, "cut": {bot.Retry, unknownOutcome}, "nothing": {bot.Retry, "http404"},
	} {
		a, err := New(Config{Account: "a", Groups: []GroupHook{{Chat: "群", URL: server.URL + "/" + name + hookPath + "?key=hook-secret"}}})
		if err != nil {
			t.Fatal(err)
		}
		_, err = a.Send(t.Context(), bot.Delivery{Key: "k", To: bot.Address{Chat: "群"}, Body: bot.Say("秘密"), Attempt: 1})
		v := bot.AsSendError(err)
		if err == nil || v.Verdict != want.verdict || v.Code != want.code {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, secret := range []string{"hook-secret", "秘密", "203.0.113.9", "key="} {
			if strings.Contains(err.Error(), secret) {
				t.Errorf("%s: %q is in %v", name, secret, err)
			}
		}
	}
}

// TestNobodyListens: what was never sent is no unknown outcome.
func TestNobodyListens(t *testing.T) {
	server := httptest.NewServer(nil)
	address := server.URL
	server.Close()
	a, err := New(Config{Account: "a", App: &AppConfig{CorpID: "ww1", Secret: "app-secret", AgentID: 1, BaseURL: address},
		Groups: []GroupHook{{Chat: "群", URL: address + hookPath + "?key=hook-secret"}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, to := range []bot.Address{{Chat: "群"}, {User: "wanggong"}} {
		_, err := a.Send(t.Context(), bot.Delivery{Key: "k", To: to, Body: bot.Say("秘密"), Attempt: 1})
		if v := bot.AsSendError(err); err == nil || v.Verdict != bot.Retry || v.Code != "network" || errors.Is(err, errUnknownOutcome) {
			t.Errorf("%v", err)
		}
		if said := fmt.Sprint(err); strings.Contains(said, "secret") || strings.Contains(said, "秘密") {
			t.Error(said)
		}
	}
}

// TestEncode: the platform counts bytes, so that < and > stay one each.
func TestEncode(t *testing.T) {
	if data, err := encode(map[string]string{"content": "<@a> & 王工"}); err != nil || string(data) != `{"content":"<@a> & 王工"}` {
		t.Errorf("%s, %v", data, err)
	}
	if _, err := encode(func() {}); err == nil {
		t.Error("encoded what cannot be")
	}
}
