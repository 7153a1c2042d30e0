package wecom

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"lianbang/bot"
)

// TestVerdicts goes through every code of the sheets: what follows, whether another way may be tried, whether words help.
func TestVerdicts(t *testing.T) {
	type want struct {
		verdict      bot.Verdict
		closed, gone bool
		words        bool
		after        time.Duration
	}
	retry := want{verdict: bot.Retry}
	final := want{verdict: bot.Refused}
	unfit := want{verdict: bot.Refused, words: true}
	shut := want{verdict: bot.Refused, closed: true}
	broken := want{verdict: bot.Misconfigured, closed: true}
	table := map[int]want{
		-1: retry, 6000: retry, 846609: retry, 846601: retry, 846602: retry,
		45009: {verdict: bot.Throttled, after: time.Minute}, 45033: {verdict: bot.Throttled, after: 5 * time.Second},
		853000: broken, 93019: broken, 40001: broken, 40013: broken, 40056: broken, 60020: broken, 48001: broken, 48002: broken, 301002: broken,
		846605: shut, 846607: shut, 846608: shut, 93001: shut, 93006: shut, 93000: shut, 93004: shut,
		93008: {verdict: bot.Refused, closed: true, gone: true},
		40014: retry, 42001: retry, 41001: retry, 40007: retry,
		40003: shut, 60011: shut, 60111: shut, 60123: shut, 81013: shut,
		40008: unfit, 40058: unfit, 45002: unfit, 93018: unfit, 44004: final, 93017: final,
		40050: shut, 86001: shut, 86003: shut, 86004: shut, 86005: shut, 86006: shut, 86007: shut, 86008: shut, 86101: shut, 86220: shut,
		86215: shut, 86216: shut, 86217: shut,
		42013: unfit, 42052: unfit, 999999: unfit, // no document names them
	}
	for code := 42014; code <= 42051; code++ {
		table[code] = unfit
	}
	for code := 86201; code <= 86207; code++ {
		table[code] = shut
	}
	for code, w := range table {
		err := fmt.Errorf("call: %w", &refusedError{code: code, msg: "m"})
		v := verdict(err, 1)
		if v.Verdict != w.verdict || v.Gone != w.gone || v.After != w.after || v.Code != fmt.Sprint(code) || !errors.Is(v.Err, err) {
			t.Errorf("%d: %+v", code, v)
		}
		if got := isClosed(err); got != w.closed {
			t.Errorf("%d: closed %v", code, got)
		}
		if got := wordsHelp(err); got != w.words {
			t.Errorf("%d: words help %v", code, got)
		}
	}
	for code := range meanings {
		if _, tested := table[code]; !tested {
			t.Errorf("%d is not in this table", code)
		}
	}
}

func TestVerdictsWithoutACode(t *testing.T) {
	cut := &unknownError{cause: errUnknownOutcome}
	for _, c := range []struct {
		name    string
		err     error
		verdict bot.Verdict
		code    string
		closed  bool
		hidden  bool // counts as cut off, so that a digest is not repeated
	}{
		{"unknown", cut, bot.Retry, "unknown_outcome", false, true},
		{"unknown over HTTP", outcome(&transportError{cause: context.DeadlineExceeded, sent: true}), bot.Retry, "unknown_outcome", false, true},
		{"not dialled", outcome(&transportError{cause: errors.New("refused")}), bot.Retry, "network", true, false},
		{"no connection", errNotConnected, bot.Retry, "not_connected", true, false},
		{"no connection for a while", errAwayLong, bot.Throttled, "not_connected", true, false},
		{"no turn", outcome(context.DeadlineExceeded), bot.Retry, "network", true, false},
		{"overdue", outcome(errUnknownOutcome), bot.Retry, "unknown_outcome", false, true},
		{"displaced", &pausedError{until: time.Now()}, bot.Throttled, "displaced", true, false},
		{"own clock", &throttledError{after: time.Second}, bot.Throttled, "own_limit", false, false},
		{"gateway behind a message", outcome(&gatewayError{status: 502}), bot.Retry, "unknown_outcome", false, true},
		{"page instead of an answer", outcome(&gatewayError{status: 200}), bot.Retry, "unknown_outcome", false, true},
		{"gateway before a message", unsent(&gatewayError{status: 502}), bot.Retry, "http502", true, false},
		{"page before a message", outcome(unsent(&gatewayError{status: 200})), bot.Retry, "http200", true, false},
		{"upload too large", unsent(&gatewayError{status: 413}), bot.Refused, "http413", true, false},
		{"sent elsewhere", outcome(&gatewayError{status: 302}), bot.Retry, "http302", true, false},
		{"forbidden", outcome(&gatewayError{status: 403}), bot.Retry, "http403", true, false},
		{"not found", outcome(&gatewayError{status: 404}), bot.Retry, "http404", true, false},
		{"who are you", outcome(&gatewayError{status: 407}), bot.Throttled, "http407", true, false},
		{"too large", outcome(&gatewayError{status: 413}), bot.Refused, "http413", true, false},
		{"too many", outcome(&gatewayError{status: 429}), bot.Throttled, "http429", true, false},
		{"unknown and refused", outcome(&unknownError{cause: &gatewayError{status: 413}}), bot.Retry, "unknown_outcome", false, true},
		{"answer", errAnswer, bot.Retry, "malformed", false, false},
		{"before", unsent(&transportError{cause: context.DeadlineExceeded, sent: true}), bot.Retry, "network", true, false},
		{"upload cut off", unsent(errUnknownOutcome), bot.Retry, "network", true, false},
		{"upload refused", unsent(&refusedError{code: 40058}), bot.Refused, "40058", false, false},
		{"spent", &spentError{cause: &refusedError{code: 60140}}, bot.Retry, "other", true, false},
		{"other", errors.New("x"), bot.Retry, "other", false, false},
	} {
		v := verdict(c.err, 1)
		if v.Verdict != c.verdict || v.Code != c.code || isClosed(c.err) != c.closed || errors.Is(v, context.DeadlineExceeded) != c.hidden {
			t.Errorf("%s: %v, closed %v, hidden %v", c.name, v, isClosed(c.err), errors.Is(v, context.DeadlineExceeded))
		}
	}
}

