package zhtime

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// devItem is one line of the development data; see its README for the fields.
type devItem struct {
	ID, Text, Ref, Kind, Grain, Cmp string
	Start, End                      *string
	BotStart                        json.RawMessage `json:"bot_start"`
	BotEnd                          json.RawMessage `json:"bot_end"`
	Alt                             [][2]*string
	Scheduling                      bool
}

func (d *devItem) golds(t *testing.T) [][2]*string {
	gold := [2]*string{d.Start, d.End}
	if d.BotStart != nil {
		gold = [2]*string{}
		for i, raw := range []json.RawMessage{d.BotStart, d.BotEnd} {
			if raw != nil {
				if err := json.Unmarshal(raw, &gold[i]); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	return append([][2]*string{gold}, d.Alt...)
}

func (d *devItem) right(gold [2]*string, a Answer) bool {
	same := func(want, got *string) bool {
		n := 16
		if d.Cmp == "day" {
			n = 10
		}
		return want != nil && got != nil && len(*got) >= n && (*want)[:n] == (*got)[:n]
	}
	if gold[0] == nil {
		if a.End != nil {
			return same(gold[1], a.End)
		}
		return same(gold[1], a.Start)
	}
	if !same(gold[0], a.Start) {
		return false
	}
	return gold[1] == nil || d.Grain == "part" || same(gold[1], a.End)
}

// TestDevelopmentData scores the folder named by ZHTIME_DATA as its score.py does.
func TestDevelopmentData(t *testing.T) {
	dir := os.Getenv("ZHTIME_DATA")
	if dir == "" {
		t.Skip("ZHTIME_DATA is not set")
	}
	f, err := os.Open(filepath.Join(dir, "dev.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	total, right, negatives, falsePositives := 0, 0, 0, 0
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var d devItem
		if err := json.Unmarshal(lines.Bytes(), &d); err != nil {
			t.Fatal(err)
		}
		now, err := time.Parse(time.RFC3339, d.Ref)
		if err != nil {
			t.Fatal(err)
		}
		a := AnswerTo(d.ID, d.Text, now, nil)
		if d.Kind == "none" {
			negatives++
			if a.Start != nil || a.End != nil {
				falsePositives++
				t.Logf("false positive: %s", d.Text)
			}
			continue
		}
		if !d.Scheduling || d.Cmp == "none" {
			continue
		}
		total++
		ok := false
		golds := d.golds(t)
		for _, g := range golds {
			ok = ok || d.right(g, a)
		}
		if ok {
			right++
		} else {
			t.Logf("%s (%s): want %s, got %s %s", d.Text, d.Ref[:16], pair(golds[0][0], golds[0][1]), pair(a.Start, a.End), reason(a))
		}
	}
	share := 100 * float64(right) / float64(total)
	t.Logf("scheduling subset: %d of %d (%.1f %%), false positives: %d of %d", right, total, share, falsePositives, negatives)
	if share < 97 {
		t.Errorf("%.1f %% < 97 %%", share)
	}
	if falsePositives > 0 {
		t.Errorf("%d false positives", falsePositives)
	}
}

func pair(a, b *string) string {
	s := ""
	for _, x := range []*string{a, b} {
		if x == nil {
			s += "- "
		} else {
			s += *x + " "
		}
	}
	return s
}

func reason(a Answer) string {
	if a.Refused != nil {
		return string(*a.Refused)
	}
	return ""
}
