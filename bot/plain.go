package bot

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Plain is the text fallback of a reply. It says everything that the card says; a button whose command stands in the text
// already is not named again.
func Plain(r Reply) string {
	return strings.Join(blocks(r), "\n")
}

// blocks are the parts of a reply as text, each of which should stay in one message.
func blocks(r Reply) (out []string) {
	add := func(s string) {
		if s != "" {
			out = append(out, s)
		}
	}
	add(r.Text)
	if c := r.Card; c != nil {
		add(c.Title)
		for _, s := range c.Sections {
			add(plainSection(s))
		}
		if c.Form != nil {
			add(plainForm(*c.Form))
		}
		for _, ch := range c.Charts {
			add(Bars(ch))
		}
		said := strings.Join(out, "\n")
		add(plainButtons(slices.DeleteFunc(slices.Clone(c.Buttons), func(b Button) bool { return strings.Contains(said, b.Command) })))
	}
	add(r.Hint)
	if r.File != nil {
		add("[文件] " + r.File.Name)
	}
	return out
}

func plainSection(s Section) string {
	var b strings.Builder
	line := func(parts ...string) {
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		for _, p := range parts {
			b.WriteString(p)
		}
	}
	if s.Heading != "" {
		line(s.Heading)
	}
	for _, f := range s.Facts {
		line("　", f.Label, " ", f.Value)
	}
	for _, l := range s.Lines {
		line(l)
	}
	return b.String()
}

func plainForm(f Form) string {
	labels := make([]string, 0, len(f.Fields))
	for _, field := range f.Fields {
		label := field.Label
		if !field.Required {
			label += "(可不填)"
		}
		labels = append(labels, label)
	}
	return "请一句话回：" + f.Command + " " + strings.Join(labels, " ")
}

func plainButtons(buttons []Button) string {
	if len(buttons) == 0 {
		return ""
	}
	says := make([]string, 0, len(buttons))
	for _, b := range buttons {
		if strings.HasPrefix(b.Command, b.Label) {
			says = append(says, "“"+b.Command+"”")
		} else {
			says = append(says, "“"+b.Command+"”("+b.Label+")")
		}
	}
	return "可回复：" + strings.Join(says, " · ")
}

// Bars draws a chart as lines of text: 新增 W45 ▇▇▇▇8. The longest bar has twelve blocks.
func Bars(c Chart) string {
	top := 0.0
	for _, s := range c.Series {
		for _, v := range s.Values {
			top = max(top, v)
		}
	}
	var b strings.Builder
	b.WriteString(c.Title)
	for _, s := range c.Series {
		for i, label := range c.Labels {
			if i >= len(s.Values) {
				break
			}
			b.WriteByte('\n')
			if s.Name != "" {
				b.WriteString(s.Name + " ")
			}
			b.WriteString(label + " ")
			if top > 0 && s.Values[i] > 0 {
				b.WriteString(strings.Repeat("▇", max(1, int(math.Round(12*s.Values[i]/top)))))
			}
			fmt.Fprintf(&b, "%g%s", s.Values[i], c.Unit)
		}
	}
	return b.String()
}
