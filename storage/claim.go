package storage

import (
	"context"
	"fmt"
	"time"

	"lianbang/bot"
)

var (
	// A waiting lane is found by hopping through the index of open deliveries, one probe a lane, however long its queue.
	laneCandidates = sqlText(`WITH RECURSIVE waiting(lane) AS (
  SELECT min(lane) FROM delivery WHERE state IN ('new', 'sending')
  UNION ALL
  SELECT (SELECT min(d.lane) FROM delivery d WHERE d.state IN ('new', 'sending') AND d.lane > w.lane)
  FROM waiting w WHERE w.lane IS NOT NULL)
SELECT l.id, l.name, l.fence FROM waiting w JOIN lane l ON l.id = w.lane
WHERE l.account = $1 AND l.lease_until <= $2 AND l.ready <= $2
  AND EXISTS (SELECT 1 FROM delivery d WHERE d.lane = l.id AND d.state IN ('new', 'sending') AND d.not_before <= $2)
ORDER BY l.ready, l.id LIMIT $3{skip:l}`)
	laneCandidate = sqlText(`SELECT l.id, l.name, l.fence FROM lane l
WHERE l.name = $1 AND l.account = $2 AND l.lease_until <= $3 AND l.ready <= $3
  AND EXISTS (SELECT 1 FROM delivery d WHERE d.lane = l.id AND d.state IN ('new', 'sending') AND d.not_before <= $3){skip:l}`)
	laneLease = sqlText(`UPDATE lane SET owner = $1, lease_until = $2, fence = $3 WHERE id = $4`)
)

// maxLooked bounds the lanes that Claim asks about in one transaction.
const maxLooked = 10_000

// candidate is a lane that may be leased.
type candidate struct {
	id, fence int64
	name      string
}

// Claim leases up to n lanes that are wanted, have a delivery due at now and whose own clock allows it, for owner, until
// now+lease. Lanes of paused accounts are never claimed.
func (db *DB) Claim(ctx context.Context, owner string, w bot.Wanted, now time.Time, lease time.Duration, n int) ([]bot.Lease, error) {
	var got []bot.Lease
	err := db.doOutbox(ctx, func(tx *Tx) error {
		got = nil
		var found []candidate
		for _, account := range w.Accounts {
			if len(found) >= n {
				break
			}
			_, paused, err := tx.account(accountRead, account)
			if err != nil {
				return err
			}
			if paused {
				continue
			}
			more, err := tx.candidates(w, account, micros(now), n-len(found))
			if err != nil {
				return err
			}
			found = append(found, more...)
		}
		for _, c := range found {
			if err := tx.run(laneLease, owner, micros(now.Add(lease)), c.fence+1, c.id); err != nil {
				return fmt.Errorf("lease a lane: %w", err)
			}
			got = append(got, bot.Lease{Lane: c.name, Fence: c.fence + 1})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return got, nil
}

// candidates are up to n wanted lanes of an account. Those that are not ours must not crowd out the others: when some are
// among the first n, all are looked at.
func (tx *Tx) candidates(w bot.Wanted, account string, now int64, n int) (found []candidate, err error) {
	others := 0
	add := func(r *row) error {
		c := candidate{id: r.int(), name: r.text(), fence: r.int()}
		switch {
		case w.Ours != nil && !w.Ours(c.name):
			others++
		case len(found) < n:
			found = append(found, c)
		}
		return nil
	}
	if w.Lanes == nil {
		for _, limit := range []int{n, maxLooked} {
			found, others = nil, 0
			if err := tx.each(laneCandidates, add, account, now, int64(limit)); err != nil {
				return nil, fmt.Errorf("find waiting lanes: %w", err)
			}
			if others == 0 {
				break
			}
		}
	}
	for _, lane := range w.Lanes {
		if err := tx.each(laneCandidate, add, lane, account, now); err != nil {
			return nil, fmt.Errorf("look at a lane: %w", err)
		}
		if len(found) >= n {
			break
		}
	}
	return found, nil
}
