// Package wecomtest is a WeCom of our own: a company with members and groups, an AI bot on a long connection or a callback
// address, a self-built app and group webhooks, on loopback. Tests and rehearsals talk to it as they would to
// openws.work.weixin.qq.com and qyapi.weixin.qq.com.
//
// A [Server] is the platform; Start serves it. What people do are its methods Say, Deliver, EnterChat, Click, Vote, SayToApp:
// each makes an event, hands it to the bot and returns [Sent], that is, whether and how it arrived. What the bot sent is kept
// as people see it ([Server.Shown], [Server.ShownTo], [Server.Duplicates], and [Server.EntriesOf] of calendars). Mishaps are switched on from outside:
// [Server.Inject] for calls, [Server.Cut], [Server.Freeze], [Server.Kick] and [Server.Unsubscribe] for the long connection,
// [Server.Forge] for callbacks. Time is a [Clock], so that windows close and tokens expire by Advance.
//
// The fake outlives the bots that it serves: a bot that was killed and started again meets the same company, the same
// counts and the same conversations. What was said while it was away is lost, as on the platform, and is counted.
//
// Invariants: one socket at most is subscribed; a call that is refused has no effect; nothing that a bot sent and that was
// accepted is missing from Shown, but for what the platform drops silently, which [Server.Dropped] lists; what a client did
// against the protocol is written down in [Server.Violations], even where the platform might let it pass.
//
// Facts come from the documents whose numbers the comments give (developer.work.weixin.qq.com/document/path/…), from the
// source of the vendor's SDK and from field reports. None was checked against the live platform.
package wecomtest
