package main

import (
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestFakeFeishu starts the fake, follows its advice, and looks whether the configuration that it prints is good.
func TestFakeFeishu(t *testing.T) {
	for name, more := range map[string][]string{"long connection": nil, "webhook": {"--webhook", "http://127.0.0.1:8080/feishu/rehearsal", "--encrypt-key", "k3y:#1"}} {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			ctx, stop := context.WithCancel(t.Context())
			out := &lockedBuffer{}
			done := make(chan int, 1)
			go func() {
				done <- run(ctx, append([]string{"fake", "feishu", "--listen", "127.0.0.1:0"}, more...), console{strings.NewReader(""), out, out})
			}()
			page := regexp.MustCompile(`http://127\.0\.0\.1:\d+/_fake/`)
			await(t, "the advice", func() bool { return page.MatchString(out.String()) })
			res, err := http.Get(page.FindString(out.String()) + "state")
			if err != nil {
				t.Fatal(err)
			}
			state, err := io.ReadAll(res.Body)
			res.Body.Close()
			if err != nil || !strings.Contains(string(state), "林书记") {
				t.Errorf("state: %s %v", state, err)
			}
			_, config, _ := strings.Cut(out.String(), "\n\n")
			config, _, _ = strings.Cut(config, "\n\n")
			file := filepath.Join(t.TempDir(), "config.yaml")
			if err := os.WriteFile(file, []byte(config+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			checked := &lockedBuffer{}
			if code := run(t.Context(), []string{"--config", file, "check-config"}, console{strings.NewReader(""), checked, checked}); code != 0 {
				t.Errorf("the printed configuration is refused: %s\n%s", checked, config)
			}
			stop()
			if code := <-done; code != 0 {
				t.Errorf("exit code %d: %s", code, out)
			}
		})
	}
}

func TestFakeFeishuStaysOnThisMachine(t *testing.T) {
	for _, args := range [][]string{
		{"--listen", "0.0.0.0:0"}, {"--listen", ":0"}, {"--listen", "192.168.1.2:0"}, {"--webhook", "x", "--encrypt-key", "k"}, {"--webhook", "http://127.0.0.1:1/x"},
	} {
		out := &lockedBuffer{}
		if code := run(t.Context(), append([]string{"fake", "feishu", "--listen", "127.0.0.1:0"}, args...), console{strings.NewReader(""), out, out}); code == 0 {
			t.Errorf("%v: accepted: %s", args, out)
		}
	}
}
