package wecomtest

// shelf is a map that forgets what was put first when it is full.
type shelf[T any] struct {
	bound int
	items map[string]T
	order []string
}

func newShelf[T any](bound int) shelf[T] { return shelf[T]{bound: bound, items: map[string]T{}} }

func (h *shelf[T]) put(key string, x T) {
	if _, known := h.items[key]; !known {
		if len(h.order) >= h.bound {
			delete(h.items, h.order[0])
			h.order = h.order[1:]
		}
		h.order = append(h.order, key)
	}
	h.items[key] = x
}

func (h *shelf[T]) get(key string) (T, bool) {
	x, ok := h.items[key]
	return x, ok
}
