package wecom

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestTokenFlight: many callers, one request; a failure is shared and not repeated at once; a caller who leaves harms nobody.
func TestTokenFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked, failure := 0, error(nil)
		tk := &tokens{now: time.Now, fetch: func(context.Context) (string, time.Duration, error) {
			time.Sleep(time.Second)
			asked++
			return "T" + string(rune('0'+asked)), 2 * time.Hour, failure
		}}
		hasty, leave := context.WithCancel(t.Context())
		var all sync.WaitGroup
		all.Go(func() {
			var lost *transportError
			if _, err := tk.get(hasty); !errors.As(err, &lost) || lost.sent {
				t.Errorf("left: %v", err)
			}
		})
		for range 20 {
			all.Go(func() {
				if token, err := tk.get(t.Context()); token != "T1" || err != nil {
					t.Errorf("%q, %v", token, err)
				}
			})
		}
		time.Sleep(time.Millisecond)
		leave()
		all.Wait()
		if asked != 1 {
			t.Fatalf("asked %d times", asked)
		}

		time.Sleep(2*time.Hour - tokenEarly)
		if token, err := tk.get(t.Context()); token != "T1" || err != nil {
			t.Errorf("while it is renewed: %q, %v", token, err)
		}
		time.Sleep(2 * time.Second)
		if token, _ := tk.get(t.Context()); token != "T2" || asked != 2 {
			t.Errorf("renewed: %q, asked %d times", token, asked)
		}
		tk.drop("T1") // somebody noticed late
		if token, _ := tk.get(t.Context()); token != "T2" {
			t.Errorf("dropped another's: %q", token)
		}

		failure = &refusedError{code: 40001}
		tk.drop("T2")
		for range 3 {
			if _, err := tk.get(t.Context()); codeOf(err) != 40001 || asked != 3 {
				t.Errorf("%v, asked %d times", err, asked)
			}
		}
		time.Sleep(tokenPause)
		failure = nil
		if token, err := tk.get(t.Context()); token != "T4" || err != nil {
			t.Errorf("after the pause: %q, %v", token, err)
		}
	})
}
