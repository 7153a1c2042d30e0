package storage

import (
	"os"
	"syscall"
)

// fdatasync forces a file's content to the disk, without its times.
func fdatasync(f *os.File) error {
	for {
		err := syscall.Fdatasync(int(f.Fd()))
		if err != syscall.EINTR {
			return os.NewSyscallError("fdatasync", err)
		}
	}
}
