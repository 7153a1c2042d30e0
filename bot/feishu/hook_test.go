package feishu

import (
	"strings"
	"testing"
	"time"

	"lianbang/bot"
)

// TestHookSign has the vector that was computed by two independent implementations from the documentation's formula.
func TestHookSign(t *testing.T) {
	if got := hookSign("1599360473", "demo"); got != "l1N0gAcBjdwBvGm1xMjOF0XSyaLRpR7tuO5dHfhAYc8=" {
		t.Errorf("got %s", got)
	}
}

func testHooks(t *testing.T, s *stub, secret string) *Hooks {
	t.Helper()
	h, err := NewHooks(HookConfig{Account: "hook", Now: func() time.Time { return time.Unix(1599360473, 0) },
		Hooks: []Hook{{Chat: "前台群", URL: s.URL + hookPath + "tok", Secret: secret}}})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

var frontDesk = bot.Address{Platform: Platform, Account: "hook", Chat: "前台群"}

func TestHookSends(t *testing.T) {
	for _, success := range []string{
		`{"code":0,"msg":"success","data":{},"StatusCode":0,"StatusMessage":"success","Extra":null}`,
		`{"Extra":null,"StatusCode":0,"StatusMessage":"success"}`,
		`{"code":0,"msg":"success","data":{}}`,
	} {
		s := newStub(t, func(seen) answer { return answer{body: success} })
		h := testHooks(t, s, "demo")
		for _, r := range bot.Fit(cardReply(), h.Caps()) {
			if _, err := h.Send(t.Context(), saying(frontDesk, r)); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := testHooks(t, s, "").Send(t.Context(), saying(frontDesk, bot.Say("好"))); err != nil {
			t.Fatal(err)
		}
		r := s.requests()
		if r[0].path != hookPath+"tok" || r[0].str("timestamp") != "1599360473" || r[0].str("sign") != "l1N0gAcBjdwBvGm1xMjOF0XSyaLRpR7tuO5dHfhAYc8=" || r[0].str("msg_type") != "interactive" || r[0].body["card"] == nil || r[0].token != "" {
			t.Errorf("signed card: %s", r[0].raw)
		}
		if r[1].body["sign"] != nil || r[1].str("msg_type") != "text" {
			t.Errorf("unsigned text: %s", r[1].raw)
		}
	}
}

func TestHookRefusals(t *testing.T) {
	for n, want := range map[int]bot.Verdict{9499: bot.Refused, 19001: bot.Refused, 19021: bot.Throttled, 19022: bot.Throttled, 19024: bot.Throttled, 11232: bot.Throttled} {
		a := refusing(n, "no")
		a.status = 200 // as custom bots do
		fails(t, testHooks(t, newStub(t, func(seen) answer { return a }), ""), saying(frontDesk, bot.Say("好")), want, (&apiError{Code: n}).label())
	}
	a := refusing(19024, "no")
	a.status = 200
	if _, err := testHooks(t, newStub(t, func(seen) answer { return a }), "").Send(t.Context(), saying(frontDesk, bot.Say("好"))); bot.AsSendError(err).After != mendPause {
		t.Errorf("a keyword is missing: %v, again after %v", err, bot.AsSendError(err).After)
	}
	h := testHooks(t, newStub(t, nil), "")
	fails(t, h, saying(toGroup, bot.Say("好")), bot.Refused, "address")
	fails(t, h, saying(toPerson, bot.Say("好")), bot.Refused, "address")
	fails(t, h, saying(frontDesk, bot.Reply{}), bot.Refused, "empty")
	d := saying(frontDesk, cardReply())
	d.Update = "om_1"
	fails(t, h, d, bot.Refused, "update")
}

// TestHookCardRefused: what the bot will not show as a card is said as text.
func TestHookCardRefused(t *testing.T) {
	s := newStub(t, func(r seen) answer {
		if r.str("msg_type") == "interactive" {
			return answer{body: `{"code":9499,"msg":"Bad Request"}`}
		}
		return answer{}
	})
	h := testHooks(t, s, "")
	if _, err := h.Send(t.Context(), saying(frontDesk, bot.Fit(cardReply(), h.Caps())[0])); err != nil {
		t.Fatal(err)
	}
	if r := s.requests(); len(r) != 2 || !strings.Contains(string(r[1].raw), "已登记 H1 参观") {
		t.Errorf("%d requests", len(r))
	}
}

// TestHookSize: what Fit lets through is within the 20 KB of a request.
func TestHookSize(t *testing.T) {
	s := newStub(t, nil)
	h := testHooks(t, s, "demo")
	long := bot.Reply{Card: &bot.Card{Title: "周报", Sections: []bot.Section{{Lines: strings.Split(strings.Repeat("联合体活动\"安排\"如下。\n", 2000), "\n")}}}}
	for _, r := range bot.Fit(long, h.Caps()) {
		if _, err := h.Send(t.Context(), saying(frontDesk, r)); err != nil {
			t.Fatal(err)
		}
	}
	said := 0
	for _, r := range s.requests() {
		said += strings.Count(string(r.raw), "联合体活动")
		if len(r.raw) > 20_000 {
			t.Errorf("%d bytes", len(r.raw))
		}
	}
	if said != 2000 {
		t.Errorf("%d lines of 2000", said)
	}
}

// TestHookEscapes: a text that JSON makes longer than a request may be goes out in several, and so does one that the platform
// finds too large nevertheless.
func TestHookEscapes(t *testing.T) {
	refused := func(r seen) bool { return strings.Contains(string(r.raw), "大") && len(r.raw) > 5_000 }
	s := newStub(t, func(r seen) answer {
		if refused(r) {
			return answer{body: `{"code":19036,"msg":"too large"}`}
		}
		return answer{}
	})
	h := testHooks(t, s, "demo")
	for _, c := range []struct {
		text, each string
		times      int
	}{{strings.Repeat(`"`, 15_000), `"`, 15_000}, {strings.Repeat("大\n", 2_000), "大", 2_000}} {
		before := len(s.requests())
		for _, r := range bot.Fit(bot.Say(c.text), h.Caps()) {
			if _, err := h.Send(t.Context(), saying(frontDesk, r)); err != nil {
				t.Fatal(err)
			}
		}
		said := 0
		for _, r := range s.requests()[before:] {
			content, _ := r.body["content"].(map[string]any)
			text, _ := content["text"].(string)
			if len(r.raw) > 20_000 {
				t.Errorf("%d bytes", len(r.raw))
			}
			if !refused(r) {
				said += strings.Count(text, c.each)
			}
		}
		if said != c.times {
			t.Errorf("%d of %d were said in %d requests", said, c.times, len(s.requests())-before)
		}
	}
}

func TestHookConfig(t *testing.T) {
	good := "https://open.feishu.cn" + hookPath + "t"
	for name, c := range map[string]struct {
		hooks []Hook
		want  string
	}{
		"none":         {nil, "hooks"},
		"no chat":      {[]Hook{{URL: good}}, "chat 没有填"},
		"twice":        {[]Hook{{Chat: "a", URL: good}, {Chat: "a", URL: good}}, "第 2 项"},
		"plain http":   {[]Hook{{Chat: "a", URL: "http://open.feishu.cn" + hookPath + "t"}}, "https"},
		"another path": {[]Hook{{Chat: "a", URL: "https://open.feishu.cn/x"}}, "形如"},
		"no token":     {[]Hook{{Chat: "a", URL: "https://open.feishu.cn" + hookPath}}, "形如"},
		"a query":      {[]Hook{{Chat: "a", URL: good + "?x=1"}}, "参数"},
		"no address":   {[]Hook{{Chat: "a", URL: "tok"}}, "url"},
	} {
		if _, err := NewHooks(HookConfig{Account: "x", Hooks: c.hooks}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}
