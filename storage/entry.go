package storage

import (
	"fmt"
	"time"

	"lianbang/bot"
	"lianbang/consortium"
)

var (
	entryStale = sqlText(`SELECT e.activity FROM entry e JOIN activity a ON a.id = e.activity
WHERE e.account = $1 AND e.until >= $2 AND e.version <> a.version ORDER BY e.until, e.activity LIMIT $3`)
	entryMissing = sqlText(`SELECT a.id FROM activity a
WHERE a.` + everyConsortium + ` AND a.state = 'open' AND a.start_at >= $1
  AND NOT EXISTS (SELECT 1 FROM entry e WHERE e.activity = a.id AND e.account = $2) ORDER BY a.start_at, a.id LIMIT $3`)
	entryGet  = sqlText(`SELECT version, shown, since FROM entry WHERE activity = $1 AND account = $2`)
	entrySave = sqlText(`INSERT INTO entry(activity, account, version, shown, until, since) VALUES($1, $2, $3, $4, $5, $6)
ON CONFLICT(activity, account) DO UPDATE SET version = excluded.version, shown = excluded.shown, until = excluded.until,
  since = excluded.since
WHERE entry.version < excluded.version`)
	// What was tried and may have arrived keeps an attempt, so that the adapter looks for it before it makes another.
	entryPut = sqlText(`INSERT INTO delivery(key, lane, chat, user_key, ref_token, ref_expires, urgency, state, body, not_before, expires, created)
VALUES($1, $2, '', '', '', 0, $3, 'new', $4, 0, $5, $6)
ON CONFLICT(key) WHERE substr(key, 1, 6) <> 'reply/' DO UPDATE SET body = excluded.body, state = 'new',
  target = CASE WHEN delivery.state = 'sent' THEN delivery.receipt ELSE delivery.target END,
  attempt = CASE WHEN delivery.state = 'sent' OR delivery.attempt = 0 THEN 0 ELSE 1 END,
  not_before = CASE WHEN delivery.state = 'new' THEN delivery.not_before ELSE 0 END,
  expires = excluded.expires, created = excluded.created, settled = 0, error = ''
WHERE delivery.state <> 'sending'`)
	entryGuests = sqlText(`SELECT i.user_key FROM registration r JOIN identity i ON i.person = r.person
WHERE r.activity = $1 AND r.seats > 0 AND i.account = $2
UNION SELECT user_key FROM identity WHERE person = $3 AND account = $2 ORDER BY user_key LIMIT $4`)
)

// StaleEntries lists activities that the calendar of an account ("platform/account") does not show as they are at now: those
// that changed since they were put there and are not over, and open ones to come that were not. At most n of each.
func (tx *Tx) StaleEntries(account string, now time.Time, n int) ([]consortium.ActivityID, error) {
	var out []consortium.ActivityID
	add := func(r *row) error {
		out = append(out, consortium.ActivityID(r.int()))
		return nil
	}
	if err := tx.each(entryStale, add, account, micros(now), n); err != nil {
		return nil, fmt.Errorf("list changed entries: %w", err)
	}
	if err := tx.each(entryMissing, add, micros(now), account, n); err != nil {
		return nil, fmt.Errorf("list missing entries: %w", err)
	}
	return out, nil
}

// Guests lists the users of an account ("platform/account") who have a seat at an activity, and who registered it, by their
// keys. At most n.
func (tx *Tx) Guests(a consortium.Activity, account string, n int) ([]bot.UserKey, error) {
	var out []bot.UserKey
	err := tx.each(entryGuests, func(r *row) error {
		out = append(out, bot.UserKey(r.text()))
		return nil
	}, int64(a.ID), account, int64(a.Organiser), n)
	if err != nil {
		return nil, fmt.Errorf("list guests: %w", err)
	}
	return out, nil
}

// PutEntry makes the entry of d, whose key is the same for the entry's whole life, what the calendar of d.To's account is to
// show of an activity at its present version. It takes the place of one that has not left; put is false, and nothing is
// stored, while one is on its way: then its id is not known, and the caller comes again. What is cancelled and was never
// there is only noted, and what was put already is not put again. The entry's Life is set here. When somebody else puts a
// later version at the same time it is consortium.ErrConflict.
func (tx *Tx) PutEntry(a consortium.Activity, d bot.Delivery) (put bool, err error) {
	e, account := *d.Body.Entry, accountOf(d.To)
	r, known, err := tx.one(entryGet, int64(a.ID), account)
	if err != nil {
		return false, fmt.Errorf("read an entry: %w", err)
	}
	shown := false
	if known {
		if r.int() >= a.Version {
			return true, nil
		}
		shown, e.Life = r.bool(), r.int()
	}
	if !shown {
		e.Life = a.Version
	}
	d.Body.Entry = &e
	if shown || !e.Cancelled {
		if put, err = tx.putEntry(account, d); err != nil || !put {
			return false, err
		}
	}
	n, err := tx.exec(entrySave, int64(a.ID), account, a.Version, !e.Cancelled, micros(e.End), e.Life)
	if err != nil {
		return false, fmt.Errorf("save an entry: %w", err)
	}
	if n == 0 {
		return false, fmt.Errorf("save the entry of activity %d: %w", a.ID, consortium.ErrConflict)
	}
	return true, nil
}

// putEntry enqueues what an entry is to be, unless it is on its way.
func (tx *Tx) putEntry(account string, d bot.Delivery) (put bool, err error) {
	name := bot.CalendarLane(account)
	lane, err := tx.lane(name, account)
	if err != nil {
		return false, err
	}
	body, err := tx.db.seals.sealJSON(bodyColumn, &d.Body)
	if err != nil {
		return false, err
	}
	n, err := tx.exec(entryPut, d.Key, lane, int64(d.Urgency), body, micros(d.Expires), tx.at)
	if err != nil {
		return false, fmt.Errorf("enqueue an entry: %w", err)
	}
	if n > 0 {
		tx.wakes = append(tx.wakes, name)
	}
	return n > 0, nil
}
