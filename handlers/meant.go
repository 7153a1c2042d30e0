package handlers

import (
	"errors"
	"fmt"
	"slices"

	"lianbang/bot"
	"lianbang/consortium"
	"lianbang/understand"
)

// findJoined is findActivity for what changes a party: of several that the words fit, the one is meant that the asker has
// just dealt with, else those for which he has signed up.
func (d *Desk) findJoined(s Store, c *call, again string) (consortium.Activity, *bot.Reply, error) {
	return d.findAmong(s, c, again, func(fits []consortium.Activity) ([]consortium.Activity, error) {
		fits, err := joined(s, c, fits)
		if err != nil {
			return nil, err
		}
		return lately(s, c, fits)
	})
}

// findOpen is findManaged for news of what was open: of several that the words fit, those are meant whose place is open, where
// that is the news, then the asker's own, then the one that he has just dealt with.
func (d *Desk) findOpen(s Store, c *call, again string) (consortium.Activity, *bot.Reply, error) {
	return d.findAmong(s, c, again, func(fits []consortium.Activity) ([]consortium.Activity, error) {
		fits, err := managed(s, c, fits)
		if err != nil {
			return nil, err
		}
		if r, _ := c.Reading.(understand.Reading); len(r.Activities) > 0 && r.Activities[0].Place != "" {
			fits = preferred(fits, func(a consortium.Activity) bool { return placeOr(a.Place) == understand.Undecided })
		}
		fits = preferred(fits, func(a consortium.Activity) bool { return a.Organiser == consortium.PersonID(c.Person) })
		return lately(s, c, fits)
	})
}

// findMeant is findActivity for a question about one: of several that the words fit, the one is meant that the asker has just
// dealt with, else those that he registered, else those for which he has signed up.
func (d *Desk) findMeant(s Store, c *call, again string) (consortium.Activity, *bot.Reply, error) {
	return d.findAmong(s, c, again, func(fits []consortium.Activity) ([]consortium.Activity, error) {
		fits, err := lately(s, c, fits)
		if err != nil {
			return nil, err
		}
		mine := preferred(fits, func(a consortium.Activity) bool { return a.Organiser == consortium.PersonID(c.Person) })
		if len(mine) < len(fits) {
			return mine, nil
		}
		return joined(s, c, fits)
	})
}

// inquires reports whether a free sentence asks about an activity and wants nothing changed.
func inquires(c *call) bool {
	r, _ := c.Reading.(understand.Reading)
	return r.Intent == understand.Roster || r.Intent == understand.Headcount
}

// lately is the one of as that the asker's last act was about, while he may still take that back; else all of them.
func lately(s Store, c *call, as []consortium.Activity) ([]consortium.Activity, error) {
	act, err := s.LastAct(consortium.PersonID(c.Person))
	if errors.Is(err, consortium.ErrNotFound) || err == nil && c.Now.Sub(act.At) > consortium.UndoWindow {
		return as, nil
	}
	if err != nil {
		return nil, fmt.Errorf("load last act: %w", err)
	}
	return preferred(as, func(a consortium.Activity) bool {
		return int64(a.ID) == act.ID && slices.Contains([]consortium.Subject{consortium.OfActivity, consortium.OfRegistration, consortium.OfInvitation}, act.Subject)
	}), nil
}

// joined are those of as for which the asker has signed up; all of them where there is none.
func joined(s Store, c *call, as []consortium.Activity) ([]consortium.Activity, error) {
	own, err := s.AttendancesOf(consortium.PersonID(c.Person), c.Now, 50)
	if err != nil {
		return nil, fmt.Errorf("list own registrations: %w", err)
	}
	return preferred(as, func(a consortium.Activity) bool {
		return slices.ContainsFunc(own, func(o consortium.Attendance) bool { return o.Activity.ID == a.ID })
	}), nil
}

// preferred are those of as that are liked; all of them where none is.
func preferred(as []consortium.Activity, liked func(consortium.Activity) bool) []consortium.Activity {
	var out []consortium.Activity
	for _, a := range as {
		if liked(a) {
			out = append(out, a)
		}
	}
	if len(out) == 0 {
		return as
	}
	return out
}

// needMeant gives a call that names no need the one that it is about: the only one in the words that are quoted, else, where
// last says so, the one that the asker has just dealt with. Without either nothing is given.
func needMeant(s Store, c *call, last bool) error {
	if r, _ := c.Reading.(understand.Reading); c.Code("S") != 0 || r.Target.Number != 0 {
		return nil
	}
	id := bot.OnlyCode(bot.Fold(c.Event.Quoted), 'S')
	if id == 0 && last {
		act, err := s.LastAct(consortium.PersonID(c.Person))
		if err != nil && !errors.Is(err, consortium.ErrNotFound) {
			return fmt.Errorf("load last act: %w", err)
		}
		if err == nil && act.Subject == consortium.OfNeed && c.Now.Sub(act.At) <= consortium.UndoWindow {
			id = act.ID
		}
	}
	if id != 0 {
		c.Codes = map[string]int64{"S": id}
	}
	return nil
}
