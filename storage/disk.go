package storage

import (
	"fmt"
	"path/filepath"
	"syscall"

	"lianbang/bot"
)

// What a disk must have left, in bytes. A disk that runs full in the middle of a write is never reached.
const (
	// spareDisk is for anything more to be stored: room for a batch and for the files that others keep beside the database.
	spareDisk = 4 << 20
	// spareForPhotos is for more photos to be stored, so that they never keep words from being stored.
	spareForPhotos = 256 << 20
)

// disk is the file system that a SQLite database lies on. The zero disk, of a database elsewhere, always has room.
type disk struct {
	folder string
	left   func(folder string) (bytes uint64, known bool)
}

func diskOf(file string) disk { return disk{filepath.Dir(file), diskLeft} }

func diskLeft(folder string) (bytes uint64, known bool) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(folder, &s); err != nil {
		return 0, false
	}
	return s.Bavail * uint64(s.Bsize), true
}

// room returns an error that satisfies bot.ErrUnavailable when less than need bytes are left. A file system that cannot be
// asked has room: the write itself will tell.
func (d disk) room(need uint64) error {
	if d.left == nil {
		return nil
	}
	if left, known := d.left(d.folder); known && left < need {
		return fmt.Errorf("%w: the disk is full: %d KB left in %s, %d KB needed", bot.ErrUnavailable, left>>10, d.folder, need>>10)
	}
	return nil
}
