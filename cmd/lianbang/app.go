package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"lianbang/bot"
	"lianbang/bot/webchat"
	"lianbang/consortium"
	"lianbang/handlers"
	"lianbang/scheduler"
	"lianbang/storage"
	"lianbang/understand"
	"lianbang/zhtime"
)

// App is the whole program, wired. It is the same for serving, for the terminal chat and for tests.
type App struct {
	Config     Config
	DB         *storage.DB
	Desk       *handlers.Desk
	Dispatcher *bot.Dispatcher[handlers.Store]
	Adapters   []bot.Adapter
	Web        *webchat.Adapter // one of Adapters, nil when it is off
	Schedule   scheduler.Schedule
	Lanes      *scheduler.Lanes
	Photos     *scheduler.Photos[*storage.Tx]
	Metrics    *Metrics
	Now        func() time.Time
	Log        *slog.Logger

	node      string // names the process in leases and seats
	rooms     namedRooms
	gazetteer sync.Map // holds the one *understand.Gazetteer under "all"
}

// Setup is what an App is made from besides its configuration.
type Setup struct {
	Now      func() time.Time // nil = the real clock
	Log      *slog.Logger
	Progress func(storage.Progress)
	Adapters func(*App) ([]bot.Adapter, error) // the accounts; called once the database is open
}

// Open opens the database and wires everything. The caller must Close it.
func Open(ctx context.Context, c Config, s Setup) (*App, error) {
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	node, err := nodeName(c.Data)
	if err != nil {
		return nil, err
	}
	a := &App{Config: c, Log: s.Log, Now: s.Now, Metrics: NewMetrics(), node: node}
	if a.Now == nil {
		a.Now = time.Now
	}
	clock := a.Now
	a.Now = func() time.Time { return clock().In(c.zone) }
	o := storage.Options{KeyFile: c.keyFile(), Now: a.Now, Location: c.zone, Wake: a.wake, Logger: s.Log, Progress: s.Progress}
	if o.Postgres = string(c.Database.Postgres); o.Postgres == "" {
		o.SQLite = filepath.Join(c.Data, "lianbang.db")
	}
	db, err := storage.Open(ctx, o)
	if err != nil {
		return nil, err
	}
	a.DB = db
	a.rooms = namedRooms{db: db, log: s.Log, all: map[string]namedAccount{}, warned: map[string]bool{}}
	if err := a.wire(s); err != nil {
		db.Close()
		return nil, err
	}
	return a, nil
}

// Close ends what Open began.
func (a *App) Close() error { return a.DB.Close() }

func (a *App) wire(s Setup) (err error) {
	if a.Schedule, err = scheduler.ParseSchedule(a.Config.Digest.Schedule, a.Config.zone); err != nil {
		return err
	}
	calendar := zhtime.Embedded()
	if folder := a.Config.Calendar.Folder; folder != "" {
		if calendar, err = zhtime.Load(os.DirFS(folder)); err != nil {
			return fmt.Errorf("calendar.folder: %w", err)
		}
	}
	a.Desk = &handlers.Desk{
		BotName: a.Config.BotName, Calendar: calendar, Categories: a.Config.Needs.Categories, Gazetteer: a.organisations,
		Period: a.period,
	}
	registry, err := a.Desk.Registry()
	if err != nil {
		return fmt.Errorf("check the command table: %w", err)
	}
	a.Dispatcher = &bot.Dispatcher[handlers.Store]{
		Store: ledger{a.DB}, Registry: registry, Voice: handlers.Voice{Desk: a.Desk}, Guess: a.Desk.Guess,
		Mask: consortium.Mask, Caps: a.caps, Admit: a.admit, Now: a.Now, Log: a.Log, Observe: a.Metrics.Handled,
	}
	if s.Adapters != nil {
		if a.Adapters, err = s.Adapters(a); err != nil {
			return err
		}
	}
	a.Dispatcher.Updates = slices.ContainsFunc(a.Adapters, func(ad bot.Adapter) bool { return ad.Caps().Updates })
	a.Photos = &scheduler.Photos[*storage.Tx]{Store: a.DB, Adapters: a.Adapters, Words: a.Desk.PhotoNews, Fit: a.fit, Now: a.Now,
		Quiet: scheduler.PhotosQuiet, Logger: a.Log}
	lanes := scheduler.LanesConfig{Outbox: a.DB, Adapters: a.Adapters, Owner: a.node, Now: a.Now, Logger: a.Log, OnDead: a.undelivered,
		Content: a.DB.Content}
	if a.DB.Pool() != nil {
		lanes.Idle = time.Second // what another process enqueues, and only this one can send, does not wake it
	}
	a.Lanes = scheduler.NewLanes(lanes)
	return nil
}

