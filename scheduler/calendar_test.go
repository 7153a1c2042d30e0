package scheduler

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"lianbang/bot"
	"lianbang/consortium"
	"lianbang/storage"
)

// wall is an account with a calendar on the wall.
type wall struct {
	speaker
	closed atomic.Bool
	hold   chan struct{} // what is sent waits for it, unless it is nil

	mu      sync.Mutex
	entries map[string]bot.Entry // by id
	made    int
	log     []string // what was done, in order
}

func newWall() *wall { return &wall{speaker: speaker{account: "a"}, entries: map[string]bot.Entry{}} }

// CalendarOpen implements bot.Calendar.
func (w *wall) CalendarOpen(context.Context) bool { return !w.closed.Load() }

// Send implements bot.Adapter.
func (w *wall) Send(ctx context.Context, d bot.Delivery) (bot.Receipt, error) {
	if d.Body.Entry == nil {
		return w.speaker.Send(ctx, d)
	}
	if w.hold != nil {
		<-w.hold
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	id, e := d.Update, *d.Body.Entry
	switch {
	case e.Cancelled:
		delete(w.entries, id)
		w.log = append(w.log, "- "+id)
		return bot.Receipt{}, nil
	case id == "":
		w.made++
		id = fmt.Sprint("e", w.made)
		w.log = append(w.log, "+ "+id)
	default:
		w.log = append(w.log, "= "+id)
	}
	w.entries[id] = e
	return bot.Receipt{Message: id}, nil
}

// did is what was done since the last call.
func (w *wall) did() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := strings.Join(w.log, " ")
	w.log = nil
	return out
}

func (w *wall) shows(id string) bot.Entry {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.entries[id]
}

// hung is a wall with a database, its lanes and its sweep.
type hung struct {
	*wall
	t     *testing.T
	db    *storage.DB
	sweep *Entries[*storage.Tx]
	now   time.Time
	a     consortium.Activity
}

func hang(t *testing.T, open opener) *hung {
	t.Helper()
	h := &hung{wall: newWall(), t: t, now: time.Now()}
	var lanes atomic.Pointer[Lanes]
	h.db = open(t, func(lane string) {
		if l := lanes.Load(); l != nil {
			l.Wake(lane)
		}
	})
	lanes.Store(NewLanes(LanesConfig{Outbox: h.db, Adapters: []bot.Adapter{h.wall}, Owner: "node", Logger: silent, Idle: time.Hour}))
	ctx, cancel := context.WithCancel(context.Background())
	over := make(chan error, 1)
	go func() { over <- lanes.Load().Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-over; err != nil {
			t.Error(err)
		}
	})
	h.sweep = &Entries[*storage.Tx]{Store: h.db, Calendars: []bot.Calendar{h.wall}, Logger: silent, Words: func(a consortium.Activity) bot.Reply {
		return bot.Reply{Topic: fmt.Sprint("H", a.ID), Entry: &bot.Entry{Title: a.Title, Start: a.Start, End: a.Ends()}}
	}}
	h.a = register(t, h.db, h.now, found(t, h.db, h.now, "光电信息"), h.now.Add(48*time.Hour))
	return h
}

// change does something to the activity.
func (h *hung) change(f func(a *consortium.Activity)) {
	h.t.Helper()
	do(h.t, h.db, h.now, func(tx *storage.Tx) (err error) {
		if h.a, err = tx.Activity(h.a.ID); err != nil {
			return err
		}
		f(&h.a)
		return tx.SaveActivity(&h.a)
	})
}

// signUp gives a new person seats.
func (h *hung) signUp(user string, seats int) {
	h.t.Helper()
	do(h.t, h.db, h.now, func(tx *storage.Tx) error {
		to := bot.Address{Platform: "fake", Account: "a", User: bot.UserKey(user)}
		p, err := tx.Identified(to)
		if errors.Is(err, consortium.ErrNotFound) {
			person := consortium.Person{Name: user}
			if err := tx.AddPerson(&person); err != nil {
				return err
			}
			p, err = person.ID, tx.Identify(to, person.ID)
		}
		if err != nil {
			return err
		}
		r, err := tx.Registration(h.a.ID, p)
		if err != nil {
			return err
		}
		r.Activity, r.Person, r.Seats = h.a.ID, p, seats
		return tx.SaveRegistration(&r)
	})
	h.change(func(a *consortium.Activity) { a.Seats += seats })
}

