package wecom

import (
	"strings"
	"time"

	"lianbang/bot"
)

// How long a reference may be used, with a margin (101463, 101138, 94888).
const (
	respondTime = 23 * time.Hour       // of 24 h for a reply under a message's req_id
	callTime    = 4 * time.Second      // of 5 s for a welcome, a card's update or an answer in the callback
	urlTime     = 55 * time.Minute     // of 1 h for a response_url
	codeTime    = 71 * time.Hour       // of 72 h for a response_code
	appTime     = 365 * 24 * time.Hour // that an answer goes out through the app that was asked
	refSep      = " "                  // between the parts of a token; none of them has spaces
)

// refKind says in which way a reference is answered.
type refKind string

// The kinds, as they begin a token.
const (
	refNone    refKind = ""
	refRespond refKind = "r:" // wire.CmdRespond under the req_id
	refWelcome refKind = "w:" // wire.CmdWelcome under the req_id
	refCall    refKind = "k:" // a callback that waits in Adapter.calls; may have a url besides
	refURL     refKind = "u:" // POST to the response_url, once
	refCode    refKind = "c:" // the app's update_template_card with the response_code, once
	refApp     refKind = "a:" // asked through the app: answer through the app
)

// ref is a bot.ReplyRef taken apart. Its token holds rights to speak and is never logged.
type ref struct {
	kind refKind
	id   string // req_id, id in Adapter.calls, response_code
	url  string // response_url, of refURL and of refCall in callback mode
	task string // task_id of the clicked card, of refCode
}

// pack makes the token. For refCall with a url it outlives the call: the url remains.
func (r ref) pack(at time.Time) bot.ReplyRef {
	life := map[refKind]time.Duration{refRespond: respondTime, refWelcome: callTime, refCall: callTime, refURL: urlTime,
		refCode: codeTime, refApp: appTime}[r.kind]
	if r.kind == refNone {
		return bot.ReplyRef{}
	}
	if r.url != "" {
		life = urlTime
	}
	if r.kind == refURL {
		return bot.ReplyRef{Token: string(r.kind) + r.url, Expires: at.Add(life)}
	}
	token := string(r.kind) + strings.TrimRight(strings.Join([]string{r.id, r.url, r.task}, refSep), refSep)
	return bot.ReplyRef{Token: token, Expires: at.Add(life)}
}

// parseRef takes a reference apart. What has expired or is not ours is the zero ref.
func parseRef(r bot.ReplyRef, now time.Time) ref {
	if len(r.Token) < 2 || !now.Before(r.Expires) {
		return ref{}
	}
	kind := refKind(r.Token[:2])
	switch kind {
	case refURL:
		return ref{kind: kind, url: r.Token[2:]}
	case refRespond, refWelcome:
		return ref{kind: kind, id: r.Token[2:]}
	case refCall, refCode, refApp:
	default:
		return ref{}
	}
	parts := append(strings.SplitN(r.Token[2:], refSep, 3), "", "")
	return ref{kind: kind, id: parts[0], url: parts[1], task: parts[2]}
}
