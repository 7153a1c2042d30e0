package wecom

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"lianbang/bot"
	"lianbang/bot/wecom/wire"
)

// Codes that something besides the verdict depends on.
const (
	codeLimited   = 45009
	codeCrowded   = 45033
	codeBadBot    = 93019
	codeUntrusted = 60020
	codeMediaGone = 40007
	codeTokenBad  = 40014
	codeTokenOld  = 42001
	codeTokenNone = 41001
	codeNobody    = 81013
	codeCardFirst = 42014 // one code for each field of a template card
	codeCardLast  = 42051
)

// unknownOutcome is bot.SendError.Code of what may have arrived.
const unknownOutcome = "unknown_outcome"

// meaning is what one code means and what may follow.
type meaning struct {
	verdict bot.Verdict
	gone    bool // the chat is gone
	unmet   bool // the person who was addressed cannot be written to this way
	closed  bool // nothing was delivered, and it is this way that is closed: another may be open
	means   string
}

// The patterns of meanings.
func again(means string) meaning  { return meaning{verdict: bot.Retry, means: means} }
func slower(means string) meaning { return meaning{verdict: bot.Throttled, means: means} }
func never(means string) meaning  { return meaning{verdict: bot.Refused, means: means} }
func shut(means string) meaning   { return meaning{verdict: bot.Refused, closed: true, means: means} }
func unmet(means string) meaning {
	return meaning{verdict: bot.Refused, closed: true, unmet: true, means: means}
}
func amiss(means string) meaning {
	return meaning{verdict: bot.Misconfigured, closed: true, means: means}
}

// meanings are the codes that are known (101463; 90313, the list of codes; 90245 and 90248; field reports for those of 8466xx),
// what they mean, and our judgement of what may follow. Nobody could check them against the live platform. A code that is
// not here is final for the message, which never loops.
var meanings = map[int]meaning{
	-1:          again("system busy"),
	6000:        again("data conflict"),
	codeLimited: slower("too frequent"),
	codeCrowded: slower("too many at once"),

	// The long connection.
	wire.CodeCredentials:   amiss("wrong bot id or secret"),
	wire.CodeRequestGone:   shut("req_id too old, or of another kind"),
	846607:                 shut("not found"),
	wire.CodeStreamExpired: shut("the stream can no longer be updated"),
	wire.CodeNotSubscribed: again("the connection is no longer the subscribed one"),
	846601:                 again("transient, by a field report"),
	846602:                 again("transient, by a field report"),
	93001:                  shut("not allowed to speak in this group"),
	93006:                  unmet("unknown chat id, or nobody there has spoken to the bot yet"),
	93008:                  {verdict: bot.Refused, gone: true, closed: true, means: "the bot is not in the group"},
	93017:                  never("empty content"),
	93018:                  never("picture too large"),
	codeBadBot:             amiss("invalid bot id"),

	// The app: its credentials and rights.
	codeTokenBad:  again("access token invalid"),
	codeTokenOld:  again("access token expired"),
	codeTokenNone: again("access token missing"),
	40001:         amiss("wrong secret of the app"),
	40013:         amiss("wrong corp id"),
	40056:         amiss("invalid agent id"),
	codeUntrusted: amiss("this machine's address is not in the app's list of trusted ones"),
	48001:         amiss("the app may not use this interface"),
	48002:         amiss("the app may not use this interface"),
	301002:        amiss("the secret belongs to another agent id"),

	// The person.
	40003:      unmet("invalid user id"),
	60011:      unmet("outside the app's visible range"),
	60111:      unmet("unknown user id"),
	60123:      shut("unknown department"),
	codeNobody: unmet("everybody addressed is unknown or outside the visible range"),

	// The message.
	codeMediaGone: again("the file is no longer on the platform, and is uploaded again"),
	40008:         never("message type not allowed here"),
	40058:         never("invalid parameter"),
	44004:         never("empty content"),
	45002:         never("too long"),

	// Groups of the app.
	40050: shut("chat id missing or unknown"),
	86001: shut("illegal chat id"),
	86003: shut("unknown chat id"),
	86004: shut("illegal name of the group"),
	86005: shut("illegal owner of the group"),
	86006: shut("too many or too few members"),
	86007: shut("illegal member"),
	86008: shut("not a group of this app"),
	86101: shut("the group's state"),
	86201: shut("the group's state"), 86202: shut("the group's state"), 86203: shut("the group's state"),
	86204: shut("the group's state"), 86205: shut("the group's state"), 86206: shut("the group's state"),
	86207: shut("the group's state"), 86215: shut("the chat id exists already"), 86216: shut("the group's state"),
	86217: shut("the group's state"), 86220: shut("the group's state"),

	// Group webhooks.
	93000: shut("the webhook is invalid or was deleted"),
	93004: shut("the webhook was switched off"),
}

// meaningOf is what the code of a refusal says. known is false for a code that no document names.
func meaningOf(code int) (m meaning, known bool) {
	if m, known = meanings[code]; known {
		return m, true
	}
	if code >= codeCardFirst && code <= codeCardLast {
		return never("a field of the card"), true
	}
	return never("unknown code"), false
}

// How often, at most, what the platform calls transient is believed to be (90313).
const busyTries = 20

