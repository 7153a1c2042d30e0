package wecomtest

import (
	"encoding/json"
	"strings"
	"testing"
)

// accepted are cards that the documents show to be right, by the channels that take them.
var accepted = map[string]struct{ card, channels string }{
	"buttons": {`{"card_type":"button_interaction","source":{"desc":"提醒","desc_color":1},"main_title":{"title":"交报告","desc":"周五 18:00"},
		"sub_title_text":"提出人：林梅","horizontal_content_list":[{"keyname":"负责人","value":"赵一","type":3,"userid":"zhaoyi"}],
		"button_list":[{"text":"完成","style":1,"key":"done:42"},{"text":"推迟","style":2,"key":"snooze:42:60"}],"task_id":"rem-42-1"}`, "bot app"},
	"vote": {`{"card_type":"vote_interaction","main_title":{"title":"团建去哪里"},"checkbox":{"question_key":"place","mode":1,
		"option_list":[{"id":"hill","text":"爬山","is_checked":false},{"id":"lake","text":"划船"}]},
		"submit_button":{"text":"提交","key":"vote:7"},"task_id":"vote-7"}`, "bot app"},
	"selects": {`{"card_type":"multiple_interaction","main_title":{"title":"新提醒"},"select_list":[
		{"question_key":"day","title":"哪天","option_list":[{"id":"d0","text":"今天"},{"id":"d1","text":"明天"}],"selected_id":"d1"},
		{"question_key":"hour","title":"几点","option_list":[{"id":"9","text":"09:00"}]}],
		"submit_button":{"text":"设定","key":"new"},"task_id":"new-1"}`, "bot app"},
	"notice": {`{"card_type":"text_notice","main_title":{"title":"今日待办"},"emphasis_content":{"title":"5","desc":"项"},
		"jump_list":[{"type":1,"title":"看清单","url":"https://example.com"}],"quote_area":{"type":0,"quote_text":"引文"},
		"card_action":{"type":1,"url":"https://example.com/todo"}}`, "bot app hook"},
	"news": {`{"card_type":"news_notice","main_title":{"title":"简报"},"card_image":{"url":"https://example.com/p.png","aspect_ratio":1.3},
		"vertical_content_list":[{"title":"一","desc":"二"}],"card_action":{"type":2,"appid":"wx1","pagepath":"p"}}`, "bot app hook"},
	"menu": {`{"card_type":"text_notice","main_title":{"title":"H1"},"action_menu":{"desc":"撤销？","action_list":[{"text":"撤销","key":"撤销"}]},
		"card_action":{"type":1,"url":"https://example.com"},"task_id":"t_1@a"}`, "bot app hook"},
}

func TestCheckCardAccepts(t *testing.T) {
	for name, c := range accepted {
		for _, channel := range []string{Bot, App, AppChat, Hook} {
			code, reason := CheckCard([]byte(c.card), channel)
			if want := strings.Contains(" "+c.channels+" ", " "+channel+" "); (code == 0) != want {
				t.Errorf("%s through %s: %d %s", name, channel, code, reason)
			}
		}
	}
}

