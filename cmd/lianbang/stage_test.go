package main

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"lianbang/bot"
	"lianbang/bot/bottest"
	"lianbang/consortium"
	"lianbang/handlers"
	"lianbang/scheduler"
	"lianbang/storage"
)

// stage is the whole program under a fake clock, with an adapter that remembers what it was to send.
type stage struct {
	app    *App
	sweeps []scheduler.Sweep
	mu     sync.Mutex
	now    time.Time
	heard  []bottest.Heard

	private bot.Audience
	known   map[bot.UserKey]bool // who has been heard in private
	refused []bot.UserKey        // who was written to and is not reached
}

// newStage opens the program on a data folder, and on a PostgreSQL database when one is given. It ends with the test.
func newStage(t testing.TB, data string, postgres ...string) *stage {
	t.Helper()
	s := &stage{now: time.Date(2026, 11, 26, 2, 12, 0, 0, time.UTC), known: map[bot.UserKey]bool{}}
	cfg := defaults()
	cfg.Data = data
	if len(postgres) > 0 {
		cfg.Database.Postgres = Secret(postgres[0])
	}
	if problems := cfg.Validate(); len(problems) > 0 {
		t.Fatal(problems)
	}
	s.open(t, cfg, func(*App) ([]bot.Adapter, error) { return []bot.Adapter{s}, nil })
	return s
}

// open runs the program, until the end of the test.
func (s *stage) open(t testing.TB, cfg Config, adapters func(*App) ([]bot.Adapter, error)) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	app, err := Open(ctx, cfg, Setup{
		Now: s.clock, Log: slog.New(slog.NewTextHandler(testWriter{t}, &slog.HandlerOptions{Level: slog.LevelWarn})), Adapters: adapters})
	if err != nil {
		t.Fatal(err)
	}
	s.app, s.sweeps = app, app.sweeps()
	done := make(chan error, 1)
	go func() { done <- app.Lanes.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := ended(ctx, <-done); err != nil {
			t.Error(err)
		}
		if err := app.Close(); err != nil {
			t.Error(err)
		}
		if len(s.refused) > 0 {
			t.Errorf("written to without having been heard: %q", s.refused)
		}
	})
}

type testWriter struct{ t testing.TB }

func (w testWriter) Write(b []byte) (int, error) {
	w.t.Helper()
	w.t.Log(strings.TrimSuffix(string(b), "\n"))
	return len(b), nil
}

func (s *stage) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

// Name implements bot.Adapter.
func (s *stage) Name() (bot.Platform, string) { return webPlatform, webAccount }

// Caps implements bot.Adapter.
func (s *stage) Caps() bot.Caps {
	s.mu.Lock()
	defer s.mu.Unlock()
	return bot.Caps{Cards: true, Forms: true, Charts: true, Mentions: true, Files: true, Dedup: true, MaxButtons: 4, Private: s.private}
}

// Run implements bot.Adapter.
func (s *stage) Run(ctx context.Context, _ bot.Sink) error {
	<-ctx.Done()
	return nil
}

// Send implements bot.Adapter.
func (s *stage) Send(_ context.Context, d bot.Delivery) (bot.Receipt, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	where := string(d.To.Chat)
	if where == "" {
		where = "私聊 " + string(d.To.User)
		if s.private != bot.Anybody && !s.known[d.To.User] {
			s.refused = append(s.refused, d.To.User)
			return bot.Receipt{}, &bot.SendError{Verdict: bot.Refused, Gone: true, Code: "stranger", Err: errors.New("he has not been heard in private")}
		}
	}
	s.heard = append(s.heard, bottest.Heard{Where: where, Reply: d.Body})
	return bot.Receipt{At: s.now}, nil
}

// Fetch implements bot.Fetcher.
func (s *stage) Fetch(_ context.Context, f bot.FileRef, _ int64) (*bot.Attachment, error) {
	return bottest.Picture(f)
}

