package tally

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

// flushes is how often a round asks the disk.
const flushes = 100

// Disk measures how long the disk takes to make 4 KB durable, which is the least that a commit waits for. Others who flush at
// the same time show here.
type Disk struct {
	file *os.File
	took []time.Duration
}

// newDisk makes a file in the folder to flush.
func newDisk(folder string) (*Disk, error) {
	f, err := os.Create(filepath.Join(folder, "flush"))
	if err != nil {
		return nil, err
	}
	return &Disk{file: f}, nil
}

// close ends the measuring.
func (d *Disk) close() error { return d.file.Close() }

// round measures once.
func (d *Disk) round() error {
	page := make([]byte, 4096)
	for i := range flushes {
		began := time.Now()
		if _, err := d.file.WriteAt(page, int64(i*len(page))); err != nil {
			return err
		}
		if err := syscall.Fdatasync(int(d.file.Fd())); err != nil {
			return fmt.Errorf("flush to the disk: %w", err)
		}
		d.took = append(d.took, time.Since(began))
	}
	return nil
}

// String says what all rounds came to; there must have been one.
func (d *Disk) String() string {
	all := slices.Sorted(slices.Values(d.took))
	r := func(d time.Duration) time.Duration { return d.Round(time.Microsecond) }
	return fmt.Sprintf("the disk makes 4 KB durable in %s (median), %s (p99)", r(all[len(all)/2]), r(all[len(all)*99/100]))
}
