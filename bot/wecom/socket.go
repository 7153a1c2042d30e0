package wecom

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"lianbang/bot/wecom/wire"
)

// The rhythm of the connection (101463 and SDK source).
const (
	pingTime  = 30 * time.Second // between two pings
	maxSilent = 2                // pings that may be unanswered when the next is due
	readTime  = pingTime * 5 / 2 // without any frame, after which the connection counts as dead
	writeTime = 10 * time.Second // that one frame may take to be written
	ackTime   = 5 * time.Second  // that an acknowledgement may take; measured are 0.25 to 0.45 s
	maxFrame  = 2 << 20          // bytes of a frame that is read
	hardLimit = 16 << 20         // bytes of a frame after which the connection is closed
	queueOut  = 64               // frames that wait to be written
)

// Why a connection ended.
var (
	errDisplaced  = errors.New("somebody else connected with the same bot")
	errSilent     = errors.New("WeCom answers no pings")
	errClosedByUs = errors.New("closed")
)

// socket is one connection of the AI bot. One goroutine reads, one writes and one pings; the methods may be called from any.
type socket struct {
	conn    *websocket.Conn
	logger  *slog.Logger
	now     func() time.Time
	count   func(string)
	out     chan *outgoing
	pending *pending
	turns   turns
	streams *streams
	doubt   chan struct{} // an acknowledgement did not come in time: perhaps nobody is there any more
	gone    chan struct{} // closed when the connection has ended

	once sync.Once
	mu   sync.Mutex // that nothing is spawned once gone is closed
	why  error      // why it ended; read after gone is closed
	busy sync.WaitGroup
}

// outgoing is a frame on its way to the writer.
type outgoing struct {
	data  []byte
	state atomic.Int32 // one of the following
}

const (
	waits     = iota // in the queue
	begun            // the writer has it: it may arrive
	withdrawn        // the sender no longer wants it: it will not be written
)

func newSocket(conn *websocket.Conn, c Config) *socket {
	s := &socket{conn: conn, logger: c.Logger, now: c.Now, count: c.Count, out: make(chan *outgoing, queueOut),
		pending: newPending(), turns: turns{held: map[string]*turn{}}, doubt: make(chan struct{}, 1), gone: make(chan struct{})}
	s.streams = newStreams(s)
	return s
}

// start begins to read, write and ping. handle gets every frame that has a command; it must not block.
func (s *socket) start(handle func(wire.Frame)) {
	s.busy.Go(func() { s.read(handle) })
	s.busy.Go(s.write)
	s.busy.Go(s.beat)
}

// spawn starts a goroutine of the connection, unless that has ended. It must end when gone is closed.
func (s *socket) spawn(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.gone:
	default:
		s.busy.Go(f)
	}
}

// end closes the connection for the reason given. Only the first reason counts.
func (s *socket) end(why error) {
	s.once.Do(func() {
		s.mu.Lock()
		s.why = why
		close(s.gone)
		s.mu.Unlock()
		_ = s.conn.Close() // nothing can be done about it
	})
}

// stop ends the connection and waits until its goroutines have.
func (s *socket) stop(why error) {
	s.end(why)
	s.busy.Wait()
}

// respond sends a reply under the req_id of a callback and waits for its acknowledgement. Replies under one req_id go one
// after the other, because their acknowledgements cannot be told apart (SDK source). An open stream of that callback ends
// with the reply. The error is an *refusedError, errUnknownOutcome or errNotConnected, or the context's before anything was sent.
func (s *socket) respond(ctx context.Context, reqID, cmd string, body any) error {
	release, err := s.turns.take(ctx, s.gone, reqID)
	if err != nil {
		return err
	}
	defer release()
	if cmd == wire.CmdRespond {
		body = s.streams.close(ctx, reqID, body)
	}
	_, err = s.exchange(ctx, reqID, cmd, body, ackTime)
	s.streams.settled(reqID, body, err)
	return err
}

// push sends a message that answers nothing: body has chatid and chat_type. Errors are those of respond.
func (s *socket) push(ctx context.Context, body any) error {
	_, err := s.ask(ctx, wire.CmdSend, body, ackTime)
	return err
}

// ask sends a frame under a req_id of its own and gives its acknowledgement.
func (s *socket) ask(ctx context.Context, cmd string, body any, patience time.Duration) (wire.Frame, error) {
	return s.exchange(ctx, wire.NewRequestID(cmd, s.now()), cmd, body, patience)
}

