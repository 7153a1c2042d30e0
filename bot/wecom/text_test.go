package wecom

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"lianbang/bot"
)

// everyDialect calls f for each of them.
func everyDialect(t *testing.T, f func(t *testing.T, d dialect)) {
	for d := range dialects {
		t.Run(dialects[d].name, func(t *testing.T) { f(t, dialect(d)) })
	}
}

// typedByAPerson tries everything that a dialect could read as markup.
const typedByAPerson = `<font color="warning">x</font> **y** [a](https://b.cn) <@all> | a | b |
# 标题
> 引用
- 项 <@linmei>
1. 一
---
` + "`code` ```fence``` ~~z~~ _i_ ![p](https://b.cn/p.png) <a href=\"https://b.cn\">点我</a>" + `
<think>想</think> &lt;@all&gt; \* 138****1234 3 < 5 & 6 C# a_b [文件] https://b.cn/x_y?a=1&b=*`

func TestPersonsTextIsNoMarkup(t *testing.T) {
	rich := `＜font color="warning">x＜/font> ＊＊y＊＊ ［a］(https://b.cn) ＜@all> ｜ a ｜ b ｜
＃ 标题
＞ 引用
－ 项 ＜@linmei>
1． 一
－--
｀code｀ ｀｀｀fence｀｀｀ ～～z～～ ＿i＿ !［p］(https://b.cn/p.png) ＜a href="https://b.cn">点我＜/a>
＜think>想＜/think> ＆lt;@all＆gt; ＼＊ 138＊＊＊＊1234 3 < 5 & 6 C# a_b [文件] https://b.cn/x_y?a=1&b=%2A`
	simple := `＜font color="warning">x＜/font> ＊＊y＊＊ ［a］(https://b.cn) ＜@all> | a | b |
＃ 标题
＞ 引用
- 项 ＜@linmei>
1. 一
---
｀code｀ ｀｀｀fence｀｀｀ ~~z~~ _i_ !［p］(https://b.cn/p.png) ＜a href="https://b.cn">点我＜/a>
＜think>想＜/think> ＆lt;@all＆gt; ＼＊ 138＊＊＊＊1234 3 < 5 & 6 C# a_b [文件] https://b.cn/x_y?a=1&b=%2A`
	plain := `＜font color="warning">x＜/font> **y** [a](https://b.cn) ＜@all> | a | b |
# 标题
> 引用
- 项 ＜@linmei>
1. 一
---
` + "`code` ```fence``` ~~z~~ _i_ ![p](https://b.cn/p.png) ＜a href=\"https://b.cn\">点我＜/a>" + `
＜think>想＜/think> ＆lt;@all＆gt; \* 138****1234 3 < 5 & 6 C# a_b [文件] https://b.cn/x_y?a=1&b=*`
	everyDialect(t, func(t *testing.T, d dialect) {
		want := plain
		if d.traits().rich {
			want = rich
		} else if d.traits().markup {
			want = simple
		}
		got := strings.Join(markdown(bot.Say(typedByAPerson), d), "|||")
		if got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	})
}

// The readers find what a dialect would take for markup. They are written from the description of the dialects, not from
// the code that avoids it.
var (
	tags        = regexp.MustCompile(`<[@/!?A-Za-z]|&#?[0-9A-Za-z]+;`)
	simpleMarks = regexp.MustCompile("\\*|`|\\]\\(|\\]\\[|\\]:|(?m:^\\s*[#>])|\\\\[!-/:-@\\[-`{-~]")
	richMarks   = regexp.MustCompile(`\||~|(?m:^\s*[-+](\s|$))|(?m:^\s*[0-9]{1,9}[.)](\s|$))|(?m:^\s*(=+|-[- ]*)\s*$)|(^|[^\pL\pN])_|_([^\pL\pN]|$)`)
	addresses   = regexp.MustCompile(`https?://[-0-9A-Za-z._/%@:?#!&()=,;+]+`)
)

func marks(content string, d dialect) string {
	content = addresses.ReplaceAllString(content, "网址")
	if m := tags.FindString(content); m != "" {
		return m
	}
	if m := simpleMarks.FindString(content); d.traits().markup && m != "" {
		return m
	}
	if m := richMarks.FindString(content); d.traits().rich && m != "" {
		return m
	}
	return ""
}

// hostile draws texts that are mostly signs.
func hostile() *rapid.Generator[string] {
	part := rapid.SampledFrom([]string{"<", ">", "@", "all", "*", "**", "_", "`", "[", "]", "(", ")", "](", "]:", "|", "~", "#", "-", "+", "=", "1.", "2)",
		" ", "　", "\n", "\\", "&", "lt;", ";", "!", "font", "a", "字", "，", "/", "https://b.cn/", "😀", "\u200b", "\u202e", "\t"})
	return rapid.Map(rapid.SliceOfN(part, 0, 30), func(parts []string) string { return strings.Join(parts, "") })
}

func TestNoTextIsMarkup(t *testing.T) {
	everyDialect(t, func(t *testing.T, d dialect) {
		rapid.Check(t, func(t *rapid.T) {
			said := hostile().Draw(t, "text")
			for _, m := range markdown(bot.Say(said), d) {
				if found := marks(m, d); found != "" {
					t.Fatalf("%q became %q, in which %q is markup", said, m, found)
				}
			}
		})
	})
}

func TestMentions(t *testing.T) {
	r := bot.Reply{Text: "我已私聊您。", Mention: []bot.UserKey{"linmei", "linmei", "all", "ALL", "a> **b", "@all", "", "zhao-yi.2"}}
	everyDialect(t, func(t *testing.T, d dialect) {
		want := "我已私聊您。"
		switch d {
		case chatMarkdown, hookMarkdown:
			want = "<@linmei> <@zhao-yi.2> 我已私聊您。"
		}
		if got := markdown(r, d); len(got) != 1 || got[0] != want {
			t.Errorf("%q, want %q", got, want)
		}
	})
	if got := strings.Join(mentioned(r), " "); got != "linmei zhao-yi.2" {
		t.Error(got)
	}
	only := bot.Reply{Mention: r.Mention, Card: &bot.Card{Title: "请确认"}}
	if got := markdown(only, hookMarkdown); len(got) != 1 || got[0] != "<@linmei> <@zhao-yi.2> \n### 请确认" {
		t.Errorf("%q", got)
	}
}
