package wecom

import (
	"sync"

	"lianbang/bot"
)

// recent remembers the last events that were handled. It is safe for concurrent use.
type recent struct {
	mu   sync.Mutex
	seen map[bot.EventID]bool
	ring []bot.EventID
	next int
}

func newRecent(n int) *recent {
	return &recent{seen: map[bot.EventID]bool{}, ring: make([]bot.EventID, n)}
}

func (r *recent) has(id bot.EventID) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.seen[id]
}

func (r *recent) add(id bot.EventID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.seen[id] {
		return
	}
	delete(r.seen, r.ring[r.next])
	r.seen[id], r.ring[r.next] = true, id
	r.next = (r.next + 1) % len(r.ring)
}
