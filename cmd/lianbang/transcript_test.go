package main

import (
	"flag"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"lianbang/bot/bottest"
	"lianbang/storage/storagetest"
)

var update = flag.Bool("update", false, "rewrite the transcripts with the answers that come")

var shanghai = must(time.LoadLocation("Asia/Shanghai"))

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// TestTranscripts plays every conversation through the whole program and compares every word.
func TestTranscripts(t *testing.T) {
	for _, path := range transcripts(t) {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			t.Parallel()
			bottest.Transcript(t, path, shanghai, newStage(t, t.TempDir()), *update)
		})
	}
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// TestTranscriptsPostgres plays them on the other database: the words are the same.
func TestTranscriptsPostgres(t *testing.T) {
	if testing.Short() {
		t.Skip("short")
	}
	for _, path := range transcripts(t) {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			bottest.Transcript(t, path, shanghai, newStage(t, t.TempDir(), storagetest.Postgres(t)), false)
		})
	}
}
