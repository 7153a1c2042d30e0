package feishutest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"lianbang/bot/fake"
	"lianbang/bot/feishu/wire"
)

// patience is how long a test waits for what must happen.
const patience = 10 * time.Second

func await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("in vain: %s", what)
		}
	}
}

var noon = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

// rig is a tenant with a cast, and an app that calls it.
type rig struct {
	*Server
	t         *testing.T
	group     *Group
	lin, wang *Person
	token     string
}

func open(t *testing.T, o Options) *rig {
	t.Helper()
	if o.Clock == nil {
		o.Clock = fake.NewFrozenClock(noon)
	}
	s := New(o)
	if _, err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
		for _, v := range s.Violations() {
			t.Errorf("violation: %s", v)
		}
	})
	return newRig(t, s)
}

func newRig(t *testing.T, s *Server) *rig {
	c := s.Cast()
	return &rig{Server: s, t: t, group: c.Group, lin: c.Lin, wang: c.Wang}
}

// got is an answer.
type got struct {
	Status int
	Header http.Header
	Code   int             `json:"code"`
	Msg    string          `json:"msg"`
	Data   json.RawMessage `json:"data"`
	Raw    []byte
}

func (g got) into(t *testing.T, v any) {
	t.Helper()
	if err := json.Unmarshal(g.Data, v); err != nil {
		t.Fatalf("%v in %s", err, g.Raw)
	}
}

// do calls an endpoint without a token of its own.
func (r *rig) do(method, path, token, kind string, body []byte) got {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), method, r.BaseURL()+path, bytes.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return got{}
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	g := got{Status: res.StatusCode, Header: res.Header, Raw: raw}
	if strings.Contains(res.Header.Get("Content-Type"), "json") {
		if err := json.Unmarshal(raw, &g); err != nil {
			r.t.Fatalf("%v in %s", err, raw)
		}
	}
	return g
}

const jsonType = "application/json; charset=utf-8"

// call calls an endpoint as the app does.
func (r *rig) call(method, path string, body any) got {
	r.t.Helper()
	if r.token == "" {
		r.token = r.login()
	}
	return r.do(method, path, r.token, jsonType, []byte(compact(body)))
}

func (r *rig) login() string {
	r.t.Helper()
	g := r.do("POST", "/open-apis/auth/v3/tenant_access_token/internal", "", jsonType, []byte(compact(map[string]string{"app_id": r.AppID(), "app_secret": r.AppSecret()})))
	var in struct {
		Token string `json:"tenant_access_token"`
	}
	if err := json.Unmarshal(g.Raw, &in); err != nil || in.Token == "" {
		r.t.Fatalf("no token: %s", g.Raw)
	}
	return in.Token
}

// post sends a message to the group and returns its id.
func (r *rig) post(kind, content, uuid string) (string, got) {
	r.t.Helper()
	g := r.call("POST", "/open-apis/im/v1/messages?receive_id_type=chat_id", map[string]string{
		"receive_id": r.group.ID, "msg_type": kind, "content": content, "uuid": uuid,
	})
	var in struct {
		ID string `json:"message_id"`
	}
	if g.Status == http.StatusOK && g.Code == 0 {
		g.into(r.t, &in)
	}
	return in.ID, g
}

func (r *rig) text(text, uuid string) (string, got) {
	r.t.Helper()
	return r.post("text", compact(map[string]string{"text": text}), uuid)
}

// app is a client of the long connection.
type app struct {
	t    *testing.T
	conn *websocket.Conn
	mu   sync.Mutex
	// answer makes the payload of the answer to an event; nil = none. It may be changed under mu.
	answer  func(payload []byte) []byte
	frames  []wire.Frame
	events  [][]byte
	pongs   [][]byte
	parts   map[string]map[string][]byte
	done    chan struct{}
	handled map[string]bool
}

func accept([]byte) []byte { return []byte(`{"code":200}`) }

// endpoint asks where to connect.
func (r *rig) endpoint() (string, got) {
	r.t.Helper()
	g := r.do("POST", "/callback/ws/endpoint", "", jsonType, []byte(compact(map[string]string{"AppID": r.AppID(), "AppSecret": r.AppSecret()})))
	var in struct{ URL string }
	if g.Code == 0 {
		g.into(r.t, &in)
	}
	return in.URL, g
}

// connect opens a long connection.
func (r *rig) connect(answer func([]byte) []byte) *app {
	r.t.Helper()
	url, g := r.endpoint()
	if url == "" {
		r.t.Fatalf("no endpoint: %s", g.Raw)
	}
	conn, _, err := websocket.DefaultDialer.DialContext(r.t.Context(), url, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	a := &app{t: r.t, conn: conn, answer: answer, parts: map[string]map[string][]byte{}, done: make(chan struct{}), handled: map[string]bool{}}
	before := r.Connections()
	go a.read()
	r.t.Cleanup(func() { conn.Close(); <-a.done })
	await(r.t, "the connection is counted", func() bool { return r.Connections() >= max(before, 1) })
	return a
}

func (a *app) read() {
	defer close(a.done)
	for {
		_, data, err := a.conn.ReadMessage()
		if err != nil {
			return
		}
		f, err := wire.Unmarshal(data)
		if err != nil {
			a.t.Errorf("frame: %v", err)
			return
		}
		a.take(f)
	}
}

func (a *app) take(f wire.Frame) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if f.Method == wire.Control {
		a.pongs = append(a.pongs, f.Payload)
		return
	}
	a.frames = append(a.frames, f)
	id := f.Header(wire.HeaderMessageID)
	if a.parts[id] == nil {
		a.parts[id] = map[string][]byte{}
	}
	a.parts[id][f.Header(wire.HeaderSeq)] = f.Payload
	whole := a.whole(id, f.Header(wire.HeaderSum))
	if whole == nil || a.handled[id] {
		return
	}
	a.handled[id] = true
	a.events = append(a.events, whole)
	if a.answer == nil {
		return
	}
	if payload := a.answer(whole); payload != nil {
		if err := a.conn.WriteMessage(websocket.BinaryMessage, f.Answer("1", payload).Marshal()); err != nil {
			a.t.Logf("answer: %v", err)
		}
	}
}

func (a *app) whole(id, sum string) (out []byte) {
	if len(a.parts[id]) != atoi(a.t, sum) {
		return nil
	}
	for i := range atoi(a.t, sum) {
		out = append(out, a.parts[id][itoa(i)]...)
	}
	return out
}

func (a *app) count() (events, frames int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.events), len(a.frames)
}

func (a *app) ping() {
	a.t.Helper()
	a.mu.Lock()
	defer a.mu.Unlock()
	ping := wire.Frame{Service: serviceID, Method: wire.Control, Headers: []wire.Header{{Key: "type", Value: "ping"}}}
	if err := a.conn.WriteMessage(websocket.BinaryMessage, ping.Marshal()); err != nil {
		a.t.Fatal(err)
	}
}

// envelope is what the app reads of an event.
type envelope struct {
	Header struct {
		EventID string `json:"event_id"`
		Type    string `json:"event_type"`
		Token   string `json:"token"`
	} `json:"header"`
	Event json.RawMessage `json:"event"`
}

func read(t *testing.T, data []byte) (e envelope) {
	t.Helper()
	if err := json.Unmarshal(data, &e); err != nil {
		t.Fatalf("%v in %s", err, data)
	}
	return e
}
