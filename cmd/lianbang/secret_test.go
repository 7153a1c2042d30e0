package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// TestSecretsAreNeverShown prints and writes a whole configuration in every way that somebody could.
func TestSecretsAreNeverShown(t *testing.T) {
	cfg, err := LoadConfig(withSecrets(t, `
database: {postgres: "postgres://u:`+secretWord+`@h/d"}
feishu:
  - {`+app+`, encrypt_key: `+secretWord+`, verification_token: `+secretWord+`}
  - {name: push, groups: [{title: 群, url: "`+hookURL+`", secret: `+secretWord+`, consortium: 光电}]}
wecom:
  - bot: {mode: callback, secret: `+secretWord+`, token: `+secretWord+`, aes_key: `+aesKey+`}
    app: {corp_id: ww1a2b3c4d5e6f7081, agent_id: 1, secret: `+secretWord+`, token: `+secretWord+`, aes_key: `+aesKey+`}
    groups: [{title: 群, url: "`+wecomHookURL+`", consortium: 光电}]
`))
	if err != nil {
		t.Fatal(err)
	}
	var logs bytes.Buffer
	for _, h := range []slog.Handler{slog.NewTextHandler(&logs, nil), slog.NewJSONHandler(&logs, nil)} {
		l := slog.New(h)
		l.LogAttrs(context.Background(), slog.LevelInfo, "configuration", slog.Any("all", cfg), slog.Any("account", &cfg.Feishu[0]),
			slog.Any("secret", cfg.Feishu[0].AppSecret), slog.Any("keys", cfg.Feishu[1].secrets(1)),
			slog.Any("wecom", cfg.WeCom[0].Bot), slog.Any("wecom keys", cfg.WeCom[0].secrets(0)))
	}
	asJSON, err := json.Marshal(cfg)
	if err != nil {
		t.Fatal(err)
	}
	asYAML, err := yaml.Marshal(cfg)
	if err != nil {
		t.Fatal(err)
	}
	as := func(verb string, v any) string { return fmt.Sprintf(verb, v) } // which does not suit all of v
	for what, text := range map[string]string{
		"%v": fmt.Sprintf("%v", cfg), "%+v": fmt.Sprintf("%+v", cfg), "%#v": fmt.Sprintf("%#v", cfg), "%s": as("%s", cfg.Feishu), "%q": as("%q", cfg.Feishu),
		"%x":  fmt.Sprintf("%x", cfg.Feishu[0].AppSecret),
		"bot": fmt.Sprintf("%+v", *cfg.WeCom[0].Bot), "app": fmt.Sprintf("%#v", *cfg.WeCom[0].App), "JSON": string(asJSON), "YAML": string(asYAML), "logs": logs.String(),
	} {
		if strings.Contains(text, secretWord) || strings.Contains(text, aesKey) || strings.Contains(text, fmt.Sprintf("%x", secretWord)) {
			t.Errorf("%s shows a secret: %s", what, text)
		}
		if !strings.Contains(text, "set]") && what != "%x" {
			t.Errorf("%s does not say that a secret is set: %s", what, text)
		}
	}
}

// exampleOf is the block of that key which the example shows in its comments, once it is no comment, with what pairs replace.
func exampleOf(t *testing.T, key string, pairs ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "config.example.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	_, block, found := strings.Cut(string(text), "\n# "+key+":\n")
	block, _, ended := strings.Cut(block, "\n\n")
	if !found || !ended {
		t.Fatal("the example shows no account")
	}
	lines := []string{key + ":\n"}
	for line := range strings.Lines(block) {
		lines = append(lines, strings.TrimPrefix(line, "# "))
	}
	return strings.NewReplacer(pairs...).Replace(strings.Join(lines, ""))
}

func TestExposedSecretIsDoubted(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "secret")
	if err := os.WriteFile(file, []byte("fake"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := Config{Data: dir, Feishu: []FeishuConfig{{Name: "main", AppID: "cli_0123456789abcdef", AppSecretFile: file}}}
	if doubts := c.doubts(); len(doubts) != 0 {
		t.Errorf("doubts of a private file: %q", doubts)
	}
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	if doubts := c.doubts(); len(doubts) != 1 || !strings.Contains(doubts[0], "app_secret_file") || !strings.Contains(doubts[0], "chmod 600") {
		t.Errorf("doubts of a file for all: %q", doubts)
	}
}
