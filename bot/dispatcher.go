package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"
	"unicode/utf8"
)

// StaleAfter is how old a message may be, by the platform's clock, to be acted on. Platforms deliver what they could not
// deliver before for hours (Feishu: 7.1 h), without a mark; a sign-up or a date meant for then may be wrong by now.
const StaleAfter = 30 * time.Minute

// MaxText is the number of runes of a message that the bot still reads.
const MaxText = 4000

// Guess is what a free sentence seems to mean: a command's path, whether to act on it without asking, and the reading
// itself, which the command's handler gets as Call.Reading. The zero Guess means that nothing was understood.
type Guess struct {
	Path    string
	Sure    bool
	Reading any
}

// Dispatcher turns events into effects and replies. It is safe for concurrent use.
type Dispatcher[S Ledger] struct {
	Store    Store[S]
	Registry *Registry[S]
	Voice    Voice[S]
	Guess    func(text string, now time.Time) Guess // reads free sentences; pure
	Mask     func(text string) (string, bool)       // hides what must not even be stored; may be nil
	Caps     func(to Address) Caps                  // of the account that serves an address
	Updates  bool                                   // whether any account has Caps.Updates
	Admit    func(e Event) Admission                // of strangers; nil = Appointed
	Now      func() time.Time                       // in the zone's location
	Log      *slog.Logger
	Observe  func(command, outcome string, took time.Duration) // for metrics; may be nil

	mu     sync.Mutex
	warned map[string]bool // entries of menus that name no command
}

// maxWarned is how many entries of menus are warned of.
const maxWarned = 100

var (
	errSeen    = errors.New("seen before")
	errIgnored = errors.New("not for the bot")
	errUnmet   = errors.New("the answer belongs in private, where the asker is not reached")
)

// Handle is a [Sink].
func (d *Dispatcher[S]) Handle(ctx context.Context, e Event) error {
	began := time.Now()
	t := &turn[S]{Dispatcher: d, event: e, now: d.Now()}
	t.read()
	err := t.store(ctx)
	var refusal Refusal
	outcome := "done"
	switch {
	case err == nil:
	case errors.Is(err, errSeen), errors.Is(err, errIgnored):
		outcome, err = "ignored", nil
	case errors.As(err, &refusal):
		outcome = "refused"
		t.speak = func(S, *Call) (Reply, error) {
			return Reply{Text: refusal.UserMessage(), Private: t.aside}, nil
		}
		err = d.Store.Look(ctx, t.play)
	case errors.Is(err, errUnmet):
		outcome = "unmet"
		t.speak = func(_ S, c *Call) (Reply, error) {
			c.Path = t.path
			return t.Voice.Unreached(c), nil
		}
		err = d.Store.Look(ctx, t.play)
	case errors.Is(err, ErrUnavailable), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		outcome = "unavailable"
		d.Log.Warn("event not stored", "platform", e.From.Platform, "account", e.From.Account, "event", e.ID, "err", err)
	default:
		outcome = "failed"
		err = t.apologise(ctx, err)
	}
	if errors.Is(err, errSeen) {
		err = nil
	}
	if d.Observe != nil {
		d.Observe(t.path, outcome, time.Since(began))
	}
	return err
}

// store plays the turn, beside the writers where it most likely changes nothing.
func (t *turn[S]) store(ctx context.Context) error {
	if t.reads() {
		return t.Store.Look(ctx, t.play)
	}
	return t.Store.Do(ctx, t.play)
}

// reads guesses whether the turn only reads: chatter, what is not understood, and the commands that say so.
func (t *turn[S]) reads() bool {
	if t.event.Kind != Said && t.event.Kind != Clicked {
		return false
	}
	if t.event.Addressed && t.takesFiles() {
		return false
	}
	if p := t.parsed; p.Command != nil {
		return p.Missing != nil || p.Command.Reads
	}
	g := t.Registry.Find(t.guess.Path)
	return g == nil || g.Reads
}

