// Package bot is the chat kernel: everything between a platform's socket and a command, and back, that is the same on
// every platform and knows nothing of what the commands mean.
//
// Inward, an [Adapter] decodes what its platform sends into an [Event] and hands it to a [Sink]. The [Dispatcher] is that
// Sink: it opens one transaction, records the event, finds out who speaks where, continues a pending [Question] or finds
// the [Command] that was meant, checks rank and scope, runs it, passes its [Reply] through the gate and [Fit], and enqueues
// the result. Outward, the lanes of package scheduler take a [Delivery] and call [Adapter.Send] once per attempt.
//
// Invariant: an event's effects, its replies and the note that it was handled are committed together or not at all, and
// nothing is sent from inside a transaction.
package bot
