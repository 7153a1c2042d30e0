package feishu

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"lianbang/bot"
)

const (
	testAppID  = "cli_0123456789abcdef"
	testSecret = "S3cr3tS3cr3tS3cr3t"
)

// seen is a request that the stub got, other than those for a token.
type seen struct {
	method, path, token string
	query               url.Values
	header              http.Header
	raw                 []byte
	body                map[string]any // where it was JSON
}

func (s seen) str(member string) string { v, _ := s.body[member].(string); return v }

// answer is what the stub answers. The zero answer is a success that sent message om_<n>.
type answer struct {
	status int
	body   string
	header map[string]string
}

func refusing(n int, msg string) answer {
	return answer{status: 400, body: fmt.Sprintf(`{"code":%d,"msg":%q,"error":{"log_id":"LOG-%d"}}`, n, msg, n)}
}

// stub is a platform of a few lines, which answers what the test says.
type stub struct {
	*httptest.Server
	script func(seen) answer

	mu     sync.Mutex
	got    []seen
	issued int  // tokens so far
	stuck  bool // the same token is issued for ever
}

func newStub(t *testing.T, script func(seen) answer) *stub {
	s := &stub{script: script}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *stub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	raw, _ := io.ReadAll(r.Body)
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	s.mu.Lock()
	if r.URL.Path == tokenPath {
		if s.issued == 0 || !s.stuck {
			s.issued++
		}
		fmt.Fprintf(w, `{"code":0,"msg":"ok","tenant_access_token":"t-%d","expire":7200}`, s.issued)
		s.mu.Unlock()
		return
	}
	one := seen{method: r.Method, path: r.URL.Path, query: r.URL.Query(), header: r.Header, raw: raw, token: strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")}
	if json.Unmarshal(raw, &one.body) != nil {
		one.body = nil
	}
	s.got = append(s.got, one)
	n := len(s.got)
	s.mu.Unlock()
	a := answer{}
	if s.script != nil {
		a = s.script(one)
	}
	for name, value := range a.header {
		w.Header().Set(name, value)
	}
	if a.status != 0 {
		w.WriteHeader(a.status)
	}
	if a.body == "" {
		a.body = fmt.Sprintf(`{"code":0,"msg":"success","data":{"message_id":"om_%d","create_time":"1795360019559"}}`, n)
	}
	io.WriteString(w, a.body)
}

func (s *stub) requests() []seen {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]seen(nil), s.got...)
}

// adapter is an app on the stub. Its log is returned too.
func (s *stub) adapter(t *testing.T) (*Adapter, *safeBuffer) {
	t.Helper()
	log := &safeBuffer{}
	a, err := New(Config{Account: "hq", AppID: testAppID, AppSecret: testSecret, BaseURL: s.URL,
		Logger: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	if err != nil {
		t.Fatal(err)
	}
	return a, log
}

// safeBuffer is a log that many goroutines write.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

var (
	toGroup  = bot.Address{Platform: Platform, Account: "hq", Chat: "oc_1"}
	toPerson = bot.Address{Platform: Platform, Account: "hq", User: "ou_1"}
)

func saying(to bot.Address, r bot.Reply) bot.Delivery {
	return bot.Delivery{ID: 1, Key: "reply/feishu/hq/om_30/0", To: to, Body: r, Attempt: 1}
}

func cardReply() bot.Reply {
	return bot.Reply{Card: &bot.Card{Title: "已登记 H1 参观", Sections: []bot.Section{{Lines: []string{"提醒：前一天"}}},
		Buttons: []bot.Button{{Label: "报名", Command: "报名 H1"}}}}
}

// mustSend sends and expects success.
func mustSend(t *testing.T, a *Adapter, d bot.Delivery) bot.Receipt {
	t.Helper()
	got, err := a.Send(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// fails sends and expects a verdict.
func fails(t *testing.T, a bot.Adapter, d bot.Delivery, want bot.Verdict, code string) *bot.SendError {
	t.Helper()
	_, err := a.Send(t.Context(), d)
	if err == nil {
		t.Fatalf("sent; want %v %s", want, code)
	}
	se := bot.AsSendError(err)
	if se.Verdict != want || se.Code != code {
		t.Errorf("%v; want %v %s", err, want, code)
	}
	return se
}
