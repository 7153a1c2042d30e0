package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"lianbang/bot/webchat"
)

// started is a running program that has answered once.
type started struct {
	child           *exec.Cmd
	said            *bytes.Buffer
	chat            *webchat.Client
	ready, answered time.Duration // since it was started
}

// begin starts the program on a folder that does not exist yet and waits for its first answer.
func begin(ctx context.Context, program, data string) (s *started, err error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	s = &started{child: exec.CommandContext(ctx, program, "--data", data, "serve", "--listen", address), said: new(bytes.Buffer)}
	s.child.Stdout, s.child.Stderr = s.said, s.said
	s.child.Env = clean(os.Environ())
	s.child.Cancel = func() error { return s.child.Process.Signal(syscall.SIGTERM) }
	s.child.WaitDelay = patience
	s.child.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	began := time.Now()
	if err := s.child.Start(); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_, ended := s.end()
			err = errors.Join(err, ended, fmt.Errorf("the program said:\n%s", s.said))
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := awaitReady(ctx, "http://"+address+"/readyz"); err != nil {
		return s, err
	}
	s.ready = time.Since(began)
	if s.chat, err = webchat.Dial(ctx, "http://"+address, "林书记"); err != nil {
		return s, err
	}
	if err := s.ask(ctx, "帮助"); err != nil {
		return s, err
	}
	s.answered = time.Since(began)
	return s, nil
}

// clean is the environment without what configures the program.
func clean(environ []string) (out []string) {
	for _, v := range environ {
		if !strings.HasPrefix(v, "LIANBANG_") {
			out = append(out, v)
		}
	}
	return out
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

func awaitReady(ctx context.Context, url string) error {
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		if answer, err := http.DefaultClient.Do(request); err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for %s: %w", url, ctx.Err())
		case <-time.After(2 * time.Millisecond):
		}
	}
}

// ask says something to the bot in private and waits for what it answers.
func (s *started) ask(ctx context.Context, text string) error {
	messages, done := s.chat.Watch()
	defer done()
	if err := s.chat.Say(ctx, "", "first", text); err != nil {
		return fmt.Errorf("say %s: %w", text, err)
	}
	for {
		select {
		case m, open := <-messages:
			if !open {
				return webchat.ErrClosed
			}
			if m.FromBot() && m.Private() {
				return nil
			}
		case <-ctx.Done():
			return fmt.Errorf("wait for the answer to %s: %w", text, ctx.Err())
		}
	}
}

// rest is what the program costs while nobody talks.
type rest struct {
	resident, highest int64   // bytes
	core              float64 // per cent
}

// idle waits and reads what that cost. The chat stays open, as a page in a browser does.
func (s *started) idle(ctx context.Context, length time.Duration) (r rest, err error) {
	before, err := s.ticks()
	if err != nil {
		return r, err
	}
	began := time.Now()
	select {
	case <-ctx.Done():
		return r, ctx.Err()
	case <-time.After(length):
	}
	after, err := s.ticks()
	if err != nil {
		return r, err
	}
	r.core = float64(after-before) / ticksPerSecond / time.Since(began).Seconds() * 100
	if r.resident, err = s.memory("VmRSS:"); err != nil {
		return r, err
	}
	r.highest, err = s.memory("VmHWM:")
	return r, err
}

// ticksPerSecond is the unit of /proc/PID/stat, the same on every Linux.
const ticksPerSecond = 100

// ticks is the CPU time that the program has used, in user and system mode.
func (s *started) ticks() (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.child.Process.Pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(text), ") ") // the name may hold spaces
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0, fmt.Errorf("read the program's CPU time: %q", text)
	}
	user, err1 := strconv.ParseInt(fields[11], 10, 64)
	system, err2 := strconv.ParseInt(fields[12], 10, 64)
	return user + system, errors.Join(err1, err2)
}

// memory is a line of /proc/PID/status, in bytes.
func (s *started) memory(name string) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.child.Process.Pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == name {
			kb, err := strconv.ParseInt(f[1], 10, 64)
			return kb << 10, err
		}
	}
	return 0, fmt.Errorf("read the program's memory: no %s", name)
}

// end stops the program as an operator does and waits for it.
func (s *started) end() (time.Duration, error) {
	if s.chat != nil {
		s.chat.Close()
	}
	began := time.Now()
	if err := s.child.Process.Signal(syscall.SIGTERM); err != nil {
		return 0, err
	}
	kill := time.AfterFunc(patience, func() { s.child.Process.Kill() })
	defer kill.Stop()
	if err := s.child.Wait(); err != nil {
		return 0, fmt.Errorf("the program did not end well: %w", err)
	}
	return time.Since(began), nil
}
