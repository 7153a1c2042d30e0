package storage

import (
	"context"
	"fmt"
	"time"

	"lianbang/bot"
	"lianbang/consortium"
)

var (
	deliveryList = sqlText(`SELECT d.id, d.key, d.chat, d.user_key, d.ref_token, d.ref_expires, d.urgency, d.state, d.body, d.not_before,
  d.expires, d.attempt, d.target, l.account, l.name, d.created, d.settled, d.receipt, d.error, d.doubt
FROM delivery d JOIN lane l ON l.id = d.lane WHERE d.id > $1 ORDER BY d.id LIMIT $2`)
	deliveryListOpen = sqlText(`SELECT d.id, d.key, d.chat, d.user_key, d.ref_token, d.ref_expires, d.urgency, d.state, d.body, d.not_before,
  d.expires, d.attempt, d.target, l.account, l.name, d.created, d.settled, d.receipt, d.error, d.doubt
FROM delivery d JOIN lane l ON l.id = d.lane WHERE d.state = $1 AND d.state IN ('new', 'sending') AND d.id > $2 ORDER BY d.id LIMIT $3`)
	deliveryListFailed = sqlText(`SELECT d.id, d.key, d.chat, d.user_key, d.ref_token, d.ref_expires, d.urgency, d.state, d.body, d.not_before,
  d.expires, d.attempt, d.target, l.account, l.name, d.created, d.settled, d.receipt, d.error, d.doubt
FROM delivery d JOIN lane l ON l.id = d.lane WHERE d.state = $1 AND d.state IN ('dead', 'unknown', 'expired') AND d.id > $2 ORDER BY d.id LIMIT $3`)
	deliveryListState = sqlText(`SELECT d.id, d.key, d.chat, d.user_key, d.ref_token, d.ref_expires, d.urgency, d.state, d.body, d.not_before,
  d.expires, d.attempt, d.target, l.account, l.name, d.created, d.settled, d.receipt, d.error, d.doubt
FROM delivery d JOIN lane l ON l.id = d.lane WHERE d.state = $1 AND d.id > $2 ORDER BY d.id LIMIT $3`)
	deliveryListDoubt = sqlText(`SELECT d.id, d.key, d.chat, d.user_key, d.ref_token, d.ref_expires, d.urgency, d.state, d.body, d.not_before,
  d.expires, d.attempt, d.target, l.account, l.name, d.created, d.settled, d.receipt, d.error, d.doubt
FROM delivery d JOIN lane l ON l.id = d.lane WHERE d.doubt > 0 AND d.id > $1 ORDER BY d.id LIMIT $2`)
	deliveryState = sqlText(`SELECT d.state, l.name FROM delivery d JOIN lane l ON l.id = d.lane WHERE d.id = $1`)
	// What was tried of an entry keeps an attempt, as in entryPut.
	deliveryRetry = sqlText(`UPDATE delivery SET state = 'new', not_before = 0, expires = 0, settled = 0,
  attempt = CASE WHEN attempt > 0 AND substr(key, 1, 6) = 'entry/' THEN 1 ELSE 0 END,
  doubt = doubt + CASE WHEN state = 'unknown' THEN 1 ELSE 0 END
WHERE id = $1 AND state IN ('dead', 'unknown', 'expired', 'dropped')`)
	deliveryDrop = sqlText(`UPDATE delivery SET state = 'dropped', settled = $1
WHERE id = $2 AND state IN ('new', 'dead', 'unknown', 'expired')`)
	deliveryCountOpen   = sqlText(`SELECT state, count(*) FROM delivery WHERE state IN ('new', 'sending') GROUP BY state`)
	deliveryCountFailed = sqlText(`SELECT state, count(*) FROM delivery WHERE state IN ('dead', 'unknown', 'expired') GROUP BY state`)
	deliveryOldest      = sqlText(`SELECT min(created) FROM delivery WHERE state IN ('new', 'sending') AND not_before <= $1`)

	accountPause = sqlText(`INSERT INTO account(name, paused, reason) VALUES($1, $2, $3)
ON CONFLICT(name) DO UPDATE SET paused = excluded.paused, reason = excluded.reason`)
	accountPaused = sqlText(`SELECT name, reason, paused FROM account WHERE paused > 0 ORDER BY name`)
)

// Dropped is the state of a delivery that an operator gave up.
const Dropped bot.Fate = "dropped"

// OutboxItem is a delivery as an operator sees it.
type OutboxItem struct {
	bot.Delivery
	State   string // "new", "sending", or a bot.Fate
	Lane    string
	Created time.Time
	Settled time.Time // end of the last attempt
	Receipt string
	Error   string
	Doubt   int // earlier attempts that may have arrived, on a platform that does not deduplicate
}

// OutboxFilter chooses deliveries. The zero value means the first hundred of all.
type OutboxFilter struct {
	State string // "" = any
	Doubt bool   // only those that may have come more than once, in any state
	Limit int    // 0 = 100
	After int64  // only those with a higher id: the last one of the page before
}

