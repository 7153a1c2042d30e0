package feishu

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"lianbang/bot"
	"lianbang/bot/feishu/wire"
)

const (
	appSecret = "S3cr3tAppSecret"
	accessKey = "S3cr3tAccessKey"
	ticket    = "S3cr3tTicket"
	tick      = 20 * time.Millisecond // what the tests take for a second
)

// office is the platform's end of the long connection: it says where to connect and gives every connection to the test.
type office struct {
	*httptest.Server
	t        *testing.T
	conns    chan *websocket.Conn
	mu       sync.Mutex
	asked    []string                                      // bodies of the questions where to connect
	answers  []func(w http.ResponseWriter, address string) // instead of the usual, one question each
	greeting func(w http.ResponseWriter) bool              // instead of the upgrade
	config   string
}

func newOffice(t *testing.T) *office {
	o := &office{t: t, conns: make(chan *websocket.Conn, 16), config: `{"ReconnectCount":-1,"ReconnectInterval":5,"ReconnectNonce":1,"PingInterval":50}`}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /callback/ws/endpoint", o.endpoint)
	mux.HandleFunc("/ws", o.upgrade)
	o.Server = httptest.NewServer(mux)
	t.Cleanup(o.Server.Close)
	return o
}

func (o *office) address() string {
	return "ws" + strings.TrimPrefix(o.URL, "http") + "/ws?fpid=493&device_id=76&access_key=" + accessKey + "&service_id=33554678&ticket=" + ticket
}

func (o *office) endpoint(w http.ResponseWriter, r *http.Request) {
	var body [512]byte
	n, _ := r.Body.Read(body[:])
	o.mu.Lock()
	defer o.mu.Unlock()
	o.asked = append(o.asked, string(body[:n])+" "+r.Header.Get("locale"))
	if len(o.answers) > 0 {
		next := o.answers[0]
		o.answers = o.answers[1:]
		next(w, o.address())
		return
	}
	say(`{"code":0,"msg":"","data":{"URL":"`+o.address()+`","ClientConfig":`+o.config+`}}`)(w, "")
}

// say answers the question where to connect.
func say(body string) func(http.ResponseWriter, string) {
	return func(w http.ResponseWriter, _ string) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(body))
	}
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

func (o *office) questions() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.asked)
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
	case <-time.After(10 * time.Second):
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
	a, err := New(Config{Account: "main", AppID: "cli_1a2b3c4d5e6f7081", AppSecret: appSecret, BaseURL: o.URL, Logger: e.inbound.log})
	if err != nil {
		t.Fatal(err)
	}
	s := newSocket(a.discover, e.inbound)
	s.second = tick
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
			case <-time.After(10 * time.Second):
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

func TestSocketAcknowledges(t *testing.T) {
	o := newOffice(t)
	r := connect(t, o)
	c := o.accept()
	if want := `{"AppID":"cli_1a2b3c4d5e6f7081","AppSecret":"` + appSecret + `"} zh`; o.asked[0] != want {
		t.Errorf("asked %s", o.asked[0])
	}
	o.write(c, pushFrame("f1", saidJSON("om_1", "oc_1", "group", "text", `{"text":"@_user_1 报名 H1"}`, atBot)).Marshal())
	f, code, data := o.answer(c)
	if code != 200 || data != "" || f.SeqID != 7 || f.LogID != 9 || f.Service != 33554678 || f.Method != wire.Data || f.Header(wire.HeaderMessageID) != "f1" || f.Header(wire.HeaderSeq) != "0" || f.Header(wire.HeaderBizRT) == "" {
		t.Errorf("%d %s in %+v", code, data, f)
	}
	if got := r.heard(); len(got) != 1 || got[0].Text != "报名 H1" || !got[0].Addressed {
		t.Errorf("%+v", got)
	}

	r.failWith(errors.New("database away"))
	o.write(c, pushFrame("f2", saidJSON("om_2", "oc_1", "p2p", "text", `{"text":"x"}`, "")).Marshal())
	if f, code, _ := o.answer(c); code != 500 || f.Header(wire.HeaderMessageID) != "f2" {
		t.Errorf("%d although the sink failed", code)
	}
	r.failWith(nil)
	o.write(c, pushFrame("f3", saidJSON("om_2", "oc_1", "p2p", "text", `{"text":"x"}`, "")).Marshal())
	if _, code, _ := o.answer(c); code != 200 {
		t.Errorf("%d when it came again", code)
	}
}

