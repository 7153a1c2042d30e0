package main

import (
	"os"
	"path/filepath"
	"testing"
)

// TestNodeName: a folder keeps its name, folders differ, and a file that holds something else gets a name.
func TestNodeName(t *testing.T) {
	name := func(data string) string {
		t.Helper()
		got, err := nodeName(data)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	one, other := t.TempDir(), t.TempDir()
	first := name(one)
	if name(one) != first || name(other) == first {
		t.Errorf("%s, then %s; elsewhere %s", first, name(one), name(other))
	}
	path := filepath.Join(one, "node")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if fresh := name(one); fresh == first || name(one) != fresh {
		t.Errorf("after the file was emptied: %s, then %s", fresh, name(one))
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	if got, err := nodeName(one); err == nil {
		t.Errorf("a folder in the place of the file gave %s", got)
	}
}
