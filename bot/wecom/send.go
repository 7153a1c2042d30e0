package wecom

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"

	"lianbang/bot"
	"lianbang/bot/memory"
)

// Send implements bot.Adapter. It takes the first way that is open now, and another only after one that certainly delivered
// nothing. What was sent and not acknowledged is reported with the code "unknown_outcome" and never sent again from here.
func (a *Adapter) Send(ctx context.Context, d bot.Delivery) (bot.Receipt, error) {
	got, err := a.send(ctx, d)
	if err == nil {
		return got, nil
	}
	v := verdict(err, d.Attempt)
	if m, _ := meaningOf(codeOf(err)); m.unmet && d.To.Chat == "" && d.To.User != "" {
		v.Gone = true
	}
	a.conf.Count("send_" + v.Verdict.String())
	return bot.Receipt{}, a.soften(v, err)
}

func (a *Adapter) send(ctx context.Context, d bot.Delivery) (bot.Receipt, error) {
	switch {
	case d.Body.Entry != nil:
		return a.putEntry(ctx, d)
	case d.To.Chat == "" && d.To.User == "":
		return bot.Receipt{}, refused("address", "no chat and no user")
	case d.Body.Empty():
		return bot.Receipt{}, refused("empty", "nothing to say")
	}
	encrypted := func(u bot.UserKey) bool { return looksEncrypted(string(u)) } // would ring for nobody
	d.Body.Mention = slices.DeleteFunc(slices.Clone(d.Body.Mention), encrypted)
	s := &sending{Adapter: a, d: d, ref: parseRef(d.Ref, a.conf.Now())}
	r, done, err := s.answerClick(ctx)
	if done || err != nil {
		return bot.Receipt{At: a.conf.Now()}, err
	}
	if k, waits := a.calls.look(s.ref.id); waits && k.kind == callClick {
		a.calls.free(s.ref.id) // nothing takes the place of the card any more
	}
	if err := s.along(ctx, r); err != nil {
		return bot.Receipt{}, err
	}
	a.calls.free(s.ref.id) // it was said otherwise
	return bot.Receipt{At: a.conf.Now()}, nil
}

func refused(code, why string) *bot.SendError {
	return &bot.SendError{Verdict: bot.Refused, Code: code, Err: errors.New(why)}
}

// soften keeps a fault of the app's credentials from pausing an account whose AI bot works: only the lane waits.
func (a *Adapter) soften(v *bot.SendError, err error) *bot.SendError {
	if v.Verdict != bot.Misconfigured || a.conf.Bot == nil || codeOf(err) == codeBadBot {
		return v
	}
	a.conf.Count("app_misconfigured")
	a.conf.Logger.Error("the app cannot send until somebody mends it", "code", v.Code, "err", v.Err)
	return &bot.SendError{Verdict: bot.Throttled, After: mendTime, Code: v.Code, Err: v.Err}
}

// sending is one attempt to send one delivery.
type sending struct {
	*Adapter
	d   bot.Delivery
	ref ref
}

// message is one message before it is addressed.
type message struct {
	kind string // msgtype
	body any    // the member of that name
	text string // of words: their markdown or text
}

// fields is the message as a request, with what else belongs there.
func (m message) fields(more map[string]any) map[string]any {
	out := map[string]any{"msgtype": m.kind, m.kind: m.body}
	for k, v := range more {
		out[k] = v
	}
	return out
}

func cardMessage(c card) message { return message{kind: "template_card", body: c} }

// wordsIn is one piece of a reply. ids are rung for, where the dialect has a list for that.
func wordsIn(d dialect, text string, ids []string) message {
	body := map[string]any{"content": text}
	if (d == hookText || d == chatText) && len(ids) > 0 {
		body["mentioned_list"] = ids
	}
	return message{kind: d.kind(), body: body, text: text}
}

// way is one channel to one place.
type way struct {
	name   string
	words  func(r bot.Reply) dialect
	cards  bool   // what is tapped on a card is heard
	deaf   bool   // what is said there is not heard
	task   string // of the card
	single bool   // takes one message and no more
	// post sends one message. part names it within the delivery.
	post func(ctx context.Context, m message, part string) error
	// upload brings a file to where post can send it from; nil = no files. It fails with errUnfit when there is no such way.
	upload func(ctx context.Context, f *bot.Attachment) (message, error)
}

// in is a way's words function where all words are in one dialect.
func in(d dialect) func(bot.Reply) dialect { return func(bot.Reply) dialect { return d } }

// errTooLong is what does not fit the one message that a way takes.
var errTooLong = errors.New("too long for the one message that may be sent this way")

// along tries the ways in their order. When all are closed, the error is that of the most hopeful.
func (s *sending) along(ctx context.Context, r bot.Reply) error {
	var worst error
	for _, w := range s.ways() {
		err := s.by(ctx, w, r)
		if err == nil {
			s.progress.forget(s.d.Key)
			return nil
		}
		if !isClosed(err) && !errors.Is(err, errTooLong) {
			return err
		}
		s.conf.Count("way_closed")
		s.conf.Logger.Debug("this way is closed", "way", w.name, "delivery", s.d.ID, "err", err)
		if worst == nil || hope(err) >= hope(worst) {
			worst = err
		}
	}
	switch {
	case worst == nil:
		return refused("no_way", "no channel of this account reaches this place now")
	case errors.Is(worst, errTooLong):
		return refused("too_long", worst.Error())
	case errors.Is(worst, errCallGone):
		return refused("ref_gone", "nobody waits for the answer any more, and no other channel reaches this place")
	}
	return worst
}

