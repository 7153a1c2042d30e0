package wecom

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"regexp"
	"sync"

	"lianbang/bot/wecom/wire"
)

// What may become of a frame besides being acknowledged.
var (
	// errNotConnected is a frame that was certainly not sent: there is no subscribed connection.
	errNotConnected = errors.New("the connection to WeCom is away")
	// errUnknownOutcome is a frame that was sent, or partly, and not acknowledged. Only what is idempotent may be sent again.
	errUnknownOutcome = errors.New("sent, but not acknowledged in time")
)

// ackError is a frame that the platform refused with a code.
type ackError struct {
	code int
	msg  string // the platform's words without the address of our server; never what we sent
}

// Error implements error.
func (e *ackError) Error() string { return fmt.Sprintf("WeCom answered %d: %s", e.code, e.msg) }

// fromIP is how the platform's words name our own address.
var fromIP = regexp.MustCompile(`,? *from ip: *[0-9A-Fa-f.:]+`)

// newAckError is nil for an acknowledgement of success.
func newAckError(f wire.Frame) error {
	if f.ErrCode == wire.CodeOK {
		return nil
	}
	return &ackError{code: f.ErrCode, msg: clip(fromIP.ReplaceAllString(f.ErrMsg, ""), 300)}
}

// clip cuts s to at most n bytes, at the border of a character.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n]
}

// maxOwed bounds the req_ids whose acknowledgement is overdue.
const maxOwed = 1000

// pending matches acknowledgements with the frames that wait for them, by req_id alone. It is safe for concurrent use.
type pending struct {
	mu      sync.Mutex
	waiting map[string]chan wire.Frame // buffered for one, or the channel of all pings
	owed    map[string][32]byte        // req_id → digest of the frame whose acknowledgement did not come in time
}

func newPending() *pending {
	return &pending{waiting: map[string]chan wire.Frame{}, owed: map[string][32]byte{}}
}

// expect registers a frame that is about to be sent. A frame under a req_id whose last acknowledgement is still owed is
// refused, unless it is the same frame again: one acknowledgement could not be told from the other.
func (p *pending) expect(id string, frame []byte) (<-chan wire.Frame, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if digest, owed := p.owed[id]; owed && digest != sha256.Sum256(frame) {
		return nil, &ackError{code: wire.CodeRequestGone, msg: "an earlier frame under this req_id was never acknowledged"}
	}
	ack := make(chan wire.Frame, 1)
	p.waiting[id] = ack
	return ack, nil
}

// expectIn is expect for pings: the acknowledgement goes into a channel that others share.
func (p *pending) expectIn(id string, acks chan wire.Frame) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting[id] = acks
}

// overdue gives up waiting for a frame that was sent.
func (p *pending) overdue(id string, frame []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.waiting, id)
	if len(p.owed) >= maxOwed {
		clear(p.owed)
	}
	p.owed[id] = sha256.Sum256(frame)
}

// forget gives up waiting for a frame that was not sent.
func (p *pending) forget(id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.waiting, id)
}

// settle hands an acknowledgement to whoever waits for it. It reports false when nobody does.
func (p *pending) settle(f wire.Frame) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	id := f.Headers.RequestID
	delete(p.owed, id)
	ack, ok := p.waiting[id]
	if !ok {
		return false
	}
	delete(p.waiting, id)
	select {
	case ack <- f:
	default: // the pings' channel is full of others
	}
	return true
}

// turns lets one at a time pass per key, in the order of arrival.
type turns struct {
	mu   sync.Mutex
	held map[string]*turn
}

type turn struct {
	free  chan struct{} // holds one token while nobody has the turn
	users int           // who have it or wait for it
}

// take waits for the turn of key. The error is the context's, or errNotConnected once gone is closed.
func (t *turns) take(ctx context.Context, gone <-chan struct{}, key string) (release func(), err error) {
	t.mu.Lock()
	k := t.held[key]
	if k == nil {
		k = &turn{free: make(chan struct{}, 1)}
		k.free <- struct{}{}
		t.held[key] = k
	}
	k.users++
	t.mu.Unlock()
	select {
	case <-k.free:
		return func() { k.free <- struct{}{}; t.drop(key, k) }, nil
	case <-ctx.Done():
		err = ctx.Err()
	case <-gone:
		err = errNotConnected
	}
	t.drop(key, k)
	return nil, err
}

func (t *turns) drop(key string, k *turn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if k.users--; k.users == 0 {
		delete(t.held, key)
	}
}
