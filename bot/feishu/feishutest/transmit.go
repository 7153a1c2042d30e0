package feishutest

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"sync"

	"lianbang/bot/feishu/wire"
)

// transmit pushes e to one connection, whichever it is, as the network now is.
func (s *Server) transmit(ctx context.Context, e *event) reply {
	s.mu.Lock()
	n := s.network
	if len(s.sockets.open) == 0 {
		s.mu.Unlock()
		return reply{err: ErrNoConnection}
	}
	k := s.sockets.open[s.random.IntN(len(s.sockets.open))]
	frozen := k.frozen
	order := rand.New(rand.NewPCG(s.random.Uint64(), 1))
	ids := []string{s.newID("")}
	if n.Twice {
		ids = append(ids, s.newID(""))
	}
	s.mu.Unlock()
	copies := make([]reply, len(ids))
	var all sync.WaitGroup
	for i, id := range ids {
		frames := s.frames(e, id, n, order)
		all.Go(func() { copies[i] = s.exchange(ctx, k, frames, n, frozen) })
	}
	all.Wait()
	for _, r := range copies {
		if r.acked() {
			return r
		}
	}
	return copies[0]
}

// frames cuts e into fragments.
func (s *Server) frames(e *event, id string, n Network, order *rand.Rand) []wire.Frame {
	payload := s.envelope(e, "")
	size := n.Fragment
	if size <= 0 {
		size = len(payload)
	}
	pieces := slices.Collect(slices.Chunk(payload, size))
	kind := wire.TypeEvent
	if n.CardFrames && e.Type == clickType {
		kind = wire.TypeCard
	}
	var out []wire.Frame
	for i, piece := range pieces {
		f := wire.Frame{SeqID: 7, LogID: 9, Service: serviceID, Method: wire.Data, Payload: piece, Headers: []wire.Header{
			{Key: "timestamp", Value: millis(e.At)}, {Key: wire.HeaderType, Value: kind}, {Key: wire.HeaderMessageID, Value: id},
			{Key: wire.HeaderSum, Value: strconv.Itoa(len(pieces))}, {Key: wire.HeaderSeq, Value: strconv.Itoa(i)},
			{Key: wire.HeaderTraceID, Value: e.ID}, {Key: "instance_id", Value: "fake"},
		}}
		out = append(out, f)
		if n.Repeat {
			out = append(out, f)
		}
	}
	if n.Shuffle {
		order.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	}
	return out
}

// exchange writes the frames of one event and waits for the answer.
func (s *Server) exchange(ctx context.Context, k *socket, frames []wire.Frame, n Network, frozen bool) reply {
	id := frames[0].Header(wire.HeaderMessageID)
	answered := make(chan wire.Frame, 1)
	k.mu.Lock()
	k.waiting[id] = answered
	k.mu.Unlock()
	defer func() {
		k.mu.Lock()
		delete(k.waiting, id)
		k.mu.Unlock()
	}()
	for i, f := range frames {
		if frozen || (n.CutMidway && i > 0) {
			break
		}
		if err := k.write(f); err != nil {
			return reply{err: ErrCut}
		}
	}
	if !frozen && (n.CutMidway || n.CutAfter) {
		// What is closed twice is closed.
		_ = k.conn.NetConn().Close()
	}
	select {
	case f := <-answered:
		return s.judge(f, frames[0])
	case <-k.gone:
		return reply{err: ErrCut}
	case <-ctx.Done():
		return reply{err: context.Cause(ctx)}
	case <-s.ctx.Done():
		return reply{err: ErrCut}
	}
}

// judge reads an answer. It must be the frame that was sent, with one more header and another payload.
func (s *Server) judge(f, sent wire.Frame) reply {
	if f.SeqID != sent.SeqID || f.LogID != sent.LogID || f.Service != sent.Service {
		s.violations.Add("an answer with other ids than its event")
	}
	for _, h := range sent.Headers {
		if h.Key != wire.HeaderSeq && f.Header(h.Key) != h.Value {
			s.violations.Add("an answer without its event's header %s", h.Key)
		}
	}
	if _, err := strconv.Atoi(f.Header(wire.HeaderBizRT)); err != nil {
		s.violations.Add("an answer whose biz_rt is %q", f.Header(wire.HeaderBizRT))
	}
	var in struct {
		Code int    `json:"code"`
		Data []byte `json:"data"` // Base64, as encoding/json reads bytes
	}
	if err := json.Unmarshal(f.Payload, &in); err != nil {
		s.violations.Add("an answer that is no JSON: %v", err)
		return reply{err: ErrAnswer}
	}
	if in.Code != http.StatusOK {
		return reply{code: in.Code, err: fmt.Errorf("%w: code %d", ErrAnswer, in.Code)}
	}
	return reply{code: in.Code, data: in.Data}
}
