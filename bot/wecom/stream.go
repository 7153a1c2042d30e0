package wecom

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"sync"
	"time"

	"lianbang/bot/wecom/wire"
)

// The rhythm of an answer that takes long (101463 and field reports: a stream without update dies after 4 to 6 min, any
// after 6 to 10).
const (
	slowTime    = 3 * time.Second                // after which the asker is told that he was heard
	refreshTime = 3 * time.Minute                // between two frames of a stream that waits
	safeTime    = 5*time.Minute + 20*time.Second // after which a stream is finished, with or without the answer
	graceTime   = 20 * time.Second               // for the answer, once the event was handled
	streamTime  = 10 * time.Second               // for one frame of a stream, its turn included
)

// What the asker sees meanwhile. A stream must end with visible text, or its spinner stays for ever (field reports).
const (
	sayWorking = "正在处理，请稍等…"
	sayLater   = "已收到，结果好了另发。"
	sayBelow   = "好了，见下一条。"
	sayFailed  = "这条我没处理成，过几分钟请再发一次。"
)

// streamBody is a reply as a stream of which this is all. Sending the same one again is harmless (field report).
type streamBody struct {
	Type   string      `json:"msgtype"`
	Stream wire.Stream `json:"stream"`
}

// streamed is a whole answer in markdown, at most 20480 bytes, as a finished stream. key tells answers apart: the same key
// gives the same stream, so that an answer of unknown outcome may be sent again.
func streamed(key, markdown string) streamBody {
	sum := sha256.Sum256([]byte(key))
	return streamOf("a"+hex.EncodeToString(sum[:12]), markdown, true)
}

func streamOf(id, text string, finish bool) streamBody {
	return streamBody{"stream", wire.Stream{ID: id, Finish: finish, Content: text}}
}

// streams are the callbacks of one connection whose answers may take long. It is safe for concurrent use.
type streams struct {
	socket *socket
	mu     sync.Mutex
	open   map[string]*stream // by req_id
	unsure map[string]string  // req_id → id of a shown stream whose answer had an unknown outcome
}

// stream is the answer to one callback.
type stream struct {
	of      *streams
	reqID   string
	id      string
	shown   bool          // a first frame was sent; guarded by of.mu
	closed  chan struct{} // somebody else answers
	handled chan error    // what became of the event
}

func newStreams(s *socket) *streams {
	return &streams{socket: s, open: map[string]*stream{}, unsure: map[string]string{}}
}

// watch waits for the answer to a callback; when it takes long, the asker is told.
func (ss *streams) watch(reqID string) *stream {
	st := &stream{of: ss, reqID: reqID, id: streamed(reqID, "").Stream.ID, closed: make(chan struct{}), handled: make(chan error, 1)}
	ss.mu.Lock()
	ss.open[reqID] = st
	ss.mu.Unlock()
	ss.socket.spawn(st.run)
	return st
}

// take ends the waiting for reqID, whose turn the caller has: afterwards no frame of ours follows. It gives nil when nobody
// waits, and otherwise whether something was shown.
func (ss *streams) take(reqID string) (st *stream, shown bool) {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	if st = ss.open[reqID]; st == nil {
		return nil, false
	}
	delete(ss.open, reqID)
	close(st.closed)
	return st, st.shown
}

// close makes room for a reply to reqID, whose turn the caller has. Where something was shown, a reply that is a stream
// takes its place, and before any other the stream is finished.
func (ss *streams) close(ctx context.Context, reqID string, body any) any {
	reply, isStream := body.(streamBody)
	st, shown := ss.take(reqID)
	switch {
	case shown && isStream:
		reply.Stream.ID = st.id
		return reply
	case shown:
		if _, err := ss.socket.exchange(ctx, reqID, wire.CmdRespond, streamOf(st.id, sayBelow, true), ackTime); err != nil {
			ss.socket.logger.Warn("stream not finished", "req_id", reqID, "err", err)
		}
	case isStream:
		ss.mu.Lock()
		defer ss.mu.Unlock()
		if id := ss.unsure[reqID]; id != "" {
			reply.Stream.ID = id
			return reply
		}
	}
	return body
}

// settled remembers or forgets which stream the answer to reqID went into.
func (ss *streams) settled(reqID string, body any, err error) {
	reply, isStream := body.(streamBody)
	if !isStream {
		return
	}
	ss.mu.Lock()
	defer ss.mu.Unlock()
	delete(ss.unsure, reqID)
	if errors.Is(err, errUnknownOutcome) || errors.Is(err, errNotConnected) {
		if len(ss.unsure) >= maxOwed {
			clear(ss.unsure)
		}
		ss.unsure[reqID] = reply.Stream.ID
	}
}

// run tells the asker that he was heard, keeps the stream alive and finishes it in time.
func (st *stream) run() {
	slow := time.NewTimer(slowTime)
	defer slow.Stop()
	select {
	case <-st.of.socket.gone:
		return
	case <-st.closed:
		return
	case <-st.handled: // in time: the answer is on its way, or there is none
		st.drop()
		return
	case <-slow.C:
	}
	if !st.say(sayWorking, false) {
		return
	}
	refresh, limit := time.NewTicker(refreshTime), time.NewTimer(safeTime)
	defer refresh.Stop()
	defer limit.Stop()
	for {
		select {
		case <-st.of.socket.gone:
			return
		case <-st.closed:
			return
		case err := <-st.handled:
			if err != nil {
				st.say(sayFailed, true)
				return
			}
			limit.Reset(graceTime)
		case <-limit.C:
			st.say(sayLater, true)
			return
		case <-refresh.C:
			if !st.say(sayWorking, false) {
				return
			}
		}
	}
}

// say sends a frame of the stream, unless somebody has answered. It reports whether there may be another.
func (st *stream) say(text string, finish bool) bool {
	s := st.of.socket
	ctx, cancel := context.WithTimeout(context.Background(), streamTime)
	defer cancel()
	release, err := s.turns.take(ctx, s.gone, st.reqID)
	if err != nil {
		return false
	}
	defer release()
	if !st.show(finish) {
		return false
	}
	_, err = s.exchange(ctx, st.reqID, wire.CmdRespond, streamOf(st.id, text, finish), ackTime)
	if err != nil {
		s.logger.Warn("stream not shown", "req_id", st.reqID, "err", err)
		st.drop()
		return false
	}
	return !finish
}

// finish ends every stream that is shown, before the connection is closed: the answers will be messages of their own.
func (ss *streams) finish() {
	ss.mu.Lock()
	var shown []*stream
	for _, st := range ss.open {
		if st.shown {
			shown = append(shown, st)
		}
	}
	ss.mu.Unlock()
	var all sync.WaitGroup
	for _, st := range shown {
		all.Go(func() { st.say(sayLater, true) })
	}
	all.Wait()
}

// show marks the stream as shown, or as ended. It reports false when somebody else answers.
func (st *stream) show(finish bool) bool {
	st.of.mu.Lock()
	defer st.of.mu.Unlock()
	if st.of.open[st.reqID] != st {
		return false
	}
	st.shown = true
	if finish {
		delete(st.of.open, st.reqID)
	}
	return true
}

// drop forgets the stream: replies are messages of their own.
func (st *stream) drop() {
	st.of.mu.Lock()
	defer st.of.mu.Unlock()
	if st.of.open[st.reqID] == st {
		delete(st.of.open, st.reqID)
	}
}
