package feishu

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestManual compares the operator's manual with what the adapter asks for: the scopes to paste, and the events.
func TestManual(t *testing.T) {
	data, err := os.ReadFile("../../docs/feishu.zh-CN.md")
	if err != nil {
		t.Fatal(err)
	}
	manual := string(data)
	_, block, _ := strings.Cut(manual, "```json\n")
	block, _, _ = strings.Cut(block, "```")
	var paste struct {
		Scopes struct {
			Tenant []string `json:"tenant"`
			User   []string `json:"user"`
		} `json:"scopes"`
	}
	if err := json.Unmarshal([]byte(block), &paste); err != nil || len(paste.Scopes.User) != 0 {
		t.Fatalf("the scopes to paste: %v, %v", paste, err)
	}
	var want []string
	for _, n := range needs {
		want = append(want, n.any[0])
	}
	slices.Sort(want)
	got := slices.Clone(paste.Scopes.Tenant)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("scopes of the manual\n%q, the doctor's\n%q", got, want)
	}
	_, rows, _ := strings.Cut(manual, "### 7 ")
	rows, _, _ = strings.Cut(rows, "### 8 ")
	var events []string
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z0-9_.]+)` ").FindAllStringSubmatch(rows, -1) {
		events = append(events, m[1])
	}
	slices.Sort(events)
	if !slices.Equal(events, subscribed()) {
		t.Errorf("events of the manual\n%q, the adapter's\n%q", events, subscribed())
	}
	for _, scope := range want {
		if strings.Count(manual, "`"+scope+"`") == 0 {
			t.Errorf("the manual does not say what %s is for", scope)
		}
	}
}
