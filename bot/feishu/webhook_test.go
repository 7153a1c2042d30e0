package feishu

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"lianbang/bot"
	"lianbang/bot/feishu/wire"
)

const (
	hookKey   = "S3cr3tEncryptKey"
	hookToken = "V3rificationT0ken"
)

// deliver sends a body to the webhook and gives status and answer.
func deliver(t *testing.T, h http.Handler, body string, header ...string) (int, string) {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/feishu/main", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

// sealed is body as the platform encrypts it, with the headers of its signature.
func sealed(key, body string) (string, []string) {
	k := wire.NewKey(key)
	out := `{"encrypt":"` + k.Encrypt([]byte(body)) + `"}`
	return out, signed(k, out)
}

func signed(k *wire.Key, body string) []string {
	return []string{wire.TimestampHeader, "1795360000", wire.NonceHeader, "n0nce", wire.SignatureHeader, k.Sign("1795360000", "n0nce", []byte(body))}
}

func withToken(in, token string) string {
	return strings.Replace(in, `"token":"vt"`, `"token":"`+token+`"`, 1)
}

func newHook(e *ear, key string) *webhook {
	h := &webhook{in: e.inbound, token: hookToken}
	if key != "" {
		h.key = wire.NewKey(key)
	}
	return h
}

var privateWords = saidJSON("om_1", "oc_p2p", "p2p", "text", `{"text":"活动"}`, "")

func TestWebhookVerification(t *testing.T) {
	e := newEar()
	ask := `{"challenge":"c-4f1","token":"` + hookToken + `","type":"url_verification"}`
	wrong := strings.Replace(ask, hookToken, "other", 1)
	secret, headers := sealed(hookKey, ask)
	secretWrong, _ := sealed(hookKey, wrong)
	cases := map[string]struct {
		hook   *webhook
		body   string
		header []string
		code   int
	}{
		"plain":                    {newHook(e, ""), ask, nil, 200},
		"plain, wrong token":       {newHook(e, ""), wrong, nil, 401},
		"encrypted":                {newHook(e, hookKey), secret, nil, 200},
		"encrypted and signed":     {newHook(e, hookKey), secret, headers, 200},
		"encrypted, wrong token":   {newHook(e, hookKey), secretWrong, nil, 401},
		"plain, with a key":        {newHook(e, hookKey), ask, nil, 401},
		"encrypted, without a key": {newHook(e, ""), secret, nil, 401},
		"encrypted, another key":   {newHook(e, "another"), secret, nil, 401},
		"encrypted, no token set":  {&webhook{in: e.inbound, key: wire.NewKey(hookKey)}, secretWrong, nil, 200},
	}
	for name, c := range cases {
		code, body := deliver(t, c.hook, c.body, c.header...)
		if code != c.code || code == 200 && body != `{"challenge":"c-4f1"}` || code != 200 && strings.Contains(body, "c-4f1") {
			t.Errorf("%s: %d %s", name, code, body)
		}
	}
	if len(e.heard()) != 0 {
		t.Error("a verification became an event")
	}
	if !strings.Contains(e.log.String(), "encrypt_key") {
		t.Error("nobody was told that the key is missing")
	}
}

func TestWebhookAcknowledgesAfterTheSink(t *testing.T) {
	e := newEar()
	body, headers := sealed(hookKey, privateWords)
	plain := withToken(privateWords, hookToken)
	for name, send := range map[string]func() (int, string){
		"encrypted": func() (int, string) { return deliver(t, newHook(e, hookKey), body, headers...) },
		"plain":     func() (int, string) { return deliver(t, newHook(e, ""), plain) },
	} {
		e.failWith(errors.New("database away"))
		if code, _ := send(); code != 500 {
			t.Errorf("%s: %d although the sink failed", name, code)
		}
		e.failWith(nil)
		if code, answer := send(); code != 200 || answer != "{}" {
			t.Errorf("%s: %d %s", name, code, answer)
		}
		if code, _ := send(); code != 200 { // a replay: the sink knows the id
			t.Errorf("%s, again: %d", name, code)
		}
	}
	for _, event := range e.heard() {
		if event.ID != "om_1" || event.Text != "活动" {
			t.Errorf("%+v", event)
		}
	}
}

func TestWebhookRefuses(t *testing.T) {
	body, headers := sealed(hookKey, privateWords)
	other, otherHeaders := sealed("another key", privateWords)
	changed := append([]string(nil), headers...)
	changed[5] = strings.Repeat("0", 64)
	inner, innerHeaders := sealed(hookKey, `{"schema":"2.0","header":`)
	empty, emptyHeaders := sealed(hookKey, `{}`)
	nonsense := `{"encrypt":"AAAA"}`
	large := `{"encrypt":"` + strings.Repeat("A", maxBody) + `"}`
	bigUnsigned, _ := sealed(hookKey, withToken(privateWords, hookToken)+strings.Repeat(" ", maxUnsigned))
	cases := map[string]struct {
		key    string
		body   string
		header []string
		code   int
		count  string
	}{
		"forged signature":          {hookKey, body, changed, 401, "forged"},
		"no signature":              {hookKey, body, nil, 401, "forged"},
		"no signature, large":       {hookKey, bigUnsigned, nil, 401, "forged"},
		"another nonce":             {hookKey, body, []string{wire.TimestampHeader, "1795360000", wire.NonceHeader, "x", wire.SignatureHeader, headers[5]}, 401, "forged"},
		"another body":              {hookKey, body + " ", headers, 401, "forged"},
		"another key":               {hookKey, other, otherHeaders, 401, "forged"},
		"plain, with a key":         {hookKey, withToken(privateWords, hookToken), headers, 401, "forged"},
		"signed nonsense":           {hookKey, nonsense, signed(wire.NewKey(hookKey), nonsense), 401, "forged"},
		"malformed inside":          {hookKey, inner, innerHeaders, 400, "malformed"},
		"nothing inside":            {hookKey, empty, emptyHeaders, 400, "malformed"},
		"no JSON":                   {hookKey, "x", headers, 400, "malformed"},
		"too large":                 {hookKey, large, headers, 413, "too_large"},
		"wrong token":               {"", withToken(privateWords, "wrong"), nil, 401, "forged"},
		"empty token":               {"", withToken(privateWords, ""), nil, 401, "forged"},
		"wrong token, old envelope": {"", `{"uuid":"u","token":"wrong","type":"event_callback","event":{"type":"im.chat.disbanded_v1","chat_id":"oc_1"}}`, nil, 401, "forged"},
		"malformed event":           {"", withToken(v2(messageReceived, "e", `{}`), hookToken), nil, 400, "malformed"},
		"old card, unsigned":        {"", `{"open_id":"ou_lin","open_chat_id":"oc_1","token":"c-1","action":{"value":{"c":"x"}}}`, nil, 401, "forged"},
	}
	for name, c := range cases {
		e := newEar()
		code, answer := deliver(t, newHook(e, c.key), c.body, c.header...)
		if code != c.code || e.counted(c.count) != 1 || len(e.heard()) != 0 {
			t.Errorf("%s: %d %s, counts %v, %d events", name, code, answer, e.counts, len(e.heard()))
		}
		if all := answer + e.log.String(); strings.Contains(all, hookKey) || strings.Contains(all, hookToken) || strings.Contains(all, "活动") {
			t.Errorf("%s: a secret or a message in %s", name, all)
		}
	}
}

func TestWebhookMethodsAndTypes(t *testing.T) {
	e := newEar()
	h := newHook(e, "")
	for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodDelete} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(method, "/feishu/main", strings.NewReader(withToken(privateWords, hookToken))))
		if w.Code != 405 || w.Header().Get("Allow") != "POST" {
			t.Errorf("%s: %d", method, w.Code)
		}
	}
	for _, kind := range []string{"", "text/plain", "application/x-www-form-urlencoded"} {
		if code, _ := deliver(t, h, withToken(privateWords, hookToken), "Content-Type", kind); code != 415 {
			t.Errorf("%q: %d", kind, code)
		}
	}
	if len(e.heard()) != 0 {
		t.Error("heard")
	}
}

