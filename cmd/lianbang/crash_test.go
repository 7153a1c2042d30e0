package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"lianbang/bot/webchat"
)

// typing is a company of typists and the server that they type to.
type typing struct {
	data    string
	address atomic.Value // string
	typists []*typist
	admin   string
	watcher *page
	kills   int
	early   int // kills while the program was starting
}

// How TestKill is played. What is random is drawn from drawSeed.
const (
	typists   = 6
	drawSeed  = 20261122
	firstKill = 50 * time.Millisecond // after the program answers
	lastKill  = 500 * time.Millisecond
)

// TestKill kills the program again and again while people type, and then counts: what was acknowledged happened once, its
// answer is in its room once, nothing is left on its way, and the audit chain is whole.
func TestKill(t *testing.T) {
	kills := 50
	if testing.Short() {
		kills = 5
	}
	began := time.Now()
	c := settleIn(t)
	c.play(t, func() *child { return c.killOften(t, kills) })
	t.Logf("seed %d; %d kills, %d of them during a start; in all %v", drawSeed, c.kills, c.early, time.Since(began).Round(time.Millisecond))
}

// play lets the typists type while the program is interrupted, by a function that leaves one running, and then counts.
func (c *typing) play(t *testing.T, interrupt func() *child) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	enough := make(chan struct{})
	var group errgroup.Group
	for _, p := range c.typists {
		group.Go(func() error { return p.run(ctx, enough) })
	}
	watching, unwatch := context.WithCancel(ctx)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		c.watcher.watch(watching, c.where)
	}()
	began := time.Now()
	last := interrupt()
	interrupted := time.Since(began)
	close(enough)
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	began = time.Now()
	c.awaitSettled(t)
	t.Logf("%v of interruptions, then settled in %v", interrupted.Round(time.Millisecond), time.Since(began).Round(time.Millisecond))
	c.checkPages(t, last)
	unwatch()
	<-watched
	if code := last.stop(); code != 0 {
		t.Errorf("exit code %d after SIGTERM:\n%s", code, last.errors.String())
	}
	c.checkLedger(t)
	t.Log(verifyAudit(t, c.data))
}

func (c *typing) where() string { return c.address.Load().(string) }

// settleIn makes the typists, the activities that they sign up for and an administrator. The program is stopped then.
func settleIn(t *testing.T) *typing {
	t.Helper()
	c := &typing{data: filepath.Join(t.TempDir(), "data"), admin: "何统筹", watcher: newPage("看客")}
	c.address.Store("")
	first := serveChild(t, c.data).answered()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := first.dial(c.admin).Say(ctx, webchat.Private, "t0-0", "认领 "+first.claim()); err != nil {
		t.Fatal(err)
	}
	names := []string{"林书记", "王工", "赵敏", "刘工", "陈会计", "李雨"}
	for i := range typists {
		p := &typist{
			name: names[i], own: i + 1, others: typists, rooms: []string{"光电信息群", "联络员群", "企业服务群"}, where: c.where,
			rng: rand.New(rand.NewPCG(drawSeed, uint64(i))), parties: map[int]int{},
		}
		u := &utterance{id: p.id() + "-0", room: p.rooms[0], effect: makesActivity, name: "座谈" + p.unique(0), sends: 1}
		u.text = fmt.Sprintf("登记活动 %s上午9点 %s 地点 大会议室 限%d人", ahead(100+i), u.name, 10*(i+1))
		if err := first.dial(p.name).Say(ctx, u.room, u.id, u.text); err != nil {
			t.Fatal(err)
		}
		p.said = []*utterance{u}
		c.typists = append(c.typists, p)
	}
	if code := first.stop(); code != 0 {
		t.Fatalf("exit code %d:\n%s", code, first.errors.String())
	}
	return c
}

// killOften starts and kills the program, most times while it works, now and then while it starts, and leaves one running.
func (c *typing) killOften(t *testing.T, kills int) *child {
	t.Helper()
	rng := rand.New(rand.NewPCG(drawSeed, 99))
	usual := time.Second // that a start takes
	for ; c.kills < kills; c.kills++ {
		began := time.Now()
		now := serveChild(t, c.data)
		if c.kills%7 == 3 {
			time.Sleep(time.Duration(rng.Float64() * float64(usual)))
			c.early++
		} else {
			c.serves(now)
			usual = time.Since(began)
			time.Sleep(firstKill + time.Duration(rng.Float64()*float64(lastKill-firstKill)))
		}
		now.kill()
	}
	return c.serves(serveChild(t, c.data))
}

// serves tells the typists where the program is to be found, and waits until it answers.
func (c *typing) serves(now *child) *child {
	now.t.Helper()
	now.announced()
	c.address.Store(now.address)
	return now.answered()
}
