package scheduler

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"lianbang/bot"
)

var silent = slog.New(slog.DiscardHandler)

// memory is an Outbox in memory that keeps the same promises as storage.
type memory struct {
	mu      sync.Mutex
	rows    []*memoryRow
	lanes   map[string]*memoryLane
	paused  map[string]string
	down    int // so many more calls fail as unavailable
	claims  int
	dues    int
	release int
}

type memoryRow struct {
	bot.Delivery
	state bot.Fate // "" = being sent
	error string
	doubt int
	topic string // that its card is known under
}

type memoryLane struct {
	fence      int64
	until      time.Time
	tat, ready time.Time
}

func newMemory() *memory {
	return &memory{lanes: map[string]*memoryLane{}, paused: map[string]string{}}
}

func (m *memory) put(ds ...bot.Delivery) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, d := range ds {
		if slices.ContainsFunc(m.rows, func(r *memoryRow) bool { return r.Key == d.Key }) {
			continue
		}
		d.ID = int64(len(m.rows) + 1)
		m.rows = append(m.rows, &memoryRow{Delivery: d, state: bot.Postponed})
		if m.lanes[d.To.Lane()] == nil {
			m.lanes[d.To.Lane()] = &memoryLane{}
		}
	}
}

// fates counts the rows by state.
func (m *memory) fates() map[bot.Fate]int {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := map[bot.Fate]int{}
	for _, r := range m.rows {
		out[r.state]++
	}
	return out
}

// doubts counts what was sent again though it may have arrived.
func (m *memory) doubts() (n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range m.rows {
		n += r.doubt
	}
	return n
}

func (m *memory) leased() (n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, l := range m.lanes {
		if l.until.After(time.Now()) {
			n++
		}
	}
	return n
}

func (m *memory) unavailable() error {
	if m.down > 0 {
		m.down--
		return fmt.Errorf("locked: %w", bot.ErrUnavailable)
	}
	return nil
}

// head is the lane's next delivery; without one, the earliest moment at which there may be one.
func (m *memory) head(lane string, now time.Time) (*memoryRow, time.Time) {
	var due []*memoryRow
	var later time.Time
	for _, r := range m.rows {
		if r.To.Lane() != lane || r.state != "" && r.state != bot.Postponed {
			continue
		}
		if !r.NotBefore.After(now) || r.Urgency == bot.Answer && r.Attempt > 0 {
			due = append(due, r)
		} else if later.IsZero() || r.NotBefore.Before(later) {
			later = r.NotBefore
		}
	}
	slices.SortStableFunc(due, func(a, b *memoryRow) int { return cmp.Compare(a.Urgency, b.Urgency) })
	if len(due) == 0 {
		return nil, later
	}
	return due[0], time.Time{}
}

func (m *memory) Claim(_ context.Context, _ string, w bot.Wanted, now time.Time, lease time.Duration, n int) ([]bot.Lease, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.claims++
	if err := m.unavailable(); err != nil {
		return nil, err
	}
	var out []bot.Lease
	for name, l := range m.lanes {
		account := name[:strings.LastIndex(name[:strings.LastIndex(name, "/")], "/")]
		_, paused := m.paused[account]
		h, _ := m.head(name, now)
		if len(out) >= n || paused || h == nil || h.NotBefore.After(now) || l.until.After(now) || l.ready.After(now) ||
			!slices.Contains(w.Accounts, account) || w.Lanes != nil && !slices.Contains(w.Lanes, name) || w.Ours != nil && !w.Ours(name) {
			continue
		}
		l.fence++
		l.until = now.Add(lease)
		out = append(out, bot.Lease{Lane: name, Fence: l.fence})
	}
	return out, nil
}

