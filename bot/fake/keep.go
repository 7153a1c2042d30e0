package fake

import "slices"

// Keep appends to a list that is bounded, and drops the oldest tenth when it is full.
func Keep[T any](list []T, x T, bound int) []T {
	if len(list) >= bound {
		list = slices.Delete(list, 0, bound/10+1)
	}
	return append(list, x)
}
