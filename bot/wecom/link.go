package wecom

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"lianbang/bot"
	"lianbang/bot/wecom/wire"
)

const (
	dialTime   = 15 * time.Second
	awayTime   = 15 * time.Second // without a connection, after which what can go another way does
	wholeFrame = 1 << 20          // bytes; a longer message would be cut into fragments, which the SDK never sends
)

// pausedError is a connection that somebody else took over: it is not fought for. Nothing can be sent before until.
type pausedError struct{ until time.Time }

// Error implements error.
func (e *pausedError) Error() string {
	return "somebody else is connected with the same bot; paused until " + e.until.Format("15:04:05")
}

// link is the connection that is subscribed now, or why there is none. It is safe for concurrent use.
type link struct {
	net    func(ctx context.Context, network, address string) (net.Conn, error) // nil = the network
	mu     sync.Mutex
	socket *socket
	paused time.Time // until when; zero = not paused
	tried  time.Time // since when it has been tried in vain; zero = it is there, or not for us to make
	barred bool      // the platform will not have the bot: nobody tries any more
}

// set tells of a connection, or of none; then paused is until when, and zero where it is being made.
func (l *link) set(s *socket, paused time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.socket, l.paused = s, paused
	switch {
	case s != nil:
		l.tried, l.barred = time.Time{}, false
	case l.tried.IsZero():
		l.tried = time.Now()
	}
}

// leave says that the connection is not for us to make.
func (l *link) leave() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.socket, l.paused, l.tried = nil, time.Time{}, time.Time{}
}

// bar says that the platform will not have the bot.
func (l *link) bar() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.barred = true
}

// up reports whether there is a subscribed connection.
func (l *link) up() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.socket != nil
}

// down reports whether there is none and will not be in a moment. ours says that the seat is; one that is barred has none.
func (l *link) down(ours bool) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.socket == nil && (l.barred || ours && (!l.paused.IsZero() || l.long()))
}

// long reports whether the connection is barred, or has been tried in vain for a while. It holds mu.
func (l *link) long() bool { return l.barred || !l.tried.IsZero() && time.Since(l.tried) >= awayTime }

// line is the connection to send over. The error is errNotConnected, errAwayLong or a *pausedError.
func (a *Adapter) line() (*socket, error) {
	a.link.mu.Lock()
	defer a.link.mu.Unlock()
	switch l := a.link; {
	case l.socket != nil:
		return l.socket, nil
	case !l.paused.IsZero():
		return nil, &pausedError{until: l.paused}
	case l.long():
		return nil, errAwayLong
	}
	return nil, errNotConnected
}

// runBot keeps the AI bot's connection, whenever the seat is ours, until ctx ends. It returns nil then, and a *bot.SendError
// with Misconfigured when the platform refuses the bot's id or secret.
func (a *Adapter) runBot(ctx context.Context, sink bot.Sink) error {
	life, end := context.WithCancel(context.WithoutCancel(ctx)) // the sink may finish what it has begun
	defer end()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(drainTime, end) })()
	err := a.seated(ctx, a.seatName(), func(ctx context.Context) error { return a.stay(ctx, life, sink) })
	a.in.busy.Wait()
	return err
}

// stay connects, and connects again, until ctx ends or connecting is pointless.
func (a *Adapter) stay(ctx, life context.Context, sink bot.Sink) error {
	a.link.set(nil, time.Time{})
	defer a.link.leave()
	p := newPatience(a.conf.Bot.Pause)
	for {
		began := time.Now()
		err := a.session(ctx, life, sink)
		lived := time.Since(began)
		if ctx.Err() != nil {
			return nil
		}
		if code := refusal(err); code != 0 {
			a.conf.Logger.Error("WeCom refuses the bot's id or long-connection secret", "code", code)
			a.link.bar()
			return &bot.SendError{Verdict: bot.Misconfigured, Code: strconv.Itoa(code), Err: err}
		}
		if errors.Is(err, errDisplaced) && a.gaveWay(ctx) {
			<-ctx.Done() // whoever renews the seat will find that too
			return nil
		}
		delay, paused := p.after(err, lived), time.Time{}
		if errors.Is(err, errDisplaced) {
			a.conf.Count("displaced")
			a.conf.Logger.Error("somebody else connected with the same bot; the connection is not fought for", "pause", delay)
			paused = a.conf.Now().Add(delay)
		} else {
			a.conf.Count("reconnect")
			a.conf.Logger.Warn("the connection to WeCom ended", "after", lived.Round(time.Millisecond), "wait", delay, "err", err)
		}
		a.link.set(nil, paused)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(delay):
		}
	}
}

// refusal is the code of an answer after which connecting again is pointless, or 0.
func refusal(err error) int {
	if code := codeOf(err); code == wire.CodeCredentials || code == codeBadBot {
		return code
	}
	return 0
}

// session is one connection from dialling to its end. The error is why it ended, never nil.
func (a *Adapter) session(ctx, life context.Context, sink bot.Sink) error {
	conn, err := a.dial(ctx)
	if err != nil {
		return err
	}
	s := newSocket(conn, a.conf)
	s.start(receiver{inbound: a.in, socket: s, calls: a.calls, sink: sink, ctx: life}.handle)
	if err := a.subscribe(ctx, s); err != nil {
		s.stop(err)
		return err
	}
	a.conf.Logger.Info("connected to WeCom")
	a.link.set(s, time.Time{})
	defer a.link.set(nil, time.Time{})
	select {
	case <-s.gone:
	case <-ctx.Done():
		s.streams.finish()
	}
	s.stop(errClosedByUs)
	return s.why
}

func (a *Adapter) dial(ctx context.Context) (*websocket.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTime)
	defer cancel()
	d := websocket.Dialer{Proxy: http.ProxyFromEnvironment, HandshakeTimeout: dialTime, NetDialContext: a.link.net, WriteBufferSize: wholeFrame}
	conn, response, err := d.DialContext(ctx, a.conf.Bot.URL, nil)
	if err != nil && response != nil {
		return nil, fmt.Errorf("connect to WeCom: status %d: %w", response.StatusCode, err)
	}
	if err != nil {
		return nil, fmt.Errorf("connect to WeCom: %w", err)
	}
	return conn, nil
}

// subscribe is the first thing said on a connection. A wrong secret is answered and the connection left open (field
// report), so it is for us to close it.
func (a *Adapter) subscribe(ctx context.Context, s *socket) error {
	_, err := s.ask(ctx, wire.CmdSubscribe, wire.Subscribe{BotID: a.conf.Bot.ID, Secret: a.conf.Bot.Secret}, ackTime)
	if err == nil {
		return nil
	}
	select {
	case <-s.gone:
		return fmt.Errorf("subscribe: %w", s.why)
	default:
		return fmt.Errorf("subscribe: %w", err)
	}
}
