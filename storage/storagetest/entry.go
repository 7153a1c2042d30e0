package storagetest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"lianbang/bot"
	"lianbang/consortium"
	"lianbang/storage"
)

// diary puts entries into the calendar of an account and plays its sender.
type diary struct {
	*lanes
	activity consortium.Activity
}

func newDiary(t *testing.T, open Opener) *diary {
	l := newLanes(t, open, bot.Caps{Dedup: true}) // of messages: entries are not deduplicated
	return &diary{l, addActivity(t, l.db, 1, noon.Add(48*time.Hour))}
}

// change raises the activity's version.
func (y *diary) change(title string) {
	y.Helper()
	must(y.T, y.db, func(tx *storage.Tx) error {
		y.activity.Title = title
		return tx.SaveActivity(&y.activity)
	})
}

// put puts the activity as it is, and reports whether it could.
func (y *diary) put(cancelled bool) (put bool) {
	y.Helper()
	must(y.T, y.db, func(tx *storage.Tx) (err error) {
		tx.As("test", y.now)
		e := &bot.Entry{Title: y.activity.Title, Start: y.activity.Start, End: y.activity.Ends(), Cancelled: cancelled}
		put, err = tx.PutEntry(y.activity, bot.Delivery{Key: "entry/web/local/H1", Urgency: bot.Remind, Expires: e.End,
			To: bot.Address{Platform: "web", Account: "local"}, Body: bot.Reply{Topic: "H1", Entry: e}})
		return err
	})
	return put
}

func (y *diary) stale() (ids []consortium.ActivityID) {
	y.Helper()
	must(y.T, y.db, func(tx *storage.Tx) (err error) {
		ids, err = tx.StaleEntries("web/local", y.now, 10)
		return err
	})
	return ids
}

// next takes the delivery that may leave now, nil when none may.
func (y *diary) next(lease bot.Lease, done *bot.Settlement) *bot.Delivery {
	y.Helper()
	d, _ := y.advance(lease, done)
	return d
}

func settled(d *bot.Delivery, id string, at time.Time) *bot.Settlement {
	return &bot.Settlement{Delivery: d.ID, Fate: bot.Delivered, Receipt: bot.Receipt{Message: id, At: at}, Topic: d.Body.Topic, At: at}
}

func (y *diary) expect(d *bot.Delivery, title, update string, attempt int) {
	y.Helper()
	if d == nil {
		y.Fatalf("nothing leaves, not %q", title)
	}
	check(y.T, "title", d.Body.Entry.Title, title)
	check(y.T, "the entry that is changed", d.Update, update)
	check(y.T, "attempt", d.Attempt, attempt)
}

// testEntries: an entry is made once and changed from then on, however often and whenever its activity changes.
func testEntries(t *testing.T, open Opener) {
	y := newDiary(t, open)
	check(t, "missing", len(y.stale()), 1)
	check(t, "put", y.put(false), true)
	check(t, "nothing is stale", len(y.stale()), 0)
	y.change("二")
	check(t, "changed", len(y.stale()), 1)
	y.put(false)
	lease := y.claimOne()
	check(t, "lane", lease.Lane, bot.CalendarLane("web/local"))
	d := y.next(lease, nil)
	y.expect(d, "二", "", 1)
	first := d.Body.Entry.Life

	y.change("三") // while it is being made
	check(t, "put while it is on its way", y.put(false), false)
	check(t, "still stale", len(y.stale()), 1)
	check(t, "one entry, one delivery", y.next(lease, settled(d, "s1", y.now)) == nil, true)
	check(t, "put afterwards", y.put(false), true)
	lease = y.claimOne()
	d = y.next(lease, nil)
	y.expect(d, "三", "s1", 1)
	lost := settled(d, "", y.now) // its answer
	lost.Fate, lost.NotBefore, lost.Error = bot.Postponed, y.now.Add(time.Minute), "away"
	check(t, "later", y.next(lease, lost) == nil, true)
	y.change("四")
	y.put(false)
	check(t, "not before its time", len(y.claim("me")), 0)
	y.now = y.now.Add(time.Minute)
	lease = y.claimOne()
	d = y.next(lease, nil)
	y.expect(d, "四", "s1", 2)
	check(t, "the same life", d.Body.Entry.Life, first)
	y.next(lease, settled(d, "s1", y.now))

	y.change("五")
	check(t, "cancelled", y.put(true), true)
	lease = y.claimOne()
	d = y.next(lease, nil)
	y.expect(d, "五", "s1", 1)
	check(t, "to be gone", d.Body.Entry.Cancelled, true)
	y.next(lease, settled(d, "", y.now))
	y.change("六")
	y.put(true)
	check(t, "what is gone is not cancelled again", len(y.claim("me")), 0)
	y.change("七")
	y.put(false)
	d = y.next(y.claimOne(), nil)
	y.expect(d, "七", "", 1) // another one
	check(t, "another life", d.Body.Entry.Life, y.activity.Version)

	y.now = y.activity.Ends().Add(time.Minute)
	y.change("八")
	check(t, "what is over stays as it is", len(y.stale()), 0)
}

