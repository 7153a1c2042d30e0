package bot

import (
	"fmt"
	"iter"
	"strings"
)

// CodesIn yields the codes with a letter (H27) in a folded text, in their order.
func CodesIn(text string, letter byte) iter.Seq[int64] {
	return func(yield func(int64) bool) {
		for i := 0; i+1 < len(text); i++ {
			if text[i]&^0x20 != letter {
				continue
			}
			n := int64(0)
			for _, d := range []byte(text[i+1:]) {
				if d < '0' || d > '9' || n > 1e9 {
					break
				}
				n = n*10 + int64(d-'0')
			}
			if n > 0 && !yield(n) {
				return
			}
		}
	}
}

// OnlyCode is the code with a letter in a folded text, 0 when there is none or more than one.
func OnlyCode(text string, letter byte) (only int64) {
	for n := range CodesIn(text, letter) {
		if only != 0 && only != n {
			return 0
		}
		only = n
	}
	return only
}

// lend completes a line that lacks a code, when what the message answers names exactly one of that kind.
func (t *turn[S]) lend(answered string) {
	p := t.parsed
	if p.Command == nil || p.Missing == nil || p.Missing.Kind != CodeArg || answered == "" {
		return
	}
	n := OnlyCode(answered, p.Missing.Letter[0])
	if n == 0 {
		return
	}
	rest := strings.TrimPrefix(strings.TrimLeft(t.line, "/ \n"), p.Words)
	if got := t.Registry.Parse(fmt.Sprintf("%s %s%d %s", p.Words, p.Missing.Letter, n, rest)); got.Command == p.Command && got.Missing == nil {
		got.lent = true
		t.parsed = got
	}
}

// lendTopic completes a line that lacks a code and answers a card in a group.
func (t *turn[S]) lendTopic(s S, c *Call) error {
	if t.parsed.Missing == nil || t.parsed.Missing.Kind != CodeArg {
		return nil
	}
	if err := t.answered(s, c); err != nil {
		return err
	}
	if t.lend(c.Topic); t.parsed.Missing == nil {
		t.reading = readText(t.parsed, t.now)
	}
	return nil
}

// answered finds what the card shows that a message in a group answers.
func (t *turn[S]) answered(s S, c *Call) (err error) {
	if t.event.Kind != Said || t.event.On == "" || t.event.Direct || c.Topic != "" {
		return nil
	}
	if c.Topic, err = s.Posted(t.event.Place(), t.event.On); err != nil {
		return fmt.Errorf("find the answered card: %w", err)
	}
	return nil
}
