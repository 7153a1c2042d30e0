package feishu

import "sync"

// queues keep the events of one person in their order, while those of different people are handled at once. The zero value
// is ready and safe for concurrent use.
type queues struct {
	mu   sync.Mutex
	last map[string]chan struct{}
}

// turn is a place in a queue.
type turn struct {
	queues *queues
	key    string
	before <-chan struct{} // closed when the one before has left; nil = nobody is before
	done   chan struct{}
}

// enter takes the last place in the queue of key. An empty key is a queue of its own.
func (q *queues) enter(key string) turn {
	t := turn{queues: q, key: key, done: make(chan struct{})}
	if key == "" {
		return t
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.last == nil {
		q.last = map[string]chan struct{}{}
	}
	if before := q.last[key]; before != nil {
		t.before = before
	}
	q.last[key] = t.done
	return t
}

// wait returns when everybody before has left.
func (t turn) wait() {
	if t.before != nil {
		<-t.before
	}
}

// leave lets the next one go. It must be called once.
func (t turn) leave() {
	t.queues.mu.Lock()
	defer t.queues.mu.Unlock()
	if t.queues.last[t.key] == t.done {
		delete(t.queues.last, t.key)
	}
	close(t.done)
}
