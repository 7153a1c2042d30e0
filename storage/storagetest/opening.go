package storagetest

import (
	"context"
	"testing"
	"time"

	"lianbang/bot"
	"lianbang/consortium"
	"lianbang/storage"
)

// Whether somebody has been heard in private is known of each of his addresses, and costs nothing once it is.
func testOpening(t *testing.T, open Opener) {
	l := newLanes(t, open, bot.Caps{})
	resolve := func(e bot.Event) (a bot.Asker) {
		t.Helper()
		must(t, l.db, func(tx *storage.Tx) (err error) {
			tx.As("test", l.now)
			a, _, err = tx.Resolve(e, bot.Appointed)
			return err
		})
		return a
	}
	var person consortium.PersonID
	contact := func(what string, want bot.Opening) {
		t.Helper()
		must(t, l.db, func(tx *storage.Tx) error {
			tx.As("test", l.now)
			got, err := tx.Contacts(person)
			if err == nil && (len(got) != 1 || got[0] != bot.Contact{Address: group("", "li"), Opening: want}) {
				t.Errorf("%s: %+v, want opening %d", what, got, want)
			}
			return err
		})
	}
	quiet := func(what string, e bot.Event) { // a view may not write
		t.Helper()
		err := l.db.View(t.Context(), func(tx *storage.Tx) error {
			tx.As("test", l.now)
			_, _, err := tx.Resolve(e, bot.Appointed)
			return err
		})
		checkError(t, what, err, nil)
	}
	inGroup := said("e", group("r", "li"), "李雨")
	private := said("e", group("direct", "li"), "李雨")
	private.Direct = true
	entered, tapped := private, private
	entered.Kind, tapped.Kind = bot.Entered, bot.Clicked

	a := resolve(inGroup)
	person = consortium.PersonID(a.Person)
	check(t, "met in a group", a.Opening, bot.Unheard)
	contact("met in a group", bot.Unheard)
	check(t, "opened the chat", resolve(entered).Opening, bot.Unheard)
	contact("opened the chat", bot.Unheard)
	check(t, "tapped", resolve(tapped).Opening, bot.Open)
	contact("tapped", bot.Open)
	quiet("nothing is written when he speaks again", private)
	check(t, "speaks in the group again", resolve(inGroup).Opening, bot.Open)

	// What was sent there comes back.
	refused := func(began time.Time) {
		t.Helper()
		l.now = l.now.Add(time.Minute)
		l.enqueue(bot.Delivery{Key: "notice " + l.now.String(), To: group("", "li")}, bot.Delivery{Key: "next " + l.now.String(), To: group("", "li")})
		lease := l.claimOne()
		d, _ := l.advance(lease, nil)
		gone := bot.Settlement{Delivery: d.ID, Fate: bot.Dead, Gone: true, Error: "93006", Began: began, At: l.now}
		if d, _ = l.advance(lease, &gone); d == nil {
			t.Fatal("what else waits for him is not tried: it may answer him")
		}
		if d, _ = l.advance(lease, l.sent(d)); d != nil {
			t.Fatalf("more waits: %+v", d)
		}
	}
	refused(l.now.Add(time.Minute))
	contact("refused", bot.Shut)
	check(t, "speaks in the group when the chat is shut", resolve(inGroup).Opening, bot.Shut)
	quiet("nothing is written when the chat is shut", inGroup)
	l.now = l.now.Add(24 * time.Hour)
	contact("refused long ago", bot.Unheard)
	l.now = l.now.Add(-time.Second)
	contact("refused nearly a day ago", bot.Shut)
	check(t, "heard again", resolve(private).Opening, bot.Open)
	contact("heard again", bot.Open)

	// He is heard while the message that is refused is under way.
	l.now = l.now.Add(time.Minute)
	refused(l.now.Add(-2 * time.Minute))
	contact("heard meanwhile", bot.Open)

	// Somebody who is met in private is known there at once, and so is one whom the operator names, when he speaks.
	other := private
	other.From.User, other.Name = "wang", "王工"
	met := resolve(other)
	check(t, "met in private", met.Opening, bot.Open)
	named := addPerson(t, l.db, "赵敏")
	must(t, l.db, func(tx *storage.Tx) error { return tx.Identify(group("", "wang"), named.ID) })
	person = named.ID
	must(t, l.db, func(tx *storage.Tx) error {
		got, err := tx.Contacts(person)
		if err == nil && (len(got) != 1 || got[0].Opening != bot.Open) {
			t.Errorf("named by the operator: %+v", got)
		}
		return err
	})

	// A word may come beside the writers.
	third := inGroup
	third.ID, third.From.User, third.Name = "e3", "zhao", "赵工"
	resolve(third)
	third.ID, third.Direct = "e4", true
	var beside bot.Asker
	if err := l.db.Look(context.Background(), func(tx *storage.Tx) (err error) {
		if _, err = tx.Record(third, l.now); err == nil {
			beside, _, err = tx.Resolve(third, bot.Appointed)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	check(t, "heard beside the writers", beside.Opening, bot.Open)
	check(t, "known afterwards", resolve(third).Opening, bot.Open)
}
