package wecom

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"lianbang/bot"
	"lianbang/bot/wecom/wire"
)

const (
	testBot    = "aibTESTBOT"
	testSecret = "s3cret-of-the-connection"
)

// pipes is a network in memory, so that tests run on synctest's clock.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), closed: make(chan struct{})} }

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case p.conns <- theirs:
		return ours, nil
	case <-p.closed:
		return nil, errors.New("refused")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 9700} }

// openws is a small server of the long connection. It acknowledges what answer gives for a frame; nil leaves it unanswered.
type openws struct {
	net    *pipes
	answer func(p *peer, f wire.Frame) *wire.Ack

	mu    sync.Mutex
	peers []*peer
	got   []wire.Frame
}

// peer is one connection at the server.
type peer struct {
	mu   sync.Mutex
	conn *websocket.Conn
}

func ok(f wire.Frame) *wire.Ack { return &wire.Ack{Headers: f.Headers, ErrMsg: "ok"} }

func refuse(f wire.Frame, code int, msg string) *wire.Ack {
	return &wire.Ack{Headers: f.Headers, ErrCode: code, ErrMsg: msg}
}

func (o *openws) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	up := websocket.Upgrader{}
	conn, err := up.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer conn.Close()
	p := &peer{conn: conn}
	o.mu.Lock()
	o.peers = append(o.peers, p)
	o.mu.Unlock()
	for {
		_, data, err := conn.ReadMessage()
		if err != nil {
			return
		}
		f, err := wire.ParseFrame(data)
		if err != nil {
			panic(err)
		}
		o.mu.Lock()
		o.got = append(o.got, f)
		answer := o.answer
		o.mu.Unlock()
		if a := answer(p, f); a != nil {
			p.push(a)
		}
	}
}

func (p *peer) push(frame any) {
	data, err := json.Marshal(frame)
	if err != nil {
		panic(err)
	}
	p.raw(data)
}

func (p *peer) raw(data []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = p.conn.WriteMessage(websocket.TextMessage, data) // a test that cares looks at what arrived
}

func (o *openws) last() *peer {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.peers) == 0 {
		return nil
	}
	return o.peers[len(o.peers)-1]
}

func (o *openws) connections() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.peers)
}

// frames are those of a command, oldest first.
func (o *openws) frames(cmd string) (out []wire.Frame) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, f := range o.got {
		if f.Cmd == cmd {
			out = append(out, f)
		}
	}
	return out
}

func (o *openws) setAnswer(answer func(p *peer, f wire.Frame) *wire.Ack) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.answer = answer
}

// journal is a log that may be read while it is written.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(b)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// rig is a running adapter with a server, inside synctest's bubble.
type rig struct {
	*openws
	t       *testing.T
	adapter *Adapter
	stop    context.CancelFunc
	done    chan error
	log     *journal

	mu     sync.Mutex
	events []bot.Event
	fail   func(bot.Event) error
	counts map[string]int
}

// connect runs test with an adapter that connects to a server of its own. Time is synctest's.
func connect(t *testing.T, change func(*Config, *openws), test func(t *testing.T, r *rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := &rig{t: t, done: make(chan error, 1), log: &journal{}, counts: map[string]int{}}
		r.openws = &openws{net: newPipes(), answer: func(_ *peer, f wire.Frame) *wire.Ack { return ok(f) }}
		c := Config{Account: "main", Bot: &BotConfig{Mode: ModeWebsocket, Name: "联帮", ID: testBot, Secret: testSecret, URL: "ws://127.0.0.1:9700"},
			Logger: slog.New(slog.NewTextHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug})), Count: r.count}
		if change != nil {
			change(&c, r.openws)
		}
		a, err := New(c)
		if err != nil {
			t.Fatal(err)
		}
		a.link.net = r.net.dial
		r.adapter = a
		server := &http.Server{Handler: r.openws, ErrorLog: log.New(io.Discard, "", 0)}
		go func() { _ = server.Serve(r.net) }() // ends with Close
		ctx, cancel := context.WithCancel(context.Background())
		r.stop = cancel
		go func() { r.done <- a.runBot(ctx, r.sink) }()
		synctest.Wait()
		test(t, r)
		cancel()
		synctest.Wait()
		_ = server.Close()
		for _, p := range r.peers {
			_ = p.conn.Close()
		}
		time.Sleep(2 * drainTime) // of synctest: the sink's last chance is over
		synctest.Wait()
		for _, secret := range []string{testSecret, "秘密"} {
			if strings.Contains(r.log.String(), secret) {
				t.Errorf("the log contains %q", secret)
			}
		}
	})
}

func (r *rig) count(what string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.counts[what]++
}

func (r *rig) counted(what string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.counts[what]
}

func (r *rig) sink(_ context.Context, e bot.Event) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fail != nil {
		if err := r.fail(e); err != nil {
			return err
		}
	}
	r.events = append(r.events, e)
	return nil
}

func (r *rig) heard() []bot.Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.events)
}

func (r *rig) failWith(fail func(bot.Event) error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fail = fail
}

// line is the adapter's connection, which must be there.
func (r *rig) line() *socket {
	r.t.Helper()
	s, err := r.adapter.line()
	if err != nil {
		r.t.Fatalf("no connection: %v\n%s", err, r.log)
	}
	return s
}

// said is a message frame.
func said(reqID, id, chat, user, text string) wire.Request {
	m := wire.Message{ID: id, BotID: testBot, ChatID: chat, ChatType: wire.Single, From: wire.Sender{UserID: user},
		Content: wire.Content{Type: "text", Text: &wire.Text{Content: text}}}
	if chat != "" {
		m.ChatType = wire.Group
	}
	return wire.Request{Cmd: wire.CmdMessage, Headers: wire.Headers{RequestID: reqID}, Body: m}
}

// happened is an event frame.
func happened(reqID, id, user string, e wire.Event) wire.Request {
	m := wire.Message{ID: id, BotID: testBot, CreateTime: 1790000100, From: wire.Sender{UserID: user}, Content: wire.Content{Type: "event"}, Event: &e}
	return wire.Request{Cmd: wire.CmdEvent, Headers: wire.Headers{RequestID: reqID}, Body: m}
}

// push sends a frame to the adapter and lets it do what it will.
func (r *rig) push(frame any) {
	r.last().push(frame)
	synctest.Wait()
}
