package feishu

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"lianbang/bot"
)

func TestConfig(t *testing.T) {
	good := Config{Account: "hq", AppID: testAppID, AppSecret: testSecret}
	for name, c := range map[string]struct {
		change func(*Config)
		want   string // "" = accepted
	}{
		"least":                {func(*Config) {}, ""},
		"no account":           {func(c *Config) { c.Account = "" }, "account"},
		"slash in account":     {func(c *Config) { c.Account = "a/b" }, "account"},
		"no app's id":          {func(c *Config) { c.AppID = "app_1" }, "app_id：不是"},
		"key with a space":     {func(c *Config) { c.EncryptKey = "test key" }, ""},
		"key with a newline":   {func(c *Config) { c.EncryptKey = "key\n" }, "encrypt_key：前后有空格"},
		"path in the address":  {func(c *Config) { c.BaseURL = "https://open.feishu.cn/open-apis" }, "base_url：要写成"},
		"no id":                {func(c *Config) { c.AppID = "" }, "app_id：要写"},
		"no secret":            {func(c *Config) { c.AppSecret = "" }, "app_secret：要写"},
		"newline in secret":    {func(c *Config) { c.AppSecret += "\n" }, "app_secret：里面有空格"},
		"Lark":                 {func(c *Config) { c.BaseURL = "https://open.larksuite.com/" }, ""},
		"rehearsal":            {func(c *Config) { c.BaseURL = "http://127.0.0.1:8700" }, ""},
		"plain http":           {func(c *Config) { c.BaseURL = "http://open.feishu.cn" }, "base_url：要用 https"},
		"no address":           {func(c *Config) { c.BaseURL = "open.feishu.cn" }, "base_url"},
		"unknown mode":         {func(c *Config) { c.Mode = "push" }, "mode：没有“push”"},
		"webhook unprotected":  {func(c *Config) { c.Mode = Webhook }, "encrypt_key"},
		"webhook by key":       {func(c *Config) { c.Mode, c.EncryptKey = Webhook, "k" }, ""},
		"webhook by token":     {func(c *Config) { c.Mode, c.VerificationToken = Webhook, "v" }, ""},
		"path without a slash": {func(c *Config) { c.Mode, c.EncryptKey, c.Path = Webhook, "k", "feishu" }, "path"},
	} {
		conf := good
		c.change(&conf)
		_, err := New(conf)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	if _, err := New(Config{}); err == nil || strings.Count(err.Error(), "\n") != 2 {
		t.Errorf("several faults at once: %v", err)
	}
	a, err := New(good)
	if err != nil {
		t.Fatal(err)
	}
	if a.conf.Path != "/feishu/hq" || a.conf.Mode != Websocket || a.conf.BaseURL != "https://open.feishu.cn" {
		t.Errorf("%+v", a.conf)
	}
}

// TestPace: no window sees more than the documentation allows.
func TestPace(t *testing.T) {
	most := func(p bot.Pace, window time.Duration) float64 {
		return float64(p.Burst) + float64(window)/float64(p.Interval)
	}
	app, hooks := (&Adapter{}).Caps(), (&Hooks{}).Caps()
	for _, c := range []struct {
		what   string
		pace   bot.Pace
		window time.Duration
		limit  float64
	}{
		{"a chat in a second", app.Chat, time.Second, 5},
		{"the app in a second", app.Account, time.Second, 50},
		{"the app in a minute", app.Account, time.Minute, 1000},
		{"a custom bot in a second", hooks.Chat, time.Second, 5},
		{"a custom bot in a minute", hooks.Chat, time.Minute, 100},
	} {
		if got := most(c.pace, c.window); got > c.limit || got < 0.9*c.limit {
			t.Errorf("%s: %g of %g", c.what, got, c.limit)
		}
	}
}

func TestHooksOnlyWait(t *testing.T) {
	h, err := NewHooks(HookConfig{Account: "x", Hooks: []Hook{{Chat: "g", URL: "https://open.feishu.cn" + hookPath + "t"}}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := h.Run(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("Run ended with %v", err)
	}
}
