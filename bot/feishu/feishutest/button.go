package feishutest

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"
)

// control is a button of a card, and the form that it submits.
type control struct {
	label, name string
	value       any
	callback    bool // a tap calls the app back
	submits     bool
	fields      []blank
}

// blank is what can be filled in.
type blank struct {
	name, tag string
	label     string // its own, or the text above it
	preset    string
	required  bool
	max       int               // characters; 0 = no limit
	options   map[string]string // label and value of each to its value
	choices   []string          // values of the options, as they stand
}

// buttons finds the buttons of a card, in the order in which they stand.
func buttons(content string) []control {
	var card map[string]any
	if err := json.Unmarshal([]byte(content), &card); err != nil {
		return nil
	}
	var out []control
	findButtons(card, nil, &out)
	return out
}

func findButtons(v any, form map[string]any, out *[]control) {
	switch v := v.(type) {
	case []any:
		for _, inside := range v {
			findButtons(inside, form, out)
		}
	case map[string]any:
		switch v["tag"] {
		case "button":
			*out = append(*out, readButton(v, form))
			return
		case "form":
			form = v
		}
		for _, key := range sorted(v) {
			findButtons(v[key], form, out)
		}
	}
}

func readButton(e, form map[string]any) control {
	b := control{label: plain(e["text"])}
	b.name, _ = e["name"].(string)
	behaviors, _ := e["behaviors"].([]any)
	for _, one := range behaviors {
		behavior, _ := one.(map[string]any)
		if behavior["type"] == "callback" {
			b.value, b.callback = behavior["value"], true
		}
	}
	if e["form_action_type"] == "submit" && form != nil {
		b.submits, b.callback = true, true
		findFields(form["elements"], &b.fields)
	}
	return b
}

func findFields(v any, out *[]blank) {
	switch v := v.(type) {
	case []any:
		above := ""
		for _, inside := range v {
			n := len(*out)
			findFields(inside, out)
			for i := n; i < len(*out); i++ {
				(*out)[i].label = cmp.Or((*out)[i].label, above)
			}
			e, _ := inside.(map[string]any)
			above = plain(e["text"])
		}
	case map[string]any:
		if name, _ := v["name"].(string); name != "" && v["tag"] != "button" && v["tag"] != "form" {
			*out = append(*out, readField(name, v))
			return
		}
		for _, key := range sorted(v) {
			findFields(v[key], out)
		}
	}
}

func readField(name string, e map[string]any) blank {
	f := blank{name: name, label: plain(e["label"])}
	f.tag, _ = e["tag"].(string)
	f.required, _ = e["required"].(bool)
	for _, key := range []string{"default_value", "initial_option", "initial_date", "initial_time", "initial_datetime"} {
		if preset, _ := e[key].(string); preset != "" {
			f.preset = preset
		}
	}
	if f.tag == "input" {
		f.max = 1000
		if most, ok := e["max_length"].(float64); ok {
			f.max = int(most)
		}
	}
	options, _ := e["options"].([]any)
	for _, one := range options {
		option, _ := one.(map[string]any)
		value, _ := option["value"].(string)
		if f.options == nil {
			f.options = map[string]string{}
		}
		f.options[value], f.options[plain(option["text"])] = value, value
		f.choices = append(f.choices, value)
	}
	return f
}

var errForm = errors.New("the form cannot be submitted")

// fill is the form_value of a submission, or what the client says instead of submitting. Fields that stay empty are absent:
// whether the platform leaves them out is not documented.
func (b control) fill(in map[string]string) (map[string]any, error) {
	for name := range in {
		if !slices.ContainsFunc(b.fields, func(f blank) bool { return f.name == name }) {
			return nil, fmt.Errorf("%w: it has no field %q", errForm, name)
		}
	}
	out := map[string]any{}
	for _, f := range b.fields {
		value, given := in[f.name]
		if !given {
			value = f.preset
		}
		switch {
		case value == "" && f.required:
			return nil, fmt.Errorf("%w: the field %q must be filled in", errForm, f.name)
		case value == "":
			continue
		case f.max > 0 && utf8.RuneCountInString(value) > f.max:
			return nil, fmt.Errorf("%w: the field %q takes %d characters", errForm, f.name, f.max)
		}
		if f.options != nil {
			chosen, ok := f.options[value]
			if !ok {
				return nil, fmt.Errorf("%w: the field %q has no option %q", errForm, f.name, value)
			}
			value = chosen
		}
		out[f.name] = value
	}
	return out, nil
}
