package wecom

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestPacer: whatever the rhythm, no window ever sees more than its quota, and who waits as long as he is told may go.
func TestPacer(t *testing.T) {
	quotas := []quota{{time.Minute, 5}, {10 * time.Minute, 12}}
	rapid.Check(t, func(t *rapid.T) {
		now := time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)
		p := newPacer(func() time.Time { return now }, quotas)
		var left []time.Time
		for _, wait := range rapid.SliceOfN(rapid.IntRange(0, 90), 1, 80).Draw(t, "waits") {
			now = now.Add(time.Duration(wait) * time.Second)
			err := p.take("a")
			for slow := (*throttledError)(nil); errors.As(err, &slow); { // twice where the longer window asks for more
				now = now.Add(slow.after)
				err = p.take("a")
			}
			left = append(left, now)
			for _, q := range quotas {
				n := 0
				for _, at := range left {
					if now.Sub(at) < q.window {
						n++
					}
				}
				if n > q.most {
					t.Fatalf("%d in %s", n, q.window)
				}
			}
		}
		if err := p.take("b"); err != nil {
			t.Fatal("another waits too")
		}
	})
}
