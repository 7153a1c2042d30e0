package wecom

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"lianbang/bot"
	"lianbang/bot/wecom/wecomtest"
)

// anyReply draws replies of every shape, with words, signs and now and then more than a message holds.
func anyReply() *rapid.Generator[bot.Reply] {
	return rapid.Custom(func(t *rapid.T) bot.Reply {
		word := rapid.StringMatching(`[活动报名候补甲乙丙 a-z0-9*_<@\[\](|#>&-]{0,40}`)
		long := rapid.Custom(func(t *rapid.T) string {
			return strings.Repeat(word.Draw(t, "word"), rapid.SampledFrom([]int{1, 1, 1, 1, 3, 300}).Draw(t, "times"))
		})
		some := func(name string, most int) int { return rapid.IntRange(0, most).Draw(t, name) }
		r := bot.Reply{Text: long.Draw(t, "text"), InPlace: rapid.Bool().Draw(t, "in place")}
		for range some("mentions", 2) {
			r.Mention = append(r.Mention, bot.UserKey(rapid.SampledFrom([]string{"linmei", "all", "a>b"}).Draw(t, "who")))
		}
		if rapid.IntRange(0, 5).Draw(t, "shape") == 0 {
			return r
		}
		c := &bot.Card{Title: word.Draw(t, "title"), Tone: rapid.SampledFrom([]bot.Tone{"", bot.Info, bot.Done, bot.Needs, bot.Closed, bot.Late}).Draw(t, "tone")}
		for range some("sections", 3) {
			s := bot.Section{Heading: word.Draw(t, "heading")}
			for range some("facts", 8) {
				s.Facts = append(s.Facts, bot.Fact{Label: rapid.StringMatching(`[时间地点]{0,6}`).Draw(t, "label"), Value: word.Draw(t, "value")})
			}
			for range some("lines", 3) {
				s.Lines = append(s.Lines, long.Draw(t, "line"))
			}
			c.Sections = append(c.Sections, s)
		}
		for range some("buttons", 7) {
			c.Buttons = append(c.Buttons, bot.Button{Label: rapid.StringMatching(`[报名取消a-z]{0,11}`).Draw(t, "label"),
				Command: rapid.StringMatching(`[报名取消 H0-9]{0,9}`).Draw(t, "command"), Confirm: rapid.SampledFrom([]string{"", "", "真的？"}).Draw(t, "confirm")})
		}
		if rapid.Bool().Draw(t, "form") {
			c.Form = &bot.Form{Command: word.Draw(t, "command"), Submit: rapid.SampledFrom([]string{"", "提交", "提交这一件没有写完的表"}).Draw(t, "submit")}
			for range some("fields", 4) {
				c.Form.Fields = append(c.Form.Fields, bot.Field{Name: rapid.StringMatching(`[a-c]?`).Draw(t, "name"), Label: word.Draw(t, "label"),
					Kind: rapid.SampledFrom([]bot.FieldKind{bot.ChoiceField, bot.ChoiceField, bot.LineField}).Draw(t, "kind"), Hint: rapid.SampledFrom([]string{"", "随便"}).Draw(t, "hint"),
					Options: rapid.SliceOfN(rapid.StringMatching(`[甲乙丙]{0,12}`), 0, 4).Draw(t, "options"), Value: "甲"})
			}
		}
		if rapid.IntRange(0, 3).Draw(t, "chart") == 0 {
			c.Charts = []bot.Chart{{Title: word.Draw(t, "chart"), Labels: []string{"甲", "乙"}, Series: []bot.Series{{Name: "新增", Values: []float64{1, 0}}}}}
		}
		r.Card = c
		return r
	})
}

