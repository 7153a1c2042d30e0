package storage

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"lianbang/bot"
)

// The outbox as the lanes of package scheduler use it. All times are the caller's: now is his clock, not the database's.
// An account is named "platform/account", a lane as by [bot.Address.Lane].

var (
	laneNext = sqlText(`WITH RECURSIVE waiting(lane) AS (
  SELECT min(lane) FROM delivery WHERE state IN ('new', 'sending')
  UNION ALL
  SELECT (SELECT min(d.lane) FROM delivery d WHERE d.state IN ('new', 'sending') AND d.lane > w.lane)
  FROM waiting w WHERE w.lane IS NOT NULL)
SELECT min({greatest}(1, l.lease_until, l.ready,
  (SELECT min(d.not_before) FROM delivery d WHERE d.lane = l.id AND d.state IN ('new', 'sending'))))
FROM waiting w JOIN lane l ON l.id = w.lane WHERE l.account = $1`)
	laneHeld   = sqlText(`SELECT id, account, fence, tat, ready FROM lane WHERE name = $1{lock}`)
	laneFree   = sqlText(`UPDATE lane SET owner = '', lease_until = 0 WHERE owner <> ''`)
	laneFreeOf = sqlText(`UPDATE lane SET owner = '', lease_until = 0 WHERE owner = $1`)
	laneSave   = sqlText(`UPDATE lane SET tat = $1, ready = $2, lease_until = $3, owner = CASE WHEN CAST($3 AS bigint) = 0 THEN '' ELSE owner END WHERE id = $4`)
	// A retried answer keeps its place: nothing may overtake it until it is sent or dead.
	deliveryHead = sqlText(`SELECT id, key, chat, user_key, ref_token, ref_expires, urgency, state, body, not_before, expires, attempt, target
FROM delivery WHERE lane = $1 AND state IN ('new', 'sending') AND (not_before <= $2 OR (urgency = 0 AND attempt > 0))
ORDER BY urgency, id LIMIT 1`)
	deliveryLater   = sqlText(`SELECT min(not_before) FROM delivery WHERE lane = $1 AND state IN ('new', 'sending')`)
	deliverySending = sqlText(`UPDATE delivery SET state = 'sending', attempt = attempt + 1, doubt = doubt + $1 WHERE id = $2`)
	deliverySettle  = sqlText(`UPDATE delivery SET state = $1, not_before = $2, receipt = $3, settled = $4, error = $5, doubt = doubt + $6
WHERE id = $7 AND lane = $8 AND state = 'sending'`)
	deliveryOver   = sqlText(`UPDATE delivery SET state = $1, settled = $2, error = $3 WHERE id = $4`)
	deliveryGone   = sqlText(`UPDATE delivery SET state = 'dead', settled = $1, error = $2 WHERE lane = $3 AND state IN ('new', 'sending')`)
	deliveryExpire = sqlText(`UPDATE delivery SET state = 'expired', settled = $1, error = 'expired unsent'
WHERE lane = $2 AND state IN ('new', 'sending') AND state = 'new' AND expires > 0 AND expires <= $1`)
	accountRead  = sqlText(`SELECT tat, paused FROM account WHERE name = $1`)
	accountHold  = sqlText(`SELECT tat, paused FROM account WHERE name = $1{lock}`)
	accountClock = sqlText(`INSERT INTO account(name, tat) VALUES($1, $2) ON CONFLICT(name) DO UPDATE SET tat = excluded.tat`)
)

