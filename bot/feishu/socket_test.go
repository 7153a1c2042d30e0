package feishu

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"lianbang/bot"
	"lianbang/bot/feishu/wire"
)

func TestSocketAcknowledges(t *testing.T) {
	bubble(t, func(t *testing.T, o *office) {
		r := connect(t, o)
		c := o.accept()
		if want := `{"AppID":"cli_1a2b3c4d5e6f7081","AppSecret":"` + appSecret + `"} zh`; o.questions()[0] != want {
			t.Errorf("asked %s", o.questions()[0])
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
	})
}

func TestSocketUnknownAndMalformed(t *testing.T) {
	bubble(t, func(t *testing.T, o *office) {
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
	})
}

func TestSocketFragments(t *testing.T) {
	bubble(t, func(t *testing.T, o *office) {
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
	})
}

// Clicks come in frames of two types; the answer goes as Base64.
func TestSocketClick(t *testing.T) {
	bubble(t, func(t *testing.T, o *office) {
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
	})
}

// An answer whose connection is gone was not given.
func TestSocketClickOnDeadConnection(t *testing.T) {
	bubble(t, func(t *testing.T, o *office) {
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
	})
}

// A slow sink holds up neither pings nor other people, but the later words of the same person.
func TestSocketHandlesOffTheReader(t *testing.T) {
	bubble(t, func(t *testing.T, o *office) {
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
	})
}

func TestSocketReconnects(t *testing.T) {
	bubble(t, func(t *testing.T, o *office) {
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
		if r.counted("reconnect") != 5 || r.counted("connected") != 6 || len(o.questions()) != 6 || len(r.heard()) != 5 {
			t.Errorf("%v, %d questions, %d events", r.counts, len(o.questions()), len(r.heard()))
		}
	})
}

// A connection over which nothing comes any more is dead, even when writing into it works.
func TestSocketHalfOpen(t *testing.T) {
	bubble(t, func(t *testing.T, o *office) {
		o.config = `{"PingInterval":1,"ReconnectInterval":1,"ReconnectNonce":1}`
		r := connect(t, o)
		o.drain(o.accept()) // and say nothing
		began := time.Now()
		o.accept()
		if took := time.Since(began); took < silence || took > silence+3*time.Second || r.counted("reconnect") != 1 {
			t.Errorf("after %v, %d reconnects", took, r.counted("reconnect"))
		}
	})
}

// Every inbound frame is a sign of life: pongs, and pings of the WebSocket protocol, which are answered.
func TestSocketSignsOfLife(t *testing.T) {
	bubble(t, func(t *testing.T, o *office) {
		o.config = `{"PingInterval":1,"ReconnectInterval":1,"ReconnectNonce":1}`
		r := connect(t, o)
		c := o.accept()
		ponged := make(chan string, 100)
		c.SetPongHandler(func(data string) error { ponged <- data; return nil })
		o.drain(c)
		pong := wire.Frame{Service: 33554678, Headers: []wire.Header{{Key: wire.HeaderType, Value: wire.TypePong}}}
		for i := range 10 {
			if i%2 == 0 {
				o.write(c, pong.Marshal())
			} else if err := c.WriteControl(websocket.PingMessage, []byte("hi"), time.Now().Add(time.Second)); err != nil {
				t.Fatal(err)
			}
			time.Sleep(silence)
		}
		if r.counted("reconnect") != 0 || len(ponged) != 5 {
			t.Errorf("%d reconnects, %d pongs", r.counted("reconnect"), len(ponged))
		}
	})
}

// A connection that has held for a while makes the pauses short again.
func TestSocketForgetsFailures(t *testing.T) {
	bubble(t, func(t *testing.T, o *office) {
		o.config = `{"PingInterval":50,"ReconnectInterval":100,"ReconnectNonce":30}`
		for range 7 {
			o.answers = append(o.answers, `{"code":1}`)
		}
		connect(t, o)
		c := o.accept()
		o.drain(c)
		time.Sleep(stableTime)
		_ = c.Close()
		began := time.Now()
		o.accept()
		if took := time.Since(began); took > firstPause {
			t.Errorf("the pause after a good connection is %v", took)
		}
	})
}

// A pong changes the interval of pings at once; what it leaves out stays.
func TestSocketConfigPush(t *testing.T) {
	bubble(t, func(t *testing.T, o *office) {
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
	})
}

func TestSocketPause(t *testing.T) {
	for _, random := range []float64{0, 0.5, 0.999} {
		s := &socket{random: func() float64 { return random }, pace: pace{Reconnect: 120, Nonce: 30}}
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

// What the platform leaves out when a connection is opened anew stays as it was.
func TestSocketKeepsPace(t *testing.T) {
	bubble(t, func(t *testing.T, o *office) {
		o.config = `{"PingInterval":7,"ReconnectInterval":1,"ReconnectNonce":1}`
		connect(t, o)
		c := o.accept()
		o.mu.Lock()
		o.config = `{"PingInterval":0}`
		o.mu.Unlock()
		_ = c.Close()
		c = o.accept()
		began := time.Now()
		if f := o.read(c); f.Header(wire.HeaderType) != wire.TypePing || time.Since(began) != 7*time.Second {
			t.Errorf("%+v after %v", f, time.Since(began))
		}
	})
}

// A frame that claims 100 MB ends the connection unread, and the next one works.
func TestSocketLargeFrame(t *testing.T) {
	bubble(t, func(t *testing.T, o *office) {
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
	})
}

// What is in the sink when Run is told to stop is still acknowledged.
func TestSocketStops(t *testing.T) {
	bubble(t, func(t *testing.T, o *office) {
		r := connect(t, o)
		c := o.accept()
		r.hook = func(bot.Event) {
			r.stop()
			time.Sleep(time.Second) // in which a hasty end would close the connection
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
	})
}
