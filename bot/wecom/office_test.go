package wecom

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"lianbang/bot"
	"lianbang/bot/wecom/wecomtest"
)

// office is an adapter that runs against the fake platform. At its end it looks for secrets in the log.
type office struct {
	*Adapter
	t      *testing.T
	fake   *wecomtest.Server
	log    journal
	events chan bot.Event
	mu     sync.Mutex
	errs   []error // of everything that was sent
	counts map[string]int
	clock  time.Duration // ahead of the machine's
}

// have is what the operator of an office has.
type have struct {
	mode              string
	app, hears, hooks bool
	home, aloof       bool // an address for cards; the adapter does not run
	options           wecomtest.Options
}

const theGroup = bot.ChatKey("wrFAKEgroup0001")

func openOffice(t *testing.T, h have) *office {
	t.Helper()
	h.options.Unlimited = true
	o := &office{t: t, fake: company(t, h.options), events: make(chan bot.Event, 100), counts: map[string]int{}}
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	c := Config{Account: "hq", Now: o.now, Count: o.count, Logger: slog.New(slog.NewTextHandler(&o.log, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	if h.home {
		c.Home = "https://lianbang.example/"
	}
	b, p := o.fake.Bot(), o.fake.App()
	switch h.mode {
	case ModeWebsocket:
		c.Bot = &BotConfig{Name: b.Name, ID: b.ID, Secret: b.Secret, URL: o.fake.SocketURL(), Pause: time.Hour}
	case ModeCallback:
		c.Bot = &BotConfig{Mode: h.mode, Name: b.Name, Token: b.Token, AESKey: b.AESKey}
		o.fake.SetBotCallback(server.URL + "/wecom/hq/bot")
	}
	if h.app {
		c.App = &AppConfig{CorpID: p.CorpID, Secret: p.Secret, AgentID: p.AgentID, BaseURL: o.fake.BaseURL()}
	}
	if h.hears {
		c.App.Token, c.App.AESKey = p.Token, p.AESKey
		o.fake.SetAppCallback(server.URL + "/wecom/hq/app")
	}
	if h.hooks {
		c.Groups = []GroupHook{{Chat: theGroup, URL: o.fake.HookURL(string(theGroup))}}
	}
	a, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	o.Adapter = a
	a.Mount(mux, o.sink)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	if h.aloof {
		close(done)
	} else {
		go func() { done <- a.Run(ctx, o.sink) }()
		until(t, "the adapter holds its connection", func() bool { return a.Holds("") })
	}
	t.Cleanup(func() {
		cancel()
		<-done
		server.Close()
		o.secrets()
	})
	return o
}

// secrets looks for what must never be logged, nor stand in an error.
func (o *office) secrets() {
	all := o.log.String()
	o.mu.Lock()
	for _, err := range o.errs {
		all += "\n" + err.Error()
	}
	o.mu.Unlock()
	for _, secret := range []string{o.fake.Bot().Secret, o.fake.App().Secret, o.fake.App().AESKey, "fake-hook-key", "TOKEN-", "RESP", "RC0", "response_code=",
		"access_token=", "203.0.113.9", "秘密"} {
		if strings.Contains(all, secret) {
			o.t.Errorf("%q is in the log or in an error:\n%s", secret, all)
		}
	}
}

func (o *office) now() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return time.Now().Add(o.clock)
}

func (o *office) advance(d time.Duration) {
	o.mu.Lock()
	o.clock += d
	o.mu.Unlock()
	o.fake.Clock().Advance(d)
}

func (o *office) count(what string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.counts[what]++
}

func (o *office) counted(what string) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.counts[what]
}

func (o *office) sink(_ context.Context, e bot.Event) error { o.events <- e; return nil }

// next is the event that came, of what somebody did meanwhile.
func (o *office) next() bot.Event {
	o.t.Helper()
	select {
	case e := <-o.events:
		return e
	case <-time.After(10 * time.Second):
		o.t.Fatal("no event came")
		return bot.Event{}
	}
}

// say lets 王工 say something, and gives the event.
func (o *office) say(chat, text string) bot.Event {
	o.t.Helper()
	if chat != "" {
		text = "@联帮 " + text
	}
	go o.fake.Say("王工", chat, text) // a callback waits for its answer
	return o.next()
}

func (o *office) try(d bot.Delivery) (bot.Receipt, error) {
	if d.Attempt == 0 {
		d.Attempt = 1
	}
	d.To.Platform, d.To.Account = Platform, "hq"
	got, err := o.Send(context.Background(), d)
	if err != nil {
		o.mu.Lock()
		o.errs = append(o.errs, err)
		o.mu.Unlock()
	}
	return got, err
}

func (o *office) must(d bot.Delivery) bot.Receipt {
	o.t.Helper()
	got, err := o.try(d)
	if err != nil {
		o.t.Fatal(err)
	}
	return got
}

// fails tries a delivery and gives the verdict.
func (o *office) fails(d bot.Delivery) *bot.SendError {
	o.t.Helper()
	_, err := o.try(d)
	if err == nil {
		o.t.Fatal("sent")
	}
	return bot.AsSendError(err)
}

// last is the newest message that people see.
func (o *office) last() wecomtest.Shown {
	o.t.Helper()
	all := o.fake.Shown()
	if len(all) == 0 {
		o.t.Fatal("nothing is shown")
	}
	return all[len(all)-1]
}

func toGroup(key, text string) bot.Delivery {
	return bot.Delivery{Key: key, To: bot.Address{Chat: theGroup}, Body: bot.Say(text)}
}

func toWang(key, text string) bot.Delivery {
	return bot.Delivery{Key: key, To: bot.Address{User: "wanggong"}, Body: bot.Say(text)}
}

// signUp is a card with buttons.
func signUp(text string) bot.Reply {
	return bot.Reply{Text: text, Card: &bot.Card{Title: "H27 参观座谈", Tone: bot.Info, Sections: []bot.Section{{Facts: []bot.Fact{{Label: "已报", Value: "33/36"}}}},
		Buttons: []bot.Button{{Label: "报名", Command: "报名 H27"}}}}
}
