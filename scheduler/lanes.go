package scheduler

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"lianbang/bot"
)

// LanesConfig is what the lanes work with. Outbox, Adapters and Owner are required; the zero value of the rest is usual.
type LanesConfig struct {
	Outbox   Outbox
	Adapters []bot.Adapter    // only their lanes are leased
	Owner    string           // names this process in leases; unique among nodes
	Now      func() time.Time // the clock of rows: due times, leases, paces; nil = time.Now. Waits pass on the real clock
	Rand     func() float64   // in [0, 1), called from many goroutines; nil = math/rand
	Logger   *slog.Logger     // nil = slog.Default

	// Content reads what attachments only name; consortium.ErrNotFound when it is there no more. nil = nothing is named.
	Content func(ctx context.Context, name string) ([]byte, error)

	// OnDead is told, after the commit, of every attempt after which a delivery will not leave by itself: dead, expired or
	// unknown. It is called from lane goroutines and must not block for long. The row stays where it is.
	OnDead func(bot.Delivery, bot.Settlement)

	Parallel    int           // lanes drained at once; 0 = 64
	Lease       time.Duration // renewed with every message; 0 = 30 s
	SendTimeout time.Duration // of one attempt, shorter than Lease; 0 = 15 s
	Hold        time.Duration // the longest pause for which a lane stays leased; 0 = 5 s
	Idle        time.Duration // the longest pause between sweeps; 0 = 5 s
	StopGrace   time.Duration // for attempts in flight when the program ends; 0 = 5 s
}

// defaults fills in what is usual.
func (c LanesConfig) defaults() LanesConfig {
	or := func(d *time.Duration, usual time.Duration) {
		if *d == 0 {
			*d = usual
		}
	}
	or(&c.Lease, 30*time.Second)
	or(&c.SendTimeout, min(15*time.Second, c.Lease/2))
	or(&c.Hold, 5*time.Second)
	or(&c.Idle, 5*time.Second)
	or(&c.StopGrace, 5*time.Second)
	if c.Parallel == 0 {
		c.Parallel = 64
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Rand == nil {
		c.Rand = rand.Float64
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return c
}

// Lanes sends what waits in the outbox.
type Lanes struct {
	cfg      LanesConfig
	adapters map[string]bot.Adapter // by account
	accounts []string
	counts   counts

	mu    sync.Mutex
	woken map[string]bool
	bell  chan struct{}
}

// NewLanes prepares the lanes. It starts nothing.
func NewLanes(cfg LanesConfig) *Lanes {
	l := &Lanes{cfg: cfg.defaults(), adapters: map[string]bot.Adapter{}, woken: map[string]bool{}, bell: make(chan struct{}, 1)}
	for _, a := range cfg.Adapters {
		l.adapters[account(a)] = a
		l.accounts = append(l.accounts, account(a))
	}
	return l
}

// Wake says that something was committed for a lane. It never blocks, may be called from any goroutine, before Run and
// after it, and for lanes of other nodes. An empty lane asks for a sweep over all.
func (l *Lanes) Wake(lane string) {
	l.mu.Lock()
	l.woken[lane] = true
	l.mu.Unlock()
	select {
	case l.bell <- struct{}{}:
	default:
	}
}

// Stats tells what was done so far. It may be called from any goroutine.
func (l *Lanes) Stats() Stats { return l.counts.snapshot() }

// serving are the accounts of which lanes are for this process to drain now.
func (l *Lanes) serving() []string {
	return slices.DeleteFunc(slices.Clone(l.accounts), func(account string) bool { return !holds(l.adapters[account], "") })
}

// ours reports whether a lane is for this process to drain now.
func (l *Lanes) ours(lane string) bool {
	_, a := adapterOf(lane, l.adapters)
	return a != nil && holds(a, lane)
}

// holds reports whether an adapter can speak from this process: from the lane, or from any when that is "".
func holds(a bot.Adapter, lane string) bool {
	h, ok := a.(bot.Holder)
	return !ok || h.Holds(lane)
}

// takeWoken empties the set of woken lanes.
func (l *Lanes) takeWoken() map[string]bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.woken) == 0 {
		return nil
	}
	woken := l.woken
	l.woken = map[string]bool{}
	return woken
}

// Run sends until ctx ends; then it takes nothing more, lets attempts in flight end, settles them and gives all leases
// back. It returns nil. It is called once.
func (l *Lanes) Run(ctx context.Context) error {
	r := &rounds{Lanes: l, active: map[string]chan struct{}{}, held: map[string]bot.Lease{}, ended: make(chan outcome), next: time.Now()}
	timer := time.NewTimer(0)
	defer timer.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-l.bell:
			r.wake(ctx)
		case o := <-r.ended:
			r.end(ctx, o)
			r.wake(ctx)
		case <-timer.C:
		}
		if ctx.Err() == nil && !time.Now().Before(r.next) {
			r.sweep(ctx)
		}
		timer.Reset(time.Until(r.next))
	}
	for len(r.active) > 0 {
		r.end(ctx, <-r.ended)
	}
	return nil
}

