package wecomtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"lianbang/bot/wecom/wire"
)

// start serves a company for a test.
func start(t *testing.T, o Options) *Server {
	t.Helper()
	s := New(o)
	if _, err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

const patience = 10 * time.Second

func await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("in vain: %s", what)
		}
	}
}

// client is a small bot of the tests' own on a long connection.
type client struct {
	t      *testing.T
	ws     *websocket.Conn
	serial int
}

func dial(t *testing.T, s *Server) *client {
	t.Helper()
	ws, answer, err := websocket.DefaultDialer.Dial(s.SocketURL(), nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	t.Cleanup(func() { _ = ws.Close() })
	return &client{t: t, ws: ws}
}

// join is dial with a subscription.
func join(t *testing.T, s *Server) *client {
	t.Helper()
	c := dial(t, s)
	c.must(0, wire.CmdSubscribe, "", map[string]any{"bot_id": s.Bot().ID, "secret": s.Bot().Secret})
	return c
}

func (c *client) write(cmd, reqID string, body any) string {
	c.t.Helper()
	if reqID == "" {
		c.serial++
		reqID = fmt.Sprintf("%s_%d", cmd, c.serial)
	}
	if err := c.ws.WriteJSON(wire.Request{Cmd: cmd, Headers: wire.Headers{RequestID: reqID}, Body: body}); err != nil {
		c.t.Fatal(err)
	}
	return reqID
}

func (c *client) read() (wire.Frame, error) {
	_ = c.ws.SetReadDeadline(time.Now().Add(patience))
	_, data, err := c.ws.ReadMessage()
	if err != nil {
		return wire.Frame{}, err
	}
	return wire.ParseFrame(data)
}

// next is the next frame, which must come.
func (c *client) next() wire.Frame {
	c.t.Helper()
	f, err := c.read()
	if err != nil {
		c.t.Fatal(err)
	}
	return f
}

// heard is the body of the next frame, which must be a message or an event.
func (c *client) heard() (string, wire.Message) {
	c.t.Helper()
	f := c.next()
	var m wire.Message
	if f.IsAck() {
		c.t.Fatalf("an ack instead of a message: %+v", f)
	}
	if err := json.Unmarshal(f.Body, &m); err != nil {
		c.t.Fatal(err)
	}
	return f.Headers.RequestID, m
}

// ask sends a frame and takes the acknowledgement, which must be the next frame.
func (c *client) ask(cmd, reqID string, body any) wire.Frame {
	c.t.Helper()
	reqID = c.write(cmd, reqID, body)
	f := c.next()
	if !f.IsAck() || f.Headers.RequestID != reqID {
		c.t.Fatalf("not the acknowledgement of %s: %+v", reqID, f)
	}
	return f
}

func (c *client) must(code int, cmd, reqID string, body any) wire.Frame {
	c.t.Helper()
	f := c.ask(cmd, reqID, body)
	if f.ErrCode != code {
		c.t.Fatalf("%s: errcode %d %s, want %d", cmd, f.ErrCode, f.ErrMsg, code)
	}
	return f
}

type fields = map[string]any

func markdown(text string) fields {
	return fields{"msgtype": "markdown", "markdown": fields{"content": text}}
}

func push(chat, text string) fields {
	m := markdown(text)
	m["chatid"] = chat
	return m
}

func buttons(task string, key ...string) fields {
	list := []fields{}
	for _, k := range key {
		list = append(list, fields{"text": k, "style": 1, "key": k + " H1"})
	}
	return fields{"card_type": "button_interaction", "main_title": fields{"title": "参观 H1"}, "button_list": list, "task_id": task}
}

func carding(card fields) fields {
	return fields{"msgtype": "template_card", "template_card": card}
}

// call makes one REST call and gives its answer.
func call(t *testing.T, s *Server, method, path string, body any) fields {
	t.Helper()
	var data bytes.Buffer
	if raw, ok := body.(string); ok {
		data.WriteString(raw)
	} else if body != nil {
		e := json.NewEncoder(&data)
		e.SetEscapeHTML(false)
		if err := e.Encode(body); err != nil {
			t.Fatal(err)
		}
	}
	return exchange(t, method, s.BaseURL()+"/cgi-bin/"+path, "application/json", &data)
}

func exchange(t *testing.T, method, url, kind string, body io.Reader) fields {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var out fields
	if err := json.NewDecoder(answer.Body).Decode(&out); err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("status %d, %v", answer.StatusCode, err)
	}
	return out
}

// multi is a multipart body with the field media.
func multi(t *testing.T, name string, data []byte) (kind string, body *bytes.Buffer) {
	t.Helper()
	body = &bytes.Buffer{}
	w := multipart.NewWriter(body)
	part, err := w.CreateFormFile("media", name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return w.FormDataContentType(), body
}

func errcode(out fields) int { return int(out["errcode"].(float64)) }

// token is a fresh access token's query.
func token(t *testing.T, s *Server) string {
	t.Helper()
	out := call(t, s, "GET", fmt.Sprintf("gettoken?corpid=%s&corpsecret=%s", s.App().CorpID, s.App().Secret), nil)
	if errcode(out) != 0 {
		t.Fatal(out)
	}
	return "?access_token=" + out["access_token"].(string)
}

// texts are what is shown.
func texts(s *Server) (out []string) {
	for _, x := range s.Shown() {
		out = append(out, x.Where+": "+x.Text)
	}
	return out
}
