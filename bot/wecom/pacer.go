package wecom

import (
	"sync"
	"time"

	"lianbang/bot/memory"
)

// quota is how many messages may leave in any window of that length.
type quota struct {
	window time.Duration
	most   int
}

// The limits that our own clock keeps (90312; 91770). Answers and pushes of the AI bot are refused when they are too many,
// so their pace is the lanes' (Caps) and the platform's own business.
var (
	memberQuotas = []quota{{time.Minute, 30}, {time.Hour, 1000}} // app messages for one member; the rest is dropped silently
	hookQuotas   = []quota{{time.Minute, 20}}                    // messages of one webhook
)

// maxPaced bounds the members and webhooks that are counted.
const maxPaced = 5000

// pacer counts what left, by whom it went to. It is safe for concurrent use.
type pacer struct {
	quotas []quota // the longest window last
	now    func() time.Time
	mu     sync.Mutex
	left   map[string][]time.Time
}

func newPacer(now func() time.Time, quotas []quota) *pacer {
	return &pacer{quotas: quotas, now: now, left: map[string][]time.Time{}}
}

// take counts one message, or says in a *throttledError when it may leave.
func (p *pacer) take(key string) error {
	now := p.now()
	p.mu.Lock()
	defer p.mu.Unlock()
	longest := p.quotas[len(p.quotas)-1].window
	past := p.left[key]
	for len(past) > 0 && now.Sub(past[0]) >= longest {
		past = past[1:]
	}
	for _, q := range p.quotas {
		if len(past) < q.most {
			continue
		}
		if wait := q.window - now.Sub(past[len(past)-q.most]); wait > 0 {
			p.left[key] = past
			return &throttledError{after: wait}
		}
	}
	memory.Trim(p.left, maxPaced, func(at []time.Time) bool { return now.Sub(at[len(at)-1]) >= longest })
	p.left[key] = append(past, now)
	return nil
}
