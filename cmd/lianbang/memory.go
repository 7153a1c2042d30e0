package main

import (
	"context"

	"lianbang/storage"
)

// memory is a wecom.Memory in the database's settings.
type memory struct{ db *storage.DB }

// Recall implements wecom.Memory.
func (m memory) Recall(ctx context.Context, key string) (value string, err error) {
	err = m.db.View(ctx, func(tx *storage.Tx) error {
		value, err = tx.Setting(key)
		return err
	})
	return value, err
}

// Keep implements wecom.Memory.
func (m memory) Keep(ctx context.Context, key, value string) (kept string, err error) {
	err = m.db.Do(ctx, func(tx *storage.Tx) error {
		kept, err = tx.KeepSetting(key, value)
		return err
	})
	return kept, err
}
