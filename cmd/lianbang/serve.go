package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"lianbang/bot"
)

// stopPatience is how long open connections get when the program ends.
const stopPatience = 5 * time.Second

type serveCommand struct {
	Listen string `help:"Address to listen on; overrides the configuration." placeholder:"HOST:PORT"`
}

// Run implements the command serve.
func (s *serveCommand) Run(ctx context.Context, cli *commands, io console) error {
	cfg, err := cli.load()
	if err != nil {
		return err
	}
	if s.Listen != "" {
		cfg.Listen = s.Listen
		if problems := cfg.Validate(); len(problems) > 0 {
			return errors.Join(problems...)
		}
	}
	return serve(ctx, cfg, io)
}

// serve runs the bot until ctx ends, then stops in order: no more events in, sweeps end, lanes settle, the database closes.
func serve(ctx context.Context, cfg Config, io console) (err error) {
	held, address, err := takeLock(cfg.Data)
	if errors.Is(err, errServed) {
		return fmt.Errorf("数据目录 %s 正由运行中的 lianbang 使用(%s)。先停掉它，或用 --data 换一个目录", cfg.Data, address)
	}
	if err != nil {
		return err
	}
	defer held.release()
	log := logger(cfg.Log, io.err)
	listener, err := net.Listen("tcp", cfg.Listen)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	defer listener.Close()
	bar := newBar(io.err, "数据库升级")
	app, err := Open(ctx, cfg, Setup{Log: log, Progress: bar.migration, Adapters: platforms})
	bar.done()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, app.Close()) }()
	if err := app.takeOver(ctx); err != nil {
		return err
	}
	code, err := app.offerClaim(ctx)
	if err != nil {
		return err
	}
	url := "http://" + listener.Addr().String() + "/"
	if err := held.announce(url); err != nil {
		return fmt.Errorf("announce the address: %w", err)
	}
	fmt.Fprintf(io.out, "%s已启动：%s\n", cfg.BotName, url)
	if code != "" {
		fmt.Fprintf(io.out, "还没有管理员。请私聊%s发送：认领 %s\n", cfg.BotName, code)
	}
	return app.Serve(ctx, listener)
}

// Serve runs every part until ctx ends or one of them fails.
func (a *App) Serve(ctx context.Context, listener net.Listener) error {
	jobs, err := a.jobs(ctx)
	if err != nil {
		return fmt.Errorf("open the jobs: %w", err)
	}
	defer jobs.Close()
	a.Metrics.Watch(a)
	// Lanes outlive the rest, so that what was answered last still leaves.
	sending, stopSending := context.WithCancel(context.WithoutCancel(ctx))
	defer stopSending()
	lanes := make(chan error, 1)
	go func() { lanes <- a.Lanes.Run(sending) }()

	group, ctx := errgroup.WithContext(ctx)
	server := &http.Server{Handler: a.mux(), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10}
	group.Go(func() error {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve http: %w", err)
		}
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
		patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopPatience)
		defer cancel()
		if err := server.Shutdown(patience); err != nil {
			return server.Close()
		}
		return nil
	})
	var listening atomic.Int64
	listening.Store(int64(len(a.Adapters)))
	for _, ad := range a.Adapters {
		group.Go(func() error {
			err := a.receive(ctx, ad)
			if last := listening.Add(-1) == 0; err != nil && !last {
				return nil
			}
			return err
		})
	}
	group.Go(func() error { return ended(ctx, jobs.Run(ctx)) })
	group.Go(func() error { return a.Photos.Run(ctx) })
	err = group.Wait()
	stopSending()
	return errors.Join(err, ended(sending, <-lanes))
}

// receive runs one account until ctx ends. An account that its platform will not have is logged, and does not end the others.
func (a *App) receive(ctx context.Context, ad bot.Adapter) error {
	err := ended(ctx, ad.Run(ctx, a.Dispatcher.Handle))
	if err == nil {
		return nil
	}
	platform, account := ad.Name()
	a.Metrics.Noticed(platform, account, "stopped")
	a.Log.Error("account stopped receiving; mend its configuration and start again (see lianbang doctor)",
		"platform", platform, "account", account, "err", err)
	return fmt.Errorf("%s/%s: %w", platform, account, err)
}

// ended drops the error of a part that ended because it was told to.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// mux is what the program serves over HTTP.
func (a *App) mux() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", a.ready)
	mux.Handle("GET /metrics", a.Metrics.Handler())
	for _, ad := range a.Adapters {
		if m, ok := ad.(bot.Mounter); ok {
			m.Mount(mux, a.Dispatcher.Handle)
		}
	}
	return mux
}

// ready is red, with the reason, while nothing can be stored.
func (a *App) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	if err := a.DB.Ready(ctx); err != nil {
		http.Error(w, "not ready: "+err.Error(), http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ready")
}
