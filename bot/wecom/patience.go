package wecom

import (
	"errors"
	"math/rand/v2"
	"time"
)

// The rhythm of connecting. The SDK doubles from 1 s to 30 s and gives up after ten attempts; a service does not give up.
const (
	firstWait   = time.Second
	longestWait = 30 * time.Second
	steadyTime  = time.Minute     // a connection that held so long starts the waits anew
	limitedWait = time.Minute     // after 45009: subscribing is limited, by a number that is not published (101463)
	firstPause  = 5 * time.Minute // after somebody else connected with the same bot
	longPause   = time.Hour       // the longest such pause
	calmTime    = 2 * time.Hour   // a connection that held so long starts the pauses anew
)

// patience says how long to wait before connecting again.
type patience struct {
	shortest time.Duration // pause
	pause    time.Duration // the next one
	wait     time.Duration // the next one, before chance
}

func newPatience(pause time.Duration) *patience {
	if pause <= 0 {
		pause = firstPause
	}
	return &patience{shortest: pause, pause: pause, wait: firstWait}
}

// after is the time to wait after a connection that ended with err and lived so long. Pauses and waits double up to their
// limits; waits are drawn between half and all of that.
func (p *patience) after(err error, lived time.Duration) (delay time.Duration) {
	if errors.Is(err, errDisplaced) {
		if lived > calmTime {
			p.pause = p.shortest
		}
		delay, p.pause = p.pause, min(2*p.pause, max(longPause, p.shortest))
		return delay
	}
	if lived > steadyTime {
		p.wait = firstWait
	}
	delay, p.wait = p.wait/2+rand.N(p.wait/2), min(2*p.wait, longestWait)
	if codeOf(err) == codeLimited {
		delay += limitedWait
	}
	return delay
}
