package storagetest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"lianbang/bot"
	"lianbang/consortium"
	"lianbang/storage"
)

// Opener opens a fresh database for a test; change may be nil.
type Opener func(t testing.TB, change func(*storage.Options)) *storage.DB

// Run proves that the databases which open makes keep every promise of package storage.
func Run(t *testing.T, open Opener) {
	for _, c := range []struct {
		name string
		test func(*testing.T, Opener)
	}{
		{"events count once", testRecord}, {"who speaks where", testResolve}, {"open rooms", testOpenRooms},
		{"one person on several accounts", testCommon}, {"met on several accounts at once", testCommonAtOnce}, {"heard in private", testOpening},
		{"questions", testQuestions}, {"people", testPeople}, {"consortia", testConsortia}, {"rooms", testRooms},
		{"activities", testActivities}, {"registrations", testRegistrations}, {"needs", testNeeds}, {"notes", testNotes}, {"reminders", testReminders},
		{"digests", testDigests}, {"acts", testActs}, {"settings", testSettings}, {"codes", testCodes},
		{"admission", testAdmission}, {"seats", testSeat}, {"looks", testLook}, {"looks at once", testLookAtOnce}, {"units stand alone", testUnits}, {"panics", testPanics}, {"many at once", testContention}, {"views", testViews},
		{"refusal when closed", testClosed}, {"cancelled before it began", testCancelled},
		{"lane order", testLaneOrder}, {"lane pace", testLanePace}, {"lane taps", testLaneTaps}, {"lane lease", testLaneLease}, {"lane retry", testLaneRetry},
		{"lane crash", testLaneCrash}, {"lane doubt", testLaneDoubt}, {"lanes freed", testLanesFreed}, {"lane expiry", testLaneExpiry}, {"lane gone", testLaneGone}, {"next due", testNextDue},
		{"postings", testPostings}, {"updates", testUpdates}, {"retracted", testRetract}, {"photos retracted", testPhotosRetracted}, {"titles", testTitles}, {"pause", testPause}, {"operator", testOperator}, {"wake", testWake}, {"wanted", testWanted},
		{"entries", testEntries}, {"entries refused", testEntryRefused}, {"entries and crashes", testEntryCrash}, {"versions of entries", testEntryVersions}, {"guests", testGuests},
		{"audit", testAudit}, {"audit is broken", testAuditBroken}, {"sealing", testSealing}, {"purge", testPurge}, {"ready", testReady},
		{"shown", testShown}, {"fill", testFill}, {"photos", testPhotos}, {"content", testContent}, {"posted", testPosted},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, open) })
	}
}

// noon is when the tests play: Thursday 26 November 2026, 12:00 in Shanghai.
var noon = time.Date(2026, 11, 26, 4, 0, 0, 0, time.UTC)

func at(o *storage.Options) { o.Now = func() time.Time { return noon } }

func must(t *testing.T, db *storage.DB, fn func(*storage.Tx) error) {
	t.Helper()
	if err := db.Do(context.Background(), fn); err != nil {
		t.Fatal(err)
	}
}

func check[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func checkError(t *testing.T, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s: got error %v, want %v", what, got, want)
	}
}

func group(chat, user string) bot.Address {
	return bot.Address{Platform: "web", Account: "local", Chat: bot.ChatKey(chat), User: bot.UserKey(user)}
}

func said(id string, from bot.Address, name string) bot.Event {
	return bot.Event{ID: bot.EventID(id), Kind: bot.Said, At: noon, From: from, Name: name, Addressed: true, Text: "说的话 " + id}
}

func addPerson(t *testing.T, db *storage.DB, name string) consortium.Person {
	t.Helper()
	p := consortium.Person{Name: name, Unit: "英芯光电"}
	must(t, db, func(tx *storage.Tx) error { return tx.AddPerson(&p) })
	return p
}

func addActivity(t *testing.T, db *storage.DB, c consortium.ID, start time.Time) consortium.Activity {
	t.Helper()
	a := consortium.Activity{Consortium: c, Title: "联合主题党日", Place: "省光子技术重点实验室", Start: start, Capacity: 36,
		Host: "光电信息", State: consortium.Open}
	must(t, db, func(tx *storage.Tx) error { return errors.Join(needConsortium(tx, c), tx.AddActivity(&a)) })
	return a
}

