package wecom

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"lianbang/bot"
)

// card is a template card (模板卡片), with the fields that the bot uses. Its texts are plain: no channel reads markup in them.
type card struct {
	Type     string       `json:"card_type"`
	Menu     *cardMenu    `json:"action_menu,omitempty"`
	Title    cardTitle    `json:"main_title"`
	Sub      string       `json:"sub_title_text,omitempty"`
	Facts    []cardFact   `json:"horizontal_content_list,omitempty"`
	Action   *cardAction  `json:"card_action,omitempty"`
	Buttons  []cardButton `json:"button_list,omitempty"`
	Vote     *cardVote    `json:"checkbox,omitempty"`
	Selects  []cardSelect `json:"select_list,omitempty"`
	Submit   *cardSubmit  `json:"submit_button,omitempty"`
	Task     string       `json:"task_id"`
	Replaced string       `json:"replace_text,omitempty"` // in an app's update: stands where the buttons were
}

type cardTitle struct {
	Title string `json:"title,omitempty"`
	Desc  string `json:"desc,omitempty"`
}

type cardFact struct {
	Label string `json:"keyname"`
	Value string `json:"value"`
}

type cardAction struct {
	Type int    `json:"type"` // 1 = open URL
	URL  string `json:"url"`
}

type cardMenu struct {
	Desc  string     `json:"desc"`
	Items []cardItem `json:"action_list"`
}

type cardItem struct {
	Text string `json:"text"`
	Key  string `json:"key"`
}

type cardButton struct {
	Text  string `json:"text"`
	Style int    `json:"style"`
	Key   string `json:"key"`
}

type cardVote struct {
	Question string       `json:"question_key"`
	Mode     int          `json:"mode"` // 0 = one of them
	Options  []cardOption `json:"option_list"`
}

type cardSelect struct {
	Question string       `json:"question_key"`
	Title    string       `json:"title"`
	Options  []cardOption `json:"option_list"`
	Selected string       `json:"selected_id,omitempty"`
}

type cardOption struct {
	ID      string `json:"id"`
	Text    string `json:"text"`
	Checked bool   `json:"is_checked,omitempty"`
}

type cardSubmit struct {
	Text string `json:"text"`
	Key  string `json:"key"`
}

// The types of card.
const (
	textNotice  = "text_notice"
	buttonCard  = "button_interaction"
	voteCard    = "vote_interaction"
	selectsCard = "multiple_interaction"
)

// templateCard renders a reply as one card, where is the markdown dialect of the channel it goes to. ok is false when the
// card would not say everything, or would be no better than text; then the reply is sent as markdown or text instead. It is
// never split over a card and a second message: an answer is one message, and half of one that arrives alone misleads.
//
// A card is sent for its buttons and choices. One that has neither is easier to read as markdown, and a text_notice would
// have to open some address when it is tapped (42045 without one). Webhooks and app groups cannot hear a tap and get no
// cards.
//
// A card shows, from the top: the title; the reply's text and all lines; the facts in two columns; the buttons. A fact too
// long for its column, and those beyond six, stand as lines above; where there is no room for all lines, those that read
// like facts (提醒：当天13:30) stand in the columns. WeCom does not ask back before a button acts, so buttons
// with a question go to the menu at the top right, which takes two taps and shows the question. A button whose label is too
// long is said as a line. Colours by tone do not exist on cards; only the first button is prominent. That a line break in
// sub_title_text shows as such, and how much a menu's item holds, is not documented and was not tried on a live client.
func templateCard(r bot.Reply, where dialect, task string) (card, bool) {
	if r.Card == nil || where != botMarkdown && where != appMarkdown {
		return card{}, false
	}
	if r.Card.Form != nil {
		return formCard(r, where, task)
	}
	c, ok := newSheet(r, where).card(task)
	return c, ok && len(c.Buttons) > 0
}

// updatedCard renders the new state of a card that was clicked, under the same task. Without buttons or choices it becomes a
// text_notice that opens home when tapped (an https address of the operator's); without a home, an app's card gets a grey
// field in place of its buttons (replace_text), and an AI bot's card cannot be replaced: ok is false, and the text has to be
// said. The reply's text stands on the card too; a caller who shows it elsewhere leaves it out.
func updatedCard(r bot.Reply, where dialect, task, home string) (card, bool) {
	if c, ok := templateCard(r, where, task); ok {
		return c, true
	}
	if r.Card == nil || r.Card.Form != nil || where != botMarkdown && where != appMarkdown {
		return card{}, false
	}
	c, ok := newSheet(r, where).card(task)
	switch {
	case !ok || len(c.Buttons) > 0:
		return card{}, false
	case home != "":
		c.Type, c.Action = textNotice, &cardAction{Type: 1, URL: home}
	case where == appMarkdown:
		c.Replaced = settled(r.Card.Tone)
		c.Buttons = []cardButton{{Text: c.Replaced, Style: 2, Key: c.Replaced}} // must be there, is not shown
	default:
		return card{}, false
	}
	return c, true
}

