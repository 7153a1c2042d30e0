package feishu_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"lianbang/bot"
	"lianbang/bot/bottest"
	"lianbang/bot/feishu"
	"lianbang/bot/feishu/feishutest"
)

// TestConformance passes the suite of every adapter in each way that events can come, against the fake platform, which also
// writes down what an app does against the protocol.
func TestConformance(t *testing.T) {
	for name, c := range map[string]struct {
		options feishutest.Options
		config  feishu.Config
	}{
		"websocket":         {},
		"webhook_encrypted": {feishutest.Options{EncryptKey: "k3y", VerificationToken: "vt"}, feishu.Config{Mode: feishu.Webhook, EncryptKey: "k3y", VerificationToken: "vt"}},
		"webhook_plain":     {feishutest.Options{VerificationToken: "vt"}, feishu.Config{Mode: feishu.Webhook, VerificationToken: "vt"}},
		"webhook_version_1": {feishutest.Options{EncryptKey: "k3y", OldEnvelope: true}, feishu.Config{Mode: feishu.Webhook, EncryptKey: "k3y"}},
	} {
		t.Run(name, func(t *testing.T) {
			bottest.Adapter(t, func(t *testing.T) bottest.Subject { return open(t, c.options, c.config) })
		})
	}
}

// open joins an adapter to a fresh tenant.
func open(t *testing.T, options feishutest.Options, config feishu.Config) bottest.Subject {
	fake := feishutest.New(options)
	base, err := fake.Start()
	if err != nil {
		t.Fatal(err)
	}
	cast := fake.Cast()
	config.Account, config.AppID, config.AppSecret, config.BaseURL = "hq", feishutest.DefaultAppID, feishutest.DefaultAppSecret, base
	adapter, err := feishu.New(config)
	if err != nil {
		t.Fatal(err)
	}
	running := &mounted{Adapter: adapter, mode: config.Mode, connect: fake.SetWebhook}
	t.Cleanup(func() {
		for _, v := range fake.Violations() {
			t.Errorf("against the protocol: %s", v)
		}
		if err := fake.Close(); err != nil {
			t.Error(err)
		}
	})
	return bottest.Subject{
		Adapter: running,
		Group:   bot.Address{Platform: feishu.Platform, Account: "hq", Chat: bot.ChatKey(cast.Group.ID)},
		User:    bot.UserKey(cast.Wang.OpenID),
		Push: func(ctx context.Context, id string, direct bool, text string) (bool, error) {
			in := cast.Group
			if direct {
				in = nil
			}
			out := cast.Wang.Write(ctx, in, feishutest.Draft{ID: "om_" + id, Text: text})
			return out.Acked, nil // why a push failed is the suite's question only where it should have succeeded
		},
		Shown: func() (out []bottest.Shown) {
			for _, s := range fake.Shown() {
				out = append(out, bottest.Shown(s))
			}
			return out
		},
	}
}

// mounted is an adapter that, when it runs, is served where the platform pushes to.
type mounted struct {
	*feishu.Adapter
	mode    feishu.Mode
	connect func(url string)
}

func (m *mounted) Run(ctx context.Context, sink bot.Sink) error {
	if m.mode != feishu.Webhook {
		return m.Adapter.Run(ctx, sink)
	}
	mux := http.NewServeMux()
	m.Mount(mux, sink)
	server := httptest.NewServer(mux)
	defer server.Close()
	m.connect(strings.TrimSuffix(server.URL, "/") + "/feishu/hq")
	return m.Adapter.Run(ctx, sink)
}
