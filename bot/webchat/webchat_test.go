package webchat

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"lianbang/bot"
)

// taker is a Sink that keeps what it gets.
type taker struct {
	mu     sync.Mutex
	events []bot.Event
	fail   error
	then   func(e bot.Event)
}

func (k *taker) sink(_ context.Context, e bot.Event) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.fail != nil {
		return k.fail
	}
	k.events = append(k.events, e)
	if k.then != nil {
		go k.then(e)
	}
	return nil
}

func (k *taker) set(err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.fail = err
}

func (k *taker) got() []bot.Event {
	k.mu.Lock()
	defer k.mu.Unlock()
	return append([]bot.Event(nil), k.events...)
}

func newAdapter(t *testing.T, dir string) *Adapter {
	t.Helper()
	a, err := New(Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func serve(t *testing.T) (*Adapter, *taker, *httptest.Server) {
	t.Helper()
	a, k := newAdapter(t, t.TempDir()), &taker{}
	mux := http.NewServeMux()
	a.Mount(mux, k.sink)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return a, k, server
}

// tab is a client at the level of frames.
type tab struct {
	t    *testing.T
	conn *websocket.Conn
}

func openTab(t *testing.T, server *httptest.Server, q request) (*tab, frame) {
	t.Helper()
	conn, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(server.URL, "http")+"/ws", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	x := &tab{t, conn}
	q.Type = typeHello
	x.send(q)
	return x, x.next(typeWelcome)
}

func (x *tab) send(q request) {
	x.t.Helper()
	if err := x.conn.WriteJSON(q); err != nil {
		x.t.Fatal(err)
	}
}

// next skips frames until one of the type.
func (x *tab) next(kind string) frame {
	x.t.Helper()
	for {
		_ = x.conn.SetReadDeadline(time.Now().Add(5 * time.Second))
		var f frame
		if err := x.conn.ReadJSON(&f); err != nil {
			x.t.Fatalf("waiting for %s: %v", kind, err)
		}
		if f.Type == kind {
			return f
		}
	}
}

func deliver(t *testing.T, a *Adapter, key string, to bot.Address, r bot.Reply) bot.Receipt {
	t.Helper()
	receipt, err := a.Send(t.Context(), bot.Delivery{Key: key, To: to, Body: r})
	if err != nil {
		t.Fatal(err)
	}
	return receipt
}

func TestSayReachesEverybody(t *testing.T) {
	_, k, server := serve(t)
	lin, _ := openTab(t, server, request{Who: "林书记"})
	liu, _ := openTab(t, server, request{Who: "刘HR"})
	lin.send(request{Type: kindSay, ID: "a1", Room: "光电信息群", Text: "大家好"})
	if m := liu.next(typeMessage).Message; m.State != Sending || m.Text != "大家好" || m.From != "林书记" {
		t.Errorf("first sight: %+v", m)
	}
	if m := liu.next(typeMessage).Message; m.State != Confirmed || m.ID != "a1" {
		t.Errorf("second sight: %+v", m)
	}
	if f := lin.next(typeAck); f.ID != "a1" {
		t.Errorf("ack %+v", f)
	}
	e := k.got()[0]
	want := bot.Address{Platform: "web", Account: "local", Chat: "光电信息群", User: "林书记"}
	if e.ID != "a1" || e.Kind != bot.Said || e.From != want || e.Direct || e.Addressed || e.Text != "大家好" {
		t.Errorf("event %+v", e)
	}
}

// TestSayWaits: what is said before Run is not lost, and waits no longer than its context.
func TestSayWaits(t *testing.T) {
	a, k := newAdapter(t, t.TempDir()), &taker{}
	short, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := a.Say(short, "林书记", Private, "w0", "在吗"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("nobody runs it: %v", err)
	}
	said := make(chan error, 1)
	go func() { said <- a.Say(t.Context(), "林书记", Private, "w1", "活动") }()
	select {
	case err := <-said:
		t.Fatalf("said before Run: %v", err)
	case <-time.After(20 * time.Millisecond):
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx, k.sink) }()
	if err := <-said; err != nil {
		t.Error(err)
	}
	if got := k.got(); len(got) != 1 || got[0].ID != "w1" {
		t.Errorf("the sink got %+v", got)
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if err := a.Say(t.Context(), "林书记", Private, "w2", "活动"); !errors.Is(err, errStopping) {
		t.Errorf("after the end: %v", err)
	}
}

func TestPrivateStaysPrivate(t *testing.T) {
	a, k, server := serve(t)
	lin, _ := openTab(t, server, request{Who: "林书记"})
	liu, welcome := openTab(t, server, request{Who: "刘HR"})
	if r := welcome.Rooms[0]; !r.Direct || r.Title != "联帮" {
		t.Errorf("first room %+v", r)
	}
	lin.send(request{Type: kindSay, ID: "p1", Room: Private, Text: "帮助"})
	lin.next(typeAck)
	if e := k.got()[0]; !e.Direct || !e.Addressed || e.From.Chat != bot.ChatKey(directKey("林书记")) {
		t.Errorf("event %+v", e)
	}
	deliver(t, a, "k1", bot.Address{Platform: Platform, Account: "local", User: "林书记"}, bot.Say("私下说"))
	deliver(t, a, "k2", bot.Address{Platform: Platform, Account: "local", Chat: "光电信息群"}, bot.Say("公开说"))
	if m := liu.next(typeMessage).Message; m.Body.Text != "公开说" {
		t.Errorf("刘HR saw %+v", m)
	}
	liu.send(request{Type: kindSay, ID: "p2", Room: directKey("林书记"), Text: "偷看"})
	if f := liu.next(typeNack); !f.Final || !strings.Contains(f.Why, "私聊") {
		t.Errorf("foreign private chat: %+v", f)
	}
	liu.send(request{Type: typeEarlier, Room: directKey("林书记"), Before: 99})
	liu.send(request{Type: kindSay, ID: "p3", Room: "光电信息群", Text: "在吗"})
	for {
		var f frame
		if err := liu.conn.ReadJSON(&f); err != nil {
			t.Fatal(err)
		}
		if f.Type == typePage {
			t.Fatal("read somebody else's private chat")
		}
		if f.Type == typeAck {
			break
		}
	}
}

func TestMention(t *testing.T) {
	for _, c := range []struct {
		in, out string
		found   bool
	}{
		{"@联帮 活动", "活动", true},
		{"@联帮活动", "活动", true},
		{"＠联帮，活动", "活动", true},
		{"请问 @联帮 H1 几点", "请问 H1 几点", true},
		{"活动 @联帮", "活动", true},
		{"@联帮", "", true},
		{"联帮 活动", "联帮 活动", false},
	} {
		if out, found := cutMention(c.in, "联帮"); out != c.out || found != c.found {
			t.Errorf("cutMention(%q) = %q, %v", c.in, out, found)
		}
	}
}

func TestNackAndSayAgain(t *testing.T) {
	_, k, server := serve(t)
	k.set(errors.New("database away"))
	x, _ := openTab(t, server, request{Who: "林书记"})
	say := request{Type: kindSay, ID: "r1", Text: "活动"}
	x.send(say)
	if f := x.next(typeNack); f.ID != "r1" || f.Final || strings.Contains(f.Why, "database") {
		t.Errorf("nack %+v", f)
	}
	k.set(nil)
	x.send(say)
	x.next(typeAck)
	x.send(say)
	x.next(typeAck)
	if n := len(k.got()); n != 1 {
		t.Errorf("the Sink took it %d times", n)
	}
	_, welcome := openTab(t, server, request{Who: "林书记"})
	if ms := welcome.Pages[directKey("林书记")].Messages; len(ms) != 1 || ms[0].State != Confirmed {
		t.Errorf("history %+v", ms)
	}
}

func TestSameIDAtOnce(t *testing.T) {
	a, k, _ := serve(t)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if err := a.Say(t.Context(), "林书记", "光电信息群", "same", "一句话"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := len(k.got()); n != 1 {
		t.Errorf("the Sink took it %d times", n)
	}
	if err := a.Say(t.Context(), "刘HR", "光电信息群", "same", "另一句"); err == nil {
		t.Error("somebody else's id was taken")
	}
}

func TestHistorySinceCursor(t *testing.T) {
	a, _, server := serve(t)
	group := bot.Address{Platform: Platform, Account: "local", Chat: "光电信息群"}
	for _, text := range []string{"一", "二", "三"} {
		deliver(t, a, text, group, bot.Say(text))
	}
	_, all := openTab(t, server, request{Who: "林书记"})
	ms := all.Pages["光电信息群"].Messages
	if len(ms) != 3 {
		t.Fatalf("history %+v", ms)
	}
	_, since := openTab(t, server, request{Who: "林书记", Cursors: map[string]int64{"光电信息群": ms[1].Rev}})
	if p := since.Pages["光电信息群"]; len(p.Messages) != 1 || p.Messages[0].Body.Text != "三" || p.Reset {
		t.Errorf("since the cursor %+v", p)
	}
	_, strange := openTab(t, server, request{Who: "林书记", Cursors: map[string]int64{"光电信息群": 1000}})
	if p := strange.Pages["光电信息群"]; len(p.Messages) != 3 || !p.Reset {
		t.Errorf("with a foreign cursor %+v", p)
	}
	_, tail := openTab(t, server, request{Who: "林书记", Tail: true})
	if len(tail.Pages) != 0 {
		t.Errorf("tail got %+v", tail.Pages)
	}
}

func TestEarlierPages(t *testing.T) {
	a, _, server := serve(t)
	group := bot.Address{Platform: Platform, Account: "local", Chat: "光电信息群"}
	for i := range 120 {
		deliver(t, a, "k"+string(rune('0'+i)), group, bot.Say("第几条"))
	}
	x, welcome := openTab(t, server, request{Who: "林书记"})
	p := welcome.Pages["光电信息群"]
	total := len(p.Messages)
	for p.More {
		x.send(request{Type: typeEarlier, Room: "光电信息群", Before: p.Messages[0].Seq})
		p = *x.next(typePage).Page
		total += len(p.Messages)
	}
	if total != 120 {
		t.Errorf("%d of 120 messages", total)
	}
}

func TestDeliveryKeyOnce(t *testing.T) {
	a, _, _ := serve(t)
	to := bot.Address{Platform: Platform, Account: "local", User: "林书记"}
	first := deliver(t, a, "reply/1", to, bot.Say("好"))
	if again := deliver(t, a, "reply/1", to, bot.Say("好")); again.Message != first.Message {
		t.Errorf("two messages: %v, %v", first, again)
	}
	if n := len(a.hub.rooms[directKey("林书记")].msgs); n != 1 {
		t.Errorf("%d messages kept", n)
	}
	_, err := a.Send(t.Context(), bot.Delivery{Key: "x", Body: bot.Say("无处可去")})
	if se := bot.AsSendError(err); se.Verdict != bot.Refused {
		t.Errorf("no address: %v", err)
	}
}

func TestAttachment(t *testing.T) {
	a, _, server := serve(t)
	to := bot.Address{Platform: Platform, Account: "local", Chat: "光电信息群"}
	deliver(t, a, "file", to, bot.Reply{Text: "台账", File: &bot.Attachment{Name: "台账 11月.csv", Type: "text/csv", Data: []byte("序号,事项\n")}})
	_, welcome := openTab(t, server, request{Who: "林书记"})
	m := welcome.Pages["光电信息群"].Messages[0]
	if len(m.Body.File.Data) != 0 || m.File.Size != 14 {
		t.Errorf("message %+v", m)
	}
	res, err := http.Get(server.URL + m.File.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if d := res.Header.Get("Content-Disposition"); res.StatusCode != 200 || !strings.HasPrefix(d, "attachment") {
		t.Errorf("%s %q", res.Status, d)
	}
}
