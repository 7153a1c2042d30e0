package webchat

// The protocol of /ws: JSON text frames, one object each.
//
// A client begins with hello and gets welcome:
//
//	hello   {who, cursors: {room: rev}, tail}      cursors are the highest rev seen of each room; with tail no history
//	welcome {who, bot, zone, rooms, people, pages: {room: {messages, reset, more}}}
//
// Then it speaks; every id is its own choice, unique, and becomes the event's id, so that the same id may be said again:
//
//	say     {id, room, text, files: [{key, name, kind}]}   with files the text may be empty; each was sent before, by
//	                                               POST /webchat/files?name=… with its bytes, which gives {key, name, size, kind, url}
//	click   {id, room, message, command, label}    a button of that message
//	submit  {id, room, message, command, label, form}
//	earlier {room, before}                         messages in front of that seq
//
//	ack     {id}                                   durably handled
//	nack    {id, why, final}                       not handled; unless final, say it again later under the same id
//	page    {room, page}                           the answer to earlier
//	error   {why}                                  the frame was not understood
//
// Meanwhile it is told:
//
//	message {message}                              new or changed: it replaces an earlier one with the same room and seq
//	rooms   {rooms, people}                        the lists changed
//	bye     {why}                                  the server goes away; connect again later
//
// A room is named by its key; in what a client says, its title, "" and "private" (the chat with the bot) do as well.

const (
	typeHello   = "hello"
	typeEarlier = "earlier"
	typeWelcome = "welcome"
	typeAck     = "ack"
	typeNack    = "nack"
	typePage    = "page"
	typeError   = "error"
	typeMessage = "message"
	typeRooms   = "rooms"
	typeBye     = "bye"
)

// request is what a client sends.
type request struct {
	Type    string            `json:"type"`
	ID      string            `json:"id,omitempty"`
	Who     string            `json:"who,omitempty"`
	Cursors map[string]int64  `json:"cursors,omitempty"`
	Tail    bool              `json:"tail,omitempty"`
	Room    string            `json:"room,omitempty"`
	Text    string            `json:"text,omitempty"`
	Files   []Enclosed        `json:"files,omitempty"`
	Message string            `json:"message,omitempty"`
	Command string            `json:"command,omitempty"`
	Label   string            `json:"label,omitempty"`
	Form    map[string]string `json:"form,omitempty"`
	Before  int64             `json:"before,omitempty"`
}

// frame is what the server sends.
type frame struct {
	Type    string          `json:"type"`
	ID      string          `json:"id,omitempty"`
	Why     string          `json:"why,omitempty"`
	Final   bool            `json:"final,omitempty"`
	Who     string          `json:"who,omitempty"`
	Bot     string          `json:"bot,omitempty"`
	Zone    string          `json:"zone,omitempty"` // IANA name, "" when unknown
	Room    string          `json:"room,omitempty"`
	Rooms   []Room          `json:"rooms,omitempty"`
	People  []Person        `json:"people,omitempty"`
	Pages   map[string]page `json:"pages,omitempty"`
	Page    *page           `json:"page,omitempty"`
	Message *Message        `json:"message,omitempty"`
}
