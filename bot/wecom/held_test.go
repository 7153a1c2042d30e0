package wecom

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"lianbang/bot/wecom/wire"
)

func TestAnswerAtTheLastMoment(t *testing.T) {
	for name, leave := range map[string]bool{"late": false, "left": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d, h := openDoors(t), newHeld()
				ctx, cancel := context.WithCancel(t.Context())
				if leave {
					cancel()
				}
				defer cancel()
				w := httptest.NewRecorder()
				v := visit{w: w, r: httptest.NewRequestWithContext(ctx, "POST", "/", nil), at: time.Now()}
				answered := make(chan error, 1)
				go func() { // somebody took the call and is about to answer it when its time is over
					time.Sleep(callTime + time.Millisecond)
					answered <- h.answer(t.Context(), streamed("k", "在"))
				}()
				handled := make(chan error, 1)
				handled <- nil
				(&door{Adapter: d.adapter, crypt: d.bot}).hold(caller{visit: v, wait: h, id: "taken", handled: handled})
				err := <-answered
				if leave && (!errors.Is(err, errCallGone) || w.Body.Len() > 0) || !leave && (err != nil || w.Body.Len() == 0) {
					t.Errorf("%v, %q", err, w.Body)
				}
			})
		})
	}
}

// TestTooLateForAHeldCall: who comes too late does not count as answering, nor does the want of room: the request that holds the
// callback would wait for that answer.
func TestTooLateForAHeldCall(t *testing.T) {
	now := time.Now()
	c := newCalls(func() time.Time { return now })
	k := call{until: now.Add(callTime), held: true}
	late, crowded := c.add(k, answerer{}), c.add(k, answerer{})
	k.held = false
	for range maxCalls - 2 {
		c.add(k, answerer{})
	}
	now = k.until
	if err := c.answer(t.Context(), late, "x"); !errors.Is(err, errCallGone) || !c.drop(late) {
		t.Errorf("too late: %v", err)
	}
	for len(c.open) < maxCalls {
		c.add(k, answerer{})
	}
	if c.add(k, answerer{}) == "" || !c.drop(crowded) {
		t.Error("no room, or not for the one that is held")
	}
}

func TestNobodyReadsTheAnswer(t *testing.T) {
	h := newHeld()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := h.answer(ctx, "x"); !errors.Is(err, errUnknownOutcome) {
		t.Error(err)
	}
	h = newHeld()
	close(h.gone)
	if err := h.answer(t.Context(), "x"); !errors.Is(err, errCallGone) {
		t.Error(err)
	}
	h = newHeld()
	h.sent <- nil
	close(h.gone)
	if err := h.answer(t.Context(), "x"); err != nil {
		t.Error(err)
	}
}

func TestWhichReference(t *testing.T) {
	if botRef("", "https://x").kind != refURL || botRef("", "") != (ref{}) || botRef("k", "https://x").kind != refCall {
		t.Error("wrong kind")
	}
}

func TestAnswerNotWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := openDoors(t)
		s := d.bot.Seal("1790000000", "1", []byte(`{"msgid":"m1","from":{"userid":"linmei"},"msgtype":"text","text":{"content":"在吗"}}`))
		answered := make(chan error, 1)
		go func() {
			synctest.Wait()
			answered <- d.adapter.calls.answer(t.Context(), parseRef(d.heard()[0].Ref, time.Now()).id, streamed("k", "在"))
		}()
		d.mux.ServeHTTP(failing{httptest.NewRecorder()}, httptest.NewRequest("POST", "/wecom/bot?"+s.Query().Values().Encode(), bytes.NewReader(wire.Envelope{Encrypt: s.Encrypt}.JSON())))
		if err := <-answered; !errors.Is(err, errUnknownOutcome) {
			t.Errorf("%v", err)
		}
	})
}

func TestTheCallerLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := openDoors(t)
		s := d.bot.Seal("1790000000", "1", []byte(`{"msgid":"m1","from":{"userid":"linmei"},"msgtype":"text","text":{"content":"在吗"}}`))
		ctx, cancel := context.WithCancel(t.Context())
		r := httptest.NewRequestWithContext(ctx, "POST", "/wecom/bot?"+s.Query().Values().Encode(), bytes.NewReader(wire.Envelope{Encrypt: s.Encrypt}.JSON()))
		done := make(chan struct{})
		go func() {
			defer close(done)
			d.mux.ServeHTTP(httptest.NewRecorder(), r)
		}()
		synctest.Wait()
		cancel()
		<-done
		if err := d.adapter.calls.answer(t.Context(), parseRef(d.heard()[0].Ref, time.Now()).id, "x"); !errors.Is(err, errCallGone) {
			t.Errorf("answered nobody: %v", err)
		}
	})
}

// failing is a response that cannot be written.
type failing struct{ *httptest.ResponseRecorder }

func (failing) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }
