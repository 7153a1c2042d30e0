package feishutest

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

func (r *rig) order(body string) (int, map[string]any) {
	r.t.Helper()
	g := r.do("POST", "/_fake/do", "", jsonType, []byte(body))
	out := map[string]any{}
	if err := json.Unmarshal(g.Raw, &out); err != nil {
		r.t.Fatalf("%v in %s", err, g.Raw)
	}
	return g.Status, out
}

func TestRehearsal(t *testing.T) {
	r := open(t, Options{})
	r.connect(accept)
	if status, out := r.order(`{"what":"say","who":"王工","group":"光电联合体","text":"@联帮 活动"}`); status != 200 || out["acked"] != true {
		t.Errorf("say: %d %v", status, out)
	}
	r.post("interactive", page(tap), "")
	if status, out := r.order(`{"what":"click","who":"林书记","group":"光电联合体","text":"B"}`); status != 200 || out["acked"] != true {
		t.Errorf("click: %d %v", status, out)
	}
	for _, bad := range []string{`{"what":"say","who":"谁"}`, `{"what":"fly","who":"王工"}`, `{"what":"fly","who":"王工","group":"光电联合体"}`, `[]`, `{"what":"say","who":"王工","group":"无"}`} {
		if status, _ := r.order(bad); status != http.StatusBadRequest {
			t.Errorf("%s: HTTP %d", bad, status)
		}
	}
	for _, what := range []string{"enter", "menu", "leave", "join", "rename", "remove_bot", "add_bot", "dissolve"} {
		if status, out := r.order(`{"what":"` + what + `","who":"林书记","group":"` + r.group.ID + `","text":"新名"}`); status != 200 || what != "add_bot" && out["acked"] != true {
			t.Errorf("%s: %d %v", what, status, out)
		}
	}
	g := r.do("GET", "/_fake/state", "", "", nil)
	for _, word := range []string{"王工", "新名", "@联帮 活动", `"Buttons":["B"]`} {
		if !strings.Contains(string(g.Raw), word) {
			t.Errorf("%s is not in the state: %s", word, g.Raw)
		}
	}
	if g := r.do("GET", "/_fake/", "", "", nil); g.Status != 200 || !strings.Contains(string(g.Raw), "模拟飞书") {
		t.Errorf("page: %d", g.Status)
	}
}

func TestRehearsalIsForThisMachine(t *testing.T) {
	r := open(t, Options{})
	for name, change := range map[string]func(*http.Request){
		"another name":   func(q *http.Request) { q.Host = "evil.example" },
		"another origin": func(q *http.Request) { q.Header.Set("Origin", "http://evil.example") },
	} {
		q, err := http.NewRequestWithContext(t.Context(), "GET", r.BaseURL()+"/_fake/state", nil)
		if err != nil {
			t.Fatal(err)
		}
		change(q)
		res, err := http.DefaultClient.Do(q)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusForbidden {
			t.Errorf("%s: HTTP %d", name, res.StatusCode)
		}
	}
}
