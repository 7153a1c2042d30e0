package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"lianbang/bot"
	"lianbang/bot/fake"
	"lianbang/bot/wecom/wecomtest"
	"lianbang/storage"
)

// pushed is the whole program under a fake clock, with the local chat where people speak, and a group on WeCom that has only
// a webhook.
type pushed struct {
	*stage
	t      *testing.T
	server *wecomtest.Server
	at     bot.Address // of the group
}

func newPushed(t *testing.T, now time.Time) *pushed {
	t.Helper()
	outside := wecomtest.Group{ChatID: "wrOUTSIDE000001", Title: "企业联络群", HookKey: "out-" + secretWord, NoBot: true}
	p := &pushed{t: t, stage: &stage{now: now},
		server: company(t, wecomtest.Options{Groups: []wecomtest.Group{outside}, Clock: fake.NewFrozenClock(now)})}
	cfg := defaults()
	cfg.Data = t.TempDir()
	group := WeComGroup{Title: "企业联络群", URL: Secret(p.server.HookURL(outside.ChatID)), Consortium: "光电信息"}
	cfg.WeCom = []WeComConfig{{Name: "push", Groups: []WeComGroup{group}}}
	p.at = bot.Address{Platform: "wecom", Account: "push", Chat: group.key()}
	if problems := cfg.Validate(); len(problems) > 0 {
		t.Fatal(problems)
	}
	p.open(t, cfg, func(a *App) ([]bot.Adapter, error) {
		all, err := wecomAccounts(a)
		return append(all, p.stage), err
	})
	return p
}

// pass lets time pass on both sides, and wakes the lanes.
func (p *pushed) pass(d time.Duration) {
	p.SetClock(p.clock().Add(d))
	p.server.Clock().Advance(d)
	p.app.Lanes.Wake("")
}

// says lets the coordinator speak in the room of the local chat.
func (p *pushed) says(text string) {
	p.t.Helper()
	before := p.clock().UnixNano()
	e := bot.Event{ID: bot.EventID(fmt.Sprint("e", before, text)), Kind: bot.Said, At: p.clock(), Name: "何统筹", Addressed: true, Text: text,
		From: bot.Address{Platform: webPlatform, Account: webAccount, Chat: "光电信息群", User: "何统筹"}}
	if err := p.Handle(e); err != nil {
		p.t.Fatal(err)
	}
}

// TestWeComDigestByWebhook: a group that has only a webhook is bound by the configuration, and Friday's digest comes there as
// markdown that asks nobody to answer.
func TestWeComDigestByWebhook(t *testing.T) {
	p := newPushed(t, time.Date(2026, 11, 20, 2, 0, 0, 0, time.UTC))
	if err := p.Tick(); err != nil { // nothing is bound yet
		t.Fatal(err)
	}
	p.Setup(t, []string{"consortium 光电信息", "person 何统筹 园区 coordinator 光电信息", "room 光电信息群 光电信息"})
	if err := p.Tick(); err != nil {
		t.Fatal(err)
	}
	p.says("登记活动 11月25日 14:30 参观座谈 地点 企业服务中心 限30人")
	p.says("登记活动 12月2日 15:30 联合主题党日 地点 光子重点实验室 限36人")
	p.says("报名 H2")
	p.pass(7*24*time.Hour + 8*time.Hour) // Friday, 18:00
	if err := p.Tick(); err != nil {
		t.Fatal(err)
	}
	inGroup := func() []wecomtest.Shown { return p.server.ShownIn("wrOUTSIDE000001") }
	waitFor(t, func() bool { return len(inGroup()) == 1 })
	digest := inGroup()[0]
	for _, want := range []string{"### 光电信息党建联合体 周报", "**本周办了**\n- 活动 1 场(上期 0)", "**接下来**\nH2 联合主题党日 12月2日(周三) 15:30 光子重点实验室，余 35 位"} {
		if !strings.Contains(digest.Text, want) {
			t.Errorf("%q is missing", want)
		}
	}
	if digest.Channel != wecomtest.Hook || digest.Type != "markdown_v2" || strings.Contains(digest.Text, "回“") || strings.Contains(digest.Text, "收不到") {
		t.Errorf("%s: %s", digest.Type, digest.Text)
	}
}

// TestWeComWebhookKeepsItsPace: a digest that is too long for one message is split between sections, and however much waits,
// a webhook speaks 20 times a minute at most.
func TestWeComWebhookKeepsItsPace(t *testing.T) {
	p := newPushed(t, time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC))
	p.Setup(t, []string{"consortium 光电信息"})
	if err := p.Tick(); err != nil {
		t.Fatal(err)
	}
	card := bot.Card{Title: "光电信息党建联合体 周报"}
	for i := range 8 {
		s := bot.Section{Heading: fmt.Sprintf("第%d部分", i+1)}
		for range 12 {
			s.Lines = append(s.Lines, strings.Repeat("长", 25))
		}
		card.Sections = append(card.Sections, s)
	}
	long := bot.Fit(bot.Reply{Card: &card, Hint: "报名回“报名 H1”"}, p.app.caps(p.at))
	if err := p.app.DB.Do(t.Context(), func(tx *storage.Tx) error {
		for i := range 10 {
			for n, piece := range long {
				if err := tx.Enqueue(bot.Delivery{Key: fmt.Sprintf("digest/%d/%d", i, n), To: p.at, Urgency: bot.Digest, Body: piece}); err != nil {
					return err
				}
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	shown := func() []wecomtest.Shown { return p.server.ShownIn("wrOUTSIDE000001") }
	for end := time.Now().Add(20 * time.Second); len(shown()) < 20*len(long) && time.Now().Before(end); {
		p.pass(time.Second)
		time.Sleep(5 * time.Millisecond) // the lanes wait on the real clock
	}
	all := shown()
	if len(all) != 20*len(long) {
		t.Fatalf("%d messages", len(all))
	}
	for i, m := range all {
		if len(m.Text) > 4096 || i%2 == 0 != strings.HasPrefix(m.Text, "### 光电信息党建联合体 周报") || i%2 == 1 && !strings.HasPrefix(m.Text, "**第") {
			t.Errorf("piece %d is cut badly: %.40q, %d bytes", i, m.Text, len(m.Text))
		}
		if i >= 20 && m.At.Sub(all[i-20].At) < time.Minute {
			t.Errorf("21 messages in %v", m.At.Sub(all[i-20].At))
		}
	}
	for _, c := range p.server.Calls("webhook/send") {
		if c.Code != 0 {
			t.Errorf("the platform had to refuse: %+v", c)
		}
	}
}
