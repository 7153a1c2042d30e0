package bot

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// QuestionLife is how long a pending question waits for its answer.
const QuestionLife = 30 * time.Minute

// askedJustNow is how long a bare number or label in a group answers a question without mentioning the bot.
const askedJustNow = 3 * time.Minute

// Question is something the bot waits for: a row, not a goroutine. It is answered by a number or the label of an option,
// by 是 where there is one option, or, when Field is set, by anything that is not a command of its own.
type Question struct {
	Command string            `json:"command"`           // path of the command that goes on
	Draft   map[string]string `json:"draft,omitempty"`   // what is known so far
	Field   string            `json:"field,omitempty"`   // the name under which a free answer enters Draft
	Options []Option          `json:"options,omitempty"` // numbered from 1
	Again   string            `json:"again,omitempty"`   // mentions it behind what else is done meanwhile; "" = another command drops it
	Behind  *Question         `json:"behind,omitempty"`  // has such words, and is asked again when this one is settled
	Asked   time.Time         `json:"asked"`
	Expires time.Time         `json:"expires"`
}

// Option is one numbered answer. Line is the command line that it stands for; an empty Line fills Field with Label.
type Option struct {
	Label string `json:"label"`
	Line  string `json:"line,omitempty"`
}

// resume takes the message as the answer to the pending question, if it is one.
func (t *turn[S]) resume(s S, c *Call, q Question) (r Reply, answered bool, err error) {
	clear := func() error {
		t.waiting = q.Behind
		return s.Ask(t.event.Place(), c.Person, nil)
	}
	if !t.event.Addressed && t.event.Kind == Said && t.now.Sub(q.Asked) > askedJustNow {
		return r, false, nil
	}
	if q.Again != "" {
		t.waiting = &q
	}
	if o := q.option(t.line); o != nil {
		if err := clear(); err != nil {
			return r, true, err
		}
		c.Draft = q.Draft
		if o.Line != "" {
			return t.reparse(s, c, o.Line)
		}
		return t.refill(s, c, q, o.Label)
	}
	complete := t.parsed.Command != nil && t.parsed.Missing == nil
	switch {
	case complete && q.Again != "":
		return r, false, nil
	case complete:
		return r, false, clear()
	case isNo(t.line):
		if err := clear(); err != nil {
			return r, true, err
		}
		return t.Voice.Dropped(c), true, nil
	case q.Field != "" && t.event.Kind == Said && t.event.Addressed && t.line != "":
		if cmd := t.Registry.byPath[q.Command]; cmd != nil && cmd.Aside != nil && cmd.Aside(c, q, t.guess) {
			t.waiting = &q
			return r, false, nil
		}
		if err := clear(); err != nil {
			return r, true, err
		}
		return t.refill(s, c, q, t.event.Text)
	}
	return r, false, nil
}

// keepWaiting asks the question that went on waiting during this turn again, or puts it behind the one that was asked in it.
func (t *turn[S]) keepWaiting(c *Call, r Reply) Reply {
	q := t.waiting
	switch {
	case q == nil:
	case c.ask == nil:
		q.Expires = time.Time{}
		c.Ask(*q)
		return r.with(q.Again)
	case q.Again != "":
		q.Behind = nil // one waits at most: a question does not grow
		c.ask.Behind = q
	}
	return r
}

func (t *turn[S]) reparse(s S, c *Call, line string) (Reply, bool, error) {
	p := t.Registry.Parse(Fold(line))
	if p.Command == nil || p.Missing != nil {
		return t.Voice.Stale(c), true, nil
	}
	c.Line, c.Reading = line, readText(p, t.now)
	r, err := t.run(s, c, p)
	return r, true, err
}

func (t *turn[S]) refill(s S, c *Call, q Question, answer string) (Reply, bool, error) {
	cmd := t.Registry.byPath[q.Command]
	if cmd == nil {
		return t.Voice.Stale(c), true, nil
	}
	draft := map[string]string{}
	for k, v := range q.Draft {
		draft[k] = v
	}
	draft[q.Field] = answer
	c.Draft = draft
	r, err := t.run(s, c, Parsed[S]{Command: cmd, args: args{text: answer}})
	return r, true, err
}

// option is the one that the line chooses, nil for none.
func (q Question) option(line string) *Option {
	line = strings.ToLower(strings.Trim(line, " 。.,，!！、)）"))
	for i := range q.Options {
		if line == fmt.Sprint(i+1) || i < 10 && line == string([]rune("①②③④⑤⑥⑦⑧⑨⑩")[i]) || line == strings.ToLower(q.Options[i].Label) {
			return &q.Options[i]
		}
	}
	if len(q.Options) == 1 {
		switch line {
		case "是", "是的", "好", "好的", "对", "可以", "嗯", "行", "ok", "yes", "y":
			return &q.Options[0]
		}
	}
	return nil
}

func isNo(line string) bool {
	if utf8.RuneCountInString(line) <= 12 {
		for _, w := range [...]string{"算了", "不登记", "不办了", "不报了", "先不办", "先不报"} {
			if strings.Contains(line, w) {
				return true
			}
		}
	}
	switch strings.Trim(line, " 。.!！") {
	case "否", "不", "不是", "不用", "不用了", "不要", "算了", "取消", "no", "n":
		return true
	}
	return false
}
