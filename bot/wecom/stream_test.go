package wecom

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"lianbang/bot"
	"lianbang/bot/wecom/wire"
)

// shown are the stream frames sent so far.
func (r *rig) shown() (out []wire.Stream) {
	r.t.Helper()
	for _, f := range r.frames(wire.CmdRespond) {
		var b streamBody
		decode(r.t, f, &b)
		if b.Type == "stream" {
			out = append(out, b.Stream)
		}
	}
	return out
}

var errAway = errors.New("the database is away")

func TestQuickAnswer(t *testing.T) {
	connect(t, nil, func(t *testing.T, r *rig) {
		r.push(said("C1", "m1", "wrGROUP01", "linmei", "@联帮 报名 H1"))
		time.Sleep(time.Minute)
		if got := r.shown(); len(got) != 0 {
			t.Errorf("shown although the event was handled at once: %+v", got)
		}
		if n := len(r.line().streams.open); n != 0 {
			t.Errorf("%d streams remain", n)
		}
		if err := r.line().respond(t.Context(), "C1", wire.CmdRespond, streamed("key/1", "已报名 H1")); err != nil {
			t.Fatal(err)
		}
		if got := r.shown(); len(got) != 1 || !got[0].Finish || got[0].Content != "已报名 H1" || got[0].ID != streamed("key/1", "").Stream.ID {
			t.Errorf("%+v", got)
		}
	})
}

func TestSlowAnswer(t *testing.T) {
	connect(t, nil, func(t *testing.T, r *rig) {
		away := true
		r.failWith(func(bot.Event) error {
			if away {
				return errAway
			}
			return nil
		})
		r.push(said("C1", "m1", "", "linmei", "在吗"))
		time.Sleep(slowTime + time.Second)
		got := r.shown()
		if len(got) != 1 || got[0].Finish || got[0].Content != sayWorking {
			t.Fatalf("after %v: %+v", slowTime, got)
		}
		r.mu.Lock()
		away = false
		r.mu.Unlock()
		time.Sleep(10 * time.Second)
		if len(r.heard()) != 1 {
			t.Fatal("not handled")
		}
		if err := r.line().respond(t.Context(), "C1", wire.CmdRespond, streamed("key/1", "在")); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Minute)
		got = r.shown()
		if len(got) != 2 || got[1] != (wire.Stream{ID: got[0].ID, Finish: true, Content: "在"}) {
			t.Errorf("the answer does not take the stream's place: %+v", got)
		}
		if err := r.line().respond(t.Context(), "C1", wire.CmdRespond, streamed("key/2", "还有")); err != nil {
			t.Fatal(err)
		}
		if got = r.shown(); len(got) != 3 || got[2].ID == got[0].ID {
			t.Errorf("the second answer went into the first one's stream: %+v", got)
		}
	})
}

func TestSlowCard(t *testing.T) {
	connect(t, nil, func(t *testing.T, r *rig) {
		r.failWith(func(bot.Event) error { return errAway })
		r.push(said("C1", "m1", "", "linmei", "在吗"))
		time.Sleep(slowTime + time.Second)
		if err := r.line().respond(t.Context(), "C1", wire.CmdRespond, map[string]any{"msgtype": "template_card"}); err != nil {
			t.Fatal(err)
		}
		got, frames := r.shown(), r.frames(wire.CmdRespond)
		if len(got) != 2 || !got[1].Finish || got[1].Content != sayBelow || got[1].ID != got[0].ID || len(frames) != 3 {
			t.Errorf("%+v", got)
		}
	})
}

func TestNeverAnswered(t *testing.T) {
	connect(t, nil, func(t *testing.T, r *rig) {
		r.failWith(func(bot.Event) error { return errAway })
		r.push(said("C1", "m1", "", "linmei", "在吗"))
		time.Sleep(slowTime + safeTime + time.Second)
		got := r.shown()
		if len(got) != 3 || got[1].Content != sayWorking || got[1].Finish || !got[2].Finish || got[2].Content != sayLater {
			t.Errorf("%+v", got)
		}
		time.Sleep(time.Hour)
		if len(r.shown()) != 3 || r.counted("lost") != 1 || r.counted("sink_failed") < 10 {
			t.Errorf("%v", r.counts)
		}
	})
}

