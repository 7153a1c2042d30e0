package bottest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"lianbang/bot"
)

// Shown is a message of the bot as people see it on the platform.
type Shown struct {
	Where string // title of the group, or "私聊 " and the user's name
	Text  string // every word of it, buttons included
}

// Subject is an adapter joined to a fake of its platform. The fake has the group Group and the users 林书记 and 王工.
type Subject struct {
	Adapter bot.Adapter
	Group   bot.Address // the group, as the adapter addresses it
	User    bot.UserKey // of 王工
	Deaf    bool        // nothing that is said in groups reaches the adapter, which can speak there all the same
	// Push lets 王工 say something: in the group, or privately. It returns whether the platform got its acknowledgement. The
	// same id means that the platform delivers the same message once more.
	Push func(ctx context.Context, id string, direct bool, text string) (acknowledged bool, err error)
	// Shown is everything that the bot has sent, oldest first.
	Shown func() []Shown
}

// patience is how long the suite waits for what must happen.
const patience = 10 * time.Second

// Adapter is the suite that every adapter passes. open makes a fresh subject; the suite runs its adapter.
func Adapter(t *testing.T, open func(t *testing.T) Subject) {
	cases := map[string]func(*testing.T, *running){
		"says what was said":         saysWhatWasSaid,
		"acknowledges after success": acknowledgesAfterSuccess,
		"shows every word":           showsEveryWord,
		"keeps a secret":             keepsASecret,
		"deduplicates":               deduplicates,
		"handles many at once":       handlesMany,
		"stops":                      stops,
	}
	for name, run := range cases {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) { run(t, start(t, open(t))) })
	}
}

// running is a subject whose adapter runs.
type running struct {
	Subject
	stop func()
	done chan error
	mu   sync.Mutex
	got  []bot.Event
	fail error // what the sink answers
}

func start(t *testing.T, s Subject) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r := &running{Subject: s, stop: cancel, done: make(chan error, 1)}
	go func() { r.done <- s.Adapter.Run(ctx, r.sink) }()
	t.Cleanup(cancel)
	await(t, "the adapter takes a message", func() bool {
		ok, err := s.Push(ctx, "first", true, "在吗")
		return ok && err == nil
	})
	r.got = nil
	return r
}

func (r *running) sink(_ context.Context, e bot.Event) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got = append(r.got, e)
	return r.fail
}

func (r *running) events() []bot.Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]bot.Event(nil), r.got...)
}

func (r *running) failWith(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fail = err
}

func (r *running) push(t *testing.T, id string, direct bool, text string) bool {
	t.Helper()
	acknowledged, err := r.Push(context.Background(), id, direct, text)
	if err != nil {
		t.Fatal(err)
	}
	return acknowledged
}

func await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("in vain: %s", what)
		}
	}
}

func saysWhatWasSaid(t *testing.T, r *running) {
	platform, account := r.Adapter.Name()
	if !r.push(t, "m1", true, "活动") || !r.push(t, "m2", r.Deaf, "@联帮 报名 H1\n3人") {
		t.Fatal("not acknowledged")
	}
	got := r.events()
	if len(got) != 2 {
		t.Fatalf("%d events, want 2", len(got))
	}
	for _, e := range got {
		if e.From.Platform != platform || e.From.Account != account || e.From.User != r.User || e.From.Chat == "" || e.ID == "" || e.Name == "" || e.At.IsZero() {
			t.Errorf("an event lacks something: %+v", e)
		}
	}
	if e := got[0]; !e.Direct || !e.Addressed || e.Text != "活动" || e.Kind != bot.Said {
		t.Errorf("private message: %+v", e)
	}
	if e := got[1]; !r.Deaf && (e.Direct || !e.Addressed || e.Text != "报名 H1\n3人" || e.Place().Chat != r.Group.Chat) {
		t.Errorf("group message: %+v", e)
	}
	if got[0].ID == got[1].ID {
		t.Error("two messages have one id")
	}
}

func acknowledgesAfterSuccess(t *testing.T, r *running) {
	r.failWith(errors.New("the database is away"))
	if r.push(t, "m1", true, "活动") {
		t.Error("acknowledged although the sink failed")
	}
	r.failWith(nil)
	if !r.push(t, "m1", true, "活动") {
		t.Error("not acknowledged although the sink took it")
	}
	got := r.events()
	if len(got) != 2 || got[0].ID != got[1].ID {
		t.Errorf("the same message came under different ids: %+v", got)
	}
}

