package fake

import (
	"fmt"
	"slices"
	"sync"
)

const maxViolations = 1000

// Violations are what clients did against the protocol. Beyond a thousand none is added. They may be used from any number of
// goroutines.
type Violations struct {
	mu   sync.Mutex
	list []string
}

// Add notes one, in words.
func (v *Violations) Add(format string, args ...any) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.list) < maxViolations {
		v.list = append(v.list, fmt.Sprintf(format, args...))
	}
}

// List gives them, oldest first.
func (v *Violations) List() []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Clone(v.list)
}
