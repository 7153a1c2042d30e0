package fake

import (
	"sync"
	"time"
)

// Clock is the time of a platform. It may be used from any number of goroutines.
type Clock struct {
	base    func() time.Time
	running bool

	mu     sync.Mutex
	shift  time.Duration
	timers map[*timer]bool
}

// timer is something that is due once.
type timer struct {
	due  time.Time
	run  func()
	real *time.Timer // of a running clock
}

// NewClock makes a clock that runs with the machine's, and can be moved ahead of it by Advance.
func NewClock() *Clock { return &Clock{base: time.Now, running: true, timers: map[*timer]bool{}} }

// NewFrozenClock makes a clock that stands at at and moves by Advance alone.
func NewFrozenClock(at time.Time) *Clock {
	return &Clock{base: func() time.Time { return at }, timers: map[*timer]bool{}}
}

// Now is the time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.base().Add(c.shift)
}

// Advance moves the clock and starts what has become due, each in a goroutine of its own.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	c.shift += d
	now := c.base().Add(c.shift)
	var due []*timer
	for t := range c.timers {
		if !t.due.After(now) {
			due = append(due, t)
		}
	}
	c.mu.Unlock()
	for _, t := range due {
		c.fire(t)
	}
}

// AfterFunc runs run in d, in a goroutine of its own, unless stop is called before.
func (c *Clock) AfterFunc(d time.Duration, run func()) (stop func()) {
	t := &timer{run: run}
	c.mu.Lock()
	defer c.mu.Unlock()
	t.due = c.base().Add(c.shift + d)
	c.timers[t] = true
	if c.running {
		t.real = time.AfterFunc(d, func() { c.fire(t) })
	}
	return func() { c.take(t) }
}

// After gives a channel that is closed in d, and a function that forgets it.
func (c *Clock) After(d time.Duration) (rings <-chan struct{}, forget func()) {
	done := make(chan struct{})
	return done, c.AfterFunc(d, func() { close(done) })
}

// Waiting is how many are not due yet: a test waits for it before it advances a frozen clock.
func (c *Clock) Waiting() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.timers)
}

// take removes t and reports whether it was still waiting.
func (c *Clock) take(t *timer) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	waiting := c.timers[t]
	delete(c.timers, t)
	if t.real != nil {
		t.real.Stop()
	}
	return waiting
}

func (c *Clock) fire(t *timer) {
	if c.take(t) {
		go t.run()
	}
}