// spoken is what a reply has to say whatever it looks like.
func spoken(r bot.Reply) (all []string) {
	all = append(all, r.Text)
	if r.Card == nil {
		return all
	}
	all = append(all, r.Card.Title)
	for _, s := range r.Card.Sections {
		all = append(all, s.Heading)
		for _, f := range s.Facts {
			all = append(all, f.Label, f.Value)
		}
		all = append(all, s.Lines...)
	}
	for _, b := range r.Card.Buttons {
		all = append(all, b.Command)
	}
	if f := r.Card.Form; f != nil {
		all = append(all, f.Command)
		for _, field := range f.Fields {
			all = append(append(all, field.Label, field.Hint), field.Options...)
		}
	}
	for _, c := range r.Card.Charts {
		all = append(append(all, c.Title), c.Labels...)
	}
	return all
}

var ourTags = regexp.MustCompile(`</?font( color="[a-z]+")?>|<@[a-z]+> `)

// letters is what is left of a text without our markup, signs and spaces.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, ourTags.ReplaceAllString(s, ""))
}

func saysEveryWord(t *rapid.T, said string, r bot.Reply) {
	said = letters(said)
	for _, w := range spoken(r) {
		if !strings.Contains(said, letters(w)) {
			t.Fatalf("%q is lost", w)
		}
	}
}

func TestEveryDialectSaysEverything(t *testing.T) {
	everyDialect(t, func(t *testing.T, d dialect) {
		rapid.Check(t, func(t *rapid.T) {
			r := anyReply().Draw(t, "reply")
			messages := markdown(r, d)
			for _, m := range messages {
				if code, reason := wecomtest.CheckMarkdown(m, d.kind(), channels[d]); code != 0 {
					t.Fatalf("%d %s", code, reason)
				}
				if strings.Count(m, "<font") != strings.Count(m, "</font>") || strings.Count(m, "**")%2 != 0 && d.traits().markup {
					t.Fatalf("markup is cut: %q", m)
				}
			}
			saysEveryWord(t, strings.Join(messages, ""), r)
		})
	})
}

func TestCardsSayEverything(t *testing.T) {
	cards := 0
	rapid.Check(t, func(t *rapid.T) {
		r := anyReply().Draw(t, "reply")
		for where, channel := range map[dialect]string{botMarkdown: wecomtest.Bot, appMarkdown: wecomtest.App} {
			if c, ok := templateCard(r, where, "lb-1"); ok {
				cards++
				data := encoded(t, c)
				if code, reason := wecomtest.CheckCard(data, channel); code != 0 {
					t.Fatalf("%d %s: %s", code, reason, data)
				}
				saysEveryWord(t, texts(data), r)
			}
			for _, home := range []string{"", "https://lianbang.example/"} {
				if c, ok := updatedCard(r, where, "lb-1", home); ok {
					data := encoded(t, c)
					if code, reason := wecomtest.CheckUpdate(data, channel, "lb-1"); code != 0 {
						t.Fatalf("%d %s: %s", code, reason, data)
					}
					saysEveryWord(t, texts(data), r)
				}
			}
		}
	})
	if cards == 0 {
		t.Error("nothing became a card")
	}
}

// TestCardKeepsItsButtons: an activity with a long name and much to say is still a card, on which members tap 报名.
func TestCardKeepsItsButtons(t *testing.T) {
	facts := []bot.Fact{{Label: "时间", Value: "12月4日(周五) 15:30"}, {Label: "地点", Value: "金桂社区"}, {Label: "名额", Value: "不限"}}
	lines := []string{"提醒：12月3日(周四) 15:30、当天13:30", "这些我没有登记：" + strings.Repeat("请", 60), "报名回“报名 H27 人数” · 改回“改 H27 …” · 10分钟内可“撤销”"}
	name := strings.Repeat("长", 40)
	card := func(heading string) bot.Reply {
		return bot.Reply{Card: &bot.Card{Title: "已登记 H27", Sections: []bot.Section{{Heading: heading, Facts: facts, Lines: lines}},
			Buttons: []bot.Button{{Label: "报名", Command: "报名 H27"}, {Label: "不对？改12月11日", Command: "改 H27 时间 12月11日"}}}}
	}
	c, ok := templateCard(card(""), botMarkdown, "lb-1")
	if !ok || len(c.Buttons) != 2 || len(c.Facts) != 4 || c.Facts[3] != (cardFact{Label: "提醒", Value: "12月3日(周四) 15:30、当天13:30"}) {
		t.Errorf("%v %+v", ok, c)
	}
	if _, ok := templateCard(card("十二月"), botMarkdown, "lb-1"); ok {
		t.Error("a line is parted from its heading")
	}
	r := card("")
	r.Card.Title, r.Card.Sections[0].Lines = "已登记 H27 "+name, lines[2:]
	if c, ok := templateCard(r, botMarkdown, "lb-1"); !ok || c.Title != (cardTitle{Title: "已登记 H27"}) || !strings.HasPrefix(c.Sub, name+"\n报名回") {
		t.Errorf("%v %+v", ok, c)
	}
}

