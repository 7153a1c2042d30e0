package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// book is a store in memory with transactions: what a unit did is kept only when it returned nil.
type book struct {
	seen     map[EventID]bool
	question *Question
	postings map[string][]Posting
	opening  Opening
	sent     []Delivery
	notes    []string // what commands did
	failing  error
	did      []func()
}

func (b *book) Do(_ context.Context, fn func(*book) error) error {
	if b.failing != nil {
		return b.failing
	}
	tx := &book{seen: b.seen, question: b.question, postings: b.postings, opening: b.opening}
	if err := fn(tx); err != nil {
		return err
	}
	for _, f := range tx.did {
		f()
	}
	b.question, b.sent, b.notes = tx.question, append(b.sent, tx.sent...), append(b.notes, tx.notes...)
	return nil
}

func (b *book) Look(ctx context.Context, fn func(*book) error) error { return b.Do(ctx, fn) }

func (b *book) Record(e Event, _ time.Time) (bool, error) {
	b.did = append(b.did, func() { b.seen[e.ID] = true })
	return !b.seen[e.ID], nil
}

func (b *book) Resolve(e Event, _ Admission) (Asker, *Question, error) {
	return Asker{Person: 1, Name: e.Name, Role: 1, Room: 1, Opening: b.opening}, b.question, nil
}

func (b *book) Ask(_ Address, _ int64, q *Question) error { b.question = q; return nil }

func (b *book) Retract(source EventID) error {
	b.notes = append(b.notes, "retracted "+string(source))
	return nil
}

func (b *book) Postings(topic string, _ time.Time, _ int) ([]Posting, error) {
	return b.postings[topic], nil
}

func (b *book) Posted(group Address, message string) (string, error) {
	for topic, ps := range b.postings {
		for _, p := range ps {
			if p.Message == message && p.To.Lane() == group.Lane() {
				return topic, nil
			}
		}
	}
	return "", nil
}

func (b *book) Enqueue(ds ...Delivery) error { b.sent = append(b.sent, ds...); return nil }

// terse is a voice of few words.
type terse struct{}

func (terse) Puzzled(*book, *Call) (Reply, error)      { return Say("没看懂"), nil }
func (terse) Mistyped(_ *Call, _, right string) Reply  { return Say("是想" + right + "吗") }
func (terse) Unsure(_ *Call, what string) Reply        { return Say("要" + what + "吗") }
func (terse) Incomplete(_ *Call, what, _ string) Reply { return Say("还差" + what) }
func (terse) Forbidden(*Call, Role, string) Reply      { return Say("不行") }
func (terse) Late(*Call) Reply                         { return Say("太晚了") }
func (terse) InGroup(*Call) Reply                      { return Say("到群里说") }
func (terse) Aside(*Call) Reply                        { return Say("私聊了") }
func (terse) Unreached(*Call) Reply                    { return Say("请私聊") }
func (terse) Dropped(*Call) Reply                      { return Say("不办了") }
func (terse) TooLong(*Call, int) Reply                 { return Say("太长") }
func (terse) Stale(*Call) Reply                        { return Say("过期") }
func (terse) Unkept(*Call) Reply                       { return Say("没存") }
func (terse) Apology(ref string) Reply                 { return Say("抱歉 " + ref) }
func (terse) Entered(*book, *Call) (Reply, error)      { return Say("您好"), nil }
func (terse) Joined(*book, *Call) (Reply, error)       { return Say("大家好"), nil }

type refusal string

func (r refusal) Error() string       { return string(r) }
func (r refusal) UserMessage() string { return string(r) }