// rounds is the state of Run: who is being drained, and when to look again. Only Run's goroutine touches it.
type rounds struct {
	*Lanes
	active  map[string]chan struct{} // nudged when the lane is woken while it is drained
	held    map[string]bot.Lease     // leased again before the goroutine that had given the lane back told of its end
	ended   chan outcome
	next    time.Time // of the next sweep, by the real clock
	starved bool      // lanes wait for a free goroutine
	faulty  bool      // it was logged that the outbox cannot be used
}

// outcome is how the draining of one lane ended.
type outcome struct {
	lane string
	wait time.Duration // until its next delivery, when that is known
}

const (
	leastSweep = time.Second           // between sweeps when what is due cannot be had: another node holds it
	soonest    = 20 * time.Millisecond // between sweeps at all
)

// wake claims the woken lanes by name; those that are being drained here are nudged. Those for which there is no goroutine
// now stay woken.
func (r *rounds) wake(ctx context.Context) {
	var names []string
	for lane := range r.takeWoken() {
		nudge, here := r.active[lane]
		switch {
		case lane == "":
			r.next = time.Now()
		case here:
			select {
			case nudge <- struct{}{}:
			default:
			}
		case len(r.active)+len(names) >= r.cfg.Parallel:
			r.mu.Lock()
			r.woken[lane] = true // taken up when a lane ends, which rings no bell
			r.mu.Unlock()
		default:
			if r.ours(lane) {
				names = append(names, lane)
			}
		}
	}
	if len(names) == 0 {
		return
	}
	// A lane that could not be had waits for its pace, or another node has it.
	if got, ok := r.claim(ctx, names, len(names)); ok && got < len(names) {
		r.hasten(r.pause(ctx, true))
	}
}

// hasten makes the next sweep happen after d, or before.
func (r *rounds) hasten(d time.Duration) {
	if at := time.Now().Add(d); at.Before(r.next) {
		r.next = at
	}
}

// sweep claims whatever is due and plans the next sweep.
func (r *rounds) sweep(ctx context.Context) {
	free := r.cfg.Parallel - len(r.active)
	if free <= 0 {
		r.starved, r.next = true, time.Now().Add(r.cfg.Idle)
		return
	}
	got, ok := r.claim(ctx, nil, free)
	r.starved = ok && got == free
	r.next = time.Now().Add(r.pause(ctx, ok))
}

// pause is how long to wait before the next sweep.
func (r *rounds) pause(ctx context.Context, healthy bool) time.Duration {
	if !healthy {
		return leastSweep
	}
	due, err := r.cfg.Outbox.NextDue(ctx, r.serving())
	if err != nil {
		r.fault(ctx, "look for what is due next", err)
		return leastSweep
	}
	r.faulty = false
	if due.IsZero() {
		return r.cfg.Idle
	}
	d := due.Sub(r.cfg.Now())
	if d <= 0 {
		d = leastSweep
	}
	return min(max(d, soonest), r.cfg.Idle)
}

// claim leases up to n lanes and starts draining them.
func (r *rounds) claim(ctx context.Context, names []string, n int) (got int, ok bool) {
	w := bot.Wanted{Accounts: r.serving(), Lanes: names, Ours: r.ours}
	leases, err := r.cfg.Outbox.Claim(ctx, r.cfg.Owner, w, r.cfg.Now(), r.cfg.Lease, n)
	if err != nil {
		r.fault(ctx, "lease lanes", err)
		r.hasten(leastSweep) // also for what was woken
		return 0, false
	}
	for _, lease := range leases {
		if _, here := r.active[lease.Lane]; here {
			r.held[lease.Lane] = lease
			continue
		}
		r.begin(ctx, lease)
	}
	r.counts.change(func(s *Stats) { s.Active = len(r.active) })
	return len(leases), true
}

// begin drains a leased lane.
func (r *rounds) begin(ctx context.Context, lease bot.Lease) {
	nudge := make(chan struct{}, 1)
	r.active[lease.Lane] = nudge
	go func() { r.ended <- r.drain(ctx, lease, nudge) }()
}

// end forgets a lane that was drained, or drains it again if it was leased meanwhile, and hastens the next sweep if there
// is a reason to.
func (r *rounds) end(ctx context.Context, o outcome) {
	select {
	case <-r.active[o.lane]: // woken, perhaps after it had looked for the last time
		r.mu.Lock()
		r.woken[o.lane] = true
		r.mu.Unlock()
	default:
	}
	delete(r.active, o.lane)
	if lease, ok := r.held[o.lane]; ok {
		delete(r.held, o.lane)
		r.begin(ctx, lease)
	}
	r.counts.change(func(s *Stats) { s.Active = len(r.active) })
	if r.starved {
		r.next = time.Now()
	} else if o.wait > 0 {
		r.hasten(max(o.wait, soonest))
	}
}

// fault counts failed transactions and logs the first of a row.
func (r *rounds) fault(ctx context.Context, what string, err error) {
	if ctx.Err() != nil {
		return
	}
	r.counts.change(func(s *Stats) { s.Faults++ })
	if !r.faulty {
		r.cfg.Logger.Error("the outbox cannot be used; trying on", "doing", what, "err", err)
	}
	r.faulty = true
}
