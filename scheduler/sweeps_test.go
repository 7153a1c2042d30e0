package scheduler

import (
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"lianbang/bot"
	"lianbang/consortium"
	"lianbang/storage"
)

// tick runs a sweep each minute from begin to end and notes when what left.
func tick(t *testing.T, db *storage.DB, s Sweep, begin, end time.Time) (out []string) {
	t.Helper()
	for now := begin; !now.After(end); now = now.Add(time.Minute) {
		if err := s.Run(t.Context(), now); err != nil {
			t.Fatal(err)
		}
		for _, d := range delivered(t, db, now) {
			out = append(out, now.In(shanghai).Format("0102-1504")+" "+string(d.To.Chat)+" "+d.Body.Text)
		}
	}
	return out
}

func expect(t *testing.T, got []string, want ...string) {
	t.Helper()
	if len(got)+len(want) > 0 && !reflect.DeepEqual(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestRemindersOnTime(t *testing.T) {
	onBoth(t, func(t *testing.T, open opener) {
		db, now := open(t, nil), clock(t, "2026-12-01 09:00:00")
		c := found(t, db, now, "光电信息", "光电信息群")
		found(t, db, now, "人工智能", "人工智能群")
		register(t, db, now, c, clock(t, "2026-12-04 15:30:00"))
		expect(t, tick(t, db, reminders(db), clock(t, "2026-12-03 15:00:00"), clock(t, "2026-12-04 16:00:00")),
			"1203-1530 光电信息群 联合主题党日 T-1d", "1204-1330 光电信息群 联合主题党日 T-2h")
	})
}

func TestRemindersToEveryRoomInParts(t *testing.T) {
	db, now := onSQLite(t, nil), clock(t, "2026-12-01 09:00:00")
	c := found(t, db, now, "光电信息", "甲", "乙")
	start := clock(t, "2026-12-04 15:30:00")
	register(t, db, now, c, start)
	s := reminders(db)
	s.Fit = twoParts
	var woken []string
	s.Wake = func(lane string) { woken = append(woken, lane) }
	due := start.Add(-24 * time.Hour)
	if err := s.Run(t.Context(), due); err != nil {
		t.Fatal(err)
	}
	got := delivered(t, db, due)
	prefix := fmt.Sprintf("remind/1/%d/fake/a/c/", due.Unix())
	if want := prefix + "甲 " + prefix + "甲/2 " + prefix + "乙 " + prefix + "乙/2"; keys(got) != want {
		t.Errorf("got  %s\nwant %s", keys(got), want)
	}
	for _, d := range got {
		if d.Urgency != bot.Remind || !d.Expires.Equal(due.Add(catchUpIn)) {
			t.Errorf("%+v", d)
		}
	}
	if len(woken) != 2 {
		t.Errorf("woken %v", woken)
	}
}

func TestRemindersAfterDowntime(t *testing.T) {
	start := "2026-12-04 15:30:00"
	for _, c := range []struct {
		name, back string // back: when the power returns
		want       []string
		reasons    string // of T-1d and T-2h
	}{
		{"an hour late", "2026-12-03 16:30:00", []string{"1203-1630 群 补发 联合主题党日 T-1d", "1204-1330 群 联合主题党日 T-2h"}, "late, on time"},
		{"three hours late", "2026-12-03 18:31:00", []string{"1204-1330 群 联合主题党日 T-2h"}, "next ahead, on time"},
		{"back when both are due", "2026-12-04 13:40:00", []string{"1204-1340 群 补发 联合主题党日 T-2h"}, "next ahead, late"},
		{"26 hours: back after the start", "2026-12-04 16:00:00", nil, "started, started"},
	} {
		t.Run(c.name, func(t *testing.T) {
			db, now := onSQLite(t, nil), clock(t, "2026-12-01 09:00:00")
			zone := found(t, db, now, "光电信息", "群")
			a := register(t, db, now, zone, clock(t, start))
			expect(t, tick(t, db, reminders(db), clock(t, c.back), clock(t, "2026-12-04 16:30:00")), c.want...)
			do(t, db, now, func(tx *storage.Tx) error {
				pending, err := tx.PendingReminders(a.ID)
				pending = slices.DeleteFunc(pending, func(r consortium.Reminder) bool { return r.Kind == consortium.AskPhotos })
				if len(pending) > 0 {
					t.Errorf("still pending: %+v", pending)
				}
				return err
			})
		})
	}
}

func TestRemindersMovedAndCancelled(t *testing.T) {
	onBoth(t, func(t *testing.T, open opener) {
		db, now := open(t, nil), clock(t, "2026-12-01 09:00:00")
		c := found(t, db, now, "光电信息", "群")
		moved := register(t, db, now, c, clock(t, "2026-12-04 15:30:00"))
		cancelled := register(t, db, now, c, clock(t, "2026-12-04 10:00:00"))
		do(t, db, now, func(tx *storage.Tx) error {
			a, err := tx.Activity(moved.ID)
			if err != nil {
				return err
			}
			a.Start = clock(t, "2026-12-05 09:00:00")
			if err := tx.SaveActivity(&a); err != nil {
				return err
			}
			if err := tx.VoidReminders(a.ID); err != nil {
				return err
			}
			return tx.AddReminders(consortium.PlanReminders(a, now)...)
		})
		do(t, db, now, func(tx *storage.Tx) error { // cancelled by somebody who forgot the reminders
			a, err := tx.Activity(cancelled.ID)
			if err != nil {
				return err
			}
			a.State = consortium.Cancelled
			return tx.SaveActivity(&a)
		})
		expect(t, tick(t, db, reminders(db), clock(t, "2026-12-03 09:00:00"), clock(t, "2026-12-05 09:30:00")),
			"1204-0900 群 联合主题党日 T-1d", "1205-0700 群 联合主题党日 T-2h")
	})
}

func TestRemindersWithoutARoom(t *testing.T) {
	db, now := onSQLite(t, nil), clock(t, "2026-12-01 09:00:00")
	c := found(t, db, now, "光电信息")
	a := register(t, db, now, c, clock(t, "2026-12-04 15:30:00"))
	expect(t, tick(t, db, reminders(db), clock(t, "2026-12-04 13:30:00"), clock(t, "2026-12-04 13:31:00")))
	do(t, db, now, func(tx *storage.Tx) error {
		pending, err := tx.PendingReminders(a.ID)
		if len(pending) != 1 || pending[0].Kind != consortium.AskPhotos {
			t.Error("a reminder for nobody waits for ever")
		}
		return err
	})
}

// Nodes that sweep at the same moment send once.
func TestSweepsOnManyNodes(t *testing.T) {
	onBoth(t, func(t *testing.T, open opener) {
		db, now := open(t, nil), clock(t, "2026-11-20 09:00:00")
		c := found(t, db, now, "光电信息", "群")
		at := clock(t, "2026-11-27 16:47:00")
		for range 20 {
			register(t, db, now, c, at.Add(2*time.Hour))
		}
		var nodes sync.WaitGroup
		for range 4 {
			nodes.Go(func() {
				if err := RunAll(t.Context(), at, reminders(db), digests(t, db)); err != nil {
					t.Error(err)
				}
			})
		}
		nodes.Wait()
		if got := delivered(t, db, at); len(got) != 21 {
			t.Errorf("%d messages for 20 reminders and a digest: %s", len(got), keys(got))
		}
	})
}

func TestDigests(t *testing.T) {
	onBoth(t, func(t *testing.T, open opener) {
		db, now := open(t, nil), clock(t, "2026-11-25 09:00:00")
		c := found(t, db, now, "光电信息", "甲", "乙")
		quiet := found(t, db, now, "人工智能") // no room yet
		s := digests(t, db)
		expect(t, tick(t, db, s, clock(t, "2026-11-27 16:40:00"), clock(t, "2026-11-27 17:00:00")),
			"1127-1647 甲 光电信息 1125-0900 1127-1647", "1127-1647 乙 光电信息 1125-0900 1127-1647")
		bind(t, db, now, quiet, "丙") // on the next Wednesday: last Friday's digest is of no interest
		expect(t, tick(t, db, s, clock(t, "2026-12-02 10:00:00"), clock(t, "2026-12-02 10:05:00")))
		expect(t, tick(t, db, s, clock(t, "2026-12-04 16:46:00"), clock(t, "2026-12-04 16:50:00")),
			"1204-1647 甲 光电信息 1127-1647 1204-1647", "1204-1647 乙 光电信息 1127-1647 1204-1647", "1204-1647 丙 人工智能 1127-1647 1204-1647")
		do(t, db, now, func(tx *storage.Tx) error {
			last, err := tx.LastDigest(c)
			if !last.Planned.Equal(clock(t, "2026-12-04 16:47:00")) || !last.Made.Equal(last.Planned) {
				t.Errorf("%+v", last)
			}
			return err
		})
		// Down for 26 hours, then for weeks: one digest each, with the real period.
		expect(t, tick(t, db, s, clock(t, "2026-12-12 18:47:00"), clock(t, "2026-12-12 18:50:00")),
			"1212-1847 甲 光电信息 1204-1647 1211-1647", "1212-1847 乙 光电信息 1204-1647 1211-1647", "1212-1847 丙 人工智能 1204-1647 1211-1647")
		expect(t, tick(t, db, s, clock(t, "2027-01-04 08:00:00"), clock(t, "2027-01-04 08:02:00")),
			"0104-0800 甲 光电信息 1211-1647 0101-1647", "0104-0800 乙 光电信息 1211-1647 0101-1647", "0104-0800 丙 人工智能 1211-1647 0101-1647")
	})
}
