package wecom_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"lianbang/bot"
	"lianbang/bot/bottest"
	"lianbang/bot/wecom"
	"lianbang/bot/wecom/wecomtest"
	"lianbang/bot/wecom/wire"
)

// setup is one account that an operator may have.
type setup struct {
	mode  string // of the AI bot; "" = there is none
	app   bool
	hears bool // the app has a callback
	chats bool // the app has a group chat beside the group
	hooks bool
}

// TestConformance passes the suite of every adapter with each kind of account, against the fake platform, which also writes
// down what an account does against the protocol.
func TestConformance(t *testing.T) {
	for name, s := range map[string]setup{
		"long connection":        {mode: wecom.ModeWebsocket},
		"callbacks with app":     {mode: wecom.ModeCallback, app: true, chats: true},
		"callbacks with webhook": {mode: wecom.ModeCallback, app: true, hooks: true},
		"app":                    {app: true, hears: true, chats: true},
		"all":                    {mode: wecom.ModeWebsocket, app: true, hears: true, chats: true, hooks: true},
	} {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			t.Parallel()
			bottest.Adapter(t, func(t *testing.T) bottest.Subject { return open(t, s) })
		})
	}
}

// open joins an adapter to a fresh company.
func open(t *testing.T, s setup) bottest.Subject {
	fake := wecomtest.New(wecomtest.Options{Attempts: 1, Unlimited: true})
	base, err := fake.Start()
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{fake: fake, turns: map[bot.EventID]*turn{}}
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(func() {
		server.Close()
		for _, v := range fake.Violations() {
			t.Errorf("against the protocol: %s", v)
		}
		if err := fake.Close(); err != nil {
			t.Error(err)
		}
	})
	group := wecomtest.DefaultGroup
	c := wecom.Config{Account: "hq"}
	self := wecomtest.DefaultBot
	switch s.mode {
	case wecom.ModeWebsocket:
		c.Bot = &wecom.BotConfig{Name: self.Name, ID: self.ID, Secret: self.Secret, URL: fake.SocketURL()}
	case wecom.ModeCallback:
		c.Bot = &wecom.BotConfig{Mode: s.mode, Name: self.Name, Token: self.Token, AESKey: self.AESKey}
		fake.SetBotCallback(server.URL + "/wecom/hq/bot")
	}
	if app := wecomtest.DefaultApp; s.app {
		c.App = &wecom.AppConfig{CorpID: app.CorpID, Secret: app.Secret, AgentID: app.AgentID, BaseURL: base}
		if s.hears {
			c.App.Token, c.App.AESKey = app.Token, app.AESKey
			fake.SetAppCallback(server.URL + "/wecom/hq/app")
		}
	}
	if s.chats {
		c.App.Chats = map[bot.ChatKey]string{bot.ChatKey(group.ChatID): createChat(t, base, group)}
	}
	if s.hooks {
		c.Groups = []wecom.GroupHook{{Chat: bot.ChatKey(group.ChatID), URL: fake.HookURL(group.ChatID)}}
	}
	a, err := wecom.New(c)
	if err != nil {
		t.Fatal(err)
	}
	b.Adapter, b.mux, b.byApp, b.connects = a, mux, c.Bot == nil, s.mode == wecom.ModeWebsocket
	return bottest.Subject{
		Adapter: b,
		Group:   bot.Address{Platform: wecom.Platform, Account: "hq", Chat: bot.ChatKey(group.ChatID)},
		User:    "wanggong",
		Deaf:    c.Bot == nil,
		Push:    b.push,
		Shown: func() (out []bottest.Shown) {
			for _, x := range fake.Shown() {
				if x.Text != heard {
					out = append(out, bottest.Shown{Where: x.Where, Text: bot.Fold(x.Text)})
				}
			}
			return out
		},
	}
}

