package webchat

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"lianbang/bot"
)

// speech is what a person says, taps or submits.
type speech struct {
	kind    string
	who     string
	room    string
	id      string
	text    string // what is said, or the command
	label   string // of what was tapped
	message string // on which it was tapped
	form    map[string]string

	enclosed []Enclosed
	files    []File // the same, found
}

// flight is a speech that the Sink has. Whoever says the same id meanwhile waits for the same end.
type flight struct {
	done chan struct{}
	err  error
}

var (
	errStopping = errors.New("webchat: stopping")
	validID     = regexp.MustCompile(`^[A-Za-z0-9_.:/-]{1,100}$`)
)

// Say speaks as a person, like the page does. An empty room or Private is the private chat with the bot. It waits until Run
// has begun. Files were kept by Enclose. A nil error means that the Sink handled it; after any other error except a bot.Refusal it may be said again
// under the same id.
func (a *Adapter) Say(ctx context.Context, who, room, id, text string, files ...Enclosed) error {
	if !a.enter() {
		return errStopping
	}
	defer a.busy.Done()
	who, err := CleanName(who, a.conf.BotName)
	if err != nil {
		return err
	}
	return a.speak(ctx, speech{kind: kindSay, who: who, room: room, id: id, text: text, enclosed: files})
}

// speak checks a speech and takes it to the Sink, once at a time for an id. s.who is clean.
func (a *Adapter) speak(ctx context.Context, s speech) (err error) {
	if s.room, err = a.cleanRoom(s.room, s.who); err != nil {
		return err
	}
	if s.files, err = a.files.find(s.enclosed); err != nil {
		return err
	}
	if err = s.check(); err != nil {
		return err
	}
	select {
	case <-a.ready:
	case <-a.stop:
		return errStopping
	case <-ctx.Done():
		return fmt.Errorf("wait for the adapter to run: %w", ctx.Err())
	}
	a.mu.Lock()
	f := a.flights[s.id]
	first := f == nil
	if first {
		f = &flight{done: make(chan struct{})}
		a.flights[s.id] = f
	}
	sink := a.sink
	a.mu.Unlock()
	if first {
		f.err = a.deliver(s, sink)
		a.mu.Lock()
		delete(a.flights, s.id)
		a.mu.Unlock()
		close(f.done)
	}
	select {
	case <-f.done:
		return f.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *speech) check() error {
	size := len(s.text)
	for k, v := range s.form {
		size += len(k) + len(v)
	}
	switch {
	case !validID.MatchString(s.id):
		return refusal("这条消息没有有效的编号，请刷新页面再发。")
	case !utf8.ValidString(s.text):
		return refusal("这条消息的文字编码不对，没有发出去，请重新输入。")
	case size > MaxText:
		return refusal(fmt.Sprintf("这条太长了(%d KB)，一次最多 64 KB，请分几条发。", (size+1023)>>10))
	}
	if s.text = bot.Clean(s.text); s.text == "" && len(s.files) == 0 {
		return refusal("没有看到文字，请写一句再发。")
	}
	s.label, _ = oneLine(s.label, maxTitle)
	return nil
}

// deliver shows the speech, calls the Sink and shows how it ended.
func (a *Adapter) deliver(s speech, sink bot.Sink) (err error) {
	now := a.conf.Now()
	shown := s.text
	if s.kind == kindClick && s.label != "" {
		shown = s.label
	}
	done, err := a.hub.begin(Message{ID: s.id, Room: s.room, From: s.who, At: now, Kind: s.kind, Text: shown, Files: s.files})
	if done || err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(a.life, sinkTime)
	defer cancel()
	if err = sink(ctx, a.event(s)); err != nil {
		a.conf.Logger.Warn("message not handled", "chat", s.room, "event", s.id, "err", err)
		a.hub.finish(s.room, s.id, Failed)
		return fmt.Errorf("hand over message: %w", err)
	}
	a.hub.finish(s.room, s.id, Confirmed)
	return nil
}

func (a *Adapter) event(s speech) bot.Event {
	e := bot.Event{
		ID: bot.EventID(s.id), Kind: bot.Said, At: a.conf.Now(), Name: s.who, Text: s.text, Form: s.form,
		From:   bot.Address{Platform: Platform, Account: a.conf.Account, Chat: bot.ChatKey(s.room), User: bot.UserKey(s.who)},
		Direct: directOwner(s.room) != "",
	}
	if s.kind != kindSay {
		e.Kind, e.Addressed, e.Ref.Token = bot.Clicked, true, s.message
		return e
	}
	text, mentioned := cutMention(s.text, a.conf.BotName)
	e.Text, e.Addressed = text, mentioned || e.Direct
	for _, f := range s.files {
		e.Files = append(e.Files, bot.FileRef{Key: f.Key, Name: f.Name, Kind: f.Kind, Size: int64(f.Size)})
	}
	return e
}

// cutMention takes @name out of a text. A text that is nothing else stays empty.
func cutMention(text, name string) (string, bool) {
	found := false
	for _, at := range [...]string{"@", "＠"} {
		for {
			i := strings.Index(text, at+name)
			if i < 0 {
				break
			}
			found = true
			left, right := strings.TrimRight(text[:i], " \u2005"), strings.TrimLeft(text[i+len(at+name):], " \u2005，,：:")
			if left != "" && right != "" && !strings.HasSuffix(left, "\n") {
				left += " "
			}
			text = left + right
		}
	}
	return strings.TrimSpace(text), found
}
