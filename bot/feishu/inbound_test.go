package feishu

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"lianbang/bot"
)

// ear is an inbound with a sink that remembers, a log and counters.
type ear struct {
	*inbound
	mu     sync.Mutex
	events []bot.Event
	fail   error
	hook   func(e bot.Event) // called by the sink first
	counts tally
	log    lockedBuffer
}

// lockedBuffer is a log that many goroutines write.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func newEar() *ear {
	e := &ear{counts: tally{}}
	log := slog.New(slog.NewTextHandler(&e.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	e.inbound = &inbound{account: "main", sink: e.sink, self: func(context.Context) (string, error) { return "ou_bot", nil },
		name:   func(_ context.Context, chat, openID string) string { return openID + " of " + chat },
		kinds:  newKinds(func(context.Context, string) (bool, error) { return false, errors.New("nobody to ask") }),
		clicks: testClicks(), now: func() time.Time { return messageTime }, count: e.count, log: log}
	return e
}

func (e *ear) sink(_ context.Context, event bot.Event) error {
	e.mu.Lock()
	hook, fail := e.hook, e.fail
	e.events = append(e.events, event)
	e.mu.Unlock()
	if hook != nil {
		hook(event)
	}
	return fail
}

func (e *ear) failWith(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.fail = err
}

func (e *ear) count(what string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.counts[what]++
}

func (e *ear) counted(what string) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.counts[what]
}

func (e *ear) heard() []bot.Event {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]bot.Event(nil), e.events...)
}

func await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("in vain: %s", what)
		}
	}
}

func opened(t *testing.T, in string) pushed {
	t.Helper()
	p, err := openPushed([]byte(in))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func clicked(id, chat, command string) string {
	return v2(cardAction, id, `{"operator":{"open_id":"ou_lin"},"context":{"open_chat_id":"`+chat+`"},"action":{"tag":"button","value":{"c":"`+command+`"}}}`)
}

func TestTakeCompletes(t *testing.T) {
	e := newEar()
	for _, in := range []string{
		saidJSON("om_1", "oc_1", "group", "text", `{"text":"x"}`, ""),
		saidJSON("om_2", "oc_2", "p2p", "text", `{"text":"x"}`, ""),
		clicked("c1", "oc_1", "报名 H1"), clicked("c2", "oc_2", "我的"), clicked("c3", "oc_unknown", "我的"),
		`{"uuid":"u1","type":"event_callback","event":{"type":"im.chat.disbanded_v1","chat_id":"oc_1","operator_id":{"open_id":"ou_lin"}}}`,
	} {
		if _, err := e.take(context.Background(), opened(t, in), time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	got := e.heard()
	for i, want := range []struct {
		name   string
		direct bool
	}{{"ou_lin of oc_1", false}, {"ou_lin of ", true}, {"ou_lin of oc_1", false}, {"ou_lin of ", true}, {"ou_lin of oc_unknown", false}, {"", false}} {
		if got[i].Name != want.name || got[i].Direct != want.direct || got[i].At.IsZero() {
			t.Errorf("%d: %+v", i, got[i])
		}
	}
}

func TestTakeWithoutNewsOfOurselves(t *testing.T) {
	e := newEar()
	e.self = func(context.Context) (string, error) { return "", errors.New("no answer") }
	if _, err := e.take(context.Background(), opened(t, saidJSON("om_1", "oc_1", "group", "text", `{"text":"@_user_1 x"}`, atBot)), time.Now()); !errors.Is(err, errNobody) || e.counted("self_unknown") != 1 {
		t.Errorf("%v, %v", err, e.counts)
	}
	if _, err := e.take(context.Background(), opened(t, saidJSON("om_1", "oc_1", "p2p", "text", `{"text":"x"}`, "")), time.Now()); err != nil || len(e.heard()) != 1 {
		t.Errorf("%v, %v", err, e.heard())
	}
}

// However slow the platform answers our own questions, an event reaches the sink with time to store it, and a click does not
// claim to wait for longer than it does.
func TestTakeIsNotKeptByQuestions(t *testing.T) {
	for name, in := range map[string]string{
		"a message": saidJSON("om_1", "oc_1", "group", "text", `{"text":"活动"}`, ""),
		"a click":   clicked("c1", "oc_unknown", "报名 H1"),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := newEar()
				e.now = time.Now
				e.self = func(ctx context.Context) (string, error) { <-ctx.Done(); return "", ctx.Err() }
				e.name = func(ctx context.Context, _, _ string) string { <-ctx.Done(); return "" }
				e.kinds = newKinds(func(ctx context.Context, _ string) (bool, error) { <-ctx.Done(); return false, ctx.Err() })
				received := time.Now()
				time.Sleep(200 * time.Millisecond) // the body took its time
				var stored time.Duration
				e.hook = func(bot.Event) { stored = time.Since(received) }
				w, err := e.take(t.Context(), opened(t, in), received)
				if err != nil || stored != lookTime {
					t.Fatalf("stored after %v, %v", stored, err)
				}
				ref := e.heard()[0].Ref
				if w != nil && !ref.Expires.Equal(received.Add(clickTime)) {
					t.Errorf("expires %v after the receipt", ref.Expires.Sub(received))
				}
			})
		})
	}
}

