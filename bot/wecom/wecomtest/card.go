package wecomtest

import (
	"encoding/json"
	"regexp"
	"strings"
)

// card is a template card as far as people see it or touch it (101032, 90236).
type card struct {
	Type   string `json:"card_type"`
	Source struct {
		Desc string `json:"desc"`
	} `json:"source"`
	Menu struct {
		Desc  string   `json:"desc"`
		Items []button `json:"action_list"`
	} `json:"action_menu"`
	Title    pair `json:"main_title"`
	Emphasis pair `json:"emphasis_content"`
	Quote    struct {
		Title string `json:"title"`
		Text  string `json:"quote_text"`
	} `json:"quote_area"`
	SubTitle string `json:"sub_title_text"`
	Facts    []struct {
		Name  string `json:"keyname"`
		Value string `json:"value"`
	} `json:"horizontal_content_list"`
	Paragraphs []pair   `json:"vertical_content_list"`
	Picture    pair     `json:"image_text_area"`
	Jumps      []pair   `json:"jump_list"`
	Selection  choice   `json:"button_selection"`
	Buttons    []button `json:"button_list"`
	Checkbox   choice   `json:"checkbox"`
	Selects    []choice `json:"select_list"`
	Submit     button   `json:"submit_button"`
	TaskID     string   `json:"task_id"`
	Replace    string   `json:"replace_text"` // app updates: stands where the button was
}

type pair struct {
	Title string `json:"title"`
	Desc  string `json:"desc"`
}

type button struct {
	Text string `json:"text"`
	Key  string `json:"key"`
	Type int    `json:"type"` // 1 = opens an address
}

// choice is something to choose from.
type choice struct {
	Key      string `json:"question_key"`
	Title    string `json:"title"`
	Mode     int    `json:"mode"` // 1 = several may be chosen
	Disabled bool   `json:"disable"`
	Options  []struct {
		ID      string `json:"id"`
		Text    string `json:"text"`
		Checked bool   `json:"is_checked"`
	} `json:"option_list"`
	Selected string `json:"selected_id"`
}

func parseCard(raw json.RawMessage) (c card, err error) {
	err = json.Unmarshal(raw, &c)
	return c, err
}

// words is every word of the card, a line each.
func (c card) words() string {
	var lines []string
	add := func(parts ...string) {
		if line := strings.TrimSpace(strings.Join(parts, " ")); line != "" {
			lines = append(lines, line)
		}
	}
	add(c.Source.Desc)
	add(c.Title.Title)
	add(c.Title.Desc)
	add(c.Emphasis.Title, c.Emphasis.Desc)
	add(c.Quote.Title)
	add(c.Quote.Text)
	add(c.SubTitle)
	add(c.Picture.Title, c.Picture.Desc)
	for _, f := range c.Facts {
		add(f.Name, f.Value)
	}
	for _, p := range c.Paragraphs {
		add(p.Title)
		add(p.Desc)
	}
	for _, q := range c.questions() {
		add(q.words())
	}
	for _, j := range c.Jumps {
		add(j.Title)
	}
	if c.Replace != "" {
		add("[" + c.Replace + "]")
		return strings.Join(lines, "\n")
	}
	for _, b := range append(c.Buttons, c.Submit) {
		add(b.words())
	}
	for _, b := range c.Menu.Items {
		add(c.Menu.Desc, b.words())
	}
	return strings.Join(lines, "\n")
}

func (b button) words() string {
	if b.Text == "" {
		return ""
	}
	return "[" + b.Text + "]"
}

func (q choice) words() string {
	if len(q.Options) == 0 {
		return ""
	}
	names := []string{q.Title}
	for _, o := range q.Options {
		mark := "○"
		if o.Checked || o.ID == q.Selected && q.Selected != "" {
			mark = "●"
		}
		names = append(names, mark+o.Text)
	}
	return strings.TrimSpace(strings.Join(names, " "))
}

// questions are everything there is to choose from.
func (c card) questions() (out []choice) {
	for _, q := range append([]choice{c.Checkbox, c.Selection}, c.Selects...) {
		if q.Key != "" || len(q.Options) > 0 {
			out = append(out, q)
		}
	}
	return out
}

var colour = regexp.MustCompile(`</?font[^>]*>`)

// rendered is markdown without its colours. All other marks are kept: what they look like differs from client to client.
func rendered(markdown string) string { return colour.ReplaceAllString(markdown, "") }
