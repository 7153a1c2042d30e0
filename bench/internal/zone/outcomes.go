package zone

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// Outcomes counts what became of the commands, by command and outcome. It is safe for concurrent use.
type Outcomes struct {
	mu     sync.Mutex
	counts map[[2]string]int64
}

func (o *Outcomes) count(command, outcome string, _ time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.counts == nil {
		o.counts = map[[2]string]int64{}
	}
	o.counts[[2]string{command, outcome}]++
}

func (o *Outcomes) sum(outcome string) (n int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for k, v := range o.counts {
		if k[1] == outcome {
			n += v
		}
	}
	return n
}

// Total is the number of commands.
func (o *Outcomes) Total() (n int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, v := range o.counts {
		n += v
	}
	return n
}

// String shows what the mix came to; there must have been a command.
func (o *Outcomes) String() string {
	total := o.Total()
	o.mu.Lock()
	defer o.mu.Unlock()
	keys := slices.SortedFunc(maps.Keys(o.counts), func(a, b [2]string) int { return cmp.Compare(o.counts[b], o.counts[a]) })
	var parts []string
	for _, k := range keys {
		name := strings.TrimSpace(k[0] + " " + k[1])
		if k[1] == "done" {
			name = k[0]
		}
		parts = append(parts, fmt.Sprintf("%s %.1f%%", name, 100*float64(o.counts[k])/float64(total)))
	}
	return fmt.Sprintf("the mix, of %d commands: %s", total, strings.Join(parts, ", "))
}
