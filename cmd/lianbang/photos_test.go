package main

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/jpeg"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"lianbang/bot"
	"lianbang/bot/feishu/feishutest"
	"lianbang/bot/wecom/wecomtest"
	"lianbang/consortium"
	"lianbang/storage"
)

// cameraPhoto is a JPEG of so many pixels a side that tells where it was taken.
func cameraPhoto(t *testing.T, side int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, side, side)), nil); err != nil {
		t.Fatal(err)
	}
	place := "Exif\x00\x00GPS 30.5 114.3"
	head := append([]byte{0xff, 0xd8, 0xff, 0xe1, 0, byte(len(place) + 2)}, place...)
	return append(head, b.Bytes()[2:]...)
}

// attended makes an activity that runs now, registered by whoever spoke first on an account, in the consortium of all rooms.
func attended(t *testing.T, app *App, account string) {
	t.Helper()
	err := app.DB.Do(context.Background(), func(tx *storage.Tx) error {
		users, err := tx.UsersOn(account, 1)
		if err != nil {
			return err
		}
		rooms, err := tx.RoomsOn(account, 10)
		c := consortium.Consortium{Name: "光电信息", Kind: consortium.Chain, Created: app.Now()}
		err = errors.Join(err, tx.AddConsortium(&c), tx.Join(users[0].ID, c.ID, consortium.Member))
		for _, r := range rooms {
			platform, name, _ := strings.Cut(account, "/")
			id, found := tx.AddRoom(bot.Address{Platform: bot.Platform(platform), Account: name, Chat: r.Chat}, r.Title, false)
			err = errors.Join(err, found, tx.Bind(id, c.ID))
		}
		return errors.Join(err, tx.AddActivity(&consortium.Activity{Consortium: c.ID, Title: "参观座谈", Start: app.Now().Add(-time.Hour), Organiser: users[0].ID, State: consortium.Open}))
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestWeComPhotos: photos reach the record from the private chat, and from a group with words; what the platform loses on
// the way is fetched again, and what it will not give is asked for again.
func TestWeComPhotos(t *testing.T) {
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	defer stop()
	s := company(t, wecomtest.Options{})
	cfg := defaults()
	cfg.WeCom = []WeComConfig{accountOf(s)}
	app, _, done := servedAs(t, ctx, cfg, Setup{Log: slog.New(slog.DiscardHandler), Adapters: platforms})
	waitFor(t, func() bool { return s.Subscribed() != 0 })
	group := wecomtest.DefaultGroup
	said := func(where string, words ...string) func() bool {
		return func() bool {
			return slices.ContainsFunc(s.Shown(), func(m wecomtest.Shown) bool {
				return m.Where == where && !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(m.Text, w) })
			})
		}
	}
	s.Say("王工", group.ChatID, "@联帮 你好")
	waitFor(t, said(group.Title, "绑定联合体"))
	attended(t, app, "wecom/main")

	s.Inject(wecomtest.Fault{Name: "download", Status: 502, Times: 2})
	for side := range 2 {
		if sent := s.Deliver(wecomtest.Message{User: "王工", Images: [][]byte{cameraPhoto(t, 40+side)}}); !sent.Delivered {
			t.Fatalf("%+v", sent)
		}
	}
	waitFor(t, said("私聊 王工", "已存进 H1 参观座谈：2 张照片，现在共 2 张"))
	s.Inject(wecomtest.Fault{Name: "download", Status: 403})
	s.Deliver(wecomtest.Message{User: "王工", Images: [][]byte{cameraPhoto(t, 50)}})
	waitFor(t, said("私聊 王工", "1 张没收到，请再发一次"))
	s.SendFile("王工", "原图.jpg", cameraPhoto(t, 55))
	waitFor(t, said("私聊 王工", "请当图片再发一次"))
	s.Deliver(wecomtest.Message{User: "王工", Chat: group.ChatID, Text: "@联帮 照片 H1", Images: [][]byte{cameraPhoto(t, 60)}})
	waitFor(t, said(group.Title, "已存进 H1 参观座谈：1 张照片，现在共 3 张"))
	s.Deliver(wecomtest.Message{User: "王工", Chat: group.ChatID, Text: "@联帮 照片 H1"})
	waitFor(t, said(group.Title, "有 3 张照片", "群里的图片我收不到"))

	s.Say("王工", "", "照片 H1")
	var shown [][]byte
	waitFor(t, func() bool {
		shown = nil
		for _, m := range s.Shown() {
			if m.Type == "image" && m.Where == "私聊 王工" {
				shown = append(shown, m.File)
			}
		}
		return len(shown) == 3
	})
	for _, data := range shown {
		if _, err := jpeg.Decode(bytes.NewReader(data)); err != nil || bytes.Contains(data, []byte("GPS")) {
			t.Errorf("a photo came back otherwise: %v", err)
		}
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// TestFeishuPhotos: photos reach the record from the private chat, as a picture and as a file, and from a group as an answer
// to the activity's card; other pictures in the group are none of the bot's business.
func TestFeishuPhotos(t *testing.T) {
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	defer stop()
	s, group := platform(t, feishutest.Options{Unlimited: true})
	s.Grant(feishutest.ScopeAllMessages)
	cfg := defaults()
	cfg.Feishu = []FeishuConfig{tenantOf(s)}
	app, _, done := servedAs(t, ctx, cfg, Setup{Log: slog.New(slog.DiscardHandler), Adapters: platforms})
	waitFor(t, func() bool { return s.Connections() == 1 })
	worker := s.Person("王工")
	said := func(words string) func() bool {
		return func() bool {
			return slices.ContainsFunc(s.Shown(), func(m feishutest.Shown) bool { return strings.Contains(m.Text, words) })
		}
	}
	write := func(in *feishutest.Group, d feishutest.Draft) {
		t.Helper()
		if out := worker.Write(ctx, in, d); !out.Acked {
			t.Fatalf("%+v", out)
		}
	}
	write(group, feishutest.Draft{Text: "@联帮 你好"})
	waitFor(t, said("绑定联合体"))
	attended(t, app, "feishu/main")
	write(group, feishutest.Draft{Text: "@联帮 活动 H1"})
	card := ""
	waitFor(t, func() bool {
		for _, m := range s.Messages("") {
			if m.FromBot && strings.Contains(m.Text, "H1 参观座谈") {
				card = m.ID
			}
		}
		return card != ""
	})
	waitFor(t, func() bool { // the lane has noted the card
		var topic string
		err := app.DB.View(ctx, func(tx *storage.Tx) error {
			rooms, err := tx.RoomsOn("feishu/main", 1)
			if err != nil {
				return err
			}
			at := bot.Address{Platform: "feishu", Account: "main", Chat: rooms[0].Chat}
			topic, err = tx.Posted(at, card)
			return err
		})
		return err == nil && topic == "H1"
	})

	write(group, feishutest.Draft{Image: cameraPhoto(t, 30)}) // to nobody
	write(group, feishutest.Draft{Image: cameraPhoto(t, 40), ReplyTo: card})
	waitFor(t, said("已存进 H1 参观座谈：1 张照片，现在共 1 张"))
	write(nil, feishutest.Draft{Image: cameraPhoto(t, 50)})
	write(nil, feishutest.Draft{File: cameraPhoto(t, 60), FileName: "原图.JPG"})
	waitFor(t, said("已存进 H1 参观座谈：2 张照片，现在共 3 张"))
	write(nil, feishutest.Draft{File: []byte("PK"), FileName: "签到表.xlsx"})
	waitFor(t, said("我只收照片"))
	write(nil, feishutest.Draft{Text: "照片 H1"})
	waitFor(t, func() bool {
		n := 0
		for _, m := range s.Messages("") {
			if m.FromBot && m.Type == "image" {
				n++
			}
		}
		return n == 3
	})

	// A photo that is taken back at once is not kept, and nothing is told of it.
	out := worker.Write(ctx, nil, feishutest.Draft{Image: cameraPhoto(t, 70)})
	if back := worker.Recall(ctx, out.Message); !out.Acked || !back.Acked {
		t.Fatalf("%+v, %+v", out, back)
	}
	waitFor(t, func() bool {
		var all []consortium.Photo
		err := app.DB.View(ctx, func(tx *storage.Tx) (err error) {
			all, err = tx.PhotosOf(1)
			return err
		})
		return err == nil && len(all) == 3
	})
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
