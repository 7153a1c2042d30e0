package wecom

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"lianbang/bot"
	"lianbang/bot/wecom/wecomtest"
)

var update = flag.Bool("update", false, "rewrite the goldens with what comes")

// channels are the dialects as the judge names their channels.
var channels = map[dialect]string{
	botMarkdown: wecomtest.Bot, botText: wecomtest.Bot, appMarkdown: wecomtest.App, appText: wecomtest.App,
	chatMarkdown: wecomtest.AppChat, chatText: wecomtest.AppChat,
	hookMarkdown: wecomtest.Hook, hookMarkdown2: wecomtest.Hook, hookText: wecomtest.Hook,
}

// views are the replies of every shape that the program shows today, kept with the goldens of Feishu, and those that it may
// show: forms, charts, mentions, overlong titles.
func views(t *testing.T) (all []bot.Reply) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "feishu", "testdata", "views.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	return append(all, possible()...)
}

func possible() []bot.Reply {
	kind := bot.Field{Name: "kind", Label: "类别", Kind: bot.ChoiceField, Options: []string{"用工", "融资", "物流水电"}, Value: "融资", Required: true}
	day := bot.Field{Name: "day", Label: "哪天", Kind: bot.ChoiceField, Options: []string{"今天", "明天"}, Hint: "节假日不办"}
	return []bot.Reply{
		{Text: "还差一项。", Card: &bot.Card{Title: "报诉求", Form: &bot.Form{Command: "报诉求", Submit: "提交", Fields: []bot.Field{kind}}}},
		{Card: &bot.Card{Title: "约见", Form: &bot.Form{Command: "约见", Submit: "约", Fields: []bot.Field{kind, day}}}},
		{Card: &bot.Card{Title: "登记活动", Form: &bot.Form{Command: "登记活动", Submit: "提交", Fields: []bot.Field{
			{Name: "name", Label: "活动名称", Kind: bot.LineField, Required: true, Hint: "例如 参观座谈"}, day}}}},
		{Card: &bot.Card{Title: "近三周诉求", Tone: bot.Info, Charts: []bot.Chart{{Title: "新增", Kind: bot.BarChart, Unit: "件",
			Labels: []string{"第45周", "第46周", "第47周"}, Series: []bot.Series{{Values: []float64{3, 0, 8}}}}}}},
		{Text: "请看一下。", Mention: []bot.UserKey{"linmei"}, Card: &bot.Card{Title: "S3 用工诉求 · 已逾期", Tone: bot.Late,
			Sections: []bot.Section{{Facts: []bot.Fact{{Label: "承办", Value: "张航"}}}}, Buttons: []bot.Button{{Label: "办结", Command: "办结 S3"}}}},
		{Card: &bot.Card{Title: "已登记 H27 光电信息联合体与金桂社区联合主题党日·参观座谈", Tone: bot.Done,
			Sections: []bot.Section{{Facts: []bot.Fact{{Label: "内容", Value: "园区路灯坏了好几个月没人修；晚上下班都看不清路"}, {Label: "时间", Value: "12月4日(周五) 15:30"}}}},
			Buttons:  []bot.Button{{Label: "报名", Command: "报名 H27"}, {Label: "不对？改到12月11日(周五)", Command: "改 H27 时间 12月11日"}}}},
		{InPlace: true, Text: "已报名 H27，3 人。", Card: &bot.Card{Title: "H27 参观座谈", Tone: bot.Done,
			Sections: []bot.Section{{Facts: []bot.Fact{{Label: "已报", Value: "33/36"}}}},
			Buttons:  []bot.Button{{Label: "取消报名", Command: "取消报名 H27", Tone: bot.Danger, Confirm: "取消 H27 的报名？"}}}},
		{InPlace: true, Card: &bot.Card{Title: "H27 参观座谈 · 已取消", Tone: bot.Closed, Sections: []bot.Section{{Lines: []string{"已报名的 33 人都通知了。"}}}}},
	}
}

// TestViews holds every view in every dialect against its golden and shows it to the judge.
func TestViews(t *testing.T) {
	all := views(t)
	everyDialect(t, func(t *testing.T, d dialect) {
		var b strings.Builder
		for i, r := range all {
			for n, content := range markdown(r, d) {
				fmt.Fprintf(&b, "======== %d.%d\n%s\n", i+1, n+1, content)
				if code, reason := wecomtest.CheckMarkdown(content, d.kind(), channels[d]); code != 0 {
					t.Errorf("view %d: %d %s", i+1, code, reason)
				}
			}
		}
		golden(t, d.traits().name+".txt", b.String())
	})
}

// TestViewsAsCards does the same for cards and for the cards that replace clicked ones.
func TestViewsAsCards(t *testing.T) {
	all := views(t)
	for _, where := range []dialect{botMarkdown, appMarkdown} {
		channel := channels[where]
		t.Run(channel, func(t *testing.T) {
			var sent, changed strings.Builder
			for i, r := range all {
				if c, ok := templateCard(r, where, "lb-1"); ok {
					code, reason := wecomtest.CheckCard(show(t, &sent, i, c), channel)
					if code != 0 {
						t.Errorf("view %d: %d %s", i+1, code, reason)
					}
				}
				for _, home := range []string{"", "https://lianbang.example/"} {
					if c, ok := updatedCard(r, where, "lb-1", home); ok && (r.InPlace || home != "") {
						code, reason := wecomtest.CheckUpdate(show(t, &changed, i, c), channel, "lb-1")
						if code != 0 {
							t.Errorf("view %d changed: %d %s", i+1, code, reason)
						}
					}
				}
			}
			golden(t, channel+"-cards.txt", sent.String())
			golden(t, channel+"-updates.txt", changed.String())
		})
	}
	for _, r := range all {
		for _, where := range []dialect{chatMarkdown, hookMarkdown, hookMarkdown2, hookText, botText} {
			if _, ok := templateCard(r, where, "lb-1"); ok {
				t.Errorf("a card through %s, which cannot hear a tap", dialects[where].name)
			}
		}
	}
}

// show writes a card for people and gives it as it is sent.
func show(t *testing.T, b *strings.Builder, i int, c card) []byte {
	t.Helper()
	data := encoded(t, c)
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, data, "", " "); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(b, "======== %d\n%s\n", i+1, &pretty)
	return data
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is otherwise now:\n%s", path, got)
	}
}
