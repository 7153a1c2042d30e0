// Package feishutest is a Feishu of our own: a tenant with people, groups and an app, its REST API, its long connection and
// its webhook pushes, on loopback. Tests and rehearsals talk to it as they would to open.feishu.cn.
//
// A [Server] is the platform. It is an http.Handler, and Start serves it. [Person] and [Group] are handles for what people do:
// each action that makes an event pushes it and returns the [Outcome], that is, how it was acknowledged and after how long.
// What the app sent is kept as people see it ([Server.Messages], [Server.Shown]), with every earlier version. Mishaps are
// switched on from outside: [Server.Inject] for calls, [Server.SetNetwork], [Server.Cut] and [Server.Freeze] for the long
// connection, [Server.Forge] for the webhook. Time is a [Clock], so that tokens expire and events come again by Advance.
//
// The fake outlives the bots that it serves: a bot that was killed and started again meets the same tenant, the same counts
// and the events that it did not acknowledge.
//
// Invariants: an event that was not acknowledged is pushed again by the platform's schedule, at most four times; a uuid
// makes at most one message within an hour; what a client did against the protocol is written down in [Server.Violations],
// even where the platform might let it pass.
//
// Facts come from the documentation and SDK sources that the comments name. None was checked against the live platform.
package feishutest