// settled is what stands where the buttons of a card were.
func settled(t bot.Tone) string {
	switch t {
	case bot.Done:
		return "已办好"
	case bot.Closed:
		return "已结束"
	case bot.Late:
		return "已逾期"
	}
	return "已更新"
}

// taskID names the card of a delivery's attempt: at most 128 bytes of [0-9A-Za-z_@-], never used twice.
func taskID(key string, attempt int) string {
	sum := sha256.Sum256([]byte(key))
	return fmt.Sprintf("lb-%s-%d", hex.EncodeToString(sum[:16]), attempt)
}

// sheet is a card in the making. What does not fit its place becomes a line.
type sheet struct {
	limits cardLimits
	headed bool // its lines belong to headings
	title  string
	lines  []string
	facts  []cardFact
	taps   []cardButton
	menu   []bot.Button
	folded []bot.Button
}

func newSheet(r bot.Reply, where dialect) *sheet {
	s := &sheet{limits: limitsOfCards(where), title: oneLine(r.Card.Title)}
	s.line(r.Text)
	narrow, from := s.columns(r.Card.Sections)
	for i, section := range r.Card.Sections {
		s.headed = s.headed || section.Heading != ""
		s.line(section.Heading)
		for j, f := range section.Facts {
			s.fact(f, i == narrow && j >= from)
		}
		for _, l := range section.Lines {
			s.line(l)
		}
	}
	for _, chart := range r.Card.Charts {
		s.line(bot.Bars(chart))
	}
	for _, b := range r.Card.Buttons {
		s.button(b)
	}
	s.fold(r)
	return s
}

// columns says which facts may stand in two columns: from that place on, the last six of the only section that has facts,
// unless it has a heading, from which they would be parted. section is -1 when there is none.
func (s *sheet) columns(sections []bot.Section) (section, from int) {
	section = -1
	for i, one := range sections {
		if len(one.Facts) == 0 {
			continue
		}
		if section >= 0 || one.Heading != "" {
			return -1, 0
		}
		section = i
	}
	if section < 0 {
		return -1, 0
	}
	facts, narrow := sections[section].Facts, 0
	for from = len(facts); from > 0 && narrow < maxCardFacts; from-- {
		if s.narrow(facts[from-1]) {
			narrow++
		}
	}
	return section, from
}

// narrow reports whether a fact fits the two columns.
func (s *sheet) narrow(f bot.Fact) bool {
	label, value := oneLine(f.Label), oneLine(f.Value)
	return label != "" && value != "" && short(label, s.limits.label) && short(value, s.limits.value)
}

func (s *sheet) fact(f bot.Fact, columns bool) {
	if columns && s.narrow(f) {
		s.facts = append(s.facts, cardFact{Label: oneLine(f.Label), Value: oneLine(f.Value)})
		return
	}
	s.line(strings.TrimSpace(f.Label + " " + f.Value))
}

func (s *sheet) line(text string) {
	if text = bot.Clean(text); text != "" {
		s.lines = append(s.lines, text)
	}
}

func (s *sheet) button(b bot.Button) {
	label := oneLine(b.Label)
	taken := slices.ContainsFunc(s.taps, func(t cardButton) bool { return t.Key == b.Command }) ||
		slices.ContainsFunc(s.menu, func(m bot.Button) bool { return m.Command == b.Command })
	switch {
	case label == "" || !short(label, maxButtonText) || b.Command == "" || len(b.Command) > maxKeyBytes || taken:
		s.folded = append(s.folded, b)
	case b.Confirm != "" && len(s.menu) < maxCardMenu:
		s.menu = append(s.menu, b)
	case b.Confirm == "" && len(s.taps) < maxCardButtons:
		style := 2
		if len(s.taps) == 0 {
			style = 1
		}
		s.taps = append(s.taps, cardButton{Text: label, Style: style, Key: b.Command})
	default:
		s.folded = append(s.folded, b)
	}
}

// fold says the buttons that are left as a line, without those that the reply's words name already.
func (s *sheet) fold(r bot.Reply) {
	rest := *r.Card
	rest.Buttons = s.folded
	r.Card = &rest
	s.line(typed(r))
}

// card puts the parts together. ok is false when something does not fit.
func (s *sheet) card(task string) (card, bool) {
	title, ok := s.split()
	s.condense()
	sub := strings.Join(s.lines, "\n")
	if !ok || !short(sub, s.limits.sub) {
		return card{}, false
	}
	c := card{Type: buttonCard, Title: title, Sub: sub, Facts: s.facts, Buttons: s.taps, Task: task}
	if len(s.menu) > 0 {
		c.Menu = &cardMenu{Desc: "点了就办，请想好"}
		if len(s.menu) == 1 {
			c.Menu.Desc = oneLine(s.menu[0].Confirm)
		}
		for _, b := range s.menu {
			c.Menu.Items = append(c.Menu.Items, cardItem{Text: oneLine(b.Label), Key: b.Command})
		}
	}
	return c, true
}

