package storage

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"lianbang/consortium"
)

// partBytes is how much of a photo's content one unit writes: others wait for the writer no longer than for one part.
const partBytes = 256 << 10

var (
	partPut   = sqlText(`INSERT INTO photo_part(photo, part, body) VALUES($1, $2, $3) ON CONFLICT(photo, part) DO UPDATE SET body = excluded.body`)
	photoSize = sqlText(`UPDATE photo SET size = $1, version = version + 1 WHERE id = $2 AND size <> $1`)
	partGet   = sqlText(`SELECT part, body FROM photo_part WHERE photo = $1 ORDER BY part`)
	partDrop  = sqlText(`DELETE FROM photo_part WHERE photo = $1`)
	photoDrop = sqlText(`DELETE FROM photo WHERE id = $1`)
	// What is no photo of a record any more, a while later: until then it can be brought back.
	photoWaste = sqlText(`SELECT id FROM photo WHERE size > 0 AND state = 'removed' AND changed < $1 ORDER BY changed LIMIT 20`)
	photoEmpty = sqlText(`UPDATE photo SET size = 0 WHERE id = $1`)
	photoStray = sqlText(`UPDATE photo SET state = 'removed', told = 1, changed = $1, version = version + 1
WHERE told = 0 AND activity = 0 AND state = 'kept' AND sent < $2`)
	photoOld = sqlText(`SELECT id FROM photo WHERE sent < $1 ORDER BY sent LIMIT 20`)
)

// partColumn binds a sealed part to its place.
func partColumn(photo, part int64) string { return fmt.Sprintf("photo_part.body/%d/%d", photo, part) }

// KeepContent stores the content of a photo, part by part, each in a unit of its own. It may be called again with the same
// content. Until the photo is saved as kept nobody reads it. The size is noted before, so that the content of a photo that is
// taken back meanwhile is found and purged. On a disk that is nearly full nothing is stored: bot.ErrUnavailable.
func (db *DB) KeepContent(ctx context.Context, id consortium.PhotoID, data []byte) error {
	if err := db.disk.room(spareForPhotos); err != nil {
		return fmt.Errorf("store a photo: %w", err)
	}
	err := db.Do(ctx, func(tx *Tx) error { return tx.run(photoSize, len(data), int64(id)) })
	if err != nil {
		return fmt.Errorf("note the size of a photo: %w", err)
	}
	for part := int64(0); len(data) > 0; part++ {
		n := min(len(data), partBytes)
		sealed := db.seals.seal(partColumn(int64(id), part), data[:n])
		data = data[n:]
		err := db.Do(ctx, func(tx *Tx) error { return tx.run(partPut, int64(id), part, sealed) })
		if err != nil {
			return fmt.Errorf("store a part of a photo: %w", err)
		}
	}
	return nil
}

// Content is what is stored under a name; consortium.ErrNotFound when it is not there any more.
func (db *DB) Content(ctx context.Context, name string) ([]byte, error) {
	id, err := strconv.ParseInt(strings.TrimPrefix(name, consortium.PhotoContent), 10, 64)
	if err != nil || !strings.HasPrefix(name, consortium.PhotoContent) {
		return nil, fmt.Errorf("content %q: %w", name, consortium.ErrNotFound)
	}
	var data []byte
	err = db.View(ctx, func(tx *Tx) error {
		p, err := tx.Photo(consortium.PhotoID(id))
		if err != nil {
			return err
		}
		if p.State != consortium.PhotoKept {
			return fmt.Errorf("content of photo %d, which is %s: %w", id, p.State, consortium.ErrNotFound)
		}
		data = make([]byte, 0, p.Size)
		return tx.each(partGet, func(r *row) error {
			plain, err := tx.db.seals.open(partColumn(id, r.int()), r.bytes())
			data = append(data, plain...)
			return err
		}, id)
	})
	if err != nil {
		return nil, fmt.Errorf("read content: %w", err)
	}
	return data, nil
}

const (
	keepRemoved = time.Hour               // longer than 撤销 can bring a photo back
	keepStray   = 2 * consortium.LooseFor // a photo of which nobody said what it shows, and nobody can any more
)

// PurgePhotos deletes photos that are older than the record is kept, and the content of those that were removed, doubled or
// never told of. It returns how many contents it deleted.
func (db *DB) PurgePhotos(ctx context.Context, now time.Time) (int64, error) {
	err := db.Do(ctx, func(tx *Tx) error { return tx.run(photoStray, micros(now), micros(now.Add(-keepStray))) })
	if err != nil {
		return 0, fmt.Errorf("purge stray photos: %w", err)
	}
	waste, errWaste := db.purgePhotos(ctx, photoWaste, photoEmpty, now.Add(-keepRemoved))
	old, errOld := db.purgePhotos(ctx, photoOld, photoDrop, now.Add(-consortium.KeepPhotos))
	return waste + old, errors.Join(errWaste, errOld)
}

// purgePhotos takes the content of the photos that a statement lists, one photo a unit, and then changes its row.
func (db *DB) purgePhotos(ctx context.Context, list, then *statement, before time.Time) (total int64, err error) {
	for {
		var ids []int64
		err := db.View(ctx, func(tx *Tx) error {
			ids = ids[:0]
			return tx.each(list, func(r *row) error {
				ids = append(ids, r.int())
				return nil
			}, micros(before))
		})
		if err != nil {
			return total, fmt.Errorf("list photos to purge: %w", err)
		}
		for _, id := range ids {
			err := db.Do(ctx, func(tx *Tx) error { return errors.Join(tx.run(partDrop, id), tx.run(then, id)) })
			if err != nil {
				return total, fmt.Errorf("purge a photo: %w", err)
			}
			total++
		}
		if len(ids) == 0 {
			return total, nil
		}
	}
}
