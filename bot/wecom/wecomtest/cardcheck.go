package wecomtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// The channels that a message goes through.
const (
	Bot     = "bot"     // the AI bot, by long connection or callback
	App     = "app"     // the self-built app to persons
	AppChat = "appchat" // the self-built app to a group it made
	Hook    = "hook"    // the group webhook
)

// CheckCard judges a template card that is to be sent through a channel, as the documents state the rules (D101032, D90236)
// and the list of error codes names their breach (D90313). 0 is acceptance. It is stricter than WeCom in two things: a text
// that is too long, which the screen would cut, and a field nobody documents, which the server would ignore, are refused
// with 40058 too.
func CheckCard(data []byte, channel string) (errcode int, reason string) {
	return judgeCard(data, channel, false, "")
}

// CheckUpdate judges the card that replaces a clicked one. task is the task_id of the click.
func CheckUpdate(data []byte, channel, task string) (errcode int, reason string) {
	return judgeCard(data, channel, true, task)
}

// CheckMarkdown judges the content of a message of type text, markdown or markdown_v2. The AI bot may send text only as the
// welcome, which the caller has to judge.
func CheckMarkdown(content, msgtype, channel string) (errcode int, reason string) {
	limit, known := map[string]int{
		Bot + " markdown": 20480, Bot + " stream": 20480, Bot + " text": 2048,
		App + " markdown": 2048, App + " text": 2048, AppChat + " markdown": 2048, AppChat + " text": 2048,
		Hook + " markdown": 4096, Hook + " markdown_v2": 4096, Hook + " text": 2048,
	}[channel+" "+msgtype]
	switch {
	case !known:
		return 40008, msgtype + " is not for " + channel
	case strings.TrimSpace(content) == "":
		return 44004, "empty content"
	case !utf8.ValidString(content):
		return 40058, "not UTF-8"
	case len(content) > limit:
		return 45002, fmt.Sprintf("%d bytes, %d are allowed", len(content), limit)
	}
	return 0, ""
}

func judgeCard(data []byte, channel string, update bool, task string) (int, string) {
	j := &judge{channel: channel}
	var fields map[string]any
	d := json.NewDecoder(bytes.NewReader(data))
	if err := d.Decode(&fields); err != nil {
		return 40058, "not a JSON object: " + err.Error()
	}
	if _, err := d.Token(); err != io.EOF {
		return 40058, "something follows the card"
	}
	c := object{"card", fields}
	kind := j.text(c, "card_type", 0, 42031)
	allowed, known := kinds[kind]
	switch {
	case channel == AppChat:
		return 40008, "app groups take no cards"
	case !known:
		j.refuse(42031, "card_type %q", kind)
	case channel == Hook && !strings.HasSuffix(kind, "_notice"):
		j.refuse(42031, "a webhook sends no %s", kind)
	}
	j.only(c, append(slices.Clone(allowed), common...))
	j.card(c, kind)
	switch got, has := fields["task_id"].(string); {
	case !has && (strings.HasSuffix(kind, "_interaction") || fields["action_menu"] != nil || update):
		j.refuse(42014, "no task_id")
	case has && !taskIDs.MatchString(got):
		j.refuse(42014, "task_id %q", got)
	case update && got != task:
		j.refuse(42016, "task_id %q, the click had %q", got, task)
	}
	if _, has := fields["replace_text"]; has {
		if !update || channel != App {
			j.refuse(40058, "replace_text is for an app's update")
		}
		j.text(c, "replace_text", 10, 40058)
	}
	return j.code, j.reason
}

var (
	taskIDs = regexp.MustCompile(`^[0-9A-Za-z_@-]{1,128}$`)
	common  = []string{"card_type", "source", "main_title", "task_id", "feedback", "replace_text"}
	// kinds are the types of card with the fields that each may have beside the common ones.
	kinds = map[string][]string{
		"text_notice":          {"action_menu", "emphasis_content", "quote_area", "sub_title_text", "horizontal_content_list", "jump_list", "card_action"},
		"news_notice":          {"action_menu", "quote_area", "image_text_area", "card_image", "vertical_content_list", "horizontal_content_list", "jump_list", "card_action"},
		"button_interaction":   {"action_menu", "quote_area", "sub_title_text", "horizontal_content_list", "card_action", "button_selection", "button_list"},
		"vote_interaction":     {"checkbox", "submit_button"},
		"multiple_interaction": {"select_list", "submit_button"},
	}
)

