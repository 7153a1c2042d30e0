package storagetest

import (
	"errors"
	"testing"
	"time"

	"lianbang/bot"
	"lianbang/consortium"
	"lianbang/storage"
)

func testPeople(t *testing.T, open Opener) {
	db := open(t, at)
	p := addPerson(t, db, "王工")
	namesake := addPerson(t, db, "王工")
	c := consortium.Consortium{Name: "光电信息", Kind: consortium.Chain}
	must(t, db, func(tx *storage.Tx) error {
		return errors.Join(tx.AddConsortium(&c), tx.Join(namesake.ID, c.ID, consortium.Liaison))
	})
	must(t, db, func(tx *storage.Tx) error {
		got, err := tx.PeopleNamed("王工", c.ID)
		if err != nil || len(got) != 2 || got[0].ID != namesake.ID {
			t.Errorf("people named: %+v %v", got, err)
		}
		ranked, err := tx.Ranked(c.ID, consortium.Member)
		if err != nil || len(ranked) != 1 || ranked[0].ID != namesake.ID {
			t.Errorf("ranked: %+v %v", ranked, err)
		}
		m, err := tx.Memberships(namesake.ID)
		if err != nil || len(m) != 1 || m[0] != (consortium.Membership{Consortium: c.ID, Name: "光电信息", Role: consortium.Liaison}) {
			t.Errorf("memberships: %+v %v", m, err)
		}
		_, err = tx.Person(999)
		checkError(t, "unknown person", err, consortium.ErrNotFound)
		return nil
	})
	stale := p
	p.Role = consortium.Coordinator
	must(t, db, func(tx *storage.Tx) error { return tx.SavePerson(&p) })
	check(t, "version", p.Version, 2)
	checkError(t, "stale person", db.Do(t.Context(), func(tx *storage.Tx) error { return tx.SavePerson(&stale) }), consortium.ErrConflict)
	must(t, db, func(tx *storage.Tx) error {
		zone, err := tx.Ranked(0, consortium.Coordinator)
		if err != nil || len(zone) != 1 || zone[0].ID != p.ID {
			t.Errorf("ranked in the zone: %+v %v", zone, err)
		}
		return tx.Join(namesake.ID, c.ID, consortium.Guest)
	})
	must(t, db, func(tx *storage.Tx) error {
		m, err := tx.Memberships(namesake.ID)
		check(t, "memberships after leaving", len(m), 0)
		return err
	})
	// The address used last comes first.
	one, two := group("", "wang"), bot.Address{Platform: "feishu", Account: "main", User: "ou_wang"}
	must(t, db, func(tx *storage.Tx) error {
		tx.As("test", noon)
		return errors.Join(tx.Identify(one, p.ID), tx.Identify(two, p.ID))
	})
	for i, from := range []bot.Address{one, two, one} {
		now := noon.Add(time.Duration(i+1) * time.Minute)
		must(t, db, func(tx *storage.Tx) error {
			e := said("e", from, "")
			e.Direct = true
			tx.As("test", now)
			if _, _, err := tx.Resolve(e, bot.Appointed); err != nil {
				return err
			}
			got, err := tx.Contacts(p.ID)
			if err != nil || len(got) != 2 || got[0] != (bot.Contact{Address: from.Private(), Opening: bot.Open}) {
				t.Errorf("contacts %d: %v %v", i, got, err)
			}
			return nil
		})
	}
}