// condense puts lines that read like facts below the others, into the columns, while there are too many lines. Those that a
// heading would be parted from stay.
func (s *sheet) condense() {
	for i := 0; i < len(s.lines) && len(s.facts) < maxCardFacts && !s.headed; {
		if short(strings.Join(s.lines, "\n"), s.limits.sub) {
			return
		}
		label, value, ok := strings.Cut(s.lines[i], "：")
		if f := (bot.Fact{Label: label, Value: value}); ok && !strings.Contains(s.lines[i], "\n") && s.narrow(f) {
			s.fact(f, true)
			s.lines = slices.Delete(s.lines, i, i+1)
			continue
		}
		i++
	}
}

// split puts a title that is too long for its line on two, at a space; what does not fit the second line either becomes the
// first line below. A card without a title takes its first line.
func (s *sheet) split() (cardTitle, bool) {
	if s.title == "" && len(s.lines) > 0 && !strings.Contains(s.lines[0], "\n") {
		s.title, s.lines = s.lines[0], s.lines[1:]
	}
	if short(s.title, s.limits.title) {
		return cardTitle{Title: s.title}, s.title != ""
	}
	for at := strings.LastIndexByte(s.title, ' '); at > 0; at = strings.LastIndexByte(s.title[:at], ' ') {
		head, tail := s.title[:at], s.title[at+1:]
		switch {
		case !short(head, s.limits.title):
		case short(tail, s.limits.desc):
			return cardTitle{Title: head, Desc: tail}, true
		default:
			s.lines = slices.Insert(s.lines, 0, tail)
			return cardTitle{Title: head}, true
		}
	}
	return cardTitle{}, false
}

// formCard renders a form of nothing but choices: one as a vote, two or three as drop-down lists. Such cards have only a
// title and a line below it; a form with more to say does not fit. A choice's id is its text, so that what comes back is
// what was chosen, under the field's name.
func formCard(r bot.Reply, where dialect, task string) (card, bool) {
	f, limits := r.Card.Form, limitsOfCards(where)
	s := newSheet(bot.Reply{Text: r.Text, Card: &bot.Card{Title: r.Card.Title, Sections: r.Card.Sections}}, where)
	title, ok := s.split()
	if !ok || title.Desc != "" || len(s.facts) > 0 || len(r.Card.Buttons) > 0 || len(r.Card.Charts) > 0 {
		return card{}, false
	}
	submit := oneLine(f.Submit)
	if submit == "" || !short(submit, maxButtonText) || f.Command == "" || len(f.Command) > maxKeyBytes {
		return card{}, false
	}
	c := card{Title: title, Submit: &cardSubmit{Text: submit, Key: f.Command}, Task: task}
	if len(f.Fields) == 1 {
		c.Type, ok = voteCard, c.vote(f.Fields[0])
		s.line(hinted(f.Fields[0]))
	} else {
		c.Type, ok = selectsCard, c.selects(f.Fields)
		for _, field := range f.Fields {
			s.line(field.Hint)
		}
	}
	c.Title.Desc = strings.Join(s.lines, " ")
	return c, ok && short(c.Title.Desc, limits.desc) && !strings.Contains(c.Title.Desc, "\n")
}

func hinted(f bot.Field) string { return strings.TrimSpace(oneLine(f.Label) + " " + oneLine(f.Hint)) }

func (c *card) vote(f bot.Field) bool {
	options, ok := choices(f, maxVoteOptions, maxVoteText)
	for i := range options {
		options[i].Checked = options[i].ID == f.Value
	}
	c.Vote = &cardVote{Question: f.Name, Options: options}
	return ok
}

func (c *card) selects(fields []bot.Field) bool {
	if len(fields) == 0 || len(fields) > maxSelects {
		return false
	}
	for _, f := range fields {
		options, ok := choices(f, maxSelectOption, maxSelectText)
		title := oneLine(f.Label)
		if !ok || title == "" || !short(title, maxSelectTitle) ||
			slices.ContainsFunc(c.Selects, func(s cardSelect) bool { return s.Question == f.Name }) {
			return false
		}
		selected := ""
		if slices.Contains(f.Options, f.Value) {
			selected = f.Value
		}
		c.Selects = append(c.Selects, cardSelect{Question: f.Name, Title: title, Options: options, Selected: selected})
	}
	return true
}

// choices are a field's options. ok is false when they are not all there, distinct and short enough.
func choices(f bot.Field, most, length int) (options []cardOption, ok bool) {
	if f.Kind != bot.ChoiceField || f.Name == "" || len(f.Name) > maxKeyBytes || len(f.Options) == 0 || len(f.Options) > most {
		return nil, false
	}
	for i, o := range f.Options {
		if o == "" || o != oneLine(o) || !short(o, length) || len(o) > maxOptionBytes || slices.Contains(f.Options[:i], o) {
			return nil, false
		}
		options = append(options, cardOption{ID: o, Text: o})
	}
	return options, true
}

// short reports whether a text has at most n characters.
func short(s string, n int) bool { return utf8.RuneCountInString(s) <= n }
