package feishu

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// directory is a tenant with one group of two and one stranger.
type directory struct {
	members, persons atomic.Int64
	delay            time.Duration
	broken           atomic.Bool
}

func (d *directory) names() *names {
	n := &names{now: time.Now, log: slog.New(slog.DiscardHandler),
		members: func(_ context.Context, _ string, each func(string, string)) error {
			d.members.Add(1)
			time.Sleep(d.delay)
			if d.broken.Load() {
				return errors.New("no scope")
			}
			each("ou_lin", "林书记")
			each("ou_wang", "王工")
			return nil
		},
		person: func(_ context.Context, id string) (string, error) {
			d.persons.Add(1)
			time.Sleep(d.delay)
			if d.broken.Load() {
				return "", errors.New("no scope")
			}
			return map[string]string{"ou_guest": "访客"}[id], nil
		}}
	return n.init()
}

func TestNames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &directory{}
		n := d.names()
		look := func(chat, id, want string, members, persons int64) {
			t.Helper()
			if got := n.get(t.Context(), chat, id); got != want {
				t.Errorf("%s is %q, want %q", id, got, want)
			}
			if d.members.Load() != members || d.persons.Load() != persons {
				t.Errorf("%s: asked for %d lists and %d persons, want %d and %d", id, d.members.Load(), d.persons.Load(), members, persons)
			}
		}
		look("oc_1", "ou_lin", "林书记", 1, 0)
		look("oc_1", "ou_wang", "王工", 1, 0)
		look("oc_2", "ou_wang", "王工", 1, 0)
		look("oc_1", "ou_guest", "访客", 1, 1) // not in the list that was read a moment ago
		look("", "ou_nobody", "", 1, 2)
		look("", "ou_nobody", "", 1, 2) // not asked for again
		time.Sleep(nameUnknown)
		look("oc_1", "ou_nobody", "", 2, 3)
		time.Sleep(nameKept)
		look("oc_1", "ou_lin", "林书记", 3, 3)
	})
}

func TestNamesSingleFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &directory{delay: 500 * time.Millisecond}
		n := d.names()
		var all sync.WaitGroup
		for range 50 {
			for _, id := range []string{"ou_lin", "ou_wang"} {
				all.Go(func() {
					if n.get(t.Context(), "oc_1", id) == "" {
						t.Errorf("%s has no name", id)
					}
				})
			}
		}
		all.Wait()
		if d.members.Load() != 1 || d.persons.Load() != 0 {
			t.Errorf("asked for %d lists and %d persons", d.members.Load(), d.persons.Load())
		}
	})
}

// TestNamesCrowd: many strangers at once are asked for a few at a time, and each gets an answer.
func TestNamesCrowd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &directory{}
		n := d.names()
		var now, most atomic.Int64
		n.person = func(_ context.Context, id string) (string, error) {
			most.Store(max(most.Load(), now.Add(1)))
			time.Sleep(10 * time.Millisecond)
			now.Add(-1)
			return "姓名" + id, nil
		}
		var all sync.WaitGroup
		for i := range 100 {
			all.Go(func() {
				id := fmt.Sprintf("ou_%d", i)
				if got := n.get(t.Context(), "", id); got != "姓名"+id {
					t.Errorf("%s is %q", id, got)
				}
			})
		}
		all.Wait()
		if most.Load() > atOnce {
			t.Errorf("%d requests at once", most.Load())
		}
	})
}

// TestNamesSlow: the event does not wait for long, and the name is there the next time.
func TestNamesSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &directory{delay: 3 * time.Second}
		a := &Adapter{names: d.names()}
		began := time.Now()
		if got := a.name(t.Context(), "oc_1", "ou_lin"); got != "" || time.Since(began) != nameTime {
			t.Errorf("got %q after %v", got, time.Since(began))
		}
		time.Sleep(3 * time.Second)
		if got := a.name(t.Context(), "oc_1", "ou_lin"); got != "林书记" || d.members.Load() != 1 {
			t.Errorf("got %q, asked %d times", got, d.members.Load())
		}
		if got := a.name(t.Context(), "oc_1", ""); got != "" {
			t.Errorf("nobody is called %q", got)
		}
	})
}

func TestNamesBroken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &directory{}
		d.broken.Store(true)
		n := d.names()
		for range 100 {
			if got := n.get(t.Context(), "oc_1", "ou_lin"); got != "" {
				t.Errorf("got %q", got)
			}
		}
		if d.members.Load() != 1 || d.persons.Load() != 1 {
			t.Errorf("asked for %d lists and %d persons", d.members.Load(), d.persons.Load())
		}
		d.broken.Store(false)
		time.Sleep(nameUnknown)
		if got := n.get(t.Context(), "oc_1", "ou_lin"); got != "林书记" {
			t.Errorf("got %q", got)
		}
	})
}

func TestNamesBounded(t *testing.T) {
	n := (&directory{}).names()
	for i := range 2*maxNames + 7 {
		n.keep(fmt.Sprintf("ou_%d", i), knownName{"x", time.Now().Add(time.Hour)})
	}
	if len(n.known) > maxNames {
		t.Errorf("%d names", len(n.known))
	}
}

// TestNameCalls: the pages of a group's list, and the address book.
func TestNameCalls(t *testing.T) {
	s := newStub(t, func(r seen) answer {
		switch {
		case strings.HasSuffix(r.path, "/chats/oc_1/members") && r.query.Get("page_token") == "":
			return answer{body: `{"code":0,"data":{"items":[{"member_id":"ou_a","name":"甲"}],"has_more":true,"page_token":"p2","member_total":2}}`}
		case strings.HasSuffix(r.path, "/chats/oc_1/members") && r.query.Get("page_token") == "p2":
			return answer{body: `{"code":0,"data":{"items":[{"member_id":"ou_b","name":"乙"}],"has_more":false}}`}
		case strings.HasSuffix(r.path, "/members"): // a list without end
			return answer{body: `{"code":0,"data":{"items":[],"has_more":true,"page_token":"again"}}`}
		case r.path == "/open-apis/contact/v3/users/ou_c":
			return answer{body: `{"code":0,"data":{"user":{"open_id":"ou_c","name":"丙"}}}`}
		}
		return refusing(99991672, "no scope")
	})
	a, _ := s.adapter(t)
	for _, c := range []struct{ chat, id, want string }{{"oc_1", "ou_b", "乙"}, {"oc_1", "ou_a", "甲"}, {"", "ou_c", "丙"}, {"", "ou_d", ""}} {
		if got := a.name(t.Context(), c.chat, c.id); got != c.want {
			t.Errorf("%s is %q, want %q", c.id, got, c.want)
		}
	}
	if q := s.requests()[0].query; q.Get("member_id_type") != "open_id" || q.Get("page_size") != "100" {
		t.Errorf("query %v", q)
	}
	before := len(s.requests())
	if err := a.eachMember(t.Context(), "oc_2", func(string, string) {}); err != nil || len(s.requests())-before != memberPages {
		t.Errorf("%v after %d pages", err, len(s.requests())-before)
	}
}
