package scheduler

import (
	"context"
	"strconv"
	"time"

	"lianbang/bot"
)

// Sweep looks at rows for what is due at now and not done, and does it. It is idempotent and safe while another node runs
// the same sweep: unique keys and compare-and-set decide who was first. Jobs calls Run from one goroutine at a time per
// process. Run ends soon after ctx does; what it did not reach is found by the next one. An error is logged by the caller.
type Sweep interface {
	Name() string // constant, short, lower case
	Run(ctx context.Context, now time.Time) error
}

// Actor is who the audit rows name for what the sweeps do.
const Actor = "clock"

// batch is how many due rows a sweep reads at once.
const batch = 200

// Deliveries makes the outbox rows of one message to one room: a row per fitted part. Keys begin with prefix, which
// names the occasion, so that the occasion is enqueued once whatever happens. It is pure.
func Deliveries(prefix string, to bot.Address, parts []bot.Reply, u bot.Urgency, expires time.Time) []bot.Delivery {
	out := make([]bot.Delivery, 0, len(parts))
	for i, body := range parts {
		key := prefix + "/" + to.Lane()
		if i > 0 {
			key += "/" + strconv.Itoa(i+1)
		}
		out = append(out, bot.Delivery{Key: key, To: to, Urgency: u, Body: body, Expires: expires})
	}
	return out
}
