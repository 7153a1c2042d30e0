package webchat

import (
	"context"
	"errors"
	"log/slog"
	"reflect"
	"sync"
	"time"

	"lianbang/bot"
)

// Platform is the name of this platform.
const Platform bot.Platform = "web"

const (
	sinkTime    = 30 * time.Second // that one event may take
	stopTime    = 5 * time.Second  // for open sockets at shutdown
	refreshTime = 15 * time.Second // between two looks at the lists of rooms and people
)

// Config says what the adapter shows and where it keeps its journal. Only Dir is required.
type Config struct {
	Account string                                      // "local" when empty
	Dir     string                                      // folder of the journal
	Rooms   func(ctx context.Context) ([]Room, error)   // the groups; may be nil
	People  func(ctx context.Context) ([]Person, error) // whom one may be; may be nil
	Logger  *slog.Logger                                //
	Now     func() time.Time                            // in the zone's location
	BotName string                                      // "联帮" when empty
}

// Adapter is the web platform: rooms, their journals and the people looking at them. It is safe for concurrent use.
type Adapter struct {
	conf   Config
	hub    *hub
	files  enclosures
	life   context.Context // of calls of the Sink, which outlive the tab that made them
	end    context.CancelFunc
	assets map[string]asset

	mu      sync.Mutex
	sink    bot.Sink
	flights map[string]*flight
	rooms   []Room
	people  []Person
	ready   chan struct{} // closed once there is a sink
	stop    chan struct{} // closed at shutdown
	stopped bool
	busy    sync.WaitGroup // sockets and calls of Say
}

// New reads the journal.
func New(c Config) (*Adapter, error) {
	if c.Dir == "" {
		return nil, errors.New("webchat: no journal folder")
	}
	if c.Account == "" {
		c.Account = "local"
	}
	if c.BotName == "" {
		c.BotName = "联帮"
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	c.Logger = c.Logger.With("platform", string(Platform), "account", c.Account)
	h, err := openHub(c.Dir, c.Logger.Warn)
	if err != nil {
		return nil, err
	}
	h.drop = enclosures{c.Dir}.drop
	h.strays(enclosures{c.Dir}, c.Now())
	assets, err := loadAssets()
	if err != nil {
		return nil, err
	}
	a := &Adapter{conf: c, hub: h, files: enclosures{c.Dir}, assets: assets, flights: map[string]*flight{}, ready: make(chan struct{}), stop: make(chan struct{}),
		rooms: defaultRooms, people: defaultPeople}
	a.life, a.end = context.WithCancel(context.Background())
	return a, nil
}

// Name implements bot.Adapter.
func (a *Adapter) Name() (bot.Platform, string) { return Platform, a.conf.Account }

// Caps implements bot.Adapter.
func (a *Adapter) Caps() bot.Caps {
	return bot.Caps{MaxBytes: MaxText, MaxButtons: 8, Cards: true, Forms: true, Charts: true, Mentions: true, Files: true, Dedup: true, GroupFiles: true}
}

// Run keeps the lists of rooms and people fresh until ctx ends; then it tells the open sockets and waits for what is in
// flight.
func (a *Adapter) Run(ctx context.Context, sink bot.Sink) error {
	a.setSink(sink)
	tick := time.NewTicker(refreshTime)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			a.shutdown()
			return nil
		case <-tick.C:
			if a.hub.listening() > 0 {
				a.refresh(ctx)
			}
		}
	}
}

func (a *Adapter) shutdown() {
	a.mu.Lock()
	if !a.stopped {
		a.stopped = true
		close(a.stop)
	}
	a.mu.Unlock()
	quiet := make(chan struct{})
	go func() {
		a.busy.Wait()
		close(quiet)
	}()
	select {
	case <-quiet:
	case <-time.After(stopTime):
	}
	a.end()
}

func (a *Adapter) setSink(sink bot.Sink) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if sink == nil {
		return
	}
	if a.sink == nil {
		close(a.ready)
	}
	a.sink = sink
}

// enter counts a socket or a call in, unless the adapter is stopping.
func (a *Adapter) enter() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.stopped {
		a.busy.Add(1)
	}
	return !a.stopped
}

// Send implements bot.Adapter.
func (a *Adapter) Send(_ context.Context, d bot.Delivery) (bot.Receipt, error) {
	key := string(d.To.Chat)
	if key == "" {
		if d.To.User == "" {
			return bot.Receipt{}, refused("address", "no chat and no user")
		}
		key = directKey(string(d.To.User))
	}
	if d.Body.Empty() {
		return bot.Receipt{}, refused("empty", "nothing to say")
	}
	now := a.conf.Now()
	m, err := a.hub.post(key, d, now)
	if err != nil {
		return bot.Receipt{}, &bot.SendError{Verdict: bot.Retry, Code: "journal", Err: err}
	}
	return bot.Receipt{Message: m.ID, At: m.At}, nil
}

func refused(code, why string) error {
	return &bot.SendError{Verdict: bot.Refused, Code: code, Err: errors.New(why)}
}

// refresh asks the wiring for the lists and tells the sockets when they changed. What cannot be read stays as it was.
func (a *Adapter) refresh(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	rooms := ask(ctx, a, "rooms", a.conf.Rooms, defaultRooms)
	people := ask(ctx, a, "people", a.conf.People, defaultPeople)
	a.mu.Lock()
	before, were := a.rooms, a.people
	if rooms != nil {
		a.rooms = groups(rooms)
	}
	if people != nil {
		a.people = people
	}
	changed := !reflect.DeepEqual(before, a.rooms) || !reflect.DeepEqual(were, a.people)
	given := a.rooms
	a.mu.Unlock()
	a.hub.setTitles(given)
	if changed {
		a.hub.mu.Lock()
		defer a.hub.mu.Unlock()
		a.hub.tellLists()
	}
}

func ask[T any](ctx context.Context, a *Adapter, what string, from func(context.Context) ([]T, error), instead []T) []T {
	if from == nil {
		return instead
	}
	list, err := from(ctx)
	switch {
	case err != nil:
		a.conf.Logger.Warn("list not read", "list", what, "err", err)
		return nil
	case len(list) == 0:
		return instead
	}
	return list
}

// groups drops private chats, which the page lists by itself, and fills in keys and titles.
func groups(rooms []Room) []Room {
	out := make([]Room, 0, len(rooms))
	for _, r := range rooms {
		if r.Key == "" {
			r.Key = r.Title
		}
		if r.Title == "" {
			r.Title = r.Key
		}
		if !r.Direct && r.Key != "" && directOwner(r.Key) == "" {
			out = append(out, r)
		}
	}
	return out
}

// lists are the rooms that who sees, and the people whom one may be.
func (a *Adapter) lists(who string) ([]Room, []Person) {
	a.mu.Lock()
	given, people := a.rooms, a.people
	a.mu.Unlock()
	return a.hub.list(who, a.conf.BotName, given), people
}
