package feishutest

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// special checks what only one kind of element has.
func (r *review) special(tag string, e map[string]any) *flaw {
	switch tag {
	case "markdown":
		return r.markdown(e)
	case "div":
		return r.fields(e)
	case "img":
		if key, _ := e["img_key"].(string); !strings.HasPrefix(key, "img_") {
			return refuse(badImage, "invalid image key %q", key)
		}
	case "column_set":
		return columnSet(e)
	case "column":
		return column(e)
	case "table":
		r.tables++
		return table(e)
	case "chart":
		return chart(e)
	case "button":
		return button(e)
	case "input":
		return input(e)
	case "select_static":
		return r.options(e)
	}
	return nil
}

func (r *review) markdown(e map[string]any) *flaw {
	content, isString := e["content"].(string)
	if !isString {
		return refuse(badJSON, "markdown.content is no string")
	}
	r.tables += markdownTables(content)
	return r.people(content)
}

func (r *review) fields(e map[string]any) *flaw {
	list, _ := e["fields"].([]any)
	for _, f := range list {
		field := object(f)
		if bad := unknown("div.fields", field, []string{"is_short", "text"}); bad != nil {
			return bad
		}
		if bad := r.text("div.fields.text", field["text"]); bad != nil {
			return bad
		}
	}
	return nil
}

// person is a mention or a name card in markdown; hex is a colour that Feishu does not take.
var (
	person = regexp.MustCompile(`<(?:at|person)\s+(?:id|ids)\s*=\s*['"]?([^'">\s]*)`)
	hex    = regexp.MustCompile(`<font\s+color\s*=\s*['"]?#`)
	ruler  = regexp.MustCompile(`^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$`)
)

func (r *review) people(content string) *flaw {
	if hex.MatchString(content) {
		return refuse(badJSON, "a colour is a name or rgba()")
	}
	for _, m := range person.FindAllStringSubmatch(content, -1) {
		for id := range strings.SplitSeq(m[1], ",") {
			if r.Known != nil && !r.Known(id) {
				return refuse(badPerson, "at invalid person id: %s", id)
			}
		}
	}
	return nil
}

// markdownTables counts the tables in markdown: a line with a bar above a ruler with one.
func markdownTables(content string) (n int) {
	above := ""
	for line := range strings.Lines(content) {
		if strings.Contains(above, "|") && strings.Contains(line, "|") && ruler.MatchString(strings.TrimRight(line, "\n")) {
			n++
		}
		above = line
	}
	return n
}

func columnSet(e map[string]any) *flaw {
	list, _ := e["columns"].([]any)
	for _, c := range list {
		if object(c)["tag"] != "column" {
			return refuse(badJSON, "column_set.columns holds a %v", object(c)["tag"])
		}
	}
	return oneOf("column_set.flex_mode", e["flex_mode"], flexModes)
}

var pixels = regexp.MustCompile(`^\d{2,3}px$`)

func column(e map[string]any) *flaw {
	if w, set := integer(e["weight"]); set && (w < 1 || w > 5) {
		return refuse(badJSON, "column.weight is not 1 to 5")
	}
	if width, _ := e["width"].(string); width != "" && !pixels.MatchString(width) {
		return oneOf("column.width", width, []string{"auto", "weighted"})
	}
	return nil
}

func table(e map[string]any) *flaw {
	columns, _ := e["columns"].([]any)
	rows, isList := e["rows"].([]any)
	if n, set := integer(e["page_size"]); set && (n < 1 || n > 10) {
		return refuse(badJSON, "table.page_size is not 1 to 10")
	}
	if len(columns) == 0 || len(columns) > 50 {
		return refuse(badJSON, "table has %d columns", len(columns))
	}
	if !isList {
		return refuse(badRow, "table.rows is no list")
	}
	var names []string
	for _, c := range columns {
		name, _ := object(c)["name"].(string)
		names = append(names, name)
	}
	for _, row := range rows {
		if object(row) == nil {
			return refuse(badRow, "a row is no object")
		}
		for name := range object(row) {
			if !slices.Contains(names, name) {
				return refuse(badRowName, "row name %s is not in columns", name)
			}
		}
	}
	return nil
}

func chart(e map[string]any) *flaw {
	spec := object(e["chart_spec"])
	kind, _ := spec["type"].(string)
	if kind == "" || spec["data"] == nil {
		return refuse(badChart, "chart_spec has no type or no data")
	}
	values, isList := object(spec["data"])["values"].([]any)
	needs, simple := chartFields[kind]
	if simple && !isList {
		return refuse(badChart, "chart_spec.data.values is missing")
	}
	for _, p := range needs {
		if spec[p] == nil {
			return refuse(badChart, "chart_spec.%s is missing", p)
		}
		for _, v := range values {
			for _, field := range fieldsOf(spec[p]) {
				if _, set := object(v)[field]; !set {
					return refuse(badChart, "a value has no %s", field)
				}
			}
		}
	}
	return oneOf("chart.aspect_ratio", e["aspect_ratio"], aspectRatios)
}

// fieldsOf are the names in xField and its like: one, or several.
func fieldsOf(v any) (out []string) {
	if one, isString := v.(string); isString {
		return []string{one}
	}
	list, _ := v.([]any)
	for _, name := range list {
		s, _ := name.(string)
		out = append(out, s)
	}
	return out
}

func button(e map[string]any) *flaw {
	list, _ := e["behaviors"].([]any)
	for _, b := range list {
		behavior := object(b)
		switch behavior["type"] {
		case "callback":
			if object(behavior["value"]) == nil {
				return refuse(badJSON, "the value of a callback is no object")
			}
		case "open_url":
			if url, _ := behavior["default_url"].(string); url == "" {
				return refuse(badJSON, "open_url has no default_url")
			}
		default:
			return refuse(badJSON, "unknown behavior %v", behavior["type"])
		}
	}
	if f := oneOf("button.form_action_type", e["form_action_type"], []string{"submit", "reset"}); f != nil {
		return f
	}
	return oneOf("button.type", e["type"], buttonTypes)
}

func input(e map[string]any) *flaw {
	limit, set := integer(e["max_length"])
	if !set {
		limit = 1000
	}
	if limit < 1 || limit > 1000 {
		return refuse(badJSON, "input.max_length is not 1 to 1000")
	}
	if text, _ := e["default_value"].(string); int64(len([]rune(text))) > limit {
		return refuse(badJSON, "input.default_value is longer than max_length")
	}
	return oneOf("input.input_type", e["input_type"], []string{"text", "multiline_text", "password"})
}

func (r *review) options(e map[string]any) *flaw {
	list, _ := e["options"].([]any)
	seen := map[string]bool{}
	for _, o := range list {
		value, _ := object(o)["value"].(string)
		if value == "" || seen[value] {
			return refuse(badJSON, "option value %q is empty or repeated", value)
		}
		seen[value] = true
		if f := unknown("option", object(o), []string{"text", "icon", "value"}); f != nil {
			return f
		}
		if f := r.text("option.text", object(o)["text"]); f != nil {
			return f
		}
	}
	if n, set := integer(e["initial_index"]); set && (n < 0 || n > int64(len(list))) {
		return refuse(badJSON, "select_static.initial_index is not an option")
	}
	return nil
}

func integer(v any) (n int64, set bool) {
	number, isNumber := v.(json.Number)
	if !isNumber {
		return 0, false
	}
	n, err := number.Int64()
	return n, err == nil
}
