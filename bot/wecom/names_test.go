package wecom

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"lianbang/bot"
	"lianbang/bot/memory"
	"lianbang/bot/wecom/wecomtest"
)

// TestOnePerson: with an app the person whose id the bot is given encrypted is the one whose plain id the app knows, in what
// he says and in what is sent to him.
func TestOnePerson(t *testing.T) {
	members := []wecomtest.Member{{UserID: "linshuji", Name: "林书记"}, {UserID: "wanggong", Name: "王工", Encrypted: true}}
	o := openOffice(t, have{mode: ModeWebsocket, app: true, hears: true, options: wecomtest.Options{Members: members}})
	for range 2 {
		if e := o.say("", "在吗"); e.From.User != "wanggong" || e.From.Chat != "wanggong" || e.Name != "王工" {
			t.Errorf("%+v", e)
		}
	}
	if n := len(o.fake.Calls("batch/openuserid_to_userid")) + len(o.fake.Calls("user/get")); n != 2 {
		t.Errorf("asked %d times", n)
	}
	o.must(toWang("k", "x"))
	if x := o.last(); x.Channel != wecomtest.Bot || x.User != "wanggong" {
		t.Errorf("%+v", x)
	}
	go o.fake.SayToApp("王工", "活动")
	if e := o.next(); e.From.User != "wanggong" || e.Name != "王工" {
		t.Errorf("%+v", e)
	}
}

// TestWithoutAnApp: ids stay as they are delivered, and stand for the names as far as they can be read.
func TestWithoutAnApp(t *testing.T) {
	members := slices.Clone(wecomtest.DefaultMembers)
	members[1].Encrypted = true
	o := openOffice(t, have{mode: ModeWebsocket, options: wecomtest.Options{Members: members}})
	e := o.say("", "在吗")
	if !looksEncrypted(string(e.From.User)) || !strings.HasPrefix(e.Name, "成员") || len(e.Name) != len("成员")+4 {
		t.Errorf("%+v", e)
	}
	go o.fake.Say("林书记", "", "在吗")
	if e := o.next(); e.From.User != "linshuji" || e.Name != "linshuji" {
		t.Errorf("%+v", e)
	}
}

func strangers(t *testing.T) (*people, *time.Time) {
	now := time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)
	return &people{now: func() time.Time { return now }, log: slog.New(slog.DiscardHandler), names: map[string]known{}, plain: map[string]known{},
		bots: map[string]string{}, lookups: memory.NewLookups(maxLookups, maxLookups, lookupTime)}, &now
}

const encryptedID = "woAJ2GCAAAXtWyujaWJHDDGi0mACAAAA"

func direct(user string) bot.Event {
	return bot.Event{Direct: true, From: bot.Address{Chat: bot.ChatKey(user), User: bot.UserKey(user)}}
}

// TestPlainIDs: what may pass makes the event come again, what the platform refuses is final for a while.
func TestPlainIDs(t *testing.T) {
	p, now := strangers(t)
	answer, failure := "", error(&transportError{cause: errors.New("away")})
	asked := 0
	p.plainOf = func(context.Context, string) (string, error) { asked++; return answer, failure }
	e := direct(encryptedID)
	if err := p.identify(t.Context(), &e); !errors.Is(err, errNoPlainID) {
		t.Errorf("away: %v", err)
	}
	failure = &refusedError{code: 48002}
	for range 2 {
		if err := p.identify(t.Context(), &e); err != nil || e.From.User != encryptedID || asked != 2 {
			t.Errorf("not allowed: %v, %v, asked %d times", err, e.From, asked)
		}
	}
	*now = now.Add(unknownKept)
	failure = nil
	if err := p.identify(t.Context(), &e); err != nil || e.From.User != encryptedID {
		t.Errorf("no such id: %v, %v", err, e.From)
	}
	*now = now.Add(plainKept)
	answer = "wanggong"
	if err := p.identify(t.Context(), &e); err != nil || e.From.User != "wanggong" || e.From.Chat != "wanggong" || p.botID("wanggong") != encryptedID {
		t.Errorf("known: %v, %v", err, e.From)
	}
	e = direct("wolfgang")
	if err := p.identify(t.Context(), &e); err != nil || e.From.User != "wolfgang" || asked != 4 {
		t.Errorf("plain: %v, %v", err, e.From)
	}
	if p.botID("wolfgang") != "wolfgang" {
		t.Error("a plain id is addressed as another")
	}
}

// TestNamesAreKept: a name is asked for once, one that could not be had again after a while, and never by too many at once.
func TestNamesAreKept(t *testing.T) { synctest.Test(t, testNamesAreKept) }

func testNamesAreKept(t *testing.T) {
	p, now := strangers(t)
	var asked atomic.Int32
	failure := error(nil)
	p.nameOf = func(_ context.Context, id string) (string, error) { asked.Add(1); return "王工", failure }
	for range 3 {
		if n := p.name(t.Context(), "wanggong"); n != "王工" || asked.Load() != 1 {
			t.Errorf("%q, asked %d times", n, asked.Load())
		}
	}
	failure = &refusedError{code: 60011}
	p.nameOf = func(context.Context, string) (string, error) { asked.Add(1); return "", failure }
	for range 3 {
		if n := p.name(t.Context(), "linmei"); n != "linmei" || asked.Load() != 2 {
			t.Errorf("%q, asked %d times", n, asked.Load())
		}
	}
	*now = now.Add(unknownKept)
	if p.name(t.Context(), "linmei"); asked.Load() != 3 {
		t.Errorf("asked %d times", asked.Load())
	}
	held := make(chan struct{})
	p.nameOf = func(ctx context.Context, _ string) (string, error) { asked.Add(1); <-held; return "", nil }
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for i := range 3 * maxLookups {
		if n := p.name(ctx, bot.UserKey(fmt.Sprint("u", i))); n != fmt.Sprint("u", i) {
			t.Errorf("%q", n)
		}
	}
	synctest.Wait()
	if n := int(asked.Load()) - 3; n != maxLookups {
		t.Errorf("%d lookups at once", n)
	}
	close(held)
}
