package feishutest

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestWordsOfACard(t *testing.T) {
	r := open(t, Options{})
	card := `{"schema":"2.0","config":{"update_multi":true,"summary":{"content":"不显示"}},
	 "header":{"title":{"tag":"plain_text","content":"已登记 <H1>"},"template":"green"},
	 "body":{"elements":[
	  {"tag":"markdown","content":"**时间** 15:30 <at id=` + r.wang.OpenID + `></at> &#60;b&#62; &#42;"},
	  {"tag":"table","columns":[{"name":"a","display_name":"单位","data_type":"text"}],"rows":[{"a":"光子所"}]},
	  {"tag":"chart","chart_spec":{"type":"bar","title":{"text":"近三周"},"data":{"values":[{"x":"W45","y":8}]},"xField":"x","yField":"y"}},
	  {"tag":"form","name":"f","elements":[{"tag":"input","name":"n","label":{"tag":"plain_text","content":"活动名称"}},
	   {"tag":"select_static","name":"s","placeholder":{"tag":"plain_text","content":"类别"},"options":[{"text":{"tag":"plain_text","content":"融资"},"value":"融资"}]},
	   {"tag":"button","name":"go","form_action_type":"submit","text":{"tag":"plain_text","content":"提交"},"behaviors":[{"type":"callback","value":{"c":"x"}}]}]},
	  {"tag":"button","text":{"tag":"plain_text","content":"报名"},"behaviors":[{"type":"callback","value":{"c":"报名 H1"}}]}]}}`
	id, g := r.post("interactive", card, "")
	if g.Code != 0 {
		t.Fatal(string(g.Raw))
	}
	m, _ := r.Message(id)
	for _, word := range []string{"已登记 <H1>", "时间 15:30 @王工 <b> *", "单位", "光子所", "近三周", "W45", "8", "活动名称", "类别", "融资", "[提交]", "[报名]"} {
		if !strings.Contains(m.Text, word) {
			t.Errorf("%q is not in %q", word, m.Text)
		}
	}
	if strings.Contains(m.Text, "不显示") || strings.Join(m.Buttons, " ") != "提交 报名" {
		t.Errorf("text %q, buttons %v", m.Text, m.Buttons)
	}
	said := r.wang.Say(t.Context(), r.group, "@联帮 请 @林书记 看")
	asked, _ := r.Message(said.Message)
	if asked.Text != "@联帮 请 @林书记 看" || !json.Valid([]byte(asked.Content)) || !strings.Contains(asked.Content, "@_user_2") {
		t.Errorf("said: %+v", asked)
	}
	r.text(`<at user_id="`+r.wang.OpenID+`">x</at> 好`, "")
	if shown := r.Shown(); shown[len(shown)-1].Text != "@王工 好" {
		t.Errorf("shown: %v", shown)
	}
}
