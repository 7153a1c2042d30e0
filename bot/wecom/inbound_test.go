package wecom

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"lianbang/bot"
	"lianbang/bot/wecom/wire"
)

func TestConversationsDoNotWaitForEachOther(t *testing.T) {
	connect(t, nil, func(t *testing.T, r *rig) {
		r.failWith(func(e bot.Event) error {
			if e.From.Chat == "wrSLOW" {
				return errAway
			}
			return nil
		})
		for i := range 3 {
			r.push(said(fmt.Sprint("S", i), fmt.Sprint("s", i), "wrSLOW", "linmei", fmt.Sprint("慢", i)))
			r.push(said(fmt.Sprint("F", i), fmt.Sprint("f", i), "wrFAST", "zhaoyi", fmt.Sprint("快", i)))
		}
		if got := r.heard(); len(got) != 3 || got[0].Text != "快0" || got[2].Text != "快2" {
			t.Fatalf("%+v", got)
		}
		r.failWith(nil)
		time.Sleep(time.Minute)
		if got := r.heard(); len(got) != 6 || got[3].Text != "慢0" || got[4].Text != "慢1" || got[5].Text != "慢2" {
			t.Errorf("%+v", got)
		}
		synctest.Wait()
		if n := len(r.adapter.in.lines); n != 0 {
			t.Errorf("%d conversations remain", n)
		}
	})
}

func TestTooManyEventsWait(t *testing.T) {
	connect(t, nil, func(t *testing.T, r *rig) {
		r.failWith(func(bot.Event) error { return errAway })
		for i := range maxQueue + 5 {
			r.push(said(fmt.Sprint("C", i), fmt.Sprint("m", i), "wrGROUP01", "linmei", "在"))
		}
		if n := r.counted("overflow"); n != 4 { // the first is being handled
			t.Errorf("%d dropped", n)
		}
		r.failWith(nil)
		time.Sleep(time.Minute)
		if n := len(r.heard()); n != maxQueue+1 {
			t.Errorf("%d heard", n)
		}
	})
}

func TestNames(t *testing.T) {
	connect(t, nil, func(t *testing.T, r *rig) {
		r.adapter.in.names = func(_ context.Context, u bot.UserKey) string { return "林梅(" + string(u) + ")" }
		r.push(said("C1", "m1", "", "linmei", "在吗"))
		if got := r.heard(); len(got) != 1 || got[0].Name != "林梅(linmei)" {
			t.Errorf("%+v", got)
		}
	})
}

func TestClickOverTheConnection(t *testing.T) {
	tapped := wire.Event{Type: wire.EventCard, Card: &wire.CardEvent{CardType: "button_interaction", Key: "完成 S42", TaskID: "rem-42-1"}}
	connect(t, nil, func(t *testing.T, r *rig) {
		r.push(happened("C3", "e1", "linmei", tapped))
		events := r.heard()
		if len(events) != 1 || events[0].Kind != bot.Clicked || events[0].Text != "完成 S42" {
			t.Fatalf("%+v", events)
		}
		ref := parseRef(events[0].Ref, time.Now())
		k, waits := r.adapter.calls.look(ref.id)
		if ref.kind != refCall || !waits || k.kind != callClick || k.user != "linmei" || k.task != "rem-42-1" {
			t.Fatalf("%+v %+v", ref, k)
		}
		body := map[string]any{"response_type": "update_template_card"}
		if err := r.adapter.calls.answer(t.Context(), ref.id, body); err != nil {
			t.Fatal(err)
		}
		if f := r.frames(wire.CmdUpdate); len(f) != 1 || f[0].Headers.RequestID != "C3" || string(f[0].Body) != `{"response_type":"update_template_card"}` {
			t.Errorf("%v", f)
		}
		if err := r.adapter.calls.answer(t.Context(), ref.id, body); !errors.Is(err, errCallGone) {
			t.Errorf("answered twice: %v", err)
		}
		r.push(happened("C4", "e2", "linmei", tapped))
		time.Sleep(callTime)
		late := r.heard()[1].Ref
		if got := parseRef(late, time.Now()); got.kind != refNone {
			t.Errorf("an expired reference: %+v", got)
		}
		id := parseRef(late, time.Now().Add(-callTime)).id
		if _, waits := r.adapter.calls.look(id); waits {
			t.Error("still waits")
		}
		if err := r.adapter.calls.answer(t.Context(), id, body); !errors.Is(err, errCallGone) || len(r.frames(wire.CmdUpdate)) != 1 {
			t.Errorf("answered too late: %v", err)
		}
	})
}

func TestCallsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCalls(time.Now)
		for i := range maxCalls {
			if c.add(call{until: time.Now().Add(callTime)}, answerer{}) == "" {
				t.Fatalf("call %d does not wait", i)
			}
		}
		if c.add(call{until: time.Now().Add(callTime)}, answerer{}) != "" {
			t.Error("one too many waits")
		}
		time.Sleep(callTime)
		if id := c.add(call{until: time.Now().Add(callTime)}, answerer{}); id == "" || len(c.open) != 1 || !c.drop(id) || c.drop(id) {
			t.Errorf("%d wait", len(c.open))
		}
	})
}

func TestRefs(t *testing.T) {
	now := time.Unix(1790000000, 0)
	for token, r := range map[string]ref{
		"r:CBREQ-1":             {kind: refRespond, id: "CBREQ-1"},
		"r:of two words":        {kind: refRespond, id: "of two words"},
		"w:CBREQ-2":             {kind: refWelcome, id: "CBREQ-2"},
		"k:abc":                 {kind: refCall, id: "abc"},
		"k:abc https://x/y?c=1": {kind: refCall, id: "abc", url: "https://x/y?c=1"},
		"u:https://x/y?c=1":     {kind: refURL, url: "https://x/y?c=1"},
		"c:RC10  rem-42":        {kind: refCode, id: "RC10", task: "rem-42"},
		"a:":                    {kind: refApp},
	} {
		packed := r.pack(now)
		if packed.Token != token {
			t.Errorf("%+v is packed as %q", r, packed.Token)
		}
		if got := parseRef(packed, now); got != r {
			t.Errorf("%q is read as %+v", token, got)
		}
		if got := parseRef(packed, packed.Expires); got != (ref{}) {
			t.Errorf("%q lives for ever", token)
		}
	}
	if got := (ref{}).pack(now); got != (bot.ReplyRef{}) {
		t.Errorf("%+v", got)
	}
	for _, foreign := range []string{"", "x", "om_feishu", "r"} {
		if got := parseRef(bot.ReplyRef{Token: foreign, Expires: now.Add(time.Hour)}, now); got != (ref{}) {
			t.Errorf("%q is read as %+v", foreign, got)
		}
	}
	long := ref{kind: refCall, id: "abc", url: "https://x"}.pack(now)
	if life := long.Expires.Sub(now); life != urlTime {
		t.Errorf("a response_url lives for %v", life)
	}
}
