package feishu_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"lianbang/bot"
	"lianbang/bot/feishu"
	"lianbang/bot/feishu/feishutest"
)

// TestFetch: photos and files that people send are fetched as they were sent; what will not come is told from what may.
func TestFetch(t *testing.T) {
	fake := feishutest.New(feishutest.Options{})
	base, err := fake.Start()
	if err != nil {
		t.Fatal(err)
	}
	defer fake.Close()
	app, err := feishu.New(feishu.Config{Account: "hq", AppID: feishutest.DefaultAppID, AppSecret: feishutest.DefaultAppSecret, BaseURL: base})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	events := make(chan bot.Event, 10)
	done := make(chan error, 1)
	go func() {
		done <- app.Run(ctx, func(_ context.Context, e bot.Event) error {
			events <- e
			return nil
		})
	}()
	cast := fake.Cast()
	write := func(in *feishutest.Group, d feishutest.Draft) bot.Event {
		t.Helper()
		for {
			if out := cast.Wang.Write(ctx, in, d); out.Acked {
				return <-events
			} else if ctx.Err() != nil {
				t.Fatal(out.Err)
			}
		}
	}
	photo := bytes.Repeat([]byte("\xff\xd8photo"), 1000)
	image := write(nil, feishutest.Draft{Image: photo})
	file := write(nil, feishutest.Draft{File: []byte("hello file"), FileName: "合影.jpg"})
	if len(image.Files) != 1 || image.Files[0].Kind != "image" || len(file.Files) != 1 || file.Files[0].Name != "合影.jpg" {
		t.Fatalf("%+v %+v", image.Files, file.Files)
	}
	fetch := func(f bot.FileRef, most int64) (string, error) {
		a, err := app.Fetch(ctx, f, most)
		if err != nil {
			return "", err
		}
		return string(a.Data), nil
	}
	if data, err := fetch(image.Files[0], 1<<20); err != nil || data != string(photo) {
		t.Errorf("%d bytes, %v", len(data), err)
	}
	if data, err := fetch(file.Files[0], 1<<20); err != nil || data != "hello file" {
		t.Errorf("%q, %v", data, err)
	}
	if _, err := fetch(image.Files[0], 100); !errors.Is(err, bot.ErrFileLarge) {
		t.Errorf("too large: %v", err)
	}
	resources := "/open-apis/im/v1/messages/*/resources/*"
	fake.Inject(feishutest.Fault{Path: resources, Code: 99991663}) // an old token
	if _, err := fetch(image.Files[0], 1<<20); err != nil {
		t.Error(err)
	}
	for name, c := range map[string]struct {
		fault feishutest.Fault
		ref   bot.FileRef
		gone  bool
	}{
		"a server's error":  {feishutest.Fault{Path: resources, Status: 500, Code: 2200}, image.Files[0], false},
		"a cut connection":  {feishutest.Fault{Path: resources, Cut: true, Times: 9}, image.Files[0], false},
		"a gateway's page":  {feishutest.Fault{Path: resources, Status: 502, Body: "<html>"}, image.Files[0], false},
		"too many calls":    {feishutest.Fault{Path: resources, Status: 429, Code: 99991400}, image.Files[0], false},
		"no scope":          {feishutest.Fault{Path: resources, Code: 99991672}, image.Files[0], true},
		"another's key":     {feishutest.Fault{Path: "/none"}, bot.FileRef{Key: "om_1/img_1", Kind: "image"}, true},
		"no key of ours":    {feishutest.Fault{Path: "/none"}, bot.FileRef{Key: "b https://x/"}, true},
		"a path in the key": {feishutest.Fault{Path: "/none"}, bot.FileRef{Key: "om_1/../../x", Kind: "image"}, true},
	} {
		fake.Inject(c.fault)
		_, err := fetch(c.ref, 1<<20)
		if err == nil || errors.Is(err, bot.ErrFileGone) != c.gone {
			t.Errorf("%s: %v", name, err)
		} else if strings.Contains(err.Error(), "http://") || strings.Contains(err.Error(), "img_") {
			t.Errorf("%s: the error says %v", name, err)
		}
		fake.Heal()
	}

	// An answer to a message of the bot names it.
	card, err := app.Send(ctx, bot.Delivery{ID: 1, Key: "k", To: bot.Address{Platform: feishu.Platform, Account: "hq", Chat: bot.ChatKey(cast.Group.ID)}, Body: activity("")})
	if err != nil {
		t.Fatal(err)
	}
	fake.Grant(feishutest.ScopeAllMessages)
	reply := write(cast.Group, feishutest.Draft{Image: photo, ReplyTo: card.Message})
	if reply.On != card.Message || reply.Addressed || reply.Direct {
		t.Errorf("%+v", reply)
	}
	cancel()
	if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
