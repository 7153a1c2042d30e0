package main

import (
	"encoding/json"
	"testing"
	"time"

	"lianbang/understand"
	"lianbang/zhtime"
)

// TestTexts makes sure that the built-in texts are worth measuring: every expression is one, and the messages are of all kinds.
func TestTexts(t *testing.T) {
	now, err := time.Parse(time.RFC3339, moment)
	if err != nil {
		t.Fatal(err)
	}
	if len(expressions) < 200 || len(messages) < 60 {
		t.Errorf("%d expressions, %d messages", len(expressions), len(messages))
	}
	seen := map[string]bool{}
	for _, text := range expressions {
		if seen[text] {
			t.Errorf("%s: twice", text)
		}
		seen[text] = true
		if m := zhtime.Parse(text, now, nil); len(m) != 1 {
			t.Errorf("%s: %d expressions", text, len(m))
		}
	}
	intents := map[understand.Intent]int{}
	for _, text := range messages {
		intents[understand.Message(text, now, understand.NewGazetteer(units)).Intent]++
	}
	for _, want := range []understand.Intent{understand.ActivityCreate, understand.NeedCreate, understand.None} {
		if intents[want] < 5 {
			t.Errorf("%s: %d messages", want, intents[want])
		}
	}
}

// TestAgreement checks the comparison with the development data.
func TestAgreement(t *testing.T) {
	for _, c := range []struct {
		name, gold, answer string
		want               bool
	}{
		{"day", `{"cmp":"day","start":"2026-12-04"}`, `{"start":"2026-12-04T15:30:00+08:00"}`, true},
		{"another day", `{"cmp":"day","start":"2026-12-04"}`, `{"start":"2026-12-05"}`, false},
		{"minute", `{"cmp":"minute","start":"2026-12-04T15:30:00+08:00"}`, `{"start":"2026-12-04T15:30:40+08:00"}`, true},
		{"a day for a clock", `{"cmp":"minute","start":"2026-12-04T00:00:00+08:00"}`, `{"start":"2026-12-04"}`, false},
		{"nothing", `{"cmp":"day","start":"2026-12-04"}`, `{}`, false},
		{"end", `{"cmp":"day","start":"2026-12-04","end":"2026-12-06"}`, `{"start":"2026-12-04","end":"2026-12-06"}`, true},
		{"without the end", `{"cmp":"day","start":"2026-12-04","end":"2026-12-06"}`, `{"start":"2026-12-04"}`, false},
		{"end of a part", `{"cmp":"day","grain":"part","start":"2026-12-04","end":"2026-12-04"}`, `{"start":"2026-12-04"}`, true},
		{"end not asked for", `{"cmp":"day","start":"2026-12-04"}`, `{"start":"2026-12-04","end":"2026-12-09"}`, true},
		{"deadline", `{"cmp":"day","end":"2026-12-04"}`, `{"end":"2026-12-04"}`, true},
		{"deadline as an instant", `{"cmp":"day","end":"2026-12-04"}`, `{"start":"2026-12-04"}`, true},
		{"convention", `{"cmp":"day","start":"2026-12-04","bot_start":"2026-12-11","bot_end":null}`, `{"start":"2026-12-11"}`, true},
		{"against the convention", `{"cmp":"day","start":"2026-12-04","bot_start":"2026-12-11","bot_end":null}`, `{"start":"2026-12-04"}`, false},
		{"convention without a start", `{"cmp":"day","start":"2026-12-04","bot_start":null,"bot_end":"2026-12-11"}`, `{"end":"2026-12-11"}`, true},
		{"alternative", `{"cmp":"day","start":"2026-12-04","alt":[["2026-12-11",null]]}`, `{"start":"2026-12-11"}`, true},
	} {
		it, a := item{ID: "1"}, answer{}
		if err := json.Unmarshal([]byte(c.gold), &it); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(c.answer), &a); err != nil {
			t.Fatal(err)
		}
		a.ID = "1"
		s, err := judge([]item{it}, nil, []answer{a})
		if err != nil {
			t.Fatal(err)
		}
		if got := s.right == 1; got != c.want {
			t.Errorf("%s: %t", c.name, got)
		}
	}
}
