package memory

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestLookups: what is under way is waited for and not asked again, too much is not begun, and nobody's patience but the
// lookup's own ends it.
func TestLookups(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLookups(3, 2, 5*time.Second)
		var mu sync.Mutex
		asked, now, most := map[string]int{}, 0, 0
		ask := func(what string) func(context.Context) {
			return func(ctx context.Context) {
				mu.Lock()
				asked[what]++
				now++
				most = max(most, now)
				mu.Unlock()
				<-ctx.Done()
				mu.Lock()
				now--
				mu.Unlock()
			}
		}
		impatient, cancel := context.WithCancel(t.Context())
		cancel()
		began := time.Now()
		for i := range 4 {
			what := fmt.Sprint(i)
			l.Once(impatient, what, ask(what))
			synctest.Wait() // so that they ask in this order
		}
		if !time.Now().Equal(began) {
			t.Errorf("waited %s without patience", time.Since(began))
		}
		l.Once(t.Context(), "2", ask("2"))
		if took := time.Since(began); took != 10*time.Second { // the third had to wait for a slot
			t.Errorf("the last ended after %s", took)
		}
		if fmt.Sprint(asked) != "map[0:1 1:1 2:1]" || most != 2 {
			t.Errorf("asked %v, %d at once", asked, most)
		}
		done := false
		l.Once(t.Context(), "2", func(context.Context) { done = true })
		if !done {
			t.Error("not asked again after its end")
		}
	})
}
