package fake

import (
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestFrozenClock: only Advance makes anything due, and what was stopped never is.
func TestFrozenClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		noon := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
		c := NewFrozenClock(noon)
		ran := 0
		c.AfterFunc(time.Minute, func() { ran++ })
		stop := c.AfterFunc(time.Minute, func() { ran += 10 })
		rings, forget := c.After(time.Hour)
		defer forget()
		stop()
		time.Sleep(2 * time.Hour)
		if !c.Now().Equal(noon) || c.Waiting() != 2 || ran != 0 {
			t.Errorf("%s, %d wait, %d ran", c.Now(), c.Waiting(), ran)
		}
		c.Advance(time.Minute)
		synctest.Wait()
		if !c.Now().Equal(noon.Add(time.Minute)) || c.Waiting() != 1 || ran != 1 {
			t.Errorf("%s, %d wait, %d ran", c.Now(), c.Waiting(), ran)
		}
		c.Advance(time.Hour)
		<-rings
		if c.Waiting() != 0 {
			t.Errorf("%d wait", c.Waiting())
		}
	})
}

// TestClock: a running clock makes things due by itself, and can be moved ahead.
func TestClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := NewClock()
		began := time.Now()
		rings, _ := c.After(time.Minute)
		<-rings
		if time.Since(began) != time.Minute {
			t.Errorf("rang after %s", time.Since(began))
		}
		rings, _ = c.After(time.Minute)
		c.Advance(time.Minute)
		<-rings
		if time.Since(began) != time.Minute || !c.Now().Equal(began.Add(2*time.Minute)) {
			t.Errorf("rang after %s, at %s", time.Since(began), c.Now())
		}
	})
}

// TestHost: it serves until Close, and a listener that breaks before is a violation.
func TestHost(t *testing.T) {
	var v Violations
	h := NewHost(http.NotFoundHandler(), &v)
	base, err := h.Start()
	if err != nil || h.BaseURL() != base {
		t.Fatalf("%q, %q, %v", base, h.BaseURL(), err)
	}
	client := NewClient()
	defer client.CloseIdleConnections()
	resp, err := client.Get(base)
	if err != nil || resp.StatusCode != http.StatusNotFound {
		t.Fatalf("%v, %v", resp, err)
	}
	_ = resp.Body.Close()
	if err := h.Close(); err != nil || len(v.List()) != 0 {
		t.Errorf("%v, %q", err, v.List())
	}
	broken := NewHost(http.NotFoundHandler(), &v)
	broken.Serve(closed(t))
	broken.work.Wait()
	if l := v.List(); len(l) != 1 || !strings.HasPrefix(l[0], "the server ended: ") {
		t.Errorf("%q", l)
	}
}

// TestBounds: neither list grows without end.
func TestBounds(t *testing.T) {
	var v Violations
	var list []int
	for i := range 3 * maxViolations {
		v.Add("%d", i)
		list = Keep(list, i, 100)
	}
	if n := len(v.List()); n != maxViolations {
		t.Errorf("%d violations", n)
	}
	if len(list) > 100 || list[len(list)-1] != 3*maxViolations-1 {
		t.Errorf("kept %d, the last %d", len(list), list[len(list)-1])
	}
}

// closed is a listener that nothing can be accepted from.
func closed(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return l
}
