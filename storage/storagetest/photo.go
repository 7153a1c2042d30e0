package storagetest

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"lianbang/bot"
	"lianbang/consortium"
	"lianbang/storage"
)

// photo is a kept or awaited one.
func photo(a consortium.ActivityID, p consortium.PersonID, state consortium.PhotoState, number int, sent time.Time) *consortium.Photo {
	return &consortium.Photo{Activity: a, Person: p, State: state, Number: number, Sent: sent, Due: sent, Until: sent.Add(time.Hour),
		Source: []byte(`{"file":{"key":"geheim"}}`)}
}

func testPhotos(t *testing.T, open Opener) {
	db := open(t, at)
	first, second := photo(1, 7, consortium.PhotoKept, 1, noon), photo(1, 7, consortium.PhotoKept, 2, noon)
	awaited, removed := photo(1, 8, consortium.PhotoAwaited, 0, noon.Add(time.Minute)), photo(1, 7, consortium.PhotoRemoved, 5, noon)
	loose, stray := photo(0, 7, consortium.PhotoKept, 0, noon), photo(0, 7, consortium.PhotoAwaited, 0, noon.Add(-time.Hour))
	must(t, db, func(tx *storage.Tx) error { return tx.AddPhotos(second, first, awaited, removed, loose, stray) })
	ids := func(ps []consortium.Photo, err error) (out []consortium.PhotoID) {
		t.Helper()
		if err != nil {
			t.Error(err)
		}
		for _, p := range ps {
			out = append(out, p.ID)
		}
		return out
	}
	same := func(what string, got []consortium.PhotoID, want ...*consortium.Photo) {
		t.Helper()
		check(t, what, len(got), len(want))
		for i := range min(len(got), len(want)) {
			check(t, what, got[i], want[i].ID)
		}
	}
	must(t, db, func(tx *storage.Tx) error {
		same("of the activity", ids(tx.PhotosOf(1)), first, second, awaited)
		same("loose", ids(tx.LoosePhotos(7, noon.Add(-time.Minute))), loose)
		same("loose, all", ids(tx.LoosePhotos(7, noon.Add(-time.Hour))), stray, loose)
		same("due", ids(tx.PhotosDue(noon, 10)), stray)
		same("due later", ids(tx.PhotosDue(noon.Add(time.Hour), 1)), stray)
		same("untold", ids(tx.PhotosUntold(10)), second, first, awaited, removed, stray)
		number, err := tx.PhotoNumber(1)
		check(t, "highest number", number, 5)
		count, err2 := tx.PhotoCount(1)
		check(t, "kept", count, 2)
		last, err3 := tx.LastPhoto(7, noon)
		check(t, "last", last, 1)
		none, err4 := tx.LastPhoto(7, noon.Add(time.Second))
		check(t, "none lately", none, 0)
		return errors.Join(err, err2, err3, err4)
	})
	got, stale := *awaited, *awaited
	must(t, db, func(tx *storage.Tx) (err error) {
		if got, err = tx.Photo(awaited.ID); err != nil {
			return err
		}
		check(t, "source", string(got.Source), string(awaited.Source))
		got.State, got.Number, got.Hash, got.Told, got.Source = consortium.PhotoKept, 6, "h", true, nil
		return tx.SavePhoto(&got)
	})
	check(t, "version", got.Version, 2)
	checkError(t, "stale photo", db.Do(t.Context(), func(tx *storage.Tx) error { return tx.SavePhoto(&stale) }), consortium.ErrConflict)
	must(t, db, func(tx *storage.Tx) error {
		again, err := tx.Photo(awaited.ID)
		check(t, "saved", again.Told && again.Hash == "h" && again.Number == 6 && again.Source == nil, true)
		_, missing := tx.Photo(999)
		checkError(t, "unknown photo", missing, consortium.ErrNotFound)
		return err
	})
}

