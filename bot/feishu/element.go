package feishu

import (
	"strings"
	"unicode/utf8"

	"lianbang/bot"
)

// element is one component of a card's body.
type element interface{ element() }

// plain is text that nobody reads as markup: what people have written goes into these.
type plain struct {
	Tag     string `json:"tag"`
	Content string `json:"content"`
	Colour  string `json:"text_color,omitempty"`
}

func newPlain(s string) plain { return plain{Tag: "plain_text", Content: s} }

type text struct {
	Tag  string `json:"tag"`
	Text plain  `json:"text"`
}

func newText(s string) text { return text{Tag: "div", Text: newPlain(s)} }

// newNote is grey text: the label of a fact, a hint.
func newNote(s string) text {
	return text{Tag: "div", Text: plain{Tag: "plain_text", Content: s, Colour: "grey"}}
}

type divider struct {
	Tag string `json:"tag"`
}

type columnSet struct {
	Tag               string   `json:"tag"`
	FlexMode          string   `json:"flex_mode"`
	HorizontalSpacing string   `json:"horizontal_spacing"`
	Columns           []column `json:"columns"`
}

type column struct {
	Tag      string    `json:"tag"`
	Width    string    `json:"width"`
	Weight   int       `json:"weight,omitempty"`
	Elements []element `json:"elements"`
}

type button struct {
	Tag        string     `json:"tag"`
	Name       string     `json:"name,omitempty"`
	Text       plain      `json:"text"`
	Type       string     `json:"type"`
	FormAction string     `json:"form_action_type,omitempty"`
	Confirm    *confirm   `json:"confirm,omitempty"`
	Behaviors  []behavior `json:"behaviors"`
}

type confirm struct {
	Title plain `json:"title"`
	Text  plain `json:"text"`
}

type behavior struct {
	Type  string      `json:"type"`
	Value buttonValue `json:"value"`
}

func (markdown) element()  {}
func (text) element()      {}
func (divider) element()   {}
func (columnSet) element() {}
func (button) element()    {}

// Widths of facts, in characters. A phone's card shows some nineteen characters a line; a quarter of it holds four.
const (
	narrowLabel = 4
	wideLabel   = 7
	longValue   = 60 // longer values get the whole width, below their label
)

// facts sets a section's facts: the label in grey on the left, the value beside it.
func (l layout) facts(facts []bot.Fact) []element {
	if len(facts) == 0 {
		return nil
	}
	if l == dense {
		lines := make([]string, len(facts))
		for i, f := range facts {
			lines[i] = "<font color='grey'>" + escape(f.Label) + "</font>　" + escape(f.Value)
		}
		return []element{markdown{Tag: "markdown", Content: strings.Join(lines, "\n")}}
	}
	widest := 0
	for _, f := range facts {
		widest = max(widest, utf8.RuneCountInString(f.Label))
	}
	var out []element
	for _, f := range facts {
		switch {
		case f.Label == "":
			out = append(out, newText(f.Value))
		case widest > wideLabel || utf8.RuneCountInString(f.Value) > longValue:
			out = append(out, newNote(f.Label), newText(f.Value))
		default:
			out = append(out, newFact(f, widest))
		}
	}
	return out
}

// lines sets a section's lines: a gap tells one from the next where they wrap.
func (l layout) lines(lines []string) (out []element) {
	if l == dense {
		lines = []string{strings.Join(lines, "\n")}
	}
	for _, line := range lines {
		if strings.TrimSpace(line) != "" {
			out = append(out, newText(line))
		}
	}
	return out
}

// newFact is a row of two columns, shared 1:3, or 2:3 where the widest label of the section asks for it.
func newFact(f bot.Fact, widest int) columnSet {
	share := 1
	if widest > narrowLabel {
		share = 2
	}
	value := f.Value
	if value == "" {
		value = "—"
	}
	return columnSet{Tag: "column_set", FlexMode: "none", HorizontalSpacing: "8px", Columns: []column{
		{Tag: "column", Width: "weighted", Weight: share, Elements: []element{newNote(f.Label)}},
		{Tag: "column", Width: "weighted", Weight: 3, Elements: []element{newText(value)}},
	}}
}

// newButtons sets buttons side by side; a narrow screen wraps them. It is not ok when one has no label, no command, or a label
// longer than a button.
func newButtons(buttons []bot.Button, topic string) (row []element, ok bool) {
	if len(buttons) == 0 {
		return nil, true
	}
	set := columnSet{Tag: "column_set", FlexMode: "flow", HorizontalSpacing: "8px"}
	for i, b := range buttons {
		if !tappable(b.Label, b.Command) {
			return nil, false
		}
		set.Columns = append(set.Columns, column{Tag: "column", Width: "auto", Elements: []element{newButton(b, topic, i == 0)}})
	}
	return []element{set}, true
}

func tappable(label, command string) bool {
	n := utf8.RuneCountInString(label)
	return n > 0 && n <= maxLabel && strings.TrimSpace(command) != ""
}

func newButton(b bot.Button, topic string, first bool) button {
	out := button{
		Tag: "button", Text: newPlain(b.Label), Type: "default",
		Behaviors: []behavior{{Type: "callback", Value: buttonValue{Command: b.Command, Topic: topic}}},
	}
	ask := b.Confirm
	switch {
	case b.Tone == bot.Danger:
		out.Type = "danger"
		if ask == "" {
			ask = b.Label + "？"
		}
	case first:
		out.Type = "primary_filled"
	}
	if ask != "" {
		out.Confirm = &confirm{Title: newPlain(b.Label), Text: newPlain(ask)}
	}
	return out
}
