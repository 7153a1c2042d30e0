package scheduler

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"lianbang/bot"
	"lianbang/consortium"
	"lianbang/storage"
)

// library is an adapter from which files can be fetched.
type library struct {
	bot.Adapter
	mu      sync.Mutex
	files   map[string][]byte
	failing int    // so many more attempts fail
	during  func() // runs while a file is on its way; nil = nothing
	err     error
	tried   int
}

func (l *library) Name() (bot.Platform, string) { return "fake", "a" }

func (l *library) Fetch(ctx context.Context, f bot.FileRef, _ int64) (*bot.Attachment, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tried++
	if l.failing > 0 {
		l.failing--
		return nil, l.err
	}
	if l.during != nil {
		l.during()
	}
	switch f.Key {
	case "slow":
		l.mu.Unlock()
		<-ctx.Done()
		l.mu.Lock()
		return nil, ctx.Err()
	case "panic":
		panic("boom")
	case "nothing":
		return nil, nil
	}
	data, ok := l.files[f.Key]
	if !ok {
		return nil, bot.ErrFileGone
	}
	return &bot.Attachment{Data: data}, nil
}

func drawn(t testing.TB, side int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, side, side))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// darkroom is the work on photos with a clock of its own.
type darkroom struct {
	*Photos[*storage.Tx]
	t       *testing.T
	db      *storage.DB
	library *library
	now     time.Time
	a       consortium.Activity
}

func newDarkroom(t *testing.T, open opener) *darkroom {
	r := &darkroom{t: t, db: open(t, nil), now: clock(t, "2026-12-04 17:00:00"), library: &library{err: errors.New("reset"), files: map[string][]byte{}}}
	c := found(t, r.db, r.now, "光电信息", "光电信息群")
	r.a = register(t, r.db, r.now, c, clock(t, "2026-12-04 15:30:00"))
	for i := range 60 {
		r.library.files[fmt.Sprint("p", i)] = drawn(t, i+1)
	}
	r.library.files["words"] = []byte("hello")
	r.Photos = &Photos[*storage.Tx]{Store: r.db, Adapters: []bot.Adapter{r.library}, Fit: plain, Quiet: PhotosQuiet, Logger: silent,
		Now: func() time.Time { return r.now },
		Words: func(n consortium.PhotoNews) bot.Reply {
			return bot.Say(fmt.Sprintf("%s kept %d of %d double %d lost %d large %d format %d surplus %d", n.Activity.Title, n.Kept, n.Total, n.Double, n.Lost, n.Large, n.NoFormat, n.Surplus))
		}}
	return r
}

// send adds photos as a command would.
func (r *darkroom) send(a consortium.ActivityID, keys ...string) (ids []consortium.PhotoID) {
	r.t.Helper()
	for _, key := range keys {
		from := bot.Address{Platform: "fake", Account: "a", User: "u1"}
		p := &consortium.Photo{Activity: a, Person: 7, State: consortium.PhotoAwaited, Sent: r.now, Due: r.now, Until: r.now.Add(5 * time.Minute),
			Source: bot.Pickup{From: from, Place: from, File: bot.FileRef{Key: key}}.Pack()}
		do(r.t, r.db, r.now, func(tx *storage.Tx) error { return tx.AddPhotos(p) })
		ids = append(ids, p.ID)
	}
	return ids
}

// pass lets so much time go by, second by second, and returns what was said.
func (r *darkroom) pass(d time.Duration) (said []string) {
	r.t.Helper()
	for end := r.now.Add(d); r.now.Before(end); r.now = r.now.Add(time.Second) {
		if err := r.Work(r.t.Context()); err != nil {
			r.t.Fatal(err)
		}
		for _, x := range delivered(r.t, r.db, r.now) {
			said = append(said, x.Body.Text)
		}
	}
	return said
}

func (r *darkroom) states(ids ...consortium.PhotoID) (out []string) {
	r.t.Helper()
	do(r.t, r.db, r.now, func(tx *storage.Tx) error {
		out = nil
		for _, id := range ids {
			p, err := tx.Photo(id)
			if err != nil {
				return err
			}
			out = append(out, strings.TrimSpace(fmt.Sprint(p.State, " ", p.Number, " ", p.Reason)))
		}
		return nil
	})
	return out
}

