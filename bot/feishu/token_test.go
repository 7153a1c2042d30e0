package feishu

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// issuer hands out numbered tokens as the platform does: the same one until 30 minutes before its end.
type issuer struct {
	calls atomic.Int64
	delay time.Duration
	fail  atomic.Bool

	mu  sync.Mutex
	n   int
	end time.Time
}

func (i *issuer) fetch(ctx context.Context) (string, time.Duration, error) {
	i.calls.Add(1)
	select {
	case <-time.After(i.delay):
	case <-ctx.Done():
		return "", 0, ctx.Err()
	}
	if i.fail.Load() {
		return "", 0, errors.New("away")
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if time.Until(i.end) < 30*time.Minute {
		i.n++
		i.end = time.Now().Add(2 * time.Hour)
	}
	return fmt.Sprintf("t-%d", i.n), time.Until(i.end), nil
}

func newTestTokens(i *issuer) *tokens { return &tokens{fetch: i.fetch, now: time.Now} }

func expect(t *testing.T, s *tokens, want string) {
	t.Helper()
	if got, err := s.get(t.Context()); err != nil || got != want {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
}

func TestTokenLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := &issuer{delay: time.Second}
		s := newTestTokens(i)
		expect(t, s, "t-1")
		time.Sleep(109 * time.Minute) // 11 minutes are left
		expect(t, s, "t-1")
		if n := i.calls.Load(); n != 1 {
			t.Fatalf("%d requests", n)
		}
		time.Sleep(time.Minute + time.Second) // less than 10 are left: the old one is used until the new one has come
		before := time.Now()
		expect(t, s, "t-1")
		expect(t, s, "t-1")
		if time.Since(before) != 0 {
			t.Error("a caller waited although the old token holds")
		}
		time.Sleep(2 * time.Second)
		expect(t, s, "t-2")
		if n := i.calls.Load(); n != 2 {
			t.Errorf("%d requests", n)
		}
	})
}

func TestTokenSingleFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := &issuer{delay: time.Second}
		s := newTestTokens(i)
		var all sync.WaitGroup
		for range 100 {
			all.Go(func() { expect(t, s, "t-1") })
		}
		impatient, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if _, err := s.get(impatient); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("an impatient caller got %v", err)
		}
		all.Wait()
		if n := i.calls.Load(); n != 1 {
			t.Errorf("%d requests for 100 callers", n)
		}
	})
}

// TestTokenFirstCallerLeaves: the request goes on for the others.
func TestTokenFirstCallerLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := &issuer{delay: time.Second}
		s := newTestTokens(i)
		ctx, cancel := context.WithCancel(t.Context())
		go s.get(ctx)
		synctest.Wait()
		cancel()
		expect(t, s, "t-1")
		if n := i.calls.Load(); n != 1 {
			t.Errorf("%d requests", n)
		}
	})
}

func TestTokenRefreshFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := &issuer{}
		s := newTestTokens(i)
		expect(t, s, "t-1")
		i.fail.Store(true)
		time.Sleep(111 * time.Minute)
		for range 60 {
			expect(t, s, "t-1")
			time.Sleep(time.Second)
		}
		if n := i.calls.Load(); n < 3 || n > 6 {
			t.Errorf("%d requests within a minute of failures", n)
		}
		time.Sleep(8 * time.Minute)
		if _, err := s.get(t.Context()); err == nil {
			t.Error("a token that has ended was used")
		}
		i.fail.Store(false)
		expect(t, s, "t-2")
	})
}

func TestTokenDropByValue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := &issuer{}
		s := newTestTokens(i)
		expect(t, s, "t-1")
		s.drop("t-0")
		expect(t, s, "t-1")
		if n := i.calls.Load(); n != 1 {
			t.Errorf("dropping another token made %d requests", n)
		}
		s.drop("t-1")
		expect(t, s, "t-1") // the platform gives the same again
		if n := i.calls.Load(); n != 2 {
			t.Errorf("%d requests", n)
		}
	})
}

// failing is a token endpoint that only fails.
func failing(err error) func(context.Context) (string, time.Duration, error) {
	return func(context.Context) (string, time.Duration, error) { return "", 0, err }
}
