package webchat

import (
	"time"

	"lianbang/bot"
)

// State says how far a person's message has come. Messages of the bot are always confirmed.
type State string

// The states.
const (
	Confirmed State = ""        // the Sink handled it
	Sending   State = "sending" // the Sink has it
	Failed    State = "failed"  // the Sink did not take it; whoever said it may say it again under the same id
)

// Message is one entry of a room: what a person said, tapped or submitted, or what the bot sent.
type Message struct {
	Seq   int64      `json:"seq"`            // place in the room, ascending
	Rev   int64      `json:"rev"`            // number of the room's last change of this message; a cursor for clients
	ID    string     `json:"id"`             // unique: chosen by the speaker's client, or by the adapter for the bot
	Room  string     `json:"room"`           // the chat key
	From  string     `json:"from"`           // the speaker's name; empty for the bot
	At    time.Time  `json:"at"`             //
	Kind  string     `json:"kind"`           // Say, Click, Submit or Bot
	Text  string     `json:"text,omitempty"` //
	State State      `json:"state,omitempty"`
	Key   string     `json:"key,omitempty"`   // of the bot's delivery
	Body  *bot.Reply `json:"body,omitempty"`  // of the bot; an attachment has no Data here, see File
	File  *File      `json:"file,omitempty"`  // of the bot
	Files []File     `json:"files,omitempty"` // what a person sent along
}

// File is where the attachment of a message can be fetched.
type File struct {
	Name string `json:"name"`
	Size int    `json:"size"`
	URL  string `json:"url"`
	Key  string `json:"key,omitempty"`  // of what a person sent
	Kind string `json:"kind,omitempty"` // "image" or "file"
}

// FromBot reports whether the bot sent the message.
func (m Message) FromBot() bool { return m.Kind == kindBot }

// The kinds of message, which are also the types of the frames that make them.
const (
	kindSay    = "say"
	kindClick  = "click"
	kindSubmit = "submit"
	kindBot    = "bot"
)

// Private reports whether the message is of a person's own chat with the bot.
func (m Message) Private() bool { return directOwner(m.Room) != "" }
