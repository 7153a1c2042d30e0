package feishu

import (
	"cmp"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"lianbang/bot"
)

const (
	maxID           = 200 // bytes of an id; the platform's have some forty
	messageReceived = "im.message.receive_v1"
	cardAction      = "card.action.trigger"
	verification    = "url_verification"
)

var (
	errUnknownEvent = errors.New("event of an unknown type")
	errStrangeClick = errors.New("click on a button that is not ours")
	errNobody       = errors.New("the bot's own open_id is not known yet")
)

// pushed is one delivery of the platform, opened: the envelope of schema 2.0, of 1.0, or none at all, as callbacks of cards
// had it at first.
type pushed struct {
	kind      string    // the event's type, as im.message.receive_v1
	id        string    // unique for this event, the same when it is delivered again
	at        time.Time // zero when it doesn't say
	token     string    // the app's Verification Token; empty over the long connection
	challenge string    // to be echoed, of a url_verification
	tenant    string    // tenant_key of the organisation that installed the app
	body      json.RawMessage
	bare      bool // a card's callback without an envelope
}

// envelopes are the three shapes at once.
type envelopes struct {
	Header struct {
		ID      string `json:"event_id"`
		Type    string `json:"event_type"`
		Created moment `json:"create_time"`
		Token   string `json:"token"`
		Tenant  string `json:"tenant_key"`
	} `json:"header"`
	Event json.RawMessage `json:"event"`

	UUID      string `json:"uuid"`
	Token     string `json:"token"`
	Type      string `json:"type"`
	TS        moment `json:"ts"`
	Challenge string `json:"challenge"`

	Action json.RawMessage `json:"action"`
}

// openPushed reads the envelope.
func openPushed(data []byte) (pushed, error) {
	var e envelopes
	if err := json.Unmarshal(data, &e); err != nil {
		return pushed{}, errMalformed
	}
	switch {
	case e.Header.Type != "":
		return pushed{kind: e.Header.Type, id: e.Header.ID, at: e.Header.Created.Time, token: e.Header.Token,
			tenant: e.Header.Tenant, body: e.Event}, nil
	case e.Type == verification:
		return pushed{kind: verification, token: e.Token, challenge: e.Challenge}, nil
	case e.Event != nil:
		var inner struct {
			Type string `json:"type"`
		}
		if err := json.Unmarshal(e.Event, &inner); err != nil || inner.Type == "" {
			return pushed{}, errMalformed
		}
		// No tenant: what names a user's organisation, messages and clicks, comes in the envelope of 2.0 only.
		return pushed{kind: inner.Type, id: e.UUID, at: e.TS.Time, token: e.Token, body: e.Event}, nil
	case e.Action != nil: // its token is the one that allows to change the card later, new for each callback
		return pushed{kind: cardAction, id: e.Token, body: data, bare: true}, nil
	}
	return pushed{}, errMalformed
}

// outside reports whether a user of that tenant belongs to another organisation than the app. What does not say counts as
// inside.
func (p pushed) outside(tenant string) bool {
	return tenant != "" && p.tenant != "" && tenant != p.tenant
}

// speaker is the open_id of who did it, where it shows without decoding; events of one speaker keep their order.
func (p pushed) speaker() string {
	var b struct {
		Sender struct {
			ID userID `json:"sender_id"`
		} `json:"sender"`
		Operator struct {
			userID
			ID userID `json:"operator_id"`
		} `json:"operator"`
	}
	if json.Unmarshal(p.body, &b) != nil {
		return "" // decode will say so
	}
	return cmp.Or(b.Sender.ID.OpenID, b.Operator.OpenID, b.Operator.ID.OpenID)
}

// listener is who hears: the account and its bot.
type listener struct {
	account string
	openID  string // of the bot; "" = not known
}

// decoders read the body of an event. A nil decoder is for what we know and need not.
var decoders = map[string]func(p pushed, me listener) ([]bot.Event, error){
	messageReceived:                                decodeMessage,
	"im.message.recalled_v1":                       decodeRecall,
	"im.chat.member.bot.added_v1":                  decodeChat(bot.Joined),
	"im.chat.member.bot.deleted_v1":                decodeChat(bot.Left),
	"im.chat.disbanded_v1":                         decodeChat(bot.Left),
	"im.chat.updated_v1":                           decodeUpdate,
	"im.chat.member.user.deleted_v1":               decodeDeparture,
	"im.chat.member.user.withdrawn_v1":             decodeDeparture,
	"im.chat.access_event.bot_p2p_chat_entered_v1": decodeEntry,
	"application.bot.menu_v6":                      decodeMenu,
	cardAction:                                     decodeAction,
	"im.chat.member.user.added_v1":                 nil,
	"im.message.message_read_v1":                   nil,
	"im.message.reaction.created_v1":               nil,
	"im.message.reaction.deleted_v1":               nil,
	"im.message.bot_muted_v1":                      nil,
}