// Setup implements bottest.Stage: "consortium NAME", "room TITLE CONSORTIUM", "person NAME UNIT RANK [CONSORTIUM]",
// "org NAME [ALIAS]", "join PERSON CONSORTIUM", "claim CODE", "closed" for a platform where strangers are not let in, and
// "acquainted" for one where only those can be written to who have been heard in private.
func (s *stage) Setup(t *testing.T, lines []string) {
	t.Helper()
	err := s.app.DB.Do(context.Background(), func(tx *storage.Tx) error {
		tx.As("setup", s.clock())
		for _, l := range lines {
			if err := s.setup(tx, strings.Fields(l)); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		err = s.app.learnOrganisations(context.Background())
	}
	if err != nil {
		t.Fatal(err)
	}
}

func (s *stage) setup(tx *storage.Tx, f []string) error {
	at := func(name string) bot.Address {
		return bot.Address{Platform: webPlatform, Account: webAccount, User: bot.UserKey(name)}
	}
	switch f[0] {
	case "closed":
		s.app.Config.Listen = "0.0.0.0:80"
	case "acquainted":
		s.mu.Lock()
		defer s.mu.Unlock()
		s.private = bot.Acquainted
	case "consortium":
		return tx.AddConsortium(&consortium.Consortium{Name: f[1], Kind: consortium.Chain, Created: s.clock()})
	case "claim":
		_, err := handlers.OfferClaim(tx, f[1])
		return err
	case "join":
		id, err := tx.Identified(at(f[1]))
		if err != nil {
			return err
		}
		c, err := tx.ConsortiumNamed(f[2])
		if err != nil {
			return err
		}
		return tx.Join(id, c.ID, consortium.Member)
	case "org":
		return tx.AddOrg(&consortium.Org{Name: f[1], Kind: consortium.Other, Aliases: f[2:]})
	case "room":
		c, err := tx.ConsortiumNamed(f[2])
		if err != nil {
			return err
		}
		id, err := tx.AddRoom(bot.Address{Platform: webPlatform, Account: webAccount, Chat: bot.ChatKey(f[1])}, f[1], false)
		if err != nil {
			return err
		}
		return tx.Bind(id, c.ID)
	case "person":
		rank := map[string]consortium.Role{"member": 1, "liaison": 2, "coordinator": 3, "administrator": 4}[f[3]]
		p := consortium.Person{Name: f[1], Unit: strings.Trim(f[2], "-")}
		if rank >= consortium.Coordinator {
			p.Role = rank
		}
		if err := tx.AddPerson(&p); err != nil {
			return err
		}
		if err := tx.Identify(at(f[1]), p.ID); err != nil || len(f) < 5 {
			return err
		}
		c, err := tx.ConsortiumNamed(f[4])
		if err != nil {
			return err
		}
		return tx.Join(p.ID, c.ID, min(rank, consortium.Liaison))
	}
	return nil
}

// Handle implements bottest.Stage.
func (s *stage) Handle(e bot.Event) error {
	if e.Heard() {
		s.mu.Lock()
		s.known[e.From.User] = true
		s.mu.Unlock()
	}
	return s.app.Dispatcher.Handle(context.Background(), e)
}

// SetClock implements bottest.Stage.
func (s *stage) SetClock(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = now
}

// Tick implements bottest.Stage.
func (s *stage) Tick() error {
	ctx, stop := context.WithTimeout(context.Background(), 10*time.Second)
	defer stop()
	if err := scheduler.RunAll(ctx, s.app.Now(), s.sweeps...); err != nil {
		return err
	}
	if err := s.app.Photos.Work(ctx); err != nil {
		return err
	}
	return s.app.settled(ctx)
}

// Heard implements bottest.Stage.
func (s *stage) Heard() ([]bottest.Heard, error) {
	ctx, stop := context.WithTimeout(context.Background(), 10*time.Second)
	defer stop()
	if err := s.app.settled(ctx); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.heard
	s.heard = nil
	return byPlace(out), nil
}

// byPlace groups messages by place, in the order in which the places sort: lanes run side by side.
func byPlace(heard []bottest.Heard) (out []bottest.Heard) {
	places := map[string][]bottest.Heard{}
	for _, h := range heard {
		places[h.Where] = append(places[h.Where], h)
	}
	for _, where := range sortedKeys(places) {
		out = append(out, places[where]...)
	}
	return out
}

func transcripts(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/transcripts/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no transcripts: %v", err)
	}
	return files
}
