package feishutest

import (
	"encoding/json"
	"fmt"
	"html"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// flatten is every word of a message that people see. Markup that was not escaped is lost, as it would be. s.mu is held.
func (s *Server) flatten(kind, content string, mentions []mention) string {
	var fields map[string]any
	if err := json.Unmarshal([]byte(content), &fields); err != nil {
		return content
	}
	switch kind {
	case "text":
		text, _ := fields["text"].(string)
		text = textMention.ReplaceAllStringFunc(text, func(tag string) string { return "@" + s.nameOf(textMention.FindStringSubmatch(tag)[1]) })
		return named(text, mentions)
	case "post":
		return named(s.postText(fields), mentions)
	case "interactive":
		f := &flattener{s: s}
		f.element(fields)
		return strings.Join(f.lines, "\n")
	case "image":
		return "[图片]"
	case "file":
		key, _ := fields["file_key"].(string)
		return "[文件 " + s.uploads[key].name + "]"
	}
	return content
}

// named writes the names for the placeholders, the longest first: @_user_1 is a prefix of @_user_10.
func named(text string, mentions []mention) string {
	sorted := slices.Clone(mentions)
	slices.SortFunc(sorted, func(a, b mention) int { return len(b.key) - len(a.key) })
	for _, m := range sorted {
		text = strings.ReplaceAll(text, m.key, "@"+m.name)
	}
	return text
}

// postText flattens a post, with or without locales.
func (s *Server) postText(fields map[string]any) string {
	if _, bare := fields["content"]; !bare {
		for _, locale := range sorted(fields) {
			inside, _ := fields[locale].(map[string]any)
			return s.postText(inside)
		}
	}
	var lines []string
	if title, _ := fields["title"].(string); title != "" {
		lines = append(lines, title)
	}
	content, _ := fields["content"].([]any)
	for _, line := range content {
		nodes, _ := line.([]any)
		text := ""
		for _, n := range nodes {
			node, _ := n.(map[string]any)
			words, _ := node["text"].(string)
			switch node["tag"] {
			case "at":
				id, _ := node["user_id"].(string)
				if text += "@" + s.nameOf(id); strings.HasPrefix(id, "@_user") {
					text = strings.TrimSuffix(text, "@"+id) + id
				}
			case "img":
				text += "[图片]"
			case "md":
				text += s.markdown(words)
			default:
				text += words
			}
		}
		lines = append(lines, text)
	}
	return strings.Join(lines, "\n")
}

// flattener collects the words of a card, in the order in which they stand.
type flattener struct {
	s     *Server
	lines []string
}

func (f *flattener) say(text string) {
	if text != "" {
		f.lines = append(f.lines, text)
	}
}

// parts is the order in which the parts of an element stand; what is not listed follows by name. Confirmations and
// behaviours are not seen on the card.
var parts = []string{"header", "title", "subtitle", "text_tag_list", "body", "label", "text", "content", "fields", "columns", "elements",
	"placeholder", "options", "rows"}

var unseen = []string{"confirm", "behaviors", "config", "value", "icon", "card_link", "summary", "chart_spec"}

func (f *flattener) element(v any) {
	switch v := v.(type) {
	case []any:
		for _, inside := range v {
			f.element(inside)
		}
	case map[string]any:
		f.tagged(v)
	}
}

func (f *flattener) tagged(e map[string]any) {
	content, _ := e["content"].(string)
	switch e["tag"] {
	case "plain_text":
		f.say(content)
		return
	case "markdown", "lark_md":
		f.say(f.s.markdown(content))
		return
	case "table":
		f.table(e)
		return
	case "chart":
		f.leaves(e["chart_spec"])
		return
	case "button":
		f.say("[" + plain(e["text"]) + "]")
		return
	case "input":
		if preset, _ := e["default_value"].(string); preset != "" {
			defer f.say(preset)
		}
	}
	for _, key := range sorted(e) {
		if !slices.Contains(unseen, key) {
			f.element(e[key])
		}
	}
}

// plain is the content of a text object.
func plain(v any) string {
	text, _ := v.(map[string]any)
	content, _ := text["content"].(string)
	return content
}

func (f *flattener) table(e map[string]any) {
	columns, _ := e["columns"].([]any)
	rows, _ := e["rows"].([]any)
	var names, head []string
	for _, c := range columns {
		column, _ := c.(map[string]any)
		name, _ := column["name"].(string)
		shown, _ := column["display_name"].(string)
		names, head = append(names, name), append(head, shown)
	}
	f.say(strings.Join(head, " | "))
	for _, r := range rows {
		row, _ := r.(map[string]any)
		var cells []string
		for _, name := range names {
			inside := &flattener{s: f.s}
			inside.leaves(row[name])
			cells = append(cells, strings.Join(inside.lines, " "))
		}
		f.say(strings.Join(cells, " | "))
	}
}

// leaves says every text and number in v: the words of a chart lie anywhere in its specification.
func (f *flattener) leaves(v any) {
	switch v := v.(type) {
	case string:
		f.say(v)
	case float64:
		f.say(strconv.FormatFloat(v, 'f', -1, 64))
	case map[string]any:
		for _, key := range sorted(v) {
			f.leaves(v[key])
		}
	case []any:
		for _, inside := range v {
			f.leaves(inside)
		}
	case nil, bool:
	default:
		f.say(fmt.Sprint(v))
	}
}

// sorted lists the keys of an element in the order in which they stand.
func sorted(e map[string]any) []string {
	rank := func(key string) int {
		if i := slices.Index(parts, key); i >= 0 {
			return i
		}
		return len(parts)
	}
	keys := make([]string, 0, len(e))
	for key := range e {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b string) int {
		if d := rank(a) - rank(b); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	return keys
}

var (
	cardMention = regexp.MustCompile(`<at id=['"]?([^\s'">]*)['"]?>(?:</at>)?`)
	link        = regexp.MustCompile(`!?\[([^\]]*)\]\([^)]*\)`)
	htmlTag     = regexp.MustCompile(`</?[A-Za-z][^>]*>`)
	emphasis    = regexp.MustCompile("\\*\\*|~~|`+|\\*|(?m:^#{1,6} )")
)

// markdown is what a reader sees of markdown: names for mentions, no markup, entities as the signs that they stand for.
func (s *Server) markdown(text string) string {
	text = cardMention.ReplaceAllStringFunc(text, func(tag string) string { return "@" + s.nameOf(cardMention.FindStringSubmatch(tag)[1]) })
	text = link.ReplaceAllString(text, "$1")
	text = strings.NewReplacer("<br>", "\n", "<br/>", "\n").Replace(text)
	text = htmlTag.ReplaceAllString(text, "")
	text = emphasis.ReplaceAllString(text, "")
	return strings.ReplaceAll(html.UnescapeString(text), "\u00a0", " ")
}