// undelivered tells the operator of a message that will not leave by itself.
func (a *App) undelivered(d bot.Delivery, s bot.Settlement) {
	a.Log.Error("message not delivered; see lianbang outbox list", "delivery", d.ID, "platform", d.To.Platform, "account", d.To.Account,
		"fate", s.Fate, "attempt", d.Attempt, "err", s.Error)
}

// ledger gives the kernel transactions in the handlers' own terms.
type ledger struct{ db *storage.DB }

// Do implements bot.Store.
func (l ledger) Do(ctx context.Context, fn func(handlers.Store) error) error {
	return l.db.Do(ctx, func(tx *storage.Tx) error { return fn(tx) })
}

// Look implements bot.Store.
func (l ledger) Look(ctx context.Context, fn func(handlers.Store) error) error {
	return l.db.Look(ctx, func(tx *storage.Tx) error { return fn(tx) })
}

func (a *App) wake(lane string) {
	if a.Lanes != nil {
		a.Lanes.Wake(lane)
	}
}

// caps are those of the account that serves an address; an account that is configured no more still gets plain text,
// and reaches nobody.
func (a *App) caps(to bot.Address) bot.Caps {
	for _, ad := range a.Adapters {
		if p, account := ad.Name(); p == to.Platform && account == to.Account {
			return ad.Caps()
		}
	}
	return bot.Caps{MaxBytes: 2048, Private: bot.Nobody}
}

// admit says which strangers become members: everybody in the local chat, as long as only this machine reaches it; else, if
// the configuration wants it, who speaks in a bound group and is of the bot's own organisation.
func (a *App) admit(e bot.Event) bot.Admission {
	switch {
	case e.From.Platform == webPlatform && a.Config.loopback():
		return bot.Everybody
	case e.From.Platform != webPlatform && a.Config.Members == membersInGroups && !e.Outside:
		return bot.InGroups
	}
	return bot.Appointed
}

// period is the start of the digest period that now lies in.
func (a *App) period(now time.Time) time.Time {
	if t := scheduler.LastTick(a.Schedule, now, 400*24*time.Hour); !t.IsZero() {
		return t
	}
	return now.AddDate(0, 0, -7)
}

// organisations are the units that texts may name. They are read once; a demo or an import takes effect with the next start.
func (a *App) organisations() *understand.Gazetteer {
	if g, ok := a.gazetteer.Load("all"); ok {
		return g.(*understand.Gazetteer)
	}
	return nil
}

// takeOver prepares the work on a data folder whose lock is held: leases of the process before it end, paused accounts are tried
// again, the groups that the configuration names are there, and units are learnt.
func (a *App) takeOver(ctx context.Context) error {
	if err := a.DB.FreeLanes(ctx, a.node); err != nil {
		return err
	}
	if err := a.resume(ctx); err != nil {
		return err
	}
	if err := a.rooms.Run(ctx, a.Now()); err != nil {
		return err
	}
	return a.learnOrganisations(ctx)
}

// resume lets the accounts of this process send again that were paused: whoever starts it has mended what their platforms
// refused, and those that are still refused are paused again.
func (a *App) resume(ctx context.Context) error {
	paused, err := a.DB.Paused(ctx)
	if err != nil {
		return err
	}
	for _, p := range paused {
		if !slices.ContainsFunc(a.Adapters, func(ad bot.Adapter) bool {
			platform, account := ad.Name()
			return p.Account == string(platform)+"/"+account
		}) {
			continue
		}
		a.Log.Info("a paused account sends again", "account", p.Account, "since", p.Since, "reason", p.Reason)
		if err := a.DB.ResumeAccount(ctx, p.Account); err != nil {
			return err
		}
	}
	return nil
}

