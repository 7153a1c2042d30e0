package wecom

import (
	"context"
	"errors"
	"testing"
	"time"
)

// fickle is a Seat that answers as it is told.
type fickle struct {
	held bool
	err  error
}

func (f *fickle) Take(context.Context, string, time.Duration) (bool, error) { return f.held, f.err }
func (f *fickle) Leave(context.Context, string) error                       { return f.err }

// TestSeatIsWatched: whether the seat is ours is known from what Take and Leave were answered; a failure to ask changes
// nothing until the seat's time is over.
func TestSeatIsWatched(t *testing.T) {
	f := &fickle{held: true}
	c := sound()
	c.Seat = f
	a, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	take := func() bool {
		_, err := a.conf.Seat.Take(t.Context(), "wecom/aib0001", time.Minute)
		if !errors.Is(err, f.err) {
			t.Errorf("%v", err)
		}
		return a.ours.Load()
	}
	if a.ours.Load() {
		t.Error("ours before it was taken")
	}
	if !take() {
		t.Error("taken, and not ours")
	}
	f.err = errors.New("the database is away")
	if !take() {
		t.Error("lost because nobody could be asked")
	}
	f.held, f.err = false, nil
	if take() {
		t.Error("another's, and ours")
	}
	f.held = true
	take()
	if err := a.conf.Seat.Leave(t.Context(), "wecom/aib0001"); err != nil || a.ours.Load() {
		t.Error("left, and ours")
	}
}

// TestHoldsWithoutAConnection: an account that has none may speak from every process.
func TestHoldsWithoutAConnection(t *testing.T) {
	c := sound()
	c.Bot = nil
	a, err := New(c)
	if err != nil || !a.Holds("") {
		t.Error("does not hold", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := a.Run(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
