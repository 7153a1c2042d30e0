package feishu

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"lianbang/bot"
	"lianbang/bot/rest"
)

const (
	// clickTime is how long after its receipt a click's callback is held open. The client gives up after 3 s
	// (card-callback-communication).
	clickTime = 2500 * time.Millisecond
	writeTime = 300 * time.Millisecond // that writing an answer into the callback may take
	maxClicks = 1024                   // callbacks that are held open at once
	maxToast  = 120                    // runes; a longer text deserves a message of its own
)

// clickToken begins the ReplyRef.Token of clicks.
const clickToken = "c:"

// noAnswer is the answer to a callback that changes nothing and shows nothing.
var noAnswer = json.RawMessage("{}")

// clicks are the callbacks that wait for their answer. It is safe for concurrent use.
type clicks struct {
	render func(bot.Reply) (card []byte, ok bool)

	mu      sync.Mutex
	waiting map[string]*click
}

// newClicks makes an empty set. render turns a reply into the card that replaces the one that was clicked.
func newClicks(render func(bot.Reply) (card []byte, ok bool)) *clicks {
	return &clicks{render: render, waiting: map[string]*click{}}
}

// click is one callback that is held open.
type click struct {
	token   string
	user    bot.UserKey
	answer  chan json.RawMessage // given once, by who removed the click from the set
	written chan bool            // given once, when answer was written
}

// begin makes a click wait for its answer. It is nil when too many wait already: such a click gets no answer in place.
func (c *clicks) begin(user bot.UserKey) *click {
	w := &click{token: clickToken + rand.Text(), user: user, answer: make(chan json.RawMessage, 1), written: make(chan bool, 1)}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.waiting) >= maxClicks {
		return nil
	}
	c.waiting[w.token] = w
	return w
}

// take removes the click of token, nil when nobody waits for it any more.
func (c *clicks) take(token string) *click {
	if !strings.HasPrefix(token, clickToken) {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	w := c.waiting[token]
	delete(c.waiting, token)
	return w
}

// wait is the answer to a click: what answer gives, or an empty one when ctx ends first. Who calls it must report what
// became of the answer to w.written.
func (c *clicks) wait(ctx context.Context, w *click) json.RawMessage {
	select {
	case a := <-w.answer:
		return a
	case <-ctx.Done():
	}
	if c.take(w.token) == nil {
		return <-w.answer // it was taken in this moment
	}
	return noAnswer
}

// answer offers the reply to the click of token, and reports whether the callback has carried it to the clicker. When it has
// not, the callback was released all the same and the reply is still to be sent. direct says that the reply goes to a
// one-to-one chat: there a text is a message, which stays readable. A callback carries the card of an InPlace reply instead of
// the clicked one, and in groups its text as toast, or a short text alone that notifies nobody else.
func (c *clicks) answer(token string, r bot.Reply, direct bool) (taken bool) {
	w := c.take(token)
	if w == nil {
		return false
	}
	body, whole := c.compose(w.user, r, direct)
	w.answer <- body
	if !whole {
		return false
	}
	patience := time.NewTimer(writeTime)
	defer patience.Stop()
	select {
	case ok := <-w.written:
		return ok
	case <-patience.C:
		return false
	}
}

// callbackAnswer is what a callback may be answered with (card-callback-communication).
type callbackAnswer struct {
	Toast *toast      `json:"toast,omitempty"`
	Card  *cardAnswer `json:"card,omitempty"`
}

type toast struct {
	Type    string `json:"type"` // info, success, error or warning
	Content string `json:"content"`
}

type cardAnswer struct {
	Type string          `json:"type"` // raw
	Data json.RawMessage `json:"data"`
}

// compose is the answer to a click of user, and whether all of r is in it. A card that is the new state of the clicked one
// replaces it even where the text does not fit.
func (c *clicks) compose(user bot.UserKey, r bot.Reply, direct bool) (body json.RawMessage, whole bool) {
	var a callbackAnswer
	if r.InPlace && r.Card != nil {
		alone := r
		alone.Text, alone.Mention, alone.File = "", nil, nil
		data, ok := c.render(alone)
		if !ok {
			return noAnswer, false
		}
		a.Card = &cardAnswer{Type: "raw", Data: data}
	}
	whole = !direct && fitsToast(user, r) && (r.InPlace || r.Card == nil) || direct && r.InPlace && r.Text == "" && r.File == nil
	if whole && r.Text != "" {
		a.Toast = &toast{Type: toastType(r), Content: r.Text}
	}
	body, err := rest.Encode(a)
	if err != nil {
		return noAnswer, false // the card is no JSON
	}
	return body, whole
}

// fitsToast reports whether the text of r can be shown in passing, and everything else of r elsewhere than in a message.
func fitsToast(user bot.UserKey, r bot.Reply) bool {
	for _, who := range r.Mention {
		if who != user {
			return false
		}
	}
	return r.File == nil && utf8.RuneCountInString(r.Text) <= maxToast
}

// toastType is success where the click has changed its card. Of a text alone it is not known whether it says yes or no.
func toastType(r bot.Reply) string {
	switch {
	case r.Card == nil:
		return "info"
	case r.Card.Tone == bot.Danger, r.Card.Tone == bot.Late:
		return "warning"
	default:
		return "success"
	}
}