// lengths are the longest texts in characters.
func (j *judge) lengths() (title, desc, source, sub, value, jump int) {
	if j.channel == App {
		return 36, 44, 20, 160, 30, 18
	}
	return 26, 30, 13, 112, 26, 13
}

// card judges the parts, each where it is.
func (j *judge) card(c object, kind string) {
	title, desc, source, sub, _, _ := j.lengths()
	if o, has := j.object(c, "source", "icon_url", "desc", "desc_color"); has {
		j.text(o, "icon_url", 0, 0)
		j.text(o, "desc", source, 0)
		j.number(o, "desc_color", 0, 3)
	}
	heading := ""
	if o, has := j.object(c, "main_title", "title", "desc"); has {
		heading = j.text(o, "title", title, 0)
		j.text(o, "desc", desc, 0)
	}
	if words := j.text(c, "sub_title_text", sub, 0); heading == "" && (kind != "text_notice" || words == "") {
		j.refuse(42033, "no title")
	}
	if o, has := j.object(c, "feedback", "id"); has && j.channel != Bot || len(j.text(o, "id", 0, 0)) > 256 {
		j.refuse(40058, "feedback")
	}
	if o, has := j.object(c, "emphasis_content", "title", "desc"); has {
		j.text(o, "title", 10, 0)
		j.text(o, "desc", 15, 0)
	}
	if o, has := j.object(c, "quote_area", "type", "url", "appid", "pagepath", "title", "quote_text"); has {
		j.opens(o, 0, 2)
	}
	j.menu(c)
	j.facts(c)
	j.jumps(c)
	j.pictures(c, kind)
	j.action(c, kind)
	switch kind {
	case "button_interaction":
		j.buttons(c)
		if o, has := j.object(c, "button_selection", selection...); has {
			j.choice(o, 10, 0)
		}
	case "vote_interaction":
		o, _ := j.object(c, "checkbox", "question_key", "mode", "option_list", "disable")
		j.number(o, "mode", 0, 1)
		j.boolean(o, "disable")
		j.choice(o, 20, 11)
		j.submit(c)
	case "multiple_interaction":
		j.selects(c)
		j.submit(c)
	}
}

func (j *judge) menu(c object) {
	o, has := j.object(c, "action_menu", "desc", "action_list")
	if !has {
		return
	}
	j.text(o, "desc", 0, 0)
	seen := map[string]bool{}
	for _, item := range j.list(o, "action_list", 1, 3, 40058, "text", "key") {
		j.text(item, "text", 0, 42020)
		key := j.key(item, 42019)
		if seen[key] {
			j.refuse(42051, "%s has the key %q twice", item.at, key)
		}
		seen[key] = true
	}
}

func (j *judge) facts(c object) {
	if c.fields["horizontal_content_list"] == nil {
		return
	}
	_, _, _, _, value, _ := j.lengths()
	for _, f := range j.list(c, "horizontal_content_list", 0, 6, 42035, "type", "keyname", "value", "url", "media_id", "userid") {
		j.text(f, "keyname", 5, 42027)
		j.text(f, "value", value, 0)
		switch kind := j.number(f, "type", 0, 3); {
		case kind == 1:
			j.text(f, "url", 0, 42028)
		case kind == 2 && j.channel != App:
			j.refuse(40058, "%s: an attachment is for apps only", f.at)
		case kind == 2:
			j.text(f, "media_id", 0, 42029)
		case kind == 3:
			j.text(f, "userid", 0, 42050)
		}
	}
}

func (j *judge) jumps(c object) {
	if c.fields["jump_list"] == nil {
		return
	}
	_, _, _, _, _, jump := j.lengths()
	for _, o := range j.list(c, "jump_list", 0, 3, 42042, "type", "title", "url", "appid", "pagepath", "question") {
		j.text(o, "title", jump, 42033)
		top := 2
		if j.channel == Bot {
			top = 3
		}
		if j.opens(o, 0, top) == 3 && len(j.text(o, "question", 0, 40058)) > 200 {
			j.refuse(40058, "%s: the question has more than 200 bytes", o.at)
		}
	}
}

