package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"lianbang/bot"
	"lianbang/consortium"
	"lianbang/scheduler"
)

// world is the whole program over a long time: its wiring, opened again and again on one data folder, a clock, the people
// who follow the script, and everything that was sent.
type world struct {
	*stage
	t         *testing.T
	data      string
	todo      map[time.Time][]spokenLine
	ledger    *sql.DB
	jobs      *scheduler.Jobs
	halt      func() // ends the lanes
	restarted int
	sent      []sending // guarded by the stage's mutex
}

type sending struct {
	at   time.Time
	key  string
	room string
	body bot.Reply
}

// spokenLine is what somebody says in a room, the answer that shows that it was understood, and the other groups that hear of
// it, with the words that they hear.
type spokenLine struct {
	who, room, text, answer string
	groups                  []string
	news                    string
}

func newWorld(t *testing.T, all []outing) *world {
	t.Helper()
	w := &world{stage: &stage{now: founded["光电信息"]}, t: t, data: t.TempDir(), todo: map[time.Time][]spokenLine{}}
	w.open()
	t.Cleanup(func() { w.close() })
	w.Setup(t, []string{"consortium 光电信息", "consortium 智能制造"})
	w.SetClock(fortnight)
	w.Setup(t, []string{"consortium 乡村振兴", "room 光电信息群 光电信息", "room 光电联络员群 光电信息", "room 智能制造群 智能制造",
		"room 乡村振兴群 乡村振兴"})
	w.ledger = ledgerOf(t, w.data)
	for i, e := range all {
		w.follow(i+1, e)
	}
	return w
}

// follow puts what people say of one activity on the list. Everybody organises one, so that 撤销 is about that one.
func (w *world) follow(code int, e outing) {
	who, room := fmt.Sprintf("组织者%d", code), zoneRooms[e.zone][0]
	// By the rule of changes the other groups hear of one that comes within a day of the start that they know of.
	add := func(at time.Time, text, answer, news string, known ...time.Time) {
		if powered(at) != at {
			w.t.Fatalf("the script speaks at %v, when the program is off", at)
		}
		l := spokenLine{who: who, room: room, text: text, answer: answer, news: news}
		if slices.ContainsFunc(known, func(start time.Time) bool { return start.Sub(at) <= 24*time.Hour }) {
			l.groups = zoneRooms[e.zone][1:]
		}
		w.todo[at] = append(w.todo[at], l)
	}
	full := func(t time.Time) string { return t.Format("2006年1月2日 15:04") }
	add(e.said, fmt.Sprintf("登记活动 %s %s 地点 会议室", full(e.start), e.title), fmt.Sprintf("已登记 H%d %s", code, e.title), "")
	start := e.start
	for _, c := range e.changes {
		if c.to.IsZero() {
			add(c.at, fmt.Sprintf("取消活动 H%d", code), fmt.Sprintf("已取消 H%d", code), "取消了", start)
		} else {
			add(c.at, fmt.Sprintf("改 H%d 时间 %s", code, full(c.to)), "→ "+spoken(c.to), "有变动", start)
		}
		if !c.undone.IsZero() {
			known := []time.Time{start}
			if !c.to.IsZero() {
				known = append(known, c.to)
			}
			add(c.undone, "撤销", "已撤销：", "照原来的办", known...)
		} else {
			start = c.to
		}
	}
}

