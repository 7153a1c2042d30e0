package storagetest

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func testSeat(t *testing.T, open Opener) {
	db := open(t, at)
	take := func(owner string, after time.Duration, want bool) {
		t.Helper()
		held, err := db.TakeSeat(t.Context(), "wecom/main", owner, noon.Add(after), 30*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		check(t, owner+" after "+after.String(), held, want)
	}
	take("a", 0, true)
	take("b", time.Second, false)
	take("a", 20*time.Second, true) // kept until 50 s
	take("b", 49*time.Second, false)
	take("b", 50*time.Second, true)
	take("a", 51*time.Second, false)
	for _, owner := range []string{"a", "b"} { // a leaves what is not his
		take("c", 52*time.Second, false)
		if err := db.LeaveSeat(t.Context(), "wecom/main", owner); err != nil {
			t.Fatal(err)
		}
	}
	take("c", 52*time.Second, true)

	var holders atomic.Int64
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			held, err := db.TakeSeat(t.Context(), "one", fmt.Sprint(i), noon, time.Second)
			if err != nil {
				t.Error(err)
			}
			if held {
				holders.Add(1)
			}
		})
	}
	all.Wait()
	check(t, "holders", holders.Load(), 1)
}
