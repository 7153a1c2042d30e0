package storage

import (
	"context"
	"fmt"
	"time"
)

// KeepText is how long the raw text of events is kept.
const KeepText = 30 * 24 * time.Hour

// Rows lie in order of arrival: the oldest are at the front.
var textPurge = sqlText(`DELETE FROM event WHERE n < (SELECT min(n) FROM event) + 200 AND at < $1`)

// Purge deletes the raw text of events older than KeepText, 200 at a time so that others get their turn, and returns how
// many it deleted.
func (db *DB) Purge(ctx context.Context, now time.Time) (int64, error) {
	var total int64
	for {
		var n int64
		err := db.Do(ctx, func(tx *Tx) error {
			var err error
			n, err = tx.exec(textPurge, micros(now.Add(-KeepText)))
			return err
		})
		if err != nil {
			return total, fmt.Errorf("purge old texts: %w", err)
		}
		if total += n; n == 0 {
			return total, nil
		}
	}
}