// verdict says what may follow a failed attempt, the n-th (from 1) of its delivery. It is pure.
func verdict(err error, n int) *bot.SendError {
	var (
		ready   *bot.SendError
		slow    *throttledError
		paused  *pausedError
		refusal *refusedError
		gateway *gatewayError
		lost    *transportError
	)
	switch {
	case errors.As(err, &ready):
		return ready
	case errors.As(err, &slow):
		return &bot.SendError{Verdict: bot.Throttled, After: slow.after, Code: "own_limit", Err: err}
	case errors.As(err, &paused):
		return &bot.SendError{Verdict: bot.Throttled, After: pausedWait, Code: "displaced", Err: err}
	case errors.Is(err, errUnknownOutcome):
		return &bot.SendError{Verdict: bot.Retry, Code: unknownOutcome, Err: err}
	case errors.As(err, &refusal):
		return refusal.verdict(err, n)
	case errors.As(err, &gateway):
		return gateway.verdict(n)
	case errors.As(err, &lost):
		return &bot.SendError{Verdict: bot.Retry, Code: "network", Err: err}
	case errors.Is(err, errAwayLong):
		return &bot.SendError{Verdict: bot.Throttled, After: awayWait, Code: "not_connected", Err: err}
	case errors.Is(err, errNotConnected):
		return &bot.SendError{Verdict: bot.Retry, Code: "not_connected", Err: err}
	case errors.Is(err, errAnswer):
		return &bot.SendError{Verdict: bot.Retry, Code: "malformed", Err: err}
	}
	return &bot.SendError{Verdict: bot.Retry, Code: "other", Err: err}
}

func (e *refusedError) verdict(err error, n int) *bot.SendError {
	r, _ := meaningOf(e.code)
	out := &bot.SendError{Verdict: r.verdict, Gone: r.gone, Code: strconv.Itoa(e.code), Err: fmt.Errorf("%w (%s)", err, r.means)}
	switch {
	case r.verdict == bot.Throttled:
		out.After = backoff(e.code, n)
	case r.verdict == bot.Retry && n > busyTries:
		out.Verdict = bot.Refused
	}
	return out
}

// gatewayTries are the attempts after which what a proxy says of a request counts as final.
const gatewayTries = 10

// verdict says what may follow the n-th attempt that something in between answered. What is too large stays so; what it finds
// wrong with the request it may find wrong for ever; what it forbids, does not find or sends elsewhere is nothing that the
// message can help, and may be mended; where it asks who we are, nothing passes before it is.
func (e *gatewayError) verdict(n int) *bot.SendError {
	out := &bot.SendError{Verdict: bot.Retry, Code: "http" + strconv.Itoa(e.status), Err: e}
	switch e.status {
	case http.StatusRequestEntityTooLarge, http.StatusRequestURITooLong, http.StatusRequestHeaderFieldsTooLarge:
		out.Verdict = bot.Refused
	case http.StatusTooManyRequests:
		out.Verdict, out.After = bot.Throttled, time.Minute
	case http.StatusUnauthorized, http.StatusProxyAuthRequired:
		out.Verdict, out.After = bot.Throttled, mendTime
	case http.StatusForbidden, http.StatusNotFound, http.StatusRequestTimeout, http.StatusGone, http.StatusMisdirectedRequest, http.StatusTooEarly,
		http.StatusUnavailableForLegalReasons:
	default:
		if e.status/100 == 4 && n > gatewayTries {
			out.Verdict = bot.Refused
		}
	}
	return out
}

// Between two looks whether the connection is there again.
const (
	pausedWait = time.Minute      // after somebody took it over
	awayWait   = 20 * time.Second // while it cannot be had
)

// backoff is the pause after a throttle: a minute for a limit by the minute, more when that was not it, as there is one by
// the hour too (101463); a few seconds for too many at once.
func backoff(code, n int) time.Duration {
	if code == codeCrowded {
		return 5 * time.Second
	}
	return time.Minute << min(max(n-1, 0), 3)
}

// isClosed reports whether nothing was delivered and this way is closed, so that another may be tried.
func isClosed(err error) bool {
	var paused *pausedError
	var lost *transportError
	var gateway *gatewayError
	switch {
	case err == nil || errors.Is(err, errUnknownOutcome):
		return false
	case errors.Is(err, errNotConnected), errors.Is(err, errCallGone), errors.As(err, &paused):
		return true
	case errors.As(err, &lost):
		return !lost.sent
	case errors.As(err, &gateway):
		return !gateway.passed()
	}
	code := codeOf(err)
	r, _ := meaningOf(code)
	return code != 0 && r.closed
}

// wordsHelp reports whether plain words may pass where this was refused: the card or the file was at fault, or may have been.
func wordsHelp(err error) bool {
	if gateway := (*gatewayError)(nil); errors.As(err, &gateway) && !errors.Is(err, errUnknownOutcome) {
		return gateway.status == http.StatusRequestEntityTooLarge
	}
	switch code := codeOf(err); {
	case code == 0 || errors.Is(err, errUnknownOutcome):
		return false
	case code == 40008, code == 40058, code == 45002, code == 93018, code >= codeCardFirst && code <= codeCardLast:
		return true
	default:
		_, known := meaningOf(code)
		return !known
	}
}

// tokenRefused reports whether another access token may help (90313).
func tokenRefused(err error) bool {
	switch codeOf(err) {
	case codeTokenBad, codeTokenOld, codeTokenNone:
		return true
	}
	return false
}
