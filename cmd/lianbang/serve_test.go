package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"lianbang/bot"
)

// account is an adapter whose Run is f.
type account struct {
	name string
	run  func(ctx context.Context, sink bot.Sink) error
}

// Name implements bot.Adapter.
func (a account) Name() (bot.Platform, string) { return "feishu", a.name }

// Caps implements bot.Adapter.
func (a account) Caps() bot.Caps { return bot.Caps{} }

// Run implements bot.Adapter.
func (a account) Run(ctx context.Context, sink bot.Sink) error { return a.run(ctx, sink) }

// Send implements bot.Adapter.
func (a account) Send(context.Context, bot.Delivery) (bot.Receipt, error) { return bot.Receipt{}, nil }

// served runs the whole program on the accounts until ctx ends.
func served(t *testing.T, ctx context.Context, log io.Writer, accounts ...bot.Adapter) (address string, done chan error) {
	t.Helper()
	_, address, done = servedAs(t, ctx, defaults(), Setup{Log: finest(log), Adapters: func(*App) ([]bot.Adapter, error) { return accounts, nil }})
	return address, done
}

// servedAs runs the whole program as cfg says until ctx ends, in a folder of its own.
func servedAs(t *testing.T, ctx context.Context, cfg Config, s Setup) (app *App, address string, done chan error) {
	t.Helper()
	cfg.Data = t.TempDir()
	if problems := cfg.Validate(); len(problems) > 0 {
		t.Fatal(problems)
	}
	app, err := Open(ctx, cfg, s)
	if err != nil {
		t.Fatal(err)
	}
	if err := app.takeOver(ctx); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done = make(chan error, 1)
	go func() { done <- errors.Join(app.Serve(ctx, listener), app.Close()) }()
	return app, "http://" + listener.Addr().String(), done
}

// service is the program while it serves its platforms, for a minute at the most.
type service struct {
	*App
	t       *testing.T
	ctx     context.Context
	stop    context.CancelFunc
	done    chan error
	address string
	code    string       // with which somebody may claim to be the administrator
	log     lockedBuffer // of the finest grain
}

func newService(t *testing.T, cfg Config) *service {
	t.Helper()
	s := &service{t: t}
	s.ctx, s.stop = context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(s.stop)
	s.App, s.address, s.done = servedAs(t, s.ctx, cfg, Setup{Log: finest(&s.log), Adapters: platforms})
	var err error
	if s.code, err = s.offerClaim(s.ctx); err != nil {
		t.Fatal(err)
	}
	return s
}

// end stops the program, which ends well.
func (s *service) end() {
	s.t.Helper()
	s.stop()
	if err := <-s.done; err != nil {
		s.t.Errorf("the program ended with %v", err)
	}
}

// finest is a logger that leaves nothing out.
func finest(w io.Writer) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// TestOneAccountStops: an account that its platform will not have ends neither the others nor the program, and is shown.
func TestOneAccountStops(t *testing.T) {
	ctx, stop := context.WithTimeout(context.Background(), 30*time.Second)
	defer stop()
	var log lockedBuffer
	stopped, heard := make(chan struct{}), make(chan error, 1)
	address, done := served(t, ctx, &log,
		account{"wrong", func(context.Context, bot.Sink) error { defer close(stopped); return errors.New("app secret refused") }},
		account{"right", func(ctx context.Context, sink bot.Sink) error {
			<-stopped
			heard <- sink(ctx, bot.Event{ID: "1", Kind: bot.Said, Direct: true, Addressed: true, Text: "帮助", Name: "王工",
				From: bot.Address{Platform: "feishu", Account: "right", Chat: "oc_1", User: "ou_1"}})
			<-ctx.Done()
			return ctx.Err()
		}})
	if err := <-heard; err != nil {
		t.Fatalf("the other account: %v", err)
	}
	const want = `lianbang_platform_incidents_total{account="wrong",platform="feishu",what="stopped"} 1`
	waitFor(t, func() bool { return strings.Contains(fetch(t, address+"/metrics"), want) })
	stop()
	if err := <-done; err != nil {
		t.Errorf("the program ended with %v", err)
	}
	if !strings.Contains(log.String(), "account stopped receiving") || !strings.Contains(log.String(), "account=wrong") {
		t.Errorf("log %s", log.String())
	}
}

// TestAllAccountsStop: a program that nobody can reach any more ends, and says why.
func TestAllAccountsStop(t *testing.T) {
	ctx, stop := context.WithTimeout(context.Background(), 30*time.Second)
	defer stop()
	refused := func(context.Context, bot.Sink) error { return errors.New("app secret refused") }
	_, done := served(t, ctx, io.Discard, account{"a", refused}, account{"b", refused})
	if err := <-done; err == nil || !strings.Contains(err.Error(), "app secret refused") || !strings.Contains(err.Error(), "feishu/") {
		t.Errorf("the program ended with %v", err)
	}
}

func fetch(t *testing.T, url string) string {
	t.Helper()
	answer, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// waitFor waits until ok, for ten seconds at most.
func waitFor(t *testing.T, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("what was waited for did not happen")
		}
	}
}
