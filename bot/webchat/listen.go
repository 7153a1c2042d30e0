package webchat

import "slices"

// page is what a client asks of one room: what changed since a cursor, or the last messages when it has none.
type page struct {
	Messages []Message `json:"messages"`
	Reset    bool      `json:"reset,omitempty"` // the cursor is not of this journal: forget what you have
	More     bool      `json:"more,omitempty"`  // there are earlier messages
}

// listen registers whoever sees what who sees, and gives in the same instant what changed since the cursors.
// cut, when it is not nil, is called if the listener falls behind.
func (h *hub) listen(who string, cursors map[string]int64, tail bool, cut func()) (*listener, map[string]page) {
	h.mu.Lock()
	defer h.mu.Unlock()
	l := &listener{who: who, queue: make(chan update, listenerQueue), closed: make(chan struct{}), cut: cut}
	h.listeners[l] = struct{}{}
	pages := map[string]page{}
	for key, r := range h.rooms {
		if !tail && visible(key, who) {
			pages[key] = r.since(cursors[key])
		}
	}
	return l, pages
}

func (h *hub) unlisten(l *listener) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.listeners, l)
	l.drop()
}

func (h *hub) listening() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.listeners)
}

func (r *room) since(cursor int64) page {
	if cursor > r.rev || cursor == 0 || len(r.msgs) > 0 && cursor < r.msgs[0].Seq-1 {
		p := r.before(r.rev+1, firstPage)
		p.Reset = cursor > 0
		return p
	}
	changed := slices.DeleteFunc(slices.Clone(r.msgs), func(m Message) bool { return m.Rev <= cursor })
	if len(changed) > maxPage {
		p := r.before(r.rev+1, firstPage)
		p.Reset = true
		return p
	}
	return page{Messages: changed}
}

// before gives at most n messages in front of a Seq.
func (r *room) before(seq int64, n int) page {
	end, _ := r.find(seq)
	start, bytes := end, 0
	for start > 0 && end-start < n && bytes < maxPageBytes {
		start--
		bytes += len(r.msgs[start].Text) + 200
	}
	return page{Messages: slices.Clone(r.msgs[start:end]), More: start > 0}
}

// earlier gives a page of a room in front of a Seq.
func (h *hub) earlier(key string, seq int64) page {
	h.mu.Lock()
	defer h.mu.Unlock()
	if r := h.rooms[key]; r != nil {
		return r.before(seq, firstPage)
	}
	return page{}
}

// setTitles keeps what the wiring calls the groups.
func (h *hub) setTitles(rooms []Room) {
	h.mu.Lock()
	defer h.mu.Unlock()
	clear(h.titles)
	for _, r := range rooms {
		h.titles[r.Key] = r.Title
	}
}

// list is the private chat of who, the given groups, and the groups in which somebody spoke.
func (h *hub) list(who, botName string, given []Room) []Room {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := []Room{{Key: directKey(who), Title: botName, Direct: true}}
	add := func(r Room) {
		if !slices.ContainsFunc(out, func(o Room) bool { return o.Key == r.Key }) {
			out = append(out, r)
		}
	}
	for _, r := range given {
		add(r)
	}
	for _, key := range h.order {
		if directOwner(key) == "" {
			add(Room{Key: key, Title: key})
		}
	}
	return out
}

// tellLists makes every listener's lists fresh. The hub's mutex is held.
func (h *hub) tellLists() {
	for l := range h.listeners {
		l.tell(update{})
	}
}
