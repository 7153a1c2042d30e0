package wecomtest

import (
	"sync"
	"time"
)

// Clock is the platform's time. It may be used from any number of goroutines.
type Clock struct {
	base    func() time.Time
	running bool

	mu     sync.Mutex
	shift  time.Duration
	alarms map[*alarm]struct{}
}

// alarm is a channel that is closed when its time has come.
type alarm struct {
	due   time.Time
	rings chan struct{}
	real  *time.Timer // of a running clock
}

// NewClock makes a clock that runs with the machine's and can be moved ahead of it.
func NewClock() *Clock {
	return &Clock{base: time.Now, running: true, alarms: map[*alarm]struct{}{}}
}

// NewFrozenClock makes a clock that stands at at and moves by Advance alone.
func NewFrozenClock(at time.Time) *Clock {
	return &Clock{base: func() time.Time { return at }, alarms: map[*alarm]struct{}{}}
}

// Now is the time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.base().Add(c.shift)
}

// Advance moves the clock by d and lets go whoever waited for a time that is now past.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.shift += d
	now := c.base().Add(c.shift)
	for a := range c.alarms {
		if !a.due.After(now) {
			c.ring(a)
		}
	}
}

// Waiting is the number of alarms that have not rung: a test waits for it before it advances a frozen clock.
func (c *Clock) Waiting() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.alarms)
}

// after gives a channel that is closed in d, and a function that forgets it.
func (c *Clock) after(d time.Duration) (<-chan struct{}, func()) {
	a := &alarm{rings: make(chan struct{})}
	c.mu.Lock()
	defer c.mu.Unlock()
	a.due = c.base().Add(c.shift + d)
	c.alarms[a] = struct{}{}
	if c.running {
		a.real = time.AfterFunc(d, func() {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.ring(a)
		})
	}
	return a.rings, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.forget(a)
	}
}

// ring and forget hold mu.
func (c *Clock) ring(a *alarm) {
	if c.forget(a) {
		close(a.rings)
	}
}

func (c *Clock) forget(a *alarm) (waiting bool) {
	_, waiting = c.alarms[a]
	delete(c.alarms, a)
	if a.real != nil {
		a.real.Stop()
	}
	return waiting
}
