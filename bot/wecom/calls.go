package wecom

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"sync"
	"time"

	"lianbang/bot"
)

// errCallGone is a callback that no longer waits: it was answered, its time is over, or it came to another process. What
// was to be said can be said otherwise.
var errCallGone = errors.New("the callback no longer waits for an answer")

// maxCalls bounds the callbacks that wait at a time.
const maxCalls = 2000

// callKind says what waits, and so what may be its answer.
type callKind int

// The kinds of call. Their answers, as JSON bodies (101031):
const (
	callMessage callKind = iota // a stream (see streamed) or a template_card; in callback mode only
	callStream                  // a finished stream: the asker sees one already, and the platform asks for its state
	callEnter                   // a text or a template_card; in callback mode only
	callClick                   // response_type update_template_card, with the same task_id
)

// call is a callback that waits for its answer.
type call struct {
	kind  callKind
	user  bot.UserKey // who wrote, entered or clicked
	task  string      // task_id of the clicked card
	until time.Time
	held  bool // by a request that is open, which drops it when its time is over
}

// calls are the callbacks that wait. It is safe for concurrent use.
type calls struct {
	now  func() time.Time
	mu   sync.Mutex
	open map[string]waiting
}

type waiting struct {
	call
	answerer
}

// answerer is how a callback ends. Only one of its functions is called, and once.
type answerer struct {
	answer func(ctx context.Context, body any) error
	free   func() // it need not wait for an answer any more; nil = nothing is to be done then
}

func newCalls(now func() time.Time) *calls { return &calls{now: now, open: map[string]waiting{}} }

// add lets a callback wait and gives the id under which it is answered; "" when too many wait already.
func (c *calls) add(k call, by answerer) (id string) {
	var random [12]byte
	_, _ = rand.Read(random[:]) // never fails
	id = hex.EncodeToString(random[:])
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.open) >= maxCalls {
		c.sweep()
	}
	if len(c.open) >= maxCalls {
		return ""
	}
	c.open[id] = waiting{k, by}
	return id
}

// become lets what waits under id wait in another way. It reports false when somebody is answering it.
func (c *calls) become(id string, k call, by answerer) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.open[id]; !ok {
		return false
	}
	c.open[id] = waiting{k, by}
	return true
}

// sweep forgets what has waited long enough and is not held.
func (c *calls) sweep() {
	now := c.now()
	for id, w := range c.open {
		if !w.held && !now.Before(w.until) {
			delete(c.open, id)
		}
	}
}

// look tells what waits under id, and whether something does.
func (c *calls) look(id string) (call, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	w, ok := c.open[id]
	return w.call, ok && c.now().Before(w.until)
}

// answer answers the callback that waits under id; only the first caller does. The error is errCallGone when nothing waits;
// other errors are those of [socket.respond], after which the callback cannot be answered again either.
func (c *calls) answer(ctx context.Context, id string, body any) error {
	c.mu.Lock()
	w, ok := c.open[id]
	if ok = ok && c.now().Before(w.until); ok {
		delete(c.open, id)
	}
	c.mu.Unlock()
	if !ok {
		return errCallGone
	}
	return w.answer(ctx, body)
}

// free ends the waiting of id, whose answer was given elsewhere or cannot be given in it.
func (c *calls) free(id string) {
	c.mu.Lock()
	w, ok := c.open[id]
	delete(c.open, id)
	c.mu.Unlock()
	if ok && w.free != nil {
		w.free()
	}
}

// drop lets id wait no longer. It reports false when somebody is answering it.
func (c *calls) drop(id string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, ok := c.open[id]
	delete(c.open, id)
	return ok
}
