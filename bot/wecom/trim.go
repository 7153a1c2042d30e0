package wecom

// trim makes room in a full map: what is over goes first, then anything, until a tenth is free.
func trim[V any](m map[string]V, limit int, over func(V) bool) {
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
