package wecom

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"lianbang/bot"
)

// caller is a callback of the AI bot whose event is with the sink.
type caller struct {
	visit
	call
	wait    *held
	id      string // under which it is answered, "" when too many wait
	event   bot.Event
	handled <-chan error // what became of the event
}

// hold keeps the callback open until its answer comes, none is to come in it, or its time is over.
func (d *door) hold(c caller) {
	late := time.NewTimer(c.at.Add(callTime).Sub(d.conf.Now()))
	defer late.Stop()
	handled := c.handled
	for left := false; !left; {
		select {
		case err := <-handled:
			if handled = nil; err != nil && c.kind != callClick {
				d.calls.drop(c.id)
				later(c.w)
				return
			}
		case body := <-c.wait.body:
			c.wait.sent <- d.passive(c.visit, body)
			return
		case <-c.wait.free:
			return
		case <-c.r.Context().Done():
			left = true
		case <-late.C:
			left = true
		}
	}
	if d.part(c, handled != nil) {
		return
	}
	body := <-c.wait.body // somebody has just begun to answer
	if c.r.Context().Err() != nil {
		c.wait.sent <- errCallGone
		return
	}
	c.wait.sent <- d.passive(c.visit, body)
}

// part ends a callback that nobody has answered: by the beginning of a stream where somebody waits for words, otherwise
// empty, so that the answer will be a message of its own. pending says that the sink still has the event; a greeting, which
// is not worth waiting for, is tried again then. part reports false when somebody is answering.
func (d *door) part(c caller, pending bool) bool {
	if c.kind == callMessage && c.r.Context().Err() == nil {
		return d.begin(c, pending)
	}
	if !d.calls.drop(c.id) {
		return false
	}
	if pending && c.kind != callClick {
		later(c.w)
	}
	return true
}

// acknowledge ends a callback for whose answer there is no room.
func (d *door) acknowledge(c caller) {
	late := time.NewTimer(c.at.Add(callTime).Sub(d.conf.Now()))
	defer late.Stop()
	select {
	case err := <-c.handled:
		if err == nil {
			return
		}
	case <-late.C:
	}
	later(c.w)
}

// passive writes an answer into the callback.
func (d *door) passive(v visit, body any) error {
	plain, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("encode an answer: %w", err)
	}
	sealed := d.crypt.Seal(strconv.FormatInt(d.conf.Now().Unix(), 10), v.query.Nonce, plain)
	v.w.Header().Set("Content-Type", "text/plain; charset=utf-8") // as the vendor's plug-in does
	if _, err := v.w.Write(sealed.JSON()); err != nil {
		return fmt.Errorf("%w: %w", errUnknownOutcome, err)
	}
	return nil
}

// held is a callback whose handler waits for its answer.
type held struct {
	body chan any      // given at most once
	sent chan error    // what became of it
	free chan struct{} // closed when nothing is to be answered
	gone chan struct{} // closed when the handler has returned
}

func newHeld() *held {
	return &held{body: make(chan any, 1), sent: make(chan error, 1), free: make(chan struct{}), gone: make(chan struct{})}
}

// answer gives the handler its answer and waits until it is written.
func (h *held) answer(ctx context.Context, body any) error {
	h.body <- body
	select {
	case err := <-h.sent:
		return err
	case <-h.gone:
	case <-ctx.Done():
		return errUnknownOutcome
	}
	select { // the handler returns right after it has sent
	case err := <-h.sent:
		return err
	default:
		return errCallGone
	}
}
