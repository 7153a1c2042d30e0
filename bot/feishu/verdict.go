package feishu

import (
	"context"
	"errors"
	"net/http"
	"time"

	"lianbang/bot"
)

// Codes that something besides the verdict depends on.
const (
	rateLimited   = 99991400 // by the gateway, which says for how long
	chatLimited   = 230020   // by the message service: a chat, a user or a message; it does not say for how long
	hookCongested = 11232    // custom bots
	hookTooLarge  = 19036    // custom bots
	tooLong       = 230025
	cardRefused   = 230099 // an envelope: the reason is a code of its own
	cardTooOld    = 230031
)

// unknownTries are the attempts after which a code that is not documented counts as final.
const unknownTries = 3

// rule is what one code means and what may follow.
type rule struct {
	verdict bot.Verdict
	gone    bool
	means   string
}

// rules are the documented codes (im-v1 message/create, reply and patch; generic error codes; auth-v3), what they mean, and
// our judgement of what may follow. Nobody could check them against the live platform. What is not here is judged by the
// HTTP status.
var rules = map[int]rule{
	// The token and the app.
	10003:    {bot.Misconfigured, false, "bad app id"},
	10014:    {bot.Misconfigured, false, "no such app, or wrong secret"},
	10015:    {bot.Misconfigured, false, "wrong secret"},
	99991543: {bot.Misconfigured, false, "wrong app id or secret"},
	99991661: {bot.Retry, false, "token missing"},
	99991662: {bot.Misconfigured, false, "app disabled or not installed"},
	99991663: {bot.Retry, false, "token invalid or expired"},
	99991664: {bot.Retry, false, "app token invalid"},
	99991668: {bot.Retry, false, "token of another kind"},
	99991671: {bot.Retry, false, "token malformed"},
	99991672: {bot.Misconfigured, false, "scope not enabled in a published version"},
	99991673: {bot.Misconfigured, false, "app disabled or not installed"},
	99991676: {bot.Misconfigured, false, "token lacks the scope"},
	99991677: {bot.Retry, false, "user token expired"},
	99991679: {bot.Misconfigured, false, "scope not granted"},
	230006:   {bot.Misconfigured, false, "bot ability is off"},

	// Pace and congestion.
	rateLimited:   {bot.Throttled, false, "rate limit of the gateway"},
	chatLimited:   {bot.Throttled, false, "rate limit of the chat, the user or the message"},
	hookCongested: {bot.Throttled, false, "congestion"},
	2200:          {bot.Retry, false, "internal error"},
	230049:        {bot.Retry, false, "message is being sent"},

	// The chat.
	230002: {bot.Refused, true, "bot not in the group"},
	232009: {bot.Refused, true, "group dissolved"},
	230018: {bot.Refused, false, "group forbids speaking"},
	230027: {bot.Refused, false, "no permission"},
	230035: {bot.Refused, false, "muted or blocked"},
	230075: {bot.Refused, false, "secret chat"},

	// The person.
	230013: {bot.Refused, false, "user outside the app's availability, or gone"},
	230029: {bot.Refused, false, "user resigned"},
	230034: {bot.Refused, false, "receiver invalid"},
	230038: {bot.Refused, false, "user of another tenant"},
	230053: {bot.Refused, false, "user stopped the bot"},

	// The message.
	230001:      {bot.Refused, false, "invalid parameter"},
	230011:      {bot.Refused, false, "message recalled"},
	230015:      {bot.Refused, false, "one-to-one chat cannot be shared"},
	230017:      {bot.Refused, false, "not the owner of the resource"},
	230019:      {bot.Refused, false, "topic does not exist"},
	230022:      {bot.Refused, false, "sensitive content"},
	tooLong:     {bot.Refused, false, "too long"},
	230028:      {bot.Refused, false, "content caught by loss prevention"},
	cardTooOld:  {bot.Refused, false, "older than 14 days"},
	230050:      {bot.Refused, false, "message invisible to the operator"},
	230054:      {bot.Refused, false, "type not supported"},
	230055:      {bot.Refused, false, "file type and message type disagree"},
	230071:      {bot.Refused, false, "group takes no thread replies"},
	230072:      {bot.Refused, false, "merged message takes no thread replies"},
	cardRefused: {bot.Refused, false, "card refused"},
	230110:      {bot.Refused, false, "message deleted"},
	230111:      {bot.Refused, false, "self-destructing message"},
	99992354:    {bot.Refused, false, "message id unknown"},
	99992361:    {bot.Refused, false, "open id of another app"},

	// Custom bots (add-custom-bot).
	9499:         {bot.Refused, false, "bad request body"},
	19001:        {bot.Refused, false, "address of the custom bot invalid"}, // the group has removed it: no reason to silence others
	19021:        {bot.Misconfigured, false, "signature or clock wrong"},
	19022:        {bot.Misconfigured, false, "this machine's address is not allowed"},
	19024:        {bot.Misconfigured, false, "keyword missing"},
	hookTooLarge: {bot.Refused, false, "too large"},
}

