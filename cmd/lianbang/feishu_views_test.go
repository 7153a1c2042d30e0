package main

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"lianbang/bot"
	"lianbang/bot/bottest"
)

// viewsFile holds one reply of every shape that the program can show, for the goldens of bot/feishu.
const viewsFile = "../../bot/feishu/testdata/views.json"

// witness remembers every reply that a stage has sent.
type witness struct {
	*stage
	said []bot.Reply
}

// Heard implements bottest.Stage.
func (w *witness) Heard() ([]bottest.Heard, error) {
	heard, err := w.stage.Heard()
	for _, h := range heard {
		w.said = append(w.said, h.Reply)
	}
	return heard, err
}

// TestFeishuViews plays all conversations and holds the views of bot/feishu's goldens against what was shown. Words may
// differ, as long as no shape is missing and none is gone; -update writes them anew (then -update the goldens too).
func TestFeishuViews(t *testing.T) {
	files := transcripts(t)
	said := make([][]bot.Reply, len(files))
	t.Run("play", func(t *testing.T) {
		for i, path := range files {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				w := &witness{stage: newStage(t, t.TempDir())}
				bottest.Transcript(t, path, shanghai, w, *update)
				said[i] = w.said
			})
		}
	})
	views := distinct(slices.Concat(said...))
	if *update {
		data, err := json.MarshalIndent(views, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(viewsFile, append(data, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(viewsFile)
	if err != nil {
		t.Fatal(err)
	}
	var kept []bot.Reply
	if err := json.Unmarshal(data, &kept); err != nil {
		t.Fatal(err)
	}
	shown, golden := shapes(views), shapes(kept)
	for _, s := range shown {
		if !slices.Contains(golden, s) {
			t.Errorf("no golden for this view; run with -update:\n%s", s)
		}
	}
	for _, s := range golden {
		if !slices.Contains(shown, s) {
			t.Errorf("nothing looks like this golden any more; run with -update:\n%s", s)
		}
	}
}

// distinct keeps the first reply of each shape.
func distinct(said []bot.Reply) (out []bot.Reply) {
	seen := map[string]bool{}
	for _, r := range said {
		if s := shape(r); !seen[s] {
			seen[s] = true
			out = append(out, r)
		}
	}
	return out
}

func shapes(rs []bot.Reply) (out []string) {
	for _, r := range rs {
		out = append(out, shape(r))
	}
	return out
}

// particular is what differs between two replies of the same view: numbers, and what follows the first word.
var particular = regexp.MustCompile(`[\d\s：:（(“].*`)

// shape is what a reply looks like, without its particulars.
func shape(r bot.Reply) string {
	var b strings.Builder
	fmt.Fprintf(&b, "text %t mention %t file %t in place %t\n", r.Text != "", len(r.Mention) > 0, r.File != nil, r.InPlace)
	if r.Card == nil {
		return b.String()
	}
	word := func(s string) string { return particular.ReplaceAllString(s, "…") }
	fmt.Fprintf(&b, "card %s %s\n", r.Card.Tone, word(r.Card.Title))
	for _, s := range r.Card.Sections {
		fmt.Fprintf(&b, "section %s lines %t facts", word(s.Heading), len(s.Lines) > 0)
		for _, f := range s.Facts {
			b.WriteString(" " + f.Label)
		}
		b.WriteByte('\n')
	}
	for _, c := range r.Card.Charts {
		fmt.Fprintf(&b, "chart %s %s series %d\n", c.Kind, word(c.Title), len(c.Series))
	}
	if f := r.Card.Form; f != nil {
		fmt.Fprintf(&b, "form %s %s\n", f.Command, f.Submit)
		for _, field := range f.Fields {
			fmt.Fprintf(&b, "field %s %s %t\n", field.Name, field.Kind, field.Required)
		}
	}
	for _, button := range r.Card.Buttons {
		fmt.Fprintf(&b, "button %s %s confirm %t\n", word(button.Label), button.Tone, button.Confirm != "")
	}
	return b.String()
}
