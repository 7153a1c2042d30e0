package main

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"lianbang/bot"
	"lianbang/consortium"
	"lianbang/storage"
)

// TestNamedRooms: the groups of custom bots are there from the start, are bound as soon as their consortium exists, are free
// when the configuration names them no more, and open again when it does.
func TestNamedRooms(t *testing.T) {
	data, ctx := t.TempDir(), context.Background()
	var log bytes.Buffer
	opened := func(groups ...FeishuGroup) *App {
		t.Helper()
		cfg := defaults()
		cfg.Data = data
		if len(groups) > 0 {
			cfg.Feishu = []FeishuConfig{{Name: "push", Groups: groups}}
		}
		if problems := cfg.Validate(); len(problems) > 0 {
			t.Fatal(problems)
		}
		app, err := Open(ctx, cfg, Setup{Log: slog.New(slog.NewTextHandler(&log, nil)), Adapters: feishuAccounts})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { app.Close() })
		if err := app.takeOver(ctx); err != nil {
			t.Fatal(err)
		}
		return app
	}
	do := func(app *App, f func(tx *storage.Tx) error) {
		t.Helper()
		if err := app.DB.Do(ctx, f); err != nil {
			t.Fatal(err)
		}
	}
	bound := func(app *App, name string) string {
		t.Helper()
		var chats []string
		do(app, func(tx *storage.Tx) error {
			chats = nil
			c, err := tx.ConsortiumNamed(name)
			if err != nil {
				return err
			}
			rooms, err := tx.Rooms(c.ID)
			for _, r := range rooms {
				chats = append(chats, string(r.Platform)+"/"+r.Account+"/"+string(r.Chat))
			}
			return err
		})
		return strings.Join(chats, " ")
	}
	first := FeishuGroup{Title: "外部企业群", URL: hookURL, Consortium: "光电信息"}
	second := FeishuGroup{Title: "村社群", URL: hookURL, Consortium: "农文旅"}

	app := opened(first, second)
	do(app, func(tx *storage.Tx) error {
		rooms, err := tx.RoomsOn("feishu/push", 10)
		if len(rooms) != 2 || rooms[0].Title != "外部企业群" {
			t.Errorf("rooms %v", rooms)
		}
		return err
	})
	if said := log.String(); strings.Count(said, "waits for its consortium") != 2 || !strings.Contains(said, "group=村社群 consortium=农文旅") {
		t.Errorf("log %s", said)
	}
	if err := app.rooms.Run(ctx, time.Now()); err != nil || strings.Count(log.String(), "waits for its consortium") != 2 {
		t.Errorf("the second sweep: %v %s", err, log.String())
	}
	do(app, func(tx *storage.Tx) error {
		return tx.AddConsortium(&consortium.Consortium{Name: "光电信息", Kind: consortium.Chain})
	})
	if err := app.rooms.Run(ctx, time.Now()); err != nil {
		t.Fatal(err)
	}
	if got := bound(app, "光电信息"); got != "feishu/push/外部企业群" {
		t.Errorf("bound %q", got)
	}
	app.Close()

	app = opened(second)
	if got := bound(app, "光电信息"); got != "" {
		t.Errorf("a group that is named no more is bound: %q", got)
	}
	app.Close()

	app = opened(first)
	do(app, func(tx *storage.Tx) error { // the platform said that the chat is gone
		_, _, err := tx.Resolve(bot.Event{ID: "1", Kind: bot.Left, From: app.rooms.all["feishu/push"].rooms[0].at}, bot.Appointed)
		return err
	})
	if got := bound(app, "光电信息"); got != "" {
		t.Errorf("a closed room is listed: %q", got)
	}
	app.Close()

	app = opened(first)
	if got := bound(app, "光电信息"); got != "feishu/push/外部企业群" {
		t.Errorf("bound again %q", got)
	}
	if problem := strings.Contains(log.String(), secretWord); problem {
		t.Error("the log shows an address of a custom bot")
	}
}
