package storagetest

import (
	"strings"
	"testing"
	"time"

	"lianbang/bot"
	"lianbang/storage"
)

func testPostings(t *testing.T, open Opener) {
	l := newLanes(t, open, bot.Caps{})
	card := bot.Reply{Card: &bot.Card{Title: "H1"}, Topic: "H1"}
	l.enqueue(bot.Delivery{Key: "a", Body: card}, bot.Delivery{Key: "b", Body: bot.Say("无关")},
		bot.Delivery{Key: "c", To: group("", "u"), Body: card}, bot.Delivery{Key: "d", To: group("r2", ""), Body: card})
	for _, lease := range l.claim("me") {
		d, _ := l.advance(lease, nil)
		for d != nil {
			s := l.sent(d)
			s.Receipt.Message, s.Topic = "m-"+d.Key, d.Body.Topic
			d, _ = l.advance(lease, s)
		}
	}
	list := func(topic string, since time.Time, n int) (out []string) {
		must(t, l.db, func(tx *storage.Tx) error {
			out = nil
			ps, err := tx.Postings(topic, since, n)
			for _, p := range ps {
				out = append(out, string(p.To.Platform)+"/"+p.To.Account+"/"+string(p.To.Chat)+string(p.To.User)+" "+p.Message)
			}
			return err
		})
		return out
	}
	got := list("H1", noon.Add(-time.Hour), 10)
	check(t, "postings in groups", len(got), 2)
	all := strings.Join(got, ", ")
	if !strings.Contains(all, "web/local/r m-a") || !strings.Contains(all, "web/local/r2 m-d") {
		t.Errorf("postings: %s", all)
	}
	check(t, "at most one", len(list("H1", noon.Add(-time.Hour), 1)), 1)
	check(t, "too old", len(list("H1", noon.Add(time.Hour), 10)), 0)
	check(t, "another topic", len(list("H2", noon.Add(-time.Hour), 10)), 0)
}

func testUpdates(t *testing.T, open Opener) {
	l := newLanes(t, open, bot.Caps{})
	update := func(text string) bot.Delivery {
		return bot.Delivery{Key: "update/1", Update: "m1", Body: bot.Say(text), NotBefore: l.now.Add(time.Second)}
	}
	l.enqueue(update("1"))
	first := l.now
	l.now = l.now.Add(time.Second / 2)
	l.enqueue(update("2"))
	check(t, "not yet", len(l.claim("me")), 0)
	l.now = first.Add(time.Second)
	lease := l.claimOne() // as early as the first one asked for
	d, _ := l.advance(lease, nil)
	check(t, "the newest look", d.Body.Text+" "+d.Update, "2 m1")

	l.enqueue(update("3")) // while it is on its way
	l.now = l.now.Add(time.Second)
	d, _ = l.advance(lease, l.sent(d))
	if d == nil {
		t.Fatal("the change during sending is lost")
	}
	check(t, "the look after", d.Body.Text, "3")
	d, _ = l.advance(lease, l.sent(d))
	check(t, "nothing more", d == nil, true)
	l.enqueue(update("4")) // long after it was sent
	l.now = l.now.Add(time.Second)
	d, _ = l.advance(l.claimOne(), nil)
	check(t, "another change", d.Body.Text, "4")
}

func testRetract(t *testing.T, open Opener) {
	db := open(t, at)
	ask := said("e1", group("r", "u"), "王工")
	must(t, db, func(tx *storage.Tx) error {
		if _, err := tx.Record(ask, noon); err != nil {
			return err
		}
		a, _, err := tx.Resolve(ask, bot.Everybody)
		if err != nil {
			return err
		}
		return tx.Ask(ask.Place(), a.Person, &bot.Question{Command: "登记活动", Field: "when", Expires: noon.Add(time.Hour)})
	})
	for _, step := range []struct {
		source  bot.EventID
		waiting bool
	}{{"e0", true}, {"e1", false}} {
		must(t, db, func(tx *storage.Tx) error {
			recalled := bot.Event{ID: "r" + step.source, Kind: bot.Recalled, From: group("r", ""), Quoted: string(step.source)}
			if _, err := tx.Record(recalled, noon); err != nil {
				return err
			}
			if err := tx.Retract(step.source); err != nil {
				return err
			}
			_, q, err := tx.Resolve(ask, bot.Everybody)
			check(t, "a question waits after "+string(step.source)+" was recalled", q != nil, step.waiting)
			return err
		})
	}
}

func testTitles(t *testing.T, open Opener) {
	db := open(t, at)
	for i, step := range []struct {
		kind  bot.EventKind
		text  string
		title string
	}{{bot.Joined, "光电信息群", "光电信息群"}, {bot.Said, "活动", "光电信息群"}, {bot.Renamed, "光电联合体群", "光电联合体群"}, {bot.Joined, "", "光电联合体群"}} {
		must(t, db, func(tx *storage.Tx) error {
			e := bot.Event{ID: bot.EventID("e" + string(rune('0'+i))), Kind: step.kind, From: group("r", "u"), Text: step.text, Name: "王工"}
			if _, err := tx.Record(e, noon); err != nil {
				return err
			}
			if _, _, err := tx.Resolve(e, bot.Everybody); err != nil {
				return err
			}
			rooms, err := tx.RoomsOn("web/local", 10)
			if err != nil {
				return err
			}
			check(t, "rooms", len(rooms), 1)
			check(t, "title", rooms[0].Title, step.title)
			return nil
		})
	}
}