func TestWebhookUnknownEvents(t *testing.T) {
	e := newEar()
	if code, body := deliver(t, newHook(e, ""), withToken(v2("no.such.event_v1", "e", `{}`), hookToken)); code != 200 || body != "{}" || e.counted("unknown_event") != 1 {
		t.Errorf("%d %s %v", code, body, e.counts)
	}
	if code, body := deliver(t, newHook(e, ""), withToken(v2(cardAction, "e", `{"operator":{"open_id":"ou_lin"},"action":{"value":{"act":1}}}`), hookToken)); code != 200 || body != "{}" || e.counted("strange_click") != 1 {
		t.Errorf("%d %s %v", code, body, e.counts)
	}
}

// A click is answered in its own response: over a real connection, with what Send gives while the request is open.
func TestWebhookClick(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEar()
		taken := make(chan bool, 1)
		e.hook = func(event bot.Event) {
			go func() { taken <- e.clicks.answer(event.Ref.Token, bot.Say("名额已满"), event.Direct) }()
		}
		client := &http.Client{Transport: serve(t, newHook(e, "")).transport()}
		resp, err := client.Post("http://"+pipesAddr.String(), "application/json", strings.NewReader(withToken(clicked("c1", "oc_1", "报名 H1"), hookToken)))
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != 200 || string(body) != `{"toast":{"type":"info","content":"名额已满"}}` ||
			!strings.HasPrefix(resp.Header.Get("Content-Type"), "application/json") {
			t.Errorf("%d %s, %v", resp.StatusCode, body, err)
		}
		if !<-taken {
			t.Error("the answer was not taken")
		}
	})
}

