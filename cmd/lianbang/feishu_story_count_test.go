package main

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"lianbang/bot/feishu/feishutest"
	"lianbang/storage"
)

// notice is one message that an event must lead to.
type notice struct {
	where string
	words []string // that are in it
}

// truth is the truth about the activity as a few lines have it that share nothing with the program: who has a seat,
// who waits, and in what order everybody came first.
type truth struct {
	s       *story
	seated  map[string]bool
	waiting []string
	came    []string
	start   time.Time
	rose    int // how often somebody got a seat who had waited
}

// play is what a deed must lead to. The answer comes first.
func (m *truth) play(d *deed) []notice {
	who := d.who.Name
	answer := func(words ...string) notice { return notice{d.place, words} }
	switch d.what {
	case toClaim:
		return []notice{answer("您现在是管理员")}
	case toFound:
		return []notice{answer("已新建光电信息党建联合体")}
	case toBind:
		return []notice{answer("这个群已绑定光电信息党建联合体")}
	case toRegister:
		return []notice{answer("已登记 H1 "+storyTitle, m.when(), storyPlace, fmt.Sprintf("%d 人", storySeats))}
	case toMove:
		return m.move(answer)
	case toJoin:
		return []notice{answer(m.join(who)...)}
	}
	return m.leave(who, answer)
}

func (m *truth) join(who string) []string {
	if !slices.Contains(m.came, who) {
		m.came = append(m.came, who)
	}
	switch {
	case m.seated[who] || slices.Contains(m.waiting, who):
		return []string{"H1 您已报过"}
	case len(m.seated) < storySeats && len(m.waiting) == 0:
		m.seated[who] = true
		return []string{"已报名 H1", fmt.Sprintf("已报 %d/%d", len(m.seated), storySeats)}
	}
	m.waiting = append(m.waiting, who)
	return []string{"候补 1 人", fmt.Sprintf("排在第 %d 位", len(m.waiting))}
}

func (m *truth) leave(who string, answer func(...string) notice) []notice {
	if i := slices.Index(m.waiting, who); i >= 0 {
		m.waiting = slices.Delete(m.waiting, i, i+1)
		return []notice{answer("已取消 H1 的报名")}
	}
	if !m.seated[who] {
		return []notice{answer("您没有报名 H1")}
	}
	delete(m.seated, who)
	if len(m.waiting) == 0 {
		return []notice{answer("已取消 H1 的报名")}
	}
	next := m.waiting[0]
	m.rose++
	m.waiting, m.seated[next] = m.waiting[1:], true
	return []notice{answer("已取消 H1 的报名", "已按顺序递补 1 人"), {"私聊 " + next, []string{"H1 " + storyTitle + " 有空位了", m.when()}}}
}

// move gives the activity its new time: all who have signed up are told once.
func (m *truth) move(answer func(...string) notice) []notice {
	before := m.when()
	m.start = m.s.moved
	change := before + " → " + m.when()
	out := []notice{answer("已改 H1", change, fmt.Sprintf("已私聊通知 %d 位报名人", len(m.seated)+len(m.waiting)))}
	for _, who := range m.came {
		if m.seated[who] || slices.Contains(m.waiting, who) {
			out = append(out, notice{"私聊 " + who, []string{"H1 " + storyTitle + " 有变动", change}})
		}
	}
	return out
}

// when is how the activity's time is written.
func (m *truth) when() string {
	weekday := []string{"周日", "周一", "周二", "周三", "周四", "周五", "周六"}[m.start.Weekday()]
	day := m.start.Format("1月2日")
	if m.start.Year() != time.Now().Year() {
		day = m.start.Format("2006年1月2日")
	}
	return fmt.Sprintf("%s(%s) %s", day, weekday, m.start.Format("15:04"))
}

// outbox reads all deliveries of the stopped program by their keys.
func (s *story) outbox() map[string]storage.OutboxItem {
	s.t.Helper()
	db, err := storage.Open(context.Background(), storage.Options{SQLite: filepath.Join(s.data, "lianbang.db"),
		KeyFile: filepath.Join(s.data, "lianbang.key"), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		s.t.Fatal(err)
	}
	defer db.Close()
	items, err := db.Deliveries(context.Background(), storage.OutboxFilter{Limit: 100_000})
	if err != nil {
		s.t.Fatal(err)
	}
	out := map[string]storage.OutboxItem{}
	for _, it := range items {
		if _, twice := out[it.Key]; twice {
			s.t.Errorf("the key %s is in the outbox twice", it.Key)
		}
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
	model := &truth{s: s, seated: map[string]bool{}, start: s.start}
	db := ledgerOf(s.t, s.data)
	taken := map[string]bool{}
	for _, r := range rows(s.t, db, `SELECT id FROM event ORDER BY n`) {
		d := s.deeds[r[0]]
		if d == nil || taken[r[0]] {
			s.t.Errorf("the event %s was taken %v times, but nobody made it", r[0], taken[r[0]])
			continue
		}
		taken[r[0]] = true
		for i, want := range model.play(d) {
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
	c.checkRegistrations(model)
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

// checkRegistrations compares seats and waiting list.
func (c *count) checkRegistrations(m *truth) {
	c.t.Helper()
	db := ledgerOf(c.t, c.data)
	seated, waiting := map[string]int{}, []string{}
	for _, r := range rows(c.t, db, `SELECT i.user_key, r.seats, r.waiting FROM registration r JOIN identity i ON i.person = r.person
WHERE r.seats + r.waiting > 0 ORDER BY r.queue`) {
		switch name := c.fake.Person(r[0]).Name; r[1] + "/" + r[2] {
		case "1/0":
			seated[name]++
		case "0/1":
			waiting = append(waiting, name)
		default:
			c.t.Errorf("%s has %s seats and waits for %s", name, r[1], r[2])
		}
	}
	want := map[string]int{}
	for name := range m.seated {
		want[name] = 1
	}
	same(c.t, "seats", seated, want)
	if !slices.Equal(waiting, m.waiting) {
		c.t.Errorf("waiting list %v, want %v", waiting, m.waiting)
	}
	figures := fmt.Sprintf("%d %d %d", storySeats, len(m.seated), len(m.waiting))
	same(c.t, "activities", tally(c.t, db, `SELECT capacity || ' ' || seats || ' ' || waiting FROM activity`), map[string]int{figures: 1})
}

// checkCard holds the card, as it stands in the group, against the truth.
func (c *count) checkCard(m *truth) {
	c.t.Helper()
	card, _ := c.fake.Message(c.card)
	figures := fmt.Sprintf("%d/%d", len(m.seated), storySeats)
	if n := len(m.waiting); n > 0 {
		figures += fmt.Sprintf("，候补 %d 人", n)
	}
	for _, w := range []string{storyTitle, storyPlace, m.when(), figures} {
		if !strings.Contains(card.Text, w) {
			c.t.Errorf("the card lacks %q:\n%s", w, card.Text)
		}
	}
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
