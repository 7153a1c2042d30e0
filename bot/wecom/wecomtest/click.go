package wecomtest

import (
	"slices"
	"strings"

	"lianbang/bot/wecom/wire"
)

// Click lets somebody tap a button of a card that he sees, by its words; a menu's entry counts as a button. message is
// Shown.ID. What is preselected on the card goes with it.
func (s *Server) Click(user string, message int, button string) Sent {
	return s.touched(user, message, button, nil)
}

// Vote lets somebody choose and submit. choices are the words or ids of options by the question's key or title; a question
// that is not named keeps what is preselected.
func (s *Server) Vote(user string, message int, choices map[string][]string) Sent {
	return s.touched(user, message, "", choices)
}

// touched is touch, written down.
func (s *Server) touched(user string, message int, button string, choices map[string][]string) Sent {
	at, chat := s.clock.Now(), ""
	s.mu.Lock()
	if m := s.messageByID(message); m != nil {
		chat = m.Chat
	}
	s.mu.Unlock()
	return s.noted(at, user, chat, strings.TrimSpace("[点] "+button), s.touch(user, message, button, choices))
}

// touch makes the event of a card.
func (s *Server) touch(user string, id int, button string, choices map[string][]string) Sent {
	s.mu.Lock()
	m, who := s.messageByID(id), s.member(user)
	if m == nil || who == nil || !s.sees(who, m) || m.Recalled {
		s.mu.Unlock()
		return Sent{Why: user + " sees no such message"}
	}
	c, err := parseCard(m.seenBy(who.UserID).Card)
	if err != nil {
		s.mu.Unlock()
		return Sent{Why: "the message is no card"}
	}
	pressed, menu, ok := c.pressed(button)
	switch {
	case !ok:
		s.mu.Unlock()
		return Sent{Why: "the card has no such button"}
	case pressed.Type == 1 && m.Channel == App:
		s.mu.Unlock()
		return Sent{Why: "the button opens an address"}
	}
	e := wire.CardEvent{CardType: c.Type, Key: pressed.Key, TaskID: c.TaskID}
	if e.Selected, err = c.selected(choices); err != nil {
		s.mu.Unlock()
		return Sent{Why: err.Error()}
	}
	if m.Channel == App {
		return s.touchApp(who, m, e, menu)
	}
	q := &question{kind: wire.EventCard, at: s.clock.Now(), user: who, chat: m.Chat, clicked: m, taskID: c.TaskID}
	return s.hand(q, s.event(q, &wire.Event{Type: wire.EventCard, Card: &e}), 1) // in callback mode sent once (101027)
}

// touchApp is called with mu held and releases it.
func (s *Server) touchApp(who *Member, m *message, e wire.CardEvent, menu bool) Sent {
	a := wire.AppMessage{
		From: who.UserID, Type: "event", Event: "template_card_event", EventKey: e.Key, TaskID: e.TaskID, CardType: e.CardType,
		ResponseCode: s.newCode([]*message{m}),
	}
	if menu {
		a.Event = "template_card_menu_event"
	}
	if e.Selected != nil {
		a.Selected = e.Selected.Items
	}
	return s.handApp(a, m)
}

// pressed finds the button of those words; "" is the submit button.
func (c card) pressed(words string) (b button, menu, ok bool) {
	if c.Replace != "" {
		return b, false, false
	}
	if words == "" {
		return c.Submit, false, c.Submit.Key != ""
	}
	has := func(b button) bool { return b.Text == words }
	all := append(slices.Clone(c.Buttons), c.Submit)
	if i := slices.IndexFunc(all, has); i >= 0 {
		return all[i], false, true
	}
	if i := slices.IndexFunc(c.Menu.Items, has); i >= 0 {
		return c.Menu.Items[i], true, true
	}
	return b, false, false
}

// selected is what is chosen on the card: the choices, and elsewhere what was preselected.
func (c card) selected(choices map[string][]string) (*wire.Selected, error) {
	var items []wire.SelectedItem
	named := 0
	for _, q := range c.questions() {
		chosen, ok := choices[q.Key]
		if !ok {
			chosen, ok = choices[q.Title]
		}
		item := wire.SelectedItem{Question: q.Key}
		if ok {
			named++
			ids, err := q.ids(chosen)
			if err != nil {
				return nil, err
			}
			item.Options.IDs = ids
		} else {
			item.Options.IDs = q.preselected()
		}
		items = append(items, item)
	}
	if named < len(choices) {
		return nil, refuse(0, "the card does not ask that")
	}
	if len(items) == 0 {
		return nil, nil
	}
	return &wire.Selected{Items: items}, nil
}

// ids are the ids of options named by words or id.
func (q choice) ids(chosen []string) (out []string, err error) {
	for _, word := range chosen {
		found := false
		for _, o := range q.Options {
			if o.Text == word || o.ID == word {
				out, found = append(out, o.ID), true
				break
			}
		}
		if !found {
			return nil, refuse(0, "there is no option %s", word)
		}
	}
	if len(out) > 1 && q.Mode != 1 {
		return nil, refuse(0, "only one may be chosen")
	}
	return out, nil
}

func (q choice) preselected() (out []string) {
	for _, o := range q.Options {
		if o.Checked || q.Selected != "" && o.ID == q.Selected {
			out = append(out, o.ID)
		}
	}
	if len(out) == 0 && q.Mode == 0 && len(q.Options) > 0 && q.Title != "" {
		out = []string{q.Options[0].ID} // a list that drops down shows its first entry
	}
	return out
}
