package feishu

import (
	"encoding/json"
	"html"
	"math"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"lianbang/bot"
	"lianbang/bot/feishu/feishutest"
	"lianbang/bot/rest"
)

// anyText is what people may write: words, and everything that some markup could read.
func anyText() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.SampledFrom([]string{"", "林书记", "12月4日(周五) 15:30", "<at id=all></at>", `<at user_id="all"></at>`, "**粗**", "[a](b)",
			"|a|b|\n|-|-|\n|1|2|", "&#60;at id=all&#62;", "\\<at id=all>", "```\nx", "    x", "\t- x", "1. x\n2) y", "# x\n===", ":OK:",
			"<font color='#fff'>x</font>", `"tag":"x"`, "</font><at id=all></at>", "a\r\nb", " ", "\u3000x", "\u202e反", "@_all",
			"<person id='ou_x'></person>", "![x](img_v3_x)", strings.Repeat("长", 70)}),
		rapid.StringOfN(rapid.RuneFrom([]rune("<>&*_~`[]()#:|-+!/\\\"'=.1 \n\t中ou")), 0, 40, -1),
	)
}

func label() *rapid.Generator[string] { return rapid.StringMatching(`[一-龥<&*a-z]{1,12}`) }

func command() *rapid.Generator[string] {
	return anyText().Filter(func(s string) bool { return strings.TrimSpace(s) != "" })
}

func drawReply(t *rapid.T) bot.Reply {
	card := bot.Card{
		Title:    anyText().Draw(t, "title"),
		Tone:     rapid.SampledFrom([]bot.Tone{"", bot.Info, bot.Done, bot.Needs, bot.Closed, bot.Late}).Draw(t, "tone"),
		Sections: rapid.SliceOfN(rapid.Custom(drawSection), 0, 4).Draw(t, "sections"),
		Charts:   rapid.SliceOfN(rapid.Custom(drawChart), 0, 7).Draw(t, "charts"),
		Buttons:  rapid.SliceOfN(rapid.Custom(drawButton), 0, 6).Draw(t, "buttons"),
	}
	if rapid.Bool().Draw(t, "form") {
		card.Form = &bot.Form{Command: command().Draw(t, "command"), Submit: label().Draw(t, "submit"),
			Fields: rapid.SliceOfNDistinct(rapid.Custom(drawField), 1, 5, func(f bot.Field) string { return f.Name }).Draw(t, "fields")}
	}
	return bot.Reply{
		Text: anyText().Draw(t, "text"), Card: &card,
		Mention: rapid.SliceOf(rapid.SampledFrom([]bot.UserKey{"ou_lin", "ou_mei", "all", "林书记", "ou_x></at><at id=all"})).Draw(t, "mention"),
	}
}

func drawSection(t *rapid.T) bot.Section {
	return bot.Section{
		Heading: anyText().Draw(t, "heading"),
		Lines:   rapid.SliceOfN(anyText(), 0, 12).Draw(t, "lines"),
		Facts: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) bot.Fact {
			return bot.Fact{Label: rapid.OneOf(label(), anyText()).Draw(t, "label"), Value: anyText().Draw(t, "value")}
		}), 0, 12).Draw(t, "facts"),
	}
}

func drawChart(t *rapid.T) bot.Chart {
	return bot.Chart{
		Title: anyText().Draw(t, "title"), Unit: rapid.SampledFrom([]string{"", "件"}).Draw(t, "unit"),
		Kind:   rapid.SampledFrom([]bot.ChartKind{bot.BarChart, bot.LineChart}).Draw(t, "kind"),
		Labels: rapid.SliceOfN(anyText(), 0, 6).Draw(t, "labels"),
		Series: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) bot.Series {
			return bot.Series{Name: anyText().Draw(t, "name"), Values: rapid.SliceOfN(rapid.Float64Range(-1e9, 1e9), 0, 6).Draw(t, "values")}
		}), 0, 3).Draw(t, "series"),
	}
}

func drawButton(t *rapid.T) bot.Button {
	return bot.Button{Label: label().Draw(t, "label"), Command: command().Draw(t, "command"), Confirm: anyText().Draw(t, "confirm"),
		Tone: rapid.SampledFrom([]bot.Tone{"", bot.Danger}).Draw(t, "tone")}
}

func drawField(t *rapid.T) bot.Field {
	return bot.Field{
		Name: label().Draw(t, "name"), Label: label().Draw(t, "label"), Hint: anyText().Draw(t, "hint"), Value: anyText().Draw(t, "value"),
		Kind:     rapid.SampledFrom([]bot.FieldKind{bot.LineField, bot.TextField, bot.NumberField, bot.ChoiceField}).Draw(t, "kind"),
		Options:  rapid.SliceOfNDistinct(label(), 1, 5, rapid.ID).Draw(t, "options"),
		Required: rapid.Bool().Draw(t, "required"),
	}
}

