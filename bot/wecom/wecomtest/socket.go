package wecomtest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/gorilla/websocket"

	"lianbang/bot/fake"
	"lianbang/bot/wecom/wire"
)

// sockets are the long connections of the bot.
type sockets struct {
	all        map[*socket]bool
	live       *socket // the subscribed one
	opened     int
	subscribed []Subscription
}

// Subscription is one successful aibot_subscribe.
type Subscription struct {
	At     time.Time `json:"at"`
	Conn   int       `json:"conn"`   // number of the connection
	Kicked bool      `json:"kicked"` // it displaced another connection
}

// socket is one long connection.
type socket struct {
	ws     *websocket.Conn
	number int
	out    chan []byte
	gone   chan struct{} // closed when the connection is over

	// Under the Server's mu:
	frozen bool // silent: what comes is not heard, what is said does not leave
	over   bool
}

const (
	maxFrame    = 2 << 20 // a chunk is 700 KB as base64
	maxSockets  = 64
	outbox      = 1024 // frames that wait to be written
	writeWithin = 10 * time.Second
)

// connect takes a long connection. Whether it may get anything is decided by its first frame.
func (s *Server) connect(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	f := s.fault(nameConnect, "")
	full := len(s.sockets.all) >= maxSockets
	s.mu.Unlock()
	if f != nil && !f.delaysOnly() || full {
		if f == nil || !f.overrides() && !f.mutes() {
			f = &Fault{Status: http.StatusServiceUnavailable}
		}
		s.fail(w, r, f)
		return
	}
	upgrader := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	ws, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		s.violations.Add("the upgrade to a socket failed: %v", err)
		return
	}
	ws.SetReadLimit(maxFrame)
	c := &socket{ws: ws, out: make(chan []byte, outbox), gone: make(chan struct{})}
	s.mu.Lock()
	if s.sockets.all == nil {
		s.sockets.all = map[*socket]bool{}
	}
	s.sockets.opened++
	c.number = s.sockets.opened
	s.sockets.all[c] = true
	s.log(Call{At: s.clock.Now(), Name: nameConnect, Conn: c.number})
	s.background(c.write)
	closed := s.ctx.Err() != nil
	s.mu.Unlock()
	defer s.drop(c)
	if closed {
		_ = ws.Close() // nobody writes to it
		return
	}
	for {
		kind, data, err := ws.ReadMessage()
		if err != nil {
			return
		}
		if kind != websocket.TextMessage {
			s.violations.Add("a frame that is no text")
			continue
		}
		s.hear(c, data)
	}
}

// write is the one writer of a connection.
func (c *socket) write() {
	defer func() { _ = c.ws.Close() }() // the connection is over either way
	for {
		select {
		case data := <-c.out:
			if c.ws.SetWriteDeadline(time.Now().Add(writeWithin)) != nil || c.ws.WriteMessage(websocket.TextMessage, data) != nil {
				return
			}
		case <-c.gone:
			return
		}
	}
}

// say puts a frame on its way, unless the connection is over, silent or clogged. It holds mu.
func (s *Server) say(c *socket, frame any) bool {
	if c.over || c.frozen {
		return false
	}
	data, err := json.Marshal(frame)
	if err != nil {
		s.violations.Add("a frame cannot be written: %v", err)
		return false
	}
	if s.o.RawControl {
		data = rawControls(data)
	}
	select {
	case c.out <- data:
		return true
	default:
		s.violations.Add("connection %d does not read", c.number)
		return false
	}
}

