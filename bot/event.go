package bot

import "time"

// Platform names a kind of chat: "feishu", "wecom", "web".
type Platform string

// ChatKey names a chat on its platform. It is opaque: only the adapter that made it may parse it.
type ChatKey string

// UserKey names a user on its platform. It is opaque: only the adapter that made it may parse it.
type UserKey string

// EventID is the platform's own id of an event, unique within a platform and account.
type EventID string

// Address names a place to speak. An empty User means the whole chat. An empty Chat with a User means the one-to-one chat
// with that user, whose key the adapter finds. With both it is the chat, in answer to something that the user tapped there.
type Address struct {
	Platform Platform `json:"platform"`
	Account  string   `json:"account"`
	Chat     ChatKey  `json:"chat,omitempty"`
	User     UserKey  `json:"user,omitempty"`
}

// Private is the address of the one-to-one chat with the user of a.
func (a Address) Private() Address {
	return Address{Platform: a.Platform, Account: a.Account, User: a.User}
}

// Lane names what the platform limits for a: the chat, or the user where there is no chat. Answers to taps have lanes of
// their own, because they cost no message, and a tap does not wait long.
func (a Address) Lane() string {
	lane := string(a.Platform) + "/" + a.Account
	if a.Chat != "" {
		lane += "/c/" + string(a.Chat)
	}
	if a.User != "" {
		lane += "/u/" + string(a.User)
	}
	return lane
}

// ReplyRef is a perishable right to answer in place (a WeCom req_id, a Feishu message id, a click that waits for its
// answer). It is a hint: when it has expired, the adapter pushes instead.
type ReplyRef struct {
	Token   string    `json:"token,omitempty"`
	Expires time.Time `json:"expires,omitzero"`
}

// EventKind says what happened.
type EventKind string

// The kinds of event.
const (
	Said     EventKind = "said"     // somebody wrote a message
	Clicked  EventKind = "clicked"  // somebody tapped a button or submitted a form; Text is the button's command line
	Joined   EventKind = "joined"   // the bot was added to a chat; Text is the chat's title, where the platform gives it
	Left     EventKind = "left"     // the bot was removed from a chat, or the chat was dissolved
	Entered  EventKind = "entered"  // somebody opened the one-to-one chat with the bot
	Recalled EventKind = "recalled" // somebody took a message back; Quoted is the EventID under which it came
	Renamed  EventKind = "renamed"  // the chat has a new title: Text
	Departed EventKind = "departed" // the user left the chat, or was removed from it
)

// FileRef is a photo or file that came with a message, fetched later by the adapter that made the key.
type FileRef struct {
	Key  string `json:"key"`
	Name string `json:"name,omitempty"`
	Kind string `json:"kind"` // "image" or "file"
	Size int64  `json:"size,omitempty"`
	// Expires is until when it can be fetched; zero = the platform names no end.
	Expires time.Time `json:"expires,omitzero"`
}

// Event is one thing that happened on a platform, decoded. Text has the mention of the bot already cut off.
type Event struct {
	ID        EventID
	Kind      EventKind
	At        time.Time // by the platform's clock
	From      Address   // Chat and User are both set for messages
	Common    UserKey   // a key of the user that is the same on all accounts of the platform; "" where it tells none
	Name      string    // display name of the user
	Direct    bool      // in a one-to-one chat with the bot
	Addressed bool      // the bot was mentioned, or Direct
	Outside   bool      // the user belongs to another organisation than the bot, as the platform says
	Text      string
	Quoted    string            // text of the message replied to, where the platform gives it
	Files     []FileRef         // photos and files
	Menu      bool              // of a click: on an entry of the bot's own menu, whose command the operator has written
	On        string            // of an answer to a message of the bot: that message, as the Receipt of its sending named it
	Topic     string            // of a click: what the clicked card shows, as Reply.Topic of its sending said
	Form      map[string]string // what was filled into a submitted form, by field name
	Ref       ReplyRef
}

// Place is where an event is answered and where its questions wait: the one-to-one chat, or the whole group.
func (e Event) Place() Address {
	if e.Direct {
		return e.From.Private()
	}
	return Address{Platform: e.From.Platform, Account: e.From.Account, Chat: e.From.Chat}
}
