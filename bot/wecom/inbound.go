package wecom

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"lianbang/bot"
	"lianbang/bot/wecom/wire"
)

const (
	sinkTime  = 30 * time.Second // that one call of the sink may take
	keepTime  = 10 * time.Minute // that an event is offered to a failing sink: the platform does not push it again (101463)
	drainTime = 10 * time.Second // for what is in flight at shutdown
	maxQueue  = 100              // events that wait in one conversation
	maxQueued = 5000             // events that wait in all
)

// errOverflow is an event that found too many others waiting.
var errOverflow = errors.New("too many events wait")

// inbound decodes what comes over the connection and gives it to the sink, in order per conversation. One conversation
// whose events take long does not hold up the others (field reports).
type inbound struct {
	conf Config
	decoder
	// names gives the display name of a user, or "". It may be slow. nil = no names.
	names func(ctx context.Context, user bot.UserKey) string

	mu    sync.Mutex
	lines map[string][]func() // by conversation; there is a goroutine for each
	total int
	busy  sync.WaitGroup
}

func newInbound(c Config) *inbound {
	in := &inbound{conf: c, decoder: decoder{account: c.Account}, lines: map[string][]func(){}}
	if c.Bot != nil {
		in.name = c.Bot.Name
	}
	return in
}

// put queues work behind what the conversation still has to do. It reports false when too much waits.
func (in *inbound) put(conversation string, work func()) bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	line, running := in.lines[conversation]
	if len(line) >= maxQueue || in.total >= maxQueued {
		return false
	}
	in.lines[conversation] = append(line, work)
	in.total++
	if !running {
		in.busy.Go(func() { in.work(conversation) })
	}
	return true
}

func (in *inbound) work(conversation string) {
	for {
		in.mu.Lock()
		line := in.lines[conversation]
		if len(line) == 0 {
			delete(in.lines, conversation)
			in.mu.Unlock()
			return
		}
		work := line[0]
		line[0] = nil
		in.lines[conversation] = line[1:]
		in.total--
		in.mu.Unlock()
		work()
	}
}

// deliver offers an event to the sink until it takes it, ctx ends or keepTime is over.
func (in *inbound) deliver(ctx context.Context, sink bot.Sink, e bot.Event) error {
	ctx, cancel := context.WithTimeout(ctx, keepTime)
	defer cancel()
	for wait := 500 * time.Millisecond; ; wait = min(2*wait, 30*time.Second) {
		err := in.once(ctx, sink, e)
		if err == nil {
			return nil
		}
		in.conf.Count("sink_failed")
		in.conf.Logger.Warn("event not handled", "event", e.ID, "err", err)
		select {
		case <-time.After(wait/2 + rand.N(wait/2)):
		case <-ctx.Done():
			in.conf.Count("lost")
			in.conf.Logger.Error("event given up", "event", e.ID, "chat", e.From.Chat, "err", err)
			return err
		}
	}
}

// once offers an event to the sink.
func (in *inbound) once(ctx context.Context, sink bot.Sink, e bot.Event) error {
	ctx, cancel := context.WithTimeout(ctx, sinkTime)
	defer cancel()
	if in.names != nil && e.Name == "" {
		e.Name = in.names(ctx, e.From.User)
	}
	return sink(ctx, e)
}

// skipped counts what is no event.
func (in *inbound) skipped(why string, m wire.Message) {
	in.conf.Count(why)
	kind := m.Type
	if m.Event != nil {
		kind += " " + m.Event.Type
	}
	in.conf.Logger.Info("nothing to handle", "why", why, "event", m.ID, "type", clip(kind, 60))
}

// receiver is what one connection does with the frames that come: it decodes them, on the reader's goroutine, and queues
// the events.
type receiver struct {
	*inbound
	socket *socket
	calls  *calls
	sink   bot.Sink
	ctx    context.Context // of the sink's calls
}

func (r receiver) handle(f wire.Frame) {
	at := r.conf.Now()
	if f.Cmd != wire.CmdMessage && f.Cmd != wire.CmdEvent {
		r.conf.Count("unknown_command")
		r.conf.Logger.Info("unknown command", "command", clip(f.Cmd, 60))
		return
	}
	var m wire.Message
	if err := wire.Unmarshal(f.Body, &m); err != nil {
		r.conf.Count(skipMalformed)
		return
	}
	if m.Event != nil && m.Event.Type == wire.EventDisconnected {
		r.socket.end(errDisplaced)
		return
	}
	e, skip := r.message(m, at)
	if skip != "" {
		r.skipped(skip, m)
		return
	}
	e.Ref = r.reference(f.Headers.RequestID, m, e, at)
	handled := make(chan error, 1)
	if e.Kind == bot.Said {
		handled = r.socket.streams.watch(f.Headers.RequestID).handled
	}
	if !r.put(string(e.From.Chat), func() { handled <- r.deliver(r.ctx, r.sink, e) }) {
		handled <- errOverflow
		r.conf.Count("overflow")
		r.conf.Logger.Error("too many events wait, one is dropped", "event", e.ID, "chat", e.From.Chat)
	}
}

// reference is how the event can be answered.
func (r receiver) reference(reqID string, m wire.Message, e bot.Event, at time.Time) bot.ReplyRef {
	switch e.Kind {
	case bot.Entered:
		return ref{kind: refWelcome, id: reqID}.pack(at)
	case bot.Clicked:
		k := call{kind: callClick, user: e.From.User, task: m.Event.Tapped().TaskID, until: at.Add(callTime)}
		id := r.calls.add(k, answerer{answer: func(ctx context.Context, body any) error {
			return r.socket.respond(ctx, reqID, wire.CmdUpdate, body)
		}})
		if id == "" {
			return bot.ReplyRef{}
		}
		return ref{kind: refCall, id: id}.pack(at)
	}
	return ref{kind: refRespond, id: reqID}.pack(at)
}
