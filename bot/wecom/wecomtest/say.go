package wecomtest

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"lianbang/bot/fake"
	"lianbang/bot/wecom/wire"
)

// Message is what somebody sends to the bot.
type Message struct {
	ID     string // msgid; "" = a fresh one. The same id again = the platform delivers the message once more
	User   string // user id or name
	Chat   string // chat id or title of the group; "" = one-to-one
	Text   string // in groups with "@" and the bot's name
	Quote  string // text of the message that is quoted
	Voice  string // transcript
	Images [][]byte
	File   *File
}

// File is a file that somebody sends.
type File struct {
	Name string
	Data []byte
}

// Sent is what became of something that somebody did.
type Sent struct {
	ID        string    `json:"id"`        // msgid
	ReqID     string    `json:"req_id"`    // of the frame, or what stands for it in callback mode: see Server.Answers and Shown.ReqID
	Delivered bool      `json:"delivered"` // the frame was given to the bot's socket, or a callback was acknowledged
	Why       string    `json:"why"`       // why it was not delivered
	Attempts  []Attempt `json:"attempts"`  // of callbacks
}

// Said is what somebody wrote, sent or opened.
type Said struct {
	At    time.Time `json:"at"`
	Who   string    `json:"who"`   // name
	Where string    `json:"where"` // title of the group, or "私聊"
	Text  string    `json:"text"`
	Why   string    `json:"why,omitempty"` // why it was not delivered
}

const maxSaid = 2000

// Said lists what people did, newest last, as far as it is kept. It is written down when it is over.
func (s *Server) Said() []Said {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.said)
}

// noted writes down what somebody did and what became of it.
func (s *Server) noted(at time.Time, user, chat, text string, sent Sent) Sent {
	s.mu.Lock()
	defer s.mu.Unlock()
	one := Said{At: at, Who: user, Where: "私聊", Text: text, Why: sent.Why}
	if m := s.member(user); m != nil {
		one.Who = m.Name
	}
	if g := s.group(chat); g != nil {
		one.Where = g.Title
	}
	s.said = fake.Keep(s.said, one, maxSaid)
	return sent
}

// Say lets somebody write to the bot: in a group with "@" and the bot's name, or one-to-one with chat "".
func (s *Server) Say(user, chat, text string) Sent {
	return s.Deliver(Message{User: user, Chat: chat, Text: text})
}

// Quote lets somebody write and quote another message.
func (s *Server) Quote(user, chat, text, quoted string) Sent {
	return s.Deliver(Message{User: user, Chat: chat, Text: text, Quote: quoted})
}

// SendFile lets somebody send a file one-to-one.
func (s *Server) SendFile(user, name string, data []byte) Sent {
	return s.Deliver(Message{User: user, File: &File{name, data}})
}

// Deliver gives a message to the bot. Groups deliver only what mentions the bot, and neither photos alone, voice nor files
// (100719). It waits until a callback is acknowledged or given up.
func (s *Server) Deliver(m Message) Sent {
	at := s.clock.Now()
	return s.noted(at, m.User, m.Chat, m.words(), s.deliverMessage(m))
}

// words is the message in one line.
func (m Message) words() string {
	parts := []string{m.Text + m.Voice}
	for range m.Images {
		parts = append(parts, "[图片]")
	}
	if m.File != nil {
		parts = append(parts, "[文件] "+m.File.Name)
	}
	return strings.TrimSpace(strings.Join(parts, " "))
}

func (s *Server) deliverMessage(m Message) Sent {
	s.mu.Lock()
	q, w, why := s.message(m)
	if why != "" {
		s.mu.Unlock()
		return Sent{ID: m.ID, Why: why}
	}
	return s.hand(q, w, s.o.Attempts)
}

// message makes the platform's message of m, or says why it does not reach the bot. It holds mu.
func (s *Server) message(m Message) (q *question, w wire.Message, why string) {
	q = &question{kind: kindMessage, at: s.clock.Now(), user: s.member(m.User)}
	if q.user == nil {
		return nil, w, "there is no " + m.User
	}
	c, err := s.contentOf(m)
	if err != nil {
		return nil, w, err.Error()
	}
	w = wire.Message{ID: m.ID, Content: c}
	if m.Quote != "" {
		w.Quote = &wire.Content{Type: "text", Text: &wire.Text{Content: m.Quote}}
	}
	if m.Chat == "" {
		return q, w, ""
	}
	g := s.group(m.Chat)
	switch {
	case g == nil:
		return nil, w, "there is no group " + m.Chat
	case g.NoBot:
		return nil, w, "the bot is not in the group"
	case !slices.Contains(g.Members, q.user.UserID):
		return nil, w, m.User + " is not in the group"
	case c.Type != "text" && c.Type != "mixed":
		return nil, w, "groups deliver only text and text with photos"
	case !strings.Contains(m.Text, "@"+s.bot.Name):
		return nil, w, "the bot is not mentioned"
	}
	q.chat = g.ChatID
	return q, w, ""
}

