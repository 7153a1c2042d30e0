package feishu_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"lianbang/bot"
	"lianbang/bot/fake"
	"lianbang/bot/feishu"
	"lianbang/bot/feishu/feishutest"
)

// sounding is an adapter over the long connection of a fresh tenant, with what it heard.
type sounding struct {
	*feishu.Adapter
	fake *feishutest.Server
	cast feishutest.Cast
	log  *bytes.Buffer // to be read when the adapter has stopped

	mu     sync.Mutex
	events []bot.Event
	counts map[string]int
}

func listen(t *testing.T) *sounding {
	t.Helper()
	s := &sounding{log: &bytes.Buffer{}, counts: map[string]int{}, fake: feishutest.New(feishutest.Options{
		Clock:            fake.NewFrozenClock(time.Now()), // nothing is late because this machine is slow
		ConnectionConfig: feishutest.Config{ReconnectCount: -1, ReconnectInterval: 1, ReconnectNonce: 1, PingInterval: 120},
	})}
	base, err := s.fake.Start()
	if err != nil {
		t.Fatal(err)
	}
	s.cast = s.fake.Cast()
	s.Adapter, err = feishu.New(feishu.Config{Account: "hq", AppID: s.fake.AppID(), AppSecret: s.fake.AppSecret(), BaseURL: base,
		Logger: slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug})), Count: s.count})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx, s.sink) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run ended with %v", err)
		}
		for _, v := range s.fake.Violations() {
			t.Errorf("against the protocol: %s", v)
		}
		for _, secret := range []string{s.fake.AppSecret(), "access_key", "ticket"} {
			if strings.Contains(s.log.String(), secret) {
				t.Errorf("%q is in the log", secret)
			}
		}
		if err := s.fake.Close(); err != nil {
			t.Error(err)
		}
	})
	await(t, "the connection", func() bool { return s.fake.Connections() == 1 })
	return s
}

func (s *sounding) count(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts[what]++
}

// sink remembers, and answers every click as a lane would.
func (s *sounding) sink(ctx context.Context, e bot.Event) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events = append(s.events, e)
	if e.Kind != bot.Clicked {
		return nil
	}
	go func() {
		_, _ = s.Send(context.WithoutCancel(ctx), bot.Delivery{Key: "reply/" + string(e.ID), To: e.Place(), Ref: e.Ref, Body: bot.Say("好：" + e.Text), Attempt: 1})
	}()
	return nil
}

func (s *sounding) heard() []bot.Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]bot.Event(nil), s.events...)
}

func await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("in vain: %s", what)
		}
	}
}

// offer shows a card with a button and a form, in the group or privately.
func (s *sounding) offer(t *testing.T, to bot.Address) {
	t.Helper()
	card := &bot.Card{Title: "主题党日", Buttons: []bot.Button{{Label: "报名", Command: "报名 H1"}},
		Form: &bot.Form{Command: "登记活动", Submit: "登记", Fields: []bot.Field{{Name: "人数", Label: "人数", Kind: bot.NumberField, Required: true}}}}
	if _, err := s.Send(context.Background(), bot.Delivery{Key: fmt.Sprint("card", to), To: to, Body: bot.Reply{Card: card}, Attempt: 1}); err != nil {
		t.Fatal(err)
	}
}

// A click in a group is answered in its callback, under either type of frame; one in a private chat by a message, although
// the callback doesn't say what chat it is.
func TestIncomingClicks(t *testing.T) {
	s := listen(t)
	ctx := context.Background()
	group, private := bot.Address{Chat: bot.ChatKey(s.cast.Group.ID)}, bot.Address{User: bot.UserKey(s.cast.Wang.OpenID)}
	s.offer(t, group)
	s.offer(t, private)
	for _, cardFrames := range []bool{false, true} {
		s.fake.SetNetwork(feishutest.Network{CardFrames: cardFrames})
		if out := s.cast.Wang.Click(ctx, feishutest.Tap{In: s.cast.Group, Label: "报名"}); !out.Acked || out.Answer == nil || out.Answer.Toast != "好：报名 H1" {
			t.Errorf("card frames %v: %+v", cardFrames, out)
		}
	}
	if out := s.cast.Wang.Click(ctx, feishutest.Tap{Label: "登记", Form: map[string]string{"f0": "30"}}); !out.Acked || out.Answer != nil && out.Answer.Toast != "" {
		t.Errorf("%+v", out)
	}
	got := s.heard()
	if len(got) != 3 || got[0].Direct || got[0].Name == "" || got[0].Text != "报名 H1" || !got[2].Direct || got[2].Text != "登记活动" || got[2].Form["人数"] != "30" {
		t.Fatalf("%+v", got)
	}
	await(t, "the private answer", func() bool {
		for _, m := range s.fake.Shown() {
			if strings.Contains(m.Text, "好：登记活动") {
				return strings.HasPrefix(m.Where, "私聊")
			}
		}
		return false
	})
}

