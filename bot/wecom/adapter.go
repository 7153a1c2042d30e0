package wecom

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"lianbang/bot"
)

var _ bot.Holder = (*Adapter)(nil)

// Adapter is one account on WeCom. It is safe for concurrent use.
type Adapter struct {
	conf  Config
	in    *inbound // decodes what comes and hands it to the sink
	calls *calls   // callbacks that wait for their answer
	polls *polls   // their answers that take longer
	link  *link    // the AI bot's connection
	files *downloader
	ours  atomic.Bool     // the seat is this process's
	over  context.Context // ends when what callbacks have brought is no longer offered
	end   context.CancelFunc

	rest     *client
	tokens   *tokens // of the app; nil = there is none
	people   *people
	progress *progress
	said     *repeats
	members  *pacer
	hooks    *pacer
	calendar *calendar // of the app; nil = there is none
	unseen   *unseen
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
	a.conf, a.calls, a.polls, a.in = c, newCalls(c.Now), newPolls(), newInbound(c)
	a.over, a.end = context.WithCancel(context.Background())
	a.files = newDownloader(BotConfig{})
	if c.Bot != nil {
		a.files = newDownloader(*c.Bot)
	}
	a.rest, a.people, a.progress = newClient(), newPeople(a), newProgress()
	a.said = newRepeats(c.Now)
	a.members, a.hooks = newPacer(c.Now, memberQuotas), newPacer(c.Now, hookQuotas)
	a.in.names = readName
	a.unseen = newUnseen(c.Now)
	if c.App != nil {
		a.calendar = a.newCalendar()
		a.tokens = &tokens{fetch: fetchToken(a.rest, c.App), now: c.Now}
		a.in.names = a.people.name
	}
	return a, nil
}

// identified is a sink whose events bear plain user ids where the app can tell them.
func (a *Adapter) identified(sink bot.Sink) bot.Sink {
	if a.conf.App == nil {
		return sink
	}
	return func(ctx context.Context, e bot.Event) error {
		if err := a.people.identify(ctx, &e); err != nil {
			return err
		}
		return sink(ctx, e)
	}
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

// Caps implements bot.Adapter. It follows from what the operator has, the AI bot first: its messages hold 20480 bytes, an
// app's 2048 (see limits.go), of which some are kept for markup. What is too long for a webhook, 4096 bytes, is cut where it is
// written, so that it keeps its headings. The pace is below the 30 messages a minute
// and 1000 an hour of one conversation (101463) or one member (90312), with room for "正在处理…", or the 20 a minute of a
// webhook (91770). Where an account has several channels, its webhooks and members have clocks of their own.
func (a *Adapter) Caps() bot.Caps {
	c := a.conf
	hears := c.Bot != nil || c.App.hears()
	chats := c.App != nil && len(c.App.Chats) > 0
	out := bot.Caps{MaxBytes: 12 << 10, Cards: true, Charts: true, Forms: hears, Deaf: !hears,
		Mentions: chats || len(c.Groups) > 0,
		Files:    c.connects() || c.App != nil || len(c.Groups) > 0,
		Dedup:    c.App != nil && c.Bot == nil && !chats && len(c.Groups) == 0,
		InPlace:  hears,
		Private:  c.audience(),
		Chat:     bot.Pace{Interval: 3700 * time.Millisecond, Burst: 10}}
	if hears {
		out.MaxButtons = maxCardButtons
	}
	switch {
	case c.Bot != nil:
	case c.App != nil:
		out.MaxBytes = 1700
	default:
		out.Chat = bot.Pace{Interval: 4 * time.Second, Burst: 5}
	}
	return out
}

// audience: the app may write to whoever it can see (90236), the AI bot on its connection to those who have written to it
// (101463), in callback mode to nobody, and a webhook knows only its group.
func (c Config) audience() bot.Audience {
	switch {
	case c.App != nil:
		return bot.Anybody
	case c.connects():
		return bot.Acquainted
	}
	return bot.Nobody
}

// connects reports whether the account has an AI bot with a connection of its own.
func (c Config) connects() bool { return c.Bot != nil && c.Bot.Mode == ModeWebsocket }

// Holds implements bot.Holder: with an AI bot by long connection, while this process is the subscribed one. While the
// connection is away for longer, or somebody outside the cluster took it over, the process that has the seat still sends what
// can go another way; where the platform will not have the bot any more, so does each process that has found that.
func (a *Adapter) Holds(lane string) bool {
	if !a.conf.connects() || a.link.up() {
		return true
	}
	return a.link.down(a.ours.Load()) && a.elsewise(lane)
}

// elsewise reports whether what waits in a lane may be sent without the connection; with "" whether anything may.
func (a *Adapter) elsewise(lane string) bool {
	own := bot.Address{Platform: Platform, Account: a.conf.Account}.Lane()
	if lane == "" || a.conf.App != nil && (lane == bot.CalendarLane(own) || strings.HasPrefix(lane, own+"/u/")) {
		return a.conf.App != nil || len(a.conf.Groups) > 0
	}
	into := func(chat bot.ChatKey) bool { // taps have lanes beside the group's
		group := own + "/c/" + string(chat)
		return lane == group || strings.HasPrefix(lane, group+"/u/")
	}
	if a.conf.App != nil {
		for chat := range a.conf.App.Chats {
			if into(chat) {
				return true
			}
		}
	}
	return slices.ContainsFunc(a.conf.Groups, func(g GroupHook) bool { return into(g.Chat) })
}

// Run implements bot.Adapter. With an AI bot by long connection it keeps that connected; what else is heard comes through
// what Mount has mounted, and Run only waits. It ends with a *bot.SendError when the platform refuses the bot's credentials.
func (a *Adapter) Run(ctx context.Context, sink bot.Sink) error {
	if a.conf.connects() {
		return a.runBot(ctx, a.identified(sink))
	}
	<-ctx.Done()
	time.AfterFunc(drainTime, a.end)
	return ctx.Err()
}

// Mount implements bot.Mounter: the callbacks of the AI bot in callback mode and of the app, where they are configured.
func (a *Adapter) Mount(mux *http.ServeMux, sink bot.Sink) {
	if err := a.mountCallbacks(mux, a.identified(sink)); err != nil {
		panic(err) // New has made the same ciphers of the same keys
	}
}