// rawControls puts control characters into JSON strings as they are, as the platform was seen to do (SDK source).
func rawControls(data []byte) []byte {
	out := make([]byte, 0, len(data))
	for i := 0; i < len(data); i++ {
		if data[i] != '\\' || i+1 == len(data) {
			out = append(out, data[i])
			continue
		}
		i++
		switch rest := data[i:]; {
		case rest[0] == 'b':
			out = append(out, '\b')
		case rest[0] == 'f':
			out = append(out, '\f')
		case len(rest) >= 5 && (bytes.HasPrefix(rest, []byte("u000")) || bytes.HasPrefix(rest, []byte("u001"))):
			low, _ := strconv.ParseUint(string(rest[3:5]), 16, 8) // json.Marshal writes hexadecimal digits
			out = append(out, byte(low))
			i += 4
		default:
			out = append(out, '\\', rest[0])
		}
	}
	return out
}

// drop forgets a connection and closes it.
func (s *Server) drop(c *socket) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.end(c)
}

// end is drop for those who hold mu.
func (s *Server) end(c *socket) {
	if c.over {
		return
	}
	c.over = true
	close(c.gone)
	delete(s.sockets.all, c)
	if s.sockets.live == c {
		s.sockets.live = nil
	}
}

// Cut ends all long connections without a word.
func (s *Server) Cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.sockets.all {
		s.end(c)
	}
}

// Freeze makes the connections that are open now fall silent: they stay open, nothing comes and nothing is heard. New
// connections are not touched.
func (s *Server) Freeze() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.sockets.all {
		c.frozen = true
	}
}

// Kick displaces the subscribed connection, as a subscription from elsewhere does, without one: it gets
// disconnected_event and is closed after the lag.
func (s *Server) Kick() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.displace(nil)
}

// Unsubscribe makes the platform forget that the connection is subscribed, which stays open and is not told: 846609.
func (s *Server) Unsubscribe() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	was := s.sockets.live != nil
	s.sockets.live = nil
	return was
}

// Subscribed is the number of the subscribed connection; 0 = none.
func (s *Server) Subscribed() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sockets.live == nil || s.sockets.live.frozen {
		return 0
	}
	return s.sockets.live.number
}

// Connections is the number of sockets that are open, the silent ones included.
func (s *Server) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.sockets.all)
}

// Subscriptions lists all successful subscriptions, oldest first.
func (s *Server) Subscriptions() []Subscription {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.sockets.subscribed)
}

// subscribe makes c the connection of the bot and displaces another. It holds mu.
func (s *Server) subscribe(c *socket, body []byte) error {
	var b struct {
		BotID  string `json:"bot_id"`
		Secret string `json:"secret"`
	}
	if json.Unmarshal(body, &b) != nil || b.BotID != s.bot.ID || b.Secret != s.bot.Secret || s.bot.Callback != "" {
		return refuse(wire.CodeCredentials, "invalid bot_id or secret") // the socket stays open (field report)
	}
	if s.sockets.live == c {
		s.violations.Add("connection %d subscribes once more", c.number)
		return nil
	}
	kicked := s.displace(c)
	s.sockets.live = c
	s.sockets.subscribed = fake.Keep(s.sockets.subscribed, Subscription{s.clock.Now(), c.number, kicked}, maxCalls)
	return nil
}

// displace tells the subscribed connection that it is no longer, and closes it after the lag. It holds mu.
func (s *Server) displace(by *socket) bool {
	old := s.sockets.live
	if old == nil || old == by {
		return false
	}
	s.sockets.live = nil
	s.say(old, wire.Request{Cmd: wire.CmdEvent, Headers: wire.Headers{RequestID: s.newID("EVT")}, Body: wire.Message{
		ID: s.newID("m"), BotID: s.bot.ID, CreateTime: wire.Number(s.clock.Now().Unix()),
		Content: wire.Content{Type: "event"}, Event: &wire.Event{Type: wire.EventDisconnected},
	}})
	rings, forget := s.clock.After(s.o.KickLag)
	s.background(func() {
		defer forget()
		select {
		case <-rings:
			s.drop(old)
		case <-old.gone:
		case <-s.ctx.Done():
		}
	})
	return true
}

// String names the connection for messages.
func (c *socket) String() string { return "connection " + strconv.Itoa(c.number) }
