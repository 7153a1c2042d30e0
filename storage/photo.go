package storage

import (
	"fmt"
	"time"

	"lianbang/bot"
	"lianbang/consortium"
)

var (
	photoAdd = sqlText(`INSERT INTO photo(activity, number, person, state, reason, sent, format, size, hash, told, tries, until, due, changed, version, source)
VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 1, $15){returning id}`)
	photoGet = sqlText(`SELECT id, activity, number, person, state, reason, sent, format, size, hash, told, tries, until, due, version, source
FROM photo WHERE id = $1`)
	photoSave = sqlText(`UPDATE photo SET activity = $1, number = $2, state = $3, reason = $4, format = $5, size = $6, hash = $7, told = $8,
  tries = $9, due = $10, changed = $11, source = $12, version = version + 1 WHERE id = $13 AND version = $14`)
	photoOf = sqlText(`SELECT id, activity, number, person, state, reason, sent, format, size, hash, told, tries, until, due, version, source
FROM photo WHERE activity = $1 AND state IN ('kept', 'awaited') ORDER BY state DESC, number, id`)
	photoNumber = sqlText(`SELECT number FROM photo WHERE activity = $1 ORDER BY number DESC LIMIT 1`)
	photoCount  = sqlText(`SELECT count(*) FROM photo WHERE activity = $1 AND state = 'kept'`)
	photoLoose  = sqlText(`SELECT id, activity, number, person, state, reason, sent, format, size, hash, told, tries, until, due, version, source
FROM photo WHERE person = $1 AND sent >= $2 AND activity = 0 AND state IN ('kept', 'awaited') ORDER BY sent, id LIMIT $3`)
	photoLast = sqlText(`SELECT activity FROM photo WHERE person = $1 AND sent >= $2 AND activity > 0 AND state <> 'removed' ORDER BY sent DESC, id DESC LIMIT 1`)
	photoDue  = sqlText(`SELECT id, activity, number, person, state, reason, sent, format, size, hash, told, tries, until, due, version, source
FROM photo WHERE state = 'awaited' AND due <= $1 ORDER BY due, id LIMIT $2`)
	photoUntold = sqlText(`SELECT id, activity, number, person, state, reason, sent, format, size, hash, told, tries, until, due, version, source
FROM photo WHERE told = 0 AND (activity > 0 OR state <> 'kept') ORDER BY id LIMIT $1`)
	photoFresh = sqlText(`SELECT id, activity, number, person, state, reason, sent, format, size, hash, told, tries, until, due, version, source
FROM photo WHERE told = 0 AND state IN ('kept', 'awaited') ORDER BY id DESC LIMIT $1`)
)

func (tx *Tx) scanPhoto(r *row) (consortium.Photo, error) {
	p := consortium.Photo{
		ID: consortium.PhotoID(r.int()), Activity: consortium.ActivityID(r.int()), Number: int(r.int()), Person: consortium.PersonID(r.int()),
		State: consortium.PhotoState(r.text()), Reason: r.text(), Sent: tx.db.moment(r.int()), Format: r.text(), Size: int(r.int()),
		Hash: r.text(), Told: r.bool(), Tries: int(r.int()), Until: tx.db.moment(r.int()), Due: tx.db.moment(r.int()), Version: r.int(),
	}
	var err error
	p.Source, err = tx.db.seals.open("photo.source", r.bytes())
	return p, err
}

// AddPhotos stores new ones and sets their IDs and Versions.
func (tx *Tx) AddPhotos(ps ...*consortium.Photo) error {
	for _, p := range ps {
		id, err := tx.insert(photoAdd, int64(p.Activity), p.Number, int64(p.Person), string(p.State), p.Reason, micros(p.Sent), p.Format,
			p.Size, p.Hash, p.Told, p.Tries, micros(p.Until), micros(p.Due), tx.at, tx.db.seals.seal("photo.source", p.Source))
		if err != nil {
			return fmt.Errorf("add a photo: %w", err)
		}
		p.ID, p.Version = consortium.PhotoID(id), 1
		if err := tx.note("photo", id, "add", nil, *p); err != nil {
			return err
		}
	}
	return nil
}

// Photo finds one by id; consortium.ErrNotFound.
func (tx *Tx) Photo(id consortium.PhotoID) (consortium.Photo, error) {
	r, ok, err := tx.one(photoGet, int64(id))
	if err != nil {
		return consortium.Photo{}, fmt.Errorf("read a photo: %w", err)
	}
	if !ok {
		return consortium.Photo{}, fmt.Errorf("photo %d: %w", id, consortium.ErrNotFound)
	}
	return tx.scanPhoto(&r)
}

