package wecom

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"lianbang/bot"
	"lianbang/bot/wecom/wire"
)

const (
	testToken = "oracleToken2026"
	testKey   = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
	testCorp  = "ww00aa11bb22cc33dd"
)

// doors is an adapter with both callbacks, and the platform's side of the encryption.
type doors struct {
	t        *testing.T
	adapter  *Adapter
	mux      *http.ServeMux
	bot, app *wire.Crypt
	log      journal

	mu     sync.Mutex
	events []bot.Event
	fail   error
	slow   time.Duration
	counts map[string]int
}

func openDoors(t *testing.T) *doors {
	t.Helper()
	d := &doors{t: t, mux: http.NewServeMux(), counts: map[string]int{}}
	a, err := New(Config{Account: "main", Count: d.count, Logger: slog.New(slog.NewTextHandler(&d.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Bot: &BotConfig{Mode: ModeCallback, Name: "小助手", Token: testToken, AESKey: testKey, Path: "/wecom/bot"},
		App: &AppConfig{CorpID: testCorp, Secret: "app-secret", AgentID: 1000042, Token: testToken, AESKey: testKey, Path: "/wecom/app"}})
	if err != nil {
		t.Fatal(err)
	}
	a.in.names = nil // the app cannot be asked
	if err := a.mountCallbacks(d.mux, d.sink); err != nil {
		t.Fatal(err)
	}
	d.adapter = a
	d.bot, d.app = crypt(t, ""), crypt(t, testCorp)
	t.Cleanup(func() {
		for _, secret := range []string{testToken, testKey, "response_code", "秘密", "RC10"} {
			if strings.Contains(d.log.String(), secret) {
				t.Errorf("the log contains %q", secret)
			}
		}
	})
	return d
}

func crypt(t *testing.T, receiver string) *wire.Crypt {
	t.Helper()
	c, err := wire.NewCrypt(testToken, testKey, receiver)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (d *doors) count(what string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.counts[what]++
}

func (d *doors) sink(ctx context.Context, e bot.Event) error {
	d.mu.Lock()
	slow, fail := d.slow, d.fail
	d.events = append(d.events, e)
	d.mu.Unlock()
	select {
	case <-time.After(slow):
		return fail
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (d *doors) heard() []bot.Event {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]bot.Event(nil), d.events...)
}

// visit sends a request to an address.
func (d *doors) visit(method, path string, q wire.Query, body []byte) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	d.mux.ServeHTTP(w, httptest.NewRequest(method, path+"?"+q.Values().Encode(), bytes.NewReader(body)))
	return w
}

// tell sends a message to the AI bot.
func (d *doors) tell(m wire.Message) *httptest.ResponseRecorder {
	d.t.Helper()
	plain, err := json.Marshal(m)
	if err != nil {
		d.t.Fatal(err)
	}
	s := d.bot.Seal(strconv.FormatInt(time.Now().Unix(), 10), "905518327", plain)
	return d.visit("POST", "/wecom/bot", s.Query(), wire.Envelope{Encrypt: s.Encrypt}.JSON())
}

// tellApp sends a message to the app.
func (d *doors) tellApp(m wire.AppMessage) *httptest.ResponseRecorder {
	s := d.app.Seal(strconv.FormatInt(time.Now().Unix(), 10), "771204466", m.XML())
	return d.visit("POST", "/wecom/app", s.Query(), wire.Envelope{To: testCorp, Agent: "1000042", Encrypt: s.Encrypt}.XML())
}

func saying(id, text string) wire.Message {
	return wire.Message{ID: id, ChatID: "wrGROUP01", ChatType: wire.Group, From: wire.Sender{UserID: "linmei"},
		ResponseURL: "https://qyapi.weixin.qq.com/cgi-bin/aibot/response?response_code=" + id,
		Content:     wire.Content{Type: "text", Text: &wire.Text{Content: text}}}
}

func tapping(id string) wire.Message {
	return wire.Message{ID: id, From: wire.Sender{UserID: "linmei"}, CreateTime: 1790000100, Content: wire.Content{Type: "event"},
		Event: &wire.Event{Type: wire.EventCard, CardEvent: wire.CardEvent{Key: "完成 S42", TaskID: "task-9"}}}
}

func TestVerification(t *testing.T) {
	d := openDoors(t)
	for path, c := range map[string]*wire.Crypt{"/wecom/bot": d.bot, "/wecom/app": d.app} {
		s := c.Seal("1790000000", "483920175", []byte("8675309001234567890"))
		q := s.Query()
		q.Echo = s.Encrypt
		if w := d.visit("GET", path, q, nil); w.Code != 200 || w.Body.String() != "8675309001234567890" {
			t.Errorf("%s: %d %q", path, w.Code, w.Body)
		}
		raw := httptest.NewRequest("GET", path+"?msg_signature="+q.Signature+"&timestamp="+q.Timestamp+"&nonce="+q.Nonce+"&echostr="+s.Encrypt, nil)
		w := httptest.NewRecorder()
		if d.mux.ServeHTTP(w, raw); w.Code != 200 {
			t.Errorf("%s with a bare plus: %d", path, w.Code)
		}
		q.Signature = strings.Repeat("0", 40)
		if w := d.visit("GET", path, q, nil); w.Code != http.StatusForbidden || strings.Contains(w.Body.String(), "8675309") {
			t.Errorf("%s forged: %d %q", path, w.Code, w.Body)
		}
		if w := d.visit("GET", path, wire.Query{}, nil); w.Code != http.StatusForbidden {
			t.Errorf("%s empty: %d", path, w.Code)
		}
	}
	if d.counts["forged"] != 4 {
		t.Errorf("%v", d.counts)
	}
}

func TestMessageIsAnsweredInTheCallback(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := openDoors(t)
		answered := make(chan error, 1)
		go func() {
			synctest.Wait() // the callback is held open now
			r := parseRef(d.heard()[0].Ref, time.Now())
			if k, waits := d.adapter.calls.look(r.id); !waits || k.kind != callMessage || k.user != "linmei" {
				t.Errorf("waits: %+v", k)
			}
			answered <- d.adapter.calls.answer(t.Context(), r.id, streamed("reply/1", "已报名 H1"))
		}()
		w := d.tell(saying("m1", "@小助手 报名 H1"))
		if err := <-answered; err != nil {
			t.Fatal(err)
		}
		s, err := wire.ParseSealedJSON(w.Body.Bytes())
		if err != nil || s.Nonce != "905518327" {
			t.Fatalf("%s: %v", w.Body, err)
		}
		plain, err := d.bot.Open(s.Query(), s.Encrypt)
		if want := `{"msgtype":"stream","stream":{"id":"` + streamed("reply/1", "").Stream.ID + `","finish":true,"content":"已报名 H1"}}`; err != nil || string(plain) != want {
			t.Errorf("answered %s, %v", plain, err)
		}
		e := d.heard()[0]
		if e.Text != "报名 H1" || !strings.HasSuffix(e.Ref.Token, " https://qyapi.weixin.qq.com/cgi-bin/aibot/response?response_code=m1") {
			t.Errorf("%+v", e)
		}
	})
}

func TestSinkFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := openDoors(t)
		d.fail = errAway
		if w := d.tell(saying("m1", "在吗")); w.Code != 500 {
			t.Errorf("acknowledged: %d", w.Code)
		}
		if w := d.tellApp(wire.AppMessage{From: "linmei", CreateTime: 1, Type: "text", Content: "在吗", ID: "7"}); w.Code != 500 {
			t.Errorf("acknowledged: %d", w.Code)
		}
		r := parseRef(d.heard()[0].Ref, time.Now())
		if err := d.adapter.calls.answer(t.Context(), r.id, "x"); !errors.Is(err, errCallGone) {
			t.Errorf("answered a callback that failed: %v", err)
		}
		d.mu.Lock()
		d.fail, d.slow = nil, time.Minute
		d.mu.Unlock()
		began := time.Now()
		if w := d.tellApp(wire.AppMessage{From: "linmei", CreateTime: 1, Type: "text", Content: "在吗", ID: "7"}); w.Code != 500 || time.Since(began) != callbackTime {
			t.Errorf("a slow sink: %d after %v", w.Code, time.Since(began))
		}
		enter := wire.Message{ID: "e2", From: wire.Sender{UserID: "linmei"}, Content: wire.Content{Type: "event"}, Event: &wire.Event{Type: wire.EventEnter}}
		if w := d.tell(enter); w.Code != 500 {
			t.Errorf("a greeting that the sink still has: %d", w.Code)
		}
		d.mu.Lock()
		d.slow = 0
		d.mu.Unlock()
		if w := d.tell(saying("m1", "在吗")); w.Code != 200 || len(d.heard()) != 5 {
			t.Errorf("%d, %d events", w.Code, len(d.heard()))
		}
		time.Sleep(sinkTime)
	})
}