func TestPhotos(t *testing.T) {
	onBoth(t, func(t *testing.T, open opener) {
		r := newDarkroom(t, open)
		ids := r.send(r.a.ID, "p1", "p2")
		if said := r.pass(2 * time.Second); said != nil {
			t.Errorf("told before the rest could come: %q", said)
		}
		ids = append(ids, r.send(r.a.ID, "p1", "words", "nowhere", "panic")...)
		expect(t, r.pass(30*time.Second), "联合主题党日 kept 2 of 2 double 1 lost 1 large 0 format 1 surplus 0")
		got := r.states(ids...)
		slices.Sort(got[:3]) // fetched side by side
		expect(t, got[:5], "double 0", "kept 1", "kept 2", "refused 0 format", "lost 0")
		if got[5] != "awaited 0" {
			t.Errorf("an adapter that panics: %s", got[5])
		}
		expect(t, r.pass(5*time.Minute), "联合主题党日 kept 0 of 2 double 0 lost 1 large 0 format 0 surplus 0")
		for _, id := range ids[:2] {
			if data, err := r.db.Content(t.Context(), consortium.Photo{ID: id}.Content()); err != nil || len(data) == 0 {
				t.Errorf("photo %d: %d bytes, %v", id, len(data), err)
			}
		}
	})
}

// TestPhotosAgain: an attempt that fails is made again within the link's life, and not beyond.
func TestPhotosAgain(t *testing.T) {
	r := newDarkroom(t, onSQLite)
	r.library.failing = 3
	ids := r.send(r.a.ID, "p1")
	expect(t, r.pass(30*time.Second), "联合主题党日 kept 1 of 1 double 0 lost 0 large 0 format 0 surplus 0")
	if r.library.tried != 4 {
		t.Errorf("%d attempts", r.library.tried)
	}
	r.library.failing, r.library.tried = 1000, 0
	ids = append(ids, r.send(r.a.ID, "p2")...)
	expect(t, r.pass(10*time.Minute), "联合主题党日 kept 0 of 1 double 0 lost 1 large 0 format 0 surplus 0")
	expect(t, r.states(ids...), "kept 1", "lost 0")
	if r.library.tried < 6 || r.library.tried > 10 {
		t.Errorf("%d attempts", r.library.tried)
	}
	r.library.failing, r.library.err = 1, bot.ErrFileLarge
	ids = r.send(r.a.ID, "p3")
	expect(t, r.pass(5*time.Second), "联合主题党日 kept 0 of 1 double 0 lost 0 large 1 format 0 surplus 0")
	expect(t, r.states(ids...), "refused 0 large")
}

// TestPhotosDown: a program that was off for so long that the link is dead says so, once.
func TestPhotosDown(t *testing.T) {
	r := newDarkroom(t, onSQLite)
	r.send(0, "p1", "p2")
	r.now = r.now.Add(time.Hour)
	expect(t, r.pass(5*time.Second), " kept 0 of 0 double 0 lost 2 large 0 format 0 surplus 0")
	if r.library.tried != 0 {
		t.Errorf("%d attempts after the link's life", r.library.tried)
	}
}

// TestPhotosOfOthers: photos of an account that is another process's are left to it, and do not hold up our own; when nobody
// has fetched them in time that is said.
func TestPhotosOfOthers(t *testing.T) {
	r := newDarkroom(t, onSQLite)
	from := bot.Address{Platform: "fake", Account: "other", User: "u1"}
	for range 30 {
		p := &consortium.Photo{Activity: r.a.ID, Person: 7, State: consortium.PhotoAwaited, Sent: r.now, Due: r.now.Add(-time.Minute), Until: r.now.Add(5 * time.Minute),
			Source: bot.Pickup{From: from, Place: bot.Address{Platform: "fake", Account: "a", User: "u2"}, File: bot.FileRef{Key: "p1"}}.Pack()}
		do(t, r.db, r.now, func(tx *storage.Tx) error { return tx.AddPhotos(p) })
	}
	r.send(r.a.ID, "p1")
	expect(t, r.pass(10*time.Second), "联合主题党日 kept 1 of 1 double 0 lost 0 large 0 format 0 surplus 0")
	if r.library.tried != 1 {
		t.Errorf("%d attempts", r.library.tried)
	}
	expect(t, r.pass(6*time.Minute), "联合主题党日 kept 0 of 1 double 0 lost 16 large 0 format 0 surplus 0", "联合主题党日 kept 0 of 1 double 0 lost 14 large 0 format 0 surplus 0")
}

