package storage

import (
	"errors"
	"testing"

	"lianbang/bot"
	"lianbang/consortium"
)

// Photos end before words do: what is left of a disk is for what people say.
func TestNearlyFullDisk(t *testing.T) {
	db := testDB(t)
	photo := &consortium.Photo{State: consortium.PhotoAwaited}
	add := func(tx *Tx) error { return tx.AddPhotos(photo) }
	db.disk.left = func(string) (uint64, bool) { return spareForPhotos - 1, true }
	if err := db.Do(t.Context(), add); err != nil {
		t.Errorf("words: %v", err)
	}
	if err := db.KeepContent(t.Context(), photo.ID, []byte("picture")); !errors.Is(err, bot.ErrUnavailable) {
		t.Errorf("a photo: %v", err)
	}
	db.disk.left = func(string) (uint64, bool) { return spareDisk - 1, true }
	if err := db.Do(t.Context(), add); !errors.Is(err, bot.ErrUnavailable) {
		t.Errorf("words: %v", err)
	}
	db.disk.left = func(string) (uint64, bool) { return spareForPhotos, true }
	if err := db.KeepContent(t.Context(), photo.ID, []byte("picture")); err != nil {
		t.Errorf("a photo: %v", err)
	}
}
