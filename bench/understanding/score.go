package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// item is one text to read. The fields after Ref are only in the development data; its README describes them.
type item struct {
	ID   string    `json:"id"`
	Text string    `json:"text"`
	Ref  time.Time `json:"ref"`
	gold
}

// gold is what the development data expects of a text.
type gold struct {
	Kind       string          `json:"kind"`
	Grain      string          `json:"grain"`
	Compare    string          `json:"cmp"`
	Scheduling bool            `json:"scheduling"`
	Start      *string         `json:"start"`
	End        *string         `json:"end"`
	BotStart   json.RawMessage `json:"bot_start"` // absent, or a value that stands before Start and End; null is a value
	BotEnd     json.RawMessage `json:"bot_end"`
	Others     [][2]*string    `json:"alt"`
}

// answer is how somebody read a text. Found says that an expression was found at all, also where nothing can be compared.
type answer struct {
	ID    string  `json:"id"`
	Start *string `json:"start"`
	End   *string `json:"end"`
	Found bool    `json:"found"`
}

// score counts the comparisons with the development data.
type score struct {
	right, total    int // of the scheduling subset
	wrong, negative int // texts with nothing to find, in which something was found
}

func (s score) String() string {
	if s.total == 0 {
		return "–"
	}
	return fmt.Sprintf("%.1f %% (%d/%d)", 100*float64(s.right)/float64(s.total), s.right, s.total)
}

// negatives is the column of false positives.
func (s score) negatives() string {
	if s.negative == 0 {
		return "–"
	}
	return fmt.Sprintf("%d of %d", s.wrong, s.negative)
}

// readItems reads the development data: the scheduling subset and the negatives.
func readItems(folder string) (scheduling, negatives []item, err error) {
	f, err := os.Open(filepath.Join(folder, "dev.jsonl"))
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var it item
		if err := json.Unmarshal(lines.Bytes(), &it); err != nil {
			return nil, nil, fmt.Errorf("read %s: %w", f.Name(), err)
		}
		switch {
		case it.Kind == "none":
			negatives = append(negatives, it)
		case it.Scheduling && it.Compare != "none":
			scheduling = append(scheduling, it)
		}
	}
	if len(scheduling) == 0 && lines.Err() == nil {
		return nil, nil, fmt.Errorf("%s holds nothing to compare", f.Name())
	}
	return scheduling, negatives, lines.Err()
}

// judge compares answers with the data, by the rules of its score.py.
func judge(scheduling, negatives []item, answers []answer) (score, error) {
	by := map[string]answer{}
	for _, a := range answers {
		by[a.ID] = a
	}
	s := score{total: len(scheduling), negative: len(negatives)}
	for _, it := range scheduling {
		a, ok := by[it.ID]
		if !ok {
			return s, fmt.Errorf("no answer to %s", it.ID)
		}
		golds, err := it.golds()
		if err != nil {
			return s, fmt.Errorf("%s: %w", it.ID, err)
		}
		for _, g := range golds {
			if it.agrees(g, a) {
				s.right++
				break
			}
		}
	}
	for _, it := range negatives {
		if a := by[it.ID]; a.Start != nil || a.End != nil {
			s.wrong++
		}
	}
	return s, nil
}

// golds are the readings that count as right: the one under the conventions where the data has it, else the source's; and the
// alternatives.
func (g *gold) golds() ([][2]*string, error) {
	first := [2]*string{g.Start, g.End}
	if g.BotStart != nil {
		first = [2]*string{}
		for i, raw := range [...]json.RawMessage{g.BotStart, g.BotEnd} {
			if raw == nil {
				continue
			}
			if err := json.Unmarshal(raw, &first[i]); err != nil {
				return nil, err
			}
		}
	}
	return append([][2]*string{first}, g.Others...), nil
}

// agrees reports whether an answer is the reading want. A deadline (no start) is compared with the end, or with the start of
// a reader that knows none; the end counts where one is wanted, except for parts of days.
func (g *gold) agrees(want [2]*string, a answer) bool {
	if want[0] == nil {
		if a.End == nil {
			return g.same(want[1], a.Start)
		}
		return g.same(want[1], a.End)
	}
	if !g.same(want[0], a.Start) {
		return false
	}
	return want[1] == nil || g.Grain == "part" || g.same(want[1], a.End)
}

// same compares to the minute or to the day. A day is not enough where a clock is wanted.
func (g *gold) same(want, got *string) bool {
	n := len("2026-12-04T15:30")
	if g.Compare == "day" {
		n = len("2026-12-04")
	}
	return want != nil && got != nil && len(*want) >= n && strings.HasPrefix(*got, (*want)[:n])
}
