package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"lianbang/bot/feishu/feishutest"
	"lianbang/bot/wecom/wecomtest"
	"lianbang/storage"
)

// look is a look at what people saw, and what of it nothing has accounted for yet.
type look struct {
	*union
	lark  map[string]feishutest.Message // by message_id
	wecom map[int]wecomtest.Shown       // by Shown.ID
	doubt map[int64]*storage.OutboxItem // what may have come again
	must  map[int64]notice              // what those say

	told, toasts, cards, repeats, working int
}

func (s *union) newLook() *look {
	l := &look{union: s, lark: map[string]feishutest.Message{}, wecom: map[int]wecomtest.Shown{}, doubt: map[int64]*storage.OutboxItem{}, must: map[int64]notice{}}
	for _, m := range s.lark.Messages("") {
		if m.FromBot {
			l.lark[m.ID] = m
		}
	}
	for _, m := range s.wecom.Shown() {
		if m.ReqID != "" && m.Stream != "" && strings.HasPrefix(m.Text, "正在处理") {
			l.working++ // its process was killed or frozen before it could answer there
			continue
		}
		l.wecom[m.ID] = m
	}
	return l
}

// String implements fmt.Stringer.
func (l *look) String() string {
	return fmt.Sprintf("%d messages; taps answered by %d toasts on Feishu and %d cards on WeCom; %d deliveries in doubt, %d messages seen again; %d questions whose answer came below",
		l.told, l.toasts, l.cards, len(l.doubt), l.repeats, l.working)
}

// turn accounts for what one turn led to.
func (l *look) turn(t *turn, key string, items []storage.OutboxItem, want []notice) {
	l.t.Helper()
	if len(items) != len(want) {
		l.t.Errorf("%s of %s led to %d messages, want %d", key, t.who, len(items), len(want))
		return
	}
	slices.SortFunc(items, func(a, b storage.OutboxItem) int { return strings.Compare(a.Key, b.Key) }) // the answer comes first
	l.answer(t, &items[0], want[0])
	rest := slices.Clone(items[1:])
	for _, w := range want[1:] {
		i := slices.IndexFunc(rest, func(it storage.OutboxItem) bool { return l.where(it) == w.where })
		if i < 0 {
			l.t.Errorf("%s of %s: nothing was sent to %s", key, t.who, w.where)
			continue
		}
		it := rest[i]
		l.message(&it, w)
		rest = slices.Delete(rest, i, i+1)
	}
}

// where is how people call the place of a delivery.
func (l *look) where(it storage.OutboxItem) string {
	switch {
	case it.To.Chat == unionChat:
		return unionRoom
	case string(it.To.Chat) == l.room.ID:
		return l.room.Title()
	}
	if name := l.named[string(it.To.User)]; name != "" {
		return private(name)
	}
	return string(it.To.User)
}

// answer accounts for the answer to a turn, which a tap may have had in passing.
func (l *look) answer(t *turn, it *storage.OutboxItem, w notice) {
	l.t.Helper()
	if !t.tapped {
		l.message(it, w)
		return
	}
	shown := 0
	if a := t.lark.Answer; a != nil && a.Toast != "" {
		shown++
		l.toasts++
		l.compare(it, w, w.where, a.Toast)
	}
	for _, c := range effective(l.union.wecom.Answers(t.wecom.ReqID)) {
		if c.Name == "aibot_respond_update_msg" && contains(string(c.Body), w.words) {
			shown++
			l.cards++
		}
	}
	said := (shown == 0 || it.Attempt > 1 || it.Receipt != "") && l.find(it, w)
	switch {
	case said && shown > 0 && it.Attempt < 2:
		l.t.Errorf("%s was answered in place and by a message at the first attempt", it.Key)
	case !said && shown == 0 && t.lark.Failure == 0:
		l.t.Errorf("%s: %s tapped and was not told %q; the bot answered %+v", it.Key, t.who, w.words, l.union.wecom.Answers(t.wecom.ReqID))
	}
	l.sent(it, w)
}

// message accounts for a message that must have come.
func (l *look) message(it *storage.OutboxItem, w notice) {
	l.t.Helper()
	if !l.find(it, w) {
		l.t.Errorf("%s: %s was not told %q", it.Key, w.where, w.words)
	}
	l.sent(it, w)
}

// sent checks the end of a delivery, and keeps what may have come again.
func (l *look) sent(it *storage.OutboxItem, w notice) {
	l.t.Helper()
	if it.State != "sent" {
		l.t.Errorf("%s is %s: %s", it.Key, it.State, it.Error)
	}
	if it.Doubt > 0 {
		l.doubt[it.ID], l.must[it.ID] = it, w
	}
}

// find takes the message of a delivery off the list: on Feishu by its receipt, on WeCom, which gives none, by place and words.
func (l *look) find(it *storage.OutboxItem, w notice) bool {
	l.t.Helper()
	if it.To.Platform == "feishu" {
		m, ok := l.lark[it.Receipt]
		if ok {
			delete(l.lark, it.Receipt)
			text := m.Text
			if len(m.History) > 0 {
				text = m.History[0].Text
			}
			l.compare(it, w, m.Where, text)
			l.told++
		}
		return ok
	}
	for _, m := range l.union.wecom.Shown() { // in their order
		if _, open := l.wecom[m.ID]; open && m.Where == w.where && contains(l.first(m), w.words) {
			delete(l.wecom, m.ID)
			l.told++
			return true
		}
	}
	return false
}

