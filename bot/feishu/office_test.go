package feishu

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"lianbang/bot/feishu/wire"
)

const (
	appSecret = "S3cr3tAppSecret"
	accessKey = "S3cr3tAccessKey"
	ticket    = "S3cr3tTicket"
)

// office is the platform's end of the long connection: it says where to connect and gives every connection to the test.
type office struct {
	*pipes
	t     *testing.T
	conns chan *websocket.Conn

	mu       sync.Mutex
	asked    []string                         // bodies of the questions where to connect
	answers  []string                         // instead of the usual, one question each
	greeting func(w http.ResponseWriter) bool // instead of the upgrade
	config   string
}

// bubble runs test with an office, on synctest's clock.
func bubble(t *testing.T, test func(t *testing.T, o *office)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		o := &office{t: t, conns: make(chan *websocket.Conn, 16),
			config: `{"ReconnectCount":-1,"ReconnectInterval":5,"ReconnectNonce":1,"PingInterval":50}`}
		mux := http.NewServeMux()
		mux.HandleFunc("POST /callback/ws/endpoint", o.endpoint)
		mux.HandleFunc("/ws", o.upgrade)
		o.pipes = serve(t, mux)
		test(t, o)
	})
}

func (o *office) address() string {
	return "ws://" + pipesAddr.String() + "/ws?fpid=493&device_id=76&access_key=" + accessKey + "&service_id=33554678&ticket=" + ticket
}

func (o *office) endpoint(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		o.t.Error(err)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.asked = append(o.asked, string(body)+" "+r.Header.Get("locale"))
	answer := `{"code":0,"msg":"","data":{"URL":"` + o.address() + `","ClientConfig":` + o.config + `}}`
	if len(o.answers) > 0 {
		answer, o.answers = o.answers[0], o.answers[1:]
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, answer) // who asked may have gone
}

func (o *office) upgrade(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	greeting := o.greeting
	o.mu.Unlock()
	if greeting != nil && greeting(w) {
		return
	}
	up := websocket.Upgrader{}
	conn, err := up.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	o.conns <- conn
}

func (o *office) questions() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]string(nil), o.asked...)
}

// accept is the next connection. Its first frame must be a ping.
func (o *office) accept() *websocket.Conn {
	o.t.Helper()
	select {
	case c := <-o.conns:
		o.t.Cleanup(func() { _ = c.Close() })
		if f := o.read(c); f.Header(wire.HeaderType) != wire.TypePing || f.Method != wire.Control || f.Service != 33554678 || f.SeqID != 0 || f.Payload != nil {
			o.t.Fatalf("the first frame is %+v", f)
		}
		return c
	case <-time.After(10 * time.Minute):
		o.t.Fatal("nobody connects")
		return nil
	}
}

func (o *office) read(c *websocket.Conn) wire.Frame {
	o.t.Helper()
	if err := c.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		o.t.Fatal(err)
	}
	kind, data, err := c.ReadMessage()
	if err != nil || kind != websocket.BinaryMessage {
		o.t.Fatalf("no frame: %d, %v", kind, err)
	}
	f, err := wire.Unmarshal(data)
	if err != nil {
		o.t.Fatal(err)
	}
	return f
}

// drain reads what comes, for those who do not care, until the connection ends.
func (o *office) drain(c *websocket.Conn) {
	if err := c.SetReadDeadline(time.Time{}); err != nil {
		o.t.Fatal(err)
	}
	go func() {
		for {
			if _, _, err := c.ReadMessage(); err != nil {
				return
			}
		}
	}()
}

// answer is the next frame that is no ping, and the code in it.
func (o *office) answer(c *websocket.Conn) (wire.Frame, int, string) {
	o.t.Helper()
	for {
		f := o.read(c)
		if f.Method == wire.Control {
			continue
		}
		var a struct {
			Code int    `json:"code"`
			Data []byte `json:"data"`
		}
		if err := json.Unmarshal(f.Payload, &a); err != nil {
			o.t.Fatal(err)
		}
		return f, a.Code, string(a.Data)
	}
}

func (o *office) write(c *websocket.Conn, data []byte) {
	o.t.Helper()
	if err := c.WriteMessage(websocket.BinaryMessage, data); err != nil {
		o.t.Fatal(err)
	}
}

// pushFrame is an event frame with one whole payload.
func pushFrame(id, payload string) wire.Frame {
	f := part(id, 1, 0, []byte(payload))
	f.SeqID, f.LogID, f.Service = 7, 9, 33554678
	return f
}

// running is a socket that runs against an office.
type running struct {
	*ear
	office *office
	stop   func()
	done   chan error
}

func connect(t *testing.T, o *office) *running {
	t.Helper()
	e := newEar()
	a, err := New(Config{Account: "main", AppID: "cli_1a2b3c4d5e6f7081", AppSecret: appSecret, BaseURL: "http://" + pipesAddr.String(), Logger: e.inbound.log})
	if err != nil {
		t.Fatal(err)
	}
	a.rest.http.SetTransport(o.transport())
	s := newSocket(a.discover, e.inbound)
	s.net = o.dial
	ctx, cancel := context.WithCancel(context.Background())
	r := &running{ear: e, office: o, stop: cancel, done: make(chan error, 1)}
	go func() { r.done <- s.run(ctx) }()
	t.Cleanup(func() {
		cancel()
		for {
			select {
			case <-r.done:
			case c := <-o.conns:
				_ = c.Close()
				continue
			case <-time.After(time.Minute):
				t.Error("run does not end")
			}
			break
		}
		noSecrets(t, e.log.String())
	})
	return r
}

func noSecrets(t *testing.T, log string) {
	t.Helper()
	for _, secret := range []string{appSecret, accessKey, ticket, "access_key", "fpid"} {
		if strings.Contains(log, secret) {
			t.Errorf("%q in %s", secret, log)
		}
	}
}
