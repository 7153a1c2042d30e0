package wecom

import (
	"slices"
	"strings"

	"lianbang/bot"
)

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
