package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"lianbang/bot/webchat"
)

// childEnv turns the test binary into the program: with it set, TestMain calls main.
const childEnv = "LIANBANG_TEST_CHILD"

// patience bounds every wait for something that must happen soon.
const patience = 30 * time.Second

// TestMain runs the tests, or in a child process the program itself. A child whose parent is gone ends, because the pipe
// that is its standard input does.
func TestMain(m *testing.M) {
	if os.Getenv(childEnv) == "" {
		os.Exit(m.Run())
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(3)
	}()
	main()
}

// child is the program in a process of its own.
type child struct {
	t       testing.TB
	cmd     *exec.Cmd
	stdin   io.Closer
	lines   chan string // of standard output
	errors  lockedBuffer
	ended   chan struct{}
	address string // where it serves, once announced has returned
}

// startChild starts the program and does not wait for it. It is killed at the end of the test at the latest.
func startChild(t testing.TB, args ...string) *child {
	t.Helper()
	c := &child{t: t, cmd: exec.Command(os.Args[0], args...), lines: make(chan string, 100), ended: make(chan struct{})}
	c.cmd.Env = append(os.Environ(), childEnv+"=1")
	c.cmd.Stderr = &c.errors
	in, err := c.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.stdin = in
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(c.ended)
		defer close(c.lines)
		for s := bufio.NewScanner(out); s.Scan(); {
			c.lines <- s.Text()
		}
		_ = c.cmd.Wait()
	}()
	t.Cleanup(c.kill)
	return c
}

// serveChild starts the program as a server of the data folder.
func serveChild(t testing.TB, data string) *child {
	return startChild(t, "serve", "--data", data, "--listen", "127.0.0.1:0")
}

// answered waits until the program answers over HTTP, and returns it.
func (c *child) answered() *child {
	c.t.Helper()
	c.announced()
	await(c.t, "the child is ready", func() bool {
		status, _ := c.get("/readyz")
		return status == http.StatusOK
	})
	return c
}

// announced reads what the program says when it begins to serve.
func (c *child) announced() {
	c.t.Helper()
	late := time.After(patience)
	for c.address == "" {
		select {
		case line, more := <-c.lines:
			if !more {
				c.t.Fatalf("the child ended before it served:\n%s", c.errors.String())
			}
			if _, after, ok := strings.Cut(line, "已启动："); ok {
				c.address = after
			}
		case <-late:
			c.t.Fatalf("the child does not begin to serve:\n%s", c.errors.String())
		}
	}
}

// claim reads the code with which the first administrator claims the bot.
func (c *child) claim() string {
	c.t.Helper()
	select {
	case line := <-c.lines:
		if _, code, ok := strings.Cut(line, "认领 "); ok {
			return code
		}
		c.t.Fatalf("no code to claim the bot with in %q", line)
	case <-time.After(patience):
		c.t.Fatal("no code to claim the bot with")
	}
	return ""
}

// get asks the program over HTTP. The status is 0 when it does not answer.
func (c *child) get(path string) (status int, body string) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(c.address, "/")+path, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	r, err := http.DefaultClient.Do(q)
	if err != nil {
		return 0, err.Error()
	}
	defer r.Body.Close()
	text, _ := io.ReadAll(r.Body)
	return r.StatusCode, strings.TrimSpace(string(text))
}

// kill ends the program with SIGKILL and waits until it is gone.
func (c *child) kill() {
	_ = c.cmd.Process.Kill()
	c.gone()
}

// stop asks the program to end with SIGTERM and returns its exit code.
func (c *child) stop() int {
	c.t.Helper()
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		c.t.Fatal(err)
	}
	select {
	case <-c.ended:
	case <-time.After(patience):
		c.t.Errorf("the child does not end after SIGTERM:\n%s", c.errors.String())
		c.kill()
	}
	c.gone()
	return c.cmd.ProcessState.ExitCode()
}

// gone waits for the end of the process and looks for signs of what no process may show, however it ended.
func (c *child) gone() {
	<-c.ended
	_ = c.stdin.Close()
	for _, bad := range []string{"DATA RACE", "panic:", "fatal error:", "SIGSEGV"} {
		if log := c.errors.String(); strings.Contains(log, bad) {
			c.t.Errorf("the child says %q:\n%s", bad, log)
		}
	}
}

// dial joins the local chat of the program.
func (c *child) dial(who string) *webchat.Client {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	client, err := webchat.Dial(ctx, c.address, who)
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { _ = client.Close() })
	return client
}

// await polls until ok, for as long as patience allows.
func await(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("in vain: %s", what)
		}
	}
}

// lockedBuffer keeps what one goroutine writes and others read.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write implements io.Writer.
func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// String is everything that was written.
func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// command runs one of the program's other commands in this process and returns its exit code and what it printed.
func command(args ...string) (code int, out, errs string) {
	var o, e lockedBuffer
	code = run(context.Background(), args, console{strings.NewReader(""), &o, &e})
	return code, o.String(), e.String()
}

// verifyAudit fails the test unless the audit chain of a data folder is whole. It returns what the program says of it.
func verifyAudit(t testing.TB, data string) string {
	t.Helper()
	code, out, errs := command("audit", "verify", "--data", data)
	if code != 0 {
		t.Errorf("audit verify: exit code %d, %s", code, errs)
	}
	return strings.TrimSpace(out)
}
