package feishutest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"lianbang/bot/feishu/wire"
)

// Facts of the long connection (documentation of the long connection; SDK source).
const (
	maxConnections = 50
	serviceID      = 33554678
	maxTickets     = 1000
	writePatience  = 10 * time.Second
	maxFrame       = 1 << 20 // of what clients send
)

// Config is what a client is told about the connection, with the endpoint and in every pong. All in seconds; a
// ReconnectCount of -1 means for ever.
type Config struct {
	ReconnectCount, ReconnectInterval, ReconnectNonce, PingInterval int
}

// DefaultConfig is what the platform gives.
var DefaultConfig = Config{ReconnectCount: -1, ReconnectInterval: 120, ReconnectNonce: 30, PingInterval: 120}

// Network is how the long connection behaves. The zero value is a good one.
type Network struct {
	Fragment   int  // bytes of one frame's payload; 0 = events are whole
	Shuffle    bool // fragments come in any order
	Repeat     bool // every fragment comes twice
	Twice      bool // every event comes twice, under two frame ids
	CardFrames bool // clicks come in frames of type card
	CutMidway  bool // the connection is cut after an event's first fragment
	CutAfter   bool // the connection is cut as soon as an event is written
	LoseAcks   bool // no acknowledgement arrives
}

// SetNetwork changes how the long connection behaves from now on.
func (s *Server) SetNetwork(n Network) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.network = n
}

// SetPong makes pongs carry payload as it is, which may be malformed or lack fields.
func (s *Server) SetPong(payload string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sockets.pong = []byte(payload)
}

// sockets are the long connections, and the tickets to open one.
type sockets struct {
	open    []*socket // in the order in which they were opened
	tickets map[string]bool
	pong    []byte // nil = Options.ConnectionConfig
}

func (s *sockets) init() { s.tickets = map[string]bool{} }

// socket is one long connection.
type socket struct {
	conn   *websocket.Conn
	gone   chan struct{} // closed when reading has ended
	frozen bool          // guarded by Server.mu

	writing sync.Mutex
	mu      sync.Mutex
	waiting map[string]chan wire.Frame // by frame id
}

// Connections counts the open long connections, frozen ones included.
func (s *Server) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.sockets.open)
}

// Cut ends every long connection without a word and returns how many there were.
func (s *Server) Cut() int {
	s.mu.Lock()
	open := slices.Clone(s.sockets.open)
	s.mu.Unlock()
	for _, k := range open {
		// What is closed twice is closed.
		_ = k.conn.NetConn().Close()
	}
	return len(open)
}

// Freeze makes every present long connection silent, as when a network swallows it: nothing is answered, nothing comes, and
// nobody is told. New connections work. It returns how many were frozen.
func (s *Server) Freeze() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range s.sockets.open {
		k.frozen = true
	}
	return len(s.sockets.open)
}

// discover answers POST /callback/ws/endpoint. All its codes come as HTTP 200.
func (s *Server) discover(c *call) (any, *refusal) {
	var in struct{ AppID, AppSecret string }
	if err := json.Unmarshal(c.body, &in); err != nil || in.AppID == "" || in.AppSecret == "" {
		return nil, &refusal{status: http.StatusOK, code: 1000040344, msg: "no credentials"}
	}
	if in.AppID != s.o.AppID || in.AppSecret != s.o.AppSecret {
		return nil, &refusal{status: http.StatusOK, code: 1000040345, msg: "app_id or app_secret is invalid"}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.sockets.open) >= maxConnections {
		return nil, &refusal{status: http.StatusOK, code: 1000040350, msg: "the number of connections exceeded the limit"}
	}
	if len(s.sockets.tickets) >= maxTickets {
		clear(s.sockets.tickets)
	}
	ticket := s.newID("")
	s.sockets.tickets[ticket] = true
	url := fmt.Sprintf("ws://%s/ws/v2?fpid=493&aid=552564&device_id=%d&access_key=%s&service_id=%d&ticket=%s",
		c.r.Host, 7630000000000000000+s.serial, s.newID(""), serviceID, ticket)
	return bare{"msg": "", "data": map[string]any{"URL": url, "ClientConfig": s.o.ConnectionConfig}}, nil
}

