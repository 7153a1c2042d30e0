package understand

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode"
)

// item is a line of testdata/commands_dev.jsonl, and of the tables of our own.
type item struct {
	ID     string
	Ref    time.Time
	Text   string
	Expect map[string]any
}

func readItems(t testing.TB, name string) []item {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []item
	sc := bufio.NewScanner(f)
	for sc.Scan() {
		var it item
		if err := json.Unmarshal(sc.Bytes(), &it); err != nil {
			t.Fatalf("%s: %v", sc.Text(), err)
		}
		out = append(out, it)
	}
	if err := sc.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// answer is Answer as its reader sees it, through JSON.
func answer(t testing.TB, it item) map[string]any {
	t.Helper()
	b, err := json.Marshal(Answer(it.ID, it.Text, it.Ref))
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	return got
}

// differences lists the fields of want that got does not have right. Titles and places are compared by containment
// either way, without punctuation; the note of an intent none is not compared.
func differences(want, got map[string]any) []string {
	var out []string
	for key, w := range want {
		g := got[key]
		switch key {
		case "note":
			continue
		case "category":
			if w == nil {
				continue
			}
		case "title", "place":
			ws, _ := w.(string)
			gs, _ := g.(string)
			a, b := bare(ws), bare(gs)
			if (a == "") == (b == "") && (strings.Contains(a, b) || strings.Contains(b, a)) {
				continue
			}
		case "target":
			wt, _ := w.(map[string]any)
			gt, _ := g.(map[string]any)
			out = append(out, differences(wt, gt)...)
			continue
		case "items":
			wl, _ := w.([]any)
			gl, _ := g.([]any)
			if len(wl) != len(gl) {
				out = append(out, fmt.Sprintf("items: want %d, got %d", len(wl), len(gl)))
				continue
			}
			for i := range wl {
				out = append(out, differences(wl[i].(map[string]any), gl[i].(map[string]any))...)
			}
			continue
		}
		if !reflect.DeepEqual(w, g) {
			out = append(out, fmt.Sprintf("%s: want %v, got %v", key, w, g))
		}
	}
	return out
}

func bare(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPunct(r) || unicode.IsSpace(r) || unicode.IsSymbol(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, s)
}

func TestDevelopmentData(t *testing.T) {
	items := readItems(t, "testdata/commands_dev.jsonl")
	intents, whole := 0, 0
	for _, it := range items {
		got := answer(t, it)
		if got["intent"] == it.Expect["intent"] {
			intents++
		}
		if diff := differences(it.Expect, got); len(diff) > 0 {
			t.Logf("%s %s\n\t%s", it.ID, it.Text, strings.Join(diff, "\n\t"))
		} else {
			whole++
		}
	}
	t.Logf("intent %d/%d, all fields %d/%d", intents, len(items), whole, len(items))
	if intents < len(items) || whole < 27 {
		t.Errorf("intent %d of %d, all fields %d of %d", intents, len(items), whole, len(items))
	}
}