// TestTapIsOffered: a tap comes once (101027), so that it is offered to the sink again and again.
func TestTapIsOffered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := openDoors(t)
		d.fail = errAway
		if w := d.tell(tapping("e1")); w.Code != 200 || w.Body.Len() != 0 {
			t.Errorf("%d %q", w.Code, w.Body)
		}
		d.mu.Lock()
		d.fail = nil
		d.mu.Unlock()
		before := len(d.heard())
		time.Sleep(30 * time.Second)
		if n := len(d.heard()); before == 0 || n != before+1 {
			t.Errorf("%d events, then %d", before, n)
		}
	})
}

func TestClickInTheCallback(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := openDoors(t)
		answered := make(chan error, 1)
		go func() {
			synctest.Wait()
			r := parseRef(d.heard()[0].Ref, time.Now())
			k, _ := d.adapter.calls.look(r.id)
			if k.kind != callClick || k.task != "task-9" {
				t.Errorf("%+v", k)
			}
			answered <- d.adapter.calls.answer(t.Context(), r.id, map[string]any{"response_type": "update_template_card"})
		}()
		w := d.tell(tapping("e1"))
		if err := <-answered; err != nil {
			t.Fatal(err)
		}
		if s, err := wire.ParseSealedJSON(w.Body.Bytes()); err != nil {
			t.Error(err)
		} else if plain, err := d.bot.Open(s.Query(), s.Encrypt); err != nil || string(plain) != `{"response_type":"update_template_card"}` {
			t.Errorf("%s, %v", plain, err)
		}
		enter := wire.Message{ID: "e2", From: wire.Sender{UserID: "linmei"}, Content: wire.Content{Type: "event"}, Event: &wire.Event{Type: wire.EventEnter}}
		go func() {
			synctest.Wait()
			if k, _ := d.adapter.calls.look(parseRef(d.heard()[1].Ref, time.Now()).id); k.kind != callEnter {
				t.Errorf("%+v", k)
			}
		}()
		if w := d.tell(enter); w.Code != 200 || w.Body.Len() != 0 {
			t.Errorf("%d %q", w.Code, w.Body)
		}
	})
}