// TestPhotosTaken: what was taken back meanwhile stays so, and what is told later what it shows is told of then.
func TestPhotosTaken(t *testing.T) {
	r := newDarkroom(t, onSQLite)
	ids := r.send(r.a.ID, "p1")
	loose := r.send(0, "p2")
	do(t, r.db, r.now, func(tx *storage.Tx) error {
		p, err := tx.Photo(ids[0])
		p.State = consortium.PhotoRemoved
		return errors.Join(err, tx.SavePhoto(&p))
	})
	expect(t, r.pass(10*time.Second))
	expect(t, r.states(ids[0], loose[0]), "removed 0", "kept 0")
	do(t, r.db, r.now, func(tx *storage.Tx) error {
		p, err := tx.Photo(loose[0])
		p.Activity = r.a.ID
		return errors.Join(err, consortium.PutPhoto(tx, &p), tx.SavePhoto(&p))
	})
	expect(t, r.pass(10*time.Second), "联合主题党日 kept 1 of 1 double 0 lost 0 large 0 format 0 surplus 0")
}

// TestPhotosTakenMeanwhile: of what is taken back while it is being fetched nothing stays.
func TestPhotosTakenMeanwhile(t *testing.T) {
	onBoth(t, func(t *testing.T, open opener) {
		r := newDarkroom(t, open)
		ids := r.send(r.a.ID, "p1")
		r.library.during = func() {
			do(t, r.db, r.now, func(tx *storage.Tx) error {
				p, err := tx.Photo(ids[0])
				p.State, p.Told, p.Source = consortium.PhotoRemoved, true, nil
				return errors.Join(err, tx.SavePhoto(&p))
			})
		}
		expect(t, r.pass(10*time.Second))
		expect(t, r.states(ids...), "removed 0")
		if n, err := r.db.PurgePhotos(t.Context(), r.now.Add(2*time.Hour)); err != nil || n != 1 {
			t.Errorf("%d contents purged: %v", n, err)
		}
		var parts int
		if err := r.db.SQL().QueryRowContext(t.Context(), "SELECT count(*) FROM photo_part").Scan(&parts); err != nil || parts != 0 {
			t.Errorf("%d parts left: %v", parts, err)
		}
	})
}

// TestPhotosPanic: a photo on which the work panics is one that is lost, after its time; the others are kept.
func TestPhotosPanic(t *testing.T) {
	r := newDarkroom(t, onSQLite)
	ids := r.send(r.a.ID, "nothing", "p1")
	if err := r.Work(t.Context()); err == nil || !strings.Contains(err.Error(), "panic") {
		t.Errorf("no panic: %v", err)
	}
	expect(t, r.states(ids...), "awaited 0", "kept 1")
	r.now = r.now.Add(6 * time.Minute)
	expect(t, r.pass(5*time.Second), "联合主题党日 kept 1 of 1 double 0 lost 1 large 0 format 0 surplus 0")
}