// SavePhoto stores a changed one; consortium.ErrConflict. It raises Version. The content of one that is not kept after all
// goes. What is no change of the record (attempts, and that the sender was told) is not audited.
func (tx *Tx) SavePhoto(p *consortium.Photo) error {
	before, err := tx.Photo(p.ID)
	if err != nil {
		return err
	}
	n, err := tx.exec(photoSave, int64(p.Activity), p.Number, string(p.State), p.Reason, p.Format, p.Size, p.Hash, p.Told, p.Tries,
		micros(p.Due), tx.at, tx.db.seals.seal("photo.source", p.Source), int64(p.ID), p.Version)
	if err != nil {
		return fmt.Errorf("save a photo: %w", err)
	}
	if n == 0 {
		return fmt.Errorf("save photo %d: %w", p.ID, consortium.ErrConflict)
	}
	p.Version++
	switch p.State {
	case consortium.PhotoDouble, consortium.PhotoLost, consortium.PhotoRefused: // never to be brought back
		if err := tx.run(partDrop, int64(p.ID)); err != nil {
			return fmt.Errorf("drop the content of a photo: %w", err)
		}
	}
	if before.State == p.State && before.Activity == p.Activity && before.Number == p.Number {
		return nil
	}
	return tx.note("photo", int64(p.ID), "save", before, *p)
}

func (tx *Tx) photos(statement *statement, args ...any) ([]consortium.Photo, error) {
	var out []consortium.Photo
	err := tx.each(statement, func(r *row) error {
		p, err := tx.scanPhoto(r)
		out = append(out, p)
		return err
	}, args...)
	if err != nil {
		return nil, fmt.Errorf("list photos: %w", err)
	}
	return out, nil
}

// PhotosOf lists the kept and awaited ones of an activity, by number, the awaited ones last.
func (tx *Tx) PhotosOf(a consortium.ActivityID) ([]consortium.Photo, error) {
	return tx.photos(photoOf, int64(a))
}

// LoosePhotos lists those that a person sent since then and of which is not known what they show, oldest first. At most
// twice consortium.MostPhotos.
func (tx *Tx) LoosePhotos(p consortium.PersonID, since time.Time) ([]consortium.Photo, error) {
	return tx.photos(photoLoose, int64(p), micros(since), 2*consortium.MostPhotos)
}

// PhotosDue lists awaited ones whose next attempt is due, the longest due first.
func (tx *Tx) PhotosDue(now time.Time, limit int) ([]consortium.Photo, error) {
	return tx.photos(photoDue, micros(now), limit)
}

// PhotosUntold lists those of which the sender does not know yet what became of them, oldest first. What waits to be told
// which activity it shows is not among them, as he was asked.
func (tx *Tx) PhotosUntold(limit int) ([]consortium.Photo, error) {
	return tx.photos(photoUntold, limit)
}

func (tx *Tx) photoFigure(s *statement, args ...any) (int64, error) {
	r, ok, err := tx.one(s, args...)
	if err != nil {
		return 0, fmt.Errorf("read of photos: %w", err)
	}
	if !ok {
		return 0, nil
	}
	return r.int(), nil
}

// PhotoNumber is the highest number that a photo of the activity was given, removed ones included.
func (tx *Tx) PhotoNumber(a consortium.ActivityID) (int, error) {
	n, err := tx.photoFigure(photoNumber, int64(a))
	return int(n), err
}

// PhotoCount counts the kept ones of an activity.
func (tx *Tx) PhotoCount(a consortium.ActivityID) (int, error) {
	n, err := tx.photoFigure(photoCount, int64(a))
	return int(n), err
}

// LastPhoto is the activity of the newest photo that a person sent since then, told of and did not take back; 0 = none.
func (tx *Tx) LastPhoto(p consortium.PersonID, since time.Time) (consortium.ActivityID, error) {
	n, err := tx.photoFigure(photoLast, int64(p), micros(since))
	return consortium.ActivityID(n), err
}

// mostFresh is how many photos of which their senders know nothing yet are looked at for those that came with an event.
const mostFresh = 500

// retractPhotos removes the photos that came with an event of the account which the transaction's event is of, and of which
// the sender was told nothing yet.
func (tx *Tx) retractPhotos(source bot.EventID) error {
	fresh, err := tx.photos(photoFresh, mostFresh)
	if err != nil {
		return err
	}
	for _, p := range fresh {
		pickup, err := bot.UnpackPickup(p.Source)
		if err != nil || pickup.Event != source || accountOf(pickup.From) != accountOf(tx.from.From) {
			continue // nothing that an event brought
		}
		p.State, p.Told, p.Source = consortium.PhotoRemoved, true, nil
		if err := tx.SavePhoto(&p); err != nil {
			return err
		}
	}
	return nil
}