func (m *memory) Advance(_ context.Context, ls bot.Lease, done *bot.Settlement, caps bot.Caps, now time.Time, lease, hold time.Duration) (*bot.Delivery, time.Duration, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.unavailable(); err != nil {
		return nil, 0, err
	}
	l := m.lanes[ls.Lane]
	if l.fence != ls.Fence {
		return nil, 0, bot.ErrLeaseLost
	}
	if done != nil {
		r := m.rows[done.Delivery-1]
		r.state, r.NotBefore, r.error, r.topic = done.Fate, done.NotBefore, done.Error, done.Topic
		if done.Doubtful {
			r.doubt++
		}
		if done.LaneUntil.After(l.ready) {
			l.ready = done.LaneUntil
		}
	}
	back := func(wait time.Duration) (*bot.Delivery, time.Duration, error) {
		l.until = time.Time{}
		if wait > 0 && wait <= hold {
			l.until = now.Add(wait + lease)
		}
		return nil, wait, nil
	}
	h, later := m.head(ls.Lane, now)
	if h != nil {
		if _, paused := m.paused[string(h.To.Platform)+"/"+h.To.Account]; paused {
			return back(0)
		}
	}
	if h == nil {
		if later.IsZero() {
			return back(0)
		}
		return back(later.Sub(now))
	}
	ready := l.ready
	if h.NotBefore.After(ready) {
		ready = h.NotBefore
	}
	if p := caps.Chat; p.Interval > 0 {
		if at := l.tat.Add(-time.Duration(max(p.Burst, 1)-1) * p.Interval); at.After(ready) {
			ready = at
		}
		if !ready.After(now) {
			if l.tat.Before(now) {
				l.tat = now
			}
			l.tat = l.tat.Add(p.Interval)
		}
	}
	if ready.After(now) {
		l.ready = ready
		return back(ready.Sub(now))
	}
	h.state = ""
	h.Attempt++
	l.until = now.Add(lease)
	d := h.Delivery
	return &d, 0, nil
}

func (m *memory) Release(_ context.Context, ls bot.Lease) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.release++
	if l := m.lanes[ls.Lane]; l.fence == ls.Fence {
		l.until = time.Time{}
	}
	return nil
}

func (m *memory) NextDue(context.Context, []string) (time.Time, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.dues++
	var next time.Time
	for name, l := range m.lanes {
		h, _ := m.head(name, time.Unix(1<<40, 0))
		if h == nil {
			continue
		}
		due := h.NotBefore
		for _, t := range []time.Time{l.until, l.ready, time.Unix(1, 0)} {
			if t.After(due) {
				due = t
			}
		}
		if next.IsZero() || due.Before(next) {
			next = due
		}
	}
	return next, nil
}

func (m *memory) PauseAccount(_ context.Context, account, reason string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.paused[account] = reason
	return nil
}

// speaker is an adapter that notes what it sends.
type speaker struct {
	account string
	caps    bot.Caps
	answer  func(ctx context.Context, d bot.Delivery) error // nil = success at once

	mu  sync.Mutex
	got []utterance
	now map[string]int // sends in flight by lane
	bad []string       // two at once in one lane
}

var errPanicked = errors.New("panicked")

type utterance struct {
	key, text, lane string
	attempt         int
	at              time.Time
	err             error
}

func (s *speaker) Name() (bot.Platform, string)              { return "fake", s.account }
func (s *speaker) Caps() bot.Caps                            { return s.caps }
func (s *speaker) Run(ctx context.Context, _ bot.Sink) error { <-ctx.Done(); return nil }

func (s *speaker) Send(ctx context.Context, d bot.Delivery) (r bot.Receipt, err error) {
	lane := d.To.Lane()
	s.mu.Lock()
	if s.now == nil {
		s.now = map[string]int{}
	}
	if s.now[lane]++; s.now[lane] > 1 {
		s.bad = append(s.bad, lane)
	}
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.now[lane]--
		s.got = append(s.got, utterance{key: d.Key, text: d.Body.Text, lane: lane, attempt: d.Attempt, at: time.Now(), err: err})
	}()
	if s.answer != nil {
		err = errPanicked // unless it returns
		err = s.answer(ctx, d)
	}
	return bot.Receipt{Message: "m" + d.Key, At: time.Now()}, err
}

// said lists what was sent with success, in order.
func (s *speaker) said() (out []utterance) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, u := range s.got {
		if u.err == nil {
			out = append(out, u)
		}
	}
	return out
}

// tried lists all attempts, in order.
func (s *speaker) tried() []utterance {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.got)
}

// texts are the texts of utterances.
func texts(us []utterance) string {
	var out []string
	for _, u := range us {
		out = append(out, u.text)
	}
	return strings.Join(out, " ")
}

// message is a delivery to a chat of the fake platform.
func message(chat string, n int) bot.Delivery {
	return bot.Delivery{
		Key: fmt.Sprintf("reply/%s/%d", chat, n), Body: bot.Say(fmt.Sprint(n)),
		To: bot.Address{Platform: "fake", Account: "a", Chat: bot.ChatKey(chat)},
	}
}
