package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// errServed says that another process works on the data folder.
var errServed = errors.New("another process works on this data folder")

// lock is the right to work on a data folder: one process at a time. The file holds the address of that process.
type lock struct{ file *os.File }

// takeLock takes the data folder; errServed when somebody has it, with the address that he serves, if any.
func takeLock(data string) (*lock, string, error) {
	if err := os.MkdirAll(data, 0o700); err != nil {
		return nil, "", fmt.Errorf("make the data folder: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(data, "lianbang.lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, "", fmt.Errorf("open the lock file: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		defer f.Close()
		address, _ := io.ReadAll(io.LimitReader(f, 200))
		return nil, strings.TrimSpace(string(address)), errServed
	}
	return &lock{f}, "", f.Truncate(0)
}

// announce writes the address that the holder serves.
func (l *lock) announce(address string) error {
	_, err := l.file.WriteAt([]byte(address+"\n"), 0)
	return err
}

// release gives the folder back.
func (l *lock) release() error {
	return errors.Join(l.file.Truncate(0), l.file.Close())
}