// turn is the handling of one event. play may run more than once.
type turn[S Ledger] struct {
	*Dispatcher[S]
	event   Event
	now     time.Time
	line    string // folded
	parsed  Parsed[S]
	guess   Guess
	reading any                           // of the parsed command's text
	path    string                        // of the command that ran, for metrics
	aside   bool                          // it was given in a group and is answered privately
	masked  bool                          // something was hidden from the text
	waiting *Question                     // goes on waiting after this turn, or comes back
	speak   func(S, *Call) (Reply, error) // instead of a command
}

// read does what needs no transaction.
func (t *turn[S]) read() {
	e := &t.event
	if len(e.Text) > 4*MaxText || utf8.RuneCountInString(e.Text) > MaxText {
		e.Text = ""
		t.speak = func(_ S, c *Call) (Reply, error) { return t.Voice.TooLong(c, MaxText), nil }
		return
	}
	e.Text, e.Quoted, e.Name = Clean(e.Text), clip(Clean(e.Quoted), MaxText), clip(Clean(e.Name), 40)
	for k, v := range e.Form {
		e.Form[k] = clip(Clean(v), MaxText)
	}
	t.mask()
	t.line = Fold(e.Text)
	t.parsed = t.Registry.Parse(t.line)
	t.lend(Fold(e.Quoted))
	complete := t.parsed.Command != nil && t.parsed.Missing == nil
	if complete {
		t.reading = readText(t.parsed, t.now)
	}
	if e.Kind == Said && e.Addressed && !complete && t.Guess != nil {
		t.guess = t.Dispatcher.Guess(e.Text, t.now)
	}
}

// mask hides what must not be stored, before anything is.
func (t *turn[S]) mask() {
	if t.Mask == nil {
		return
	}
	hide := func(text string) string {
		kept, found := t.Mask(text)
		t.masked = t.masked || found
		return kept
	}
	t.event.Text, t.event.Quoted = hide(t.event.Text), hide(t.event.Quoted)
	for k, v := range t.event.Form {
		t.event.Form[k] = hide(v)
	}
}

// readText lets a command read its text.
func readText[S any](p Parsed[S], now time.Time) any {
	if p.text == "" || p.Command.Read == nil {
		return nil
	}
	return p.Command.Read(p.text, now)
}

func clip(s string, runes int) string {
	if len(s) <= runes {
		return s
	}
	n := 0
	for i := range s {
		if n++; n > runes {
			return s[:i]
		}
	}
	return s
}

// play is the whole turn inside one transaction.
func (t *turn[S]) play(s S) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	fresh, err := s.Record(t.event, t.now)
	if err != nil {
		return fmt.Errorf("record event: %w", err)
	}
	if !fresh {
		return errSeen
	}
	admission := Appointed
	if t.Admit != nil {
		admission = t.Admit(t.event)
	}
	asker, q, err := s.Resolve(t.event, admission)
	if err != nil {
		return fmt.Errorf("resolve asker: %w", err)
	}
	c := &Call{Asker: asker, Event: t.event, Admission: admission, Now: t.now, Line: t.line, Text: t.event.Text, Masked: t.masked,
		Caps: t.Caps(t.event.Place()), limits: t.Caps}
	t.waiting = nil
	r, err := t.answer(s, c, q)
	if err != nil {
		return err
	}
	t.unkept(c)
	return t.post(s, c, t.keepWaiting(c, r))
}

