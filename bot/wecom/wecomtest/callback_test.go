package wecomtest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"lianbang/bot/fake"
	"lianbang/bot/wecom/wire"
)

// receiver is a small bot of the tests' own on a callback address.
type receiver struct {
	t      *testing.T
	s      *Server
	xml    bool
	crypt  *wire.Crypt
	got    chan []byte                                   // plaintexts
	answer func(plain []byte) (reply []byte, status int) // nil = an empty 200
}

// listen makes a callback address for Bot or App.
func listen(t *testing.T, s *Server, to string) *receiver {
	t.Helper()
	r := &receiver{t: t, s: s, xml: to == App, got: make(chan []byte, 100)}
	target, err := s.target(to)
	if target.crypt == nil {
		t.Fatal(err)
	}
	r.crypt = target.crypt
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	if r.xml {
		s.SetAppCallback(server.URL + "/cb?x=1")
	} else {
		s.SetBotCallback(server.URL + "/cb?x=1")
	}
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	q := wire.ParseQuery(req.URL.Query())
	if req.Method == http.MethodGet {
		plain, err := r.crypt.OpenEcho(q)
		if err != nil {
			w.WriteHeader(http.StatusForbidden)
		}
		_, _ = w.Write(plain)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, req.Body, 1<<20))
	var e wire.Envelope
	if err == nil && r.xml {
		e, err = wire.ParseEnvelopeXML(body)
	} else if err == nil {
		e, err = wire.ParseEnvelopeJSON(body)
	}
	var plain []byte
	if err == nil {
		plain, err = r.crypt.Open(q, e.Encrypt)
	}
	if err != nil {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	r.got <- plain
	if r.answer == nil {
		return
	}
	reply, status := r.answer(plain)
	w.WriteHeader(status)
	if reply == nil {
		return
	}
	sealed := r.crypt.Seal(strconv.FormatInt(r.s.Clock().Now().Unix(), 10), q.Nonce, reply)
	if r.xml {
		_, _ = w.Write(sealed.XML())
	} else {
		_, _ = w.Write(sealed.JSON())
	}
}

func (r *receiver) next() []byte {
	r.t.Helper()
	select {
	case plain := <-r.got:
		return plain
	case <-time.After(patience):
		r.t.Fatal("no callback")
		return nil
	}
}

func (r *receiver) app() wire.AppMessage {
	r.t.Helper()
	m, err := wire.ParseAppMessage(r.next())
	if err != nil {
		r.t.Fatal(err)
	}
	return m
}

func (r *receiver) bot() (m wire.Message) {
	r.t.Helper()
	if err := json.Unmarshal(r.next(), &m); err != nil {
		r.t.Fatal(err)
	}
	return m
}

func reply(words string) func([]byte) ([]byte, int) {
	return func([]byte) ([]byte, int) { return []byte(words), http.StatusOK }
}

func TestVerifyAndForge(t *testing.T) {
	for _, to := range []string{Bot, App} {
		s := start(t, Options{})
		r := listen(t, s, to)
		if a := s.Verify(to); a.Err != "" {
			t.Errorf("%s: %+v", to, a)
		}
		for _, f := range Forgeries {
			if a := s.Forge(to, f, "forged"); a.Status == http.StatusOK {
				t.Errorf("%s: %s was taken", to, f)
			}
		}
		if len(r.got) != 0 {
			t.Errorf("%s: %q came through", to, r.next())
		}
		if a := s.DeliverPlain(to, []byte("任何内容")); !a.Acknowledged() || string(r.next()) != "任何内容" {
			t.Errorf("%s: %+v", to, a)
		}
	}
}

func TestCallbackAttempts(t *testing.T) {
	clock := fake.NewFrozenClock(time.Unix(1_790_000_000, 0))
	s := start(t, Options{Clock: clock})
	r := listen(t, s, App)
	r.answer = func([]byte) ([]byte, int) { return nil, http.StatusInternalServerError }
	if sent := s.SayToApp("王工", "活动"); sent.Delivered || len(sent.Attempts) != 3 || sent.Attempts[2].Status != http.StatusInternalServerError {
		t.Errorf("%+v", sent)
	}
	first, second, third := r.app(), r.app(), r.app()
	if first.ID == "" || first.ID != second.ID || second.ID != third.ID || first.Content != "活动" || first.From != "wanggong" {
		t.Errorf("%+v", first)
	}
	hold, held := make(chan struct{}), make(chan struct{})
	defer close(hold)
	var seen atomic.Int32
	r.answer = func([]byte) ([]byte, int) {
		if seen.Add(1) == 1 {
			close(held)
			<-hold
		}
		return []byte("<xml><MsgType>text</MsgType><Content>收到</Content></xml>"), http.StatusOK
	}
	done := make(chan Sent)
	go func() { done <- s.SayToApp("王工", "慢") }()
	<-held
	clock.Advance(5 * time.Second)
	sent := <-done
	if !sent.Delivered || len(sent.Attempts) != 2 || sent.Attempts[0].Err != "timeout" || sent.Attempts[0].Took != 5*time.Second {
		t.Errorf("%+v", sent)
	}
	if got := texts(s); len(got) != 1 || got[0] != "私聊 王工: 收到" {
		t.Error(got)
	}
}

