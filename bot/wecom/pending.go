package wecom

import (
	"crypto/sha256"
	"sync"

	"lianbang/bot/wecom/wire"
)

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
		return nil, &refusedError{code: wire.CodeRequestGone, msg: "an earlier frame under this req_id was never acknowledged"}
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