// encoded is a card as JSON, with every character as it is.
func encoded(t rapid.TB, c card) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(c); err != nil {
		t.Fatal(err)
	}
	return bytes.TrimSpace(b.Bytes())
}

// texts is a card without its field names and line breaks.
func texts(data []byte) string {
	return strings.ReplaceAll(fieldNames.ReplaceAllString(string(data), ""), `\n`, "")
}

var fieldNames = regexp.MustCompile(`"[a-z_]+":`)

func TestPackSplitsWhereItShould(t *testing.T) {
	line := strings.Repeat("字", 100) // 300 bytes
	section := func(n int) bot.Section {
		s := bot.Section{Heading: "标题", Facts: []bot.Fact{{Label: "甲", Value: "乙"}}}
		for range n {
			s.Lines = append(s.Lines, line)
		}
		return s
	}
	r := bot.Reply{Card: &bot.Card{Title: "长的", Tone: bot.Needs, Sections: []bot.Section{section(4), section(4), section(8)}}}
	got := markdown(r, appMarkdown)
	if len(got) != 3 {
		t.Fatalf("%d messages", len(got))
	}
	if !strings.HasPrefix(got[1], "**标题**\n") || strings.Count(got[1], "标题") != 2 || !strings.HasPrefix(got[2], line+"\n"+line) {
		t.Errorf("not split at sections, then lines: %.40q %.40q", got[1], got[2])
	}
	r = bot.Reply{Card: &bot.Card{Title: strings.Repeat("长", 1000), Tone: bot.Late}}
	for i, m := range markdown(r, appMarkdown) {
		if !strings.HasPrefix(m, `### <font color="warning">长`) || !strings.HasSuffix(m, "长</font>") || !utf8.ValidString(m) {
			t.Errorf("piece %d of a title is cut badly: %.40q … %q", i, m, m[max(0, len(m)-20):])
		}
	}
}

func TestHookDialect(t *testing.T) {
	list := &bot.Card{Sections: []bot.Section{{Lines: []string{"一", "二", "三"}}}}
	for want, r := range map[dialect]bot.Reply{
		hookText:      {Text: "⏰ 明天 15:30", Mention: []bot.UserKey{"linmei"}},
		hookMarkdown:  {Card: list, Mention: []bot.UserKey{"linmei"}},
		hookMarkdown2: {Card: list},
	} {
		if got := hookDialect(r); got != want {
			t.Errorf("%+v: %s", r, dialects[got].name)
		}
	}
	if got := hookDialect(bot.Reply{Card: &bot.Card{Title: "H1"}}); got != hookMarkdown {
		t.Error(dialects[got].name)
	}
}

func TestTaskID(t *testing.T) {
	a, b := taskID("reply/wecom/光电/e1/0", 1), taskID("reply/wecom/光电/e1/0", 2)
	if a == b || a != taskID("reply/wecom/光电/e1/0", 1) || !regexp.MustCompile(`^[0-9A-Za-z_@-]{1,128}$`).MatchString(b) {
		t.Error(a, b)
	}
}
