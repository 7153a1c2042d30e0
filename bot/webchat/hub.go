package webchat

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"lianbang/bot"
)

const (
	firstPage     = 50  // messages of a room that a new client gets
	maxPage       = 500 // messages of a room that a client gets after an interruption
	maxPageBytes  = 512 << 10
	listenerQueue = 512
)

// hub holds the rooms and tells their listeners. Every change of a room happens under its mutex, the journal's line first,
// so that all listeners see the order of the file.
type hub struct {
	dir       string
	drop      func([]File) // what was sent along with messages that are forgotten
	log       func(msg string, args ...any)
	mu        sync.Mutex
	rooms     map[string]*room
	order     []string // keys as they became known
	titles    map[string]string
	listeners map[*listener]struct{}
}

type room struct {
	journal *journal
	msgs    []Message
	rev     int64
	byID    map[string]int64 // seq
	byKey   map[string]int64
}

// listener is whoever sees what one person sees. When the queue is full it is dropped: closed is closed.
type listener struct {
	who    string
	queue  chan update
	closed chan struct{}
	once   sync.Once
	cut    func() // called when it is dropped; must not block
}

// update is one thing to tell: a message, or, when there is none, that the lists of rooms and people changed.
type update struct {
	message *Message
	fresh   bool // the message is new, not changed
}

func (l *listener) drop() {
	l.once.Do(func() {
		close(l.closed)
		if l.cut != nil {
			l.cut()
		}
	})
}

func (l *listener) tell(u update) {
	select {
	case l.queue <- u:
	default:
		l.drop()
	}
}

func openHub(dir string, log func(string, ...any)) (*hub, error) {
	all, err := openJournals(dir)
	if err != nil {
		return nil, err
	}
	h := &hub{dir: dir, drop: func([]File) {}, log: log, rooms: map[string]*room{}, titles: map[string]string{}, listeners: map[*listener]struct{}{}}
	for j, msgs := range all {
		r := newRoom(j)
		for _, m := range msgs {
			if m.State == Sending {
				m.State = Failed
			}
			r.keep(m)
		}
		h.rooms[j.room] = r
		h.order = append(h.order, j.room)
	}
	slices.Sort(h.order)
	return h, nil
}

func newRoom(j *journal) *room {
	return &room{journal: j, byID: map[string]int64{}, byKey: map[string]int64{}}
}

// keep adds a message or replaces the one with its Seq.
func (r *room) keep(m Message) {
	r.rev = max(r.rev, m.Rev, m.Seq)
	if i, ok := r.find(m.Seq); ok {
		r.msgs[i] = m
		return
	}
	r.msgs = append(r.msgs, m)
	r.byID[m.ID] = m.Seq
	if m.Key != "" {
		r.byKey[m.Key] = m.Seq
	}
}

func (r *room) find(seq int64) (int, bool) {
	return slices.BinarySearchFunc(r.msgs, seq, func(m Message, seq int64) int { return int(m.Seq - seq) })
}

func (r *room) get(seq int64) (Message, bool) {
	if i, ok := r.find(seq); ok {
		return r.msgs[i], true
	}
	return Message{}, false
}

// open gives the room, made when it is new. The hub's mutex is held.
func (h *hub) open(key string) *room {
	r := h.rooms[key]
	if r == nil {
		r = newRoom(newJournal(h.dir, key))
		h.rooms[key] = r
		h.order = append(h.order, key)
	}
	return r
}

// put journals a message and tells the listeners. A zero Seq is given the next one.
func (h *hub) put(r *room, m Message) (Message, error) {
	fresh := m.Seq == 0
	if fresh {
		m.Seq = r.rev + 1
	}
	m.Rev = r.rev + 1
	if err := r.journal.append(m); err != nil {
		return m, err
	}
	r.keep(m)
	if r.journal.full() {
		h.rotate(r)
	}
	for l := range h.listeners {
		if visible(m.Room, l.who) {
			l.tell(update{message: &m, fresh: fresh})
		}
	}
	return m, nil
}

// rotate forgets all but the last messages.
func (h *hub) rotate(r *room) {
	gone := r.msgs[:max(0, len(r.msgs)-keepMessages)]
	kept := slices.Clone(r.msgs[len(gone):])
	if err := r.journal.rewrite(kept); err != nil {
		h.log("journal not rotated", "chat", r.journal.room, "err", err)
		r.journal.next += rotateAt
		return
	}
	for _, m := range gone {
		delete(r.byID, m.ID)
		delete(r.byKey, m.Key)
		if m.File != nil {
			_ = os.Remove(r.journal.filePath(m.Seq))
		}
		h.drop(m.Files)
	}
	r.msgs = kept
}

// begin shows a person's message as on its way. done reports that it was handled before.
func (h *hub) begin(m Message) (done bool, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	_, known := h.rooms[m.Room]
	r := h.open(m.Room)
	if seq, again := r.byID[m.ID]; again {
		old, _ := r.get(seq)
		if old.From != m.From || old.Kind != m.Kind {
			return false, refusal("这条消息的编号已经用过了，请重新发一次。")
		}
		if old.State == Confirmed {
			return true, nil
		}
		m = old
	}
	m.State = Sending
	if _, err = h.put(r, m); err == nil && !known {
		h.tellLists()
	}
	return false, err
}

// finish marks a person's message as confirmed or failed.
func (h *hub) finish(key, id string, state State) {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := h.rooms[key]
	m, ok := r.get(r.byID[id])
	if !ok {
		return
	}
	m.State = state
	if _, err := h.put(r, m); err != nil {
		h.log("message state not kept", "chat", key, "err", err)
	}
}

// post adds a message of the bot, once per delivery key.
func (h *hub) post(key string, d bot.Delivery, at time.Time) (Message, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	_, known := h.rooms[key]
	r := h.open(key)
	if seq, again := r.byKey[d.Key]; again && d.Key != "" {
		m, _ := r.get(seq)
		return m, nil
	}
	seq := r.rev + 1
	body := d.Body
	m := Message{ID: fmt.Sprintf("%s-%d", journalName(key), seq), Room: key, At: at, Kind: kindBot, Key: d.Key}
	if f := body.File; f != nil {
		if err := replaceFile(r.journal.filePath(seq), f.Data); err != nil {
			return m, fmt.Errorf("keep attachment: %w", err)
		}
		m.File = &File{Name: f.Name, Size: len(f.Data), URL: fmt.Sprintf("%sfiles/%s/%d", assetPath, journalName(key), seq)}
		body.File = &bot.Attachment{Name: f.Name, Type: f.Type}
	}
	m.Body = &body
	m, err := h.put(r, m)
	if err == nil && !known {
		h.tellLists()
	}
	return m, err
}

// attachment finds what was sent under a File's URL.
func (h *hub) attachment(name string, seq int64) (Message, string, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for key, r := range h.rooms {
		if journalName(key) != name {
			continue
		}
		if m, ok := r.get(seq); ok && m.File != nil && m.Body != nil && m.Body.File != nil {
			return m, r.journal.filePath(seq), nil
		}
	}
	return Message{}, "", errors.New("no such attachment")
}

// keyOf is the group with that key or title, "" when there is none.
func (h *hub) keyOf(name string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, ok := h.rooms[name]; ok {
		return name
	}
	for key, title := range h.titles {
		if key == name || title == name {
			return key
		}
	}
	return ""
}

func (h *hub) full() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	groups := 0
	for key := range h.rooms {
		if directOwner(key) == "" {
			groups++
		}
	}
	return groups >= maxRooms
}
