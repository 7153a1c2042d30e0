package wecom

import (
	"context"
	"sync"
	"time"

	"lianbang/bot"
)

// maxCodes bounds the cards that can be replaced.
const maxCodes = 5000

// updateCard replaces a card that the app sent. Each can be replaced once within 72 h (94888), by the process that sent it:
// the right to is a secret and is not stored, so that a card stays as it is after a restart.
func (a *Adapter) updateCard(ctx context.Context, d bot.Delivery) (bot.Receipt, error) {
	u, ok := a.codes.take(d.Update)
	if !ok || a.conf.App == nil {
		return bot.Receipt{}, refused("update_gone", "the card can no longer be replaced")
	}
	c, ok := updatedCard(d.Body, appMarkdown, d.Update, a.conf.Home)
	if !ok {
		a.codes.keep(d.Update, u)
		return bot.Receipt{}, refused("unfit", "the card cannot be shown")
	}
	if err := outcome(a.putCard(ctx, c, u.code, u.user)); err != nil {
		if verdict(err, d.Attempt).Verdict != bot.Refused {
			a.codes.keep(d.Update, u) // it may be tried again; the same card once more changes nothing
		}
		return bot.Receipt{}, err
	}
	return bot.Receipt{Message: d.Update, At: a.conf.Now()}, nil
}

// updatable is the right to replace one card once.
type updatable struct {
	code, user string
	end        time.Time
}

// codes are the cards that can be replaced, by task_id. It is safe for concurrent use.
type codes struct {
	now  func() time.Time
	mu   sync.Mutex
	held map[string]updatable
}

func newCodes(now func() time.Time) *codes { return &codes{now: now, held: map[string]updatable{}} }

func (c *codes) keep(id string, u updatable) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	trim(c.held, maxCodes, func(u updatable) bool { return !now.Before(u.end) })
	c.held[id] = u
}

func (c *codes) take(id string) (updatable, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	u, ok := c.held[id]
	delete(c.held, id)
	return u, ok && c.now().Before(u.end)
}