func TestSocketUnknownAndMalformed(t *testing.T) {
	o := newOffice(t)
	r := connect(t, o)
	c := o.accept()
	strange := pushFrame("f1", "x")
	strange.Headers[0].Value = "video"
	odd := pushFrame("f1", "x")
	odd.Method = 7
	for _, step := range []struct {
		frame []byte
		code  int // 0 = no answer
		count string
	}{
		{pushFrame("f1", v2("no.such.event_v1", "e", `{}`)).Marshal(), 200, "unknown_event"},
		{strange.Marshal(), 200, "unknown_frame"},
		{odd.Marshal(), 0, "unknown_frame"},
		{pushFrame("f1", `{"schema":`).Marshal(), 500, "malformed"},
		{pushFrame("f1", v2(messageReceived, "e", `{}`)).Marshal(), 500, "malformed"},
		{pushFrame("f1", "{}").Marshal()[:20], 0, "malformed"},
		{[]byte("\x42\xff\xff\xff\xff\x7f"), 0, "malformed"},
		{part("f1", 3, 3, nil).Marshal(), 0, "bad_fragment"},
		{part("f1", 104857600, 0, nil).Marshal(), 0, "bad_fragment"},
		{nil, 0, "malformed"},
		{pushFrame("f1", v2(cardAction, "e", `{"operator":{"open_id":"ou_lin"},"action":{}}`)).Marshal(), 200, "strange_click"},
	} {
		before := r.counted(step.count)
		o.write(c, step.frame)
		if step.code == 0 {
			await(t, step.count, func() bool { return r.counted(step.count) == before+1 })
		} else if _, code, _ := o.answer(c); code != step.code || r.counted(step.count) != before+1 {
			t.Errorf("%q: %d, %v", step.frame, code, step.count)
		}
	}
	if err := c.WriteMessage(websocket.TextMessage, pushFrame("f1", privateWords).Marshal()); err != nil {
		t.Fatal(err)
	}
	o.write(c, pushFrame("f9", privateWords).Marshal())
	if _, code, _ := o.answer(c); code != 200 || len(r.heard()) != 1 || r.counted("reconnect") != 0 {
		t.Errorf("%d, %d events, %d reconnects", code, len(r.heard()), r.counted("reconnect"))
	}
}

func TestSocketFragments(t *testing.T) {
	o := newOffice(t)
	r := connect(t, o)
	c := o.accept()
	payload := saidJSON("om_1", "oc_1", "p2p", "text", `{"text":"`+strings.Repeat("长", 5000)+`"}`, "")
	third := len(payload) / 3
	parts := []string{payload[:third], payload[third : 2*third], payload[2*third:]}
	for _, seq := range []int{2, 2, 0, 0, 1} {
		o.write(c, part("f1", 3, seq, []byte(parts[seq])).Marshal())
	}
	if f, code, _ := o.answer(c); code != 200 || f.Header(wire.HeaderSeq) != "1" {
		t.Errorf("%d in %+v", code, f)
	}
	if got := r.heard(); len(got) != 1 || got[0].Text != strings.Repeat("长", 5000) {
		t.Errorf("%d events", len(got))
	}
}

// Clicks come in frames of two types; the answer goes as Base64.
func TestSocketClick(t *testing.T) {
	o := newOffice(t)
	r := connect(t, o)
	c := o.accept()
	for _, kind := range []string{wire.TypeEvent, wire.TypeCard} {
		taken := make(chan bool, 1)
		r.mu.Lock()
		r.hook = func(e bot.Event) {
			go func() { taken <- r.clicks.answer(e.Ref.Token, bot.Say("名额已满"), e.Direct) }()
		}
		r.mu.Unlock()
		f := pushFrame("f1", clicked("c-"+kind, "oc_1", "报名 H1"))
		f.Headers[0].Value = kind
		o.write(c, f.Marshal())
		if _, code, data := o.answer(c); code != 200 || data != `{"toast":{"type":"info","content":"名额已满"}}` {
			t.Errorf("%s: %d %s", kind, code, data)
		}
		if !<-taken {
			t.Errorf("%s: the answer was not taken", kind)
		}
	}
	if base64.StdEncoding.EncodeToString([]byte(`{"toast":{"type":"info","content":"ok"}}`)) != "eyJ0b2FzdCI6eyJ0eXBlIjoiaW5mbyIsImNvbnRlbnQiOiJvayJ9fQ==" {
		t.Error("the documented answer is not Base64 of its JSON")
	}
}

