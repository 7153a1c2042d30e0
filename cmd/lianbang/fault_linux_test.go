package main

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// TestFullDisk fills the disk under a running program: a small file system of its own where that may be mounted, and
// everywhere a limit of the size of files, which fails writes in the same places.
func TestFullDisk(t *testing.T) {
	t.Run("file system", func(t *testing.T) {
		t.Parallel()
		folder := t.TempDir()
		if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, "size=12m"); err != nil {
			t.Skipf("no small file system can be mounted: %v", err)
		}
		t.Cleanup(func() {
			if err := syscall.Unmount(folder, syscall.MNT_DETACH); err != nil {
				t.Error(err)
			}
		})
		ballast := filepath.Join(folder, "ballast")
		endure(t, filepath.Join(folder, "data"), func(*child) trouble {
			return trouble{reason: "full|I/O", begin: func() { fill(t, ballast) }, end: func() {
				if err := os.Remove(ballast); err != nil {
					t.Fatal(err)
				}
			}}
		})
	})
	t.Run("file size", func(t *testing.T) {
		t.Parallel()
		data := filepath.Join(t.TempDir(), "data")
		endure(t, data, func(c *child) trouble {
			limit := func(bytes uint64) {
				var old unix.Rlimit
				if err := unix.Prlimit(c.cmd.Process.Pid, unix.RLIMIT_FSIZE, nil, &old); err != nil {
					t.Skipf("no limit can be set: %v", err)
				}
				if err := unix.Prlimit(c.cmd.Process.Pid, unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: min(bytes, old.Max), Max: old.Max}, nil); err != nil {
					t.Skipf("no limit can be set: %v", err)
				}
			}
			return trouble{reason: "full|I/O", begin: func() { limit(1 << 12) }, end: func() { limit(unix.RLIM_INFINITY) }}
		})
	})
}

// fill writes a file until nothing more fits beside it.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for size := 1 << 20; size > 0; size /= 2 {
		for err = nil; err == nil; {
			_, err = f.Write(make([]byte, size))
		}
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
}
