package main

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"go.yaml.in/yaml/v3"

	"lianbang/bot"
	"lianbang/bot/webchat"
	"lianbang/consortium"
	"lianbang/scheduler"
	"lianbang/storage"
)

//go:embed demo/zone.yaml
var demoZone []byte

//go:embed demo/talk.txt
var demoTalk string

// demoSetting remembers that the demonstration was loaded.
const demoSetting = "demo.loaded"

type demoCommand struct{}

// Run implements the command demo: people and units are stored, and what they said is said again, through the same door as
// everything else, by a clock that runs from nine days ago to now.
func (*demoCommand) Run(ctx context.Context, cli *commands, io console) (err error) {
	cfg, err := cli.load()
	if err != nil {
		return err
	}
	cfg.Listen = "127.0.0.1:0"
	held, address, err := takeLock(cfg.Data)
	if errors.Is(err, errServed) {
		return fmt.Errorf("lianbang 正在运行(%s)。先停掉它，载入演示数据，再启动", address)
	}
	if err != nil {
		return err
	}
	defer held.release()
	cfg.Log.Level = "error"
	var clock atomic.Pointer[time.Time]
	setClock := func(t time.Time) { clock.Store(&t) }
	setClock(time.Now())
	app, err := Open(ctx, cfg, Setup{Now: func() time.Time { return *clock.Load() }, Log: logger(cfg.Log, io.err), Adapters: localChat})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, app.Close()) }()
	bar := newBar(io.err, "演示数据")
	defer bar.done()
	zone, talk, err := readDemo()
	if err != nil {
		return err
	}
	began := app.Now()
	setClock(began.AddDate(0, 0, -10))
	if err := zone.load(ctx, app); err != nil {
		return err
	}
	if err := app.takeOver(ctx); err != nil {
		return err
	}
	running, stop := context.WithCancel(ctx)
	done := make(chan error, 2)
	go func() { done <- app.Lanes.Run(running) }()
	go func() { done <- app.Web.Run(running, app.Dispatcher.Handle) }()
	for i, l := range talk {
		bar.at(i+1, len(talk), l.who)
		setClock(l.at(began))
		if err = l.play(ctx, app, i); err != nil {
			break
		}
	}
	if setClock(began); err == nil {
		err = app.tick(ctx)
	}
	stop()
	if err := errors.Join(err, ended(running, <-done), ended(running, <-done)); err != nil {
		return err
	}
	bar.done()
	fmt.Fprintf(io.out, "演示数据已载入：%d 个联合体，%d 家单位，%d 个人，%d 个群。现在运行 lianbang，从群里任选一个人说话。\n",
		len(zone.Consortia), len(zone.Orgs), len(zone.People), len(zone.Rooms))
	return nil
}

// zoneData is demo/zone.yaml.
type zoneData struct {
	Consortia []struct {
		Name, Kind, Lead string
		Aliases          []string
	}
	Orgs []struct {
		Name, Kind, Parent string
		Aliases, In        []string
	}
	People []struct {
		Name, Unit, Role string
		In               map[string]string
	}
	Rooms []struct{ Title, Consortium string }
}

var roleNames = map[string]consortium.Role{
	"": consortium.Guest, "member": consortium.Member, "liaison": consortium.Liaison, "coordinator": consortium.Coordinator,
}

func readDemo() (z zoneData, talk []talkLine, err error) {
	d := yaml.NewDecoder(bytes.NewReader(demoZone))
	d.KnownFields(true)
	if err := d.Decode(&z); err != nil {
		return z, nil, fmt.Errorf("read the demonstration zone: %w", err)
	}
	for text := range strings.Lines(demoTalk) {
		text = strings.TrimSpace(text)
		if text == "" || text[0] == '#' {
			continue
		}
		l, err := parseTalk(text)
		if err != nil {
			return z, nil, err
		}
		talk = append(talk, l)
	}
	return z, talk, nil
}

// load stores the zone in one transaction.
func (z zoneData) load(ctx context.Context, app *App) error {
	return app.DB.Do(ctx, func(tx *storage.Tx) error {
		tx.As("demo", app.Now())
		if done, err := tx.Setting(demoSetting); err != nil || done != "" {
			return errors.Join(err, errors.New("这个数据目录已经载入过演示数据，不用再载。要重新来，用 --data 换一个空目录"))
		}
		if err := tx.SetSetting(demoSetting, app.Now().Format(time.RFC3339)); err != nil {
			return err
		}
		ids, err := z.loadConsortia(tx)
		if err != nil {
			return err
		}
		if err := z.loadOrgs(tx, ids); err != nil {
			return err
		}
		return errors.Join(z.loadPeople(tx, ids), z.loadRooms(tx, ids))
	})
}

func (z zoneData) loadConsortia(tx *storage.Tx) (map[string]consortium.ID, error) {
	ids := map[string]consortium.ID{}
	for _, c := range z.Consortia {
		found, err := tx.ConsortiumNamed(c.Name)
		if errors.Is(err, consortium.ErrNotFound) {
			found = consortium.Consortium{Name: c.Name, Kind: consortium.Kind(c.Kind), Lead: c.Lead, Aliases: c.Aliases}
			err = tx.AddConsortium(&found)
		}
		if err != nil {
			return nil, err
		}
		ids[c.Name] = found.ID
	}
	return ids, nil
}

func (z zoneData) loadOrgs(tx *storage.Tx, ids map[string]consortium.ID) error {
	orgs := map[string]int64{}
	for _, o := range z.Orgs {
		var in []consortium.ID
		for _, name := range o.In {
			in = append(in, ids[name])
		}
		org := consortium.Org{Name: o.Name, Kind: consortium.OrgKind(o.Kind), Parent: orgs[o.Parent], Aliases: o.Aliases}
		if err := tx.AddOrg(&org, in...); err != nil {
			return err
		}
		orgs[o.Name] = org.ID
	}
	return nil
}

func (z zoneData) loadPeople(tx *storage.Tx, ids map[string]consortium.ID) error {
	for _, p := range z.People {
		at := bot.Address{Platform: webPlatform, Account: webAccount, User: bot.UserKey(p.Name)}
		id, err := tx.Identified(at)
		person := consortium.Person{Name: p.Name, Unit: p.Unit, Role: roleNames[p.Role]}
		if errors.Is(err, consortium.ErrNotFound) {
			if err = tx.AddPerson(&person); err == nil {
				id, err = person.ID, tx.Identify(at, person.ID)
			}
		}
		if err != nil {
			return err
		}
		for _, name := range slices.Sorted(maps.Keys(p.In)) {
			if err := tx.Join(id, ids[name], roleNames[p.In[name]]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (z zoneData) loadRooms(tx *storage.Tx, ids map[string]consortium.ID) error {
	for _, r := range z.Rooms {
		id, err := tx.AddRoom(bot.Address{Platform: webPlatform, Account: webAccount, Chat: bot.ChatKey(r.Title)}, r.Title, false)
		if err == nil {
			err = tx.Bind(id, ids[r.Consortium])
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// talkLine is one line of demo/talk.txt.
type talkLine struct {
	days, hour, minute int
	who, room, text    string
}

var talkShape = regexp.MustCompile(`^-(\d+)d (\d\d):(\d\d) ([^@]+)@([^:]+): (.+)$`)

func parseTalk(text string) (talkLine, error) {
	m := talkShape.FindStringSubmatch(text)
	if m == nil {
		return talkLine{}, fmt.Errorf("read the demonstration: %q has no such shape", text)
	}
	number := func(s string) int {
		n, _ := strconv.Atoi(s) // the shape admits digits only
		return n
	}
	l := talkLine{number(m[1]), number(m[2]), number(m[3]), m[4], m[5], m[6]}
	if l.room == "私聊" {
		l.room = webchat.Private
	}
	return l, nil
}

func (l talkLine) at(now time.Time) time.Time {
	d := now.AddDate(0, 0, -l.days)
	return time.Date(d.Year(), d.Month(), d.Day(), l.hour, l.minute, 0, 0, d.Location())
}

// play lets the clock's work happen that fell due before the line, and then says it.
func (l talkLine) play(ctx context.Context, app *App, i int) error {
	if err := app.tick(ctx); err != nil {
		return err
	}
	if err := app.Web.Say(ctx, l.who, l.room, fmt.Sprintf("demo-%d", i), l.text); err != nil {
		return fmt.Errorf("play %q: %w", l.text, err)
	}
	return app.settled(ctx)
}

// tick runs every sweep once and waits until what they send has been sent.
func (a *App) tick(ctx context.Context) error {
	if err := scheduler.RunAll(ctx, a.Now(), a.sweeps()...); err != nil {
		return err
	}
	return a.settled(ctx)
}
