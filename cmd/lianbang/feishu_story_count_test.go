package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"lianbang/bot/feishu/feishutest"
	"lianbang/storage"
)

// outbox reads all deliveries of the stopped program by their keys.
func (s *story) outbox() map[string]storage.OutboxItem {
	s.t.Helper()
	out := map[string]storage.OutboxItem{}
	for _, it := range deliveries(s.t, storage.Options{SQLite: filepath.Join(s.data, "lianbang.db"), KeyFile: filepath.Join(s.data, "lianbang.key")}) {
		out[it.Key] = it
	}
	return out
}

// count is what became of all that was to be said.
type count struct {
	*story
	same                                     map[feishutest.Repeat]int     // how often just these words were to be said there, in reply to that; Times is 0
	said                                     map[string]feishutest.Message // what the bot said and nothing has accounted for yet
	cards, toasts, late, slow, again, broken int
}

// checkBooks plays all events that the program has taken, in the order in which it did, to the model, and compares: every
// event of the books is there and no other; each has led to just the messages that it must; the registrations and the card
// are what the model ends with.
func (s *story) checkBooks() {
	s.t.Helper()
	c := &count{story: s, said: map[string]feishutest.Message{}, same: map[feishutest.Repeat]int{}}
	uuids := map[string]int{}
	for _, m := range s.fake.Messages("") {
		if m.FromBot {
			c.said[m.ID] = m
			uuids[m.UUID]++
		}
	}
	messages := len(c.said)
	for id, n := range uuids {
		if id == "" || n > 1 {
			s.t.Errorf("%d messages have the uuid %q", n, id)
		}
	}
	items := s.outbox()
	model := &truth{title: storyTitle, place: storyPlace, capacity: storySeats, start: s.start, moved: s.moved, seated: map[string]bool{}}
	db := ledgerOf(s.t, s.data)
	taken := map[string]bool{}
	for _, r := range rows(s.t, db, `SELECT id FROM event ORDER BY n`) {
		d := s.deeds[r[0]]
		if d == nil || taken[r[0]] {
			s.t.Errorf("the event %s was taken %v times, but nobody made it", r[0], taken[r[0]])
			continue
		}
		taken[r[0]] = true
		for i, want := range model.play(d.wish()) {
			key := fmt.Sprintf("reply/feishu/main/%s/%d", r[0], i)
			it, ok := items[key]
			delete(items, key)
			if !ok {
				s.t.Errorf("%s: %s was not told %q", key, want.where, want.words)
				continue
			}
			c.compare(d, i, it, want)
		}
	}
	for id, d := range s.deeds {
		if d.out.Acked && !taken[id] || !taken[id] && !d.tapped {
			s.t.Errorf("%s of %s was not taken: %+v", id, d.who.Name, d.out)
		}
	}
	updates := 0
	for key, it := range items {
		if updates++; it.Update != s.card || it.State != "sent" {
			updates--
			s.t.Errorf("%s (%s) should not be in the outbox", key, it.State)
		}
	}
	for id, m := range c.said {
		s.t.Errorf("%s in %s was sent once too often: %s", id, m.Where, m.Text)
	}
	if seen := len(s.fake.Toasts()); seen != c.toasts {
		s.t.Errorf("people saw %d toasts, %d are accounted for", seen, c.toasts)
	}
	for _, r := range s.fake.Repeats() {
		times := r.Times
		if r.Times = 0; c.same[r] != times {
			s.t.Errorf("%s was told %d times, not %d: %s", r.Where, times, c.same[r], r.Text)
		}
	}
	if c.again > s.atRisk {
		s.t.Errorf("%d answers came as toast and as message; no more than %d were under way when the process was killed", c.again, s.atRisk)
	}
	if most := s.atRisk + s.unheard; c.broken > most {
		s.t.Errorf("%d answers were lost with their callbacks; no more than %d callbacks broke", c.broken, most)
	}
	if model.rose < 10 || len(model.waiting) < 2 {
		s.t.Errorf("%d rose from the waiting list, %d wait at the end: too tame a story", model.rose, len(model.waiting))
	}
	model.checkRegistrations(s.t, db, func(user string) string { return s.fake.Person(user).Name })
	c.checkCard(model)
	c.checkPlatform()
	s.t.Logf("%d deeds, %d of them taken; %d messages, %d toasts; %d rose from the waiting list, %d wait", len(s.deeds), len(taken), messages, c.toasts,
		model.rose, len(model.waiting))
	s.t.Logf("answers to taps: %d in the callback, %d as message (%d because it took too long), %d both, %d lost with a broken callback; %s; counts %+v",
		c.toasts-c.again, c.late, c.slow, c.again, c.broken, s.waits(), s.fake.Counts())
}