// testPhotosRetracted: who takes a message back takes back its photos, unless he was told of them.
func testPhotosRetracted(t *testing.T, open Opener) {
	db := open(t, at)
	with := func(account string, event bot.EventID, a consortium.ActivityID, told bool) *consortium.Photo {
		p := photo(a, 7, consortium.PhotoKept, 0, noon)
		p.Told, p.Source = told, bot.Pickup{Event: event, From: bot.Address{Platform: "p", Account: account, User: "u1"}}.Pack()
		return p
	}
	waiting, assigned, told := with("a", "m1", 0, false), with("a", "m1", 1, false), with("a", "m1", 1, true)
	other, foreign := with("a", "m2", 0, false), with("b", "m1", 0, false)
	broken := photo(1, 7, consortium.PhotoAwaited, 0, noon)
	broken.Source = []byte("?")
	all := []*consortium.Photo{waiting, assigned, told, other, foreign, broken}
	must(t, db, func(tx *storage.Tx) error { return tx.AddPhotos(all...) })
	must(t, db, func(tx *storage.Tx) error {
		recalled := bot.Event{ID: "r1", Kind: bot.Recalled, From: bot.Address{Platform: "p", Account: "a", User: "u1"}, Quoted: "m1"}
		_, err := tx.Record(recalled, noon)
		return errors.Join(err, tx.Retract("m1"))
	})
	must(t, db, func(tx *storage.Tx) error {
		for i, want := range []consortium.PhotoState{consortium.PhotoRemoved, consortium.PhotoRemoved, consortium.PhotoKept, consortium.PhotoKept, consortium.PhotoKept, consortium.PhotoAwaited} {
			p, err := tx.Photo(all[i].ID)
			if err != nil {
				return err
			}
			check(t, "state", p.State, want)
			check(t, "forgotten", p.Source == nil, want == consortium.PhotoRemoved)
		}
		return nil
	})
}

// testContent: a photo's content is what was stored, sealed, while the photo is kept; and it goes when its time is over.
func testContent(t *testing.T, open Opener) {
	db := open(t, at)
	p, old, gone := photo(1, 7, consortium.PhotoKept, 1, noon), photo(1, 7, consortium.PhotoKept, 2, noon.Add(-time.Hour)), photo(1, 7, consortium.PhotoRemoved, 3, noon)
	stray := photo(0, 7, consortium.PhotoKept, 0, noon)
	data := bytes.Repeat([]byte("picture "), 100_000) // in four parts
	for _, x := range []*consortium.Photo{p, old, gone, stray} {
		x.Size = len(data)
		must(t, db, func(tx *storage.Tx) error { return tx.AddPhotos(x) })
		if err := errors.Join(db.KeepContent(t.Context(), x.ID, data), db.KeepContent(t.Context(), x.ID, data)); err != nil {
			t.Fatal(err)
		}
	}
	got, err := db.Content(t.Context(), p.Content())
	if err != nil || !bytes.Equal(got, data) {
		t.Errorf("%d bytes of %d: %v", len(got), len(data), err)
	}
	for _, name := range []string{gone.Content(), "photo/999", "photo/x", "1", "file/1"} {
		_, err := db.Content(t.Context(), name)
		checkError(t, name, err, consortium.ErrNotFound)
	}
	parts := func(where string) (n int, plain bool) {
		t.Helper()
		rows, err := db.SQL().QueryContext(t.Context(), "SELECT body FROM photo_part"+where)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for ; rows.Next(); n++ {
			var body []byte
			if err := rows.Scan(&body); err != nil {
				t.Fatal(err)
			}
			plain = plain || bytes.Contains(body, []byte("picture"))
		}
		return n, plain
	}
	n, plain := parts("")
	check(t, "parts", n, 16)
	check(t, "readable", plain, false)

	purged := func(now time.Time) int64 {
		t.Helper()
		n, err := db.PurgePhotos(t.Context(), now)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	check(t, "too early", purged(noon.Add(59*time.Minute)), 0)
	check(t, "what was removed", purged(noon.Add(61*time.Minute)), 1)
	check(t, "nothing more", purged(noon.Add(61*time.Minute)), 0)
	check(t, "a stray one becomes a removed one", purged(noon.Add(62*time.Minute)), 0)
	check(t, "and goes", purged(noon.Add(123*time.Minute)), 1)
	check(t, "after three years", purged(noon.Add(consortium.KeepPhotos-30*time.Minute)), 1)
	n, _ = parts("")
	check(t, "parts left", n, 4)
	_, err = db.Content(t.Context(), p.Content())
	check(t, "the one that is left", err, nil)
}

// testPosted: a message of ours tells what it shows, in its own group only.
func testPosted(t *testing.T, open Opener) {
	l := newLanes(t, open, bot.Caps{})
	l.enqueue(bot.Delivery{Key: "a", Body: bot.Reply{Card: &bot.Card{Title: "H1"}, Topic: "H1"}})
	for _, lease := range l.claim("me") {
		d, _ := l.advance(lease, nil)
		s := l.sent(d)
		s.Receipt.Message, s.Topic = "m1", "H1"
		l.advance(lease, s)
	}
	must(t, l.db, func(tx *storage.Tx) error {
		here, err := tx.Posted(group("r", ""), "m1")
		check(t, "here", here, "H1")
		elsewhere, err2 := tx.Posted(group("r2", ""), "m1")
		check(t, "elsewhere", elsewhere, "")
		unknown, err3 := tx.Posted(group("r", ""), "m2")
		check(t, "another message", unknown, "")
		return errors.Join(err, err2, err3)
	})
}