// needConsortium makes consortia until there is one with the id.
func needConsortium(tx *storage.Tx, id consortium.ID) error {
	have, err := tx.Consortia()
	for n := len(have) + 1; err == nil && consortium.ID(n) <= id; n++ {
		err = tx.AddConsortium(&consortium.Consortium{Name: fmt.Sprintf("联合体 %d", n), Kind: "test"})
	}
	return err
}

func testRecord(t *testing.T, open Opener) {
	db := open(t, at)
	e := said("e1", group("r", "u"), "林书记")
	for i, want := range []bool{true, false, false} {
		must(t, db, func(tx *storage.Tx) error {
			fresh, err := tx.Record(e, noon)
			check(t, fmt.Sprint("fresh ", i), fresh, want)
			return err
		})
	}
	must(t, db, func(tx *storage.Tx) error { // an id counts within its account
		e.From.Account = "other"
		fresh, err := tx.Record(e, noon)
		check(t, "fresh on another account", fresh, true)
		return err
	})
	failed := errors.New("failed")
	e.ID = "e2"
	err := db.Do(t.Context(), func(tx *storage.Tx) error {
		if _, err := tx.Record(e, noon); err != nil {
			return err
		}
		return failed
	})
	checkError(t, "a failed unit", err, failed)
	must(t, db, func(tx *storage.Tx) error { // what failed was not recorded
		fresh, err := tx.Record(e, noon)
		check(t, "fresh after a failure", fresh, true)
		return err
	})
}

func testResolve(t *testing.T, open Opener) {
	db := open(t, at)
	e := said("e1", group("r", "wang"), "王工（英芯光电）")
	var a bot.Asker
	resolve := func() {
		t.Helper()
		must(t, db, func(tx *storage.Tx) (err error) {
			tx.As("test", noon)
			a, _, err = tx.Resolve(e, bot.Appointed)
			return err
		})
	}
	resolve()
	first := a
	check(t, "name", a.Name, "王工")
	check(t, "unit", a.Unit, "英芯光电")
	check(t, "role", a.Role, bot.Role(consortium.Guest))
	check(t, "consortium", a.Consortium, 0)
	if a.Person == 0 || a.Room == 0 {
		t.Errorf("unknown asker has no rows: %+v", a)
	}
	resolve()
	check(t, "new at first", first.New, true)
	first.New = false
	check(t, "the same again", a, first)

	stranger := e // his name is known later
	stranger.From.User, stranger.Name = "ou_1", ""
	for _, name := range []string{"", "陈静（英芯光电）", "别名"} {
		stranger.Name = name
		must(t, db, func(tx *storage.Tx) (err error) {
			a, _, err = tx.Resolve(stranger, bot.Appointed)
			return err
		})
	}
	check(t, "a name that came later", a.Name+" "+a.Unit, "陈静 英芯光电")
	resolve()

	c1 := consortium.Consortium{Name: "光电信息", Kind: consortium.Chain}
	c2 := consortium.Consortium{Name: "乡村振兴", Kind: consortium.Rural}
	must(t, db, func(tx *storage.Tx) error {
		return errors.Join(tx.AddConsortium(&c1), tx.AddConsortium(&c2), tx.Bind(a.Room, c1.ID),
			tx.Join(consortium.PersonID(a.Person), c1.ID, consortium.Member),
			tx.Join(consortium.PersonID(a.Person), c2.ID, consortium.Liaison))
	})
	resolve()
	check(t, "role in the room's consortium", a.Role, bot.Role(consortium.Member))
	check(t, "consortium of the room", a.Consortium, int64(c1.ID))
	e.Direct, e.From.Chat = true, "private-wang"
	resolve()
	check(t, "highest role in a direct chat", a.Role, bot.Role(consortium.Liaison))
	check(t, "consortium of a direct chat", a.Consortium, 0)
	must(t, db, func(tx *storage.Tx) error {
		p, err := tx.Person(consortium.PersonID(a.Person))
		if err != nil {
			return err
		}
		p.Role = consortium.Administrator
		return tx.SavePerson(&p)
	})
	e.Direct, e.From.Chat = false, "r"
	resolve()
	check(t, "zone role", a.Role, bot.Role(consortium.Administrator))
	e.From.User = ""
	resolve()
	check(t, "nobody", a.Person, 0)
}