// waits says how long the acknowledged taps waited for the end of their callback.
func (s *story) waits() string {
	var all []time.Duration
	for _, d := range s.deeds {
		if d.tapped && d.out.Acked {
			all = append(all, d.out.After)
		}
	}
	slices.Sort(all)
	at := func(i int) time.Duration { return all[i].Round(time.Millisecond) }
	return fmt.Sprintf("callbacks took %v in the middle, %v at most", at(len(all)/2), at(len(all)-1))
}

// compare holds what was shown of one delivery against what had to be said.
func (c *count) compare(d *deed, i int, it storage.OutboxItem, want notice) {
	c.t.Helper()
	check := func(where, text string) {
		for _, w := range want.words {
			if !strings.Contains(text, w) {
				c.t.Errorf("%s: %s was told %q, which lacks %q", it.Key, where, text, w)
			}
		}
		if where != want.where {
			c.t.Errorf("%s: told in %s instead of %s", it.Key, where, want.where)
		}
	}
	if it.State != "sent" {
		c.t.Errorf("%s is %s: %s", it.Key, it.State, it.Error)
	}
	shown := 0
	if m, ok := c.said[it.Receipt]; ok {
		delete(c.said, it.Receipt)
		shown++
		text := m.Text
		if len(m.History) > 0 {
			text = m.History[0].Text
		}
		check(m.Where, text)
		c.same[feishutest.Repeat{Shown: feishutest.Shown{Where: m.Where, Text: text}, Parent: m.Parent}]++
		if d.tapped && i == 0 && !strings.HasPrefix(text, "@"+d.who.Name) {
			c.t.Errorf("%s: the group is told %q, but not that it is for %s", it.Key, text, d.who.Name)
		}
	} else if it.Receipt != "" {
		c.t.Errorf("%s is said to be the message %s, which is not there or another's", it.Key, it.Receipt)
	}
	if !d.tapped || i > 0 {
		if shown == 0 {
			c.t.Errorf("%s: %s was not told %q", it.Key, want.where, want.words)
		}
		return
	}
	toasted := d.out.Answer != nil && d.out.Answer.Toast != ""
	if toasted {
		c.toasts++
		check(d.place, d.out.Answer.Toast)
		if d.out.Answer.Replaced {
			c.cards++
		}
	}
	switch {
	case shown == 0 && !toasted && d.out.Acked:
		c.t.Errorf("%s: %s tapped and was not told %q", it.Key, d.who.Name, want.words)
	case shown == 0 && !toasted:
		c.broken++
	case toasted && shown > 0:
		c.again++
		if it.Attempt < 2 {
			c.t.Errorf("%s was answered in the callback and by a message at the first attempt", it.Key)
		}
	case shown > 0:
		c.late++
		if d.out.Acked {
			c.slow++
		}
	}
}

// checkCard holds the card, as it stands in the group, against the truth.
func (c *count) checkCard(m *truth) {
	c.t.Helper()
	card, _ := c.fake.Message(c.card)
	m.checkCard(c.t, card.Text)
	by := map[string]int{}
	for _, v := range card.History {
		by[v.By]++
	}
	if by["patch"] == 0 || by["click"] == 0 || by["click"] != c.cards || by["put"] > 0 {
		c.t.Errorf("the card was replaced %v times; %d callbacks carried one", by, c.cards)
	}
	for _, other := range c.fake.Messages(c.group.ID) {
		if other.Type == "interactive" && other.ID != c.card {
			c.t.Errorf("another card in the group: %s", other.Text)
		}
	}
}

// checkPlatform looks at what the platform has to complain of.
func (c *count) checkPlatform() {
	c.t.Helper()
	if v := c.fake.Violations(); len(v) > 0 {
		c.t.Errorf("against the protocol: %q", v)
	}
	for _, e := range c.fake.Lost() {
		if e.Type != "card.action.trigger" {
			c.t.Errorf("the platform gave %s of type %s up after %d pushes", e.ID, e.Type, len(e.Attempts))
		}
	}
	if c.gate != nil && !c.gate.failed() {
		c.t.Error("the gateway has not failed as often as it was to")
	}
}