// contentOf holds mu.
func (s *Server) contentOf(m Message) (wire.Content, error) {
	text := &wire.Text{Content: m.Text}
	switch {
	case m.Voice != "":
		return wire.Content{Type: "voice", Voice: &wire.Text{Content: m.Voice}}, nil
	case m.File != nil:
		ref, err := s.inbox(m.File.Name, m.File.Data)
		return wire.Content{Type: "file", File: ref}, err
	case len(m.Images) == 1 && m.Text == "":
		ref, err := s.inbox("image.png", m.Images[0])
		return wire.Content{Type: "image", Image: ref}, err
	case len(m.Images) == 0:
		return wire.Content{Type: "text", Text: text}, nil
	}
	mixed := &wire.Mixed{}
	if m.Text != "" {
		mixed.Items = append(mixed.Items, wire.Content{Type: "text", Text: text})
	}
	for _, data := range m.Images {
		ref, err := s.inbox("image.png", data)
		if err != nil {
			return wire.Content{}, err
		}
		mixed.Items = append(mixed.Items, wire.Content{Type: "image", Image: ref})
	}
	return wire.Content{Type: "mixed", Mixed: mixed}, nil
}

// EnterChat lets somebody open the one-to-one chat with the bot, for the first time that day. The bot may greet.
func (s *Server) EnterChat(user string) Sent {
	at := s.clock.Now()
	return s.noted(at, user, "", "[打开私聊]", s.enter(user))
}

func (s *Server) enter(user string) Sent {
	s.mu.Lock()
	q := &question{kind: wire.EventEnter, at: s.clock.Now(), user: s.member(user)}
	if q.user == nil {
		s.mu.Unlock()
		return Sent{Why: "there is no " + user}
	}
	return s.hand(q, s.event(q, &wire.Event{Type: wire.EventEnter}), s.o.Attempts)
}

// event holds mu.
func (s *Server) event(q *question, e *wire.Event) wire.Message {
	return wire.Message{CreateTime: wire.Number(q.at.Unix()), From: wire.Sender{CorpID: s.app.CorpID}, Content: wire.Content{Type: "event"}, Event: e}
}

// hand completes a message and gives it to the bot, by the way that is configured. It is called with mu held and releases
// it.
func (s *Server) hand(q *question, m wire.Message, times int) Sent {
	if m.ID == "" {
		m.ID = s.newID("m")
	}
	m.BotID, m.From.UserID = s.bot.ID, q.user.seenByBot()
	m.ChatType, q.place = wire.Single, m.From.UserID
	if q.chat != "" {
		m.ChatID, m.ChatType, q.place = q.chat, wire.Group, q.chat
	}
	if q.kind == kindMessage {
		s.talked[q.place] = true
	}
	sent := Sent{ID: m.ID, ReqID: s.newID("CBREQ-")}
	if q.kind != wire.EventEnter { // (101138)
		code := s.newID("RESP")
		m.ResponseURL = s.BaseURL() + "/cgi-bin/aibot/response?response_code=" + code
		s.asked.put("url "+code, q)
	}
	s.asked.put(sent.ReqID, q)
	if s.bot.Callback != "" {
		t, err := s.botTarget()
		s.mu.Unlock()
		if err != nil {
			sent.Why = err.Error()
			return sent
		}
		return s.call(t, sent, m, q, times)
	}
	defer s.mu.Unlock()
	cmd := wire.CmdMessage
	if m.Type == "event" {
		cmd = wire.CmdEvent
	}
	switch live := s.sockets.live; {
	case live == nil:
		s.lost++
		sent.Why = "the bot is not connected"
	case !s.say(live, wire.Request{Cmd: cmd, Headers: wire.Headers{RequestID: sent.ReqID}, Body: m}):
		s.lost++
		sent.Why = "the connection is silent"
	default:
		sent.Delivered = true
	}
	return sent
}

// Lost is the number of messages and events that nobody was connected to take.
func (s *Server) Lost() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lost
}

// interacting is how many messages of one member may wait for their callback's end at once (100719).
const interacting = 3

// call gives a message to the bot's callback address, at most three of one member at once.
func (s *Server) call(t target, sent Sent, m wire.Message, q *question, times int) Sent {
	plain, err := json.Marshal(m)
	if err != nil {
		sent.Why = err.Error()
		return sent
	}
	s.mu.Lock()
	turns := s.busy[m.From.UserID]
	if turns == nil {
		turns = make(chan struct{}, interacting)
		s.busy[m.From.UserID] = turns
	}
	s.mu.Unlock()
	if !s.o.Unlimited {
		turns <- struct{}{}
		defer func() { <-turns }()
	}
	sent.Attempts = s.deliver(t, plain, times, func(reply []byte) error { return s.passive(q, sent.ReqID, m, reply) })
	sent.settle()
	return sent
}

// settle says by the attempts whether the callback arrived.
func (s *Sent) settle() {
	last := s.Attempts[len(s.Attempts)-1]
	s.Delivered = last.Acknowledged()
	if !s.Delivered {
		s.Why = last.Err
		if s.Why == "" {
			s.Why = "the bot did not acknowledge"
		}
	}
}