// createChat lets the app make a group chat beside the group.
func createChat(t *testing.T, base string, g wecomtest.Group) string {
	t.Helper()
	var token struct {
		Token string `json:"access_token"`
	}
	var chat struct {
		Code int    `json:"errcode"`
		ID   string `json:"chatid"`
	}
	app := wecomtest.DefaultApp
	get, err := http.Get(base + "/cgi-bin/gettoken?corpid=" + app.CorpID + "&corpsecret=" + app.Secret)
	if err != nil {
		t.Fatal(err)
	}
	decode(t, get, &token)
	body, err := json.Marshal(map[string]any{"name": g.Title, "owner": g.Members[0], "userlist": g.Members, "chatid": "beside1"})
	if err != nil {
		t.Fatal(err)
	}
	post, err := http.Post(base+"/cgi-bin/appchat/create?access_token="+token.Token, "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if decode(t, post, &chat); chat.Code != 0 || chat.ID == "" {
		t.Fatalf("no group chat: %+v", chat)
	}
	return chat.ID
}

func decode(t *testing.T, r *http.Response, into any) {
	t.Helper()
	defer func() {
		if err := r.Body.Close(); err != nil {
			t.Error(err)
		}
	}()
	if err := json.NewDecoder(r.Body).Decode(into); err != nil {
		t.Fatal(err)
	}
}

// heard is what the bench answers to callbacks, which would wait for their answer otherwise.
const heard = "收到了"

// bench is an adapter whose sink tells what became of each message, in the way of the platform: over the long connection
// nothing is acknowledged, and it is the adapter that offers an event again until the sink takes it.
type bench struct {
	*wecom.Adapter
	fake     *wecomtest.Server
	mux      *http.ServeMux
	byApp    bool // people speak to the app
	connects bool // the AI bot has a long connection

	mu    sync.Mutex
	turns map[bot.EventID]*turn
}

// turn is one message: how often it may be offered to the sink, and what the sink said.
type turn struct {
	allow  chan struct{}
	said   chan error
	pushed bool
}

func (b *bench) turn(id string) *turn {
	b.mu.Lock()
	defer b.mu.Unlock()
	event := bot.EventID(id)
	if b.byApp {
		event = bot.EventID("app/" + id)
	}
	if b.turns[event] == nil {
		b.turns[event] = &turn{allow: make(chan struct{}, 10), said: make(chan error, 10)}
	}
	return b.turns[event]
}

func (b *bench) Run(ctx context.Context, sink bot.Sink) error {
	told := func(work context.Context, e bot.Event) error {
		b.mu.Lock()
		t := b.turns[e.ID]
		b.mu.Unlock()
		select {
		case <-t.allow:
		case <-ctx.Done():
			return ctx.Err()
		}
		err := sink(work, e)
		t.said <- err
		if err == nil && strings.HasPrefix(e.Ref.Token, "k:") {
			d := bot.Delivery{Key: "heard/" + string(e.ID), To: e.Place(), Ref: e.Ref, Body: bot.Say(heard), Attempt: 1}
			go func() { _, _ = b.Send(ctx, d) }() // the suite is not about it
		}
		return err
	}
	b.Mount(b.mux, told)
	return b.Adapter.Run(ctx, told)
}

// push lets 王工 say something. Over the long connection a message that the sink did not take is not said again: the adapter
// still has it.
func (b *bench) push(ctx context.Context, id string, direct bool, text string) (bool, error) {
	t := b.turn(id)
	t.allow <- struct{}{}
	if b.connects && t.pushed {
		return t.outcome(ctx)
	}
	sent := b.deliver(id, direct, text)
	switch {
	case !sent.Delivered:
		select {
		case <-t.allow: // the sink was not reached
		default:
		}
		return false, nil
	case !b.connects:
		return true, nil
	}
	t.pushed = true
	return t.outcome(ctx)
}

func (t *turn) outcome(ctx context.Context) (bool, error) {
	select {
	case err := <-t.said:
		return err == nil, nil
	case <-ctx.Done():
		return false, ctx.Err()
	case <-time.After(20 * time.Second):
		return false, errors.New("the sink was not called")
	}
}

func (b *bench) deliver(id string, direct bool, text string) wecomtest.Sent {
	if b.byApp {
		return b.fake.DeliverToApp("王工", wire.AppMessage{ID: id, Type: "text", Content: strings.TrimPrefix(text, "@联帮 ")})
	}
	m := wecomtest.Message{ID: id, User: "王工", Text: text}
	if !direct {
		m.Chat = wecomtest.DefaultGroup.Title
	}
	return b.fake.Deliver(m)
}