// An answer whose connection is gone was not given.
func TestSocketClickOnDeadConnection(t *testing.T) {
	o := newOffice(t)
	r := connect(t, o)
	c := o.accept()
	taken := make(chan bool, 1)
	r.hook = func(e bot.Event) {
		_ = c.Close()
		await(t, "the loss is noticed", func() bool { return r.counted("reconnect") > 0 })
		go func() { taken <- r.clicks.answer(e.Ref.Token, bot.Say("名额已满"), e.Direct) }()
	}
	o.write(c, pushFrame("f1", clicked("c1", "oc_1", "报名 H1")).Marshal())
	select {
	case ok := <-taken:
		if ok {
			t.Error("taken by a dead connection")
		}
	case <-time.After(10 * time.Second):
		t.Fatal("no answer")
	}
}

// A slow sink holds up neither pings nor other people, but the later words of the same person.
func TestSocketHandlesOffTheReader(t *testing.T) {
	o := newOffice(t)
	o.config = `{"PingInterval":1}`
	r := connect(t, o)
	c := o.accept()
	free := make(chan struct{})
	r.hook = func(e bot.Event) {
		if e.ID == "om_slow" {
			<-free
		}
	}
	o.write(c, pushFrame("f1", saidJSON("om_slow", "oc_1", "p2p", "text", `{"text":"1"}`, "")).Marshal())
	await(t, "the slow one is in the sink", func() bool { return len(r.heard()) == 1 })
	o.write(c, pushFrame("f2", saidJSON("om_next", "oc_1", "p2p", "text", `{"text":"2"}`, "")).Marshal())
	o.write(c, pushFrame("f3", strings.ReplaceAll(saidJSON("om_other", "oc_1", "p2p", "text", `{"text":"3"}`, ""), "ou_lin", "ou_mei")).Marshal())
	if f, code, _ := o.answer(c); code != 200 || f.Header(wire.HeaderMessageID) != "f3" {
		t.Errorf("%d in %+v", code, f)
	}
	for range 3 {
		if f := o.read(c); f.Header(wire.HeaderType) != wire.TypePing {
			t.Fatalf("%+v instead of a ping", f)
		}
	}
	close(free)
	for _, want := range []string{"f1", "f2"} {
		if f, code, _ := o.answer(c); code != 200 || f.Header(wire.HeaderMessageID) != want {
			t.Errorf("%d in %+v, want %s", code, f, want)
		}
	}
}

func TestSocketReconnects(t *testing.T) {
	o := newOffice(t)
	r := connect(t, o)
	for i := range 5 {
		c := o.accept()
		o.write(c, pushFrame("f", saidJSON(fmt.Sprint("om_", i), "oc_1", "p2p", "text", `{"text":"x"}`, "")).Marshal())
		if _, code, _ := o.answer(c); code != 200 {
			t.Fatal(code)
		}
		_ = c.Close()
	}
	o.accept()
	if r.counted("reconnect") != 5 || r.counted("connected") != 6 || o.questions() != 6 || len(r.heard()) != 5 {
		t.Errorf("%v, %d questions, %d events", r.counts, o.questions(), len(r.heard()))
	}
}

// A connection over which nothing comes any more is dead, even when writing into it works.
func TestSocketHalfOpen(t *testing.T) {
	o := newOffice(t)
	o.config = `{"PingInterval":1,"ReconnectInterval":1,"ReconnectNonce":1}`
	r := connect(t, o)
	began := time.Now()
	o.accept() // and say nothing
	o.accept()
	if took := time.Since(began); took < silence*tick || r.counted("reconnect") != 1 {
		t.Errorf("after %v, %d reconnects", took, r.counted("reconnect"))
	}
}

// Every inbound frame is a sign of life: pongs, and pings of the WebSocket protocol, which are answered.
func TestSocketSignsOfLife(t *testing.T) {
	o := newOffice(t)
	o.config = `{"PingInterval":1,"ReconnectInterval":1,"ReconnectNonce":1}`
	r := connect(t, o)
	c := o.accept()
	ponged := make(chan string, 100)
	c.SetPongHandler(func(data string) error { ponged <- data; return nil })
	go func() {
		for {
			if _, _, err := c.ReadMessage(); err != nil {
				return
			}
		}
	}()
	pong := wire.Frame{Service: 33554678, Headers: []wire.Header{{Key: wire.HeaderType, Value: wire.TypePong}}}
	began := time.Now()
	for i := 0; time.Since(began) < 3*silence*tick; i++ {
		if i%2 == 0 {
			o.write(c, pong.Marshal())
		} else if err := c.WriteControl(websocket.PingMessage, []byte("hi"), time.Now().Add(time.Second)); err != nil {
			t.Fatal(err)
		}
		<-time.After(silence * tick / 3)
	}
	if r.counted("reconnect") != 0 || len(ponged) == 0 {
		t.Errorf("%d reconnects, %d pongs", r.counted("reconnect"), len(ponged))
	}
}

