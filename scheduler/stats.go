package scheduler

import (
	"maps"
	"sync"

	"lianbang/bot"
)

// Stats is a snapshot of what the lanes did since they were made. Wiring exports it.
type Stats struct {
	Sent      uint64
	Retried   uint64 // postponed after a failure that may pass
	Throttled uint64 // postponed because the platform asked for it
	Paused    uint64 // postponed because the account is misconfigured
	Expired   uint64
	Unknown   uint64            // it cannot be known whether they were sent
	Dead      map[string]uint64 // by verdict: "refused", or "retry" when the attempts ran out
	Active    int               // lanes being drained now
	Faults    uint64            // transactions of the outbox that failed
}

// counts is the running Stats.
type counts struct {
	mu sync.Mutex
	s  Stats
}

func (c *counts) change(f func(*Stats)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f(&c.s)
}

func (c *counts) snapshot() Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := c.s
	out.Dead = maps.Clone(c.s.Dead)
	return out
}

// settled counts one attempt that is over.
func (c *counts) settled(s bot.Settlement, v bot.Verdict) {
	c.change(func(st *Stats) {
		switch s.Fate {
		case bot.Delivered:
			st.Sent++
		case bot.Expired:
			st.Expired++
		case bot.Unknown:
			st.Unknown++
		case bot.Dead:
			if st.Dead == nil {
				st.Dead = map[string]uint64{}
			}
			st.Dead[v.String()]++
		case bot.Postponed:
			switch v {
			case bot.Throttled:
				st.Throttled++
			case bot.Misconfigured:
				st.Paused++
			default:
				st.Retried++
			}
		}
	})
}