// first is what a message said at first: a card that was tapped says something else now.
func (l *look) first(m wecomtest.Shown) string {
	if m.Edits == 0 {
		return m.Text
	}
	for _, c := range effective(l.union.wecom.Answers(m.ReqID)) {
		return string(c.Body)
	}
	return m.Text
}

// compare holds what was shown against what had to be said.
func (l *look) compare(it *storage.OutboxItem, w notice, where, text string) {
	l.t.Helper()
	if where != w.where || !contains(text, w.words) {
		l.t.Errorf("%s: %s was told %q, want %q in %s", it.Key, where, text, w.words, w.where)
	}
}

// leftovers are messages that nothing has accounted for: what came again, as often as the outbox says it may have.
func (l *look) leftovers() {
	l.t.Helper()
	for _, m := range l.lark {
		l.t.Errorf("%s in %s was sent once too often: %s", m.ID, m.Where, m.Text)
	}
	again := map[int64]int{}
	for _, m := range l.wecom {
		found := false
		for id, it := range l.doubt {
			if w := l.must[id]; m.Where == w.where && contains(m.Text, w.words) && again[id] < it.Doubt {
				again[id]++
				l.repeats++
				found = true
				break
			}
		}
		if !found {
			l.t.Errorf("%d in %s by %s was sent once too often: %s", m.ID, m.Where, m.Channel, m.Text)
		}
	}
	if l.repeats == 0 {
		l.t.Error("nothing came twice, though an acknowledgement was lost")
	}
}

// checkOthers accounts for what no event led to at once: the reminder, in both rooms, and the cards on Feishu that follow the
// activity.
func (s *union) checkOthers(l *look, others []storage.OutboxItem, end *truth) {
	s.t.Helper()
	reminded := map[string]int{}
	for _, it := range others {
		if it.Body.Entry != nil {
			s.checkEntry(it)
			continue
		}
		if it.Update != "" {
			if it.Update != s.larkCard || it.State != "sent" {
				s.t.Errorf("%s (%s) should not be in the outbox: %s", it.Key, it.State, it.Error)
			}
			continue
		}
		w := notice{l.where(it), []string{"⏰", end.start.Format("15:04"), "H1 " + unionTitle, "2 小时后开始"}}
		reminded[w.where]++
		l.message(&it, w)
	}
	same(s.t, "reminders", reminded, map[string]int{unionRoom: 1, s.room.Title(): 1})
	card, _ := s.lark.Message(s.larkCard)
	end.checkCard(s.t, card.Text)
	for card, times := range tally(s.t, s.db, `SELECT account || ' ' || message FROM posting`) {
		if times > 1 {
			s.t.Errorf("the card %s is known %d times, and keeps others from being known", card, times)
		}
	}
	if v := append(s.wecom.Violations(), s.lark.Violations()...); len(v) > 0 {
		s.t.Errorf("against the protocol: %q", v)
	}
	if d := s.wecom.Dropped(); len(d) > 0 {
		s.t.Errorf("WeCom dropped %d messages silently", len(d))
	}
}

// checkEntry holds the activity's one entry against what WeCom's calendars show: it is there once, for the organiser and people
// of WeCom alone, as it was when it was told last. Two processes that make the calendar at the same moment leave one behind.
func (s *union) checkEntry(it storage.OutboxItem) {
	s.t.Helper()
	if it.Key != "entry/wecom/main/H1" || it.State != "sent" {
		s.t.Errorf("%s (%s) should not be in the outbox: %s", it.Key, it.State, it.Error)
	}
	all := slices.DeleteFunc(s.wecom.Entries(), func(e wecomtest.Entry) bool { return e.Cancelled })
	if len(all) != 1 || s.wecom.Calendars() > len(s.nodes) {
		s.t.Fatalf("%d entries in %d calendars: %+v", len(all), s.wecom.Calendars(), all)
	}
	e := all[0]
	if e.ID != it.Receipt || e.Title != unionTitle || e.Place != unionPlace || !slices.Contains(e.Guests, s.organiser.id) || len(e.Guests) > unionSeats+1 {
		s.t.Errorf("the entry %q is %+v", it.Receipt, e)
	}
}

// checkTools looks with the operator's tools: nothing needs him, what may have come twice is listed, and the audit log is
// whole.
func (s *union) checkTools(l *look) {
	s.t.Helper()
	tool := func(args ...string) string {
		code, out, errs := command(append(args, "--config", s.nodes[0].config)...)
		if code != 0 {
			s.t.Errorf("%v: exit code %d: %s", args, code, errs)
		}
		return strings.TrimSpace(out)
	}
	if out := tool("outbox", "list"); out != "没有要处理的消息。" {
		s.t.Errorf("outbox list: %s", out)
	}
	listed := map[string]int{}
	for line := range strings.Lines(tool("outbox", "list", "--twice")) {
		id, _, _ := strings.Cut(line, "\t")
		listed[id]++
	}
	want := map[string]int{}
	for id := range l.doubt {
		want[strconv.FormatInt(id, 10)] = 1
	}
	same(s.t, "outbox list --twice", listed, want)
	s.t.Log(tool("audit", "verify"))
}
