package feishu

import (
	"slices"
	"strconv"
	"unicode/utf8"

	"lianbang/bot"
)

// maxInput is how much one field takes, in characters (card-json-v2-components/input).
const maxInput = 1000

type form struct {
	Tag      string    `json:"tag"`
	Name     string    `json:"name"`
	Elements []element `json:"elements"`
}

type input struct {
	Tag           string `json:"tag"`
	Name          string `json:"name"`
	Required      bool   `json:"required"`
	Placeholder   *plain `json:"placeholder,omitempty"`
	DefaultValue  string `json:"default_value,omitempty"`
	Width         string `json:"width"`
	MaxLength     int    `json:"max_length"`
	InputType     string `json:"input_type"`
	Rows          int    `json:"rows,omitempty"`
	Label         *plain `json:"label,omitempty"`
	LabelPosition string `json:"label_position,omitempty"`
}

type choice struct {
	Tag          string   `json:"tag"`
	Name         string   `json:"name"`
	Required     bool     `json:"required"`
	InitialIndex int      `json:"initial_index,omitempty"` // from 1
	Placeholder  *plain   `json:"placeholder,omitempty"`
	Width        string   `json:"width"`
	Options      []option `json:"options"`
}

type option struct {
	Text  plain  `json:"text"`
	Value string `json:"value"`
}

func (form) element()   {}
func (input) element()  {}
func (choice) element() {}

// filled gives what came with a submitted form by the names of our fields. The platform knows a field as f0, f1 and so on:
// which characters its names may have is not documented, and ours are Chinese. What was left empty may be missing.
func (v buttonValue) filled(values map[string]string) map[string]string {
	out := make(map[string]string, len(v.Fields))
	for i, name := range v.Fields {
		if value, ok := values[fieldName(i)]; ok {
			out[name] = value
		}
	}
	return out
}

func fieldName(i int) string { return "f" + strconv.Itoa(i) }

// newForm is not ok when the platform would not take a field as it is.
func newForm(f bot.Form) (out form, ok bool) {
	out = form{Tag: "form", Name: "form"}
	value := buttonValue{Command: f.Command}
	for i, field := range f.Fields {
		elements, ok := newField(field, fieldName(i))
		if !ok || slices.Contains(value.Fields, field.Name) {
			return form{}, false
		}
		out.Elements = append(out.Elements, elements...)
		value.Fields = append(value.Fields, field.Name)
	}
	if !tappable(f.Submit, f.Command) {
		return form{}, false
	}
	out.Elements = append(out.Elements, button{
		Tag: "button", Name: "submit", Text: newPlain(f.Submit), Type: "primary_filled", FormAction: "submit",
		Behaviors: []behavior{{Type: "callback", Value: value}},
	})
	return out, true
}

func newField(f bot.Field, name string) (out []element, ok bool) {
	label := newPlain(f.Label)
	if !f.Required {
		label.Content += "(可不填)"
	}
	hint := newHint(f)
	if utf8.RuneCountInString(f.Hint) > maxLabel {
		out, hint = append(out, newNote(f.Hint)), nil
	}
	if f.Kind == bot.ChoiceField {
		options, ok := newOptions(f.Options)
		return append(out, newText(label.Content), choice{
			Tag: "select_static", Name: name, Required: f.Required, InitialIndex: slices.Index(f.Options, f.Value) + 1,
			Placeholder: hint, Width: "fill", Options: options,
		}), ok
	}
	in := input{
		Tag: "input", Name: name, Required: f.Required, Placeholder: hint, DefaultValue: f.Value, Width: "fill",
		MaxLength: maxInput, InputType: "text", Label: &label, LabelPosition: "top",
	}
	if f.Kind == bot.TextField {
		in.InputType, in.Rows = "multiline_text", 4
	}
	return append(out, in), utf8.RuneCountInString(f.Value) <= maxInput
}

func newHint(f bot.Field) *plain {
	hint := f.Hint
	if hint == "" && f.Kind == bot.NumberField {
		hint = "数字"
	}
	if hint == "" && f.Kind == bot.ChoiceField {
		hint = "请选择"
	}
	if hint == "" {
		return nil
	}
	p := newPlain(hint)
	return &p
}

// newOptions is not ok where the platform could not tell the options apart.
func newOptions(names []string) (out []option, ok bool) {
	for i, name := range names {
		n := utf8.RuneCountInString(name)
		if n == 0 || n > maxLabel || slices.Contains(names[:i], name) {
			return nil, false
		}
		out = append(out, option{Text: newPlain(name), Value: name})
	}
	return out, len(out) > 0
}
