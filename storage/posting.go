package storage

import (
	"fmt"
	"time"

	"lianbang/bot"
)

var (
	postingAdd  = sqlText(`INSERT INTO posting(topic, account, chat, message, at) VALUES($1, $2, $3, $4, $5)`)
	postingList = sqlText(`SELECT id, account, chat, message FROM posting WHERE topic = $1 AND at >= $2 ORDER BY id DESC LIMIT $3`)
	postingOf   = sqlText(`SELECT topic FROM posting WHERE message = $1 AND account = $2 AND chat = $3 ORDER BY id DESC LIMIT 1`)
	// The first change of a moment sets the time; those that follow before it is sent go with it.
	updatePut = sqlText(`INSERT INTO delivery(key, lane, chat, user_key, ref_token, ref_expires, urgency, state, body, not_before, expires, created, target)
VALUES($1, $2, $3, $4, '', 0, $5, 'new', $6, $7, $8, $9, $10)
ON CONFLICT(key) WHERE substr(key, 1, 6) <> 'reply/' DO UPDATE SET body = excluded.body, state = 'new', urgency = excluded.urgency,
  not_before = CASE WHEN delivery.state = 'new' THEN delivery.not_before ELSE excluded.not_before END,
  expires = excluded.expires, attempt = 0, settled = 0, error = ''`)
)

// Postings lists the newest cards with a topic that were sent to groups since then, at most n, the newest first.
func (tx *Tx) Postings(topic string, since time.Time, n int) ([]bot.Posting, error) {
	var out []bot.Posting
	err := tx.each(postingList, func(r *row) error {
		p := bot.Posting{ID: r.int()}
		p.To.Platform, p.To.Account = splitAccount(r.text())
		p.To.Chat, p.Message = bot.ChatKey(r.text()), r.text()
		out = append(out, p)
		return nil
	}, topic, micros(since), n)
	if err != nil {
		return nil, fmt.Errorf("list postings: %w", err)
	}
	return out, nil
}

// Posted is the topic of a card that was sent to a group, by the platform's id of its message; "" = none, or not known any
// more.
func (tx *Tx) Posted(group bot.Address, message string) (string, error) {
	r, ok, err := tx.one(postingOf, message, accountOf(group), string(group.Chat))
	if err != nil {
		return "", fmt.Errorf("find a posting: %w", err)
	}
	if !ok {
		return "", nil
	}
	return r.text(), nil
}

// post remembers where a card with a topic was sent.
func (tx *Tx) post(ln heldLane, chat string, s bot.Settlement) error {
	if s.Topic == "" || s.Receipt.Message == "" || s.Fate != bot.Delivered {
		return nil
	}
	if err := tx.run(postingAdd, s.Topic, ln.account, chat, s.Receipt.Message, micros(s.At)); err != nil {
		return fmt.Errorf("remember a posting: %w", err)
	}
	return nil
}

// putUpdate enqueues the new look of a card, in the place of one that has not left yet.
func (tx *Tx) putUpdate(d *bot.Delivery, lane int64) error {
	body, err := tx.db.seals.sealJSON(bodyColumn, &d.Body)
	if err != nil {
		return err
	}
	err = tx.run(updatePut, d.Key, lane, string(d.To.Chat), string(d.To.User), int64(d.Urgency), body, micros(d.NotBefore),
		micros(d.Expires), tx.at, d.Update)
	if err != nil {
		return fmt.Errorf("enqueue an update: %w", err)
	}
	return nil
}
