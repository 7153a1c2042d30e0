package wecom

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
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
	answer("large", "<html>", 413)
	answer("forbidden", "<html>", 403)
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
		"many": {bot.Throttled, "http429"}, "large": {bot.Refused, "http413"}, "forbidden": {bot.Retry, "http403"}, "away": {bot.Retry, "http307"}, "cut": {bot.Retry, unknownOutcome}, "nothing": {bot.Retry, "http404"},
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

// TestProxyRefuses: a proxy that does not connect us has passed nothing on; neither has a server whose certificate is wrong.
func TestProxyRefuses(t *testing.T) {
	var status atomic.Int32
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect {
			t.Errorf("the proxy got %s", r.Method)
		}
		w.WriteHeader(int(status.Load()))
	}))
	defer proxy.Close()
	through, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	stranger := httptest.NewUnstartedServer(nil)
	stranger.Config.ErrorLog = log.New(io.Discard, "", 0)
	stranger.StartTLS()
	defer stranger.Close()
	send := func(address string, by func(*http.Request) (*url.URL, error)) error {
		a, err := New(Config{Account: "a", Groups: []GroupHook{{Chat: "群", URL: address + hookPath + "?key=hook-secret"}}})
		if err != nil {
			t.Fatal(err)
		}
		a.rest.http.GetClient().Transport.(*http.Transport).Proxy = by
		_, err = a.Send(t.Context(), bot.Delivery{Key: "k", To: bot.Address{Chat: "群"}, Body: bot.Say("秘密"), Urgency: bot.Digest, Attempt: 1})
		return err
	}
	for code, want := range map[int32]bot.Verdict{407: bot.Throttled, 403: bot.Retry, 502: bot.Retry} {
		status.Store(code)
		err := send("https://qyapi.example", http.ProxyURL(through))
		if v := bot.AsSendError(err); err == nil || v.Verdict != want || v.Code != fmt.Sprint("http", code) || errors.Is(err, errUnknownOutcome) {
			t.Errorf("%d: %v", code, err)
		}
	}
	err = send(stranger.URL, nil)
	if v := bot.AsSendError(err); err == nil || v.Verdict != bot.Retry || v.Code != "network" || errors.Is(err, errUnknownOutcome) {
		t.Errorf("a wrong certificate: %v", err)
	}
}

// TestLargeFileAtAProxy: a file that a proxy finds too large is named in words.
func TestLargeFileAtAProxy(t *testing.T) {
	var said atomic.Pointer[string]
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "upload_media") {
			http.Error(w, "<html>", http.StatusRequestEntityTooLarge)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		text := string(body)
		said.Store(&text)
		_, _ = io.WriteString(w, `{"errcode":0,"errmsg":"ok"}`)
	}))
	defer server.Close()
	a, err := New(Config{Account: "a", Groups: []GroupHook{{Chat: "群", URL: server.URL + hookPath + "?key=hook-secret"}}})
	if err != nil {
		t.Fatal(err)
	}
	file := &bot.Attachment{Name: "台账.xlsx", Data: []byte("0123456789")}
	if _, err := a.Send(t.Context(), bot.Delivery{Key: "k", To: bot.Address{Chat: "群"}, Body: bot.Reply{File: file}, Attempt: 1}); err != nil {
		t.Fatal(err)
	}
	if got := said.Load(); got == nil || !strings.Contains(*got, "[文件] 台账.xlsx(没能发到企业微信)") {
		t.Errorf("said %v", got)
	}
}
