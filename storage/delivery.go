package storage

import (
	"encoding/json"
	"fmt"

	"lianbang/bot"
)

var (
	laneFind   = sqlText(`SELECT id FROM lane WHERE name = $1`)
	laneAdd    = sqlText(`INSERT INTO lane(name, account) VALUES($1, $2) ON CONFLICT(name) DO NOTHING`)
	accountAdd = sqlText(`INSERT INTO account(name) VALUES($1) ON CONFLICT(name) DO NOTHING`) // a row to lock
)

// Enqueue adds deliveries to their lanes. A key that exists already is skipped; its lane may be woken all the same. With
// Update set, the delivery takes the place of the one with that key, sent or not. A body is encoded when the unit has
// succeeded: what it points to must not be changed any more.
func (tx *Tx) Enqueue(ds ...bot.Delivery) error {
	for i := range ds {
		d := &ds[i]
		name := d.To.Lane()
		lane, err := tx.lane(name, accountOf(d.To))
		if err != nil {
			return err
		}
		if d.Update != "" {
			if err := tx.putUpdate(d, lane); err != nil {
				return err
			}
			tx.wakes = append(tx.wakes, name)
			continue
		}
		tx.later.sends = append(tx.later.sends, sendRow{d: *d, lane: lane, at: tx.at})
		if !d.NotBefore.After(tx.now) {
			tx.wakes = append(tx.wakes, name)
		}
	}
	return nil
}

// lane is the id of a lane, which is made when it is new.
func (tx *Tx) lane(name, account string) (int64, error) {
	if id := tx.db.lanes.get(name); id != 0 {
		return id, nil
	}
	if id := tx.batch.lanes[name]; id != 0 {
		return id, nil
	}
	if id := tx.lanes[name]; id != 0 {
		return id, nil
	}
	if err := tx.run(laneAdd, name, account); err != nil {
		return 0, fmt.Errorf("make a lane: %w", err)
	}
	if err := tx.run(accountAdd, account); err != nil {
		return 0, fmt.Errorf("make an account: %w", err)
	}
	r, ok, err := tx.one(laneFind, name)
	if err != nil || !ok {
		return 0, fmt.Errorf("find a lane: %w", err)
	}
	if tx.lanes == nil {
		tx.lanes = map[string]int64{}
	}
	id := r.int()
	tx.lanes[name] = id
	return id, nil
}

// scanDelivery reads id, key, chat, user_key, ref_token, ref_expires, urgency, state, body, not_before, expires, attempt,
// target.
func (tx *Tx) scanDelivery(r *row) (*bot.Delivery, string, error) {
	d := &bot.Delivery{ID: r.int(), Key: r.text()}
	d.To.Chat, d.To.User = bot.ChatKey(r.text()), bot.UserKey(r.text())
	d.Ref = bot.ReplyRef{Token: r.text(), Expires: tx.db.moment(r.int())}
	d.Urgency = bot.Urgency(r.int())
	state := r.text()
	sealed := r.bytes()
	d.NotBefore, d.Expires, d.Attempt, d.Update = tx.db.moment(r.int()), tx.db.moment(r.int()), int(r.int()), r.text()
	body, err := tx.db.seals.open(bodyColumn, sealed)
	if err != nil {
		return nil, "", err
	}
	if err := json.Unmarshal(body, &d.Body); err != nil {
		return nil, "", fmt.Errorf("decode a delivery: %w", err)
	}
	return d, state, nil
}