func testConsortia(t *testing.T, open Opener) {
	db := open(t, at)
	c := consortium.Consortium{Name: "光电信息", Kind: consortium.Chain, Lead: "光谷", Aliases: []string{"光电", "光芯屏端网"}}
	must(t, db, func(tx *storage.Tx) error { return tx.AddConsortium(&c) })
	must(t, db, func(tx *storage.Tx) error {
		for _, name := range []string{"光电信息", "光电"} {
			got, err := tx.ConsortiumNamed(name)
			if err != nil || got.ID != c.ID || len(got.Aliases) != 2 || got.Lead != "光谷" {
				t.Errorf("consortium %s: %+v %v", name, got, err)
			}
		}
		_, err := tx.ConsortiumNamed("没有")
		checkError(t, "unknown consortium", err, consortium.ErrNotFound)
		o := consortium.Org{Name: "英芯光电", Kind: consortium.Enterprise}
		if err := tx.AddOrg(&o, c.ID); err != nil {
			return err
		}
		again := consortium.Org{Name: "英芯光电", Kind: consortium.Branch, Aliases: []string{"英芯"}}
		if err := tx.AddOrg(&again, c.ID); err != nil {
			return err
		}
		check(t, "the same unit", again.ID, o.ID)
		all, err := tx.Orgs()
		if err != nil || len(all) != 1 || all[0].Kind != consortium.Branch || len(all[0].Aliases) != 1 {
			t.Errorf("units: %+v %v", all, err)
		}
		list, err := tx.Consortia()
		check(t, "consortia", len(list), 1)
		return err
	})
	same := consortium.Consortium{Name: "光电信息", Kind: consortium.Chain}
	checkError(t, "a taken name", db.Do(t.Context(), func(tx *storage.Tx) error { return tx.AddConsortium(&same) }), consortium.ErrConflict)
}

func testRooms(t *testing.T, open Opener) {
	db := open(t, at)
	c := consortium.Consortium{Name: "光电信息", Kind: consortium.Chain}
	var room int64
	must(t, db, func(tx *storage.Tx) (err error) {
		if err = tx.AddConsortium(&c); err != nil {
			return err
		}
		if room, err = tx.AddRoom(group("r", ""), "光电信息群", false); err != nil {
			return err
		}
		return tx.Bind(room, c.ID)
	})
	rooms := func() (n int) {
		must(t, db, func(tx *storage.Tx) error {
			got, err := tx.Rooms(c.ID)
			if len(got) == 1 {
				check(t, "room", got[0], group("r", ""))
			}
			n = len(got)
			return err
		})
		return n
	}
	check(t, "rooms", rooms(), 1)
	left := bot.Event{ID: "left", Kind: bot.Left, From: group("r", "")}
	must(t, db, func(tx *storage.Tx) error { _, _, err := tx.Resolve(left, bot.Appointed); return err })
	check(t, "rooms after the bot left", rooms(), 0)
	left.Kind = bot.Joined
	must(t, db, func(tx *storage.Tx) error {
		a, _, err := tx.Resolve(left, bot.Appointed)
		check(t, "the same room", a.Room, room)
		return err
	})
	check(t, "rooms after it came back", rooms(), 1)
	checkError(t, "no such room", db.Do(t.Context(), func(tx *storage.Tx) error { return tx.Bind(99, c.ID) }), consortium.ErrNotFound)
}