// exchange sends one frame and waits for its acknowledgement; the caller has the turn of reqID.
func (s *socket) exchange(ctx context.Context, reqID, cmd string, body any, patience time.Duration) (wire.Frame, error) {
	data, err := json.Marshal(wire.Request{Cmd: cmd, Headers: wire.Headers{RequestID: reqID}, Body: body})
	if err != nil {
		return wire.Frame{}, fmt.Errorf("encode %s: %w", cmd, err)
	}
	acks, err := s.pending.expect(reqID, data)
	if err != nil {
		return wire.Frame{}, err
	}
	o := &outgoing{data: data}
	if err := s.enqueue(ctx, o); err != nil {
		s.pending.forget(reqID)
		return wire.Frame{}, err
	}
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case ack := <-acks:
		return ack, s.judge(ack)
	case <-late.C:
		err = errNotConnected
	case <-ctx.Done():
		err = ctx.Err()
	case <-s.gone:
		err = errNotConnected
	}
	if o.state.CompareAndSwap(waits, withdrawn) {
		s.pending.forget(reqID)
		return wire.Frame{}, err
	}
	select { // the acknowledgement may have come together with the end
	case ack := <-acks:
		return ack, s.judge(ack)
	default:
	}
	s.pending.overdue(reqID, data)
	s.count("ack_overdue")
	select {
	case s.doubt <- struct{}{}:
	default: // there is doubt already
	}
	return wire.Frame{}, errUnknownOutcome
}

// judge turns an acknowledgement into an error. One that says that this connection is no longer the subscribed one ends it,
// so that another is made (field reports: treated as an ordinary error, it loses answers silently).
func (s *socket) judge(ack wire.Frame) error {
	err := newRefusedError(ack.ErrCode, ack.ErrMsg)
	if ack.ErrCode == wire.CodeNotSubscribed {
		s.count("unsubscribed")
		s.end(err)
	}
	return err
}

func (s *socket) enqueue(ctx context.Context, o *outgoing) error {
	select {
	case <-s.gone:
		return errNotConnected
	default:
	}
	select {
	case s.out <- o:
		return nil
	case <-s.gone:
		return errNotConnected
	case <-ctx.Done():
		return ctx.Err()
	}
}

// write is the only goroutine that writes messages. (gorilla answers the peer's protocol pings from the reader, with a lock
// of its own.)
func (s *socket) write() {
	for {
		select {
		case <-s.gone:
			return
		case o := <-s.out:
			if !o.state.CompareAndSwap(waits, begun) {
				continue
			}
			err := s.conn.SetWriteDeadline(time.Now().Add(writeTime))
			if err == nil {
				err = s.conn.WriteMessage(websocket.TextMessage, o.data)
			}
			if err != nil {
				s.end(fmt.Errorf("write a frame: %w", err))
				return
			}
		}
	}
}

// beat pings, and ends the connection when too many pings stay unanswered. After an overdue acknowledgement one unanswered
// ping is too many: on a dead connection every message would be one of unknown outcome until the usual pings notice.
func (s *socket) beat() {
	tick := time.NewTicker(pingTime)
	defer tick.Stop()
	pongs := make(chan wire.Frame, maxSilent)
	silent := 0
	var proof <-chan time.Time // when a ping must have been answered; nil = there is no doubt
	for {
		select {
		case <-s.gone:
			return
		case <-pongs:
			silent, proof = 0, nil
			continue
		case <-s.doubt:
			if proof == nil {
				proof = time.After(ackTime)
				s.ping(pongs)
			}
			continue
		case <-tick.C:
			if silent++; silent <= maxSilent {
				s.ping(pongs)
				continue
			}
		case <-proof:
		}
		s.count("silent")
		s.end(errSilent)
		return
	}
}

func (s *socket) ping(pongs chan wire.Frame) {
	id := wire.NewRequestID(wire.CmdPing, s.now())
	data, err := json.Marshal(wire.Request{Cmd: wire.CmdPing, Headers: wire.Headers{RequestID: id}})
	if err != nil {
		s.end(fmt.Errorf("encode a ping: %w", err))
		return
	}
	s.pending.expectIn(id, pongs)
	select {
	case s.out <- &outgoing{data: data}:
	default: // the writer is stuck, which its own deadline will notice
		s.pending.forget(id)
	}
}

// read takes frames until the connection ends. Every frame moves the read deadline.
func (s *socket) read(handle func(wire.Frame)) {
	s.conn.SetReadLimit(hardLimit)
	for {
		if err := s.conn.SetReadDeadline(time.Now().Add(readTime)); err != nil {
			s.end(err)
			return
		}
		data, err := s.frame()
		if err != nil {
			s.end(fmt.Errorf("read a frame: %w", err))
			return
		}
		s.take(data, handle)
	}
}

// frame reads one frame; of one that is too large nothing remains.
func (s *socket) frame() ([]byte, error) {
	_, r, err := s.conn.NextReader()
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(r, maxFrame+1))
	if err != nil || len(data) <= maxFrame {
		return data, err
	}
	s.count("oversize")
	_, err = io.Copy(io.Discard, r)
	return nil, err
}

// take sorts a frame: acknowledgements to whoever waits, commands to handle.
func (s *socket) take(data []byte, handle func(wire.Frame)) {
	if data == nil {
		return
	}
	f, err := wire.ParseFrame(data)
	switch {
	case err != nil:
		s.count("malformed")
		s.logger.Warn("frame not understood", "bytes", len(data))
	case !f.IsAck():
		handle(f)
	case !s.pending.settle(f):
		s.count("late_ack")
		s.logger.Debug("acknowledgement that nobody waits for", "req_id", f.Headers.RequestID, "code", f.ErrCode)
	}
}
