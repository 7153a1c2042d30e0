package wecom

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// hold keeps the callback open until its answer comes or its time is over; then the answer is empty.
func (d *door) hold(v visit, h *held, id string) {
	late := time.NewTimer(v.at.Add(callTime).Sub(d.conf.Now()))
	defer late.Stop()
	select {
	case body := <-h.body:
		h.sent <- d.passive(v, body)
		return
	case <-v.r.Context().Done():
	case <-late.C:
	}
	if d.calls.drop(id) {
		return
	}
	body := <-h.body // somebody has just begun to answer
	if v.r.Context().Err() != nil {
		h.sent <- errCallGone
		return
	}
	h.sent <- d.passive(v, body)
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
	gone chan struct{} // closed when the handler has returned
}

func newHeld() *held {
	return &held{body: make(chan any, 1), sent: make(chan error, 1), gone: make(chan struct{})}
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
