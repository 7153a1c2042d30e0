package feishu

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"lianbang/bot"
)

// TestVerdicts has every code of the documentation's tables, and what the lanes are to do about it.
func TestVerdicts(t *testing.T) {
	type want struct {
		verdict bot.Verdict
		gone    bool
		after   time.Duration
	}
	refused, retry, broken := want{verdict: bot.Refused}, want{verdict: bot.Retry}, want{verdict: bot.Misconfigured}
	gone := want{verdict: bot.Refused, gone: true}
	slow := want{verdict: bot.Throttled, after: time.Second}
	cases := map[int]want{
		// token and app
		99991661: retry, 99991663: retry, 99991664: retry, 99991668: retry, 99991671: retry, 99991677: retry,
		99991543: broken, 10003: broken, 10014: broken, 10015: broken, 99991662: broken, 99991673: broken,
		99991672: broken, 99991676: broken, 99991679: broken, 230006: broken,
		// pace
		99991400: slow, 230020: slow, 11232: slow, 230049: retry, 2200: retry,
		// chat
		230002: gone, 232009: gone, 230018: refused, 230027: refused, 230035: refused, 230075: refused,
		// person
		230013: refused, 230029: refused, 230034: refused, 230038: refused, 230053: refused,
		// message
		230001: refused, 230011: refused, 230110: refused, 230015: refused, 230017: refused, 230019: refused, 230022: refused,
		230028: refused, 230025: refused, 230031: refused, 230050: refused, 230054: refused, 230055: refused, 230071: refused,
		230072: refused, 230111: refused, 230099: refused, 99992354: refused, 99992361: refused,
		// custom bots
		9499: refused, 19001: refused, 19021: broken, 19022: broken, 19024: broken, 19036: refused,
	}
	for code := range rules {
		if _, ok := cases[code]; !ok {
			t.Errorf("no case for %d", code)
		}
	}
	for code, w := range cases {
		got := verdict(&apiError{Status: 400, Code: code}, 1)
		if (want{got.Verdict, got.Gone, got.After}) != w || got.Code != fmt.Sprint(code) {
			t.Errorf("%d: got %v gone %v after %v code %q, want %+v", code, got.Verdict, got.Gone, got.After, got.Code, w)
		}
	}
}

// TestCardVerdicts has every code that may stand inside a 230099, or alone for a card.
func TestCardVerdicts(t *testing.T) {
	codes := []int{100290, 11310, 200380, 200381, 200550, 200570, 200621, 200732, 200737, 200780, 200861, 200914, 200915,
		200310, 200750, 200770, 200810, 200860, 300090, 300301, 300302, 300305}
	if len(codes) != len(subRules) {
		t.Errorf("%d cases for %d codes", len(codes), len(subRules))
	}
	for _, sub := range codes {
		want := bot.Refused
		if sub == 200810 {
			want = bot.Retry
		}
		in := &apiError{Status: 400, Code: cardRefused, Sub: sub}
		if got := verdict(in, 1); got.Verdict != want || got.Code != fmt.Sprintf("230099/%d", sub) {
			t.Errorf("inside: %v %q", got, got.Code)
		}
		if got := verdict(&apiError{Status: 400, Code: sub}, 1); got.Verdict != want {
			t.Errorf("alone: %v", got)
		}
		if textHelps(in) != (want == bot.Refused) {
			t.Errorf("%d: text helps: %v", sub, textHelps(in))
		}
	}
}

func TestVerdictsByStatus(t *testing.T) {
	for _, c := range []struct {
		err     error
		attempt int
		want    bot.Verdict
		code    string
	}{
		{&apiError{Status: 429}, 1, bot.Throttled, "http429"},
		{&apiError{Status: 429, Code: 2200}, 1, bot.Throttled, "2200"},
		{&apiError{Status: 502}, 9, bot.Retry, "http502"},
		{&apiError{Status: 504}, 9, bot.Retry, "http504"},
		{&apiError{Status: 404}, 9, bot.Retry, "http404"},
		{&apiError{Status: 413}, 1, bot.Refused, "http413"},
		{&apiError{Status: 500, Code: 1234567}, 9, bot.Retry, "1234567"},
		{&apiError{Status: 400, Code: 1234567}, 3, bot.Retry, "1234567"},
		{&apiError{Status: 400, Code: 1234567}, 4, bot.Refused, "1234567"},
		{&apiError{Status: 400, Code: cardRefused, Sub: 999999}, 1, bot.Refused, "230099/999999"},
		{&transportError{cause: errors.New("connection reset")}, 1, bot.Retry, "network"},
		{&transportError{cause: context.DeadlineExceeded}, 1, bot.Retry, "timeout"},
		{fmt.Errorf("%w: data", errMalformed), 1, bot.Retry, "malformed"},
	} {
		got := verdict(c.err, c.attempt)
		if got.Verdict != c.want || got.Code != c.code {
			t.Errorf("%v at attempt %d: %v %q, want %v %q", c.err, c.attempt, got.Verdict, got.Code, c.want, c.code)
		}
	}
}

