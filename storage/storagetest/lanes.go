package storagetest

import (
	"context"
	"testing"
	"time"

	"lianbang/bot"
	"lianbang/storage"
)

// lanes plays the sender of one account.
type lanes struct {
	*testing.T
	db   *storage.DB
	caps bot.Caps
	now  time.Time
}

const (
	leaseTime = time.Minute
	holdTime  = 10 * time.Second
)

var accounts = []string{"web/local"}

func newLanes(t *testing.T, open Opener, caps bot.Caps) *lanes {
	return &lanes{t, open(t, at), caps, noon}
}

func (l *lanes) enqueue(ds ...bot.Delivery) {
	l.Helper()
	must(l.T, l.db, func(tx *storage.Tx) error {
		for i := range ds {
			if ds[i].To == (bot.Address{}) {
				ds[i].To = group("r", "")
			}
			if ds[i].Body.Empty() {
				ds[i].Body = bot.Say(ds[i].Key)
			}
		}
		tx.As("test", l.now)
		return tx.Enqueue(ds...)
	})
}

func (l *lanes) claim(owner string) []bot.Lease {
	l.Helper()
	got, err := l.db.Claim(context.Background(), owner, bot.Wanted{Accounts: accounts}, l.now, leaseTime, 10)
	if err != nil {
		l.Fatal(err)
	}
	return got
}

func (l *lanes) claimOne() bot.Lease {
	l.Helper()
	got := l.claim("me")
	if len(got) != 1 {
		l.Fatalf("claimed %v", got)
	}
	return got[0]
}

func (l *lanes) advance(lease bot.Lease, done *bot.Settlement) (*bot.Delivery, time.Duration) {
	l.Helper()
	d, wait, err := l.db.Advance(context.Background(), lease, done, l.caps, l.now, leaseTime, holdTime)
	if err != nil {
		l.Fatal(err)
	}
	return d, wait
}

func (l *lanes) sent(d *bot.Delivery) *bot.Settlement {
	return &bot.Settlement{Delivery: d.ID, Fate: bot.Delivered, Receipt: bot.Receipt{Message: "m", At: l.now}, At: l.now}
}

// drain sends everything that may leave now, and returns the keys in order.
func (l *lanes) drain(lease bot.Lease) (keys []string, wait time.Duration) {
	l.Helper()
	d, wait := l.advance(lease, nil)
	for d != nil {
		keys = append(keys, d.Key)
		d, wait = l.advance(lease, l.sent(d))
	}
	return keys, wait
}
