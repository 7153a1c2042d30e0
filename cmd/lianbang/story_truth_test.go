package main

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"lianbang/storage"
	"lianbang/zhtime"
)

// act is what somebody wants of the bot.
type act int

const (
	toClaim act = iota
	toFound
	toGreet
	toAppoint
	toBind
	toRegister
	toShow
	toJoin
	toLeave
	toMove
)

// wish is what somebody wants of the bot, and where he is answered.
type wish struct {
	who, place string
	what       act
	whom, rank string // of toAppoint
}

// private is how people call the one-to-one chat of somebody with the bot.
func private(who string) string { return "私聊 " + who }

// notice is one message that an event must lead to.
type notice struct {
	where string
	words []string // that are in it
}

// truth is the truth about an activity as a few lines have it that share nothing with the program: who has a seat, who
// waits, and in what order everybody came first.
type truth struct {
	title, place string
	capacity     int
	start, moved time.Time // moved is the time that toMove gives it
	seated       map[string]bool
	waiting      []string
	came         []string
	rose         int // how often somebody got a seat who had waited
}

// clone is a truth that goes its own way from here.
func (m *truth) clone() *truth {
	c := *m
	c.seated, c.waiting, c.came = maps.Clone(m.seated), slices.Clone(m.waiting), slices.Clone(m.came)
	return &c
}

// String implements fmt.Stringer.
func (m *truth) String() string {
	return fmt.Sprint(m.when(), slices.Sorted(maps.Keys(m.seated)), m.waiting)
}

// play is what a wish must lead to. The answer comes first.
func (m *truth) play(w wish) []notice {
	answer := func(words ...string) notice { return notice{w.place, words} }
	switch w.what {
	case toClaim:
		return []notice{answer("您现在是管理员")}
	case toFound:
		return []notice{answer("已新建光电信息党建联合体")}
	case toGreet:
		return []notice{answer("您好，我是联帮")}
	case toAppoint:
		return []notice{answer(w.whom+" 现在是", w.rank), {private(w.whom), []string{"您现在是", w.rank}}}
	case toBind:
		return []notice{answer("这个群已绑定光电信息党建联合体")}
	case toRegister:
		return []notice{answer("已登记 H1 "+m.title, m.when(), m.place, fmt.Sprintf("%d 人", m.capacity))}
	case toShow:
		return []notice{answer("H1 "+m.title, m.when(), m.place)}
	case toMove:
		return m.move(answer)
	case toJoin:
		return []notice{answer(m.join(w.who)...)}
	}
	return m.leave(w.who, answer)
}

func (m *truth) join(who string) []string {
	if !slices.Contains(m.came, who) {
		m.came = append(m.came, who)
	}
	switch {
	case m.seated[who] || slices.Contains(m.waiting, who):
		return []string{"H1 您已报过"}
	case len(m.seated) < m.capacity && len(m.waiting) == 0:
		m.seated[who] = true
		return []string{"已报名 H1", fmt.Sprintf("已报 %d/%d", len(m.seated), m.capacity)}
	}
	m.waiting = append(m.waiting, who)
	return []string{"候补 1 人", fmt.Sprintf("排在第 %d 位", len(m.waiting))}
}

func (m *truth) leave(who string, answer func(...string) notice) []notice {
	if i := slices.Index(m.waiting, who); i >= 0 {
		m.waiting = slices.Delete(m.waiting, i, i+1)
		return []notice{answer("已取消 H1 的报名", "已报 "+m.figures())}
	}
	if !m.seated[who] {
		return []notice{answer("您没有报名 H1")}
	}
	delete(m.seated, who)
	if len(m.waiting) == 0 {
		return []notice{answer("已取消 H1 的报名", "已报 "+m.figures())}
	}
	next := m.waiting[0]
	m.rose++
	m.waiting, m.seated[next] = m.waiting[1:], true
	return []notice{answer("已取消 H1 的报名", "已按顺序递补 1 人", "已报 "+m.figures()),
		{private(next), []string{"H1 " + m.title + " 有空位了", m.when()}}}
}

