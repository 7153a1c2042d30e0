package feishutest

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
)

func TestClick(t *testing.T) {
	r := open(t, Options{})
	id, g := r.post("interactive", page(`{"tag":"button","text":{"tag":"plain_text","content":"报名"},"behaviors":[{"type":"callback","value":{"c":"报名 H1"}}]}`), "c-1")
	if g.Code != 0 {
		t.Fatal(string(g.Raw))
	}
	var seen []byte
	r.connect(func(event []byte) []byte {
		seen = event
		data := compact(map[string]any{"toast": map[string]string{"type": "success", "content": "已报名"},
			"card": map[string]any{"type": "raw", "data": json.RawMessage(page(`{"tag":"markdown","content":"1 人"}`))}})
		return []byte(compact(map[string]any{"code": 200, "data": []byte(data)}))
	})
	out := r.wang.Click(t.Context(), Tap{In: r.group, Label: "报名"})
	if !out.Acked || out.Failure != 0 || out.Answer == nil || *out.Answer != (Answer{Toast: "已报名", ToastType: "success", Replaced: true}) {
		t.Fatalf("outcome: %+v %+v", out, out.Answer)
	}
	for _, part := range []string{`"value":{"c":"报名 H1"}`, `"open_message_id":"` + id, `"open_chat_id":"` + r.group.ID, `"open_id":"` + r.wang.OpenID, `"token":"c-`} {
		if !bytes.Contains(seen, []byte(part)) {
			t.Errorf("%s is not in %s", part, seen)
		}
	}
	m, _ := r.Message(id)
	if !strings.Contains(m.Text, "1 人") || len(m.Buttons) != 0 || m.Clicks != 1 || m.History[0].By != "click" || r.Counts().Answered != 1 {
		t.Errorf("the card: %+v", m)
	}
	if toasts := r.Toasts(); len(toasts) != 1 || toasts[0].Who != "王工" || toasts[0].Text != "已报名" {
		t.Errorf("toasts: %+v", toasts)
	}
	if out := r.wang.Click(t.Context(), Tap{Message: id, Label: "报名"}); !errors.Is(out.Err, ErrNoButton) {
		t.Errorf("a click on a button that is gone: %+v", out)
	}
}

func TestFailedClicks(t *testing.T) {
	r := open(t, Options{Unlimited: true})
	answer := ""
	r.connect(func([]byte) []byte { return []byte(answer) })
	bad := func(data string) string {
		return compact(map[string]any{"code": 200, "data": []byte(data)})
	}
	for what, c := range map[string]struct {
		answer  string
		failure int
	}{
		"nothing":      {`{"code":200}`, 0},
		"null":         {`{"code":200,"data":null}`, 0},
		"empty":        {bad(`{}`), 0},
		"failed":       {`{"code":500}`, 108002},
		"no JSON":      {bad(`toast`), 200672},
		"a bad toast":  {bad(`{"toast":{"type":"loud","content":"x"}}`), 200672},
		"a bad card":   {bad(`{"card":{"type":"raw","data":{"schema":"2.0","body":{"elements":[{"tag":"note"}]}}}}`), 200673},
		"no such type": {bad(`{"card":{"type":"song","data":{}}}`), 200673},
	} {
		r.post("interactive", page(tap), "")
		answer = c.answer
		if out := r.wang.Click(t.Context(), Tap{In: r.group, Label: "B"}); out.Failure != c.failure {
			t.Errorf("%s: %+v, want %d", what, out, c.failure)
		}
	}
	if r.Waiting() != 0 {
		t.Error("a failed click waits to be pushed again")
	}
	r.Unsubscribe("card.action.trigger")
	if out := r.wang.Click(t.Context(), Tap{In: r.group, Label: "B"}); out.Failure != 200340 {
		t.Errorf("not subscribed: %+v", out)
	}
}

func TestForm(t *testing.T) {
	r := open(t, Options{})
	_, g := r.post("interactive", page(form(
		`{"tag":"input","name":"title","required":true,"max_length":10}`,
		`{"tag":"select_static","name":"kind","options":[{"text":{"tag":"plain_text","content":"参观"},"value":"visit"}]}`,
		`{"tag":"input","name":"note","default_value":"无"}`, submit)), "")
	if g.Code != 0 {
		t.Fatal(string(g.Raw))
	}
	var seen []byte
	r.connect(func(event []byte) []byte { seen = event; return accept(event) })
	for what, in := range map[string]map[string]string{
		"required": nil, "too long": {"title": strings.Repeat("长", 11)}, "no field": {"title": "x", "y": "z"}, "no option": {"title": "x", "kind": "融资"},
	} {
		if out := r.wang.Click(t.Context(), Tap{In: r.group, Label: "B", Form: in}); out.Err == nil || out.Event != "" {
			t.Errorf("%s: submitted: %+v", what, out)
		}
	}
	if out := r.wang.Click(t.Context(), Tap{In: r.group, Label: "B", Form: map[string]string{"title": "参观实验室", "kind": "参观"}}); !out.Acked {
		t.Fatalf("outcome: %+v", out)
	}
	if want := `"form_value":{"kind":"visit","note":"无","title":"参观实验室"}`; !bytes.Contains(seen, []byte(want)) {
		t.Errorf("%s is not in %s", want, seen)
	}
}

func TestManyClickAtOnce(t *testing.T) {
	r := open(t, Options{})
	r.post("interactive", page(tap), "")
	a := r.connect(accept)
	r.SetNetwork(Network{Fragment: 40, Shuffle: true})
	var all sync.WaitGroup
	for i := range 40 {
		p := r.AddPerson("成员" + itoa(i))
		r.group.Join(t.Context(), r.lin, p)
		all.Go(func() {
			if out := p.Click(t.Context(), Tap{In: r.group, Label: "B"}); !out.Acked {
				t.Errorf("outcome: %+v", out)
			}
		})
	}
	all.Wait()
	if n, _ := a.count(); n != 80 || len(r.Lost()) != 0 { // with those who joined
		t.Errorf("%d events, lost %v", n, r.Lost())
	}
	if m := r.Messages(r.group.ID); m[0].Clicks != 40 {
		t.Errorf("%d clicks", m[0].Clicks)
	}
}
