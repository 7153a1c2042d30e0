package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// required reports whether a test that wants npm must not be skipped.
func required() bool { return os.Getenv("LIANBANG_REQUIRE_NPM") != "" || os.Getenv("CI") == "true" }

// npmInstall installs packages, once for their versions in a cache folder of the user's, and returns their node_modules.
// Without npm, node or the registry the test is skipped, unless they are required.
func npmInstall(t *testing.T, packages ...string) string {
	t.Helper()
	unavailable := t.Skipf
	if required() {
		unavailable = t.Fatalf
	}
	for _, tool := range []string{"npm", "node"} {
		if _, err := exec.LookPath(tool); err != nil {
			unavailable("%s is not installed, so what comes by npm cannot judge: %v", tool, err)
		}
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	home := filepath.Join(cache, "lianbang-e2e")
	final := filepath.Join(home, strings.ReplaceAll(strings.Join(packages, "+"), "/", "_"))
	modules := filepath.Join(final, "node_modules")
	if _, err := os.Stat(modules); err == nil {
		return modules
	}
	if err := os.MkdirAll(home, 0o700); err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp(home, "install-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if err := install(t, dir, packages); err != nil {
		unavailable("%v", err)
	}
	// Another test process may have been quicker; either installation will do.
	if err := os.Rename(dir, final); err != nil {
		if _, there := os.Stat(modules); there != nil {
			t.Fatal(err)
		}
	}
	return modules
}

// install installs packages into dir.
func install(t *testing.T, dir string, packages []string) error {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, "package.json"), []byte(`{"private":true}`), 0o600); err != nil {
		return err
	}
	npm := exec.CommandContext(t.Context(), "npm", append([]string{"install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline"}, packages...)...)
	npm.Dir = dir
	npm.WaitDelay = 10 * time.Second
	if out, err := npm.CombinedOutput(); err != nil {
		return fmt.Errorf("npm install: %w\n%s", err, out)
	}
	return nil
}

// patience is how long a test waits for what must happen.
const patience = 30 * time.Second

func await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("in vain: %s", what)
		}
	}
}

// script is a running Node script that prints JSON lines.
type script struct {
	t     *testing.T
	in    io.WriteCloser
	mu    sync.Mutex
	lines [][]byte
	done  chan struct{} // closed when its output has ended
}

// node runs a script beside this package with modules at hand. It ends with the test.
func node(t *testing.T, modules, path string, env ...string) *script {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "node", path)
	cmd.Env = append(os.Environ(), append(env, "NODE_PATH="+modules)...)
	cmd.WaitDelay = 10 * time.Second
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s := &script{t: t, in: in, done: make(chan struct{})}
	go s.read(out)
	t.Cleanup(func() {
		// It may have ended by itself, and is killed otherwise.
		_ = cmd.Process.Kill()
		<-s.done
		_ = cmd.Wait()
		if t.Failed() && complaints.Len() > 0 {
			t.Logf("%s: %s", path, &complaints)
		}
	})
	return s
}

func (s *script) read(out io.Reader) {
	defer close(s.done)
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 4<<20)
	for lines.Scan() {
		s.mu.Lock()
		s.lines = append(s.lines, bytes.Clone(lines.Bytes()))
		s.mu.Unlock()
	}
}

// write gives the script a JSON line.
func (s *script) write(v any) {
	s.t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.in.Write(append(data, '\n')); err != nil {
		s.t.Fatal(err)
	}
}

// printed is every line so far, decoded.
func printed[T any](s *script) (out []T) {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, line := range s.lines {
		var v T
		if err := json.Unmarshal(line, &v); err != nil {
			s.t.Fatalf("%v in %s", err, line)
		}
		out = append(out, v)
	}
	return out
}