func (j *judge) pictures(c object, kind string) {
	image, has := j.object(c, "card_image", "url", "aspect_ratio")
	if has {
		j.text(image, "url", 0, 42044)
		if ratio, given := image.fields["aspect_ratio"]; given {
			if n, ok := ratio.(float64); !ok || n < 1.3 || n > 2.25 {
				j.refuse(40058, "aspect_ratio %v", ratio)
			}
		}
	}
	area, beside := j.object(c, "image_text_area", "type", "url", "appid", "pagepath", "title", "desc", "image_url")
	if beside {
		j.opens(area, 0, 2)
		j.text(area, "image_url", 0, 42044)
	}
	if kind == "news_notice" && !has && !beside {
		j.refuse(42044, "no picture")
	}
	if c.fields["vertical_content_list"] == nil {
		return
	}
	for _, o := range j.list(c, "vertical_content_list", 0, 4, 42036, "title", "desc") {
		j.text(o, "title", 26, 42033)
		j.text(o, "desc", 112, 0)
	}
}

func (j *judge) action(c object, kind string) {
	o, has := j.object(c, "card_action", "type", "url", "appid", "pagepath")
	lowest := 0
	if strings.HasSuffix(kind, "_notice") {
		lowest = 1
		if !has {
			j.refuse(42045, "no card_action")
		}
	}
	if has && j.opens(o, lowest, 2) < lowest {
		j.refuse(42045, "card_action opens nothing")
	}
}

// opens judges what a tap opens: 1 an address, 2 a mini-program.
func (j *judge) opens(o object, lowest, top int) int {
	kind := j.number(o, "type", 0, top)
	switch {
	case kind < lowest:
		return kind
	case kind == 1:
		if url := j.text(o, "url", 0, 42028); !strings.HasPrefix(url, "http://") && !strings.HasPrefix(url, "https://") {
			j.refuse(45034, "%s: the url %q has no scheme", o.at, url)
		}
	case kind == 2:
		j.text(o, "appid", 0, 42030)
	}
	return kind
}

func (j *judge) buttons(c object) {
	fields := []string{"text", "style", "key"}
	if j.channel == App {
		fields = append(fields, "type", "url")
	}
	seen := map[string]bool{}
	for _, b := range j.list(c, "button_list", 1, 6, 42038, fields...) {
		j.text(b, "text", 10, 42038)
		j.number(b, "style", 1, 4)
		if j.number(b, "type", 0, 1) == 1 {
			j.text(b, "url", 0, 42028)
			continue
		}
		key := j.key(b, 42039)
		if seen[key] {
			j.refuse(42039, "%s has the key %q again", b.at, key)
		}
		seen[key] = true
	}
}

var selection = []string{"question_key", "title", "option_list", "selected_id", "disable"}

func (j *judge) selects(c object) {
	seen := map[string]bool{}
	for _, s := range j.list(c, "select_list", 1, 3, 42047, selection...) {
		j.text(s, "title", 13, 0)
		j.boolean(s, "disable")
		ids := j.choice(s, 10, 10)
		if selected := j.text(s, "selected_id", 0, 0); selected != "" && !slices.Contains(ids, selected) {
			j.refuse(40058, "%s: selected_id %q is no option", s.at, selected)
		}
		key, _ := s.fields["question_key"].(string)
		if seen[key] {
			j.refuse(42043, "%s has the question_key %q again", s.at, key)
		}
		seen[key] = true
	}
}

// choice judges a question and its options and gives their ids.
func (j *judge) choice(o object, most, length int) (ids []string) {
	if len(j.text(o, "question_key", 0, 42043)) > 1024 {
		j.refuse(42043, "%s: question_key has more than 1024 bytes", o.at)
	}
	for _, option := range j.list(o, "option_list", 1, most, 42037, "id", "text", "is_checked") {
		id := j.text(option, "id", 0, 42040)
		if len(id) > 128 || slices.Contains(ids, id) {
			j.refuse(42040, "%s: id %q", option.at, id)
		}
		ids = append(ids, id)
		j.text(option, "text", length, 42041)
		j.boolean(option, "is_checked")
	}
	return ids
}

func (j *judge) submit(c object) {
	o, has := j.object(c, "submit_button", "text", "key")
	if !has {
		j.refuse(42046, "no submit_button")
	}
	j.text(o, "text", 10, 42049)
	j.key(o, 42046)
}

func (j *judge) key(o object, code int) string {
	key := j.text(o, "key", 0, code)
	if len(key) > 1024 {
		j.refuse(code, "%s: the key has %d bytes", o.at, len(key))
	}
	return key
}
