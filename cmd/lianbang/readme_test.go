package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"lianbang/consortium"
	"lianbang/handlers"
)

// TestReadmeCommands compares the command tables of both READMEs with the table that help is derived from.
func TestReadmeCommands(t *testing.T) {
	desk := &handlers.Desk{}
	registry, err := desk.Registry()
	if err != nil {
		t.Fatal(err)
	}
	var want strings.Builder
	want.WriteString("| 说 | 做什么 | 谁 | 也可以说 |\n| --- | --- | --- | --- |\n")
	for _, c := range registry.Commands() {
		if !c.Hidden {
			fmt.Fprintf(&want, "| `%s` | %s | %s | %s |\n", c.Example, c.Summary, handlers.RankWord(consortium.Role(c.Need)), strings.Join(c.Aliases, "、"))
		}
	}
	const from, to = "<!-- commands -->\n", "<!-- /commands -->"
	for _, path := range []string{"../../README.md", "../../README.zh-CN.md"} {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		before, rest, ok := strings.Cut(string(text), from)
		table, after, ok2 := strings.Cut(rest, to)
		if !ok || !ok2 {
			t.Fatalf("%s has no command table", path)
		}
		if table == want.String() {
			continue
		}
		if !*update {
			t.Errorf("%s: the command table is not the one of help; run go test ./cmd/lianbang -run TestReadme -update", path)
			continue
		}
		if err := os.WriteFile(path, []byte(before+from+want.String()+to+after), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
