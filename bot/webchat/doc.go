// Package webchat is the platform of those who have none: a group chat in the browser, with rooms, private chats with the
// bot and a picker of who one is. It needs no account and no network beyond loopback.
//
// An [Adapter] owns its messages, as a platform does. What a person says is numbered, kept in the room's [Message] journal
// and shown to every tab at once, marked as on its way; the Sink then decides. When it returned nil the message is
// confirmed and acknowledged; when not, the speaker's page keeps it and says it again under the same id, which becomes the
// bot.EventID, so that the kernel handles it once. What the bot sends is kept and shown in the same way, once per delivery
// key. The page, the terminal and tests speak one protocol (protocol.go); the page is embedded and loads nothing from
// elsewhere.
//
// Nobody is authenticated: the package serves loopback names only and refuses every other Host and Origin.
//
// Invariant: an acknowledged message was durably handled by the Sink, and every message that a tab was shown is in the
// journal, in the same order for everybody.
package webchat
