// Package wecom is the adapter to WeCom (企业微信): an AI bot by long connection or by callbacks, a self-built app beside it,
// and group webhooks that only speak.
//
// An [Adapter] is one account, which may have any of these. What people say and tap arrives in socket.go (the bot's long
// connection) or callback.go (HTTP, both the bot's and the app's), is decoded by decode.go, which is pure, and is given to
// the sink in order per conversation. What can be answered in place carries a reference (ref.go) to the callback it came
// with: a req_id of the connection, a response_url, or a callback that is held open (click.go).
//
// A bot has one connection in the whole cluster: a [Seat] elects the process that holds it, and a process that somebody
// outside the cluster displaced pauses instead of fighting for it.
//
// Invariant: a callback is acknowledged only after the sink took it; and what was sent over the connection is reported as
// sent, as refused, or as of unknown outcome, never as the first when it may be the last.
//
// The facts come from the vendor's documents, the source of its SDKs and field reports, named where they are used. None was
// checked against the live platform.
package wecom