// A pong changes the interval of pings at once; what it leaves out stays.
func TestSocketConfigPush(t *testing.T) {
	o := newOffice(t)
	o.config = `{"PingInterval":3600,"ReconnectInterval":2,"ReconnectNonce":1}`
	r := connect(t, o)
	c := o.accept()
	pong := func(config string) {
		o.write(c, wire.Frame{Service: 33554678, Headers: []wire.Header{{Key: wire.HeaderType, Value: wire.TypePong}}, Payload: []byte(config)}.Marshal())
	}
	pong(`{"ReconnectInterval":7}`)
	pong(`{"PingInterval":0}`)
	pong(``)
	pong(`no JSON`)
	await(t, "the broken config is counted", func() bool { return r.counted("malformed") == 1 })
	pong(`{"PingInterval":1}`)
	for range 3 {
		if f := o.read(c); f.Header(wire.HeaderType) != wire.TypePing {
			t.Fatalf("%+v instead of a ping", f)
		}
	}
}

func TestPaceChange(t *testing.T) {
	old := pace{Ping: 120, Reconnect: 60, Nonce: 30}
	for in, want := range map[string]pace{
		`{}`:                 old,
		`{"PingInterval":0}`: old,
		`{"PingInterval":90,"ReconnectInterval":-1,"ReconnectNonce":999999}`: {90, 60, 30},
		`{"ReconnectInterval":1,"ReconnectNonce":2,"ReconnectCount":-1}`:     {120, 1, 2},
	} {
		var p pace
		if err := json.Unmarshal([]byte(in), &p); err != nil || old.change(p) != want {
			t.Errorf("%s: %+v", in, old.change(p))
		}
	}
}

func TestSocketPause(t *testing.T) {
	for _, random := range []float64{0, 0.5, 0.999} {
		s := &socket{second: time.Second, random: func() float64 { return random }, pace: pace{Reconnect: 120, Nonce: 30}}
		if p := s.pause(0, soon); p > firstPause*time.Second {
			t.Errorf("the first pause is %v", p)
		}
		before := time.Duration(0)
		for n := 1; n < 100; n++ {
			p := s.pause(n, soon)
			if p < before || p > 120*time.Second || n > 7 && p < 60*time.Second {
				t.Errorf("pause %d is %v after %v", n, p, before)
			}
			before = p
		}
		if p := s.pause(0, late); p < 120*time.Second || p > 150*time.Second {
			t.Errorf("the slow pause is %v", p)
		}
	}
}

// What makes the operator act ends Run; everything else is tried again.
func TestSocketFatal(t *testing.T) {
	refuse := func(status, code string) func(w http.ResponseWriter) bool {
		return func(w http.ResponseWriter) bool {
			w.Header().Set("Handshake-Status", status)
			w.Header().Set("Handshake-Autherrcode", code)
			w.WriteHeader(http.StatusForbidden)
			return true
		}
	}
	cases := map[string]struct {
		answer   string
		greeting func(w http.ResponseWriter) bool
		fatal    string // in the error of Run; "" = it goes on
	}{
		"no credentials":      {answer: `{"code":1000040344,"msg":"x"}`, fatal: "app_id"},
		"forbidden":           {answer: `{"code":403,"msg":"x"}`, fatal: "403"},
		"forbidden handshake": {greeting: refuse("403", ""), fatal: "403"},
		"busy":                {answer: `{"code":1,"msg":"system busy"}`},
		"internal":            {answer: `{"code":1000040343}`},
		"data null":           {answer: `{"code":0,"msg":"","data":null}`},
		"no JSON":             {answer: `<html>`},
		"no address":          {answer: `{"code":0,"data":{"URL":""}}`},
		"broken address":      {answer: `{"code":0,"data":{"URL":"wss://%zz?access_key=` + accessKey + `"}}`},
		"address in clear":    {answer: `{"code":0,"data":{"URL":"ws://203.0.113.7/ws?service_id=1&access_key=` + accessKey + `"}}`},
		"no service":          {answer: `{"code":0,"data":{"URL":"wss://127.0.0.1/ws?access_key=` + accessKey + `"}}`},
		"nobody there":        {answer: `{"code":0,"data":{"URL":"ws://127.0.0.1:1/ws?service_id=1&access_key=` + accessKey + `"}}`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			if c.answer != "" {
				o.answers = append(o.answers, say(c.answer))
			}
			o.greeting = c.greeting
			r := connect(t, o)
			if c.fatal == "" {
				o.accept()
				if r.counted("reconnect") != 1 {
					t.Errorf("%v", r.counts)
				}
				return
			}
			select {
			case err := <-r.done:
				r.done <- nil
				if err == nil || !strings.Contains(err.Error(), c.fatal) {
					t.Errorf("ended with %v", err)
				}
				noSecrets(t, fmt.Sprint(err))
			case <-time.After(10 * time.Second):
				t.Fatal("it goes on")
			}
		})
	}
}