// decode turns a delivery into events; several users who left at once are several events. None is no error: there is
// nothing to do. errUnknownEvent is for types that nobody taught us, errStrangeClick for buttons that hold no command,
// errNobody for a message of which one cannot tell yet whether it is for us, errMalformed for all that lacks what its type
// promises. Direct of a Clicked event is not decided: the callback doesn't say what kind of chat it came from.
func (p pushed) decode(me listener) ([]bot.Event, error) {
	read, known := decoders[p.kind]
	if !known {
		return nil, errUnknownEvent
	}
	if read == nil {
		return nil, nil
	}
	events, err := read(p, me)
	for i := range events {
		if e := &events[i]; !validID(string(e.ID)) || len(e.From.Chat) > maxID || len(e.From.User) > maxID || len(e.Common) > maxID {
			return nil, errMalformed
		}
	}
	return events, err
}

func validID(s string) bool { return s != "" && len(s) <= maxID }

// event begins an event of the delivery.
func (p pushed) event(kind bot.EventKind, me listener, chat string, user userID) bot.Event {
	return bot.Event{ID: bot.EventID(p.id), Kind: kind, At: p.at, Common: bot.UserKey(user.UnionID),
		From: bot.Address{Platform: Platform, Account: me.account, Chat: bot.ChatKey(chat), User: bot.UserKey(user.OpenID)}}
}

// decodeMessage reads im.message.receive_v1. Its event is known by the message's id: the documentation says not to rely on
// event_id here. Messages of bots, ours among them, are no events.
func decodeMessage(p pushed, me listener) ([]bot.Event, error) {
	var b struct {
		Sender struct {
			ID     userID `json:"sender_id"`
			Type   string `json:"sender_type"`
			Tenant string `json:"tenant_key"`
		} `json:"sender"`
		Message struct {
			ID       string    `json:"message_id"`
			Parent   string    `json:"parent_id"`
			Thread   string    `json:"thread_id"`
			Created  moment    `json:"create_time"`
			Chat     string    `json:"chat_id"`
			ChatType string    `json:"chat_type"`
			Type     string    `json:"message_type"`
			Content  string    `json:"content"`
			Mentions []mention `json:"mentions"`
		} `json:"message"`
	}
	if err := json.Unmarshal(p.body, &b); err != nil {
		return nil, errMalformed
	}
	m := b.Message
	direct := m.ChatType == "p2p"
	switch {
	case b.Sender.Type != "user" && b.Sender.Type != "", me.openID != "" && b.Sender.ID.OpenID == me.openID:
		return nil, nil
	case b.Sender.ID.OpenID == "" || m.Chat == "" || m.ID == "":
		return nil, errMalformed
	case !direct && me.openID == "" && len(m.Mentions) > 0:
		return nil, errNobody
	}
	said, err := readContent(m.ID, m.Type, m.Content, m.Mentions, me.openID)
	if err != nil {
		return nil, err
	}
	e := p.event(bot.Said, me, m.Chat, b.Sender.ID)
	e.ID, e.Direct, e.Addressed, e.Text, e.Files = bot.EventID(m.ID), direct, direct || said.called, said.text, said.files
	e.Outside, e.On = p.outside(b.Sender.Tenant), clip(m.Parent, maxID)
	e.Ref.Token = messageRef(m.ID, m.Thread)
	if !m.Created.IsZero() {
		e.At = m.Created.Time
	}
	return []bot.Event{e}, nil
}

// messageRef is the ReplyRef.Token of a message. One that was written in a thread is answered there.
func messageRef(message, thread string) string {
	if thread == "" {
		return messageToken + message
	}
	return messageToken + message + ":" + thread
}

// decodeRecall reads im.message.recalled_v1, which doesn't say whose message it was.
func decodeRecall(p pushed, me listener) ([]bot.Event, error) {
	var b struct {
		Message string `json:"message_id"`
		Chat    string `json:"chat_id"`
		At      moment `json:"recall_time"`
	}
	if err := json.Unmarshal(p.body, &b); err != nil || !validID(b.Message) {
		return nil, errMalformed
	}
	e := p.event(bot.Recalled, me, b.Chat, userID{})
	e.Quoted = b.Message
	if !b.At.IsZero() {
		e.At = b.At.Time
	}
	return []bot.Event{e}, nil
}