var upgrader = websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}

// connect answers GET /ws/v2: the upgrade to a long connection, for a ticket that was not used.
func (s *Server) connect(w http.ResponseWriter, r *http.Request) {
	ticket := r.URL.Query().Get("ticket")
	s.mu.Lock()
	known, full := s.sockets.tickets[ticket], len(s.sockets.open) >= maxConnections
	delete(s.sockets.tickets, ticket)
	s.mu.Unlock()
	if !known || full {
		autherr := "0"
		if full {
			autherr = "1000040350"
		}
		h := w.Header()
		h.Set("Handshake-Status", "514")
		h.Set("Handshake-Msg", "auth failed")
		h.Set("Handshake-Autherrcode", autherr)
		w.WriteHeader(514)
		return
	}
	under, ok := w.(*answer)
	if ok {
		under.status = http.StatusSwitchingProtocols
		w = under.ResponseWriter
	}
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		s.violations.Add("bad handshake: %v", err)
		return
	}
	conn.SetReadLimit(maxFrame)
	k := &socket{conn: conn, gone: make(chan struct{}), waiting: map[string]chan wire.Frame{}}
	s.mu.Lock()
	s.sockets.open = append(s.sockets.open, k)
	s.counts.Connections++
	s.mu.Unlock()
	if s.ctx.Err() != nil { // Close may have cut the others already
		_ = conn.NetConn().Close()
	}
	s.listen(k)
}

// listen reads what the client sends until the connection ends.
func (s *Server) listen(k *socket) {
	defer func() {
		s.mu.Lock()
		s.sockets.open = slices.DeleteFunc(s.sockets.open, func(other *socket) bool { return other == k })
		s.mu.Unlock()
		close(k.gone)
		// What is closed twice is closed.
		_ = k.conn.Close()
	}()
	for {
		kind, data, err := k.conn.ReadMessage()
		if err != nil {
			return
		}
		if kind != websocket.BinaryMessage {
			s.violations.Add("a text message on the long connection")
			continue
		}
		f, err := wire.Unmarshal(data)
		if err != nil {
			s.violations.Add("a frame that does not decode: %v", err)
			continue
		}
		s.take(k, f)
	}
}

func (s *Server) take(k *socket, f wire.Frame) {
	s.mu.Lock()
	frozen, lose := k.frozen, s.network.LoseAcks
	s.mu.Unlock()
	switch {
	case frozen:
	case f.Method == wire.Control && f.Header(wire.HeaderType) == wire.TypePing:
		s.ping(k, f)
	case f.Method == wire.Data && lose:
	case f.Method == wire.Data:
		k.hand(f)
	default:
		s.violations.Add("a frame of method %d and type %q", f.Method, f.Header(wire.HeaderType))
	}
}

func (s *Server) ping(k *socket, f wire.Frame) {
	if f.Service != serviceID {
		s.violations.Add("a ping for service %d", f.Service)
	}
	s.mu.Lock()
	s.counts.Pings++
	pong := s.sockets.pong
	if pong == nil {
		pong = []byte(compact(s.o.ConnectionConfig))
	}
	s.mu.Unlock()
	// A connection that cannot be written to ends in listen.
	_ = k.write(wire.Frame{Service: f.Service, Method: wire.Control, Headers: []wire.Header{{Key: wire.HeaderType, Value: wire.TypePong}}, Payload: pong})
}

// hand gives an answer to the push that waits for it. A second answer is dropped.
func (k *socket) hand(f wire.Frame) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if c := k.waiting[f.Header(wire.HeaderMessageID)]; c != nil {
		select {
		case c <- f:
		default:
		}
	}
}

func (k *socket) write(f wire.Frame) error {
	k.writing.Lock()
	defer k.writing.Unlock()
	if err := k.conn.SetWriteDeadline(time.Now().Add(writePatience)); err != nil {
		return err
	}
	return k.conn.WriteMessage(websocket.BinaryMessage, f.Marshal())
}
