package bot

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Registry is the table of commands, checked. It is immutable and safe for concurrent use.
type Registry[S any] struct {
	commands []*Command[S]
	byPath   map[string]*Command[S]
	byIntent map[string]*Command[S]
	files    *Command[S]        // takes what comes without a command
	words    map[rune][]word[S] // by first rune, longest first
}

type word[S any] struct {
	text    string
	command *Command[S]
}

// NewRegistry checks the table and reports everything that is wrong with it: duplicates, clashes, examples that do not
// parse to their own command.
func NewRegistry[S any](commands []Command[S]) (*Registry[S], error) {
	r := &Registry[S]{byPath: map[string]*Command[S]{}, byIntent: map[string]*Command[S]{}, words: map[rune][]word[S]{}}
	var problems []error
	taken := map[string]string{}
	for i := range commands {
		c := &commands[i]
		problems = append(problems, checkCommand(c)...)
		r.commands = append(r.commands, c)
		r.byPath[c.Path] = c
		for _, text := range append([]string{c.Path}, c.Aliases...) {
			if other, clash := taken[text]; clash {
				problems = append(problems, fmt.Errorf("command %s: the word %q is taken by %s", c.Path, text, other))
				continue
			}
			taken[text] = c.Path
			first, _ := utf8.DecodeRuneInString(text)
			r.words[first] = append(r.words[first], word[S]{text, c})
		}
		if c.Files && r.files != nil {
			problems = append(problems, fmt.Errorf("command %s: files are taken by %s", c.Path, r.files.Path))
		} else if c.Files {
			r.files = c
		}
		for _, intent := range c.Intents {
			if other := r.byIntent[intent]; other != nil {
				problems = append(problems, fmt.Errorf("command %s: the intent %q is taken by %s", c.Path, intent, other.Path))
			}
			r.byIntent[intent] = c
		}
	}
	for _, ws := range r.words {
		slices.SortStableFunc(ws, func(a, b word[S]) int { return len(b.text) - len(a.text) })
	}
	for _, c := range r.commands {
		if p := r.Parse(c.Example); p.Command != c || p.Missing != nil {
			problems = append(problems, fmt.Errorf("command %s: its example %q does not parse", c.Path, c.Example))
		}
	}
	return r, errors.Join(problems...)
}

func checkCommand[S any](c *Command[S]) (problems []error) {
	wrong := func(what string) { problems = append(problems, fmt.Errorf("command %q: %s", c.Path, what)) }
	if c.Path == "" || c.Path != Fold(strings.TrimSpace(c.Path)) {
		wrong("the path is empty or not folded")
	}
	if c.Run == nil {
		wrong("nothing runs it")
	}
	if c.Summary == "" || c.Section == "" {
		wrong("it has no summary or section")
	}
	letters := map[string]bool{}
	for i, a := range c.Args {
		if a.Kind == TextArg && i != len(c.Args)-1 {
			wrong("a text argument must be the last")
		}
		if a.Kind == CodeArg && (len(a.Letter) != 1 || letters[a.Letter]) {
			wrong("a code argument needs a letter of its own")
		}
		letters[a.Letter] = true
	}
	return problems
}

// Commands lists the table in its order.
func (r *Registry[S]) Commands() []*Command[S] { return r.commands }

// Find is the command with that path or alias, nil when there is none.
func (r *Registry[S]) Find(text string) *Command[S] {
	first, _ := utf8.DecodeRuneInString(text)
	for _, w := range r.words[first] {
		if w.text == text {
			return w.command
		}
	}
	return nil
}

// Intent is the command that free sentences of that intent reach, nil when there is none.
func (r *Registry[S]) Intent(name string) *Command[S] { return r.byIntent[name] }

// Parsed is a line read as a typed command.
type Parsed[S any] struct {
	Command *Command[S] // nil: not a typed command
	Words   string      // the words that were typed for it
	Missing *Arg        // the first required argument that was not given
	lent    bool        // a code is not of the line, but of what the message answers
	args
}

// Code is the value of the CodeArg with that letter, 0 when none was given.
func (p Parsed[S]) Code(letter string) int64 { return p.codes[letter] }