// TestAnyReply holds for every reply: what is rendered is taken by the platform, says every word, mentions only those whom the
// reply mentions and hands back its commands; what is not ok is too much for a card; the text says everything too.
func TestAnyReply(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawReply(t)
		if data, ok := cardJSON(r); ok {
			checkCard(t, r, data)
		} else if n := bulk(r); n < 100 {
			t.Fatalf("does not fit, with %d parts: %+v", n, r.Card)
		}
		checkText(t, r, textJSON(r))
	})
}

// bulk is roughly how much a reply has to show: parts, or hundreds of bytes.
func bulk(r bot.Reply) (n int) {
	c := r.Card
	for _, s := range c.Sections {
		n += 1 + len(s.Facts) + len(s.Lines)
	}
	if c.Form != nil {
		for _, f := range c.Form.Fields {
			n += 3 + len(f.Options)
		}
	}
	if strings.TrimSpace(strings.Join(append(wordsOf(r), "")[2:], "")) == "" && strings.TrimSpace(r.Text) == "" {
		return math.MaxInt // nothing but a title: text says that as well
	}
	return max(n+5*len(c.Buttons), len(strings.Join(wordsOf(r), ""))/100)
}

// readable is the only markup that a text message may hold: our mentions.
var readable = regexp.MustCompile(`<at user_id="ou_[0-9A-Za-z_-]+"></at> ?`)

func checkText(t fatal, r bot.Reply, data []byte) {
	var content struct{ Text string }
	if err := json.Unmarshal(data, &content); err != nil {
		t.Fatalf("%v: %s", err, data)
	}
	text := readable.ReplaceAllString(content.Text, "")
	if opened := tag.FindString(text); opened != "" || strings.Contains(text, "](") || strings.Contains(text, "@_") {
		t.Fatalf("there is markup in %q", text)
	}
	for _, w := range strings.Split(bot.Plain(r), "\n") {
		if !strings.Contains(squeeze(text), squeeze(harmless(w))) {
			t.Fatalf("%q does not say %q", text, w)
		}
	}
}

// TestEscape holds for every text: a reader of HTML sees it as it was typed, and nothing in it is left that markdown could read.
func TestEscape(t *testing.T) {
	entity := regexp.MustCompile(`&#\d+;|&nbsp;`)
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(anyText(), rapid.String()).Draw(t, "text")
		escaped := escape(s)
		seen := strings.ReplaceAll(html.UnescapeString(escaped), "\u00a0", " ")
		want := strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u00a0", " ").Replace(s)
		if strings.ReplaceAll(seen, "\t", " ") != strings.ReplaceAll(want, "\t", " ") {
			t.Fatalf("%q shows as %q", s, seen)
		}
		if rest := entity.ReplaceAllString(escaped, ""); strings.ContainsAny(rest, "<>&*_~`[]()#:|-+=!\\\"'.@$/") {
			t.Fatalf("%q leaves markup in %q", s, rest)
		}
		for line := range strings.Lines(escaped) {
			if strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t") {
				t.Fatalf("%q could become code: %q", s, line)
			}
		}
	})
}

func TestTooMuchForACard(t *testing.T) {
	lines := func(n int, line string) bot.Reply {
		return bot.Reply{Card: &bot.Card{Title: "多", Sections: []bot.Section{{Lines: strings.Split(strings.Repeat(line+"\n", n), "\n")}}}}
	}
	form := func(f bot.Field) bot.Reply {
		return bot.Reply{Card: &bot.Card{Title: "表", Form: &bot.Form{Command: "登记", Submit: "登记", Fields: []bot.Field{f}}}}
	}
	sections := func(n int) bot.Reply {
		return bot.Reply{Card: &bot.Card{Title: "段", Sections: make([]bot.Section, n)}}
	}
	manySections := sections(60)
	for i := range manySections.Card.Sections {
		manySections.Card.Sections[i] = bot.Section{Heading: "段", Facts: []bot.Fact{{Label: "a", Value: "b"}}, Lines: []string{"c"}}
	}
	for name, c := range map[string]struct {
		reply bot.Reply
		ok    bool
	}{
		"no card":              {bot.Say("x"), false},
		"nothing but a title":  {bot.Reply{Card: &bot.Card{Title: "x"}}, false},
		"500 lines, set dense": {lines(500, "一行"), true},
		"9,000 characters":     {lines(1, strings.Repeat("长", 9_000)), true},
		"10,000 characters":    {lines(1, strings.Repeat("长", 10_000)), false},
		"240 elements":         {manySections, false},
		"a label too long":     {bot.Reply{Card: &bot.Card{Title: "x", Buttons: []bot.Button{{Label: strings.Repeat("长", 101), Command: "x"}}}}, false},
		"no command":           {bot.Reply{Card: &bot.Card{Title: "x", Buttons: []bot.Button{{Label: "x", Command: " "}}}}, false},
		"a label just so":      {bot.Reply{Card: &bot.Card{Title: "x", Buttons: []bot.Button{{Label: strings.Repeat("长", 100), Command: "x"}}}}, true},
		"a value too long":     {form(bot.Field{Name: "a", Label: "a", Value: strings.Repeat("长", 1001)}), false},
		"options alike":        {form(bot.Field{Name: "a", Label: "a", Kind: bot.ChoiceField, Options: []string{"x", "x"}}), false},
		"fields alike": {bot.Reply{Card: &bot.Card{Title: "x", Form: &bot.Form{Command: "x", Submit: "x",
			Fields: []bot.Field{{Name: "a", Label: "a"}, {Name: "a", Label: "b"}}}}}, false},
		"no options":            {form(bot.Field{Name: "a", Label: "a", Kind: bot.ChoiceField}), false},
		"a hint that is a note": {form(bot.Field{Name: "a", Label: "a", Hint: strings.Repeat("长", 101)}), true},
		"an infinite figure": {bot.Reply{Card: &bot.Card{Title: "x", Charts: []bot.Chart{{Labels: []string{"a"},
			Series: []bot.Series{{Values: []float64{math.Inf(1)}}}}}}}, false},
	} {
		data, ok := cardJSON(c.reply)
		if ok != c.ok {
			t.Errorf("%s: ok is %t, %d bytes", name, ok, len(data))
		}
		if ok {
			checkCard(t, c.reply, data)
		}
	}
}

