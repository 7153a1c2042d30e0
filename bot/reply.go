package bot

import "slices"

// Visibility classes what a reply shows, from what anybody may see to what only those who handle a matter may see.
type Visibility int

// The classes. Nothing above Public reaches a group; what is never stored (L4) has no value here.
const (
	Public       Visibility = 1 // L1: titles, times, places, counts
	Internal     Visibility = 2 // L2: who registered, deadlines, titles of needs in neutral words
	Confidential Visibility = 3 // L3: amounts, phones, technical details, reasons
)

// Tone is the meaning of a card's or button's colour.
type Tone string

// The tones: information, done, needs you, closed, overdue, and the destructive one of buttons.
const (
	Info   Tone = "info"
	Done   Tone = "done"
	Needs  Tone = "needs"
	Closed Tone = "closed"
	Late   Tone = "late"
	Danger Tone = "danger"
)

// Reply is what the bot has to say, by meaning. It is stored as JSON in the outbox and rendered at send time.
// Text and Card may both be set: Text then is the sentence above the card.
type Reply struct {
	Text    string      `json:"text,omitempty"` // lines separated by \n; no markup
	Card    *Card       `json:"card,omitempty"`
	Mention []UserKey   `json:"mention,omitempty"` // users of the chat to be notified, where the platform can
	Private bool        `json:"private,omitempty"` // to the asker alone, although he asked in a group
	File    *Attachment `json:"file,omitempty"`
	Class   Visibility  `json:"class,omitempty"` // zero counts as Public
	Hint    string      `json:"hint,omitempty"`  // a last line on what to answer; Fit makes it part of the rest, or drops it where nobody can
	// InPlace says that the card is the new state of the one that was clicked: where the platform can, it replaces that card,
	// and in a group Text is shown to the clicker alone, in passing; elsewhere the card is left out. In a one-to-one chat, which
	// keeps what was answered, Text is said in any case.
	InPlace bool `json:"in_place,omitempty"`
	// Topic names what the card shows (H12), so that it can be replaced when that changes (Call.Changed) or when it is clicked
	// (InPlace, with the same topic); "" = it stays as it is. The adapter sends it along with the card's buttons.
	Topic string `json:"topic,omitempty"`
	// Entry is what calendars are to show of Topic; with it nothing is said.
	Entry *Entry `json:"entry,omitempty"`
}

// Empty reports whether there is nothing to say.
func (r Reply) Empty() bool { return r.Text == "" && r.Card == nil && r.File == nil }

// with puts a line behind what is said; a reply that says nothing stays silent.
func (r Reply) with(line string) Reply {
	switch {
	case line == "" || r.Empty():
	case r.Card != nil:
		card := *r.Card
		card.Sections = append(slices.Clip(card.Sections), Section{Lines: []string{line}})
		r.Card = &card
	case r.Text == "":
		r.Text = line
	default:
		r.Text += "\n" + line
	}
	return r
}

// Say is a reply of plain text that anybody may see.
func Say(text string) Reply { return Reply{Text: text} }

// Card is a titled block of facts with buttons.
type Card struct {
	Title    string    `json:"title"`
	Tone     Tone      `json:"tone,omitempty"`
	Sections []Section `json:"sections,omitempty"`
	Form     *Form     `json:"form,omitempty"`
	Buttons  []Button  `json:"buttons,omitempty"`
	Charts   []Chart   `json:"charts,omitempty"`
}

// Section is a heading with lines of text, facts in two columns, or both.
type Section struct {
	Heading string   `json:"heading,omitempty"`
	Facts   []Fact   `json:"facts,omitempty"`
	Lines   []string `json:"lines,omitempty"`
}

// Fact is a label and its value: 时间 — 12月4日(周五) 15:30.
type Fact struct {
	Label string `json:"label"`
	Value string `json:"value"`
}

// Button is a typed command: a tap is an event whose text is Command. Confirm, when set, is asked before.
type Button struct {
	Label   string `json:"label"`
	Command string `json:"command"`
	Tone    Tone   `json:"tone,omitempty"`
	Confirm string `json:"confirm,omitempty"`
}

// Form asks for several fields at once. Submitting it is an event whose text is Command and whose Form holds the values.
type Form struct {
	Command string  `json:"command"`
	Submit  string  `json:"submit"` // label of the button
	Fields  []Field `json:"fields"`
}

// FieldKind says how a field is filled in.
type FieldKind string

// The kinds of field.
const (
	LineField   FieldKind = "line"   // one line
	TextField   FieldKind = "text"   // several lines
	NumberField FieldKind = "number" // a whole number
	ChoiceField FieldKind = "choice" // one of Options
)

// Field is one blank of a form.
type Field struct {
	Name     string    `json:"name"`
	Label    string    `json:"label"`
	Kind     FieldKind `json:"kind"`
	Hint     string    `json:"hint,omitempty"`
	Value    string    `json:"value,omitempty"`
	Options  []string  `json:"options,omitempty"`
	Required bool      `json:"required,omitempty"`
}

// ChartKind says how a chart's values are drawn.
type ChartKind string

// The kinds of chart.
const (
	BarChart  ChartKind = "bar"
	LineChart ChartKind = "line"
)

// Chart is a small chart that answers one question. Every series has one value per label.
type Chart struct {
	Title  string    `json:"title"`
	Kind   ChartKind `json:"kind"`
	Unit   string    `json:"unit,omitempty"`
	Labels []string  `json:"labels"`
	Series []Series  `json:"series"`
}

// Series is one named line or set of bars.
type Series struct {
	Name   string    `json:"name"`
	Values []float64 `json:"values"`
}