func testActivities(t *testing.T, open Opener) {
	db := open(t, at)
	a := addActivity(t, db, 1, noon.Add(48*time.Hour))
	b := addActivity(t, db, 2, noon.Add(24*time.Hour))
	addActivity(t, db, 1, noon.Add(-time.Hour))
	must(t, db, func(tx *storage.Tx) error {
		got, err := tx.Activity(a.ID)
		if err != nil || got.Title != a.Title || !got.Start.Equal(a.Start) || !got.End.IsZero() || got.Capacity != 36 {
			t.Errorf("activity: %+v %v", got, err)
		}
		_, err = tx.Activity(99)
		checkError(t, "unknown activity", err, consortium.ErrNotFound)
		all, err := tx.ComingActivities(0, noon, 10)
		if err != nil || len(all) != 2 || all[0].ID != b.ID || all[1].ID != a.ID {
			t.Errorf("coming: %+v %v", all, err)
		}
		mine, err := tx.ComingActivities(1, noon, 10)
		if err != nil || len(mine) != 1 || mine[0].ID != a.ID {
			t.Errorf("coming of one: %+v %v", mine, err)
		}
		own, err := tx.ActivitiesOf(a.Organiser, noon, 10)
		if err != nil || len(own) == 0 || own[0].Organiser != a.Organiser {
			t.Errorf("of an organiser: %+v %v", own, err)
		}
		n, err := tx.CountActivitiesOf(a.Organiser, noon, 10)
		check(t, "count of an organiser's", n, len(own))
		if err != nil {
			return err
		}
		n, err = tx.CountActivitiesOf(a.Organiser, noon, len(own)-1)
		check(t, "count up to a bound", n, len(own)-1)
		if err != nil {
			return err
		}
		none, err := tx.ActivitiesOf(4711, noon, 10)
		check(t, "of nobody", len(none), 0)
		if err != nil {
			return err
		}
		held, err := tx.ActivitiesBetween(1, noon.Add(-2*time.Hour), noon)
		check(t, "held", len(held), 1)
		if err != nil {
			return err
		}
		held, err = tx.ActivitiesBetween(0, noon.Add(-2*time.Hour), noon)
		check(t, "held anywhere", len(held), 1)
		return err
	})
	stale := a
	a.State = consortium.Cancelled
	must(t, db, func(tx *storage.Tx) error { return tx.SaveActivity(&a) })
	check(t, "version", a.Version, 2)
	stale.Title = "改名"
	checkError(t, "stale activity", db.Do(t.Context(), func(tx *storage.Tx) error { return tx.SaveActivity(&stale) }), consortium.ErrConflict)
	must(t, db, func(tx *storage.Tx) error {
		all, err := tx.ComingActivities(1, noon, 10)
		check(t, "cancelled ones do not come", len(all), 0)
		return err
	})
}

func testRegistrations(t *testing.T, open Opener) {
	db := open(t, at)
	a := addActivity(t, db, 1, noon.Add(48*time.Hour))
	var people []consortium.Person
	for _, name := range []string{"甲", "乙", "丙", "丁"} {
		people = append(people, addPerson(t, db, name))
	}
	// Signed up in reverse; two wait, in an order of their own.
	for i := 3; i >= 0; i-- {
		r := consortium.Registration{Activity: a.ID, Person: people[i].ID, Seats: 2}
		if i < 2 {
			r.Seats, r.Waiting, r.Queue, r.Together = 0, 3, int64(10-i), true
		}
		must(t, db, func(tx *storage.Tx) error { return tx.SaveRegistration(&r) })
	}
	names := func(rs []consortium.Registration) (s string) {
		for _, r := range rs {
			s += r.Name
		}
		return s
	}
	must(t, db, func(tx *storage.Tx) error {
		all, err := tx.Registrations(a.ID)
		check(t, "by first sign-up", names(all), "丁丙乙甲")
		check(t, "unit", all[0].Unit, "英芯光电")
		wait, err2 := tx.Waitlist(a.ID, 10)
		check(t, "by queue", names(wait), "乙甲")
		check(t, "together", wait[0].Together, true)
		first, err3 := tx.Waitlist(a.ID, 1)
		check(t, "the first", names(first), "乙")
		ahead, err6 := tx.WaitingBefore(a.ID, wait[1].Queue)
		check(t, "people ahead", ahead, wait[0].Waiting)
		of, err4 := tx.AttendancesOf(people[3].ID, noon, 10)
		if len(of) != 1 || of[0].Activity.ID != a.ID || of[0].Activity.Title != a.Title || of[0].Registration.Person != people[3].ID {
			t.Errorf("of a person: %+v", of)
		}
		none, err5 := tx.Registration(a.ID, 999)
		check(t, "version of none", none.Version, 0)
		return errors.Join(err, err2, err3, err4, err5, err6)
	})
	var r consortium.Registration
	must(t, db, func(tx *storage.Tx) (err error) {
		r, err = tx.Registration(a.ID, people[3].ID)
		return err
	})
	stale := r
	r.Seats = 0
	must(t, db, func(tx *storage.Tx) error { return tx.SaveRegistration(&r) })
	checkError(t, "stale", db.Do(t.Context(), func(tx *storage.Tx) error { return tx.SaveRegistration(&stale) }), consortium.ErrConflict)
	twice := consortium.Registration{Activity: a.ID, Person: people[3].ID, Seats: 1}
	checkError(t, "stored twice", db.Do(t.Context(), func(tx *storage.Tx) error { return tx.SaveRegistration(&twice) }), consortium.ErrConflict)
	must(t, db, func(tx *storage.Tx) error {
		all, err := tx.Registrations(a.ID)
		check(t, "cancelled ones are not listed", names(all), "丙乙甲")
		r.Seats = 1
		return errors.Join(err, tx.SaveRegistration(&r))
	})
	must(t, db, func(tx *storage.Tx) error {
		all, err := tx.Registrations(a.ID)
		check(t, "the first sign-up still counts", names(all), "丁丙乙甲")
		return err
	})
}