// A click that nobody answers is held open for its time, and no longer.
func TestWebhookClickUnanswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		code, body := deliver(t, newHook(newEar(), ""), withToken(clicked("c1", "oc_1", "报名 H1"), hookToken))
		if took := time.Since(began); code != 200 || body != "{}" || took != clickTime {
			t.Errorf("%d %s after %v", code, body, took)
		}
	})
}

// When the client hangs up, the waiting ends, and what the bot has to say is still to be sent.
func TestWebhookClickHangsUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEar()
		ctx, cancel := context.WithCancel(t.Context())
		e.hook = func(bot.Event) { cancel() }
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(withToken(clicked("c1", "oc_1", "报名 H1"), hookToken))).WithContext(ctx)
		r.Header.Set("Content-Type", "application/json")
		began := time.Now()
		newHook(e, "").ServeHTTP(httptest.NewRecorder(), r)
		if took := time.Since(began); took != 0 {
			t.Errorf("held for %v", took)
		}
		if e.clicks.answer(e.heard()[0].Ref.Token, bot.Say("好"), false) {
			t.Error("answered into nothing")
		}
	})
}

func TestWebhookOldCard(t *testing.T) {
	e := newEar()
	e.hook = func(event bot.Event) { go e.clicks.answer(event.Ref.Token, bot.Say("好"), false) }
	body := `{"open_id":"ou_lin","open_chat_id":"oc_1","token":"c-1","action":{"value":{"c":"报名 H1"}}}`
	code, answer := deliver(t, newHook(e, ""), body, wire.TimestampHeader, "1795360000", wire.NonceHeader, "n",
		wire.SignatureHeader, wire.SignCard(hookToken, "1795360000", "n", []byte(body)))
	if got := e.heard(); code != 200 || answer == "{}" || len(got) != 1 || got[0].Text != "报名 H1" || got[0].ID != "c-1" {
		t.Errorf("%d %s, %+v", code, answer, got)
	}
}

// A hanging sink is cut off, so that the platform gets an answer and delivers again.
func TestWebhookSinkDeadline(t *testing.T) {
	e := newEar()
	e.inbound.sink = func(ctx context.Context, _ bot.Event) error {
		end, ok := ctx.Deadline()
		if left := time.Until(end); !ok || left > sinkTime || left < sinkTime-time.Second {
			t.Errorf("%v are left", left)
		}
		return context.DeadlineExceeded
	}
	if code, _ := deliver(t, newHook(e, ""), withToken(privateWords, hookToken)); code != 500 {
		t.Errorf("%d", code)
	}
}

func TestEncryptedIn(t *testing.T) {
	for in, want := range map[string]string{
		`{"encrypt":"AB+/=="}`:             "AB+/==",
		`{"encrypt":""}`:                   "",
		`{}`:                               "",
		` {"encrypt" : "AB" } `:            "AB",
		`{"encrypt":"AB\/\u002b"}`:         "AB/+",
		`{"encrypt":"AB","x":"y"}`:         "AB",
		`{"x":"y","encrypt":"AB"}`:         "AB",
		`{"encrypt":"AB","encrypt":"CD"}`:  "CD",
		`{"encrypt":"AB","x":{"z":"y"}}`:   "AB",
		`{"schema":"2.0","event":{"a":1}}`: "",
	} {
		if got, err := encryptedIn([]byte(in)); err != nil || got != want {
			t.Errorf("%s: %q, %v", in, got, err)
		}
	}
	for _, in := range []string{``, `{"encrypt":"}`, `{"encrypt":"AB"`, `{"encrypt":"AB"}}`, `{"encrypt":"AB\"}`, `{"encrypt":7}`, `["encrypt"]`} {
		if got, err := encryptedIn([]byte(in)); err == nil {
			t.Errorf("%s: %q", in, got)
		}
	}
}

// BenchmarkWebhook is what a message to the bot in a group costs up to the sink, when everybody is known.
func BenchmarkWebhook(b *testing.B) {
	a, err := New(Config{Account: "main", AppID: testAppID, AppSecret: testSecret, Mode: Webhook, EncryptKey: hookKey})
	if err != nil {
		b.Fatal(err)
	}
	a.self.openID = "ou_bot"
	a.names.keep("ou_lin", knownName{"林书记", time.Now().Add(time.Hour)})
	mux := http.NewServeMux()
	heard := 0
	a.Mount(mux, func(context.Context, bot.Event) error { heard++; return nil })
	body, headers := sealed(hookKey, saidJSON("om_1", "oc_1", "group", "text", `{"text":"@_user_1 报名 H27 3人"}`, atBot))
	w := httptest.NewRecorder()
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		r := httptest.NewRequest(http.MethodPost, "/feishu/main", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json; charset=utf-8")
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		w.Body.Reset()
		mux.ServeHTTP(w, r)
	}
	if heard != b.N || w.Code != 200 {
		b.Fatalf("%d of %d heard, %d", heard, b.N, w.Code)
	}
}
