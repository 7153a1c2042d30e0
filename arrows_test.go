// Package lianbang holds nothing but the test of the project's own cut.
package lianbang

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// allowed are the arrows between packages: who may import whom, and which modules from outside. Test files may import, on
// top of that, what they test with. What is not listed is forbidden.
var allowed = map[string]struct{ ours, outside []string }{
	"zhtime":                {},
	"understand":            {ours: []string{"zhtime"}},
	"consortium":            {ours: []string{"zhtime"}},
	"bot":                   {},
	"bot/fake":              {},
	"bot/memory":            {},
	"bot/rest":              {outside: []string{"github.com/go-resty/resty/v2"}},
	"bot/feishu":            {ours: []string{"bot", "bot/feishu/wire", "bot/memory", "bot/rest"}, outside: []string{"github.com/go-resty/resty/v2", "github.com/gorilla/websocket"}},
	"bot/feishu/feishutest": {ours: []string{"bot/fake", "bot/feishu/wire"}, outside: []string{"github.com/gorilla/websocket"}},
	"bot/feishu/wire":       {},
	"bot/webchat":           {ours: []string{"bot"}, outside: []string{"github.com/gorilla/websocket"}},
	"bot/wecom": {ours: []string{"bot", "bot/memory", "bot/rest", "bot/wecom/wire"}, outside: []string{
		"github.com/go-resty/resty/v2", "github.com/gorilla/websocket"}},
	"bot/wecom/wire":      {},
	"bot/wecom/wecomtest": {ours: []string{"bot/fake", "bot/wecom/wire"}, outside: []string{"github.com/gorilla/websocket"}},
	"bot/bottest":         {ours: []string{"bot"}, outside: []string{"golang.org/x/tools/txtar"}},
	"handlers":            {ours: []string{"bot", "consortium", "understand", "zhtime"}},
	"picture":             {},
	"scheduler": {ours: []string{"bot", "consortium", "picture", "zhtime"}, outside: []string{
		"github.com/riverqueue/river", "github.com/robfig/cron/v3", "github.com/jackc/pgx/v5", "golang.org/x/sync"}},
	"storage":             {ours: []string{"bot", "consortium"}, outside: []string{"github.com/mattn/go-sqlite3", "github.com/jackc/pgx/v5"}},
	"storage/storagetest": {ours: []string{"storage", "bot", "consortium", "handlers"}, outside: []string{"github.com/jackc/pgx/v5"}},
}

// free may import everything: they wire, measure or test the whole.
var free = []string{"cmd/", "bench/", "e2e", "."}

// TestArrows prints every import that the design forbids.
func TestArrows(t *testing.T) {
	seen := map[string]bool{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "data") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		folder := filepath.ToSlash(filepath.Dir(path))
		seen[folder] = true
		if slices.ContainsFunc(free, func(f string) bool { return folder == f || strings.HasPrefix(folder+"/", f) && f != "." }) {
			return nil
		}
		rule, known := allowed[folder]
		if !known {
			t.Errorf("%s: the package %s has no arrows; add it to the design", path, folder)
			return nil
		}
		if strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, i := range file.Imports {
			if to := strings.Trim(i.Path.Value, `"`); !permitted(to, rule.ours, rule.outside) {
				t.Errorf("%s: %s → %s is not an arrow of the design", path, folder, to)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for folder := range allowed {
		if !seen[folder] {
			t.Errorf("the design names %s, which does not exist", folder)
		}
	}
}

func permitted(to string, ours, outside []string) bool {
	if local, ok := strings.CutPrefix(to, "lianbang/"); ok {
		return slices.Contains(ours, local)
	}
	if first, _, _ := strings.Cut(to, "/"); !strings.Contains(first, ".") {
		return true
	}
	return slices.ContainsFunc(outside, func(o string) bool { return to == o || strings.HasPrefix(to, o+"/") })
}