// Deliveries lists deliveries by id.
func (db *DB) Deliveries(ctx context.Context, f OutboxFilter) ([]OutboxItem, error) {
	if f.Limit <= 0 {
		f.Limit = 100
	}
	statement, args := deliveryListState, []any{f.State, f.After, f.Limit}
	switch f.State {
	case "":
		statement, args = deliveryList, []any{f.After, f.Limit}
	case "new", "sending":
		statement = deliveryListOpen
	case "dead", "unknown", "expired":
		statement = deliveryListFailed
	}
	if f.Doubt {
		statement, args = deliveryListDoubt, []any{f.After, f.Limit}
	}
	var out []OutboxItem
	err := db.View(ctx, func(tx *Tx) error {
		out = nil
		return tx.each(statement, func(r *row) error {
			d, state, err := tx.scanDelivery(r)
			if err != nil {
				return err
			}
			item := OutboxItem{Delivery: *d, State: state}
			item.To.Platform, item.To.Account = splitAccount(r.text())
			item.Lane, item.Created, item.Settled = r.text(), db.moment(r.int()), db.moment(r.int())
			item.Receipt, item.Error, item.Doubt = r.text(), r.text(), int(r.int())
			out = append(out, item)
			return nil
		}, args...)
	})
	if err != nil {
		return nil, fmt.Errorf("list deliveries: %w", err)
	}
	return out, nil
}

type outboxChange struct {
	State string `json:"state"`
}

// operate changes a delivery by hand, with an audit row.
func (db *DB) operate(ctx context.Context, id int64, state string, change func(tx *Tx) (int64, error)) error {
	return db.doOutbox(ctx, func(tx *Tx) error {
		tx.As("operator", db.now())
		r, ok, err := tx.one(deliveryState, id)
		if err != nil {
			return fmt.Errorf("read a delivery: %w", err)
		}
		if !ok {
			return fmt.Errorf("delivery %d: %w", id, consortium.ErrNotFound)
		}
		before, lane := r.text(), r.text()
		n, err := change(tx)
		if err != nil {
			return fmt.Errorf("change a delivery: %w", err)
		}
		if n == 0 {
			return fmt.Errorf("delivery %d is %s: %w", id, before, consortium.ErrConflict)
		}
		if state == "new" {
			tx.wakes = append(tx.wakes, lane)
		}
		return tx.note("delivery", id, "operate", outboxChange{before}, outboxChange{state})
	})
}

// RetryDelivery sends a delivery again that is dead, unknown, expired or dropped, without an expiry.
// consortium.ErrNotFound, or consortium.ErrConflict when it is in another state.
func (db *DB) RetryDelivery(ctx context.Context, id int64) error {
	return db.operate(ctx, id, "new", func(tx *Tx) (int64, error) { return tx.exec(deliveryRetry, id) })
}

// DropDelivery gives up a delivery that is not sent and not being sent. Errors are those of RetryDelivery.
func (db *DB) DropDelivery(ctx context.Context, id int64) error {
	return db.operate(ctx, id, string(Dropped), func(tx *Tx) (int64, error) { return tx.exec(deliveryDrop, tx.at, id) })
}

// OutboxCounts says what waits and what failed, for metrics and the operator.
type OutboxCounts struct {
	New, Sending           int64
	Dead, Unknown, Expired int64
	Oldest                 time.Time // when the oldest one that waits, though it is due, was enqueued; zero when none does
}

// OutboxCounts counts the deliveries that are open or failed.
func (db *DB) OutboxCounts(ctx context.Context) (OutboxCounts, error) {
	var c OutboxCounts
	err := db.View(ctx, func(tx *Tx) error {
		c = OutboxCounts{}
		fields := map[string]*int64{"new": &c.New, "sending": &c.Sending, "dead": &c.Dead, "unknown": &c.Unknown, "expired": &c.Expired}
		count := func(r *row) error {
			if n := fields[r.text()]; n != nil {
				*n = r.int()
			}
			return nil
		}
		if err := tx.each(deliveryCountOpen, count); err != nil {
			return err
		}
		if err := tx.each(deliveryCountFailed, count); err != nil {
			return err
		}
		r, ok, err := tx.one(deliveryOldest, tx.at)
		if ok {
			c.Oldest = db.moment(r.int())
		}
		return err
	})
	if err != nil {
		return c, fmt.Errorf("count deliveries: %w", err)
	}
	return c, nil
}

type accountState struct {
	Account string `json:"account"`
	Paused  string `json:"paused,omitempty"`
}

// PauseAccount stops all sending of an account ("platform/account") until ResumeAccount. The reason is shown to operators.
func (db *DB) PauseAccount(ctx context.Context, account, reason string) error {
	return db.setPaused(ctx, account, reason, true)
}

// ResumeAccount lets an account send again.
func (db *DB) ResumeAccount(ctx context.Context, account string) error {
	return db.setPaused(ctx, account, "", false)
}

func (db *DB) setPaused(ctx context.Context, account, reason string, pause bool) error {
	return db.Do(ctx, func(tx *Tx) error {
		_, paused, err := tx.account(accountHold, account)
		if err != nil || paused == pause {
			return err
		}
		since := int64(0)
		if pause {
			since = tx.at
		}
		if err := tx.run(accountPause, account, since, reason); err != nil {
			return fmt.Errorf("pause or resume an account: %w", err)
		}
		return tx.note("account", 0, "pause", nil, accountState{account, reason})
	})
}

// PausedAccount is an account that may not send.
type PausedAccount struct {
	Account, Reason string
	Since           time.Time
}

// Paused lists the paused accounts.
func (db *DB) Paused(ctx context.Context) ([]PausedAccount, error) {
	var out []PausedAccount
	err := db.View(ctx, func(tx *Tx) error {
		out = nil
		return tx.each(accountPaused, func(r *row) error {
			out = append(out, PausedAccount{r.text(), r.text(), db.moment(r.int())})
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("list paused accounts: %w", err)
	}
	return out, nil
}
