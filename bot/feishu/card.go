package feishu

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"

	"lianbang/bot"
	"lianbang/bot/rest"
)

// What one card may hold. The platform takes 30 KB and 200 elements, nested ones included (card-json-v2-structure); in the
// field 180 elements passed and 200 did not, and the markup counts for more than the bytes that were sent.
const (
	maxCardBytes    = 28_000
	maxCardElements = 180
	maxCharts       = 5   // advised (card-json-v2-components/chart)
	maxLabel        = 100 // characters of a button, an option or a placeholder (card-json-v2-components/button)
	maxTitle        = 60  // characters; the header shows four lines of it
	maxSummary      = 100 // characters that a lock screen can show
)

// buttonValue is what a button of our cards hands back when it is tapped: the command line, what the card shows, and for the
// button that submits a form the names of its fields. The form's values come under component names of their own, see filled.
type buttonValue struct {
	Command string   `json:"c"`
	Topic   string   `json:"t,omitempty"`
	Fields  []string `json:"f,omitempty"`
}

// card is a card of JSON 2.0 (card-json-v2-structure). An unknown property makes the platform refuse it.
type card struct {
	Schema string  `json:"schema"`
	Config config  `json:"config"`
	Header *header `json:"header,omitempty"`
	Body   body    `json:"body"`
}

type config struct {
	UpdateMulti   bool     `json:"update_multi"`
	EnableForward bool     `json:"enable_forward"`
	Summary       *summary `json:"summary,omitempty"`
}

type summary struct {
	Content string `json:"content"`
}

type header struct {
	Title    plain  `json:"title"`
	Template string `json:"template"`
}

type body struct {
	Direction       string    `json:"direction"`
	VerticalSpacing string    `json:"vertical_spacing"`
	Elements        []element `json:"elements"`
}

// templates are the header's colours: information, done, needs you, closed, overdue.
var templates = map[bot.Tone]string{
	bot.Info: "blue", bot.Done: "green", bot.Needs: "orange", bot.Closed: "grey", bot.Late: "red", bot.Danger: "red",
}

// cardJSON renders a reply that has a card as card JSON 2.0. It is not ok when there is no card or the platform would refuse
// it; then the same goes out as text. A card with too much for rows and columns is set densely.
func cardJSON(r bot.Reply) (data []byte, ok bool) {
	for _, layout := range []layout{roomy, dense} {
		if data, ok = layout.render(r); ok {
			return data, true
		}
	}
	return nil, false
}

// layout says how the facts and lines of a card are set.
type layout int

const (
	roomy layout = iota // a fact is a row of two columns, seven elements; a line stands apart from the next, two elements
	dense               // the facts of a section are one element, the lines two
)

func (l layout) render(r bot.Reply) ([]byte, bool) {
	if r.Card == nil {
		return nil, false
	}
	elements, ok := l.elements(r)
	if !ok || len(elements) == 0 {
		return nil, false
	}
	c := card{
		Schema: "2.0",
		Config: config{UpdateMulti: true, EnableForward: r.Class <= bot.Public, Summary: newSummary(r)},
		Body:   body{Direction: "vertical", VerticalSpacing: "8px", Elements: elements},
	}
	if title := strings.TrimSpace(r.Card.Title); title != "" {
		c.Header = &header{Title: newPlain(title), Template: template(r.Card.Tone)}
	}
	data, err := rest.Encode(c)
	if err != nil {
		return nil, false // a value that JSON cannot hold, such as an infinite one in a chart
	}
	return data, len(data) <= maxCardBytes && countElements(data) <= maxCardElements
}

// elements are the card's body, top to bottom: the sentence above the card, its sections, charts, form and buttons.
func (l layout) elements(r bot.Reply) (out []element, ok bool) {
	c := *r.Card
	if above := sentence(r.Mention, r.Text); above != "" {
		out = append(out, markdown{Tag: "markdown", Content: above})
	}
	if utf8.RuneCountInString(c.Title) > maxTitle {
		out = append(out, newText(c.Title))
	}
	for _, s := range c.Sections {
		out = append(out, l.section(s, len(out) > 0)...)
	}
	for i, ch := range c.Charts {
		out = append(out, newChart(ch, i)...)
	}
	if c.Form != nil {
		f, ok := newForm(*c.Form)
		if !ok {
			return nil, false
		}
		out = append(out, f)
	}
	row, ok := newButtons(c.Buttons, r.Topic)
	if !ok {
		return nil, false
	}
	return append(out, row...), true
}

// section is a heading with what stands below it. Without a heading a rule parts it from what stands above, if anything does.
func (l layout) section(s bot.Section, below bool) (out []element) {
	out = append(l.facts(s.Facts), l.lines(s.Lines)...)
	switch heading := strings.TrimSpace(s.Heading); {
	case heading != "":
		return slices.Insert(out, 0, element(newHeading(heading)))
	case below && len(out) > 0:
		return slices.Insert(out, 0, element(divider{Tag: "hr"}))
	}
	return out
}

func template(t bot.Tone) string {
	if colour, ok := templates[t]; ok {
		return colour
	}
	return templates[bot.Info]
}

// newSummary is what the list of chats and the lock screen show of the card: its first line.
func newSummary(r bot.Reply) *summary {
	first, _, _ := strings.Cut(strings.TrimSpace(r.Text), "\n")
	if first == "" {
		first = strings.TrimSpace(r.Card.Title)
	}
	if first == "" {
		return nil
	}
	return &summary{Content: harmless(shorten(first, maxSummary))}
}

func shorten(s string, limit int) string {
	if runes := []rune(s); len(runes) > limit {
		return string(runes[:limit-1]) + "…"
	}
	return s
}

// countElements counts what the platform counts: everything that has a tag. A quotation mark in somebody's text is escaped in
// JSON, so that this can be no text.
func countElements(data []byte) int { return bytes.Count(data, []byte(`"tag":"`)) }
