package feishu

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"lianbang/bot"
)

func testClicks() *clicks {
	return newClicks(func(r bot.Reply) ([]byte, bool) {
		if r.Text != "" || r.Card.Title == "refused" {
			return nil, false
		}
		data, err := json.Marshal(map[string]string{"title": r.Card.Title})
		return data, err == nil
	})
}

func TestClickAnswers(t *testing.T) {
	changed := &bot.Card{Title: "H1"}
	cases := map[string]struct {
		reply  bot.Reply
		direct bool
		taken  bool
		answer string
	}{
		"in place": {bot.Reply{Text: "已报名", Card: changed, InPlace: true}, false, true,
			`{"toast":{"type":"success","content":"已报名"},"card":{"type":"raw","data":{"title":"H1"}}}`},
		"in place, privately": {bot.Reply{Text: "已报名", Card: changed, InPlace: true}, true, false,
			`{"card":{"type":"raw","data":{"title":"H1"}}}`},
		"in place, privately, no words": {bot.Reply{Card: changed, InPlace: true}, true, true, `{"card":{"type":"raw","data":{"title":"H1"}}}`},
		"in place, no words":            {bot.Reply{Card: changed, InPlace: true}, false, true, `{"card":{"type":"raw","data":{"title":"H1"}}}`},
		"in place, no card":             {bot.Reply{Text: "已报名", InPlace: true}, false, true, `{"toast":{"type":"info","content":"已报名"}}`},
		"in place, much to say": {bot.Reply{Text: strings.Repeat("长", maxToast+1), Card: changed, InPlace: true}, false, false,
			`{"card":{"type":"raw","data":{"title":"H1"}}}`},
		"in place, others to notify": {bot.Reply{Text: "已报名", Card: changed, InPlace: true, Mention: []bot.UserKey{"ou_lin", "ou_mei"}}, false, false,
			`{"card":{"type":"raw","data":{"title":"H1"}}}`},
		"in place, a card that fails": {bot.Reply{Text: "已报名", Card: &bot.Card{Title: "refused"}, InPlace: true}, false, false, `{}`},
		"in place, a late card":       {bot.Reply{Text: "已过期", Card: &bot.Card{Title: "H1", Tone: bot.Late}, InPlace: true}, false, true, `{"toast":{"type":"warning","content":"已过期"},"card":{"type":"raw","data":{"title":"H1"}}}`},
		"a short text":                {bot.Reply{Text: "名额已满", Mention: []bot.UserKey{"ou_lin"}}, false, true, `{"toast":{"type":"info","content":"名额已满"}}`},
		"a text of the full length":   {bot.Say(strings.Repeat("长", maxToast)), false, true, `{"toast":{"type":"info","content":"` + strings.Repeat("长", maxToast) + `"}}`},
		"a long text":                 {bot.Say(strings.Repeat("长", maxToast+1)), false, false, `{}`},
		"a text, privately":           {bot.Say("名额已满"), true, false, `{}`},
		"another card":                {bot.Reply{Text: "名单", Card: changed}, false, false, `{}`},
		"a file":                      {bot.Reply{Text: "名单", File: &bot.Attachment{Name: "a.xlsx"}}, false, false, `{}`},
		"notifies others":             {bot.Reply{Text: "请看", Mention: []bot.UserKey{"ou_mei"}}, false, false, `{}`},
	}
	for name, c := range cases {
		set := testClicks()
		w := set.begin("ou_lin")
		w.written <- true
		taken := set.answer(w.token, c.reply, c.direct)
		got := set.wait(context.Background(), w)
		if taken != c.taken || string(got) != c.answer {
			t.Errorf("%s: taken %v, %s", name, taken, got)
		}
		if set.answer(w.token, bot.Say("again"), false) {
			t.Errorf("%s: answered twice", name)
		}
	}
}

func TestClickNobodyAnswers(t *testing.T) {
	set := testClicks()
	w := set.begin("ou_lin")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if got := set.wait(ctx, w); string(got) != "{}" {
		t.Errorf("got %s", got)
	}
	if set.answer(w.token, bot.Say("late"), false) || set.answer("m:om_1", bot.Say("x"), false) || set.answer(clickToken+"strange", bot.Say("x"), false) {
		t.Error("an answer was taken by nobody")
	}
}

// A reply whose way into the callback broke is still to be sent.
func TestClickNotWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		set := testClicks()
		w := set.begin("ou_lin")
		w.written <- false
		if set.answer(w.token, bot.Say("名额已满"), false) {
			t.Error("taken although nothing was written")
		}
		w = set.begin("ou_lin")
		began := time.Now()
		if set.answer(w.token, bot.Say("名额已满"), false) || time.Since(began) != writeTime {
			t.Errorf("taken although nobody said that it was written, or after %v", time.Since(began))
		}
	})
}

func TestClickBound(t *testing.T) {
	set := testClicks()
	for range maxClicks {
		if set.begin("ou_lin") == nil {
			t.Fatal("refused too early")
		}
	}
	if set.begin("ou_lin") != nil {
		t.Error("no bound")
	}
}

// An answer and the end of the waiting, at the same moment: the reply is either in the callback or still to be sent, never
// both and never neither.
func TestClickRace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		set := testClicks()
		for range 500 {
			w := set.begin("ou_lin")
			ctx, cancel := context.WithCancel(t.Context())
			taken := make(chan bool, 1)
			go cancel()
			go func() { taken <- set.answer(w.token, bot.Say("好"), false) }()
			got := set.wait(ctx, w)
			w.written <- true
			if ok := <-taken; ok != (string(got) != "{}") {
				t.Fatalf("taken %v, answer %s", ok, got)
			}
		}
	})
}