// learnOrganisations reads the units from the database.
func (a *App) learnOrganisations(ctx context.Context) error {
	var list []understand.Org
	err := a.DB.View(ctx, func(tx *storage.Tx) error {
		orgs, err := tx.Orgs()
		list = nil
		for _, o := range orgs {
			list = append(list, understand.Org{Name: o.Name, Aliases: o.Aliases})
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("read organisations: %w", err)
	}
	a.gazetteer.Store("all", understand.NewGazetteer(list))
	return nil
}

// sweeps are the clock-driven jobs.
func (a *App) sweeps() []scheduler.Sweep {
	ask := func(act consortium.Activity, to bot.Address) bot.Reply {
		return a.Desk.AskPhotos(act, a.caps(to).GroupFiles)
	}
	reaches := func(to bot.Contact) bool { return a.caps(to.Address).Reaches(to.Opening) }
	all := []scheduler.Sweep{
		&scheduler.Reminders[*storage.Tx]{Store: a.DB, Words: a.Desk.Reminder, Ask: ask, Reaches: reaches, Fit: a.fit, Logger: a.Log},
		&scheduler.Digests[*storage.Tx]{
			Store: a.DB, Schedule: a.Schedule, Fit: a.fit, Logger: a.Log,
			Words: func(cut consortium.Cut, _ time.Time) bot.Reply { return a.Desk.Digest(cut) },
		},
		&scheduler.Purge{Forget: a.forget, Logger: a.Log},
		&a.rooms,
	}
	if calendars := a.calendars(); len(calendars) > 0 {
		all = append(all, &scheduler.Entries[*storage.Tx]{Store: a.DB, Calendars: calendars, Words: a.Desk.Entry, Logger: a.Log})
	}
	return all
}

// calendars are the accounts that can keep entries in calendars.
func (a *App) calendars() (out []bot.Calendar) {
	for _, ad := range a.Adapters {
		if c, ok := ad.(bot.Calendar); ok {
			out = append(out, c)
		}
	}
	return out
}

// fit cuts a reply to what the account that serves an address can show.
func (a *App) fit(r bot.Reply, to bot.Address) []bot.Reply { return bot.Fit(r, a.caps(to)) }

// forget deletes what is kept no longer, and says how much it was.
func (a *App) forget(ctx context.Context, now time.Time) (int64, error) {
	texts, errTexts := a.DB.Purge(ctx, now)
	photos, errPhotos := a.DB.PurgePhotos(ctx, now)
	return texts + photos, errors.Join(errTexts, errPhotos)
}

// jobs opens River: in a file of its own beside SQLite, or in the same PostgreSQL.
func (a *App) jobs(ctx context.Context) (*scheduler.Jobs, error) {
	c := scheduler.JobsConfig{Sweeps: a.sweeps(), Now: a.Now, Logger: a.Log}
	if pool := a.DB.Pool(); pool != nil {
		c.Postgres = pool
	} else {
		c.SQLitePath = filepath.Join(a.Config.Data, "jobs.db")
	}
	return scheduler.OpenJobs(ctx, c)
}

// offerClaim makes a one-time code when nobody administers the bot yet; "" when somebody does.
func (a *App) offerClaim(ctx context.Context) (string, error) {
	code := claimCode()
	err := a.DB.Do(ctx, func(tx *storage.Tx) error {
		tx.As("console", a.Now())
		ok, err := handlers.OfferClaim(tx, code)
		if !ok {
			code = ""
		}
		return err
	})
	if err != nil {
		return "", fmt.Errorf("offer a claim code: %w", err)
	}
	return code, nil
}

// claimCode is eight letters and digits that cannot be mistaken for one another: 40 bits.
func claimCode() string {
	const letters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
	var b [8]byte
	rand.Read(b[:])
	for i := range b {
		b[i] = letters[b[i]%32]
	}
	return string(b[:4]) + "-" + string(b[4:])
}
