package feishu

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"lianbang/bot"
	"lianbang/bot/feishu/wire"
)

const (
	maxFrame    = maxMessage + 64<<10 // bytes of a frame, after which the connection is cut unread
	maxHandlers = 256                 // events that are handled at once; further ones wait unread
	dialTime    = 15 * time.Second

	firstPause = 3 * time.Second  // at most, before the first attempt after a loss
	stableTime = 60 * time.Second // after which a connection counts as good
	silence    = 30 * time.Second // beyond the interval of pings without a sign of life, after which a connection counts as dead
)

// socket keeps one long connection (长连接) and opens another when it is lost. Whoever opens a connection gets a random part
// of the app's events, so that two processes share the work, and a test process steals from production.
type socket struct {
	discover func(ctx context.Context) (endpoint, error)
	net      func(ctx context.Context, network, address string) (net.Conn, error) // nil = the network that there is
	in       *inbound
	random   func() float64 // in [0,1)
	log      *slog.Logger

	pace  pace
	slots chan struct{} // one for each event that is handled
	order queues
	busy  sync.WaitGroup // handlers
}

// runSocket receives over the long connection until ctx ends, or until the platform says that trying again is pointless;
// that error is for the operator.
func (a *Adapter) runSocket(ctx context.Context, sink bot.Sink) error {
	return newSocket(a.discover, a.newInbound(sink)).run(ctx)
}

func newSocket(discover func(context.Context) (endpoint, error), in *inbound) *socket {
	return &socket{discover: discover, in: in, random: rand.Float64, log: in.log, pace: usualPace, slots: make(chan struct{}, maxHandlers)}
}

// run is the only loop that connects.
func (s *socket) run(ctx context.Context) error {
	defer s.busy.Wait()
	for failures := 0; ; failures++ {
		began := time.Now()
		err := s.session(ctx)
		if ctx.Err() != nil {
			return nil
		}
		refused := &connectError{haste: soon}
		if errors.As(err, &refused) && refused.haste == never {
			return err
		}
		if time.Since(began) >= stableTime {
			failures = 0
		}
		pause := s.pause(failures, refused.haste)
		s.in.count("reconnect")
		s.log.Warn("long connection lost", "err", err, "again_in", pause.Round(time.Millisecond))
		if !sleep(ctx, pause) {
			return nil
		}
	}
}

func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// pause is how long to wait before the next attempt: a moment after the first failure, for the platform cuts healthy
// connections too, then twice as long each time up to the platform's interval. All of it is jittered, so that many clients
// don't come at once.
func (s *socket) pause(failures int, h haste) time.Duration {
	longest, nonce := seconds(s.pace.Reconnect), seconds(s.pace.Nonce)
	switch {
	case h == late:
		return longest + s.part(nonce)
	case failures > 0:
		full := min(time.Second<<min(failures, 20), longest)
		return full/2 + s.part(full/2)
	default:
		return s.part(min(firstPause, nonce))
	}
}

// part is a random part of d.
func (s *socket) part(d time.Duration) time.Duration { return time.Duration(s.random() * float64(d)) }

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }

// session is one connection, from the question where it may go to its end.
func (s *socket) session(ctx context.Context) error {
	e, err := s.discover(ctx)
	if err != nil {
		return err
	}
	conn, err := s.dial(ctx, e)
	if err != nil {
		return err
	}
	s.pace = s.pace.change(e.pace)
	l := newLink(conn, e.service)
	s.log.Info("long connection open", "conn", e.conn)
	s.in.count("connected")
	go l.write(seconds(s.pace.Ping))
	stop := context.AfterFunc(ctx, func() { _ = conn.SetReadDeadline(time.Now()) })
	defer stop()
	err = s.read(ctx, l)
	if ctx.Err() != nil {
		s.busy.Wait() // so that what is stored is acknowledged too
	} else {
		_ = conn.Close() // so that the writer doesn't hang on what is dead
	}
	l.close()
	return err
}

