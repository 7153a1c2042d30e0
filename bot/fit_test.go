package bot

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// TestFitForTheDeaf: where nobody can answer, nothing asks to be tapped, filled in or answered.
func TestFitForTheDeaf(t *testing.T) {
	r := Reply{Hint: "报名回“报名 H1”", Card: &Card{Title: "周报", Sections: []Section{{Lines: []string{"办了 3 件"}}},
		Buttons: []Button{{Label: "报名", Command: "报名 H1"}}, Form: &Form{Command: "登记活动", Submit: "提交"}}}
	for _, caps := range []Caps{{Deaf: true, Cards: true}, {Deaf: true}, {Deaf: true, Cards: true, Forms: true, MaxButtons: 4}} {
		pieces := Fit(r, caps)
		if got := Plain(pieces[0]); len(pieces) != 1 || got != "周报\n办了 3 件" {
			t.Errorf("%+v: %q", caps, got)
		}
	}
	if got := Fit(Reply{Text: "明天 15:00 H1", Hint: "不能来请回“取消报名 H1”"}, Caps{Deaf: true}); got[0].Text != "明天 15:00 H1" || got[0].Hint != "" {
		t.Errorf("%+v", got)
	}
}

func TestFitKeepsEveryWord(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		caps := Caps{
			MaxBytes: rapid.SampledFrom([]int{0, 4, 40, 200, 2048}).Draw(t, "bytes"), MaxButtons: rapid.IntRange(0, 4).Draw(t, "buttons"),
			Cards: rapid.Bool().Draw(t, "cards"), Forms: rapid.Bool().Draw(t, "forms"), Charts: rapid.Bool().Draw(t, "charts"),
			Mentions: rapid.Bool().Draw(t, "mentions"), Files: rapid.Bool().Draw(t, "files"),
		}
		r := drawReply(t)
		pieces := Fit(r, caps)
		if len(pieces) == 0 {
			t.Fatal("nothing left")
		}
		var all strings.Builder
		for _, p := range pieces {
			text := Plain(p)
			if !utf8.ValidString(text) {
				t.Fatalf("cut inside a character: %q", text)
			}
			if caps.MaxBytes > 0 && len(text) > max(caps.MaxBytes, utf8.UTFMax) && len(pieces) > 1 {
				t.Fatalf("%d bytes of %d", len(text), caps.MaxBytes)
			}
			if p.Class != r.Class || p.Private != r.Private {
				t.Fatal("a piece lost its class")
			}
			if p.Hint != "" {
				t.Fatal("the adapter is left with a hint")
			}
			if p.Card != nil && (!caps.Cards || len(p.Card.Buttons) > caps.MaxButtons || p.Card.Form != nil && !caps.Forms || p.Card.Charts != nil && !caps.Charts) {
				t.Fatalf("beyond the capabilities: %+v", p.Card)
			}
			all.WriteString(text)
		}
		for _, word := range []string{r.Text, r.Card.Title, r.Card.Sections[0].Facts[0].Value, r.Card.Sections[0].Lines[0], r.Hint} {
			if !strings.Contains(squeeze(all.String()), squeeze(word)) {
				t.Fatalf("%q is lost from %q", word, all.String())
			}
		}
		for _, b := range r.Card.Buttons {
			if !strings.Contains(squeeze(all.String()), squeeze(b.Command)) {
				t.Fatalf("the button %q is lost", b.Command)
			}
		}
	})
}

func TestBoundIsNoLessThanSize(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawReply(t)
		if rapid.Bool().Draw(t, "file") {
			r.File = &Attachment{Name: "名单.xlsx"}
		}
		if rapid.Bool().Draw(t, "bare") {
			r.Card = nil
		}
		if bound(r) < size(r) {
			t.Fatalf("bound %d, size %d of %+v", bound(r), size(r), r)
		}
	})
}

func squeeze(s string) string { return strings.NewReplacer("\n", "", " ", "", "　", "").Replace(s) }

func drawReply(t *rapid.T) Reply {
	text := rapid.StringMatching(`[活动报名候补 a-z]{1,60}`)
	r := Reply{Text: text.Draw(t, "text"), Hint: text.Draw(t, "hint"), Class: Visibility(rapid.IntRange(0, 3).Draw(t, "class")), Private: rapid.Bool().Draw(t, "private")}
	r.Card = &Card{Title: text.Draw(t, "title"), Sections: []Section{{
		Facts: []Fact{{"时间", text.Draw(t, "fact")}}, Lines: []string{text.Draw(t, "line")},
	}}}
	r.Card.Sections = append(r.Card.Sections, rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Section {
		return Section{Heading: text.Draw(t, "heading"), Lines: rapid.SliceOfN(rapid.Just(""), 0, 90).Draw(t, "empty lines")}
	}), 0, 3).Draw(t, "more")...)
	for range rapid.IntRange(0, 6).Draw(t, "n") {
		r.Card.Buttons = append(r.Card.Buttons, Button{Label: text.Draw(t, "label"), Command: text.Draw(t, "command")})
	}
	if rapid.Bool().Draw(t, "form") {
		r.Card.Form = &Form{Command: "登记活动", Fields: []Field{{Name: "a", Label: "名称"}}}
	}
	if rapid.Bool().Draw(t, "chart") {
		r.Card.Charts = []Chart{{Title: "图", Labels: []string{"甲", "乙"}, Series: []Series{{"", []float64{1, 0}}}}}
	}
	return r
}

func TestCutPrefersLines(t *testing.T) {
	got := cut("第一行很长\n第二行\n第三行", 30)
	if len(got) != 2 || got[0] != "第一行很长\n第二行" || got[1] != "第三行" {
		t.Errorf("%q", got)
	}
}

func TestBars(t *testing.T) {
	got := Bars(Chart{Title: "近三周", Unit: "件", Labels: []string{"W45", "W46", "W47"}, Series: []Series{{"新增", []float64{0, 6, 12}}}})
	want := "近三周\n新增 W45 0件\n新增 W46 ▇▇▇▇▇▇6件\n新增 W47 ▇▇▇▇▇▇▇▇▇▇▇▇12件"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
