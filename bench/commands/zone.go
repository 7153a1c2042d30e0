package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"
	_ "time/tzdata"

	"lianbang/bot"
	"lianbang/handlers"
	"lianbang/scheduler"
	"lianbang/storage"
	"lianbang/storage/storagetest"
	"lianbang/understand"
	"lianbang/zhtime"
)

// Where everybody speaks.
const (
	platform = bot.Platform("web")
	account  = "local"
)

// zone is the bot, wired as the program wires it: real commands over the real storage, every answer durable. Nothing is
// sent unless lanes drain into a null adapter.
type zone struct {
	db         *storage.DB
	dispatcher *bot.Dispatcher[handlers.Store]
	lanes      *scheduler.Lanes // nil = replies stay in the outbox
	people     [speakers]*speaker
	sentences  atomic.Int64
	outcomes   outcomes
	enqueued   int64 // deliveries, counted by verify
	stop       func() error
}

// newZone opens a database, fills it with years of data if it should, and seats the speakers.
func newZone(ctx context.Context, folder, name string, lanes bool, fill float64) (z *zone, err error) {
	place, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		return nil, err
	}
	z = &zone{stop: func() error { return nil }}
	now := func() time.Time { return time.Now().In(place) }
	z.db, err = storage.Open(ctx, storage.Options{
		SQLite: filepath.Join(folder, name+".db"), KeyFile: filepath.Join(folder, name+".key"), Now: now, Location: place,
		Wake: z.wake, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, z.close())
		}
	}()
	if fill > 0 {
		began := time.Now()
		err := storagetest.Fill(z.db, int(fillNeeds*fill), int(fillActivities*fill), int(fillAudits*fill))
		if err != nil {
			return nil, err
		}
		if err := z.rest(ctx); err != nil {
			return nil, fmt.Errorf("write what was filled in to the disk: %w", err)
		}
		fmt.Printf("filled in %.0f needs, %.0f activities and %.0f audit rows in %s\n\n", fillNeeds*fill, fillActivities*fill,
			fillAudits*fill, time.Since(began).Round(time.Second))
	}
	if err := z.seat(ctx, now()); err != nil {
		return nil, fmt.Errorf("seat the speakers: %w", err)
	}
	if err := z.wire(ctx, now); err != nil {
		return nil, err
	}
	if lanes {
		z.drain(ctx)
	}
	return z, nil
}

// rest brings what was loaded from the log into the database and waits for the disk, so that the commands do not pay for it.
func (z *zone) rest(ctx context.Context) error {
	_, err := z.db.SQL().ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	return err
}

// wire makes the dispatcher.
func (z *zone) wire(ctx context.Context, now func() time.Time) error {
	schedule, err := scheduler.ParseSchedule(scheduler.DigestSchedule, now().Location())
	if err != nil {
		return err
	}
	var units []understand.Org
	err = z.db.View(ctx, func(tx *storage.Tx) error {
		orgs, err := tx.Orgs()
		for _, o := range orgs {
			units = append(units, understand.Org{Name: o.Name, Aliases: o.Aliases})
		}
		return err
	})
	if err != nil {
		return err
	}
	gazetteer := understand.NewGazetteer(units)
	desk := &handlers.Desk{
		BotName: "联帮", Calendar: zhtime.Embedded(), Categories: categories,
		Gazetteer: func() *understand.Gazetteer { return gazetteer },
		Period:    func(now time.Time) time.Time { return scheduler.LastTick(schedule, now, 400*24*time.Hour) },
	}
	registry, err := desk.Registry()
	if err != nil {
		return err
	}
	z.dispatcher = &bot.Dispatcher[handlers.Store]{
		Store: ledger{z.db}, Registry: registry, Voice: handlers.Voice{Desk: desk}, Guess: desk.Guess,
		Caps: func(bot.Address) bot.Caps { return caps }, Admit: func(bot.Event) bot.Admission { return bot.Everybody }, Now: now,
		Log: slog.New(slog.DiscardHandler), Observe: z.outcomes.count,
	}
	return nil
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

// caps are those of the local chat.
var caps = bot.Caps{MaxBytes: 64 << 10, MaxButtons: 8, Cards: true, Forms: true, Charts: true, Mentions: true, Files: true, Dedup: true}

// drain sends what is enqueued, to nobody, until the zone is closed.
func (z *zone) drain(ctx context.Context) {
	z.lanes = scheduler.NewLanes(scheduler.LanesConfig{
		Outbox: z.db, Adapters: []bot.Adapter{nobody{}}, Owner: "bench", Logger: slog.New(slog.DiscardHandler),
	})
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- z.lanes.Run(ctx) }()
	z.stop = func() error { cancel(); return <-done }
}

