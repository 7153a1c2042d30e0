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
	r.AddGroup("另一群", r.lin)
	if status, out := r.order(`{"what":"say","who":"林书记","group":"另一群","text":"没有 @"}`); status != 200 || out["error"] != "机器人听不到：在群里要 @ 它，或者应用没有这个权限" {
		t.Errorf("said to nobody: %d %v", status, out)
	}
	g := r.do("GET", "/_fake/state", "", "", nil)
	if _, out := r.order(`{"what":"say","who":"王工","text":"嗯"}`); out["acked"] != true {
		t.Errorf("in private: %v", out)
	}
	if _, out := r.order(`{"what":"click","who":"王工","text":"无"}`); out["error"] != "这个人看不到这个按钮，或按钮已经不能点" {
		t.Errorf("a button that is not there: %v", out)
	}
	for what, body := range map[string]string{"a picture": `"data":"iVBORw=="`, "a file": `"data":"UEs=","name":"签到表.xlsx"`} {
		if status, out := r.order(`{"what":"send","who":"王工",` + body + `}`); status != 200 || out["acked"] != true {
			t.Errorf("%s: %d %v", what, status, out)
		}
	}
	for _, word := range []string{"王工", "新名", "@联帮 活动", `"Buttons":["B"]`} {
		if !strings.Contains(string(g.Raw), word) {
			t.Errorf("%s is not in the state: %s", word, g.Raw)
		}
	}
	if g := r.do("GET", "/_fake/", "", "", nil); g.Status != 200 || !strings.Contains(string(g.Raw), "模拟飞书") {
		t.Errorf("page: %d", g.Status)
	}
}

// TestRehearsalOfAForm: the page knows what the fields of a form are called, and what there is to choose from.
func TestRehearsalOfAForm(t *testing.T) {
	r := open(t, Options{})
	r.post("interactive", page(form(
		`{"tag":"input","name":"f0","label":{"tag":"plain_text","content":"名称"},"required":true}`,
		`{"tag":"div","text":{"tag":"plain_text","content":"类别"}}`,
		`{"tag":"select_static","name":"f1","options":[{"text":{"tag":"plain_text","content":"用工"},"value":"用工"},{"text":{"tag":"plain_text","content":"融资"},"value":"融资"}]}`,
		submit)), "")
	g := r.do("GET", "/_fake/state", "", "", nil)
	if want := `[{"Name":"f0","Label":"名称","Preset":"","Choices":null},{"Name":"f1","Label":"类别","Preset":"","Choices":["用工","融资"]}]`; !strings.Contains(string(g.Raw), want) {
		t.Errorf("%s is not in %s", want, g.Raw)
	}
	if _, out := r.order(`{"what":"click","who":"林书记","group":"光电联合体","text":"B"}`); out["error"] != "表单没填全，或填得不对" {
		t.Errorf("nothing was filled in: %v", out)
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
