package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"lianbang/bench/internal/tally"
	"lianbang/bench/internal/zone"
	"lianbang/bot/feishu/wire"
)

// patience is how long the volley may take.
const patience = time.Minute

// Volley is the load, prepared and then fired. Its methods are called one after the other.
type Volley struct {
	speakers [zone.Speakers]*zone.Speaker // as they came with the first order: they remember what they said
	lines    [zone.Speakers]*line
}

// line is a connection with what is to be sent over it.
type line struct {
	conn   net.Conn
	answer *bufio.Reader
	queue  [][]byte
	took   []time.Duration
}

// Prepare connects, if it has not yet, and makes the requests.
func (v *Volley) Prepare(o Order, _ *bool) error {
	key := wire.NewKey(encryptKey)
	for i, l := range v.lines {
		if l == nil {
			conn, err := net.Dial("tcp", o.Address)
			if err != nil {
				return err
			}
			l = &line{conn: conn, answer: bufio.NewReader(conn)}
			v.lines[i], v.speakers[i] = l, o.Speakers[i]
		}
		l.queue, l.took = make([][]byte, o.Each), make([]time.Duration, 0, o.Each)
		for j := range l.queue {
			d, err := newDelivery(o.First+int64(j*len(v.lines)+i), v.speakers[i], o.Bot)
			if err != nil {
				return err
			}
			if l.queue[j], err = request("http://"+o.Address+o.Path, key, d); err != nil {
				return err
			}
		}
	}
	return nil
}

// Fire sends over all connections, each request when the one before it is acknowledged, until the first connection has sent all.
func (v *Volley) Fire(_ bool, r *Result) error {
	var over atomic.Bool
	var group sync.WaitGroup
	errs := make([]error, len(v.lines))
	used, began := tally.ProcessTime(), time.Now()
	for i, l := range v.lines {
		group.Go(func() {
			errs[i] = l.fire(began, &over)
			over.Store(true)
		})
	}
	group.Wait()
	r.Wall, r.Used = time.Since(began), tally.ProcessTime()-used
	for _, l := range v.lines {
		r.Took = append(r.Took, l.took...)
		l.queue = nil
	}
	return errors.Join(slices.Compact(errs)...)
}

func (l *line) fire(began time.Time, over *atomic.Bool) error {
	if err := l.conn.SetDeadline(began.Add(patience)); err != nil {
		return err
	}
	now := time.Now()
	for _, request := range l.queue {
		if over.Load() {
			return nil
		}
		if err := l.send(request); err != nil {
			return err
		}
		after := time.Now()
		l.took = append(l.took, after.Sub(now))
		now = after
	}
	return nil
}

// send posts one request and waits for the acknowledgement.
func (l *line) send(request []byte) error {
	if _, err := l.conn.Write(request); err != nil {
		return err
	}
	answer, err := http.ReadResponse(l.answer, nil)
	if err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("not acknowledged: %s", answer.Status)
	}
	return answer.Body.Close()
}