// Advance settles the last attempt (done is nil at first) and takes the lane's next delivery, in one transaction. caps are
// the constant ones of the lane's adapter: Chat paces the lane, Account the whole account, and Dedup says whether a
// delivery that a crash left in flight may be sent again without thought; where the platform does not deduplicate, answers
// and reminders are sent again all the same, with OutboxItem.Doubt raised, and digests become [bot.Unknown].
//
// d is marked as being sent, with Attempt raised, before it is returned. When d is nil and wait is positive, nothing may
// leave before wait has passed; the lease is kept when wait ≤ hold and given back otherwise. When d is nil and wait is zero
// the lane is empty (or its account is paused) and the lease has been given back. The error is [bot.ErrLeaseLost] when
// somebody else has leased the lane since: done was then not stored, and the caller must stop.
//
// Call it with a context that is not cancelled while sending: an answer that nobody waits for leaves d marked as in flight.
func (db *DB) Advance(ctx context.Context, l bot.Lease, done *bot.Settlement, caps bot.Caps, now time.Time, lease, hold time.Duration) (d *bot.Delivery, wait time.Duration, err error) {
	err = db.doOutbox(ctx, func(tx *Tx) error {
		d, wait = nil, 0
		tx.As("lanes", now)
		var err error
		d, wait, err = tx.advance(l, done, caps, micros(now), lease, hold)
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	return d, wait, nil
}

// Release gives a lease back, at shutdown. A lease that was lost is not an error.
func (db *DB) Release(ctx context.Context, l bot.Lease) error {
	return db.doOutbox(ctx, func(tx *Tx) error {
		ln, err := tx.heldLane(l)
		if errors.Is(err, bot.ErrLeaseLost) {
			return nil
		}
		if err != nil {
			return err
		}
		return tx.saveLane(ln, 0)
	})
}

// FreeLanes takes back what owner leased in an earlier life, so that what a killed process left does not wait for its leases
// to run out; on SQLite, whose file one process works on, all leases. owner may call it before its lanes run, when no other
// process of that name lives.
func (db *DB) FreeLanes(ctx context.Context, owner string) error {
	err := db.Do(ctx, func(tx *Tx) error {
		if db.dialect == postgres {
			return tx.run(laneFreeOf, owner)
		}
		return tx.run(laneFree)
	})
	if err != nil {
		return fmt.Errorf("take leases back: %w", err)
	}
	return nil
}

// NextDue is the earliest moment at which Claim may find something for these accounts, zero when nothing waits.
func (db *DB) NextDue(ctx context.Context, accounts []string) (time.Time, error) {
	var next int64
	err := db.View(ctx, func(tx *Tx) error {
		next = 0
		for _, account := range accounts {
			_, paused, err := tx.account(accountRead, account)
			if err != nil {
				return err
			}
			if paused {
				continue
			}
			r, ok, err := tx.one(laneNext, account)
			if err != nil {
				return fmt.Errorf("find the next due lane: %w", err)
			}
			if !ok {
				continue
			}
			if due := r.int(); due != 0 && (next == 0 || due < next) {
				next = due
			}
		}
		return nil
	})
	if err != nil || next == 0 {
		return time.Time{}, err
	}
	return db.moment(next), nil
}

// heldLane is the lane row that a lease holds. Times are microseconds.
type heldLane struct {
	id, tat, ready int64
	account        string
}

func (tx *Tx) heldLane(l bot.Lease) (heldLane, error) {
	r, ok, err := tx.one(laneHeld, l.Lane)
	if err != nil {
		return heldLane{}, fmt.Errorf("read a lane: %w", err)
	}
	if !ok {
		return heldLane{}, bot.ErrLeaseLost
	}
	h := heldLane{id: r.int(), account: r.text()}
	fence := r.int()
	h.tat, h.ready = r.int(), r.int()
	if fence != l.Fence {
		return heldLane{}, bot.ErrLeaseLost
	}
	return h, nil
}

func (tx *Tx) saveLane(h heldLane, leaseUntil int64) error {
	if err := tx.run(laneSave, h.tat, h.ready, leaseUntil, h.id); err != nil {
		return fmt.Errorf("save a lane: %w", err)
	}
	return nil
}

// account reads an account's clock and whether it is paused. Without a row it has neither.
func (tx *Tx) account(statement *statement, name string) (tat int64, paused bool, err error) {
	r, ok, err := tx.one(statement, name)
	if err != nil {
		return 0, false, fmt.Errorf("read an account: %w", err)
	}
	if !ok {
		return 0, false, nil
	}
	tat, at := r.int(), r.int()
	return tat, at != 0, nil
}

func (tx *Tx) advance(l bot.Lease, done *bot.Settlement, caps bot.Caps, now int64, lease, hold time.Duration) (*bot.Delivery, time.Duration, error) {
	ln, err := tx.heldLane(l)
	if err != nil {
		return nil, 0, err
	}
	if done != nil {
		if err := tx.settle(&ln, l.Lane, *done); err != nil {
			return nil, 0, err
		}
		ln.tat = max(ln.tat, spend(0, micros(done.Began), caps.Chat))
	}
	keep := now + lease.Microseconds()
	giveBack := func(wait int64) (*bot.Delivery, time.Duration, error) {
		until := int64(0)
		if wait > 0 && wait <= hold.Microseconds() {
			until = keep + wait
		}
		return nil, time.Duration(wait) * time.Microsecond, tx.saveLane(ln, until)
	}
	head, doubt, blocked, err := tx.head(ln.id, now, caps)
	if err != nil {
		return nil, 0, err
	}
	if head == nil && blocked == 0 {
		return giveBack(0)
	}
	if head != nil && tapWaits(head, now) {
		caps.Chat, caps.Account = bot.Pace{}, bot.Pace{}
	}
	read := accountRead
	if caps.Account.Interval > 0 {
		read = accountHold
	}
	accountTAT, paused, err := tx.account(read, ln.account)
	if err != nil {
		return nil, 0, err
	}
	if paused {
		return giveBack(0)
	}
	if head == nil {
		return giveBack(max(1, blocked-now))
	}
	ready := max(ln.ready, allowedAt(ln.tat, caps.Chat), allowedAt(accountTAT, caps.Account))
	if head.Attempt > 0 { // a retried answer holds the lane
		ready = max(ready, micros(head.NotBefore))
	}
	if ready > now {
		ln.ready = ready
		return giveBack(ready - now)
	}
	ln.tat = spend(ln.tat, now, caps.Chat)
	ln.ready = allowedAt(ln.tat, caps.Chat)
	if caps.Account.Interval > 0 {
		if err := tx.run(accountClock, ln.account, spend(accountTAT, now, caps.Account)); err != nil {
			return nil, 0, fmt.Errorf("move an account's clock: %w", err)
		}
	}
	if err := tx.run(deliverySending, doubt, head.ID); err != nil {
		return nil, 0, fmt.Errorf("mark a delivery as being sent: %w", err)
	}
	if err := tx.saveLane(ln, keep); err != nil {
		return nil, 0, err
	}
	head.Attempt++
	head.To.Platform, head.To.Account = splitAccount(ln.account)
	return head, 0, nil
}

// head finds the delivery whose turn it is, and puts aside those whose time has passed. doubt is 1 when a crash left it in
// flight, so that it may have arrived already and come twice. With none, blocked is the moment when one may become due, 0
// when the lane is empty.
func (tx *Tx) head(lane, now int64, caps bot.Caps) (d *bot.Delivery, doubt, blocked int64, err error) {
	for {
		r, ok, err := tx.one(deliveryHead, lane, now)
		if err != nil {
			return nil, 0, 0, fmt.Errorf("read a lane's head: %w", err)
		}
		if !ok {
			break
		}
		d, state, err := tx.scanDelivery(&r)
		if err != nil {
			return nil, 0, 0, err
		}
		inFlight := state == "sending"
		late := !d.Expires.IsZero() && micros(d.Expires) <= now
		switch {
		case inFlight && (late || d.Urgency == bot.Digest && d.Doubles(caps)):
			if err := tx.run(deliveryOver, string(bot.Unknown), now, "interrupted while it was being sent", d.ID); err != nil {
				return nil, 0, 0, fmt.Errorf("put an interrupted delivery aside: %w", err)
			}
		case late:
			if err := tx.run(deliveryExpire, now, lane); err != nil {
				return nil, 0, 0, fmt.Errorf("expire deliveries: %w", err)
			}
		default:
			if inFlight && d.Doubles(caps) {
				doubt = 1
			}
			return d, doubt, 0, nil
		}
	}
	r, ok, err := tx.one(deliveryLater, lane)
	if err != nil {
		return nil, 0, 0, fmt.Errorf("look for later deliveries: %w", err)
	}
	if ok {
		blocked = r.int()
	}
	return nil, 0, blocked, nil
}

func (tx *Tx) settle(ln *heldLane, lane string, s bot.Settlement) error {
	doubt := int64(0)
	if s.Doubtful {
		doubt = 1
	}
	n, err := tx.exec(deliverySettle, string(s.Fate), micros(s.NotBefore), s.Receipt.Message, micros(s.At), s.Error, doubt, s.Delivery, ln.id)
	if err != nil {
		return fmt.Errorf("settle a delivery: %w", err)
	}
	if n == 0 { // settled already: the same call came twice, or an operator was faster
		return nil
	}
	ln.ready = max(ln.ready, micros(s.LaneUntil))
	if chat, group := chatOf(ln.account, lane); group {
		if err := tx.post(*ln, chat, s); err != nil {
			return err
		}
	}
	if !s.Gone {
		return nil
	}
	if user, ok := strings.CutPrefix(lane, ln.account+"/u/"); ok {
		if err := tx.run(identityShut, -micros(s.At), ln.account, user, micros(s.Began)); err != nil {
			return fmt.Errorf("note that somebody is not reached: %w", err)
		}
		return nil
	}
	if err := tx.run(deliveryGone, micros(s.At), "the chat is gone", ln.id); err != nil {
		return fmt.Errorf("let a lane die: %w", err)
	}
	return tx.closeRoomOf(ln.account, lane)
}

// chatOf is the chat whose lane, or a lane of whose taps, it is.
func chatOf(account, lane string) (chat string, ok bool) {
	chat, ok = strings.CutPrefix(lane, account+"/c/")
	if at := strings.LastIndex(chat, "/u/"); at >= 0 {
		chat = chat[:at]
	}
	return chat, ok
}