func desk(t *testing.T) (*Dispatcher[*book], *book) {
	t.Helper()
	does := func(f func(s *book, c *Call) (Reply, error)) func(*book, *Call) (Reply, error) { return f }
	text := []Arg{{Name: "内容", Kind: TextArg, Optional: true}}
	r, err := NewRegistry([]Command[*book]{
		{Path: "记", Section: "x", Summary: "记一笔", Example: "记 一", Args: text, Intents: []string{"note"}, Run: does(func(s *book, c *Call) (Reply, error) {
			s.notes = append(s.notes, c.Text+c.Draft["更多"])
			return Say("记了" + c.Text), nil
		})},
		{Path: "瞧", Section: "x", Summary: "看卡片", Example: "瞧", Run: does(func(_ *book, c *Call) (Reply, error) {
			return Say("瞧 " + c.Topic), nil
		})},
		{Path: "问", Section: "x", Summary: "反问", Example: "问", Run: does(func(_ *book, c *Call) (Reply, error) {
			c.Ask(Question{Command: "记", Field: "更多", Draft: map[string]string{}, Options: []Option{{Label: "甲", Line: "记 甲"}, {Label: "乙", Line: "记 乙"}}})
			return Say("1 甲 2 乙"), nil
		})},
		{Path: "等", Section: "x", Summary: "等着", Example: "等", Run: does(func(s *book, c *Call) (Reply, error) {
			if c.Draft != nil {
				s.notes = append(s.notes, c.Draft["甲"]+"="+c.Draft["答"])
				return Say("答了"), nil
			}
			c.Ask(Question{Command: "等", Field: "答", Draft: map[string]string{"甲": c.Event.Text}, Again: "还等着"})
			return Say("等什么"), nil
		}), Aside: func(_ *Call, _ Question, g Guess) bool { return g.Sure }},
		{Path: "密", Section: "x", Summary: "私下", Example: "密", Where: DirectOnly, Run: does(func(s *book, _ *Call) (Reply, error) {
			s.notes = append(s.notes, "说了")
			return Reply{Text: "480万", Class: Confidential}, nil
		})},
		{Path: "私问", Section: "x", Summary: "私下反问", Example: "私问", Run: does(func(_ *book, c *Call) (Reply, error) {
			c.Ask(Question{Options: []Option{{Label: "甲", Line: "记 甲"}, {Label: "乙", Line: "记 乙"}}})
			return Reply{Text: "1 甲 2 乙", Class: Internal}, nil
		})},
		{Path: "漏", Section: "x", Summary: "漏话", Example: "漏", Run: does(func(_ *book, c *Call) (Reply, error) {
			c.Tell(Address{Platform: "web", Account: "a", Chat: "另一群"}, Say("公开"))
			return Reply{Text: "480万", Class: Confidential}, nil
		})},
		{Path: "炸", Section: "x", Summary: "出错", Example: "炸", Run: does(func(s *book, _ *Call) (Reply, error) {
			s.notes = append(s.notes, "不该留下")
			panic("boom")
		})},
		{Path: "拒", Section: "x", Summary: "拒绝", Example: "拒", Run: does(func(s *book, _ *Call) (Reply, error) {
			s.notes = append(s.notes, "不该留下")
			return Reply{}, fmt.Errorf("wrapped: %w", refusal("这不行"))
		})},
		{Path: "看", Section: "x", Summary: "换一张卡", Example: "看", Run: does(func(_ *book, c *Call) (Reply, error) {
			card := Reply{Card: &Card{Title: "新的"}, Topic: "H1"}
			shown := card
			c.Changed("H1", func() Reply { return shown })
			card.Text, card.InPlace = "好", true
			return card, nil
		})},
		{Path: "查", Section: "x", Summary: "查人", Example: "查 王工", Args: []Arg{{Name: "名字", Kind: TextArg}},
			Run: does(func(*book, *Call) (Reply, error) { return Say("查了"), nil })},
		{Path: "图", Section: "x", Summary: "收图", Example: "图", Args: text, Files: true, Run: does(func(s *book, c *Call) (Reply, error) {
			s.notes = append(s.notes, fmt.Sprint(len(c.Event.Files), " ", c.Text, " ", c.Topic))
			return Say("收了"), nil
		})},
		{Path: "管", Section: "x", Summary: "管理", Example: "管", Need: 4, Run: does(func(*book, *Call) (Reply, error) { return Say("管了"), nil })},
	})
	if err != nil {
		t.Fatal(err)
	}
	b := &book{seen: map[EventID]bool{}}
	return &Dispatcher[*book]{
		Store: b, Registry: r, Voice: terse{}, Caps: func(Address) Caps { return Caps{Cards: true, Mentions: true} },
		Now: func() time.Time { return time.Date(2026, 11, 26, 10, 0, 0, 0, time.UTC) }, Log: slog.New(slog.DiscardHandler),
		Guess: func(text string, _ time.Time) Guess {
			switch {
			case strings.Contains(text, "肯定"):
				return Guess{Path: "记", Sure: true}
			case strings.Contains(text, "大概"):
				return Guess{Path: "记"}
			}
			return Guess{}
		},
	}, b
}

var sequence int

func said(text string, direct bool) Event {
	sequence++
	return Event{
		ID: EventID(fmt.Sprint("e", sequence)), Kind: Said, Name: "王工", Direct: direct, Addressed: direct,
		From: Address{Platform: "web", Account: "a", Chat: "群", User: "王工"}, Text: text,
	}
}

// heard lists what was sent as "where: text".
func (b *book) heard() string {
	var out []string
	for _, d := range b.sent {
		out = append(out, string(d.To.Chat+ChatKey(d.To.User))+": "+d.Body.Text)
	}
	b.sent = nil
	return strings.Join(out, " | ")
}