func testOpenRooms(t *testing.T, open Opener) {
	db := open(t, at)
	seen := said("e0", group("r", "lin"), "林书记")
	must(t, db, func(tx *storage.Tx) error { _, _, err := tx.Resolve(seen, bot.Appointed); return err })
	var a, b, c, d bot.Asker
	must(t, db, func(tx *storage.Tx) (err error) {
		a, _, err = tx.Resolve(seen, bot.Everybody) // known but unbound, a guest
		return err
	})
	must(t, db, func(tx *storage.Tx) (err error) {
		b, _, err = tx.Resolve(said("e1", group("r2", "zhao"), "赵敏"), bot.Everybody)
		return err
	})
	direct := said("e2", group("p", "hr"), "刘HR")
	direct.Direct = true
	must(t, db, func(tx *storage.Tx) (err error) {
		c, _, err = tx.Resolve(direct, bot.Everybody)
		return err
	})
	check(t, "role", a.Role, bot.Role(consortium.Member))
	check(t, "role of the second", b.Role, bot.Role(consortium.Member))
	check(t, "role in a direct chat", c.Role, bot.Role(consortium.Member))
	check(t, "one default consortium", a.Consortium, b.Consortium)
	check(t, "a direct chat has none", c.Consortium, 0)
	must(t, db, func(tx *storage.Tx) error {
		got, err := tx.Consortium(consortium.ID(a.Consortium))
		check(t, "name of the default consortium", got.Name, "本地联合体")
		check(t, "kind of the default consortium", got.Kind, consortium.Local)
		return err
	})
	bound := consortium.Consortium{Name: "光电信息", Kind: consortium.Chain}
	must(t, db, func(tx *storage.Tx) error { return errors.Join(tx.AddConsortium(&bound), tx.Bind(b.Room, bound.ID)) })
	must(t, db, func(tx *storage.Tx) (err error) { // a stranger in a bound room becomes a member there
		d, _, err = tx.Resolve(said("e3", group("r2", "li"), "李雨"), bot.Everybody)
		return err
	})
	check(t, "consortium of a bound room", d.Consortium, int64(bound.ID))
	check(t, "role in a bound room", d.Role, bot.Role(consortium.Member))
}

func testQuestions(t *testing.T, open Opener) {
	db := open(t, at)
	e := said("e1", group("r", "u"), "林书记")
	q := bot.Question{Command: "登记活动", Draft: map[string]string{"title": "参观"}, Field: "place", Asked: noon, Expires: noon.Add(30 * time.Minute)}
	var person int64
	pending := func(e bot.Event, now time.Time) (got *bot.Question) {
		t.Helper()
		must(t, db, func(tx *storage.Tx) error {
			tx.As("test", now)
			a, q, err := tx.Resolve(e, bot.Appointed)
			got, person = q, a.Person
			return err
		})
		return got
	}
	if pending(e, noon) != nil {
		t.Error("a question that nobody asked")
	}
	must(t, db, func(tx *storage.Tx) error { return tx.Ask(e.From, person, &q) })
	got := pending(e, noon)
	if got == nil || got.Field != "place" || got.Draft["title"] != "参观" {
		t.Fatalf("question: %+v", got)
	}
	if pending(e, noon.Add(31*time.Minute)) != nil {
		t.Error("an expired question was returned")
	}
	if pending(said("e2", group("r2", "u"), "林书记"), noon) != nil {
		t.Error("the question followed into another group")
	}
	q.Field = "title"
	must(t, db, func(tx *storage.Tx) error { return tx.Ask(e.From, person, &q) })
	if got = pending(e, noon); got == nil || got.Field != "title" {
		t.Errorf("the second question did not replace the first: %+v", got)
	}
	must(t, db, func(tx *storage.Tx) error { return tx.Ask(e.From, person, nil) })
	if pending(e, noon) != nil {
		t.Error("a cleared question was returned")
	}
	// Asked privately from a group, answered in the one-to-one chat by its key, and cleared there.
	must(t, db, func(tx *storage.Tx) error {
		if _, err := tx.Record(e, noon); err != nil {
			return err
		}
		return tx.Ask(e.From.Private(), person, &q)
	})
	direct := said("e3", group("with-u", "u"), "林书记")
	direct.Direct = true
	if pending(direct, noon) == nil {
		t.Error("the private question was not found in the one-to-one chat")
	}
	if pending(e, noon) != nil {
		t.Error("the private question showed in the group")
	}
	must(t, db, func(tx *storage.Tx) error {
		if _, err := tx.Record(direct, noon); err != nil {
			return err
		}
		return tx.Ask(direct.From, person, nil)
	})
	if pending(direct, noon) != nil {
		t.Error("the private question was not cleared")
	}
}
