package feishu

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"lianbang/bot"
)

func TestCallDecodesData(t *testing.T) {
	s := newStub(t, func(r seen) answer {
		switch r.path {
		case "/odd": // success is the code, whatever the status is
			return answer{status: 400, body: `{"code":0,"data":{"n":7}}`}
		case "/none":
			return answer{body: `{"code":0}`}
		}
		return answer{body: `{"code":0,"data":[]}`}
	})
	a, _ := s.adapter(t)
	var got struct{ N int }
	if err := a.call(t.Context(), http.MethodGet, "/odd", map[string]string{"q": "a b&c"}, nil, &got); err != nil || got.N != 7 {
		t.Errorf("%+v, %v", got, err)
	}
	if q := s.requests()[0].query.Get("q"); q != "a b&c" {
		t.Errorf("query %q", q)
	}
	if err := a.call(t.Context(), http.MethodGet, "/none", nil, nil, nil); err != nil {
		t.Errorf("no data asked for: %v", err)
	}
	for _, path := range []string{"/none", "/list"} {
		if err := a.call(t.Context(), http.MethodGet, path, nil, nil, &got); !errors.Is(err, errMalformed) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// TestStrangeAnswers: what does not come from the platform is told apart, and none of it is believed.
func TestStrangeAnswers(t *testing.T) {
	html := map[string]string{"Content-Type": "text/html", "X-Tt-Logid": "LOG9"}
	for name, c := range map[string]struct {
		answer answer
		code   string
	}{
		"a gateway's page":       {answer{status: 504, body: "<html>", header: html}, "http504"},
		"JSON that says it not":  {answer{status: 200, body: `{"code":0}`, header: html}, "http200"},
		"no JSON that claims so": {answer{status: 200, body: `{"code":`}, "http200"},
		"no code":                {answer{status: 200, body: `{"hello":1}`}, "http200"},
		"code of another type":   {answer{status: 200, body: `{"code":"0"}`}, "http200"},
		"a redirect":             {answer{status: 302, body: "{}", header: map[string]string{"Location": "/elsewhere"}}, "http302"},
		"no message":             {answer{status: 200, body: `{"code":0}`}, "malformed"},
		"endless":                {answer{status: 200, body: `{"code":0,"msg":"` + strings.Repeat("x", answerSize) + `"}`}, "network"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStub(t, func(seen) answer { return c.answer })
			a, _ := s.adapter(t)
			fails(t, a, saying(toGroup, bot.Say("好")), bot.Retry, c.code)
			if n := len(s.requests()); n != 1 {
				t.Errorf("%d requests: nothing is repeated", n)
			}
		})
	}
	a, _ := newStub(t, func(seen) answer { return answer{status: 502, body: "<html>", header: html} }).adapter(t)
	if err := a.call(t.Context(), http.MethodGet, "/", nil, nil, nil); asAPI(err).LogID != "LOG9" {
		t.Errorf("log id lost: %v", err)
	}
}

func TestNoAnswer(t *testing.T) {
	release := make(chan struct{})
	s := newStub(t, func(seen) answer { <-release; return answer{} })
	defer close(release)
	a, _ := s.adapter(t)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := a.Send(ctx, saying(toGroup, bot.Say("好")))
	if se := bot.AsSendError(err); se.Verdict != bot.Retry || se.Code != "timeout" || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
}

func TestProxy(t *testing.T) {
	transport, err := newClient("", nil, nil).http.Transport()
	if err != nil || transport.Proxy == nil {
		t.Fatalf("no proxy function: %v", err)
	}
}

// TestNoSecretInErrors: whatever goes wrong, neither errors nor logs hold the app's secret, its tokens, the address of a
// custom bot, or what was said.
func TestNoSecretInErrors(t *testing.T) {
	const hookToken, words = "h00k-t0ken-h00k", "绝密的话"
	dead := httptest.NewServer(nil)
	dead.Close()
	echo := func(r seen) answer { // a platform that repeats everything
		return answer{status: 400, body: fmt.Sprintf(`{"code":230001,"msg":%q}`, "ext="+string(r.raw)+r.token+r.path+testSecret)}
	}
	s := newStub(t, echo)
	a, log := s.adapter(t)
	b, deadLog := (&stub{Server: &httptest.Server{URL: dead.URL}}).adapter(t)
	hooks := func(base string) *Hooks {
		h, err := NewHooks(HookConfig{Account: "hook", Hooks: []Hook{{Chat: "g", URL: base + hookPath + hookToken, Secret: testSecret}}})
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	var texts []string
	for _, adapter := range []bot.Adapter{a, b, hooks(s.URL), hooks(dead.URL)} {
		to := toGroup
		if _, ok := adapter.(*Hooks); ok {
			to = bot.Address{Chat: "g"}
		}
		for _, r := range []bot.Reply{bot.Say(words), {Text: words, Card: cardReply().Card}, {Text: words, File: &bot.Attachment{Name: "a.txt", Data: []byte(words)}}} {
			_, err := adapter.Send(t.Context(), saying(to, r))
			if err == nil {
				t.Fatal("sent")
			}
			texts = append(texts, err.Error(), fmt.Sprintf("%+v", bot.AsSendError(err).Err))
		}
	}
	for _, f := range append(Examine(t.Context(), a.conf, toGroup), Examine(t.Context(), b.conf, toGroup)...) {
		texts = append(texts, f.Detail+f.Do)
	}
	_, err := New(Config{AppID: "id with space", AppSecret: testSecret + "\n" + hookToken, BaseURL: "https://user:" + testSecret + "@host/"})
	texts = append(texts, err.Error())
	_, err = NewHooks(HookConfig{Account: "x", Hooks: []Hook{{Chat: "g", URL: "ftp://host" + hookPath + hookToken}, {Chat: "h", URL: "://" + hookToken}}})
	texts = append(texts, err.Error())
	texts = append(texts, strings.Split(log.String()+deadLog.String(), "\n")...)
	for _, text := range texts {
		for _, secret := range []string{testSecret, hookToken, words, "t-1"} {
			if strings.Contains(text, secret) {
				t.Errorf("%q in %s", secret, text)
			}
		}
	}
}