// TestMenuIsWarnedOf: an entry of a menu that names no command is logged once, a button never.
func TestMenuIsWarnedOf(t *testing.T) {
	d, _ := desk(t)
	var log strings.Builder
	d.Log = slog.New(slog.NewTextHandler(&log, nil))
	tap := func(line string, menu bool) {
		e := said(line, true)
		e.Kind, e.Menu = Clicked, menu
		if err := d.Handle(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	tap("show_rota", true)
	tap("show_rota", true)
	tap("旧命令", false)
	if got := log.String(); strings.Count(got, "level=WARN") != 1 || !strings.Contains(got, "entry=show_rota") {
		t.Errorf("logged %s", got)
	}
	for i := range 2 * maxWarned {
		tap(fmt.Sprint("show_", i), true)
	}
	if n := strings.Count(log.String(), "level=WARN"); n != maxWarned {
		t.Errorf("%d warnings", n)
	}
}

func TestHandle(t *testing.T) {
	group := func(text string) Event { return said(text, false) }
	direct := func(text string) Event { return said(text, true) }
	click := func(text string) Event { e := said(text, false); e.Kind = Clicked; return e }
	menu := func(text string) Event { e := said(text, true); e.Kind, e.Menu = Clicked, true; return e }
	stale := func(text string, direct bool) Event {
		e := said(text, direct)
		e.At = time.Date(2026, 11, 26, 9, 29, 0, 0, time.UTC)
		return e
	}
	kind := func(k EventKind) Event { e := said("", true); e.Kind = k; return e }
	tests := []struct {
		name   string
		events []Event
		want   []string
		notes  int
	}{
		{"a command in a group", []Event{group("记 一")}, []string{"群: 记了一"}, 1},
		{"chatter", []Event{group("今天天气")}, []string{""}, 0},
		{"addressed chatter", []Event{direct("今天天气")}, []string{"王工: 没看懂"}, 0},
		{"a sure guess", []Event{direct("肯定是")}, []string{"王工: 记了肯定是"}, 1},
		{"a guess", []Event{direct("大概是"), direct("是")}, []string{"王工: 要记吗", "王工: 记了大概是"}, 1},
		{"an option by number", []Event{group("问"), group("2")}, []string{"群: 1 甲 2 乙", "群: 记了乙"}, 1},
		{"an option by label", []Event{group("问"), group("甲")}, []string{"群: 1 甲 2 乙", "群: 记了甲"}, 1},
		{"a free answer", []Event{direct("问"), direct("丙")}, []string{"王工: 1 甲 2 乙", "王工: 记了丙"}, 1},
		{"no", []Event{direct("问"), direct("算了"), direct("2")}, []string{"王工: 1 甲 2 乙", "王工: 不办了", "王工: 没看懂"}, 0},
		{"another command replaces a question", []Event{direct("问"), direct("记 三"), direct("2")}, []string{"王工: 1 甲 2 乙", "王工: 记了三", "王工: 没看懂"}, 1},
		{"private in a group", []Event{group("密")}, []string{"群: 私聊了 | 王工: 480万"}, 1},
		{"the gate", []Event{group("漏")}, []string{"群: 私聊了 | 王工: 480万 | 另一群: 公开"}, 0},
		{"a refusal", []Event{direct("拒")}, []string{"王工: 这不行"}, 0},
		{"rank", []Event{direct("管")}, []string{"王工: 不行"}, 0},
		{"a button", []Event{click("记 一")}, []string{"群: 记了一"}, 1},
		{"an old button", []Event{click("旧命令 一")}, []string{"群: 过期"}, 0},
		{"a button that lacks something", []Event{click("查")}, []string{"群: 过期"}, 0},
		{"a menu", []Event{menu("记 一")}, []string{"王工: 记了一"}, 1},
		{"a menu that lacks something", []Event{menu("查")}, []string{"王工: 还差名字"}, 0},
		{"a menu that nobody knows", []Event{menu("show_rota")}, []string{"王工: 过期"}, 0},
		{"too long", []Event{direct(strings.Repeat("长", MaxText+1))}, []string{"王工: 太长"}, 0},
		{"too long, to others", []Event{group(strings.Repeat("长", MaxText+1))}, []string{""}, 0},
		{"a megabyte of rubbish", []Event{direct(strings.Repeat("\xff", 1<<20))}, []string{"王工: 太长"}, 0},
		{"entered", []Event{kind(Entered)}, []string{"王工: 您好"}, 0},
		{"joined", []Event{kind(Joined)}, []string{"王工: 大家好"}, 0},
		{"left", []Event{kind(Left)}, []string{""}, 0},
		{"renamed", []Event{kind(Renamed)}, []string{""}, 0},
		{"recalled", []Event{kind(Recalled)}, []string{""}, 1},
		{"departed", []Event{direct("问"), kind(Departed), direct("2")}, []string{"王工: 1 甲 2 乙", "", "王工: 没看懂"}, 0},
		{"said long ago", []Event{stale("记 一", true), stale("记 一", false), stale("今天天气", false)}, []string{"王工: 太晚了", "群: 太晚了", ""}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d, b := desk(t)
			for i, e := range tt.events {
				if err := d.Handle(context.Background(), e); err != nil {
					t.Fatal(err)
				}
				if got := b.heard(); got != tt.want[i] {
					t.Errorf("event %d: %q, want %q", i+1, got, tt.want[i])
				}
			}
			if len(b.notes) != tt.notes {
				t.Errorf("%d effects, want %d: %q", len(b.notes), tt.notes, b.notes)
			}
		})
	}
}

// TestChangedCards: where the platform can, a click changes the clicked card, and the other cards about the same thing
// follow; elsewhere the words are said.
func TestChangedCards(t *testing.T) {
	group := Address{Platform: "web", Account: "a", Chat: "群"}
	other := Address{Platform: "web", Account: "a", Chat: "另一群"}
	for _, tt := range []struct {
		name  string
		topic string // of the card that is tapped
		caps  Caps
		want  string
	}{
		{"in place", "H1", Caps{Cards: true, Updates: true, InPlace: true}, "群 好 新的 | 群 →m1 新的 | 另一群 →m2 新的"},
		{"another card", "H2", Caps{Cards: true, Updates: true, InPlace: true}, "群 好 | 群 →m1 新的 | 另一群 →m2 新的"},
		{"a card of no topic", "", Caps{Cards: true, Updates: true, InPlace: true}, "群 好 | 群 →m1 新的 | 另一群 →m2 新的"},
		{"no updates", "H1", Caps{Cards: true, InPlace: true}, "群 好 新的"},
		{"neither", "H1", Caps{Cards: true}, "群 好"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d, b := desk(t)
			d.Caps, d.Updates = func(Address) Caps { return tt.caps }, tt.caps.Updates
			b.postings = map[string][]Posting{"H1": {{ID: 1, To: group, Message: "m1"}, {ID: 2, To: other, Message: "m2"}}}
			e := said("看", false)
			e.Kind, e.Topic = Clicked, tt.topic
			if err := d.Handle(context.Background(), e); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, s := range b.sent {
				words := []string{string(s.To.Chat)}
				if s.Update != "" {
					words = append(words, "→"+s.Update)
				}
				if s.Body.Text != "" {
					words = append(words, s.Body.Text)
				}
				if s.Body.Card != nil {
					words = append(words, s.Body.Card.Title)
				}
				if (s.Body.Card != nil) != (s.Body.Topic == "H1") {
					t.Errorf("%+v: a card has its topic, words have none", s.Body)
				}
				got = append(got, strings.Join(words, " "))
			}
			if g := strings.Join(got, " | "); g != tt.want {
				t.Errorf("%s, want %s", g, tt.want)
			}
		})
	}
}