// testEntryRefused: a creation that is refused or given up is made later, also by hand, and looked for first where it may have
// arrived.
func testEntryRefused(t *testing.T, open Opener) {
	y := newDiary(t, open)
	y.put(false)
	lease := y.claimOne()
	d := y.next(lease, nil)
	dead := settled(d, "", y.now)
	dead.Fate, dead.Error = bot.Dead, "40058"
	y.next(lease, dead)
	checkError(t, "tried by hand", y.db.RetryDelivery(t.Context(), d.ID), nil)
	lease = y.claimOne()
	d = y.next(lease, nil)
	y.expect(d, "联合主题党日", "", 2)
	dead = settled(d, "", y.now)
	dead.Fate, dead.Error = bot.Dead, "40058"
	y.next(lease, dead)
	y.change("二")
	y.put(false)
	y.expect(y.next(y.claimOne(), nil), "二", "", 2)
}

// testEntryCrash: what a crash left on its way is sent again in doubt, as it was, and is only then changed.
func testEntryCrash(t *testing.T, open Opener) {
	y := newDiary(t, open)
	y.put(false)
	y.next(y.claimOne(), nil) // and the process dies
	y.now = y.now.Add(2 * leaseTime)
	y.change("二")
	check(t, "put while its fate is unknown", y.put(false), false)
	lease := y.claimOne()
	d := y.next(lease, nil)
	y.expect(d, "联合主题党日", "", 2)
	y.next(lease, settled(d, "s1", y.now))
	twice, err := y.db.Deliveries(t.Context(), storage.OutboxFilter{Doubt: true})
	if err != nil || len(twice) != 1 || twice[0].Key != "entry/web/local/H1" {
		t.Errorf("what may have come twice: %+v, %v", twice, err)
	}
	y.put(false)
	y.expect(y.next(y.claimOne(), nil), "二", "s1", 1)
}

// testEntryVersions: an earlier version never takes the place of a later one.
func testEntryVersions(t *testing.T, open Opener) {
	y := newDiary(t, open)
	before := y.activity
	y.change("二")
	y.put(false)
	y.activity, before = before, y.activity
	check(t, "put earlier", y.put(false), true)
	y.activity = before
	check(t, "nothing is stale", len(y.stale()), 0)
	y.expect(y.next(y.claimOne(), nil), "二", "", 1)
}

// testGuests: those of the account who have a seat, and who registered the activity.
func testGuests(t *testing.T, open Opener) {
	db := open(t, at)
	a := consortium.Activity{Consortium: 1, Title: "参观", Start: noon.Add(time.Hour), State: consortium.Open}
	host, seated, waiting, off, elsewhere := addPerson(t, db, "林"), addPerson(t, db, "王"), addPerson(t, db, "李"), addPerson(t, db, "赵"), addPerson(t, db, "何")
	a.Organiser = host.ID
	must(t, db, func(tx *storage.Tx) error { return tx.AddActivity(&a) })
	must(t, db, func(tx *storage.Tx) error {
		reg := func(p consortium.Person, seats, waiting int) error {
			return tx.SaveRegistration(&consortium.Registration{Activity: a.ID, Person: p.ID, Seats: seats, Waiting: waiting})
		}
		here := func(user string, p consortium.Person) error { return tx.Identify(group("", user), p.ID) }
		away := bot.Address{Platform: "web", Account: "other", User: "he"}
		return errors.Join(reg(host, 1, 0), reg(seated, 2, 1), reg(waiting, 0, 1), reg(off, 0, 0), reg(elsewhere, 1, 0),
			here("lin", host), here("wang", seated), here("wang2", seated), here("li", waiting), here("zhao", off), tx.Identify(away, elsewhere.ID))
	})
	for account, want := range map[string][]bot.UserKey{"web/local": {"lin", "wang", "wang2"}, "web/other": {"he"}, "web/none": nil} {
		must(t, db, func(tx *storage.Tx) error {
			got, err := tx.Guests(a, account, 10)
			if !slices.Equal(got, want) {
				t.Errorf("guests on %s: %v", account, got)
			}
			return err
		})
	}
}
