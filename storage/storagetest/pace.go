package storagetest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"lianbang/bot"
)

func testLaneOrder(t *testing.T, open Opener) {
	l := newLanes(t, open, bot.Caps{})
	l.enqueue(bot.Delivery{Key: "digest", Urgency: bot.Digest}, bot.Delivery{Key: "remind", Urgency: bot.Remind},
		bot.Delivery{Key: "later", NotBefore: noon.Add(time.Hour)}, bot.Delivery{Key: "a1"}, bot.Delivery{Key: "a2"})
	l.enqueue(bot.Delivery{Key: "a1", Body: bot.Say("twice")}) // the key exists
	keys, wait := l.drain(l.claimOne())
	check(t, "order", strings.Join(keys, " "), "a1 a2 remind digest")
	check(t, "wait for the later one", wait, time.Hour)
	check(t, "nothing is due", len(l.claim("me")), 0)
	l.now = l.now.Add(time.Hour)
	keys, wait = l.drain(l.claimOne())
	check(t, "the later one", strings.Join(keys, " "), "later")
	check(t, "empty", wait, 0)
}

func testLanePace(t *testing.T, open Opener) {
	l := newLanes(t, open, bot.Caps{Chat: bot.Pace{Interval: time.Second, Burst: 2}, Account: bot.Pace{Interval: 400 * time.Millisecond, Burst: 3}})
	for i := range 5 {
		l.enqueue(bot.Delivery{Key: fmt.Sprint("a", i)}, bot.Delivery{Key: fmt.Sprint("b", i), To: group("r2", "")})
	}
	leases := l.claim("me")
	check(t, "lanes", len(leases), 2)
	keys, wait := l.drain(leases[0])
	check(t, "burst of the lane", len(keys), 2)
	check(t, "until the next", wait, time.Second)
	keys, wait = l.drain(leases[1])
	check(t, "rest of the account's burst", len(keys), 1)
	check(t, "until the account may", wait, 400*time.Millisecond)
	// Over twenty seconds every window keeps the promise of the pace.
	var times []time.Time
	for range 400 {
		l.now = l.now.Add(50 * time.Millisecond)
		for _, lease := range leases {
			keys, _ := l.drain(lease)
			for range keys {
				times = append(times, l.now)
			}
		}
	}
	check(t, "all left", len(times), 7)
	for i := range times {
		n := 0
		for _, at := range times[i:] {
			if at.Sub(times[i]) < time.Second {
				n++
			}
		}
		if n > 3+2 {
			t.Errorf("%d in one second", n)
		}
	}
}

// Answers to taps that still wait pass by every clock, because the platform counts no message; late ones do not.
func testLaneTaps(t *testing.T, open Opener) {
	l := newLanes(t, open, bot.Caps{Chat: bot.Pace{Interval: time.Minute, Burst: 1}, Account: bot.Pace{Interval: time.Hour, Burst: 1}})
	l.enqueue(bot.Delivery{Key: "words"})
	keys, _ := l.drain(l.claimOne())
	check(t, "the account's only message", strings.Join(keys, " "), "words")
	tap := func(key string, until time.Time) bot.Delivery {
		return bot.Delivery{Key: key, To: group("r1", "u1"), Ref: bot.ReplyRef{Token: "c:" + key, Expires: until}}
	}
	l.enqueue(tap("tap1", l.now.Add(time.Second)), tap("tap2", l.now.Add(time.Second)), tap("late", l.now.Add(-time.Second)))
	keys, wait := l.drain(l.claimOne())
	check(t, "answers to taps", strings.Join(keys, " "), "tap1 tap2")
	check(t, "until the late one", wait, time.Hour)
}
