package scheduler

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"lianbang/bot"
)

var t0 = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

func half() float64 { return 0.5 }

func TestAfter(t *testing.T) {
	broken := errors.New("connection reset")
	send := func(v bot.Verdict, after time.Duration) error {
		return fmt.Errorf("send: %w", &bot.SendError{Verdict: v, After: after, Code: "45009", Err: broken})
	}
	gone := &bot.SendError{Verdict: bot.Refused, Gone: true, Code: "86008", Err: broken}
	for _, c := range []struct {
		name    string
		urgency bot.Urgency
		attempt int
		expires time.Duration
		err     error
		want    bot.Settlement
	}{
		{"sent", bot.Answer, 1, 0, nil, bot.Settlement{Fate: bot.Delivered}},
		{"sent though late", bot.Answer, 1, -time.Second, nil, bot.Settlement{Fate: bot.Delivered}},
		{"first failure", bot.Answer, 1, 0, broken,
			bot.Settlement{Fate: bot.Postponed, NotBefore: t0.Add(375 * time.Millisecond), Error: "other: connection reset"}},
		{"third failure", bot.Answer, 3, 0, broken,
			bot.Settlement{Fate: bot.Postponed, NotBefore: t0.Add(1500 * time.Millisecond), Error: "other: connection reset"}},
		{"twentieth failure", bot.Answer, 20, 0, broken,
			bot.Settlement{Fate: bot.Postponed, NotBefore: t0.Add(90 * time.Second), Error: "other: connection reset"}},
		{"last failure", bot.Answer, 30, 0, broken, bot.Settlement{Fate: bot.Dead, Error: "other: connection reset"}},
		{"digests take their time", bot.Digest, 1, 0, broken,
			bot.Settlement{Fate: bot.Postponed, NotBefore: t0.Add(7500 * time.Millisecond), Error: "other: connection reset"}},
		{"nothing after the expiry", bot.Remind, 1, time.Second, broken,
			bot.Settlement{Fate: bot.Expired, Error: "other: connection reset"}},
		{"throttled", bot.Answer, 1, 0, send(bot.Throttled, 10*time.Second),
			bot.Settlement{Fate: bot.Postponed, NotBefore: t0.Add(10500 * time.Millisecond), LaneUntil: t0.Add(10500 * time.Millisecond), Error: "45009: connection reset"}},
		{"throttled without a time", bot.Answer, 1, 0, send(bot.Throttled, 0),
			bot.Settlement{Fate: bot.Postponed, NotBefore: t0.Add(1050 * time.Millisecond), LaneUntil: t0.Add(1050 * time.Millisecond), Error: "45009: connection reset"}},
		{"throttled beyond the expiry: the lane is silent all the same", bot.Remind, 1, 5 * time.Second, send(bot.Throttled, 10*time.Second),
			bot.Settlement{Fate: bot.Expired, LaneUntil: t0.Add(10500 * time.Millisecond), Error: "45009: connection reset"}},
		{"throttling kills nobody", bot.Answer, 500, 0, send(bot.Throttled, 10*time.Second),
			bot.Settlement{Fate: bot.Postponed, NotBefore: t0.Add(10500 * time.Millisecond), LaneUntil: t0.Add(10500 * time.Millisecond), Error: "45009: connection reset"}},
		{"refused", bot.Answer, 1, 0, send(bot.Refused, 0), bot.Settlement{Fate: bot.Dead, Error: "45009: connection reset"}},
		{"chat gone", bot.Answer, 1, 0, gone, bot.Settlement{Fate: bot.Dead, Gone: true, Error: "86008: connection reset"}},
		{"misconfigured", bot.Answer, 70, 0, send(bot.Misconfigured, 0),
			bot.Settlement{Fate: bot.Postponed, NotBefore: t0.Add(mendWait), Error: "45009: connection reset"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := bot.Delivery{ID: 7, Urgency: c.urgency, Attempt: c.attempt, Body: bot.Say("秘密")}
			if c.expires != 0 {
				d.Expires = t0.Add(c.expires)
			}
			c.want.Delivery, c.want.At = 7, t0
			if got := After(d, c.err, t0, half); got != c.want {
				t.Errorf("got  %+v\nwant %+v", got, c.want)
			}
		})
	}
}

func TestAfterProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := bot.Delivery{
			ID: 1, Urgency: bot.Urgency(rapid.IntRange(0, 2).Draw(t, "urgency")), Attempt: rapid.IntRange(1, 200).Draw(t, "attempt"),
		}
		if rapid.Bool().Draw(t, "perishable") {
			d.Expires = t0.Add(time.Duration(rapid.Int64Range(-int64(time.Hour), int64(24*time.Hour)).Draw(t, "expires")))
		}
		err := error(&bot.SendError{
			Verdict: bot.Verdict(rapid.IntRange(0, 3).Draw(t, "verdict")),
			After:   time.Duration(rapid.Int64Range(-int64(time.Hour), int64(48*time.Hour)).Draw(t, "after")),
			Code:    rapid.String().Draw(t, "code"), Err: errors.New(rapid.String().Draw(t, "cause")),
		})
		verdict := bot.AsSendError(err).Verdict
		rnd := func() float64 { return rapid.Float64Range(0, 0.999999).Draw(t, "rnd") }
		s := After(d, err, t0, rnd)
		p := patienceFor(d.Urgency)
		switch {
		case s.Delivery != 1 || !s.At.Equal(t0):
			t.Fatal("settles something else")
		case s.Fate == bot.Delivered:
			t.Fatal("a failure is no success")
		case s.Fate == bot.Postponed && !s.NotBefore.After(t0):
			t.Fatal("a retry must wait")
		case s.Fate != bot.Postponed && !s.NotBefore.IsZero():
			t.Fatal("what is over has no next attempt")
		case s.Fate == bot.Postponed && verdict != bot.Misconfigured && !d.Expires.IsZero() && !s.NotBefore.Before(d.Expires):
			t.Fatal("postponed beyond the expiry")
		case verdict == bot.Refused && s.Fate != bot.Dead:
			t.Fatal("a refusal is for ever")
		case verdict == bot.Throttled && s.LaneUntil.Before(t0.Add(bot.AsSendError(err).After)):
			t.Fatal("the lane speaks before the platform allows it")
		case verdict == bot.Retry && d.Attempt >= p.Attempts && s.Fate == bot.Postponed:
			t.Fatal("retried for ever")
		case verdict == bot.Retry && s.NotBefore.After(t0.Add(p.Most)):
			t.Fatal("waits longer than ever allowed")
		case len(s.Error) > longestCause || !utf8.ValidString(s.Error) || strings.ContainsAny(s.Error, "\n\r\x00"):
			t.Fatalf("unfit cause %q", s.Error)
		}
	})
}

func TestPatienceIsBounded(t *testing.T) {
	for u, most := range map[bot.Urgency]time.Duration{bot.Answer: time.Hour, bot.Remind: 6 * time.Hour, bot.Digest: 16 * time.Hour} {
		if age := patienceFor(u).age(); age > most || age < most/2 {
			t.Errorf("urgency %d is retried for %v, want at most %v", u, age, most)
		}
	}
}

func TestBackoffGrows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := patienceFor(bot.Urgency(rapid.IntRange(0, 2).Draw(t, "urgency")))
		n := rapid.IntRange(1, 1000).Draw(t, "n")
		if a, b := p.ceiling(n), p.ceiling(n+1); a > b || b > p.Most || a < p.First {
			t.Fatalf("after %d: %v, then %v", n, a, b)
		}
	})
}

func TestCauseKeepsSecretsOut(t *testing.T) {
	err := &url.Error{Op: "Post", URL: "https://example.org/send?key=SECRET", Err: errors.New("no route\nto host")}
	s := After(bot.Delivery{ID: 1, Attempt: 1, Body: bot.Say("放款480万元")}, err, t0, half)
	if s.Error != "other: no route to host" {
		t.Errorf("got %q", s.Error)
	}
	s = After(bot.Delivery{ID: 1, Attempt: 1}, errors.New(strings.Repeat("很", 500)), t0, half)
	if len(s.Error) > longestCause || !utf8.ValidString(s.Error) {
		t.Errorf("%d bytes", len(s.Error))
	}
}

func TestHidden(t *testing.T) {
	late := fmt.Errorf("send: %w", context.DeadlineExceeded)
	for _, c := range []struct {
		u     bot.Urgency
		err   error
		dedup bool
		want  bool
	}{
		{bot.Digest, late, false, true},
		{bot.Digest, context.Canceled, false, true},
		{bot.Digest, late, true, false},
		{bot.Answer, late, false, false},
		{bot.Digest, errors.New("x"), false, false},
		{bot.Digest, nil, false, false},
	} {
		if got := hidden(bot.Delivery{Urgency: c.u}, c.err, bot.Caps{Dedup: c.dedup}); got != c.want {
			t.Errorf("%+v: got %v", c, got)
		}
	}
}
