package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"image"
	"image/png"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"lianbang/bot"
	"lianbang/bot/webchat"
	"lianbang/consortium"
	"lianbang/picture"
	"lianbang/storage"
)

// How TestKillPhotos is played. Photos are looked at each second, and have several parts.
const (
	firstPhotoKill = 900 * time.Millisecond // after the program answers
	lastPhotoKill  = 1400 * time.Millisecond
	photoSide      = 800 // pixels
)

// TestKillPhotos kills the program again and again while somebody sends photos, and then counts: each photo that was
// acknowledged is kept once, as it was sent, and told of once.
func TestKillPhotos(t *testing.T) {
	t.Parallel()
	kills := 10
	if testing.Short() {
		kills = 2
	}
	data, where := filepath.Join(t.TempDir(), "data"), atomic.Value{}
	first := serveChild(t, data).answered()
	where.Store(first.address)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	sender := &typist{name: "林书记", own: 1, where: func() string { return where.Load().(string) }}
	if err := first.dial(sender.name).Say(ctx, webchat.Private, "t1-claim", "认领 "+first.claim()); err != nil {
		t.Fatal(err)
	}
	if code := first.stop(); code != 0 {
		t.Fatalf("exit code %d:\n%s", code, first.errors.String())
	}
	photographedActivity(t, data)
	enough, done := make(chan struct{}), make(chan error, 1)
	go func() { done <- sender.photograph(ctx, enough) }()
	rng := rand.New(rand.NewPCG(drawSeed, 100))
	interrupted := 0 // fetches that a kill interrupted
	serve := func() *child {
		now := serveChild(t, data)
		now.announced()
		where.Store(now.address)
		return now.answered()
	}
	for range kills {
		now := serve()
		time.Sleep(firstPhotoKill + time.Duration(rng.Float64()*float64(lastPhotoKill-firstPhotoKill)))
		now.kill()
		interrupted += atoi(t, rows(t, ledgerOf(t, data), `SELECT count(*) FROM photo WHERE state = 'awaited' AND size > 0`)[0][0])
	}
	last := serve()
	close(enough)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	db := ledgerOf(t, data)
	for end := time.Now().Add(90 * time.Second); ; time.Sleep(100 * time.Millisecond) { // longer than the claim of a killed program
		open := atoi(t, rows(t, db, `SELECT (SELECT count(*) FROM photo WHERE told = 0) + (SELECT count(*) FROM delivery WHERE state IN ('new', 'sending'))`)[0][0])
		if open == 0 {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("%d photos and deliveries wait", open)
		}
	}
	told := toldOfPhotos(t, db, history(t, last.address, sender.name))
	if code := last.stop(); code != 0 {
		t.Errorf("exit code %d after SIGTERM:\n%s", code, last.errors.String())
	}
	if told != len(sender.said) {
		t.Errorf("told of %d photos, %d were acknowledged", told, len(sender.said))
	}
	same(t, "photos", keptPhotos(t, data, len(sender.said)), sentPhotos(t, sender.said))
	t.Logf("%d photos, %d kills in the middle of storing one, %d repetitions; %s", len(sender.said), interrupted, sender.again, verifyAudit(t, data))
}

// photograph sends photos, at most as many as an activity keeps, until stop is closed and the last is acknowledged.
func (p *typist) photograph(ctx context.Context, stop <-chan struct{}) error {
	for n := 1; n <= consortium.MostPhotos; n++ {
		select {
		case <-stop:
			return nil
		default:
		}
		u := &utterance{id: fmt.Sprintf("%s-photo%d", p.id(), n), room: webchat.Private, picture: noise(uint64(n))}
		p.said = append(p.said, u)
		if err := p.say(ctx, u); err != nil {
			return fmt.Errorf("%s: %w", u.id, err)
		}
		pauseFor(ctx, 100*time.Millisecond)
	}
	return nil
}

// noise is a picture that does not compress.
func noise(seed uint64) []byte {
	m, rng := image.NewGray(image.Rect(0, 0, photoSide, photoSide)), rand.New(rand.NewPCG(drawSeed, seed))
	for i := range m.Pix {
		m.Pix[i] = byte(rng.Uint32())
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		panic(err) // into memory
	}
	return b.Bytes()
}

// stored opens the database of a program that has stopped.
func stored(t *testing.T, data string) *storage.DB {
	t.Helper()
	db, err := storage.Open(context.Background(), storage.Options{SQLite: filepath.Join(data, "lianbang.db"),
		KeyFile: filepath.Join(data, "lianbang.key"), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// photographedActivity makes an activity that runs, registered by the only person there is.
func photographedActivity(t *testing.T, data string) {
	t.Helper()
	db := stored(t, data)
	defer db.Close()
	now := time.Now()
	err := db.Do(context.Background(), func(tx *storage.Tx) error {
		tx.As("test", now)
		c := consortium.Consortium{Name: "光电信息", Kind: consortium.Chain, Created: now}
		err := tx.AddConsortium(&c)
		return errors.Join(err, tx.AddActivity(&consortium.Activity{Consortium: c.ID, Title: "参观", Start: now.Add(-time.Hour), Organiser: 1, State: consortium.Open}))
	})
	if err != nil {
		t.Fatal(err)
	}
}

var keptNews = regexp.MustCompile(`：(\d+) 张照片，现在共`)

// toldOfPhotos counts the photos that the answers in a room say are kept. Every answer must be there once.
func toldOfPhotos(t *testing.T, db *sql.DB, room *page) (told int) {
	t.Helper()
	shown := map[string]int{}
	for _, m := range room.messages() {
		if !m.FromBot() {
			continue
		}
		shown[m.Key]++
		text := bot.Plain(*m.Body)
		if strings.Contains(text, "没收到") || strings.Contains(text, "之前存过") || strings.Contains(text, "里已经有了") {
			t.Errorf("%s says %q", m.Key, text)
		}
		if kept := keptNews.FindStringSubmatch(text); kept != nil {
			told += atoi(t, kept[1])
		}
	}
	same(t, "journals", shown, tally(t, db, `SELECT key FROM delivery`))
	return told
}

// keptPhotos counts what is kept of the activity, by its content.
func keptPhotos(t *testing.T, data string, most int) map[string]int {
	t.Helper()
	db := stored(t, data)
	defer db.Close()
	out := map[string]int{}
	var all []consortium.Photo
	err := db.View(context.Background(), func(tx *storage.Tx) (err error) {
		all, err = tx.PhotosOf(1)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range all {
		content, err := db.Content(context.Background(), p.Content())
		if err != nil || p.Number != i+1 || len(content) != p.Size || i >= most {
			t.Errorf("photo %d of %d has the number %d and %d bytes of %d: %v", i+1, most, p.Number, len(content), p.Size, err)
		}
		out[fmt.Sprintf("%x", sha256.Sum256(content))]++
	}
	return out
}

// sentPhotos counts what was sent, by the content that is kept of it.
func sentPhotos(t *testing.T, said []*utterance) map[string]int {
	t.Helper()
	out := map[string]int{}
	for _, u := range said {
		clean, _, err := picture.Clean(u.picture)
		if err != nil {
			t.Fatal(err)
		}
		out[fmt.Sprintf("%x", sha256.Sum256(clean))]++
	}
	return out
}
