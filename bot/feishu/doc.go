// Package feishu is the adapter to Feishu (飞书): groups and one-to-one chats through a self-built app, and groups that
// only have a custom bot.
//
// An [Adapter] is one app. What people say, tap and submit comes over the long connection or as webhooks, is decoded and
// given to the sink, and is acknowledged only when the sink has it durably. What the bot says is rendered as card JSON 2.0
// or text and sent with a uuid that follows from the delivery's key, so that Feishu drops what a crash made us repeat.
// A click is answered in the callback that brought it, where that is possible. [Hooks] speak through custom bots and hear
// nothing. [Examine] tells an operator what is missing in the developer console.
//
// One invariant holds everywhere: nothing vanishes. What Feishu would not show as a card goes out as text, what cannot be
// answered in place is sent as a message, and what cannot be delivered at all comes back as a verdict with a reason.
package feishu