func TestBotCallback(t *testing.T) {
	clock := fake.NewFrozenClock(time.Unix(1_790_000_000, 0))
	s := start(t, Options{Clock: clock})
	r := listen(t, s, Bot)
	dial(t, s).must(wire.CodeCredentials, wire.CmdSubscribe, "", fields{"bot_id": s.Bot().ID, "secret": s.Bot().Secret})
	var seen atomic.Int32
	r.answer = func([]byte) ([]byte, int) {
		n := seen.Add(1)
		return fmt.Appendf(nil, `{"msgtype":"stream","stream":{"id":"st","finish":%t,"content":"第%d段"}}`, n == 3, n), http.StatusOK
	}
	sent := s.Say("王工", chat, "@联帮 长答")
	if !sent.Delivered {
		t.Fatalf("%+v", sent)
	}
	m := r.bot()
	for n := range 2 {
		await(t, "the platform waits to ask", func() bool { return s.Count(fmt.Sprintf("第%d段", n+1)) == 1 && clock.Waiting() == 1 })
		clock.Advance(time.Second)
		if again := r.bot(); again.Type != "stream" || again.Stream.ID != "st" || again.ID == m.ID || again.ResponseURL != "" {
			t.Errorf("%+v", again)
		}
	}
	await(t, "the stream ends", func() bool { return s.Count("第3段") == 1 })
	if got := s.Shown(); len(got) != 1 || got[0].Open {
		t.Errorf("%+v", got)
	}
	post := func() int {
		return errcode(exchange(t, "POST", m.ResponseURL, "application/json", strings.NewReader(`{"msgtype":"markdown","markdown":{"content":"后来"}}`)))
	}
	if post() != 0 || post() != 60140 || s.Count("后来") != 1 {
		t.Error("a response_url is good for one answer")
	}
	r.answer = reply(`{"msgtype":"text","text":{"content":"您好"}}`)
	if sent := s.EnterChat("王工"); !sent.Delivered || s.Count("您好") != 1 {
		t.Errorf("%+v", sent)
	}
	if sent := s.Say("王工", "", "在吗"); sent.Delivered || !strings.Contains(sent.Why, "40008") {
		t.Errorf("a passive text: %+v", sent)
	}
	r.answer = reply(`{"msgtype":"template_card","template_card":{"card_type":"button_interaction","main_title":{"title":"参观"},"button_list":[{"text":"好","style":1,"key":"k"}],"task_id":"t"}}`)
	s.Say("王工", chat, "@联帮 卡片")
	all := s.Shown()
	r.answer = reply(`{"response_type":"update_template_card","template_card":{"card_type":"text_notice","main_title":{"title":"已好"},"card_action":{"type":1,"url":"https://example.com"},"task_id":"t"}}`)
	if sent := s.Click("林书记", all[len(all)-1].ID, "好"); !sent.Delivered || len(sent.Attempts) != 1 || s.Count("已好") != 1 {
		t.Errorf("%+v", sent)
	}
}

func TestDownload(t *testing.T) {
	clock := fake.NewFrozenClock(time.Unix(1_790_000_000, 0))
	s := start(t, Options{Clock: clock})
	c := join(t, s)
	get := func(url string) (int, []byte, string) {
		answer, err := http.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		data, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, data, answer.Header.Get("Content-Disposition")
	}
	s.SendFile("王工", "周报.txt", []byte("hello file"))
	_, m := c.heard()
	status, data, name := get(m.File.URL)
	plain, err := wire.OpenMedia(m.File.AESKey, data)
	if status != http.StatusOK || err != nil || string(plain) != "hello file" || !strings.Contains(name, "filename*=UTF-8''%E5%91%A8%E6%8A%A5.txt") {
		t.Errorf("%d %v %q %s", status, err, plain, name)
	}
	if status, _, _ = get(strings.Replace(m.File.URL, "sign=", "sign=0", 1)); status != http.StatusForbidden {
		t.Error("the address without its signature")
	}
	clock.Advance(5*time.Minute + time.Second)
	if status, _, _ = get(m.File.URL); status != http.StatusForbidden {
		t.Error("the address lives longer than five minutes")
	}
	s.Deliver(Message{User: "王工", Chat: chat, Text: "@联帮 看这张", Images: [][]byte{png}})
	if _, m := c.heard(); m.Type != "mixed" || len(m.Mixed.Items) != 2 || m.Mixed.Items[1].Image.AESKey == "" {
		t.Errorf("%+v", m)
	}
	if sent := s.Deliver(Message{User: "王工", Chat: chat, Images: [][]byte{png}}); sent.Delivered {
		t.Error("a photo alone was delivered in a group")
	}
}
