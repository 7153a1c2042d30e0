package wecom

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"lianbang/bot"
	"lianbang/bot/wecom/wecomtest"
	"lianbang/bot/wecom/wire"
)

// streamIn is the stream that the AI bot's callback was answered with.
func (d *doors) streamIn(w *httptest.ResponseRecorder) wire.Stream {
	d.t.Helper()
	s, err := wire.ParseSealedJSON(w.Body.Bytes())
	if w.Code != http.StatusOK || err != nil {
		d.t.Fatalf("%d %q: %v", w.Code, w.Body, err)
	}
	plain, err := d.bot.Open(s.Query(), s.Encrypt)
	if err != nil {
		d.t.Fatal(err)
	}
	var body streamBody
	if err := json.Unmarshal(plain, &body); err != nil || body.Type != "stream" || body.Stream.ID == "" {
		d.t.Fatalf("%s: %v", plain, err)
	}
	return body.Stream
}

// ask asks for the state of a stream, as the platform does.
func (d *doors) ask(id string) wire.Stream {
	d.t.Helper()
	got := d.streamIn(d.tell(wire.Message{ID: "ask", From: wire.Sender{UserID: "linmei"}, Content: wire.Content{Type: "stream", Stream: &wire.Stream{ID: id}}}))
	if got.ID != id {
		d.t.Errorf("asked for %s, told of %s", id, got.ID)
	}
	return got
}

// slow lets a message come whose answer takes longer than the callback, and gives the stream and how it is answered.
func (d *doors) slowly(id string) (wire.Stream, ref) {
	d.t.Helper()
	began := time.Now()
	got := d.streamIn(d.tell(saying(id, "@小助手 在吗")))
	if took := time.Since(began); took != callTime || got.Finish || got.Content != sayWorking {
		d.t.Fatalf("after %v: %+v", took, got)
	}
	events := d.heard()
	return got, parseRef(events[len(events)-1].Ref, time.Now())
}

// TestSlowAnswerIsPolled: the answer goes into the stream that the asker sees, once the platform asks, and stays there.
func TestSlowAnswerIsPolled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := openDoors(t)
		st, r := d.slowly("m1")
		time.Sleep(3 * time.Second)
		if got := d.ask(st.ID); got.Finish || got.Content != sayWorking {
			t.Errorf("meanwhile: %+v", got)
		}
		if k, waits := d.adapter.calls.look(r.id); !waits || k.kind != callStream {
			t.Errorf("%+v", k)
		}
		answered := make(chan error, 1)
		go func() { answered <- d.adapter.calls.answer(t.Context(), r.id, streamed("reply/1", "已报名 H1")) }()
		time.Sleep(2 * time.Second)
		select {
		case err := <-answered:
			t.Fatalf("answered before it was asked for: %v", err)
		default:
		}
		for range 2 {
			if got := d.ask(st.ID); !got.Finish || got.Content != "已报名 H1" {
				t.Errorf("%+v", got)
			}
		}
		if err := <-answered; err != nil {
			t.Error(err)
		}
		if w := d.tell(saying("m1", "@小助手 在吗")); w.Code != 200 || w.Body.Len() != 0 || len(d.heard()) != 1 {
			t.Errorf("the second attempt: %d, %d events", w.Code, len(d.heard()))
		}
	})
}

// TestNobodyAsks: an answer that the platform does not fetch goes another way, and is told once.
func TestNobodyAsks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := openDoors(t)
		st, r := d.slowly("m1")
		began := time.Now()
		if err := d.adapter.calls.answer(t.Context(), r.id, streamed("reply/1", "已报名 H1")); !errors.Is(err, errCallGone) || time.Since(began) != askTime {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		if r.url == "" {
			t.Error("the response_url is lost")
		}
		if got := d.ask(st.ID); !got.Finish || got.Content != sayLater {
			t.Errorf("asked afterwards: %+v", got)
		}
	})
}

// TestStreamEnds: by itself when the answer does not come, by a hint when it came otherwise.
func TestStreamEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := openDoors(t)
		st, r := d.slowly("m1")
		time.Sleep(graceTime + time.Second)
		if got := d.ask(st.ID); !got.Finish || got.Content != sayLater {
			t.Errorf("without an answer: %+v", got)
		}
		if err := d.adapter.calls.answer(t.Context(), r.id, "x"); !errors.Is(err, errCallGone) {
			t.Errorf("answered a finished stream: %v", err)
		}
		st, r = d.slowly("m2")
		d.adapter.calls.free(r.id)
		if got := d.ask(st.ID); !got.Finish || got.Content != sayBelow {
			t.Errorf("answered otherwise: %+v", got)
		}
	})
}

// TestSlowSink: what the sink takes long to store is answered by a stream, and offered again.
func TestSlowSink(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := openDoors(t)
		d.slow = time.Minute // longer than one call of the sink may take
		st, _ := d.slowly("m1")
		for range 20 {
			time.Sleep(2 * time.Second)
			if got := d.ask(st.ID); got.Finish {
				t.Fatalf("finished while the sink is slow: %+v", got)
			}
		}
		d.mu.Lock()
		d.slow = 0
		d.mu.Unlock()
		time.Sleep(keepTime)
		if n := len(d.heard()); n < 2 {
			t.Errorf("offered %d times", n)
		}
		d.mu.Lock()
		d.slow, d.fail = 10*time.Second, errAway
		d.mu.Unlock()
		st, _ = d.slowly("m2")
		time.Sleep(safeTime + time.Second)
		if got := d.ask(st.ID); !got.Finish || got.Content != sayLater {
			t.Errorf("at the safe limit: %+v", got)
		}
		time.Sleep(keepTime)
	})
}

