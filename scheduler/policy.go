package scheduler

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"lianbang/bot"
)

// patience is how stubbornly a delivery of one urgency is retried.
type patience struct {
	First    time.Duration // before the second attempt
	Most     time.Duration // between any two attempts
	Attempts int           // after these it is dead
}

// patienceFor says how long each urgency is worth retrying: an answer for three quarters of an hour, during which it holds
// its lane; a reminder for some hours; a digest until tomorrow. What has an expiry also ends there.
func patienceFor(u bot.Urgency) patience {
	switch u {
	case bot.Answer:
		return patience{First: 500 * time.Millisecond, Most: 2 * time.Minute, Attempts: 30}
	case bot.Remind:
		return patience{First: 2 * time.Second, Most: 5 * time.Minute, Attempts: 60}
	default:
		return patience{First: 10 * time.Second, Most: 15 * time.Minute, Attempts: 60}
	}
}

// ceiling is the longest wait before the attempt that follows attempt n, counted from 1.
func (p patience) ceiling(n int) time.Duration {
	d := p.First
	for ; n > 1 && d < p.Most; n-- {
		d *= 2
	}
	return min(d, p.Most)
}

// age is the longest time between the first attempt and death, but for the attempts themselves.
func (p patience) age() time.Duration {
	var sum time.Duration
	for n := 1; n < p.Attempts; n++ {
		sum += p.ceiling(n)
	}
	return sum
}

const (
	leastThrottle = time.Second      // when the platform gives no time
	mendWait      = 30 * time.Second // for a delivery whose account was paused; the pause itself holds it longer
	longestCause  = 300              // bytes of Settlement.Error
)

// After decides what follows one attempt to send d, which ended at now with err. rnd gives numbers in [0, 1) and spreads
// retries of many lanes. It is pure.
//
//   - No error: sent.
//   - Throttled: the lane is silent for as long as the platform asked. A message never dies of throttling, it only expires.
//   - Refused: dead; an update of a card or an entry expires.
//   - Misconfigured: postponed; the caller also pauses the account.
//   - Anything else: retried with exponential back-off, dead after as many attempts as its urgency is worth.
//
// What could only be tried again at or after its expiry is expired at once.
func After(d bot.Delivery, err error, now time.Time, rnd func() float64) bot.Settlement {
	s := bot.Settlement{Delivery: d.ID, At: now}
	if err == nil {
		s.Fate = bot.Delivered
		return s
	}
	se := bot.AsSendError(err)
	s.Error = cause(se)
	switch se.Verdict {
	case bot.Refused:
		s.Fate, s.Gone = bot.Dead, se.Gone
		if d.Update != "" { // the card is too old or gone, and nothing was to be said
			s.Fate = bot.Expired
		}
		return s
	case bot.Misconfigured:
		s.Fate, s.NotBefore = bot.Postponed, now.Add(mendWait)
		return s
	case bot.Throttled:
		wait := max(se.After, leastThrottle)
		wait += time.Duration(rnd() * float64(min(wait/10, time.Second)))
		s.Fate, s.NotBefore, s.LaneUntil = bot.Postponed, now.Add(wait), now.Add(wait)
	default:
		p := patienceFor(d.Urgency)
		if d.Attempt >= p.Attempts {
			s.Fate = bot.Dead
			return s
		}
		full := p.ceiling(d.Attempt)
		s.Fate, s.NotBefore = bot.Postponed, now.Add(full/2+time.Duration(rnd()*float64(full/2)))
	}
	if !d.Expires.IsZero() && !s.NotBefore.Before(d.Expires) {
		s.Fate, s.NotBefore = bot.Expired, time.Time{}
	}
	return s
}

// hidden reports whether it cannot be known if the attempt reached the chat and repeating it would be worse than asking an
// operator: a digest whose sending was cut off on a platform that does not deduplicate. Answers and reminders are repeated.
func hidden(d bot.Delivery, err error, c bot.Caps) bool {
	return d.Urgency == bot.Digest && doubtful(d, err, c)
}

// doubtful reports whether what was sent may have arrived all the same and would come twice if it were sent again.
func doubtful(d bot.Delivery, err error, c bot.Caps) bool {
	return d.Doubles(c) && (errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled))
}

// cause is the text that an operator sees: the platform's code and what went wrong, on one line, never an address that
// may carry a key.
func cause(se *bot.SendError) string {
	err := se.Err
	if ue := (*url.Error)(nil); errors.As(err, &ue) {
		err = ue.Err
	}
	text := se.Code
	if err != nil {
		text += ": " + err.Error()
	}
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == utf8.RuneError {
			return ' '
		}
		return r
	}, text)
	for len(text) > longestCause {
		_, n := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-n]
	}
	return text
}
