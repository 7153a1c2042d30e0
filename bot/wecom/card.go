package wecom

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
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

// topicLooks are the topics that a task_id can hold.
var topicLooks = regexp.MustCompile(`^[0-9A-Za-z_-]{1,40}$`)

// about is the task of a card that shows a topic, which comes back when the card is tapped.
func about(task, topic string) string {
	if !topicLooks.MatchString(topic) {
		return task
	}
	return task + "@" + topic
}

// topicOf is what the card of a task shows, "" where the task does not tell.
func topicOf(task string) string {
	_, topic, _ := strings.Cut(task, "@")
	return topic
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