// subRules are the codes inside a 230099, and beside it those of cards in general (card error codes).
var subRules = map[int]rule{
	11310:  {bot.Refused, false, "too many elements or tables"},
	100290: {bot.Refused, false, "unknown person"},
	200310: {bot.Refused, false, "not the sender"},
	200380: {bot.Refused, false, "template not found or not published"},
	200381: {bot.Refused, false, "app may not use the template"},
	200550: {bot.Refused, false, "chart invalid"},
	200570: {bot.Refused, false, "image key invalid"},
	200621: {bot.Refused, false, "not JSON, or unknown tag"},
	200732: {bot.Refused, false, "type of a template variable"},
	200737: {bot.Refused, false, "type of a template variable"},
	200750: {bot.Refused, false, "card older than 14 days"},
	200770: {bot.Refused, false, "uuid repeated"},
	200780: {bot.Refused, false, "card bound too often"},
	200810: {bot.Retry, false, "card in use"},
	200860: {bot.Refused, false, "card too large"},
	200861: {bot.Refused, false, "tag that version 2 does not have"},
	200914: {bot.Refused, false, "rows of a table"},
	200915: {bot.Refused, false, "row not in the columns"},
	300090: {bot.Refused, false, "no open ids"},
	300301: {bot.Refused, false, "element id repeated"},
	300302: {bot.Refused, false, "card is not shared"},
	300305: {bot.Refused, false, "more than 200 elements"},
}

// rule is what the platform's codes say, and whether they say anything that is known.
func (e *apiError) rule() (rule, bool) {
	if e.Code == cardRefused && e.Locked {
		return rule{bot.Retry, false, "card in use"}, true
	}
	if r, ok := subRules[e.Sub]; ok && e.Code == cardRefused {
		return r, true
	}
	if r, ok := rules[e.Code]; ok {
		return r, true
	}
	r, ok := subRules[e.Code]
	return r, ok
}

func (e *apiError) means() string {
	r, _ := e.rule()
	return r.means
}

// verdict says what may follow a failed attempt, the n-th (from 1) of its delivery. It is pure.
func verdict(err error, n int) *bot.SendError {
	var api *apiError
	switch {
	case errors.As(err, &api):
		return api.verdict(n)
	case errors.Is(err, context.DeadlineExceeded):
		return &bot.SendError{Verdict: bot.Retry, Code: "timeout", Err: err}
	case errors.Is(err, errMalformed):
		return &bot.SendError{Verdict: bot.Retry, Code: "malformed", Err: err}
	default:
		return &bot.SendError{Verdict: bot.Retry, Code: "network", Err: err}
	}
}

func (e *apiError) verdict(n int) *bot.SendError {
	out := &bot.SendError{Code: e.label(), Err: e}
	r, known := e.rule()
	switch {
	case e.Status == http.StatusTooManyRequests && (!known || r.verdict == bot.Retry):
		out.Verdict = bot.Throttled
	case known:
		out.Verdict, out.Gone = r.verdict, r.gone
	default:
		out.Verdict = e.unknown(n)
	}
	if out.Verdict == bot.Throttled {
		out.After = e.After
		if out.After == 0 {
			out.After = backoff(n)
		}
	}
	return out
}

// unknown judges, at the n-th attempt, an answer without a code that is known. Without any code it came from a gateway or a
// proxy, and the platform may have taken the message.
func (e *apiError) unknown(n int) bot.Verdict {
	switch {
	case e.Status == http.StatusRequestEntityTooLarge:
		return bot.Refused
	case e.Code != 0 && e.Status/100 != 5 && n > unknownTries:
		return bot.Refused
	default:
		return bot.Retry
	}
}

// unmet reports whether a refusal says that the person who was addressed cannot be written to, whatever the message.
func unmet(err error) bool {
	switch asAPI(err).Code {
	case 230013, 230029, 230034, 230038, 230053:
		return true
	}
	return false
}

// backoff is the pause after a throttle that names none: 1, 2, then 4 seconds.
func backoff(n int) time.Duration {
	return time.Second << min(max(n-1, 0), 2)
}

// tokenRefused reports whether another token may help. The platform says so with HTTP 400.
func tokenRefused(err error) bool {
	switch asAPI(err).Code {
	case 99991661, 99991663, 99991664, 99991668, 99991671:
		return true
	}
	return false
}

// lacksScope reports whether a code says that the app may not make this call.
func lacksScope(code int) bool { return code == 99991672 || code == 99991676 || code == 99991679 }