func TestAppCallback(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := openDoors(t)
		began := time.Now()
		text := wire.AppMessage{To: testCorp, From: "linmei", CreateTime: 1790000400, Type: "text", Content: "明早八点叫我", ID: "7412589630147852370", AgentID: "1000042"}
		card := wire.AppMessage{To: testCorp, From: "linmei", CreateTime: 1790000500, Type: "event", Event: "template_card_event", EventKey: "完成 S42", TaskID: "rem-42", ResponseCode: "RC10"}
		other := wire.AppMessage{To: testCorp, From: "linmei", CreateTime: 1790000500, Type: "event", Event: "LOCATION"}
		for _, m := range []wire.AppMessage{text, text, card, card, card, other} {
			if w := d.tellApp(m); w.Code != 200 || w.Body.Len() != 0 {
				t.Errorf("%s: %d %q", m.Type, w.Code, w.Body)
			}
		}
		if time.Since(began) != 0 {
			t.Error("the app's callback waits")
		}
		got := d.heard()
		if len(got) != 2 || got[0].Text != "明早八点叫我" || got[0].Ref.Token != "a:" || got[1].Kind != bot.Clicked || got[1].Ref.Token != "c:RC10  rem-42" {
			t.Errorf("%+v", got)
		}
		if d.counts["unknown_event"] != 1 {
			t.Errorf("%v", d.counts)
		}
	})
}

func TestHostileCallbacks(t *testing.T) {
	d := openDoors(t)
	now := strconv.FormatInt(time.Now().Unix(), 10)
	seal := func(c *wire.Crypt, plain string) wire.Sealed { return c.Seal(now, "1", []byte(plain)) }
	good := seal(d.bot, `{"msgid":"m1","from":{"userid":"u"},"msgtype":"text","text":{"content":"秘密"}}`)
	forged := good.Query()
	forged.Signature = strings.Repeat("a", 40)
	foreign := seal(crypt(t, "wwFORGED"), `{"msgid":"m1","from":{"userid":"u"},"msgtype":"text","text":{"content":"秘密"}}`)
	notJSON, notXML := seal(d.bot, `<xml/>`), seal(d.app, `{}`)
	bomb := seal(d.app, `<!DOCTYPE xml [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><xml><CreateTime>1</CreateTime><MsgType>text</MsgType><Content>&b;</Content></xml>`)
	external := seal(d.app, `<!DOCTYPE xml [<!ENTITY f SYSTEM "file:///etc/passwd">]><xml><CreateTime>1</CreateTime><MsgType>text</MsgType><Content>&f;</Content></xml>`)
	cases := map[string]struct {
		path string
		q    wire.Query
		body []byte
		want int
	}{
		"signature":        {"/wecom/bot", forged, wire.Envelope{Encrypt: good.Encrypt}.JSON(), 403},
		"no signature":     {"/wecom/bot", wire.Query{}, wire.Envelope{Encrypt: good.Encrypt}.JSON(), 403},
		"another's body":   {"/wecom/bot", good.Query(), wire.Envelope{Encrypt: foreign.Encrypt}.JSON(), 403},
		"receiver":         {"/wecom/bot", foreign.Query(), wire.Envelope{Encrypt: foreign.Encrypt}.JSON(), 403},
		"bot's at the app": {"/wecom/app", good.Query(), wire.Envelope{Encrypt: good.Encrypt}.XML(), 403},
		"empty":            {"/wecom/bot", good.Query(), nil, 400},
		"no ciphertext":    {"/wecom/bot", good.Query(), []byte(`{}`), 400},
		"no JSON inside":   {"/wecom/bot", notJSON.Query(), wire.Envelope{Encrypt: notJSON.Encrypt}.JSON(), 400},
		"no XML inside":    {"/wecom/app", notXML.Query(), wire.Envelope{Encrypt: notXML.Encrypt}.XML(), 400},
		"bomb inside":      {"/wecom/app", bomb.Query(), wire.Envelope{Encrypt: bomb.Encrypt}.XML(), 400},
		"bomb outside":     {"/wecom/app", good.Query(), []byte(`<!DOCTYPE xml [<!ENTITY a "aaaa">]><xml><Encrypt>&a;</Encrypt></xml>`), 400},
		"external entity":  {"/wecom/app", external.Query(), wire.Envelope{Encrypt: external.Encrypt}.XML(), 400},
		"oversize":         {"/wecom/bot", good.Query(), bytes.Repeat([]byte(" "), maxBody+1), 413},
		"deep XML":         {"/wecom/app", good.Query(), []byte(strings.Repeat("<a>", 10000)), 400},
		"deep JSON":        {"/wecom/bot", good.Query(), []byte(`{"encrypt":` + strings.Repeat("[", 100000)), 400},
	}
	for name, c := range cases {
		w := d.visit("POST", c.path, c.q, c.body)
		if w.Code != c.want || strings.Contains(w.Body.String(), "秘密") || strings.Contains(w.Body.String(), "wecom") {
			t.Errorf("%s: %d %q, want %d", name, w.Code, w.Body, c.want)
		}
	}
	if n := len(d.heard()); n != 0 {
		t.Errorf("%d events of forgeries", n)
	}
	if w := d.visit("PUT", "/wecom/bot", good.Query(), nil); w.Code != http.StatusMethodNotAllowed {
		t.Errorf("PUT: %d", w.Code)
	}
}

