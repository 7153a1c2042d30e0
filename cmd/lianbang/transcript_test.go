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
)

var update = flag.Bool("update", false, "rewrite the transcripts with the answers that come")

// TestTranscripts plays every conversation through the whole program and compares every word.
func TestTranscripts(t *testing.T) {
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range transcripts(t) {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			t.Parallel()
			bottest.Transcript(t, path, zone, newStage(t, t.TempDir()), *update)
		})
	}
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
