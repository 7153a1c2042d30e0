package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"lianbang/bench/internal/zone"
	"lianbang/bot"
	"lianbang/bot/feishu"
	"lianbang/bot/feishu/feishutest"
)

// encryptKey is the app's Encrypt Key.
const encryptKey = "the-key-of-the-benchmark"

// botPath is where the adapter is mounted.
const botPath = "/feishu/main"

// tenant is the bot as an app of a fake Feishu, which tells it the names of those who speak when it first hears of them.
type tenant struct {
	fake    *feishutest.Server
	adapter *feishu.Adapter
	zone    *zone.Zone

	mu      sync.Mutex
	noticed map[string]int // what the adapter counted
}

// newTenant makes the tenant, the adapter and the zone, in a database in the folder.
func newTenant(ctx context.Context, folder string) (*tenant, error) {
	t := &tenant{fake: feishutest.New(feishutest.Options{}), noticed: map[string]int{}}
	if err := t.open(ctx, folder); err != nil {
		return nil, errors.Join(err, t.close())
	}
	return t, nil
}

func (t *tenant) open(ctx context.Context, folder string) error {
	base, err := t.fake.Start()
	if err != nil {
		return err
	}
	t.adapter, err = feishu.New(feishu.Config{
		Account: "main", AppID: t.fake.AppID(), AppSecret: t.fake.AppSecret(), BaseURL: base, Mode: feishu.Webhook,
		EncryptKey: encryptKey, Path: botPath, Count: t.count,
	})
	if err != nil {
		return fmt.Errorf("make the adapter: %w", err)
	}
	t.zone, err = zone.Open(ctx, zone.Options{Folder: folder, Name: "bot", Place: t.place()})
	return err
}

// close ends what open began, as far as it came.
func (t *tenant) close() error {
	err := t.fake.Close()
	if t.zone != nil {
		err = errors.Join(err, t.zone.Close())
	}
	return err
}

// place lets the people and groups of the zone into the tenant.
func (t *tenant) place() zone.Place {
	p := zone.Place{Caps: t.adapter.Caps(), Admit: bot.InGroups}
	p.Platform, p.Account = t.adapter.Name()
	var members [zone.Rooms][]*feishutest.Person
	for i := range p.Seats {
		who := t.fake.AddPerson(zone.SpeakerName(i))
		members[i%zone.Rooms] = append(members[i%zone.Rooms], who)
		p.Seats[i] = zone.Seat{Key: bot.UserKey(who.OpenID), Private: bot.ChatKey(who.PrivateChat())}
	}
	for i := range p.Rooms {
		p.Rooms[i] = bot.ChatKey(t.fake.AddGroup(zone.RoomTitle(i), members[i]...).ID)
	}
	return p
}

func (t *tenant) count(what string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.noticed[what]++
}

// verify proves that every acknowledged request was handled, that what it did is stored, and that nothing was amiss.
func (t *tenant) verify(ctx context.Context, acknowledged int64) error {
	if n := t.zone.Outcomes.Total(); n != acknowledged {
		return fmt.Errorf("%d requests were acknowledged, but %d commands handled", acknowledged, n)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.noticed) > 0 {
		return fmt.Errorf("the adapter noticed %v", t.noticed)
	}
	if v := t.fake.Violations(); len(v) > 0 {
		return fmt.Errorf("the adapter broke the protocol: %s", strings.Join(v, "; "))
	}
	return t.zone.Verify(ctx)
}