// open starts the program.
func (w *world) open() {
	cfg := defaults()
	cfg.Data = w.data
	if problems := cfg.Validate(); len(problems) > 0 {
		w.t.Fatal(problems)
	}
	ctx, halt := context.WithCancel(context.Background())
	app, err := Open(ctx, cfg, Setup{
		Now: w.clock, Log: slog.New(slog.NewTextHandler(testWriter{w.t}, &slog.HandlerOptions{Level: slog.LevelWarn})),
		Adapters: func(*App) ([]bot.Adapter, error) { return []bot.Adapter{w}, nil },
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.app = app
	if w.jobs, err = app.jobs(ctx); err != nil {
		w.t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- app.Lanes.Run(ctx) }()
	w.halt = func() {
		halt()
		if err := ended(ctx, <-done); err != nil {
			w.t.Error(err)
		}
		w.halt = func() {}
	}
}

// close ends the program.
func (w *world) close() {
	if w.app == nil {
		return
	}
	w.halt()
	if err := w.jobs.Close(); err != nil {
		w.t.Error(err)
	}
	if err := w.app.Close(); err != nil {
		w.t.Error(err)
	}
	w.app = nil
}

// Send implements bot.Adapter.
func (w *world) Send(_ context.Context, d bot.Delivery) (bot.Receipt, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	room := string(d.To.Chat)
	if room == "" {
		room = "私聊 " + string(d.To.User)
	}
	w.sent = append(w.sent, sending{w.now, d.Key, room, d.Body})
	return bot.Receipt{At: w.now}, nil
}

// live lets time pass and returns the number of minutes at which the program ran.
func (w *world) live(from, to time.Time) (minutes int) {
	w.t.Helper()
	for now := from; now.Before(to); now = now.Add(time.Minute) {
		if powered(now) != now {
			w.close()
			continue
		}
		minutes++
		w.SetClock(now)
		if w.app == nil {
			w.open()
		}
		if now.Equal(founded["基层治理"]) {
			w.Setup(w.t, []string{"consortium 基层治理", "room 基层治理群 基层治理"})
		}
		for _, l := range w.todo[now] {
			w.speak(l)
		}
		if slices.Contains(restarts, now) {
			w.halt() // what the sweeps enqueue now is not sent before the next start
			w.tick()
			w.close()
			w.open()
			w.restarted++
		}
		w.tick()
		w.settle()
	}
	return minutes
}

// tick runs every sweep, as River does each minute.
func (w *world) tick() {
	w.t.Helper()
	if err := w.jobs.RunAll(context.Background(), w.app.Now()); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) settle() {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := w.app.settled(ctx); err != nil {
		w.t.Fatal(err)
	}
}

// speak says one line of the script twice, as a platform does that lost the acknowledgement, and waits for its one answer.
// Nobody has signed up, so that nobody else hears of it but the groups.
func (w *world) speak(l spokenLine) {
	w.t.Helper()
	e := bot.Event{
		ID: bot.EventID(fmt.Sprintf("%s/%s", l.who, w.clock().Format("0102-1504"))), Kind: bot.Said, At: w.clock(), Name: l.who,
		From: bot.Address{Platform: webPlatform, Account: webAccount, Chat: bot.ChatKey(l.room), User: bot.UserKey(l.who)},
		Text: l.text, Addressed: true,
	}
	before := len(w.all())
	for range 2 {
		if err := w.Handle(e); err != nil {
			w.t.Fatal(err)
		}
	}
	w.settle()
	var answers, groups []string
	for _, m := range w.all()[before:] {
		words := bot.Plain(m.body)
		switch {
		case m.room == l.room && strings.Contains(words, l.answer):
			answers = append(answers, m.room)
		case m.room != l.room && l.news != "" && strings.Contains(words, l.news):
			groups = append(groups, m.room)
		default:
			w.t.Fatalf("%v %s said %q; %s heard %q", stampOf(w.clock()), l.who, l.text, m.room, words)
		}
	}
	slices.Sort(groups)
	if len(answers) != 1 || !slices.Equal(groups, l.groups) {
		w.t.Fatalf("%v %s said %q; answered %d times, %q heard of it, want %q", stampOf(w.clock()), l.who, l.text, len(answers), groups, l.groups)
	}
}

func (w *world) all() []sending {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.sent)
}

// heard counts what was sent but answers, in the words of the model.
func (w *world) heard() map[string]int {
	out := map[string]int{}
	for _, s := range w.all() {
		if !strings.HasPrefix(s.key, "reply/") {
			out[told(s.at, s.room, s.body)]++
		}
	}
	return out
}

// keys counts everything that was sent by its key.
func (w *world) keys() map[string]int {
	out := map[string]int{}
	for _, s := range w.all() {
		out[s.key]++
	}
	return out
}

// reminders counts the rows of reminders, in the words of the model.
func (w *world) reminders() map[string]int {
	w.t.Helper()
	out := map[string]int{}
	for _, r := range rows(w.t, w.ledger, `SELECT activity, kind, due, state, reason FROM reminder`) {
		out[fmt.Sprintf("H%s %s %s %s %s", r[0], r[1], stampOf(time.UnixMicro(int64(atoi(w.t, r[2])))), r[3], r[4])]++
	}
	return out
}

// digests counts the stored cuts, in the words of the model.
func (w *world) digests() map[string]int {
	w.t.Helper()
	out := map[string]int{}
	for _, r := range rows(w.t, w.ledger, `SELECT c.name, d.planned, d.made, d.cut FROM digest d JOIN consortium c ON c.id = d.consortium`) {
		var cut consortium.Cut
		if err := json.Unmarshal([]byte(r[3]), &cut); err != nil {
			w.t.Fatal(err)
		}
		codes := func(as []consortium.CutActivity) []string {
			var out []string
			for _, a := range as {
				out = append(out, fmt.Sprintf("%s H%d", stampOf(a.Start), a.ID))
			}
			slices.Sort(out)
			return out
		}
		if planned := time.UnixMicro(int64(atoi(w.t, r[1]))); !planned.Equal(cut.To) {
			w.t.Errorf("the digest planned for %v reaches to %v", planned, cut.To)
		}
		out[fmt.Sprintf("%s %s–%s made %s held %v coming %v before %d", r[0], stampOf(cut.From), stampOf(cut.To),
			stampOf(time.UnixMicro(int64(atoi(w.t, r[2])))), codes(cut.Held), codes(cut.Coming), cut.PreviousHeld)]++
	}
	return out
}
