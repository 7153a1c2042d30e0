package feishu

import (
	"sync"
	"sync/atomic"
	"testing"
)

// Whoever needs our own open_id while it is asked for waits for the same answer, and a failure is asked for again.
func TestSelfIsAskedForOnce(t *testing.T) {
	var fail atomic.Bool
	s := newStub(t, func(seen) answer {
		if fail.Load() {
			return refusing(2200, "no")
		}
		return answer{body: `{"code":0,"bot":{"open_id":"ou_bot"}}`}
	})
	a, _ := s.adapter(t)
	fail.Store(true)
	if id, err := a.botOpenID(t.Context()); err == nil || id != "" {
		t.Errorf("%q, %v", id, err)
	}
	fail.Store(false)
	var all sync.WaitGroup
	for range 40 {
		all.Go(func() {
			if id, err := a.botOpenID(t.Context()); err != nil || id != "ou_bot" {
				t.Errorf("%q, %v", id, err)
			}
		})
	}
	all.Wait()
	if n := len(s.requests()); n != 2 {
		t.Errorf("%d requests", n)
	}
}