func TestReadEndpoint(t *testing.T) {
	e, err := readEndpoint(200, []byte(`{"code":0,"msg":"","data":{"URL":"wss://msg-frontier.feishu.cn/ws/v2?fpid=493&aid=552564&device_id=763&access_key=da66&service_id=33554678&ticket=8710","ClientConfig":{"ReconnectCount":-1,"ReconnectInterval":100,"ReconnectNonce":20,"PingInterval":90}}}`))
	if err != nil || e.conn != "763" || e.service != 33554678 || e.pace != (pace{90, 100, 20}) || e.address.Host != "msg-frontier.feishu.cn" {
		t.Errorf("%+v, %v", e, err)
	}
	if e, err = readEndpoint(200, []byte(`{"code":0,"data":{"URL":"wss://h/ws?service_id=1"}}`)); err != nil || e.pace != usualPace {
		t.Errorf("without a config: %+v, %v", e, err)
	}
	for _, c := range []struct {
		status int
		body   string
		haste  haste
	}{
		{500, ``, soon}, {503, `{"code":0,"data":{"URL":"wss://h/ws?service_id=1"}}`, soon}, {200, `{"code":1}`, soon}, {200, `{"code":1000040343}`, soon}, {200, `{"code":514}`, soon},
		{200, `{"code":1000040344}`, never}, {200, `{"code":403}`, never}, {400, `{"code":1000040344}`, never}, {403, `<html>`, soon},
		{200, `{"code":1000040345}`, late}, {200, `{"code":1000040350}`, late}, {200, `{"code":777}`, soon},
		{200, `{"code":0}`, soon}, {200, `{"code":0,"data":{"URL":"http://h/ws?service_id=1"}}`, soon}, {200, `{"code":0,"data":{"URL":"wss://h/ws?service_id=99999999999"}}`, soon},
	} {
		_, err := readEndpoint(c.status, []byte(c.body))
		var refused *connectError
		if !errors.As(err, &refused) || refused.haste != c.haste || refused.Error() == "" {
			t.Errorf("%d %s: %+v", c.status, c.body, err)
		}
	}
}

func TestRefusedHandshake(t *testing.T) {
	for _, c := range []struct {
		status, code string
		haste        haste
	}{{"514", "1000040350", late}, {"514", "1000040343", soon}, {"514", "", soon}, {"403", "", never}, {"", "", soon}, {"x", "", soon}, {"500", "", soon}} {
		h := http.Header{}
		h.Set("Handshake-Status", c.status)
		h.Set("Handshake-Autherrcode", c.code)
		if got := refusedHandshake(h, 400); got.haste != c.haste {
			t.Errorf("%s/%s: %+v", c.status, c.code, got)
		}
	}
}

// A frame that claims 100 MB ends the connection unread, and the next one works.
func TestSocketLargeFrame(t *testing.T) {
	o := newOffice(t)
	r := connect(t, o)
	c := o.accept()
	if _, err := c.NetConn().Write([]byte{0x82, 127, 0, 0, 0, 0, 0x06, 0x40, 0, 0}); err != nil {
		t.Fatal(err)
	}
	c = o.accept()
	o.write(c, pushFrame("f1", privateWords).Marshal())
	if _, code, _ := o.answer(c); code != 200 || r.counted("too_large") != 1 {
		t.Errorf("%d, %v", code, r.counts)
	}
}

// What is in the sink when Run is told to stop is still acknowledged.
func TestSocketStops(t *testing.T) {
	o := newOffice(t)
	r := connect(t, o)
	c := o.accept()
	r.hook = func(bot.Event) {
		r.stop()
		<-time.After(5 * tick) // in which a hasty end would close the connection
	}
	o.write(c, pushFrame("f1", clicked("c1", "oc_1", "报名 H1")).Marshal())
	if _, code, data := o.answer(c); code != 200 || data != "{}" {
		t.Errorf("%d %s", code, data)
	}
	if _, _, err := c.ReadMessage(); !websocket.IsCloseError(err, websocket.CloseNormalClosure) {
		t.Errorf("ended with %v", err)
	}
	err := <-r.done
	r.done <- nil
	if err != nil || r.counted("reconnect") != 0 {
		t.Errorf("%v, %v", err, r.counts)
	}
}
