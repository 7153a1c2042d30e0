package wecom

import (
	"sort"
	"strings"
	"unicode/utf8"

	"lianbang/bot"
)

// markdown writes a reply in a dialect, one of text too, in as few messages as its limit allows, split between blocks, then
// lines, then characters, never inside markup. It says everything: buttons and forms as what can be typed, charts as text
// bars. The file is left out, being a message of its own. Text messages name nobody: see mentioned. A reply that says nothing
// gives no message.
func markdown(r bot.Reply, d dialect) []string { return pack(compose(r, d), d) }

// hookDialect is how a reply reads best in a group that is reached by webhook: text where there is nothing to mark up, real
// lists where the reply is lists, and otherwise the older markdown, which every client shows and which alone has colours and
// mentions.
func hookDialect(r bot.Reply) dialect {
	switch {
	case r.Card == nil:
		return hookText
	case len(mentioned(r)) > 0:
		return hookMarkdown
	}
	for _, s := range r.Card.Sections {
		if isList(s) {
			return hookMarkdown2
		}
	}
	return hookMarkdown
}

// span is a stretch of a line in one style. open and close are ours, text is data.
type span struct{ open, text, close string }

// line is one line of a message. lead is our markup for the whole of it.
type line struct {
	lead  string
	spans []span
}

// block is a run of lines that should stay in one message.
type block []line

// compose lays a reply out.
func compose(r bot.Reply, d dialect) (out []block) {
	s := style{dialect: d, traits: d.traits()}
	add := func(b block) {
		if len(b) > 0 {
			out = append(out, b)
		}
	}
	add(s.text(r))
	c := r.Card
	if c == nil {
		return out
	}
	add(s.title(*c))
	for _, section := range c.Sections {
		add(s.section(section))
	}
	if c.Form != nil {
		add(s.form(*c.Form))
	}
	for _, chart := range c.Charts {
		add(s.chart(chart))
	}
	add(plainLines(typed(r)))
	return out
}

// style lays out the parts of a reply for one dialect.
type style struct {
	dialect dialect
	traits
}

// text is the sentence above the card, after the people it is for.
func (s style) text(r bot.Reply) (b block) {
	b = plainLines(r.Text)
	if !s.rings {
		return b
	}
	var people []span
	for _, id := range mentioned(r) {
		people = append(people, span{open: "<@" + id + "> "})
	}
	if len(people) == 0 {
		return b
	}
	if len(b) == 0 {
		return block{{spans: people}}
	}
	b[0].spans = append(people, b[0].spans...)
	return b
}

// title is the card's title, in the colour of its tone where there are colours.
func (s style) title(c bot.Card) block {
	title := oneLine(c.Title)
	if title == "" {
		return nil
	}
	if !s.markup {
		return block{{spans: []span{{text: title}}}}
	}
	sp := span{text: title}
	if colour := colours[c.Tone]; s.colour && colour != "" {
		sp.open, sp.close = `<font color="`+colour+`">`, "</font>"
	}
	return block{{lead: "### ", spans: []span{sp}}}
}

// colours by tone: info is green, comment grey, warning orange-red (D99110). Information has none.
var colours = map[bot.Tone]string{bot.Done: "info", bot.Needs: "warning", bot.Late: "warning", bot.Danger: "warning", bot.Closed: "comment"}

func (s style) section(section bot.Section) (b block) {
	if h := oneLine(section.Heading); h != "" {
		b = append(b, line{spans: []span{s.bold(h)}})
	}
	for _, f := range section.Facts {
		b = append(b, s.fact(f)...)
	}
	lead := ""
	if s.rich && isList(section) {
		lead = "- "
	}
	for _, l := range section.Lines {
		lines := plainLines(l)
		if len(lines) > 0 {
			lines[0].lead = lead
		}
		b = append(b, lines...)
	}
	return b
}

// isList reports whether the lines of a section are items of one kind rather than sentences.
func isList(s bot.Section) bool {
	return len(s.Facts) == 0 && (len(s.Lines) > 2 || len(s.Lines) == 2 && s.Heading != "")
}

// fact is a label that stands back and its value, on one line.
func (s style) fact(f bot.Fact) block {
	value := plainLines(f.Value)
	label := oneLine(f.Label)
	if label == "" {
		return value
	}
	var name span
	switch {
	case s.colour:
		name = span{open: `<font color="comment">`, text: label, close: "</font> "}
	case s.markup:
		name = s.bold(label)
		name.close += " "
	default:
		name = span{open: "　", text: label, close: " "}
	}
	if len(value) == 0 {
		return block{{spans: []span{name}}}
	}
	value[0].spans = append([]span{name}, value[0].spans...)
	return value
}