// A click can be answered as soon as the sink has it, and not any more when the sink refused it.
func TestTakeClick(t *testing.T) {
	e := newEar()
	taken := make(chan bool, 1)
	e.hook = func(event bot.Event) {
		go func() { taken <- e.clicks.answer(event.Ref.Token, bot.Say("好"), false) }()
	}
	w, err := e.take(context.Background(), opened(t, clicked("c1", "oc_1", "报名 H1")), time.Now())
	if err != nil || w == nil {
		t.Fatal(w, err)
	}
	got := e.answer(context.Background(), w)
	w.written <- true
	if string(got) != `{"toast":{"type":"info","content":"好"}}` || len(e.heard()[0].Ref.Token) > 64 {
		t.Errorf("%s, %+v", got, e.heard()[0].Ref)
	}
	if !<-taken {
		t.Error("the answer was not taken")
	}

	e.hook = nil
	e.failWith(errors.New("database away"))
	if w, err := e.take(context.Background(), opened(t, clicked("c2", "oc_1", "报名 H1")), time.Now()); err == nil || w != nil || e.counted("unstored") != 1 {
		t.Errorf("%v, %v", w, err)
	}
	if n := len(e.clicks.waiting); n != 0 {
		t.Errorf("%d clicks wait for ever", n)
	}
	if e.clicks.answer(e.heard()[1].Ref.Token, bot.Say("好"), false) {
		t.Error("a click that is not stored was answered")
	}
}

// Of several events in one delivery, a failure leaves the rest to the next attempt; the first keep their ids.
func TestTakeSeveral(t *testing.T) {
	e := newEar()
	p := opened(t, v2("im.chat.member.user.deleted_v1", "e1", `{"chat_id":"oc_1","users":[{"user_id":{"open_id":"ou_1"}},{"user_id":{"open_id":"ou_2"}}]}`))
	e.hook = func(event bot.Event) {
		if event.ID == "e1/1" { // the sink has read its own error before this
			e.failWith(errors.New("database away"))
		}
	}
	_, first := e.take(context.Background(), p, time.Now())
	e.failWith(nil)
	e.hook = nil
	_, second := e.take(context.Background(), p, time.Now())
	ids := ""
	for _, event := range e.heard() {
		ids += string(event.ID) + " "
	}
	if first == nil || second != nil || ids != "e1/1 e1/2 e1/1 e1/2 " {
		t.Errorf("%v, %v, %s", first, second, ids)
	}
}

func TestKinds(t *testing.T) {
	asked := 0
	var fail error
	k := newKinds(func(_ context.Context, chat string) (bool, error) { asked++; return chat == "oc_p2p", fail })
	ctx := context.Background()
	for _, chat := range []string{"oc_p2p", "oc_1", "oc_p2p"} {
		if k.isDirect(ctx, chat) != (chat == "oc_p2p") {
			t.Errorf("%s is misjudged", chat)
		}
	}
	if asked != 2 {
		t.Errorf("asked %d times about two chats", asked)
	}
	k.learn("oc_2", true)
	k.learn("", true)
	if !k.isDirect(ctx, "oc_2") || asked != 2 || len(k.direct) != 3 {
		t.Error("not learnt")
	}
	fail = errors.New("no answer")
	for range 2 {
		if k.isDirect(ctx, "oc_3") {
			t.Error("a chat of which nothing is known counts as private")
		}
	}
	if asked != 4 {
		t.Error("a failure was kept")
	}
	for i := range maxKinds + 5 {
		k.learn(fmt.Sprint(i), false)
	}
	if len(k.direct) > maxKinds {
		t.Error("no bound")
	}
}

func TestQueuesKeepTheOrderOfOne(t *testing.T) {
	var q queues
	var mu sync.Mutex
	var order []int
	var all sync.WaitGroup
	blocked := q.enter("blocked")
	for i := range 50 {
		place, other := q.enter("ou_lin"), q.enter("")
		all.Add(2)
		go func() {
			defer all.Done()
			place.wait()
			mu.Lock()
			order = append(order, i)
			mu.Unlock()
			place.leave()
		}()
		go func() { defer all.Done(); other.wait(); other.leave() }()
	}
	all.Wait() // although "blocked" has not left
	blocked.wait()
	blocked.leave()
	for i, n := range order {
		if i != n {
			t.Fatalf("order %v", order)
		}
	}
	if len(q.last) != 0 {
		t.Errorf("%d queues are left", len(q.last))
	}
}
