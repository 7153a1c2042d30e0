package feishu

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/gorilla/websocket"

	"lianbang/bot/feishu/wire"
)

// frameTime is how long writing one frame may take.
const frameTime = 5 * time.Second

// The codes of an answer. After any but the first, the platform delivers the event again.
const (
	codeDone   = 200
	codeFailed = 500
)

// delivery is one message of the long connection.
type delivery struct {
	pushed   pushed
	frame    wire.Frame // the last fragment, which the answer repeats
	received time.Time
}

// answer is the frame that answers d. Of a callback, body is what its answer would be over HTTP; it goes as Base64 (SDK
// source, ws/client.go; not checked against the live platform).
func (d delivery) answer(code int, body json.RawMessage) []byte {
	payload, err := json.Marshal(struct {
		Code int    `json:"code"`
		Data []byte `json:"data,omitempty"`
	}{code, body})
	if err != nil {
		panic(err) // a number and bytes are JSON
	}
	return d.frame.Answer(strconv.FormatInt(time.Since(d.received).Milliseconds(), 10), payload).Marshal()
}

// link is an open connection. Its writer is the only one who writes frames; one goroutine reads conn.
type link struct {
	conn *websocket.Conn
	ping []byte
	out  chan outgoing
	pace chan time.Duration // a new interval of pings; the latest counts
	end  chan struct{}      // closed to end the writer
	gone chan struct{}      // closed when the writer has ended
}

// outgoing is a frame and who wants to know whether it was written.
type outgoing struct {
	frame []byte
	sent  chan<- bool
}

func newLink(conn *websocket.Conn, service int32) *link {
	ping := wire.Frame{Service: service, Method: wire.Control, Headers: []wire.Header{{Key: wire.HeaderType, Value: wire.TypePing}}}
	return &link{conn: conn, ping: ping.Marshal(), out: make(chan outgoing), pace: make(chan time.Duration, 1),
		end: make(chan struct{}), gone: make(chan struct{})}
}

// write writes frames, and a ping at once and then at every interval, until a write fails or the link is closed.
func (l *link) write(interval time.Duration) {
	defer close(l.gone)
	defer l.conn.Close()
	ping := time.NewTimer(0)
	defer ping.Stop()
	for {
		var err error
		select {
		case o := <-l.out:
			err = l.put(o.frame)
			o.sent <- err == nil
		case <-ping.C:
			err = l.put(l.ping)
			ping.Reset(interval)
		case interval = <-l.pace:
			ping.Reset(interval)
		case <-l.end:
			_ = l.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""), time.Now().Add(time.Second))
			return
		}
		if err != nil {
			return
		}
	}
}

func (l *link) put(frame []byte) error {
	if err := l.conn.SetWriteDeadline(time.Now().Add(frameTime)); err != nil {
		return err
	}
	return l.conn.WriteMessage(websocket.BinaryMessage, frame)
}

// send gives the frame to the writer and reports whether it was written.
func (l *link) send(frame []byte) bool {
	sent := make(chan bool, 1)
	select {
	case l.out <- outgoing{frame, sent}:
		return <-sent
	case <-l.gone:
		return false
	}
}

// pong answers a ping of the WebSocket protocol. It may be called while the writer writes.
func (l *link) pong(data string) error {
	return l.conn.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(time.Second))
}

// changePing makes the writer ping at a new interval. Only the reader calls it.
func (l *link) changePing(interval time.Duration) {
	select {
	case <-l.pace:
	default:
	}
	l.pace <- interval
}

// close ends the writer and the connection. It is called once, by the reader.
func (l *link) close() {
	close(l.end)
	<-l.gone
}