// TestBackoff: the message service does not say how long to wait.
func TestBackoff(t *testing.T) {
	for n, want := range map[int]time.Duration{1: time.Second, 2: 2 * time.Second, 3: 4 * time.Second, 50: 4 * time.Second} {
		if got := verdict(&apiError{Status: 400, Code: chatLimited}, n).After; got != want {
			t.Errorf("attempt %d waits %v, want %v", n, got, want)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name, value string
		want        time.Duration
	}{
		{"x-ogw-ratelimit-reset", "7", 7 * time.Second},
		{"x-ogw-ratelimit-reset", "0.25", 250 * time.Millisecond},
		{"x-ogw-ratelimit-reset", " 1.0004 ", 1001 * time.Millisecond},
		{"Retry-After", "3.5", 3500 * time.Millisecond},
		{"Retry-After", "Sun, 22 Nov 2026 12:00:09 GMT", 9 * time.Second},
		{"Retry-After", "Sun, 22 Nov 2026 11:00:09 GMT", 0},
		{"Retry-After", "1e300", longestWait},
		{"Retry-After", "86400", longestWait},
		{"Retry-After", "-1", 0},
		{"Retry-After", "Inf", 0},
		{"Retry-After", "NaN", 0},
		{"Retry-After", "soon", 0},
		{"X-Other", "5", 0},
	} {
		if got := retryAfter(http.Header{http.CanonicalHeaderKey(c.name): {c.value}}, now); got != c.want {
			t.Errorf("%s: %s gives %v, want %v", c.name, c.value, got, c.want)
		}
	}
	both := http.Header{"X-Ogw-Ratelimit-Reset": {"2"}, "Retry-After": {"60"}}
	if got := retryAfter(both, now); got != 2*time.Second {
		t.Errorf("both headers give %v", got)
	}
}

// TestReadError: what is kept of an answer, and what is not.
func TestReadError(t *testing.T) {
	read := func(code int, msg, detail string) *apiError {
		e := &apiError{Status: 400, Code: code}
		e.read(envelope{Msg: msg, Error: json.RawMessage(detail)})
		return e
	}
	e := read(cardRefused, "Failed to create card content, ext=ErrCode: 11310; ErrMsg: card table number over limit; ErrorValue: 张三的电话;", `{"log_id":"L1"}`)
	if e.Sub != 11310 || e.Locked || e.LogID != "L1" || e.Error() != "HTTP 400, code 230099/11310 (too many elements or tables), log id L1" {
		t.Errorf("%+v: %v", e, e)
	}
	if e = read(cardRefused, "ErrCode: 11310; ErrMsg: card action is lock;", `null`); !e.Locked || verdict(e, 1).Verdict != bot.Retry || textHelps(e) {
		t.Errorf("a card in use: %+v", e)
	}
	if e = read(99991672, "Access denied. One of the following scopes is required: [im:message:send_as_bot, im:message].应用尚未开通权限", `"x"`); fmt.Sprint(e.Scopes) != "[im:message:send_as_bot im:message]" {
		t.Errorf("scopes of the message: %v", e.Scopes)
	}
	if e = read(99991679, "no: https://open.feishu.cn/app/cli_a/auth?q=im:chat:read", `{"permission_violations":[{"subject":"im:chat:read"},{"subject":"im:chat:read"}]}`); fmt.Sprint(e.Scopes) != "[im:chat:read]" {
		t.Errorf("scopes of the detail: %v", e.Scopes)
	}
	if e = read(230001, "im:message:x invalid content 绝密", `[1]`); len(e.Scopes) != 0 || e.Error() != "HTTP 400, code 230001 (invalid parameter)" {
		t.Errorf("%v", e)
	}
}
