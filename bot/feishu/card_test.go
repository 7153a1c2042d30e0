package feishu

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"lianbang/bot"
	"lianbang/bot/feishu/feishutest"
)

var update = flag.Bool("update", false, "rewrite the golden cards")

// TestViews renders every view that the program has (testdata/views.json, which cmd/lianbang holds against its
// conversations) and those of rareViews, and compares with the golden cards.
func TestViews(t *testing.T) {
	data, err := os.ReadFile("testdata/views.json")
	if err != nil {
		t.Fatal(err)
	}
	var views []bot.Reply
	if err := json.Unmarshal(data, &views); err != nil {
		t.Fatal(err)
	}
	golden := map[string][]byte{}
	for i, r := range append(views, rareViews()...) {
		name := fmt.Sprintf("%02d.json", i+1)
		t.Run(name, func(t *testing.T) { golden[name] = view(t, r) })
	}
	if *update {
		rewrite(t, golden)
	}
	old, err := filepath.Glob("testdata/views/*.json")
	if err != nil || len(old) != len(golden) {
		t.Fatalf("%d goldens for %d views, %v; run with -update", len(old), len(golden), err)
	}
	for name, got := range golden {
		want, err := os.ReadFile(filepath.Join("testdata/views", name))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %v; run with -update and read the difference:\n%s", name, err, got)
		}
	}
}

func rewrite(t *testing.T, golden map[string][]byte) {
	t.Helper()
	if err := os.RemoveAll("testdata/views"); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll("testdata/views", 0o755); err != nil {
		t.Fatal(err)
	}
	for name, data := range golden {
		if err := os.WriteFile(filepath.Join("testdata/views", name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// view renders a reply, checks it, and returns it indented.
func view(t *testing.T, r bot.Reply) []byte {
	t.Helper()
	for i, u := range r.Mention {
		r.Mention[i] = bot.UserKey(fmt.Sprintf("ou_%x", string(u)))
	}
	data := textJSON(r)
	if r.Card != nil {
		var ok bool
		if data, ok = cardJSON(r); !ok {
			t.Fatalf("does not fit a card: %+v", r.Card)
		}
		checkCard(t, r, data)
	}
	var b bytes.Buffer
	if err := json.Indent(&b, data, "", " "); err != nil {
		t.Fatal(err)
	}
	return append(b.Bytes(), '\n')
}

// fatal is *testing.T or *rapid.T.
type fatal interface{ Fatalf(string, ...any) }

// checkCard holds a card against the judge and against the reply: the platform takes it, it says everything, and what can be
// tapped hands back what the reply says.
func checkCard(t fatal, r bot.Reply, data []byte) {
	known := feishutest.Judge{Known: func(id string) bool {
		return strings.HasPrefix(id, "ou_") && slices.Contains(r.Mention, bot.UserKey(id))
	}}
	if code, sub, reason := known.Check(data); code != 0 {
		t.Fatalf("the platform refuses it with %d/%d: %s\n%s", code, sub, reason, data)
	}
	said := spoken(t, data)
	for _, w := range wordsOf(r) {
		if !strings.Contains(said, squeeze(w)) {
			t.Fatalf("the card does not say %q:\n%s", w, data)
		}
	}
	var want []buttonValue
	if f := r.Card.Form; f != nil {
		v := buttonValue{Command: strings.TrimSpace(f.Command)}
		for _, field := range f.Fields {
			v.Fields = append(v.Fields, field.Name)
		}
		want = append(want, v)
	}
	for _, b := range r.Card.Buttons {
		want = append(want, buttonValue{Command: strings.TrimSpace(b.Command), Topic: r.Topic})
	}
	if got := taps(t, data); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Fatalf("taps hand back %q, not %q", got, want)
	}
}

// wordsOf is everything that a card must say.
func wordsOf(r bot.Reply) (out []string) {
	c := r.Card
	out = append(out, r.Text, c.Title)
	for _, s := range c.Sections {
		out = append(out, s.Heading)
		out = append(out, s.Lines...)
		for _, f := range s.Facts {
			out = append(out, f.Label, f.Value)
		}
	}
	for _, b := range c.Buttons {
		out = append(out, b.Label, b.Confirm)
	}
	for _, ch := range c.Charts {
		out = append(out, ch.Title)
		for _, s := range ch.Series {
			n := min(len(ch.Labels), len(s.Values))
			out = append(out, ch.Labels[:n]...)
			if n > 0 {
				out = append(out, s.Name, ch.Unit)
			}
		}
	}
	if f := c.Form; f != nil {
		out = append(out, f.Submit)
		for _, field := range f.Fields {
			out = append(out, field.Label, field.Hint)
			if field.Kind == bot.ChoiceField {
				out = append(out, field.Options...)
			} else {
				out = append(out, field.Value)
			}
		}
	}
	return out
}

// rareViews are replies that no conversation brings about, with what people may type.
func rareViews() []bot.Reply {
	weeks := []string{"45周", "46周", "47周", "48周"}
	return []bot.Reply{
		{Text: "H12 还有 2 天截止，余 3 位。", Mention: []bot.UserKey{"林书记", "王工"}, Topic: "H12", Card: &bot.Card{
			Title: "H12 联合主题党日(已取消)", Tone: bot.Closed, Sections: []bot.Section{{Facts: []bot.Fact{
				{Label: "时间", Value: "12月4日(周五) 15:30–17:00"}, {Label: "我的报名", Value: "3 人"}}}}}},
		{Card: &bot.Card{Title: "光电信息产业链 周报", Sections: []bot.Section{{Lines: []string{"第48周"}}}, Charts: []bot.Chart{
			{Title: "诉求", Kind: bot.BarChart, Unit: "件", Labels: weeks, Series: []bot.Series{
				{Name: "新增", Values: []float64{3, 5, 2, 8}}, {Name: "办结", Values: []float64{1, 4, 4, 6}}}},
			{Title: "报名", Kind: bot.LineChart, Unit: "人次", Labels: weeks, Series: []bot.Series{{Values: []float64{12, 40, 31, 55}}}}}}},
		{Card: &bot.Card{Title: "S7 用工诉求 · 超期 2 天", Tone: bot.Late, Sections: []bot.Section{{Heading: "经过", Facts: []bot.Fact{
			{Label: "内容", Value: strings.Repeat("招机械工程师十名，要求三年以上经验，能看英文图纸；", 4)}, {Label: "联系方式在哪里找到", Value: "见附件"}}}},
			Buttons: []bot.Button{{Label: "转办", Command: "改派 S7"}, {Label: "退回", Command: "退回 S7", Tone: bot.Danger}}}},
		{Text: "<b>前一天</b> & *x* [a](b) <at id=all></at>", Card: &bot.Card{
			Title: "# <at id=all></at> **粗**", Sections: []bot.Section{{Heading: "| a | b | :OK:", Lines: []string{"|-|-|", "1. ~~x~~", "    - `y`"},
				Facts: []bot.Fact{{Label: "<b>地点</b>", Value: "[光子](https://evil.example) <font color='red'>!</font>"}}}}}},
		{Text: "周报见附件。", File: &bot.Attachment{Name: "周报.xlsx", Type: "application/vnd.ms-excel"}},
		{Text: "<at user_id=\"all\">所有人</at> 明天 3<5 <b>停电</b> [看](http://x) @_all", Mention: []bot.UserKey{"王工"}},
	}
}