// move gives the activity its new time: all who have signed up are told once.
func (m *truth) move(answer func(...string) notice) []notice {
	before := m.when()
	m.start = m.moved
	change := before + " → " + m.when()
	told := fmt.Sprintf("已私聊通知 %d 位报名人", len(m.seated))
	if len(m.waiting) > 0 {
		told += fmt.Sprintf("和 %d 位候补", len(m.waiting))
	}
	out := []notice{answer("已改 H1", change, told)}
	for _, who := range m.came {
		if m.seated[who] || slices.Contains(m.waiting, who) {
			out = append(out, notice{private(who), []string{"H1 " + m.title + " 有变动", change}})
		}
	}
	return out
}

// plainDay reports whether the calendar has nothing special to say about a day.
func plainDay(t time.Time) bool {
	d := zhtime.Embedded().Day(t)
	return !d.Off && !d.MakeUp
}

// when is how the activity's time is written. How special days are is not what the stories are about.
func (m *truth) when() string {
	if !plainDay(m.start) {
		return zhtime.Format(m.start, time.Now().In(m.start.Location()), nil)
	}
	weekday := []string{"周日", "周一", "周二", "周三", "周四", "周五", "周六"}[m.start.Weekday()]
	day := m.start.Format("1月2日")
	if m.start.Year() != time.Now().In(m.start.Location()).Year() {
		day = m.start.Format("2006年1月2日")
	}
	return fmt.Sprintf("%s(%s) %s", day, weekday, m.start.Format("15:04"))
}

// figures are seats and waiting list as they are written.
func (m *truth) figures() string {
	text := fmt.Sprintf("%d/%d", len(m.seated), m.capacity)
	if n := len(m.waiting); n > 0 {
		text += fmt.Sprintf("，候补 %d 人", n)
	}
	return text
}

// checkRegistrations compares seats and waiting list of the one activity with the truth. name finds people by their user key.
func (m *truth) checkRegistrations(t testing.TB, db *sql.DB, name func(user string) string) {
	t.Helper()
	seated, waiting := map[string]int{}, []string{}
	for _, r := range rows(t, db, `SELECT i.user_key, r.seats, r.waiting FROM registration r JOIN identity i ON i.person = r.person
WHERE r.seats + r.waiting > 0 ORDER BY r.queue`) {
		switch r[1] + "/" + r[2] {
		case "1/0":
			seated[name(r[0])]++
		case "0/1":
			waiting = append(waiting, name(r[0]))
		default:
			t.Errorf("%s has %s seats and waits for %s", name(r[0]), r[1], r[2])
		}
	}
	want := map[string]int{}
	for name := range m.seated {
		want[name] = 1
	}
	same(t, "seats", seated, want)
	if !slices.Equal(waiting, m.waiting) {
		t.Errorf("waiting list %v, want %v", waiting, m.waiting)
	}
	figures := fmt.Sprintf("%d %d %d", m.capacity, len(m.seated), len(m.waiting))
	same(t, "activities", tally(t, db, `SELECT capacity || ' ' || seats || ' ' || waiting FROM activity`), map[string]int{figures: 1})
}

// checkCard holds the text of a card that shows the activity against the truth.
func (m *truth) checkCard(t testing.TB, text string) {
	t.Helper()
	if want := []string{m.title, m.place, m.when(), m.figures()}; !contains(text, want) {
		t.Errorf("the card lacks one of %q:\n%s", want, text)
	}
}

// contains reports whether all the words are in a text.
func contains(text string, words []string) bool {
	return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) })
}

// deliveries reads the whole outbox. No key is in it twice.
func deliveries(t testing.TB, o storage.Options) []storage.OutboxItem {
	t.Helper()
	o.Logger = slog.New(slog.DiscardHandler)
	db, err := storage.Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	items, err := db.Deliveries(context.Background(), storage.OutboxFilter{Limit: 100_000})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, it := range items {
		if seen[it.Key] {
			t.Errorf("the key %s is in the outbox twice", it.Key)
		}
		seen[it.Key] = true
	}
	return items
}