// settle waits until the lanes are empty, so that what one measurement leaves behind does not burden the next.
func (z *zone) settle(ctx context.Context) error {
	if z.lanes == nil {
		return nil
	}
	ctx, stop := context.WithTimeout(ctx, time.Minute)
	defer stop()
	for sent := uint64(1<<64 - 1); sent != z.lanes.Stats().Sent; {
		sent = z.lanes.Stats().Sent
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for the lanes: %w", ctx.Err())
		case <-time.After(300 * time.Millisecond):
		}
	}
	return nil
}

func (z *zone) wake(lane string) {
	if z.lanes != nil {
		z.lanes.Wake(lane)
	}
}

// nobody is an adapter that takes everything and shows it to nobody.
type nobody struct{}

// Name implements bot.Adapter.
func (nobody) Name() (bot.Platform, string) { return platform, account }

// Caps implements bot.Adapter.
func (nobody) Caps() bot.Caps { return caps }

// Run implements bot.Adapter.
func (nobody) Run(ctx context.Context, _ bot.Sink) error { <-ctx.Done(); return nil }

// Send implements bot.Adapter.
func (nobody) Send(context.Context, bot.Delivery) (bot.Receipt, error) {
	return bot.Receipt{At: time.Now()}, nil
}

// close stops the lanes and closes the database; nobody may be saying anything.
func (z *zone) close() error { return errors.Join(z.stop(), z.db.Close()) }

// say implements subject: a sentence of the speaker goes all the way, from the adapter's door to the commit.
func (z *zone) say(ctx context.Context, i int) error {
	p := z.people[i]
	s := p.next()
	from := bot.Address{Platform: platform, Account: account, Chat: p.room, User: p.key}
	if s.private {
		from.Chat = p.private
	}
	e := bot.Event{
		ID: bot.EventID(eventID(z.sentences.Add(1))), Kind: bot.Said, At: time.Now(), From: from, Name: p.name,
		Direct: s.private, Addressed: s.private || !s.chatter, Text: s.text,
	}
	if err := z.dispatcher.Handle(ctx, e); err != nil {
		return fmt.Errorf("%s: %w", s.text, err)
	}
	return nil
}

// batches implements subject.
func (z *zone) batches() batches {
	s := z.db.Stats()
	b := batches{commits: s.Commits, units: s.Units, sizes: map[int]int64{}}
	for _, x := range s.Batches {
		b.sizes[x.Units] = x.Commits
	}
	return b
}

// verify proves that the work was done: every command that was acknowledged has its event row and its replies, nothing
// failed, and the audit chain holds.
func (z *zone) verify(ctx context.Context) error {
	if n := z.outcomes.sum("failed") + z.outcomes.sum("unavailable"); n > 0 {
		return fmt.Errorf("%d commands failed", n)
	}
	want := z.outcomes.sum("done") + z.outcomes.sum("refused")
	var events, replies int64
	row := z.db.SQL().QueryRowContext(ctx, `SELECT (SELECT count(*) FROM event), count(*) FILTER (WHERE key LIKE 'reply/%/0'), count(*) FROM delivery`)
	if err := row.Scan(&events, &replies, &z.enqueued); err != nil {
		return fmt.Errorf("count what was stored: %w", err)
	}
	if events != want || replies != want {
		return fmt.Errorf("%d commands were answered, but %d events and %d first replies are stored", want, events, replies)
	}
	audit, err := z.db.VerifyAudit(ctx, nil)
	if err != nil {
		return err
	}
	if audit.Broken != nil {
		return fmt.Errorf("the audit chain is broken: %+v", *audit.Broken)
	}
	return nil
}

// outcomes counts what became of the commands, by command and outcome.
type outcomes struct {
	mu     sync.Mutex
	counts map[[2]string]int64
}

func (o *outcomes) count(command, outcome string, _ time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.counts == nil {
		o.counts = map[[2]string]int64{}
	}
	o.counts[[2]string{command, outcome}]++
}

func (o *outcomes) sum(outcome string) (n int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for k, v := range o.counts {
		if k[1] == outcome {
			n += v
		}
	}
	return n
}
