package wecom

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"

	"lianbang/bot"
)

// Adapter is one account on WeCom. It is safe for concurrent use.
type Adapter struct {
	conf  Config
	in    *inbound // decodes what comes and hands it to the sink
	calls *calls   // callbacks that wait for their answer
	link  *link    // the AI bot's connection
	files *downloader
	ours  atomic.Bool // the seat is this process's
}

// New checks the configuration. It speaks to nobody yet. Errors are for the operator, name the field and quote no secret.
func New(c Config) (*Adapter, error) {
	c, err := c.complete()
	if err != nil {
		return nil, err
	}
	a := &Adapter{link: &link{}}
	if c.Seat != nil {
		c.Seat = watched{c.Seat, &a.ours}
	} else {
		a.ours.Store(true)
	}
	a.conf, a.calls, a.in = c, newCalls(c.Now), newInbound(c)
	a.files = newDownloader("")
	if c.Bot != nil {
		a.files = newDownloader(c.Bot.AESKey)
	}
	return a, nil
}

// watched is a Seat of which is known whether it is ours.
type watched struct {
	Seat
	ours *atomic.Bool
}

func (w watched) Take(ctx context.Context, name string, ttl time.Duration) (bool, error) {
	held, err := w.Seat.Take(ctx, name, ttl)
	if err == nil {
		w.ours.Store(held)
	}
	return held, err
}

func (w watched) Leave(ctx context.Context, name string) error {
	w.ours.Store(false)
	return w.Seat.Leave(ctx, name)
}

// Name implements bot.Adapter.
func (a *Adapter) Name() (bot.Platform, string) { return Platform, a.conf.Account }

// connects reports whether the account has an AI bot with a connection of its own.
func (c Config) connects() bool { return c.Bot != nil && c.Bot.Mode == ModeWebsocket }

// Holds implements bot.Holder: with an AI bot by long connection, while this process is the subscribed one. A process whose
// connection somebody outside the cluster took over still sends what can go another way.
func (a *Adapter) Holds() bool {
	if !a.conf.connects() {
		return true
	}
	a.link.mu.Lock()
	defer a.link.mu.Unlock()
	elsewise := a.conf.App != nil || len(a.conf.Groups) > 0
	return a.link.socket != nil || elsewise && a.ours.Load() && !a.link.paused.IsZero()
}

// Run implements bot.Adapter. With an AI bot by long connection it keeps that connected; what else is heard comes through
// what Mount has mounted, and Run only waits. It ends with a *bot.SendError when the platform refuses the bot's credentials.
func (a *Adapter) Run(ctx context.Context, sink bot.Sink) error {
	if a.conf.connects() {
		return a.runBot(ctx, sink)
	}
	<-ctx.Done()
	return ctx.Err()
}

// Mount implements bot.Mounter: the callbacks of the AI bot in callback mode and of the app, where they are configured.
func (a *Adapter) Mount(mux *http.ServeMux, sink bot.Sink) {
	if err := a.mountCallbacks(mux, sink); err != nil {
		panic(err) // New has made the same ciphers of the same keys
	}
}
