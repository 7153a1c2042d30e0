package handlers

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"lianbang/bot"
	"lianbang/consortium"
)

// reach finds where a person is reached in private: of the addresses that reach him the one he used last. Where ok is false
// there is none, and nothing may claim that he is told.
func reach(s Store, c *call, p consortium.PersonID) (to bot.Address, ok bool, err error) {
	contacts, err := s.Contacts(p)
	if err != nil {
		return to, false, fmt.Errorf("find where person %d is reached: %w", p, err)
	}
	for _, k := range contacts {
		if c.Reaches(k) {
			return k.Address, true, nil
		}
	}
	return to, false, nil
}

// tell sends a message to a person privately, where he is reached.
func tell(s Store, c *call, p consortium.PersonID, r bot.Reply) (ok bool, err error) {
	to, ok, err := reach(s, c, p)
	if ok {
		c.Tell(to, r)
	}
	return ok, err
}

// parties counts those who signed up: each with a seat at least, or with places on the waiting list alone.
type parties struct{ seated, waiting int }

func (p *parties) add(r consortium.Registration) {
	if r.Seats > 0 {
		p.seated++
	} else {
		p.waiting++
	}
}

func (p parties) all() int { return p.seated + p.waiting }

// text names both sorts: 2 位报名人和 1 位候补.
func (p parties) text() string {
	switch {
	case p.waiting == 0:
		return fmt.Sprintf("%d 位报名人", p.seated)
	case p.seated == 0:
		return fmt.Sprintf("%d 位候补", p.waiting)
	}
	return fmt.Sprintf("%d 位报名人和 %d 位候补", p.seated, p.waiting)
}

// round is how news for several people fared.
type round struct {
	told, missed parties
	unreached    []string // names of those who were missed
}

// maxMissed is how many names a sentence holds.
const maxMissed = 10

// tell tells one more of those with a party.
func (n *round) tell(s Store, c *call, r consortium.Registration, news bot.Reply) error {
	ok, err := tell(s, c, r.Person, news)
	switch {
	case err != nil:
	case ok:
		n.told.add(r)
	default:
		n.missed.add(r)
		n.unreached = append(n.unreached, name(consortium.Person{Name: r.Name, Unit: r.Unit}))
	}
	return err
}

// line says who knows of it, "" when it was for nobody. Names are for the organiser alone: a group gets the count.
func (n round) line(c *call) string {
	told := "已私聊通知 " + n.told.text()
	switch {
	case n.missed.all() == 0 && n.told.all() == 0:
		return ""
	case n.missed.all() == 0:
		return told
	case n.told.all() == 0:
		return fmt.Sprintf("有 %s我私聊不到，请转告%s", n.missed.text(), n.whom(c))
	}
	return fmt.Sprintf("%s，另 %s我私聊不到，请转告%s", told, n.missed.text(), n.whom(c))
}

// whom lists those who were missed, in private.
func (n round) whom(c *call) string {
	if !c.Event.Direct {
		return ""
	}
	return "：" + n.names()
}

func (n round) names() string {
	if len(n.unreached) > maxMissed {
		return strings.Join(n.unreached[:maxMissed], "、") + "等"
	}
	return strings.Join(n.unreached, "、")
}

// remindedBefore is how long before its start the groups of an activity have been reminded of it.
const remindedBefore = 24 * time.Hour

// tellGroups tells the other groups of an activity's consortium of a change that comes after they were reminded of the start
// that was: who relies on the reminder must not stand before a closed door. Where the activity was shown, it is told earlier,
// too, when held says that the change is whether it takes place. told says in a line where it was said.
func tellGroups(s Store, c *call, a consortium.Activity, was time.Time, held bool, news bot.Reply) (told string, err error) {
	switch early := was.Sub(c.Now) > remindedBefore; {
	case early && !held:
		return "", nil
	case early:
		return tellShown(s, c, a, news)
	}
	rooms, err := s.Rooms(a.Consortium)
	if err != nil {
		return "", fmt.Errorf("list the groups of an activity: %w", err)
	}
	return tellRooms(c, rooms, news), nil
}

// tellShown tells the other groups that were shown an activity.
func tellShown(s Store, c *call, a consortium.Activity, news bot.Reply) (told string, err error) {
	rooms, shown, err := groupsOf(s, a)
	if err != nil {
		return "", err
	}
	return tellRooms(c, slices.DeleteFunc(rooms, func(room bot.Address) bool { return shown[room].IsZero() }), news), nil
}

// tellRooms tells all but the group where it was asked for, and says how many.
func tellRooms(c *call, rooms []bot.Address, news bot.Reply) (told string) {
	n := 0
	for _, room := range rooms {
		if room != c.Event.Place() {
			c.Tell(room, news)
			n++
		}
	}
	switch {
	case n == 0:
		return ""
	case c.Event.Direct:
		return fmt.Sprintf("已在 %d 个群里通知", n)
	}
	return fmt.Sprintf("已通知另外 %d 个群", n)
}

// announce brings a change of an activity to those who signed up and, when it comes late or the activity is held no more or
// again, to the groups. told says who knows, line by line, "" when it was for nobody.
func (d *Desk) announce(s Store, c *call, a consortium.Activity, was time.Time, held bool, news bot.Reply) (told string, err error) {
	people, err := d.tellRegistered(s, c, a, news)
	if err != nil {
		return "", err
	}
	groups, err := tellGroups(s, c, a, was, held, news)
	if err != nil {
		return "", err
	}
	return strings.Join(slices.DeleteFunc([]string{people, groups}, func(l string) bool { return l == "" }), "\n"), nil
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
