package storage

import (
	"fmt"
	"path/filepath"
	"syscall"

	"lianbang/bot"
)

// spareDisk is what a disk must have left for anything more to be stored, in bytes: room for a batch and for the files that
// others keep beside the database. A disk that runs full in the middle of a write is never reached.
const spareDisk = 4 << 20

// disk is the file system that a SQLite database lies on.
type disk struct{ folder string }

func diskOf(file string) disk { return disk{filepath.Dir(file)} }

// room returns an error that satisfies bot.ErrUnavailable when too little is left. A file system that cannot be asked has
// room: the write itself will tell.
func (d disk) room() error {
	var s syscall.Statfs_t
	if err := syscall.Statfs(d.folder, &s); err != nil {
		return nil
	}
	if left := s.Bavail * uint64(s.Bsize); left < spareDisk {
		return fmt.Errorf("%w: the disk is full: %d KB left in %s, %d KB needed", bot.ErrUnavailable, left>>10, d.folder, spareDisk>>10)
	}
	return nil
}