// TestGatewayIsBelievedAtLast: what a proxy finds wrong with a request is tried a few times, what somebody may mend for
// longer; words help where something is too large.
func TestGatewayIsBelievedAtLast(t *testing.T) {
	for status, want := range map[int]bot.Verdict{400: bot.Refused, 405: bot.Refused, 422: bot.Refused, 431: bot.Refused, 413: bot.Refused,
		302: bot.Retry, 403: bot.Retry, 404: bot.Retry, 451: bot.Retry, 502: bot.Retry, 429: bot.Throttled, 401: bot.Throttled} {
		err := &gatewayError{status: status}
		if v := verdict(err, gatewayTries+1); v.Verdict != want || v.Verdict == bot.Throttled && v.After < time.Minute {
			t.Errorf("%d at last: %+v", status, v)
		}
		if v := verdict(err, 1); status < 410 && v.Verdict == bot.Refused {
			t.Errorf("%d at first: %+v", status, v)
		}
		if wordsHelp(err) != (status == 413) || wordsHelp(&unknownError{cause: err}) {
			t.Errorf("%d: words help %v", status, wordsHelp(err))
		}
	}
}

func TestBackoffGrows(t *testing.T) {
	for n, want := range map[int]time.Duration{1: time.Minute, 2: 2 * time.Minute, 4: 8 * time.Minute, 40: 8 * time.Minute} {
		if got := verdict(&refusedError{code: 45009}, n).After; got != want {
			t.Errorf("attempt %d waits %s", n, got)
		}
	}
	if v := verdict(&refusedError{code: -1}, busyTries+1).Verdict; v != bot.Refused {
		t.Errorf("busy for ever: %s", v)
	}
}

// TestJudgeAnswer: success is errcode 0, whatever the status; the caller's address is kept out of what is logged.
func TestJudgeAnswer(t *testing.T) {
	if data, err := judgeAnswer(200, []byte(`{"errcode":0,"errmsg":"ok","x":1}`)); err != nil || len(data) == 0 {
		t.Error(err)
	}
	_, err := judgeAnswer(200, []byte(`{"errcode":60020,"errmsg":"not allow to access from your ip, hint: [1], from ip: 203.0.113.9, more info at https://x"}`))
	var untrusted *untrustedError
	if !errors.As(err, &untrusted) || untrusted.ip != "203.0.113.9" || strings.Contains(err.Error(), "203.0.113.9") || codeOf(err) != 60020 {
		t.Errorf("%v", err)
	}
	for _, body := range []string{"", "<html>", `[]`, `{}`, `{"errcode":"x"}`} {
		var gateway *gatewayError
		if _, err := judgeAnswer(502, []byte(body)); !errors.As(err, &gateway) || gateway.status != 502 {
			t.Errorf("%q: %v", body, err)
		}
	}
}