// dial opens the connection. Its errors are *connectError.
func (s *socket) dial(ctx context.Context, e endpoint) (*websocket.Conn, error) {
	d := websocket.Dialer{Proxy: http.ProxyFromEnvironment, HandshakeTimeout: dialTime, NetDialContext: s.net}
	conn, resp, err := d.DialContext(ctx, e.address.String(), nil)
	switch {
	case err == nil:
		return conn, nil
	case resp != nil:
		return nil, refusedHandshake(resp.Header, resp.StatusCode)
	default:
		return nil, &connectError{haste: soon, err: fmt.Errorf("连不上飞书的长连接：%w", bare(ctx, err))}
	}
}

// read handles frames until the connection breaks or is silent for too long, or ctx ends.
func (s *socket) read(ctx context.Context, l *link) error {
	alive := func() error { return l.conn.SetReadDeadline(time.Now().Add(seconds(s.pace.Ping) + silence)) }
	l.conn.SetReadLimit(maxFrame)
	l.conn.SetPingHandler(func(data string) error {
		if err := alive(); err != nil {
			return err
		}
		return l.pong(data)
	})
	whole := newFragments(s.in.now, s.in.count)
	for {
		if err := alive(); err != nil {
			return err
		}
		if ctx.Err() != nil { // checked after alive, which may have undone the deadline that ends the reading
			return ctx.Err()
		}
		kind, data, err := l.conn.ReadMessage()
		if err != nil {
			if errors.Is(err, websocket.ErrReadLimit) {
				s.in.count("too_large")
			}
			return err
		}
		frame, err := wire.Unmarshal(data)
		switch {
		case kind != websocket.BinaryMessage || err != nil:
			s.in.count("malformed")
		case frame.Method == wire.Control:
			s.control(l, frame)
		case frame.Method == wire.Data:
			s.data(ctx, l, whole, frame)
		default:
			s.in.count("unknown_frame")
		}
	}
}

// control takes the intervals that come with a pong. The platform doesn't ping; if it did, a pong of ours has no meaning.
func (s *socket) control(l *link, frame wire.Frame) {
	if frame.Header(wire.HeaderType) != wire.TypePong || len(frame.Payload) == 0 {
		return
	}
	var p pace
	if err := json.Unmarshal(frame.Payload, &p); err != nil {
		s.in.count("malformed")
		return
	}
	before := s.pace.Ping
	if s.pace = s.pace.change(p); s.pace.Ping != before {
		l.changePing(seconds(s.pace.Ping))
	}
}

// data handles the message that the frame completes, if it does. The answer goes into the frame that came last.
func (s *socket) data(ctx context.Context, l *link, whole *fragments, frame wire.Frame) {
	payload, ok, err := whole.add(frame)
	if err != nil {
		s.in.count("bad_fragment")
		s.log.Debug("impossible fragment", "sum", clip(frame.Header(wire.HeaderSum), 20), "seq", clip(frame.Header(wire.HeaderSeq), 20))
		return
	}
	if !ok {
		return
	}
	d := delivery{frame: frame, received: time.Now()}
	switch frame.Header(wire.HeaderType) {
	case wire.TypeEvent, wire.TypeCard:
	default:
		s.in.count("unknown_frame")
		l.send(d.answer(codeDone, nil))
		return
	}
	if d.pushed, err = openPushed(payload); err != nil {
		s.in.count("malformed")
		l.send(d.answer(codeFailed, nil))
		return
	}
	select {
	case s.slots <- struct{}{}:
	case <-ctx.Done():
		return
	}
	t := s.order.enter(d.pushed.speaker())
	s.busy.Add(1)
	go s.handle(ctx, l, d, t)
}

// handle gives one delivery to the sink, after the earlier ones of the same person, and answers it.
func (s *socket) handle(ctx context.Context, l *link, d delivery, t turn) {
	defer s.busy.Done()
	within, cancel := context.WithDeadline(context.WithoutCancel(ctx), d.received.Add(sinkTime))
	defer cancel()
	t.wait()
	c, err := s.in.take(within, d.pushed, d.received)
	t.leave()
	<-s.slots
	if err != nil {
		l.send(d.answer(codeFailed, nil))
		return
	}
	if d.pushed.kind != cardAction {
		l.send(d.answer(codeDone, nil))
		return
	}
	open, stop := context.WithDeadline(ctx, d.received.Add(clickTime))
	defer stop()
	sent := l.send(d.answer(codeDone, s.in.answer(open, c)))
	if c != nil {
		c.written <- sent
	}
}
