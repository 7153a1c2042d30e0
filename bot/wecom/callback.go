package wecom

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"time"

	"lianbang/bot"
	"lianbang/bot/wecom/wire"
)

const (
	maxBody      = 1 << 20                 // bytes of a callback
	bodyTime     = 5 * time.Second         // that reading it may take
	callbackTime = 4500 * time.Millisecond // of 5 s, after which the platform closes and tries again, three times in all (90238)
	maxRecent    = 5000                    // events of which a second attempt is answered at once, without asking the sink
	maxOpen      = 500                     // genuine callbacks that are handled at a time
)

// mountCallbacks serves the callbacks of the AI bot, in callback mode, and of the self-built app, where they have a path.
func (a *Adapter) mountCallbacks(mux *http.ServeMux, sink bot.Sink) error {
	if b := a.conf.Bot; b != nil && b.Mode == ModeCallback {
		// An AI bot of one's own company has no receiver (101033).
		if err := a.mount(mux, sink, b.Path, b.Token, b.AESKey, "", (*door).bot); err != nil {
			return fmt.Errorf("callback of the AI bot: %w", err)
		}
	}
	if p := a.conf.App; p.hears() {
		if err := a.mount(mux, sink, p.Path, p.Token, p.AESKey, p.CorpID, (*door).app); err != nil {
			return fmt.Errorf("callback of the app: %w", err)
		}
	}
	return nil
}

func (a *Adapter) mount(mux *http.ServeMux, sink bot.Sink, path, token, aesKey, receiver string, post func(*door, visit)) error {
	crypt, err := wire.NewCrypt(token, aesKey, receiver)
	if err != nil {
		return err
	}
	d := &door{Adapter: a, crypt: crypt, sink: sink, recent: newRecent(maxRecent), open: make(chan struct{}, maxOpen)}
	mux.HandleFunc("GET "+path, d.verify)
	mux.HandleFunc("POST "+path, func(w http.ResponseWriter, r *http.Request) { d.receive(w, r, post) })
	return nil
}

// door is one callback address. An answer other than 200 makes the platform try again.
type door struct {
	*Adapter
	crypt  *wire.Crypt
	sink   bot.Sink
	recent *recent
	open   chan struct{}
	kept   atomic.Int64 // events that are offered again and again
}

// visit is one callback that was found genuine.
type visit struct {
	w     http.ResponseWriter
	r     *http.Request
	query wire.Query
	at    time.Time // when it came
	body  []byte    // decrypted
}

// verify proves to the platform that the address is ours: the decrypted echostr as it is, within a second (90238).
func (d *door) verify(w http.ResponseWriter, r *http.Request) {
	plain, err := d.crypt.OpenEcho(wire.ParseQuery(r.URL.Query()))
	if err != nil {
		d.forged(w, err)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write(plain) // the platform tries again when it got nothing
}

// forged refuses what is not from the platform, without saying why.
func (d *door) forged(w http.ResponseWriter, err error) {
	d.conf.Count("forged")
	d.conf.Logger.Debug("callback refused", "err", err)
	http.Error(w, "forbidden", http.StatusForbidden)
}

// receive checks and decrypts a callback and hands it to post. Only what is genuine takes one of the places: strangers cannot
// fill them.
func (d *door) receive(w http.ResponseWriter, r *http.Request, post func(*door, visit)) {
	v := visit{w: w, r: r, query: wire.ParseQuery(r.URL.Query()), at: d.conf.Now()}
	body, err := readBody(w, r)
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		d.conf.Count("oversize")
		http.Error(w, "too large", http.StatusRequestEntityTooLarge)
		return
	case err != nil:
		http.Error(w, "not read", http.StatusBadRequest)
		return
	}
	envelope, err := parseEnvelope(body)
	if err != nil {
		d.malformed(w)
		return
	}
	if v.body, err = d.crypt.Open(v.query, envelope.Encrypt); err != nil {
		d.forged(w, err)
		return
	}
	select {
	case d.open <- struct{}{}:
		defer func() { <-d.open }()
		post(d, v)
	default:
		d.conf.Count("overflow")
		http.Error(w, "busy", http.StatusServiceUnavailable)
	}
}

// readBody reads a body of bounded size in bounded time. Afterwards the connection has no deadline, which would end a
// callback that is held.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	deadline := http.NewResponseController(w).SetReadDeadline
	if err := deadline(time.Now().Add(bodyTime)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return nil, fmt.Errorf("bound the reading of a callback: %w", err)
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return nil, fmt.Errorf("read a callback: %w", err)
	}
	if err := deadline(time.Time{}); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return nil, fmt.Errorf("unbind a callback: %w", err)
	}
	return body, nil
}

