// Package wecom is the adapter to WeCom (企业微信): an AI bot by long connection or by callbacks, a self-built app beside it,
// and group webhooks that only speak.
//
// An [Adapter] is one account, which may have any of these; [Config] says which, and [Adapter.Describe] what is impossible
// with them. What people say and tap arrives in socket.go (the bot's long connection) or callback.go (HTTP, both the bot's
// and the app's), is decoded by decode.go, which is pure, and is given to the sink in order per conversation, under the
// plain id of its author where the app can tell it (names.go). What can be answered in place carries a reference (ref.go) to
// the callback it came with: a req_id of the connection, a response_url, or a callback that is held open (calls.go,
// held.go).
//
// What goes out takes the first way that is open (route.go): in place, over the connection (bot.go), by the app (app.go), its
// group chats (appchat.go) or a webhook (hook.go); each way renders the reply in its own dialect (card.go, markdown.go).
// outcome.go tells what became of a message that failed, and verdict.go, which is pure, what may follow.
//
// The app keeps a calendar (calendar.go) in which each activity is an entry of its own (entry.go) that follows it.
//
// A bot has one connection in the whole cluster: a [Seat] elects the process that holds it, and a process that somebody
// outside the cluster displaced pauses instead of fighting for it.
//
// What is kept in memory ends with the process: events of the connection that the sink has not taken, which the platform does
// not push again; which parts of a longer delivery went out, so that the next process sends all of it; the rights to replace
// cards; and the encrypted ids by which the bot knows people, so that until somebody speaks again the app speaks to him.
//
// Invariants: a callback is acknowledged only after the sink took it. What was sent is reported as sent, as refused, or as of
// unknown outcome, never as the first when it may be the last; and a second way is tried only after one that certainly
// delivered nothing. No error and no log holds a secret or what somebody said.
//
// The facts come from the vendor's documents, named by their numbers (developer.work.weixin.qq.com/document/path/…), the
// source of its SDKs and field reports. None was checked against the live platform.
package wecom
