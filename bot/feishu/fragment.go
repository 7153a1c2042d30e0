package feishu

import (
	"errors"
	"strconv"
	"time"

	"lianbang/bot/feishu/wire"
)

const (
	maxParts      = 256      // fragments of one message
	maxMessage    = 4 << 20  // bytes of one message
	maxOpen       = 64       // messages that lack fragments
	maxOpenBytes  = 16 << 20 // of all of them together
	fragmentTime  = 30 * time.Second
	maxFragmentID = 200 // bytes
)

var errFragment = errors.New("impossible fragment")

// fragments puts messages together that came in several frames, in any order. It belongs to one goroutine.
type fragments struct {
	now   func() time.Time
	count func(what string)
	open  map[string]*parts
	bytes int
}

// parts is a message that lacks fragments. A fragment that is there is not nil, even when it is empty.
type parts struct {
	slots   [][]byte
	missing int
	bytes   int
	since   time.Time
}

func newFragments(now func() time.Time, count func(string)) *fragments {
	return &fragments{now: now, count: count, open: map[string]*parts{}}
}

// add takes one data frame. When it completes its message, whole is true and payload is all of it. A frame whose place is
// impossible, or that goes beyond a bound, is an errFragment, and its message is given up.
func (f *fragments) add(frame wire.Frame) (payload []byte, whole bool, err error) {
	sum, seq, err := place(frame)
	if err != nil {
		return nil, false, err
	}
	if sum == 1 {
		return frame.Payload, true, nil
	}
	f.expire()
	id := frame.Header(wire.HeaderMessageID)
	if id == "" || len(id) > maxFragmentID {
		return nil, false, errFragment
	}
	p := f.open[id]
	if p == nil {
		if len(f.open) >= maxOpen {
			return nil, false, errFragment
		}
		p = &parts{slots: make([][]byte, sum), missing: sum, since: f.now()}
		f.open[id] = p
	}
	if len(p.slots) != sum || p.bytes+len(frame.Payload) > maxMessage || f.bytes+len(frame.Payload) > maxOpenBytes {
		f.forget(id)
		return nil, false, errFragment
	}
	if p.slots[seq] != nil {
		return nil, false, nil
	}
	f.fill(p, seq, frame.Payload)
	if p.missing > 0 {
		return nil, false, nil
	}
	f.forget(id)
	return join(p.slots, p.bytes), true, nil
}

// place reads where the frame belongs. A frame without a sum is whole.
func place(frame wire.Frame) (sum, seq int, err error) {
	if sum, err = number(frame.Header(wire.HeaderSum), 1); err != nil || sum < 1 || sum > maxParts {
		return 0, 0, errFragment
	}
	if seq, err = number(frame.Header(wire.HeaderSeq), 0); err != nil || seq < 0 || seq >= sum {
		return 0, 0, errFragment
	}
	return sum, seq, nil
}

func number(s string, without int) (int, error) {
	if s == "" {
		return without, nil
	}
	return strconv.Atoi(s)
}

func (f *fragments) fill(p *parts, seq int, payload []byte) {
	if payload == nil {
		payload = []byte{}
	}
	p.slots[seq] = payload
	p.missing--
	p.bytes += len(payload)
	f.bytes += len(payload)
}

func (f *fragments) forget(id string) {
	f.bytes -= f.open[id].bytes
	delete(f.open, id)
}

// expire gives up the messages whose rest has not come within fragmentTime: the platform delivers them again.
func (f *fragments) expire() {
	end := f.now().Add(-fragmentTime)
	for id, p := range f.open {
		if p.since.Before(end) {
			f.forget(id)
			f.count("stale_fragment")
		}
	}
}

func join(slots [][]byte, size int) []byte {
	whole := make([]byte, 0, size)
	for _, s := range slots {
		whole = append(whole, s...)
	}
	return whole
}
