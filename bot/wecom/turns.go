package wecom

import (
	"context"
	"sync"
)

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