func TestHandleTwice(t *testing.T) {
	d, b := desk(t)
	e := said("记 一", false)
	for range 3 {
		if err := d.Handle(context.Background(), e); err != nil {
			t.Fatal(err)
		}
	}
	if got := b.heard(); got != "群: 记了一" || len(b.notes) != 1 {
		t.Errorf("%q, %d effects", got, len(b.notes))
	}
}

// TestHandlePoison: a panic costs an apology with a reference and is not pushed again.
func TestHandlePoison(t *testing.T) {
	d, b := desk(t)
	e := said("炸", true)
	for range 2 {
		if err := d.Handle(context.Background(), e); err != nil {
			t.Fatal(err)
		}
	}
	if got := b.heard(); !strings.HasPrefix(got, "王工: 抱歉 ") || strings.Contains(got, "|") || len(b.notes) != 0 {
		t.Errorf("%q, effects %q", got, b.notes)
	}
}

// TestHandleUnavailable: what is not stored is not acknowledged.
func TestHandleUnavailable(t *testing.T) {
	d, b := desk(t)
	e := said("记 一", false)
	b.failing = fmt.Errorf("commit: %w", ErrUnavailable)
	if err := d.Handle(context.Background(), e); !errors.Is(err, ErrUnavailable) {
		t.Fatalf("acknowledged: %v", err)
	}
	b.failing = nil
	if err := d.Handle(context.Background(), e); err != nil || len(b.notes) != 1 {
		t.Errorf("not recovered: %v, %d effects", err, len(b.notes))
	}
}