// hope orders errors of closed ways: what may come right by itself, what somebody can mend, a chat that is gone, the rest.
func hope(err error) int {
	v := verdict(err, 1)
	switch {
	case errors.Is(err, errTooLong), errors.Is(err, errCallGone):
		return 0
	case v.Verdict == bot.Retry, v.Verdict == bot.Throttled:
		return 4
	case v.Verdict == bot.Misconfigured:
		return 3
	case v.Gone:
		return 2
	}
	return 1
}

// by sends the whole reply one way: as a card or in words, then the file. A part that went out in an earlier attempt is not
// sent again.
func (s *sending) by(ctx context.Context, w way, r bot.Reply) error {
	file := r.File
	r.File = nil
	if file != nil && (w.upload == nil || w.single) {
		r.Text, file = strings.TrimSpace(r.Text+"\n"+unsendable(file)), nil
	}
	post := func(part string, m message) error {
		if s.progress.has(s.d.Key, w.name, part) {
			return nil
		}
		if err := w.post(ctx, m, part); err != nil {
			return outcome(err)
		}
		s.progress.keep(s.d.Key, w.name, part)
		return nil
	}
	if !r.Empty() {
		if err := s.say(w, r, "", post); err != nil || file == nil {
			return err
		}
	}
	return s.attach(ctx, w, file, post)
}

// poster sends one part of a delivery, unless that went out before.
type poster func(part string, m message) error

// say sends a card, or words when there is none or the platform would not show it. prefix tells its parts from others.
func (s *sending) say(w way, r bot.Reply, prefix string, post poster) error {
	name := s.toCall()
	if w.deaf {
		name, r = "", elsewhere(r, s.botName())
	}
	r = called(r, name)
	d := w.words(r)
	if c, ok := templateCard(r, cardDialect(d), about(w.task, r.Topic)); ok && w.cards && !s.progress.has(s.d.Key, w.name, prefix+"0") {
		err := post(prefix+"card", cardMessage(c))
		if !wordsHelp(err) {
			return err
		}
		s.conf.Count("card_refused")
		s.conf.Logger.Warn("card refused; it goes out in words", "delivery", s.d.ID, "way", w.name, "err", err)
	}
	pieces := markdown(calledOut(r, name), d)
	if w.single && len(pieces) > 1 {
		return errTooLong
	}
	ids := mentioned(r)
	for i, piece := range pieces {
		if err := post(prefix+strconv.Itoa(i), wordsIn(d, piece, ids)); err != nil {
			return err
		}
		ids = nil
	}
	return nil
}

// toCall is the name by which the AI bot wants to be mentioned at this place, "" where it need not be.
func (s *sending) toCall() string {
	if s.d.To.Chat == "" || !s.hearsGroup() {
		return ""
	}
	return s.botName()
}

// hearsGroup reports whether the AI bot is in the group.
func (s *sending) hearsGroup() bool { return s.conf.Bot != nil && !ownName(s.d.To.Chat) }

// botName is the AI bot's name, "" without one.
func (a *Adapter) botName() string {
	if a.conf.Bot == nil {
		return ""
	}
	return a.conf.Bot.Name
}

// cardDialect is the dialect by which cards of a channel are measured.
func cardDialect(d dialect) dialect {
	switch d {
	case botText:
		return botMarkdown
	case appText:
		return appMarkdown
	}
	return d
}

// attach sends a file or an image, or says its name where the platform will not have it.
func (s *sending) attach(ctx context.Context, w way, file *bot.Attachment, post poster) error {
	m, err := w.upload(ctx, file)
	if err == nil {
		err = post("file", m)
	}
	if !errors.Is(err, errUnfit) && !wordsHelp(err) {
		return err
	}
	s.conf.Count("file_refused")
	s.conf.Logger.Warn("file refused; its name goes out in words", "delivery", s.d.ID, "way", w.name, "bytes", len(file.Data), "err", err)
	return s.say(w, bot.Say(unsendable(file)), "name/", post)
}

func unsendable(file *bot.Attachment) string {
	return "[文件] " + file.FileName() + "(没能发到企业微信)"
}

// maxProgress bounds the deliveries of which a part went out.
const maxProgress = 1000

// progress remembers which parts of a delivery went out by which way, for its next attempt in this process; another process
// sends all of them. It is safe for concurrent use.
type progress struct {
	mu   sync.Mutex
	part map[string]partial // by delivery key
}

type partial struct {
	way  string
	done map[string]bool
}

func newProgress() *progress { return &progress{part: map[string]partial{}} }

func (p *progress) has(key, way, part string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	at := p.part[key]
	return at.way == way && at.done[part]
}

func (p *progress) keep(key, way, part string) {
	if key == "" {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	at := p.part[key]
	if at.way != way {
		at = partial{way, map[string]bool{}}
		memory.Trim(p.part, maxProgress, func(partial) bool { return false })
		p.part[key] = at
	}
	at.done[part] = true
}

func (p *progress) forget(key string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.part, key)
}
