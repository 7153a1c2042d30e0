package zone

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"
	_ "time/tzdata"

	"lianbang/bench/internal/tally"
	"lianbang/bot"
	"lianbang/consortium"
	"lianbang/handlers"
	"lianbang/scheduler"
	"lianbang/storage"
	"lianbang/storage/storagetest"
	"lianbang/understand"
	"lianbang/zhtime"
)

// What a filled database holds, times Options.Fill.
const (
	fillNeeds      = 1_000_000
	fillActivities = 200_000
	fillAudits     = 5_000_000
)

// Options say which zone.
type Options struct {
	Folder, Name string // where the database is made, and what it is called there
	Place        Place
	Lanes        bool    // drain the lanes into a null adapter; otherwise replies stay in the outbox
	Fill         float64 // so many times years of data before the beginning
}

// Zone is the bot, wired as the program wires it: real commands over the real storage, every answer durable.
type Zone struct {
	People   [Speakers]*Speaker
	Outcomes Outcomes
	Enqueued int64 // deliveries, counted by Verify

	place      Place
	db         *storage.DB
	dispatcher *bot.Dispatcher[handlers.Store]
	lanes      *scheduler.Lanes // nil = they do not drain
	stop       func() error
}

// Open makes a database, fills it with years of data if it should, and seats the speakers.
func Open(ctx context.Context, o Options) (*Zone, error) {
	china, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		return nil, err
	}
	z := &Zone{place: o.Place, stop: func() error { return nil }}
	now := func() time.Time { return time.Now().In(china) }
	z.db, err = storage.Open(ctx, storage.Options{
		SQLite: filepath.Join(o.Folder, o.Name+".db"), KeyFile: filepath.Join(o.Folder, o.Name+".key"), Now: now, Location: china,
		Wake: z.wake, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return nil, err
	}
	if err := z.begin(ctx, o, now); err != nil {
		return nil, errors.Join(err, z.Close())
	}
	return z, nil
}

// begin fills the database and wires the bot.
func (z *Zone) begin(ctx context.Context, o Options, now func() time.Time) error {
	if o.Fill > 0 {
		if err := z.fill(ctx, o.Fill); err != nil {
			return err
		}
	}
	if err := z.seat(ctx, now()); err != nil {
		return fmt.Errorf("seat the speakers: %w", err)
	}
	if err := z.wire(ctx, now); err != nil {
		return err
	}
	if o.Lanes {
		z.drain(ctx)
	}
	return nil
}

// fill loads years of data and lets the disk rest.
func (z *Zone) fill(ctx context.Context, times float64) error {
	began := time.Now()
	err := storagetest.Fill(z.db, int(fillNeeds*times), int(fillActivities*times), int(fillAudits*times))
	if err != nil {
		return err
	}
	if err := z.rest(ctx); err != nil {
		return fmt.Errorf("write what was filled in to the disk: %w", err)
	}
	fmt.Printf("filled in %.0f needs, %.0f activities and %.0f audit rows in %s\n\n", fillNeeds*times, fillActivities*times,
		fillAudits*times, time.Since(began).Round(time.Second))
	return nil
}

// rest brings what was loaded from the log into the database and waits for the disk, so that the commands do not pay for it.
func (z *Zone) rest(ctx context.Context) error {
	_, err := z.db.SQL().ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	return err
}

// wire makes the dispatcher.
func (z *Zone) wire(ctx context.Context, now func() time.Time) error {
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
		Mask: consortium.Mask, Caps: func(bot.Address) bot.Caps { return z.place.Caps },
		Admit: func(bot.Event) bot.Admission { return z.place.Admit }, Now: now, Log: slog.New(slog.DiscardHandler),
		Observe: z.Outcomes.count,
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

// drain sends what is enqueued, to nobody, until the zone is closed.
func (z *Zone) drain(ctx context.Context) {
	z.lanes = scheduler.NewLanes(scheduler.LanesConfig{
		Outbox: z.db, Adapters: []bot.Adapter{nobody{z.place}}, Owner: "bench", Logger: slog.New(slog.DiscardHandler),
	})
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- z.lanes.Run(ctx) }()
	z.stop = func() error { cancel(); return <-done }
}

// Settle waits until the lanes are empty, so that what one measurement leaves behind does not burden the next.
func (z *Zone) Settle(ctx context.Context) error {
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

func (z *Zone) wake(lane string) {
	if z.lanes != nil {
		z.lanes.Wake(lane)
	}
}

// nobody is an adapter that takes everything and shows it to nobody.
type nobody struct{ place Place }

// Name implements bot.Adapter.
func (n nobody) Name() (bot.Platform, string) { return n.place.Platform, n.place.Account }

// Caps implements bot.Adapter.
func (n nobody) Caps() bot.Caps { return n.place.Caps }

// Run implements bot.Adapter.
func (nobody) Run(ctx context.Context, _ bot.Sink) error { <-ctx.Done(); return nil }

// Send implements bot.Adapter.
func (nobody) Send(context.Context, bot.Delivery) (bot.Receipt, error) {
	return bot.Receipt{At: time.Now()}, nil
}

// Close stops the lanes and closes the database; nobody may be saying anything.
func (z *Zone) Close() error { return errors.Join(z.stop(), z.db.Close()) }

// Handle is a bot.Sink: all the way from the adapter's door to the commit.
func (z *Zone) Handle(ctx context.Context, e bot.Event) error { return z.dispatcher.Handle(ctx, e) }

// Sent counts the replies that the lanes gave to the null adapter.
func (z *Zone) Sent() uint64 {
	if z.lanes == nil {
		return 0
	}
	return z.lanes.Stats().Sent
}

// EventID is the nth event's id: unique, and as scattered as those of the platforms, which is what an index has to cope with.
func EventID(n int64) string { return fmt.Sprintf("om_%016x", uint64(n)*0x9e3779b97f4a7c15) }

// Batches counts the commits since the beginning.
func (z *Zone) Batches() tally.Batches {
	s := z.db.Stats()
	b := tally.Batches{Commits: s.Commits, Units: s.Units, Sizes: map[int]int64{}}
	for _, x := range s.Batches {
		b.Sizes[x.Units] = x.Commits
	}
	return b
}

// Verify proves that the work was done: every command that was answered has its event row and its replies, nothing failed,
// and the audit chain holds.
func (z *Zone) Verify(ctx context.Context) error {
	if n := z.Outcomes.sum("failed") + z.Outcomes.sum("unavailable"); n > 0 {
		return fmt.Errorf("%d commands failed", n)
	}
	want := z.Outcomes.sum("done") + z.Outcomes.sum("refused")
	var events, replies int64
	row := z.db.SQL().QueryRowContext(ctx, `SELECT (SELECT count(*) FROM event), count(*) FILTER (WHERE key LIKE 'reply/%/0'), count(*) FROM delivery`)
	if err := row.Scan(&events, &replies, &z.Enqueued); err != nil {
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
