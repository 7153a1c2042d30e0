package bot

import (
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// Fit degrades a reply to what a platform can show. It is pure. What cannot be shown as such becomes text: buttons beyond
// the limit, forms, charts, files; mentions that a platform cannot show are dropped, and so is what asks for an answer where
// nobody can give one. A text that is too long is split at the borders of sections, lines and runes, in this order. The
// result has at least one reply, and none has a Hint.
func Fit(r Reply, c Caps) []Reply {
	if !c.Mentions {
		r.Mention = nil
	}
	if r.InPlace && !c.InPlace {
		r.InPlace, r.Card, r.Topic = false, nil, ""
	}
	r = settleHint(r, c.Deaf)
	if r.Card != nil {
		r.Card = fitCard(*r.Card, c)
	}
	if !c.Files && r.File != nil {
		r.Text, r.File = joinLines(r.Text, "[文件] "+r.File.Name), nil
	}
	if r.Card != nil && !c.Cards || c.MaxBytes > 0 && bound(r) > c.MaxBytes && size(r) > c.MaxBytes {
		return split(r, c.MaxBytes)
	}
	return []Reply{r}
}

// settleHint says the hint as the last line of the card or the text.
func settleHint(r Reply, deaf bool) Reply {
	hint := r.Hint
	r.Hint = ""
	switch {
	case hint == "" || deaf:
	case r.Card == nil:
		r.Text = joinLines(r.Text, hint)
	default:
		card := *r.Card
		card.Sections = append(slices.Clip(card.Sections), Section{Lines: []string{hint}})
		r.Card = &card
	}
	return r
}

func fitCard(card Card, c Caps) *Card {
	card.Sections = slices.Clip(card.Sections)
	if c.Deaf {
		card.Form, card.Buttons = nil, nil
	}
	if !c.Forms && card.Form != nil {
		card.Sections = append(card.Sections, Section{Lines: []string{plainForm(*card.Form)}})
		card.Form = nil
	}
	if !c.Charts {
		for _, ch := range card.Charts {
			card.Sections = append(card.Sections, Section{Lines: strings.Split(Bars(ch), "\n")})
		}
		card.Charts = nil
	}
	if len(card.Buttons) > c.MaxButtons {
		card.Sections = append(card.Sections, Section{Lines: []string{plainButtons(card.Buttons[c.MaxButtons:])}})
		card.Buttons = card.Buttons[:c.MaxButtons:c.MaxButtons]
	}
	return &card
}

// size is the length in bytes of what a reply says.
func size(r Reply) (n int) {
	for _, b := range blocks(r) {
		n += len(b) + 1
	}
	return n - 1
}

// bound is quickly told: no less than the size of a reply.
func bound(r Reply) (n int) {
	const most = 40 // bytes that blocks put around a part
	add := func(parts ...string) {
		for _, p := range parts {
			n += len(p)
		}
		n += most
	}
	add(r.Text, r.Hint)
	if r.File != nil {
		add(r.File.Name)
	}
	if r.Card == nil {
		return n
	}
	if len(r.Card.Charts) > 0 { // their bars are not counted
		return math.MaxInt
	}
	add(r.Card.Title)
	for _, s := range r.Card.Sections {
		add(s.Heading)
		for _, f := range s.Facts {
			add(f.Label, f.Value)
		}
		add(s.Lines...)
		n += len(s.Lines)
	}
	if f := r.Card.Form; f != nil {
		add(f.Command)
		for _, field := range f.Fields {
			add(field.Label)
		}
	}
	for _, b := range r.Card.Buttons {
		add(b.Command, b.Label)
	}
	return n
}

// split turns a reply into texts of at most limit bytes each (0 = one text). The mention goes with the first, the file
// with the last.
func split(r Reply, limit int) []Reply {
	file := r.File
	r.File = nil
	var texts []string
	cur := ""
	for _, b := range blocks(r) {
		if limit <= 0 || len(cur)+1+len(b) <= limit {
			cur = joinLines(cur, b)
			continue
		}
		if cur != "" {
			texts = append(texts, cur)
		}
		pieces := cut(b, limit)
		texts = append(texts, pieces[:len(pieces)-1]...)
		cur = pieces[len(pieces)-1]
	}
	texts = append(texts, cur)
	out := make([]Reply, len(texts))
	for i, t := range texts {
		out[i] = Reply{Text: t, Private: r.Private, Class: r.Class}
	}
	out[0].Mention = r.Mention
	out[len(out)-1].File = file
	return out
}

// cut splits a text at line borders, and lines that are too long between runes. limit must hold at least one rune.
func cut(text string, limit int) (out []string) {
	limit = max(limit, utf8.UTFMax)
	for len(text) > limit {
		at := strings.LastIndexByte(text[:limit+1], '\n')
		skip := 1
		if at <= 0 {
			at, skip = limit, 0
			for at > 1 && !utf8.RuneStart(text[at]) {
				at--
			}
		}
		out = append(out, text[:at])
		text = text[at+skip:]
	}
	return append(out, text)
}

func joinLines(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "\n" + b
}