// chatEvent is what the events of a chat have in common (im-v1 chat/events, chat-member-bot/events,
// chat-member-user/events).
type chatEvent struct {
	Chat     string `json:"chat_id"`
	Operator userID `json:"operator_id"`
	Name     string `json:"name"`
	Users    []struct {
		ID   userID `json:"user_id"`
		Name string `json:"name"`
	} `json:"users"`
	After struct {
		Name string `json:"name"`
	} `json:"after_change"`
	Before struct {
		Name string `json:"name"`
	} `json:"before_change"`
	LastMessage string `json:"last_message_id"`
}

func (p pushed) chat() (c chatEvent, err error) {
	if err := json.Unmarshal(p.body, &c); err != nil || c.Chat == "" {
		return c, errMalformed
	}
	return c, nil
}

func decodeChat(kind bot.EventKind) func(pushed, listener) ([]bot.Event, error) {
	return func(p pushed, me listener) ([]bot.Event, error) {
		c, err := p.chat()
		if err != nil {
			return nil, err
		}
		e := p.event(kind, me, c.Chat, c.Operator)
		if kind == bot.Joined {
			e.Text = c.Name
		}
		return []bot.Event{e}, nil
	}
}

// decodeUpdate reads im.chat.updated_v1. Of what it can tell, only a new title matters.
func decodeUpdate(p pushed, me listener) ([]bot.Event, error) {
	c, err := p.chat()
	if err != nil || c.After.Name == "" || c.After.Name == c.Before.Name {
		return nil, err
	}
	e := p.event(bot.Renamed, me, c.Chat, c.Operator)
	e.Text = c.After.Name
	return []bot.Event{e}, nil
}

func decodeDeparture(p pushed, me listener) ([]bot.Event, error) {
	c, err := p.chat()
	if err != nil {
		return nil, err
	}
	events := make([]bot.Event, 0, len(c.Users))
	for i, u := range c.Users {
		if u.ID.OpenID == "" {
			return nil, errMalformed
		}
		e := p.event(bot.Departed, me, c.Chat, u.ID)
		e.Name = u.Name
		if len(c.Users) > 1 {
			e.ID += bot.EventID("/" + strconv.Itoa(i+1))
		}
		events = append(events, e)
	}
	return events, nil
}

// decodeEntry reads bot_p2p_chat_entered_v1, which comes whenever somebody opens the chat. Only the first time is an event.
func decodeEntry(p pushed, me listener) ([]bot.Event, error) {
	c, err := p.chat()
	if err != nil || c.LastMessage != "" {
		return nil, err
	}
	if c.Operator.OpenID == "" {
		return nil, errMalformed
	}
	e := p.event(bot.Entered, me, c.Chat, c.Operator)
	e.Direct, e.Addressed = true, true
	return []bot.Event{e}, nil
}

// decodeMenu reads application.bot.menu_v6: the key that the operator gave to an entry of the bot's menu is a command line.
// The menu is part of the one-to-one chat, whose id doesn't come along.
func decodeMenu(p pushed, me listener) ([]bot.Event, error) {
	var b struct {
		Operator struct {
			Name string `json:"operator_name"`
			ID   userID `json:"operator_id"`
		} `json:"operator"`
		Key string `json:"event_key"`
		At  moment `json:"timestamp"`
	}
	if err := json.Unmarshal(p.body, &b); err != nil || b.Operator.ID.OpenID == "" || strings.TrimSpace(b.Key) == "" {
		return nil, errMalformed
	}
	e := p.event(bot.Clicked, me, "", b.Operator.ID)
	e.Name, e.Text, e.Menu, e.Direct, e.Addressed = b.Operator.Name, strings.TrimSpace(b.Key), true, true, true
	if !b.At.IsZero() {
		e.At = b.At.Time
	}
	return []bot.Event{e}, nil
}

// moment is a time that comes as a number or as a string of digits, in seconds, milliseconds, microseconds or nanoseconds:
// the events don't agree. Which it is shows in its length. What is no such number is the zero time: there is always another
// clock to fall back on.
type moment struct{ time.Time }

// UnmarshalJSON implements json.Unmarshaler.
func (m *moment) UnmarshalJSON(data []byte) error {
	digits := strings.Trim(string(data), `"`)
	whole, _, _ := strings.Cut(digits, ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	switch {
	case err != nil || n <= 0:
		m.Time = time.Time{}
	case n < 1e11:
		m.Time = time.Unix(n, 0)
	case n < 1e14:
		m.Time = time.UnixMilli(n)
	case n < 1e17:
		m.Time = time.UnixMicro(n)
	default:
		m.Time = time.Unix(0, n)
	}
	return nil
}
