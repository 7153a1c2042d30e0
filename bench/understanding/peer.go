package main

import (
	"bytes"
	"context"
	_ "embed" // the programs of the peers
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// The versions of the peers.
const (
	whenModule         = "github.com/olebedev/when v1.1.0"
	recognizersPackage = "@microsoft/recognizers-text-suite@1.3.1"
)

// How long a peer may take to install, and to read beyond its measurement.
const (
	installTime = 3 * time.Minute
	readTime    = time.Minute
)

//go:embed peers/when.go.txt
var whenSource []byte

//go:embed peers/recognizers.mjs
var recognizersSource []byte

// outcome is what a reader made of some texts.
type outcome struct {
	Answers []answer `json:"answers"`
	Panics  int      `json:"panics"` // texts that a panic or an exception lost
	Rounds  []round  `json:"rounds"`
}

// found counts the texts in which something was found.
func (o outcome) found() (n int) {
	for _, a := range o.Answers {
		if a.Found {
			n++
		}
	}
	return n
}

// peer is another library, run by a program of its own.
type peer struct {
	name    string
	command []string
	folder  string
	missing error // why there is nothing to run
}

// install makes the peers ready to run in folder. One that cannot be had is returned with the reason.
func install(ctx context.Context, folder string) []peer {
	when, whenErr := installWhen(ctx, filepath.Join(folder, "when"))
	recognizers, recognizersErr := installRecognizers(ctx, filepath.Join(folder, "recognizers"))
	return []peer{
		{name: "when v1.1.0, zh.All", command: []string{when, "shipped"}, folder: folder, missing: whenErr},
		{name: "when, each rule's panic caught", command: []string{when, "caught"}, folder: folder, missing: whenErr},
		{name: "recognizers-text-suite 1.3.1", command: []string{"node", recognizers}, folder: folder, missing: recognizersErr},
	}
}

func installWhen(ctx context.Context, folder string) (program string, err error) {
	program = filepath.Join(folder, "when")
	module := "module peer\n\ngo 1.22\n\nrequire " + whenModule + "\n"
	if err := write(folder, map[string][]byte{"go.mod": []byte(module), "main.go": whenSource}); err != nil {
		return "", err
	}
	return program, prepare(ctx, folder, "go", "build", "-o", program, ".")
}

func installRecognizers(ctx context.Context, folder string) (program string, err error) {
	program = filepath.Join(folder, "recognizers.mjs")
	err = write(folder, map[string][]byte{"package.json": []byte(`{"private":true,"type":"module"}`), "recognizers.mjs": recognizersSource})
	if err != nil {
		return "", err
	}
	return program, prepare(ctx, folder, "npm", "install", "--no-audit", "--no-fund", "--no-update-notifier", "--no-package-lock",
		"--ignore-scripts", "--fetch-retries=1", "--fetch-timeout=30000", recognizersPackage)
}

func write(folder string, files map[string][]byte) error {
	if err := os.Mkdir(folder, 0o700); err != nil {
		return err
	}
	for name, body := range files {
		if err := os.WriteFile(filepath.Join(folder, name), body, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// prepare runs a command that builds or installs.
func prepare(ctx context.Context, folder, name string, args ...string) error {
	ctx, stop := context.WithTimeout(ctx, installTime)
	defer stop()
	out, err := command(ctx, folder, name, args...).CombinedOutput()
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return fmt.Errorf("%s %s: %w %s", name, args[0], err, gist(string(out)))
}

// gist is the line that says most of what a tool printed before it failed.
func gist(out string) string {
	last := ""
	for line := range strings.Lines(out) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		last = "(" + line + ")"
		if l := strings.ToLower(line); strings.Contains(l, "error") || strings.Contains(l, "dial") {
			break
		}
	}
	return last
}

// command is a process that is ended, with its children, when ctx is.
func command(ctx context.Context, folder, name string, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, name, args...)
	c.Dir = folder
	c.Env = append(os.Environ(), "TZ=Asia/Shanghai", "GOWORK=off", "GOFLAGS=-mod=mod", "GOTOOLCHAIN=local")
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	c.Cancel = func() error { return syscall.Kill(-c.Process.Pid, syscall.SIGKILL) }
	c.WaitDelay = 5 * time.Second
	return c
}

// read gives the texts to the peer and takes what it made of them.
func (p peer) read(ctx context.Context, items []item, length time.Duration) (o outcome, err error) {
	if p.missing != nil {
		return o, p.missing
	}
	var in, failed bytes.Buffer
	lines := json.NewEncoder(&in)
	for _, it := range items {
		line := struct {
			ID   string    `json:"id"`
			Text string    `json:"text"`
			Ref  time.Time `json:"ref"`
		}{it.ID, it.Text, it.Ref}
		if err := lines.Encode(line); err != nil {
			return o, err
		}
	}
	ctx, stop := context.WithTimeout(ctx, length+readTime)
	defer stop()
	args := append(p.command[1:len(p.command):len(p.command)], strconv.FormatFloat(length.Seconds(), 'f', -1, 64), strconv.Itoa(rounds))
	c := command(ctx, p.folder, p.command[0], args...)
	c.Stdin, c.Stderr = &in, &failed
	out, err := c.Output()
	if err != nil {
		return o, fmt.Errorf("%w %s", err, gist(failed.String()))
	}
	if err := json.Unmarshal(out, &o); err != nil {
		return o, fmt.Errorf("read what it printed: %w", err)
	}
	if len(o.Answers) != len(items) || len(o.Rounds) != rounds {
		return o, errors.New("it did not answer everything")
	}
	return o, nil
}
