package memory

// Trim makes room in a map that holds limit entries or more: what is over goes first, then anything, until a tenth is free.
// The caller holds whatever guards the map.
func Trim[K comparable, V any](m map[K]V, limit int, over func(V) bool) {
	if len(m) < limit {
		return
	}
	for key, v := range m {
		if over(v) {
			delete(m, key)
		}
	}
	for key := range m {
		if len(m) <= limit*9/10 {
			return
		}
		delete(m, key)
	}
}