// minute lets the sweep run once, and waits until everything that could leave has left.
func (h *hung) minute() {
	h.t.Helper()
	h.now = h.now.Add(time.Minute)
	if err := h.sweep.Run(h.t.Context(), h.now); err != nil {
		h.t.Fatal(err)
	}
	if h.hold == nil {
		await(h.t, "all settled", func() bool { s := states(h.t, h.db); return s["new"]+s["sending"] == 0 })
	}
}

func (h *hung) expect(did string) {
	h.t.Helper()
	if got := h.did(); got != did {
		h.t.Errorf("the calendar was told %q, not %q", got, did)
	}
}

// TestEntriesFollow: an entry is made when there is a guest, follows what changes, a minute at a time, and goes.
func TestEntriesFollow(t *testing.T) {
	onBoth(t, func(t *testing.T, open opener) {
		h := hang(t, open)
		h.minute()
		h.expect("") // nobody would see it
		for i := range 40 {
			h.signUp(fmt.Sprint("u", 100+i), 1)
		}
		h.minute()
		h.expect("+ e1")
		if n := len(h.shows("e1").Guests); n != 40 {
			t.Errorf("%d guests", n)
		}
		h.minute()
		h.expect("")
		h.change(func(a *consortium.Activity) { a.Title = "参观" })
		h.change(func(a *consortium.Activity) { a.Start = a.Start.Add(time.Hour) })
		h.signUp("u100", 0)
		h.minute()
		h.expect("= e1")
		if e := h.shows("e1"); e.Title != "参观" || !e.Start.Equal(h.a.Start) || len(e.Guests) != 39 || slices.Contains(e.Guests, "u100") {
			t.Errorf("%+v", e)
		}
		h.change(func(a *consortium.Activity) { a.State = consortium.Cancelled })
		h.minute()
		h.expect("- e1")
		h.change(func(a *consortium.Activity) { a.State = consortium.Open }) // 撤销
		h.minute()
		h.expect("+ e2")
		h.change(func(a *consortium.Activity) { a.State = consortium.Withdrawn })
		h.change(func(a *consortium.Activity) { a.State = consortium.Open })
		h.minute()
		h.expect("= e2") // what came and went within the minute is not seen
		if n := len(rows(t, h.db)); n != 1 {
			t.Errorf("%d deliveries for one entry", n)
		}
	})
}

// TestEntriesInFlight: what changes while the entry is being made is put in afterwards, into the same entry.
func TestEntriesInFlight(t *testing.T) {
	onBoth(t, func(t *testing.T, open opener) {
		h := hang(t, open)
		h.hold = make(chan struct{})
		h.signUp("wang", 1)
		h.minute()
		await(t, "it is on its way", func() bool { return states(t, h.db)["sending"] == 1 })
		for range 3 {
			h.signUp("wang", 2)
			h.change(func(a *consortium.Activity) { a.Title = "参观" })
			h.minute()
		}
		close(h.hold)
		await(t, "it is made", func() bool { return states(t, h.db)["sent"] == 1 })
		h.expect("+ e1")
		h.hold = nil
		h.minute()
		h.expect("= e1")
		if e := h.shows("e1"); e.Title != "参观" {
			t.Errorf("%+v", e)
		}
	})
}

// TestEntriesClosed: what was registered while the calendar was closed is entered when it opens; what is over is not.
func TestEntriesClosed(t *testing.T) {
	onBoth(t, func(t *testing.T, open opener) {
		h := hang(t, open)
		h.closed.Store(true)
		h.signUp("wang", 1)
		h.minute()
		if n := len(rows(t, h.db)); n != 0 {
			t.Errorf("%d deliveries wait for a closed calendar", n)
		}
		h.closed.Store(false)
		h.minute()
		h.expect("+ e1")
		h.closed.Store(true)
		h.now = h.a.Ends().Add(time.Minute)
		h.change(func(a *consortium.Activity) { a.Title = "参观" })
		h.closed.Store(false)
		h.minute()
		h.expect("")
	})
}