// TestKeptEventsAreBounded: beyond so many that are offered again, an event is offered once.
func TestKeptEventsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := openDoors(t)
		gate := &door{Adapter: d.adapter, recent: newRecent(1), sink: func(context.Context, bot.Event) error { return errAway }}
		began := time.Now()
		if err := gate.again(t.Context(), bot.Event{}); !errors.Is(err, errAway) || time.Since(began) < keepTime {
			t.Errorf("given up after %v: %v", time.Since(began), err)
		}
		began = time.Now()
		gate.kept.Store(maxQueued)
		if err := gate.again(t.Context(), bot.Event{}); !errors.Is(err, errAway) || time.Since(began) > 0 || gate.kept.Load() != maxQueued {
			t.Errorf("one too many, after %v: %v", time.Since(began), err)
		}
	})
}

// TestStreamOfWhatFailed: the asker is told when his message could not be stored.
func TestStreamOfWhatFailed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := openDoors(t)
		d.slow = time.Hour
		st, _ := d.slowly("m1")
		d.adapter.end() // the program ends
		synctest.Wait()
		if got := d.ask(st.ID); !got.Finish || got.Content != sayFailed {
			t.Errorf("%+v", got)
		}
	})
}

// TestStrangeStream: a stream of another process is left open for a while, and never for ever.
func TestStrangeStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one, two := openDoors(t), openDoors(t)
		st, _ := one.slowly("m1")
		if got := two.ask(st.ID); got.Finish || got.Content != sayWorking {
			t.Errorf("at first: %+v", got)
		}
		time.Sleep(strangeTime)
		for _, id := range []string{st.ID, "s-", "a0b1", strings.Repeat("z", 400)} {
			if got := two.ask(id); !got.Finish || got.Content != sayUnsure {
				t.Errorf("later: %+v", got)
			}
		}
		if two.counts["strange_stream"] != 5 {
			t.Errorf("%v", two.counts)
		}
	})
}

// TestStateNotWritten: an answer that the platform may not have got is told again.
func TestStateNotWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPolled(func() bool { return false })
		answered := make(chan error, 1)
		go func() { answered <- p.answer(t.Context(), streamed("k", "已报名 H1")) }()
		synctest.Wait()
		if err := p.tell(func(any) error { return errUnknownOutcome }); err == nil {
			t.Error("no error")
		}
		var got any
		if err := p.tell(func(body any) error { got = body; return nil }); err != nil || got != streamOf(p.id, "已报名 H1", true) {
			t.Errorf("%+v, %v", got, err)
		}
		if err := <-answered; err != nil {
			t.Error(err)
		}
	})
}

// TestManyStreams: what is remembered of them is bounded.
func TestManyStreams(t *testing.T) {
	ps := newPolls()
	for range 2 * maxCalls {
		ps.keep(newPolled(nil))
	}
	if n := len(ps.open); n > maxCalls {
		t.Errorf("%d streams", n)
	}
	if at := openedAt(newPolledID(time.Unix(1790000000, 0))); at.Unix() != 1790000000 {
		t.Errorf("%v", at)
	}
	if id := newPolledID(time.Now()); len(id) > 64 || strings.ContainsFunc(id, func(r rune) bool { return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789-", r) }) {
		t.Errorf("%s", strconv.Quote(id))
	}
}

// TestTapIsFreed: the callback of a tap is over as soon as it is known that nothing replaces the card.
func TestTapIsFreed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := openDoors(t)
		d.adapter.conf.App = nil
		go func() {
			synctest.Wait()
			e := d.heard()[0]
			_, err := d.adapter.Send(t.Context(), bot.Delivery{Key: "reply/1", To: e.Place(), Ref: e.Ref, Body: bot.Say("已满。"), Attempt: 1})
			if err == nil {
				t.Error("said, without any way to")
			}
		}()
		began := time.Now()
		if w := d.tell(tapping("e1")); w.Code != 200 || w.Body.Len() != 0 || time.Since(began) != 0 {
			t.Errorf("%d %q after %v", w.Code, w.Body, time.Since(began))
		}
	})
}

// TestSlowAnswersOnTheFake lets the platform ask: words go into the stream, a card goes by the response_url below it.
func TestSlowAnswersOnTheFake(t *testing.T) {
	t.Parallel() // the callbacks wait their 4 s
	o := openOffice(t, have{mode: ModeCallback})
	group, alone := o.say("光电信息群", "报名 H27"), o.say("", "活动 H27")
	open := func() (n int) {
		for _, m := range o.fake.Shown() {
			if m.Open && m.Text == sayWorking {
				n++
			}
		}
		return n
	}
	until(t, "both are told to wait", func() bool { return open() == 2 })
	words := toGroup("reply/1", "已报名 H27，1 人。")
	words.Ref = group.Ref
	o.must(words)
	card := toWang("reply/2", "")
	card.Ref, card.Body = alone.Ref, signUp("")
	o.must(card)
	until(t, "no stream is open", func() bool { return open() == 0 })
	var inGroup, private []wecomtest.Shown
	for _, m := range o.fake.Shown() {
		if m.Chat != "" {
			inGroup = append(inGroup, m)
		} else {
			private = append(private, m)
		}
	}
	if len(inGroup) != 1 || inGroup[0].Text != "已报名 H27，1 人。" || inGroup[0].Type != "stream" {
		t.Errorf("in the group: %+v", inGroup)
	}
	if len(private) != 2 || private[0].Text != sayBelow || !strings.Contains(private[1].Text, "参观座谈") || private[1].Type != "template_card" {
		t.Errorf("in private: %+v", private)
	}
}