// card has everything that a card can have.
func card() bot.Reply {
	return bot.Reply{Text: "上一行", Card: &bot.Card{
		Title: "已登记 H1 参观", Tone: bot.Done,
		Sections: []bot.Section{{Heading: "事实", Facts: []bot.Fact{{Label: "时间", Value: "12月4日(周五) 15:30"}}, Lines: []string{"提醒：<b>前一天</b> & 当天"}}},
		Form:     &bot.Form{Command: "登记活动", Submit: "提交", Fields: []bot.Field{{Name: "n", Label: "活动名称", Kind: bot.LineField, Required: true}}},
		Buttons: []bot.Button{
			{Label: "报名", Command: "报名 H1"}, {Label: "取消", Command: "取消报名 H1", Tone: bot.Danger, Confirm: "真的？"},
		},
		Charts: []bot.Chart{{Title: "近三周", Kind: bot.BarChart, Labels: []string{"W45"}, Series: []bot.Series{{Name: "新增", Values: []float64{8}}}}},
	}}
}

// meet lets somebody speak to the bot in the group, before which some platforms do not let it speak there.
func (r *running) meet(t *testing.T) {
	if !r.Deaf {
		r.push(t, "m0", false, "@联帮 在吗")
	}
}

func (r *running) send(t *testing.T, key string, to bot.Address, body bot.Reply) {
	t.Helper()
	for i, piece := range bot.Fit(body, r.Adapter.Caps()) {
		d := bot.Delivery{ID: int64(i + 1), Key: fmt.Sprintf("%s/%d", key, i), To: to, Body: piece, Attempt: 1}
		await(t, "a send succeeds", func() bool {
			_, err := r.Adapter.Send(context.Background(), d)
			return err == nil
		})
	}
}

func showsEveryWord(t *testing.T, r *running) {
	r.meet(t)
	r.send(t, "reply/1", r.Group, card())
	long := strings.Repeat("联合体活动安排如下，", 800)
	r.send(t, "reply/2", r.Group, bot.Say(long))
	var all strings.Builder
	for _, s := range r.Shown() {
		all.WriteString(s.Text + "\n")
		if limit := r.Adapter.Caps().MaxBytes; limit > 0 && len(s.Text) > 2*limit {
			t.Errorf("a message of %d bytes on a platform that shows %d", len(s.Text), limit)
		}
	}
	for _, word := range []string{"上一行", "已登记 H1 参观", "12月4日(周五) 15:30", "<b>前一天</b>", "活动名称", "报名", "取消", "近三周", "W45"} {
		if !strings.Contains(all.String(), word) {
			t.Errorf("%q is not shown", word)
		}
	}
	whole := strings.ReplaceAll(all.String(), "\n", "") // it may be cut anywhere
	if n := strings.Count(whole, "联合体活动安排如下"); n != 800 {
		t.Errorf("the long text came %d times of 800", n)
	}
}

func keepsASecret(t *testing.T, r *running) {
	r.meet(t)
	private := bot.Address{Platform: r.Group.Platform, Account: r.Group.Account, User: r.User}
	r.send(t, "reply/1", private, bot.Reply{Text: "放款 480 万元", Class: bot.Confidential})
	for _, s := range r.Shown() {
		if strings.Contains(s.Text, "480") && s.Where != "私聊 王工" {
			t.Errorf("shown in %s", s.Where)
		}
	}
	if !strings.Contains(fmt.Sprint(r.Shown()), "480") {
		t.Error("not shown at all")
	}
}

func deduplicates(t *testing.T, r *running) {
	if !r.Adapter.Caps().Dedup {
		t.Skip("the platform does not deduplicate")
	}
	r.meet(t)
	for range 3 {
		r.send(t, "remind/1", r.Group, bot.Say("⏰ 明天 15:30"))
	}
	n := 0
	for _, s := range r.Shown() {
		n += strings.Count(s.Text, "⏰")
	}
	if n != 1 {
		t.Errorf("shown %d times", n)
	}
}

func handlesMany(t *testing.T, r *running) {
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			if ok, err := r.Push(context.Background(), fmt.Sprintf("n%d", i), i%2 == 0 || r.Deaf, fmt.Sprintf("@联帮 报名 H%d", i+1)); err != nil || !ok {
				t.Errorf("message %d: %v", i, err)
			}
		})
	}
	all.Wait()
	seen := map[string]bool{}
	for _, e := range r.events() {
		seen[e.Text] = true
	}
	for i := range 50 {
		if !seen[fmt.Sprintf("报名 H%d", i+1)] {
			t.Errorf("message %d is lost", i)
		}
	}
}

func stops(t *testing.T, r *running) {
	r.stop()
	select {
	case err := <-r.done:
		if err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("Run ended with %v", err)
		}
	case <-time.After(patience):
		t.Fatal("Run does not end")
	}
}