// Whatever the network does, every message reaches the sink, and after cuts the platform delivers again.
func TestIncomingNetwork(t *testing.T) {
	s := listen(t)
	ctx := context.Background()
	long := strings.Repeat("长", 2000)
	for i, n := range []feishutest.Network{{Fragment: 700, Shuffle: true}, {Fragment: 700, Shuffle: true, Repeat: true}, {Twice: true}} {
		s.fake.SetNetwork(n)
		if out := s.cast.Wang.Say(ctx, nil, fmt.Sprint(i, long)); !out.Acked {
			t.Errorf("%+v: %+v", n, out)
		}
	}
	for i, n := range []feishutest.Network{{CutAfter: true}, {Fragment: 700, CutMidway: true}} {
		opened := s.fake.Counts().Connections
		s.fake.SetNetwork(n)
		s.cast.Wang.Say(ctx, nil, fmt.Sprint(3+i, long))
		await(t, "another connection", func() bool { return s.fake.Counts().Connections > opened && s.fake.Connections() == 1 })
	}
	s.fake.SetNetwork(feishutest.Network{})
	s.fake.Clock().Advance(15 * time.Second) // the platform's first pause before it delivers again
	await(t, "all messages", func() bool {
		seen := map[string]bool{}
		for _, e := range s.heard() {
			if strings.HasSuffix(e.Text, long) {
				seen[strings.TrimSuffix(e.Text, long)] = true
			}
		}
		return len(seen) == 5 && s.fake.Waiting() == 0
	})
	ids := map[bot.EventID]string{}
	for _, e := range s.heard() {
		if ids[e.ID] != "" && ids[e.ID] != e.Text {
			t.Errorf("one id, two messages: %s", e.ID)
		}
		ids[e.ID] = e.Text
	}
	if len(ids) != 5 {
		t.Errorf("%d ids for 5 messages", len(ids))
	}
}

// What happens to the chat and to what was said comes as events.
func TestIncomingEvents(t *testing.T) {
	s := listen(t)
	ctx := context.Background()
	said := s.cast.Wang.Say(ctx, s.cast.Group, "@联帮 登记活动")
	steps := []struct {
		out  feishutest.Outcome
		want bot.Event
	}{
		{said, bot.Event{Kind: bot.Said, Text: "登记活动", Addressed: true}},
		{s.cast.Wang.Recall(ctx, said.Message), bot.Event{Kind: bot.Recalled, Quoted: said.Message}},
		{s.cast.Group.Rename(ctx, s.cast.Wang, "新名字"), bot.Event{Kind: bot.Renamed, Text: "新名字"}},
		{s.cast.Wang.Menu(ctx, "我的"), bot.Event{Kind: bot.Clicked, Text: "我的", Direct: true, Addressed: true}},
		{s.cast.Group.Leave(ctx, s.cast.Wang), bot.Event{Kind: bot.Departed}},
		{s.cast.Group.RemoveBot(ctx, s.cast.Lin), bot.Event{Kind: bot.Left}},
		{s.cast.Group.AddBot(ctx, s.cast.Lin), bot.Event{Kind: bot.Joined, Text: "新名字"}},
		{s.cast.Group.Dissolve(ctx, s.cast.Lin), bot.Event{Kind: bot.Left}},
	}
	got := s.heard()
	if len(got) != len(steps) {
		t.Fatalf("%d events: %+v", len(got), got)
	}
	for i, step := range steps {
		e := got[i]
		if !step.out.Acked || e.Kind != step.want.Kind || e.Text != step.want.Text || e.Quoted != step.want.Quoted || e.Direct != step.want.Direct || e.Addressed != step.want.Addressed {
			t.Errorf("%d: %+v, %+v", i, step.out, e)
		}
	}
	if got[4].From.User != bot.UserKey(s.cast.Wang.OpenID) || got[0].ID != bot.EventID(said.Message) {
		t.Errorf("%+v, %+v", got[0], got[4])
	}
}
