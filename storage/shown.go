package storage

import (
	"fmt"
	"time"

	"lianbang/bot"
	"lianbang/consortium"
)

var (
	shownPut = sqlText(`INSERT INTO shown(activity, account, chat, at) VALUES($1, $2, $3, $4)
ON CONFLICT(activity, account, chat) DO UPDATE SET at = excluded.at`)
	shownList = sqlText(`SELECT account, chat, at FROM shown WHERE activity = $1`)
)

// Shown tells which groups have been shown an activity, and when last.
func (tx *Tx) Shown(a consortium.ActivityID) (map[bot.Address]time.Time, error) {
	out := map[bot.Address]time.Time{}
	err := tx.each(shownList, func(r *row) error {
		var group bot.Address
		group.Platform, group.Account = splitAccount(r.text())
		group.Chat = bot.ChatKey(r.text())
		out[group] = tx.db.moment(r.int())
		return nil
	}, int64(a))
	if err != nil {
		return nil, fmt.Errorf("list who was shown an activity: %w", err)
	}
	return out, nil
}

// Show notes that groups are shown an activity.
func (tx *Tx) Show(a consortium.ActivityID, at time.Time, groups ...bot.Address) error {
	for _, g := range groups {
		if err := tx.run(shownPut, int64(a), accountOf(g), string(g.Chat), micros(at)); err != nil {
			return fmt.Errorf("note who is shown an activity: %w", err)
		}
	}
	return nil
}
