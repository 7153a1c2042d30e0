package memory

import (
	"context"
	"sync"
	"time"
)

// Lookups are questions to a platform, each of which is asked once, however many wait for its answer. It is safe for
// concurrent use.
type Lookups struct {
	most  int
	limit time.Duration
	slots chan struct{} // held by those that ask

	mu       sync.Mutex
	underWay map[string]chan struct{} // by what they ask for; closed at their end
}

// NewLookups allows for so many under way, of which so many ask at once and the others wait for their turn. One may ask for
// as long as limit.
func NewLookups(most, atOnce int, limit time.Duration) *Lookups {
	return &Lookups{most: most, limit: limit, slots: make(chan struct{}, atOnce), underWay: map[string]chan struct{}{}}
}

// Once runs ask, unless the same is under way or too much is, and waits for its end or that of ctx. A lookup goes on when
// nobody waits for it any more.
func (l *Lookups) Once(ctx context.Context, what string, ask func(context.Context)) {
	done := l.begin(ctx, what, ask)
	if done == nil {
		return
	}
	select {
	case <-done:
	case <-ctx.Done():
	}
}

// begin gives what is closed at the end of the lookup, nil when too much is under way.
func (l *Lookups) begin(ctx context.Context, what string, ask func(context.Context)) chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	done := l.underWay[what]
	if done != nil || len(l.underWay) >= l.most {
		return done
	}
	done = make(chan struct{})
	l.underWay[what] = done
	go func() {
		l.slots <- struct{}{}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), l.limit)
		defer cancel()
		ask(ctx)
		<-l.slots
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.underWay, what)
		close(done)
	}()
	return done
}