func TestHandledWithoutAnAnswer(t *testing.T) {
	connect(t, nil, func(t *testing.T, r *rig) {
		slow := make(chan struct{})
		r.failWith(func(bot.Event) error { return nil })
		r.adapter.in.names = nil
		r.push(said("C0", "m0", "", "linmei", "一"))
		r.failWith(func(e bot.Event) error {
			r.mu.Unlock()
			<-slow
			r.mu.Lock()
			return nil
		})
		r.push(said("C1", "m1", "", "linmei", "二"))
		time.Sleep(slowTime + time.Second)
		close(slow)
		time.Sleep(graceTime + time.Second)
		if got := r.shown(); len(got) != 2 || !got[1].Finish || got[1].Content != sayLater {
			t.Errorf("%+v", got)
		}
	})
}

func TestGivenUp(t *testing.T) {
	connect(t, nil, func(t *testing.T, r *rig) {
		st := r.line().streams.watch("C1")
		time.Sleep(slowTime + time.Second)
		st.handled <- errAway
		synctest.Wait()
		if got := r.shown(); len(got) != 2 || !got[1].Finish || got[1].Content != sayFailed {
			t.Errorf("%+v", got)
		}
	})
}

func TestStreamsEndWithTheAdapter(t *testing.T) {
	connect(t, nil, func(t *testing.T, r *rig) {
		r.failWith(func(bot.Event) error { return errAway })
		r.push(said("C1", "m1", "", "linmei", "在吗"))
		r.push(said("C2", "m2", "", "zhaoyi", "在吗"))
		time.Sleep(slowTime + time.Second)
		r.stop()
		synctest.Wait()
		finished := 0
		for _, s := range r.shown() {
			if s.Finish && s.Content == sayLater {
				finished++
			}
		}
		if finished != 2 {
			t.Errorf("%+v", r.shown())
		}
		time.Sleep(2 * drainTime)
		if err := <-r.done; err != nil || r.counted("lost") != 2 {
			t.Errorf("%v %v", err, r.counts)
		}
	})
}

func TestAnswerOfUnknownOutcomeKeepsItsStream(t *testing.T) {
	connect(t, nil, func(t *testing.T, r *rig) {
		r.failWith(func(bot.Event) error { return errAway })
		r.push(said("C1", "m1", "", "linmei", "在吗"))
		time.Sleep(slowTime + time.Second)
		r.setAnswer(func(_ *peer, f wire.Frame) *wire.Ack { return nil })
		if err := r.line().respond(t.Context(), "C1", wire.CmdRespond, streamed("key/1", "在")); !errors.Is(err, errUnknownOutcome) {
			t.Fatal(err)
		}
		r.setAnswer(func(_ *peer, f wire.Frame) *wire.Ack { return ok(f) })
		if err := r.line().respond(t.Context(), "C1", wire.CmdRespond, streamed("key/1", "在")); err != nil {
			t.Fatal(err)
		}
		got := r.shown()
		if len(got) != 3 || got[1] != got[2] || got[1].ID != got[0].ID {
			t.Errorf("%+v", got)
		}
		if n := len(r.line().streams.unsure); n != 0 {
			t.Errorf("%d remembered", n)
		}
	})
}

func TestStreamRefused(t *testing.T) {
	connect(t, nil, func(t *testing.T, r *rig) {
		r.setAnswer(func(_ *peer, f wire.Frame) *wire.Ack {
			if f.Cmd == wire.CmdRespond {
				return refuse(f, wire.CodeStreamExpired, "stream message update expired")
			}
			return ok(f)
		})
		r.failWith(func(bot.Event) error { return errAway })
		r.push(said("C1", "m1", "", "linmei", "在吗"))
		time.Sleep(time.Minute)
		if got := r.shown(); len(got) != 1 {
			t.Errorf("%+v", got)
		}
		var ack *refusedError
		if err := r.line().respond(t.Context(), "C1", wire.CmdRespond, streamed("key/1", "在")); !errors.As(err, &ack) || ack.code != wire.CodeStreamExpired {
			t.Error(err)
		}
	})
}
