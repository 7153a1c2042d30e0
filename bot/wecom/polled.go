package wecom

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"strconv"
	"strings"
	"sync"
	"time"

	"lianbang/bot/memory"
)

const (
	askTime     = 6 * time.Second  // without a question, after which nobody asks any more; how often the platform asks is not documented
	strangeTime = 30 * time.Second // that a stream of another process stays open
	polledTime  = 7 * time.Minute  // that a stream is remembered; the platform asks for 6 min (101031)
)

// sayUnsure ends a stream of which nothing is known any more.
const sayUnsure = "这条还没有结果，过一会儿没收到的话，请再发一次。"

// polled is an answer in callback mode that takes longer than a callback may: the callback is answered by the beginning of a
// stream, and the platform asks for its state until it is finished (101031).
type polled struct {
	id    string
	quit  func() bool     // lets nobody answer any more; false = somebody is answering
	words chan streamBody // the answer, until the platform has fetched it; holds one
	taken chan struct{}   // closed when it has

	mu    sync.Mutex
	asked time.Time // when the platform asked last
	limit time.Time // after which it is finished without the answer
	end   string    // what finished it, "" while it is open
}

// newPolled is a stream that begins now. quit lets nobody answer it any more, and reports false when somebody is answering.
func newPolled(quit func() bool) *polled {
	now := time.Now()
	return &polled{id: newPolledID(now), quit: quit, words: make(chan streamBody, 1), taken: make(chan struct{}), asked: now, limit: now.Add(safeTime)}
}

// answer is that of [answerer]: it waits until the platform has fetched the answer. The error is errCallGone when it asks no
// more; then nobody has seen the answer.
func (p *polled) answer(ctx context.Context, body any) error {
	reply, ok := body.(streamBody)
	if !ok {
		p.finish(sayBelow)
		return errCallGone
	}
	reply.Stream.ID = p.id
	p.words <- reply
	for quiet := p.quiet(); quiet > 0 && ctx.Err() == nil; quiet = p.quiet() {
		select {
		case <-p.taken:
			return nil
		case <-ctx.Done():
		case <-time.After(quiet):
		}
	}
	select {
	case <-p.words: // taken back
		p.finish(sayLater)
		return errCallGone
	case <-p.taken:
		return nil
	}
}

// free is that of [answerer]: the answer is a message of its own.
func (p *polled) free() { p.finish(sayBelow) }

// quiet is how long nobody need ask before it is sure that nobody does.
func (p *polled) quiet() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return askTime - time.Since(p.asked)
}

// handled says what became of the event: after a failure there is no answer, otherwise it must come soon.
func (p *polled) handled(err error) {
	if err == nil {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.limit = earlier(p.limit, time.Now().Add(graceTime))
		return
	}
	if p.quit() {
		p.finish(sayFailed)
	}
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// finish ends the stream with visible text; only the first does.
func (p *polled) finish(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.end == "" {
		p.end = text
	}
}

// tell answers the platform's question with the state of the stream. An answer that could not be written waits for the next
// question: the same once more changes nothing.
func (p *polled) tell(write func(body any) error) error {
	p.mu.Lock()
	p.asked = time.Now()
	late := p.end == "" && p.asked.After(p.limit)
	p.mu.Unlock()
	if late && p.quit() {
		p.finish(sayLater)
	}
	select {
	case reply := <-p.words:
		if err := write(reply); err != nil {
			p.words <- reply
			return err
		}
		p.finish(reply.Stream.Content)
		close(p.taken)
		return nil
	default:
	}
	p.mu.Lock()
	state := streamOf(p.id, p.end, true)
	p.mu.Unlock()
	if state.Stream.Content == "" {
		state = streamOf(p.id, sayWorking, false)
	}
	return write(state)
}

// polls are the streams that the platform asks for. They are safe for concurrent use.
type polls struct {
	mu   sync.Mutex
	open map[string]*polled
}

func newPolls() *polls { return &polls{open: map[string]*polled{}} }

func (ps *polls) keep(p *polled) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	memory.Trim(ps.open, maxCalls, func(p *polled) bool { return time.Since(openedAt(p.id)) > polledTime })
	ps.open[p.id] = p
}

func (ps *polls) find(id string) *polled {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	return ps.open[id]
}

// begin answers a callback by the beginning of a stream. pending says that the sink still has the event; should it fail, it
// is offered again, because the platform will not repeat what was answered. begin reports false when somebody is answering
// the callback.
func (d *door) begin(c caller, pending bool) bool {
	p := newPolled(func() bool { return d.calls.drop(c.id) })
	k := call{kind: callStream, user: c.user, until: d.conf.Now().Add(polledTime)}
	if !d.calls.become(c.id, k, answerer{p.answer, p.free}) {
		return false
	}
	d.polls.keep(p)
	d.conf.Count("slow_callback")
	go func() {
		var err error
		if pending {
			err = <-c.handled
		}
		if err != nil {
			err = d.again(d.over, c.event)
		}
		p.handled(err)
	}()
	if err := d.passive(c.visit, streamOf(p.id, sayWorking, false)); err != nil {
		d.conf.Logger.Debug("stream not begun; nobody will ask for it", "event", c.event.ID, "err", err)
	}
	return true
}

// refresh answers the question for the state of a stream.
func (d *door) refresh(v visit, id string) {
	write := func(body any) error { return d.passive(v, body) }
	p, err := d.polls.find(id), error(nil)
	if p == nil {
		d.conf.Count("strange_stream")
		err = write(strange(id, time.Now()))
	} else {
		err = p.tell(write)
	}
	if err != nil {
		d.conf.Logger.Debug("state of a stream not told", "err", err)
	}
}

// strange is the state of a stream that this process does not know: it was opened by another one, which will be asked in its
// turn, or is gone. The answer comes by the response_url in any case.
func strange(id string, now time.Time) streamBody {
	if now.Sub(openedAt(id)) < strangeTime {
		return streamOf(id, sayWorking, false)
	}
	return streamOf(id, sayUnsure, true)
}

// newPolledID names a stream so that any process knows when it began.
func newPolledID(now time.Time) string {
	var random [8]byte
	_, _ = rand.Read(random[:]) // never fails
	return "s" + strconv.FormatInt(now.Unix(), 36) + "-" + hex.EncodeToString(random[:])
}

// openedAt is when a stream was opened; zero when its name does not tell.
func openedAt(id string) time.Time {
	stamp, _, _ := strings.Cut(strings.TrimPrefix(id, "s"), "-")
	at, err := strconv.ParseInt(stamp, 36, 64)
	if err != nil {
		return time.Time{}
	}
	return time.Unix(at, 0)
}