func (s style) bold(text string) span {
	if !s.markup {
		return span{text: text}
	}
	return span{open: "**", text: text, close: "**"}
}

// form says what can be typed instead, and what there is to choose from.
func (s style) form(f bot.Form) block {
	b := plainLines(bot.Plain(bot.Reply{Card: &bot.Card{Form: &f}}))
	for _, field := range f.Fields {
		says, hint := strings.Join(field.Options, "、"), oneLine(field.Hint)
		if says != "" && hint != "" {
			hint = "(" + hint + ")"
		}
		if says += hint; says != "" {
			b = append(b, s.fact(bot.Fact{Label: field.Label, Value: says})...)
		}
	}
	return b
}

func (s style) chart(c bot.Chart) block {
	b := plainLines(bot.Bars(c))
	if len(b) > 0 && oneLine(c.Title) != "" {
		b[0].spans[0] = s.bold(b[0].spans[0].text)
	}
	return b
}

// typed is the line that says which commands a reply's buttons stand for, without those that its text says already.
func typed(r bot.Reply) string {
	r.File = nil
	all := bot.Plain(r)
	silent := *r.Card
	silent.Buttons = nil
	r.Card = &silent
	return strings.TrimPrefix(strings.TrimPrefix(all, bot.Plain(r)), "\n")
}

// plainLines are the lines of a text as data; none for an empty one.
func plainLines(s string) (b block) {
	s = bot.Clean(s)
	if s == "" {
		return nil
	}
	for l := range strings.SplitSeq(s, "\n") {
		b = append(b, line{spans: []span{{text: l}}})
	}
	return b
}

// oneLine is a text without line breaks.
func oneLine(s string) string { return strings.Join(strings.Fields(bot.Clean(s)), " ") }

// in writes the line in a dialect.
func (l line) in(d dialect) string {
	var b strings.Builder
	b.WriteString(l.lead)
	for i, s := range l.spans {
		b.WriteString(s.open)
		b.WriteString(d.guard(s.text, i == 0 && s.open == ""))
		b.WriteString(s.close)
	}
	return b.String()
}

// cut splits a line so that what goes first has at most room bytes in a dialect: whole spans, then the characters of one. The
// rest has the same style. ok is false when not even one character fits.
func (l line) cut(d dialect, room int) (head, rest line, ok bool) {
	head, rest = line{lead: l.lead}, line{lead: l.lead}
	for i, s := range l.spans {
		longer := head
		longer.spans = append(head.spans[:i:i], s)
		if len(longer.in(d)) <= room {
			head = longer
			continue
		}
		starts := runeStarts(s.text)
		n := sort.Search(len(starts), func(n int) bool {
			longer.spans[i].text = s.text[:starts[n]]
			return len(longer.in(d)) > room
		})
		if n > 1 {
			at := starts[n-1]
			head.spans = append(head.spans, span{s.open, s.text[:at], s.close})
			s.text = s.text[at:]
		}
		rest.spans = append([]span{s}, l.spans[i+1:]...)
		return head, rest, len(head.spans) > 0
	}
	return head, rest, true
}

// runeStarts are the places where a text may be cut: before each of its characters.
func runeStarts(s string) []int {
	at := make([]int, 0, utf8.RuneCountInString(s))
	for i := range s {
		at = append(at, i)
	}
	return at
}

// pack joins blocks to messages within the limit of a dialect. A block goes to the next message when it fits there and the
// present one is at least half full; otherwise it is split between its lines, and a line that is longer than a message
// between its characters.
func pack(blocks []block, d dialect) (out []string) {
	limit := d.traits().limit
	gap := "\n"
	if d.traits().rich {
		gap = "\n\n" // a line right after a list would belong to its last item
	}
	cur := ""
	flush := func() {
		if strings.TrimSpace(cur) != "" {
			out = append(out, cur)
		}
		cur = ""
	}
	for _, b := range blocks {
		if n := b.size(d); len(cur) > limit/2 && n <= limit && len(cur)+len(gap)+n > limit {
			flush()
		}
		between := gap
		for _, l := range b {
			for {
				if cur == "" {
					between = ""
				}
				whole := l.in(d)
				if len(cur)+len(between)+len(whole) <= limit {
					cur += between + whole
					break
				}
				if len(whole) <= limit && cur != "" {
					flush()
					continue
				}
				head, rest, ok := l.cut(d, limit-len(cur)-len(between))
				if ok {
					cur += between + head.in(d)
					l = rest
				}
				flush()
			}
			between = "\n"
		}
	}
	flush()
	return out
}

// size is the length of a block in bytes.
func (b block) size(d dialect) int {
	n := len(b) - 1
	for _, l := range b {
		n += len(l.in(d))
	}
	return n
}