func (t *turn[S]) answer(s S, c *Call, q *Question) (Reply, error) {
	if t.speak != nil {
		if !t.event.Addressed && t.event.Kind == Said && t.line == "" {
			return Reply{}, errIgnored
		}
		return t.speak(s, c)
	}
	switch t.event.Kind {
	case Joined:
		return t.Voice.Joined(s, c)
	case Entered:
		return t.Voice.Entered(s, c)
	case Departed:
		return Reply{}, s.Ask(t.event.Place(), c.Person, nil)
	case Recalled:
		return Reply{}, s.Retract(EventID(t.event.Quoted))
	case Left, Renamed:
		return Reply{}, nil
	}
	if !t.event.At.IsZero() && t.now.Sub(t.event.At) > StaleAfter {
		if !t.event.Addressed && t.parsed.Command == nil {
			return Reply{}, errIgnored
		}
		return t.Voice.Late(c), nil
	}
	if q != nil {
		if r, answered, err := t.resume(s, c, *q); answered || err != nil {
			return r, err
		}
	}
	if r, taken, err := t.file(s, c); taken || err != nil {
		return r, err
	}
	if err := t.lendTopic(s, c); err != nil {
		return Reply{}, err
	}
	p := t.parsed
	if p.Command != nil && p.Missing == nil {
		if t.event.Kind == Said && !t.event.Addressed && !p.Plain() {
			return Reply{}, errIgnored
		}
		c.Reading = t.reading
		return t.run(s, c, p)
	}
	if t.event.Kind == Clicked {
		return t.misclicked(c), nil
	}
	wrong, right, coded := t.Registry.Near(t.line, c.Role)
	if !t.event.Addressed && !coded {
		return Reply{}, errIgnored
	}
	if g := t.Registry.Find(t.guess.Path); g != nil && (wrong == "" || t.guess.Sure && !coded) {
		return t.follow(s, c, g)
	}
	c.Reading = t.guess.Reading
	if wrong != "" {
		c.Ask(Question{Options: []Option{{Label: right, Line: right}}})
		return t.Voice.Mistyped(c, wrong, right), nil
	}
	if p.Command != nil {
		return t.incomplete(c), nil
	}
	return t.Voice.Puzzled(s, c)
}

func (t *turn[S]) incomplete(c *Call) Reply {
	p := t.parsed
	c.Path = p.Command.Path
	return t.Voice.Incomplete(c, p.Missing.Name, p.Command.Example)
}

// misclicked answers a tap whose line is no complete command. Buttons carry complete ones when they are made.
func (t *turn[S]) misclicked(c *Call) Reply {
	switch {
	case !t.event.Menu:
		return t.Voice.Stale(c)
	case t.parsed.Command != nil:
		return t.incomplete(c)
	}
	t.warnMenu()
	return t.Voice.Stale(c)
}

// warnMenu tells the operator, once, of an entry that he put into a menu and that names no command.
func (t *turn[S]) warnMenu() {
	key := fmt.Sprint(t.event.From.Platform, "/", t.event.From.Account, " ", t.event.Text)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.warned[key] || len(t.warned) >= maxWarned {
		return
	}
	if t.warned == nil {
		t.warned = map[string]bool{}
	}
	t.warned[key] = true
	t.Log.Warn("an entry of the menu names no command", "platform", t.event.From.Platform, "account", t.event.From.Account,
		"entry", clip(t.event.Text, 100))
}

// follow acts on a free sentence, or asks first.
func (t *turn[S]) follow(s S, c *Call, cmd *Command[S]) (Reply, error) {
	c.Reading = t.guess.Reading
	if t.guess.Sure {
		return t.run(s, c, Parsed[S]{Command: cmd, args: args{text: c.Text}})
	}
	c.Ask(Question{Options: []Option{{Label: cmd.Path, Line: cmd.Path + " " + c.Text}}})
	return t.Voice.Unsure(c, cmd.Path), nil
}

// run checks rank and scope and runs the command.
func (t *turn[S]) run(s S, c *Call, p Parsed[S]) (Reply, error) {
	cmd := p.Command
	c.Path, c.Words, c.Codes, c.Count, c.Given, c.Text = cmd.Path, p.Words, p.codes, p.count, p.given, p.text
	t.path = cmd.Path
	if err := t.answered(s, c); err != nil {
		return Reply{}, err
	}
	if c.Role < cmd.Need {
		return t.Voice.Forbidden(c, cmd.Need, cmd.Summary), nil
	}
	if cmd.Where == GroupOnly && t.event.Direct {
		return t.Voice.InGroup(c), nil
	}
	t.aside = cmd.Where == DirectOnly && !t.event.Direct
	if t.aside && !c.Reachable() {
		return Reply{}, errUnmet
	}
	r, err := cmd.Run(s, c)
	r.Private = r.Private || t.aside
	return r, err
}