func testReminders(t *testing.T, open Opener) {
	db := open(t, at)
	day := &consortium.Reminder{Activity: 1, Kind: consortium.DayBefore, Due: noon.Add(-time.Minute)}
	hours := &consortium.Reminder{Activity: 1, Kind: consortium.TwoHoursBefore, Due: noon.Add(time.Hour)}
	other := &consortium.Reminder{Activity: 2, Kind: consortium.DayBefore, Due: noon.Add(-time.Hour)}
	must(t, db, func(tx *storage.Tx) error { return tx.AddReminders(hours, day, other) })
	must(t, db, func(tx *storage.Tx) error {
		due, err := tx.DueReminders(noon, 10)
		if err != nil || len(due) != 2 || due[0].Activity != 2 || due[1].Kind != day.Kind {
			t.Fatalf("due: %+v %v", due, err)
		}
		day.ID = due[1].ID
		of, err := tx.PendingReminders(1)
		if err != nil || len(of) != 2 || of[0].ID != day.ID {
			t.Errorf("pending: %+v %v", of, err)
		}
		day.State, day.At = consortium.Sent, noon
		return tx.SettleReminder(*day)
	})
	err := db.Do(t.Context(), func(tx *storage.Tx) error { return tx.SettleReminder(*day) })
	checkError(t, "settled twice", err, consortium.ErrConflict)
	must(t, db, func(tx *storage.Tx) error { return tx.VoidReminders(1) })
	must(t, db, func(tx *storage.Tx) error {
		due, err := tx.DueReminders(noon.Add(48*time.Hour), 10)
		check(t, "due after all", len(due), 1)
		return err
	})
}

func testDigests(t *testing.T, open Opener) {
	db := open(t, at)
	d := consortium.Digest{Consortium: 1, Planned: noon, Made: noon, Cut: consortium.Cut{Consortium: "光电信息", From: noon.Add(-time.Hour), To: noon, People: 36}}
	must(t, db, func(tx *storage.Tx) error {
		_, err := tx.LastDigest(1)
		checkError(t, "no digest", err, consortium.ErrNotFound)
		return tx.AddDigest(d)
	})
	checkError(t, "the same digest", db.Do(t.Context(), func(tx *storage.Tx) error { return tx.AddDigest(d) }), consortium.ErrConflict)
	d.Planned, d.Cut.People = noon.Add(7*24*time.Hour), 40
	must(t, db, func(tx *storage.Tx) error { return tx.AddDigest(d) })
	must(t, db, func(tx *storage.Tx) error {
		last, err := tx.LastDigest(1)
		check(t, "people", last.Cut.People, 40)
		check(t, "planned", last.Planned.Equal(d.Planned), true)
		return err
	})
}
