package scheduler

import (
	"context"
	"strings"
	"time"

	"lianbang/bot"
)

// Outbox is what the lanes need of storage. Its methods are called from many goroutines. Every one is a transaction of
// its own; a temporary failure satisfies errors.Is(err, bot.ErrUnavailable).
type Outbox interface {
	// Claim leases up to n free lanes that are wanted and have something due at now, for lease.
	Claim(ctx context.Context, owner string, w bot.Wanted, now time.Time, lease time.Duration, n int) ([]bot.Lease, error)
	// Advance settles the last attempt, if there was one, and takes the next delivery of the lane, in one transaction. With
	// d nil and wait positive nothing may leave for so long: the lease is kept when wait is at most hold and given back
	// otherwise. With d nil and wait zero the lane is empty or its account paused, and the lease has been given back.
	// After bot.ErrLeaseLost nothing was stored.
	Advance(ctx context.Context, l bot.Lease, done *bot.Settlement, caps bot.Caps, now time.Time, lease, hold time.Duration) (d *bot.Delivery, wait time.Duration, err error)
	// Release gives a lease back. A lost one is no error.
	Release(ctx context.Context, l bot.Lease) error
	// NextDue is when the next delivery of the accounts may leave; zero when nothing waits.
	NextDue(ctx context.Context, accounts []string) (time.Time, error)
	// PauseAccount stops all lanes of an account until an operator resumes it. The reason is shown to him.
	PauseAccount(ctx context.Context, account, reason string) error
}

// account names the account of an adapter as the outbox does.
func account(a bot.Adapter) string {
	platform, name := a.Name()
	return string(platform) + "/" + name
}

// adapterOf finds the adapter that serves a lane; nil when none of ours does.
func adapterOf(lane string, adapters map[string]bot.Adapter) (string, bot.Adapter) {
	best := ""
	for name := range adapters {
		if strings.HasPrefix(lane, name+"/") && len(name) > len(best) {
			best = name
		}
	}
	return best, adapters[best]
}