// Plain reports whether the line is so plainly a command that it acts in a group where nobody mentioned the bot: the
// command's own words, not an everyday synonym, or a code with them.
func (p Parsed[S]) Plain() bool {
	if len(p.codes) > 0 && !p.lent {
		return true
	}
	if p.Words != p.Command.Path || p.Command.Shy {
		return false
	}
	return p.text == "" || p.Command.Args[0].Kind == TextArg
}

// Parse reads a folded line as a typed command: its words, then its arguments, with or without spaces. Words that are
// followed by something that no argument takes are not a command: 活动室在哪 is not 活动.
func (r *Registry[S]) Parse(line string) Parsed[S] {
	line = strings.TrimLeft(line, "/ \n")
	first, _ := utf8.DecodeRuneInString(line)
	var partial Parsed[S]
	for _, w := range r.words[first] {
		rest, ok := strings.CutPrefix(line, w.text)
		if !ok || !parts(w.text, rest, w.command.Args) {
			continue
		}
		got, missing, ok := readArgs(rest, w.command.Args)
		switch {
		case ok && missing == nil:
			return Parsed[S]{Command: w.command, Words: w.text, args: got}
		case missing != nil && partial.Command == nil && boundary(rest):
			partial = Parsed[S]{Command: w.command, Words: w.text, Missing: missing, args: got}
		}
	}
	return partial
}

func boundary(rest string) bool {
	r, _ := utf8.DecodeRuneInString(rest)
	return rest == "" || isGap(r) || r == '#' || r == '+' || r < utf8.RuneSelf && !unicode.IsSpace(r)
}

// parts reports whether rest may follow the words without a space between them: a code or a number always, text only after
// words of three or more characters, and never as a question.
func parts(words, rest string, declared []Arg) bool {
	if boundary(rest) {
		return true
	}
	for _, a := range declared {
		switch a.Kind {
		case CodeArg:
			if _, _, ok := readCode(rest, a); ok {
				return true
			}
			if !a.Optional {
				return false
			}
		case CountArg:
			if _, _, ok := readCount(rest); ok {
				return true
			}
		case TextArg:
			end := strings.TrimRight(rest, " ?？。")
			return utf8.RuneCountInString(words) >= 3 && end == rest && !strings.HasSuffix(end, "吗") && !strings.HasSuffix(end, "么")
		}
	}
	return false
}

// Near finds the command that a mistyped line most likely means, and the line as it should read: 抱名 H1 gives 报名 H1.
// coded reports that a code follows, so that hardly anything but a command can have been meant.
func (r *Registry[S]) Near(line string, role Role) (wrong, right string, coded bool) {
	if utf8.RuneCountInString(line) > 40 {
		return "", "", false
	}
	end := strings.IndexFunc(line, func(c rune) bool { return !unicode.Is(unicode.Han, c) })
	if end < 0 {
		end = len(line)
	}
	token, rest := line[:end], line[end:]
	length := utf8.RuneCountInString(token)
	if length < 2 || length > 6 {
		return "", "", false
	}
	for _, c := range r.commands {
		if c.Hidden || role < c.Need {
			continue
		}
		for i, text := range append([]string{c.Path}, c.Aliases...) {
			n := utf8.RuneCountInString(text)
			if i > 0 && n == 2 { // two characters of an everyday synonym are near to everything
				continue
			}
			if n < 2 || n != length || distance(token, text) != 1 {
				continue
			}
			if got, missing, ok := readArgs(rest, c.Args); ok && (missing == nil || rest == "") {
				return token, text + rest, len(got.codes) > 0
			}
		}
	}
	return "", "", false
}

// distance counts the places in which two strings of the same number of runes differ, or 1 for two swapped neighbours.
func distance(a, b string) (n int) {
	x, y := []rune(a), []rune(b)
	var at []int
	for i := range x {
		if x[i] != y[i] {
			at = append(at, i)
		}
	}
	if len(at) == 2 && at[1] == at[0]+1 && x[at[0]] == y[at[1]] && x[at[1]] == y[at[0]] {
		return 1
	}
	return len(at)
}