// parseEnvelope reads either dialect: the AI bot's JSON or the app's XML.
func parseEnvelope(body []byte) (wire.Envelope, error) {
	if bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("{")) {
		return wire.ParseEnvelopeJSON(body)
	}
	return wire.ParseEnvelopeXML(body)
}

func (d *door) malformed(w http.ResponseWriter) {
	d.conf.Count(skipMalformed)
	http.Error(w, "malformed", http.StatusBadRequest)
}

// bot handles a message or event of the AI bot: it waits a little for an answer that can go back in the callback. The
// platform's question for the state of a stream is answered at once.
func (d *door) bot(v visit) {
	var m wire.Message
	if err := wire.Unmarshal(v.body, &m); err != nil {
		d.malformed(v.w)
		return
	}
	if m.Type == "stream" && m.Stream != nil {
		d.refresh(v, m.Stream.ID)
		return
	}
	e, skip := d.in.message(m, v.at)
	if skip != "" {
		d.in.skipped(skip, m)
		return // an empty 200: nothing to say
	}
	if d.recent.has(e.ID) {
		return
	}
	c := caller{visit: v, wait: newHeld(), event: e, call: callOf(e, m, v.at)}
	defer close(c.wait.gone)
	c.id = d.calls.add(c.call, answerer{c.wait.answer, func() { close(c.wait.free) }})
	c.event.Ref = botRef(c.id, m.ResponseURL).pack(v.at)
	c.handled = d.offer(c.event)
	if c.id == "" {
		d.acknowledge(c)
		return
	}
	d.hold(c)
}

// callOf is what waits while a callback does.
func callOf(e bot.Event, m wire.Message, at time.Time) call {
	k := call{kind: callMessage, user: e.From.User, until: at.Add(callTime), held: true}
	switch e.Kind {
	case bot.Entered:
		k.kind = callEnter
	case bot.Clicked:
		k.kind, k.task = callClick, m.Event.Tapped().TaskID
	}
	return k
}

// botRef is how a callback is answered: in the callback itself while it waits, then once by its response_url.
func botRef(id, url string) ref {
	switch {
	case id != "":
		return ref{kind: refCall, id: id, url: url}
	case url != "":
		return ref{kind: refURL, url: url}
	}
	return ref{}
}

// offer gives an event of the AI bot to the sink, and tells what became of it. A tap is offered again where that fails: the
// platform sends it once (101027).
func (d *door) offer(e bot.Event) <-chan error {
	handled := make(chan error, 1)
	offer := d.once
	if e.Kind == bot.Clicked {
		offer = d.again
	}
	go func() { handled <- offer(d.over, e) }()
	return handled
}

// once offers an event to the sink.
func (d *door) once(ctx context.Context, e bot.Event) error {
	err := d.in.once(ctx, d.sink, e)
	if err == nil {
		d.recent.add(e.ID)
		return nil
	}
	d.conf.Count("sink_failed")
	d.conf.Logger.Warn("event not handled", "event", e.ID, "err", err)
	return err
}

// again offers an event to the sink until it takes it, for a while; once, when so many others are offered already.
func (d *door) again(ctx context.Context, e bot.Event) error {
	defer d.kept.Add(-1)
	if d.kept.Add(1) > maxQueued {
		d.conf.Count("overflow")
		return d.once(ctx, e)
	}
	err := d.in.deliver(ctx, d.sink, e)
	if err == nil {
		d.recent.add(e.ID)
	}
	return err
}

// app handles a message or event of the self-built app. It is acknowledged with an empty answer; what there is to say goes
// out by itself, because a slow handler is called three times (field report).
func (d *door) app(v visit) {
	m, err := wire.ParseAppMessage(v.body)
	if err != nil {
		d.malformed(v.w)
		return
	}
	e, r, skip := d.in.app(m)
	if skip != "" {
		d.conf.Count(skip)
		d.conf.Logger.Info("nothing to handle", "why", skip, "type", clip(m.Type+" "+m.Event, 60))
		return
	}
	if d.recent.has(e.ID) {
		return
	}
	e.Ref = r.pack(v.at)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(v.r.Context()), callbackTime)
	defer cancel()
	if d.once(ctx, e) != nil {
		later(v.w)
	}
}

// later tells the platform to try again.
func later(w http.ResponseWriter) { http.Error(w, "later", http.StatusInternalServerError) }
