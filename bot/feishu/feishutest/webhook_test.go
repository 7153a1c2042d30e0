package feishutest

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"lianbang/bot/feishu/wire"
)

// receiver is a webhook that checks what a webhook must, with the primitives of package wire.
type receiver struct {
	t      *testing.T
	key    *wire.Key
	status int
	answer string
	mu     sync.Mutex
	bodies [][]byte // decrypted
}

func (w *receiver) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil || len(body) == 1<<20 {
		http.Error(out, "too large", http.StatusRequestEntityTooLarge)
		return
	}
	plain, ok := w.open(r, body)
	if !ok {
		http.Error(out, "forged", http.StatusUnauthorized)
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.bodies = append(w.bodies, plain)
	var in struct{ Challenge string }
	if err := json.Unmarshal(plain, &in); err == nil && in.Challenge != "" {
		io.WriteString(out, compact(map[string]string{"challenge": in.Challenge}))
		return
	}
	out.WriteHeader(w.status)
	io.WriteString(out, w.answer)
}

func (w *receiver) open(r *http.Request, body []byte) ([]byte, bool) {
	var in struct{ Encrypt string }
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, false
	}
	plain := body
	if w.key != nil {
		var err error
		if plain, err = w.key.Decrypt(in.Encrypt); err != nil {
			return nil, false
		}
	}
	var e struct {
		Token, Type string
		Header      struct{ Token string }
	}
	if err := json.Unmarshal(plain, &e); err != nil || e.Token != "vt" && e.Header.Token != "vt" {
		return nil, false
	}
	want := w.key == nil || e.Type == "url_verification" ||
		wire.Same(w.key.Sign(r.Header.Get(wire.TimestampHeader), r.Header.Get(wire.NonceHeader), body), r.Header.Get(wire.SignatureHeader))
	return plain, want
}

func receiving(t *testing.T, o Options) (*rig, *receiver) {
	t.Helper()
	w := &receiver{t: t, status: 200}
	if o.EncryptKey != "" {
		w.key = wire.NewKey(o.EncryptKey)
	}
	server := httptest.NewServer(w)
	t.Cleanup(server.Close)
	o.Webhook, o.VerificationToken = server.URL, "vt"
	return open(t, o), w
}

func TestWebhook(t *testing.T) {
	for name, o := range map[string]Options{"signed": {EncryptKey: "test key"}, "plain": {}, "version 1": {EncryptKey: "test key", OldEnvelope: true}} {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			r, w := receiving(t, o)
			if err := r.Challenge(t.Context()); err != nil {
				t.Errorf("challenge: %v", err)
			}
			out := r.wang.Tell(t.Context(), "在吗")
			if !out.Acked || out.Code != 200 {
				t.Fatalf("outcome: %+v", out)
			}
			body := string(w.bodies[1])
			if strings.Contains(body, `"schema":"2.0"`) == o.OldEnvelope || strings.Contains(body, `"uuid":"`+out.Event) != o.OldEnvelope || !strings.Contains(body, out.Event) {
				t.Errorf("body: %s", body)
			}
		})
	}
}

func TestForgeries(t *testing.T) {
	r, w := receiving(t, Options{EncryptKey: "test key"})
	for _, how := range Forgeries {
		if out := r.Forge(t.Context(), how, r.wang, "撤销 H1"); out.Acked || out.Code == 200 {
			t.Errorf("%s: accepted by a receiver that checks: %+v", how, out)
		}
	}
	if len(w.bodies) != 0 || len(r.Messages("")) != 0 || r.Waiting() != 0 {
		t.Errorf("%d came through, %d stored, %d wait", len(w.bodies), len(r.Messages("")), r.Waiting())
	}
}

func TestWebhookComesAgain(t *testing.T) {
	r, w := receiving(t, Options{EncryptKey: "test key"})
	w.status = 500
	if out := r.wang.Tell(t.Context(), "在吗"); out.Code != 500 || !errors.Is(out.Err, ErrAnswer) {
		t.Fatalf("outcome: %+v", out)
	}
	w.mu.Lock()
	w.status = 200
	w.mu.Unlock()
	r.Clock().Advance(15 * time.Second)
	await(t, "it is acknowledged", func() bool { return r.Waiting() == 0 })
	if string(w.bodies[0]) != string(w.bodies[1]) {
		t.Error("the second push differs")
	}
	r.SetWebhook("http://127.0.0.1:1")
	if out := r.wang.Tell(t.Context(), "在吗"); !errors.Is(out.Err, ErrNoConnection) {
		t.Errorf("nobody listens: %+v", out)
	}
}

func TestWebhookClick(t *testing.T) {
	r, w := receiving(t, Options{EncryptKey: "test key"})
	r.post("interactive", page(tap), "")
	w.answer = `{"toast":{"type":"info","content":"好"}}`
	if out := r.wang.Click(t.Context(), Tap{In: r.group, Label: "B"}); out.Answer == nil || out.Answer.Toast != "好" {
		t.Errorf("outcome: %+v", out)
	}
	w.answer = ""
	if out := r.wang.Click(t.Context(), Tap{In: r.group, Label: "B"}); out.Failure != 0 || out.Answer != nil {
		t.Errorf("an empty answer: %+v", out)
	}
	w.status = 502
	if out := r.wang.Click(t.Context(), Tap{In: r.group, Label: "B"}); out.Failure != 200671 {
		t.Errorf("not HTTP 200: %+v", out)
	}
}
