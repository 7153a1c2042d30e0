package zhtime

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"
	"unicode/utf8"
)

// FuzzParse holds what Parse promises about every text: it ends, and its spans are in range, on rune borders, in order
// and apart; and what it finds can be written, answered and asked for its next occurrence.
func FuzzParse(f *testing.F) {
	now := day("2026-11-25 10:00")
	eachCase(f, func(_ int, at time.Time, text, _ string) { f.Add(text, at.Unix()) })
	for _, text := range nothing {
		f.Add(text, now.Unix())
	}
	for _, text := range benchTexts {
		f.Add(text, now.Unix())
	}
	f.Add(benchMessage, now.Unix())
	if dir := os.Getenv("ZHTIME_DATA"); dir != "" {
		data, err := os.Open(filepath.Join(dir, "dev.jsonl"))
		if err != nil {
			f.Fatal(err)
		}
		defer data.Close()
		for lines := bufio.NewScanner(data); lines.Scan(); {
			var d devItem
			if err := json.Unmarshal(lines.Bytes(), &d); err != nil {
				f.Fatal(err)
			}
			f.Add(d.Text, now.Unix())
		}
	}
	f.Fuzz(func(t *testing.T, text string, unix int64) {
		now := time.Unix(unix%(1<<33), 0).In(shanghai)
		ms := Parse(text, now, nil)
		last := 0
		for _, m := range ms {
			if m.From < last || m.To <= m.From || m.To > len(text) {
				t.Fatalf("span %d:%d after %d in %q", m.From, m.To, last, text)
			}
			if utf8.ValidString(text) && (!utf8.RuneStart(text[m.From]) || m.To < len(text) && !utf8.RuneStart(text[m.To])) {
				t.Fatalf("span %d:%d cuts a rune of %q", m.From, m.To, text)
			}
			last = m.To
			if m.Kind == "" {
				t.Fatalf("a match without a kind in %q", text)
			}
			if m.Kind == Recurrence && m.Rule == nil {
				t.Fatalf("a recurrence without a rule in %q", text)
			}
			if m.Rule != nil {
				if next := m.Rule.Next(now); !next.IsZero() && !next.After(now) {
					t.Fatalf("%q: %s after %s is %s", text, m.Rule.RRULE, now, next)
				}
				if _, err := ParseRule(m.Rule.RRULE, m.Rule.Workdays, m.Rule.Anchor, nil); err != nil {
					t.Fatalf("%q: %v", text, err)
				}
			}
			if m.Refused == "" && !m.End.IsZero() && m.End.Before(m.Start) {
				t.Fatalf("%q ends before it starts: %+v", text, m)
			}
			if m.Refused == "" && !m.End.IsZero() && m.Start.IsZero() && m.Kind != Deadline {
				t.Fatalf("%q has no start: %+v", text, m)
			}
			if last := later(m.Start, m.End); m.Refused == "" && m.Kind != Duration && last.Before(midnight(now)) {
				t.Fatalf("%q lies in the past of %s: %+v", text, now, m)
			}
			if m.Refused == "" && m.Kind != Duration && m.Start.IsZero() && m.End.IsZero() {
				t.Fatalf("%q says nothing: %+v", text, m)
			}
			FormatMatch(m, now, nil)
		}
		AnswerTo("", text, now, nil)
	})
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
