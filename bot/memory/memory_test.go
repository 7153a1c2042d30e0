package memory

import (
	"fmt"
	"testing"
)

func TestTrim(t *testing.T) {
	m := map[string]bool{}
	for i := range 100 {
		m[fmt.Sprint(i)] = i%2 == 0
	}
	Trim(m, 101, func(bool) bool { return true })
	if len(m) != 100 {
		t.Errorf("%d left of what had room", len(m))
	}
	Trim(m, 100, func(over bool) bool { return over })
	if len(m) != 50 || m["2"] {
		t.Errorf("%d left", len(m))
	}
	Trim(m, 50, func(bool) bool { return false })
	if len(m) != 45 {
		t.Errorf("%d left", len(m))
	}
}
