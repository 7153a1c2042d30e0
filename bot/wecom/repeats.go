package wecom

import (
	"crypto/sha256"
	"encoding/hex"
	"sync"
	"time"

	"lianbang/bot/memory"
)

const (
	checkTime = 30 * time.Minute // that the platform recognises a request that is repeated (90236; 4 h at most)
	maxSaid   = 5000             // requests that are remembered for that
)

// repeats remembers which delivery first made a request, for as long as the platform recognises it. What another process said
// it cannot know: words that were sent shortly before a restart, and are due again under another key, may be swallowed. It is
// safe for concurrent use.
type repeats struct {
	now func() time.Time
	mu  sync.Mutex
	by  map[string]utterance // by digest
}

type utterance struct {
	key string
	end time.Time
}

func newRepeats(now func() time.Time) *repeats { return &repeats{now: now, by: map[string]utterance{}} }

// own reports whether no other delivery has made the same request lately.
func (s *repeats) own(request []byte, key string) bool {
	sum := sha256.Sum256(request)
	id, now := hex.EncodeToString(sum[:16]), s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if at, ok := s.by[id]; ok && now.Before(at.end) {
		return at.key == key
	}
	memory.Trim(s.by, maxSaid, func(at utterance) bool { return !now.Before(at.end) })
	s.by[id] = utterance{key, now.Add(checkTime)}
	return true
}