// TestSummary is what a locked phone shows.
func TestSummary(t *testing.T) {
	for name, c := range map[string]struct{ text, title, want string }{
		"first line of the text": {"⏰ 明天 15:30 H27\n第二行", "提醒", "⏰ 明天 15:30 H27"},
		"else the title":         {"", "已登记 H27", "已登记 H27"},
		"cut":                    {strings.Repeat("长", 200), "x", strings.Repeat("长", 99) + "…"},
		"calls nobody":           {"<at user_id=\"all\">", "x", "＜at user_id=\"all\">"},
	} {
		got := newSummary(bot.Reply{Text: c.text, Card: &bot.Card{Title: c.title}})
		if got == nil || got.Content != c.want {
			t.Errorf("%s: %+v, want %q", name, got, c.want)
		}
	}
}

// TestForwarding: what not everybody may see cannot be forwarded to where everybody sees it.
func TestForwarding(t *testing.T) {
	for class, want := range map[bot.Visibility]string{0: `"enable_forward":true`, bot.Public: `"enable_forward":true`,
		bot.Internal: `"enable_forward":false`, bot.Confidential: `"enable_forward":false`} {
		data, ok := cardJSON(bot.Reply{Text: "x", Class: class, Card: &bot.Card{Title: "x"}})
		if !ok || !strings.Contains(string(data), want) {
			t.Errorf("class %d: %s", class, data)
		}
	}
}

func TestFilled(t *testing.T) {
	v := buttonValue{Command: "登记活动", Fields: []string{"名称", "时间", "地点"}}
	got := v.filled(map[string]string{"f0": "党日", "f2": "", "f9": "x", "submit": "x"})
	if len(got) != 2 || got["名称"] != "党日" || got["地点"] != "" {
		t.Errorf("%q", got)
	}
}

func TestCustomBot(t *testing.T) {
	r := bot.Reply{Text: "明天 <b>停电</b>", Card: &bot.Card{Title: "通知", Sections: []bot.Section{{Lines: []string{"8:00"}}}}}
	body, ok := hookCard(r)
	if !ok || body.MsgType != "interactive" || body.Content != nil {
		t.Fatalf("%t %+v", ok, body)
	}
	if code, sub, reason := feishutest.CheckCard(body.Card); code != 0 {
		t.Errorf("%d/%d %s", code, sub, reason)
	}
	data, err := rest.Encode(hookText(r))
	if want := `{"msg_type":"text","content":{"text":"明天 ＜b>停电＜/b>\n通知\n8:00"}}`; err != nil || string(data) != want {
		t.Errorf("%v, %s", err, data)
	}
	r.Card.Buttons = []bot.Button{{Label: "报名", Command: "报名 H1"}}
	if _, ok := hookCard(r); ok {
		t.Error("a card of a custom bot has a button that nobody hears")
	}
	r.Card.Buttons, r.Text = nil, strings.Repeat("长", 7_000)
	if _, ok := hookCard(r); ok || utf8.RuneCountInString(r.Text) != 7_000 {
		t.Error("a card beyond 20 KB was let through")
	}
}

// TestLongTitle: the header cuts a title after four lines; then the body says it too.
func TestLongTitle(t *testing.T) {
	for n, want := range map[int]int{maxTitle: 1, maxTitle + 1: 2} {
		title := strings.Repeat("长", n)
		data, ok := cardJSON(bot.Reply{Text: "x", Card: &bot.Card{Title: title}})
		if got := strings.Count(string(data), `"`+title+`"`); !ok || got != want {
			t.Errorf("a title of %d characters is said %d times", n, got)
		}
	}
}