func TestCheckCardRefuses(t *testing.T) {
	long := strings.Repeat("长", 200)
	cases := []struct {
		name, card, change string
		value              any
		code               int
	}{
		{"unknown type", "buttons", "card_type", "ask", 42031},
		{"no type", "buttons", "card_type", nil, 42031},
		{"no task", "buttons", "task_id", nil, 42014},
		{"bad task", "vote", "task_id", "a b", 42014},
		{"long task", "selects", "task_id", strings.Repeat("a", 129), 42014},
		{"no task with a menu", "menu", "task_id", nil, 42014},
		{"no title", "buttons", "main_title", nil, 42033},
		{"long title", "buttons", "main_title.title", long, 40058},
		{"long description", "vote", "main_title.desc", long, 40058},
		{"title is a number", "vote", "main_title.title", 5, 40058},
		{"long text", "buttons", "sub_title_text", long, 40058},
		{"no buttons", "buttons", "button_list", []any{}, 42038},
		{"seven buttons", "buttons", "button_list", repeated(7, map[string]any{"text": "a", "key": "b"}), 42038},
		{"one key twice", "buttons", "button_list", repeated(2, map[string]any{"text": "a", "key": "b"}), 42039},
		{"no label", "buttons", "button_list.0.text", "", 42038},
		{"long label", "buttons", "button_list.0.text", "一二三四五六七八九十一", 40058},
		{"style is a string", "buttons", "button_list.0.style", "1", 40058},
		{"no such style", "buttons", "button_list.0.style", 5, 40058},
		{"long key", "buttons", "button_list.0.key", strings.Repeat("k", 1025), 42039},
		{"no key", "buttons", "button_list.0.key", nil, 42039},
		{"address for the AI bot", "buttons", "button_list.0.url", "https://example.com", 40058},
		{"seven facts", "buttons", "horizontal_content_list", repeated(7, map[string]any{"keyname": "a", "value": "b"}), 42035},
		{"fact without name", "buttons", "horizontal_content_list.0.keyname", nil, 42027},
		{"member without id", "buttons", "horizontal_content_list.0.userid", nil, 42050},
		{"attachment", "buttons", "horizontal_content_list.0.type", 2, 40058},
		{"fact with an address but none given", "buttons", "horizontal_content_list.0.type", 1, 42028},
		{"long value", "buttons", "horizontal_content_list.0.value", long, 40058},
		{"unknown field", "buttons", "colour", "red", 40058},
		{"no options", "vote", "checkbox.option_list", []any{}, 42037},
		{"too many options", "vote", "checkbox.option_list", repeated(21, map[string]any{"id": "a", "text": "b"}), 42037},
		{"one id twice", "vote", "checkbox.option_list", repeated(2, map[string]any{"id": "a", "text": "b"}), 42040},
		{"no id", "vote", "checkbox.option_list.0.id", nil, 42040},
		{"long option", "vote", "checkbox.option_list.0.text", "一二三四五六七八九十一二", 40058},
		{"mode is a string", "vote", "checkbox.mode", "1", 40058},
		{"checked is a number", "vote", "checkbox.option_list.0.is_checked", 1, 40058},
		{"no question", "vote", "checkbox.question_key", nil, 42043},
		{"no checkbox", "vote", "checkbox", nil, 42043},
		{"no submit", "vote", "submit_button", nil, 42046},
		{"no word on submit", "vote", "submit_button.text", nil, 42049},
		{"no list", "selects", "select_list", nil, 42047},
		{"four lists", "selects", "select_list", repeated(4, map[string]any{"question_key": "a", "option_list": repeated(1, map[string]any{"id": "a", "text": "b"})}), 42047},
		{"eleven options", "selects", "select_list.0.option_list", repeated(11, map[string]any{"id": "a", "text": "b"}), 42037},
		{"unknown selection", "selects", "select_list.0.selected_id", "d9", 40058},
		{"no action", "notice", "card_action", nil, 42045},
		{"action that opens nothing", "notice", "card_action", map[string]any{"type": 0}, 42045},
		{"no address", "notice", "card_action.url", nil, 42028},
		{"address without scheme", "notice", "card_action.url", "example.com", 45034},
		{"no mini-program", "news", "card_action.appid", nil, 42030},
		{"four jumps", "notice", "jump_list", repeated(4, map[string]any{"title": "a"}), 42042},
		{"jump without title", "notice", "jump_list.0.title", nil, 42033},
		{"no picture", "news", "card_image", nil, 42044},
		{"flat picture", "news", "card_image.aspect_ratio", 3, 40058},
		{"five paragraphs", "news", "vertical_content_list", repeated(5, map[string]any{"title": "a"}), 42036},
		{"menu with one key twice", "menu", "action_menu.action_list", repeated(2, map[string]any{"text": "a", "key": "b"}), 42051},
		{"empty menu", "menu", "action_menu.action_list", []any{}, 40058},
		{"replaced on sending", "buttons", "replace_text", "已完成", 40058},
	}
	for _, c := range cases {
		if code, reason := CheckCard(changed(t, accepted[c.card].card, c.change, c.value), Bot); code != c.code {
			t.Errorf("%s: %d %s, want %d", c.name, code, reason, c.code)
		}
	}
	for data, want := range map[string]int{``: 40058, `[]`: 40058, `{} {}`: 40058} {
		if code, reason := CheckCard([]byte(data), Bot); code != want {
			t.Errorf("%s: %d %s, want %d", data, code, reason, want)
		}
	}
}

func TestCheckUpdate(t *testing.T) {
	card := accepted["buttons"].card
	if code, reason := CheckUpdate([]byte(card), Bot, "rem-42-1"); code != 0 {
		t.Error(code, reason)
	}
	if code, _ := CheckUpdate([]byte(card), Bot, "rem-42-2"); code != 42016 {
		t.Error("another task:", code)
	}
	settled := changed(t, card, "replace_text", "已完成")
	if code, reason := CheckUpdate(settled, App, "rem-42-1"); code != 0 {
		t.Error(code, reason)
	}
	if code, _ := CheckUpdate(settled, Bot, "rem-42-1"); code != 40058 {
		t.Error("the AI bot replaced a text:", code)
	}
}

func TestCheckMarkdown(t *testing.T) {
	for _, c := range []struct {
		content, msgtype, channel string
		code                      int
	}{
		{strings.Repeat("a", 20480), "markdown", Bot, 0}, {strings.Repeat("a", 20481), "markdown", Bot, 45002},
		{strings.Repeat("字", 682), "markdown", App, 0}, {strings.Repeat("字", 683), "markdown", App, 45002},
		{strings.Repeat("a", 4096), "markdown_v2", Hook, 0}, {strings.Repeat("a", 4097), "markdown", Hook, 45002},
		{strings.Repeat("a", 2049), "text", Hook, 45002}, {" \n", "text", App, 44004}, {"a\xff", "text", App, 40058},
		{"a", "markdown_v2", App, 40008},
	} {
		if code, reason := CheckMarkdown(c.content, c.msgtype, c.channel); code != c.code {
			t.Errorf("%s %s of %d bytes: %d %s, want %d", c.channel, c.msgtype, len(c.content), code, reason, c.code)
		}
	}
}

func repeated(n int, v any) []any {
	out := make([]any, n)
	for i := range out {
		out[i] = v
	}
	return out
}

// changed sets, or with nil deletes, what stands at a path of a card.
func changed(t *testing.T, card, path string, value any) []byte {
	t.Helper()
	var root map[string]any
	if err := json.Unmarshal([]byte(card), &root); err != nil {
		t.Fatal(err)
	}
	at := root
	steps := strings.Split(path, ".")
	for i := 0; i < len(steps)-1; i++ {
		if list, ok := at[steps[i]].([]any); ok {
			i++
			at = list[int(steps[i][0]-'0')].(map[string]any)
			continue
		}
		at = at[steps[i]].(map[string]any)
	}
	if last := steps[len(steps)-1]; value == nil {
		delete(at, last)
	} else {
		at[last] = value
	}
	out, err := json.Marshal(root)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