func TestTooManyCallbacks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := openDoors(t)
		var all sync.WaitGroup
		var mu sync.Mutex
		codes := map[int]int{}
		for i := range maxOpen + 7 {
			all.Go(func() {
				w := d.tell(saying("m"+strconv.Itoa(i), "在吗"))
				mu.Lock()
				defer mu.Unlock()
				codes[w.Code]++
			})
		}
		all.Wait()
		if codes[200] != maxOpen || codes[503] != 7 {
			t.Errorf("%v", codes)
		}
	})
}

// TestStrangersTakeNoPlaces: whoever sends a body without end, or none, keeps nobody out.
func TestStrangersTakeNoPlaces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := openDoors(t)
		var all sync.WaitGroup
		defer all.Wait()
		for range maxOpen {
			body, more := io.Pipe()
			all.Go(func() {
				d.mux.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("POST", "/wecom/bot", body))
			})
			defer more.Close()
		}
		synctest.Wait()
		if w := d.tell(saying("m1", "在吗")); w.Code != 200 {
			t.Errorf("no place for the platform: %d", w.Code)
		}
	})
}

// TestSlowBody: a body that does not come is not waited for.
func TestSlowBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		net := newPipes()
		server := &http.Server{Handler: openDoors(t).mux}
		go func() { _ = server.Serve(net) }() // ends with Close
		conn, err := net.dial(t.Context(), "", "")
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if _, err := io.WriteString(conn, "POST /wecom/bot HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"); err != nil {
			t.Fatal(err)
		}
		answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); answer.StatusCode != http.StatusBadRequest || took != bodyTime {
			t.Errorf("%d after %v", answer.StatusCode, took)
		}
		_ = answer.Body.Close()
		_ = conn.Close()
		_ = server.Close()
	})
}

func TestCallbackKeys(t *testing.T) {
	for _, spoil := range []func(*Config){
		func(c *Config) { c.Bot.AESKey = "short-secret" },
		func(c *Config) { c.App.AESKey = "short-secret" },
	} {
		a := openDoors(t).adapter
		spoil(&a.conf)
		if err := a.mountCallbacks(http.NewServeMux(), nil); !errors.Is(err, wire.ErrKey) || strings.Contains(err.Error(), "short-secret") {
			t.Error(err)
		}
	}
	a := openDoors(t).adapter
	a.conf.Bot.Mode, a.conf.App.Token = ModeWebsocket, ""
	mux := http.NewServeMux()
	if err := a.mountCallbacks(mux, nil); err != nil {
		t.Error(err)
	}
	for _, path := range []string{"/wecom/bot", "/wecom/app"} {
		if _, pattern := mux.Handler(httptest.NewRequest("POST", path, nil)); pattern != "" {
			t.Errorf("%s is mounted", path)
		}
	}
}

func TestRecent(t *testing.T) {
	r := newRecent(3)
	for _, id := range []bot.EventID{"a", "b", "b", "c", "d"} {
		r.add(id)
	}
	if r.has("a") || !r.has("b") || !r.has("c") || !r.has("d") || len(r.seen) > 3 {
		t.Errorf("%v", r.seen)
	}
}
