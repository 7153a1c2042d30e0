package wire

// Message is a message or event for an AI bot: the body of a frame, or the plaintext of a callback (100719, 101027).
type Message struct {
	ID          string `json:"msgid"`
	BotID       string `json:"aibotid,omitempty"`
	ChatID      string `json:"chatid,omitempty"` // groups only; case matters
	ChatType    string `json:"chattype,omitempty"`
	From        Sender `json:"from,omitzero"`
	ResponseURL string `json:"response_url,omitempty"` // a secret: whoever has it may answer once, for one hour
	CreateTime  Number `json:"create_time,omitempty"`  // seconds; always in events
	Content
	Quote *Content `json:"quote,omitempty"`
	Event *Event   `json:"event,omitempty"`
}

// Sender is who wrote or tapped. The id is plain or encrypted, even side by side for one bot (101521, field report).
type Sender struct {
	UserID string `json:"userid,omitempty"`
	CorpID string `json:"corpid,omitempty"`
}

// The values of ChatType.
const (
	Single = "single"
	Group  = "group"
)

// Content is what a message, a quote or an item of a mixed message says. Type names the one field that is set.
type Content struct {
	Type   string  `json:"msgtype"`
	Text   *Text   `json:"text,omitempty"`
	Image  *Media  `json:"image,omitempty"`
	Mixed  *Mixed  `json:"mixed,omitempty"`
	Voice  *Text   `json:"voice,omitempty"` // the transcript; the sound is not delivered
	File   *Media  `json:"file,omitempty"`
	Video  *Media  `json:"video,omitempty"`
	Stream *Stream `json:"stream,omitempty"` // the platform asks for the present state of an answer (callback mode)
}

// Text is words.
type Text struct {
	Content string `json:"content"`
}

// Media is a photo, file or video: an address that is valid for five minutes, whose content is encrypted.
type Media struct {
	URL    string `json:"url"`
	AESKey string `json:"aeskey,omitempty"` // base64; long connection only
}

// Mixed is words and photos in order.
type Mixed struct {
	Items []Content `json:"msg_item"`
}

// Stream is an answer that grows: Content is always all of it, at most 20480 bytes (101031).
type Stream struct {
	ID      string `json:"id"`
	Finish  bool   `json:"finish"`
	Content string `json:"content"`
}

// Event is what happened besides messages. What belongs to a card stands nested by the documents and flat by the SDK's
// types; both are read.
type Event struct {
	Type string     `json:"eventtype"`
	Card *CardEvent `json:"template_card_event,omitempty"`
	CardEvent
}

// Tapped is the card's part of the event, in whichever shape it came.
func (e Event) Tapped() CardEvent {
	if e.Card != nil {
		return *e.Card
	}
	return e.CardEvent
}

// The values of Event.Type that the bot acts on. (101027; 101463 for the last.)
const (
	EventEnter        = "enter_chat"
	EventCard         = "template_card_event"
	EventFeedback     = "feedback_event"
	EventDisconnected = "disconnected_event"
)

// CardEvent is a button tapped, a card submitted or a menu chosen.
type CardEvent struct {
	CardType string    `json:"card_type,omitempty"`
	Key      string    `json:"event_key,omitempty"`
	TaskID   string    `json:"task_id,omitempty"`
	Selected *Selected `json:"selected_items,omitempty"`
}

// Selected is what was chosen on a card.
type Selected struct {
	Items []SelectedItem `json:"selected_item"`
}

// SelectedItem is what was chosen for one question.
type SelectedItem struct {
	Question string  `json:"question_key"`
	Options  Options `json:"option_ids"`
}

// Options are the ids chosen.
type Options struct {
	IDs []string `json:"option_id"`
}