// TestPhotosSlow: who sent a photo that has arrived is told of it while another's is still on its way.
func TestPhotosSlow(t *testing.T) {
	r := newDarkroom(t, onSQLite)
	r.send(0, "slow") // which nobody is told of
	r.send(r.a.ID, "p1")
	r.Quiet = 0
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	for end := time.Now().Add(30 * time.Second); len(delivered(t, r.db, r.now)) == 0; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("nothing is told")
		}
	}
	expect(t, r.states(1, 2), "awaited 0", "kept 1")
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// TestPhotosOnManyNodes: each photo is fetched by one of them, kept once and told of once, and there are no more than allowed.
func TestPhotosOnManyNodes(t *testing.T) {
	onBoth(t, func(t *testing.T, open opener) {
		r := newDarkroom(t, open)
		var keys []string
		for i := range 52 {
			keys = append(keys, fmt.Sprint("p", i))
		}
		ids := r.send(r.a.ID, keys...)
		var said []string
		for range 20 {
			var nodes sync.WaitGroup
			for range 3 {
				nodes.Go(func() {
					if err := r.Work(t.Context()); err != nil {
						t.Error(err)
					}
				})
			}
			nodes.Wait()
			for _, d := range delivered(t, r.db, r.now) {
				said = append(said, d.Body.Text)
			}
			r.now = r.now.Add(time.Second)
		}
		expect(t, said, "联合主题党日 kept 50 of 50 double 0 lost 0 large 0 format 0 surplus 2")
		if r.library.tried != len(ids) {
			t.Errorf("%d attempts for %d photos", r.library.tried, len(ids))
		}
		numbers := r.states(ids...)
		slices.Sort(numbers)
		if len(slices.Compact(numbers)) != 51 {
			t.Errorf("numbers: %q", numbers)
		}
	})
}

// TestAskForPhotos: who registered the activity is asked once, in private, and not at night; not when there are photos,
// and not where he is not reached.
func TestAskForPhotos(t *testing.T) {
	onBoth(t, func(t *testing.T, open opener) {
		db, now := open(t, nil), clock(t, "2026-12-01 09:00:00")
		c := found(t, db, now, "光电信息", "光电信息群")
		s := reminders(db)
		s.Ask = func(a consortium.Activity, to bot.Address) bot.Reply {
			return bot.Say("photos of " + a.Title + "? " + string(to.User))
		}
		var ends []consortium.Activity
		for _, start := range []string{"2026-12-03 10:00:00", "2026-12-03 11:00:00", "2026-12-03 17:45:00"} {
			a := register(t, db, now, c, clock(t, start))
			a.Organiser = 1 // who said hello when the room was bound
			do(t, db, now, func(tx *storage.Tx) error { return tx.SaveActivity(&a) })
			ends = append(ends, a)
		}
		do(t, db, now, func(tx *storage.Tx) error {
			longer := ends[1]
			longer.End = clock(t, "2026-12-03 15:00:00")
			return errors.Join(tx.SaveActivity(&longer), tx.AddPhotos(&consortium.Photo{Activity: 99, State: consortium.PhotoKept}))
		})
		expect(t, tick(t, db, s, clock(t, "2026-12-03 12:55:00"), clock(t, "2026-12-03 20:44:00")),
			"1203-1300  photos of 联合主题党日? u1", "1203-1545 光电信息群 联合主题党日 T-2h", "1203-1600  photos of 联合主题党日? u1")
		// The program was off from a quarter to nine to eleven in the evening.
		expect(t, tick(t, db, s, clock(t, "2026-12-03 23:00:00"), clock(t, "2026-12-04 09:00:00")), "1204-0800  photos of 联合主题党日? u1")

		another := register(t, db, clock(t, "2026-12-04 09:00:00"), c, clock(t, "2026-12-04 10:00:00"))
		do(t, db, now, func(tx *storage.Tx) error {
			return tx.AddPhotos(&consortium.Photo{Activity: another.ID, State: consortium.PhotoKept, Number: 1})
		})
		expect(t, tick(t, db, s, clock(t, "2026-12-04 12:55:00"), clock(t, "2026-12-04 14:00:00")))

		a := register(t, db, clock(t, "2026-12-07 09:00:00"), c, clock(t, "2026-12-07 10:00:00"))
		a.Organiser = 1
		do(t, db, now, func(tx *storage.Tx) error { return tx.SaveActivity(&a) })
		s.Reaches = func(bot.Contact) bool { return false }
		expect(t, tick(t, db, s, clock(t, "2026-12-07 12:55:00"), clock(t, "2026-12-07 14:00:00")))
	})
}
