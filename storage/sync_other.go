//go:build !linux

package storage

import "os"

// fdatasync forces a file to the disk.
func fdatasync(f *os.File) error { return f.Sync() }
