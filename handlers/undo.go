package handlers

import (
	"encoding/json"
	"errors"
	"fmt"

	"lianbang/bot"
	"lianbang/consortium"
)

// remember keeps the asker's act, so that he can take it back. before is nil when the act created its subject.
func remember(s Store, c *call, subject consortium.Subject, id, version int64, before []byte, line string) error {
	err := s.SaveAct(consortium.Act{
		Person: consortium.PersonID(c.Person), Subject: subject, ID: id, Version: version, Before: before, Line: line, At: c.Now,
	})
	if err != nil {
		return fmt.Errorf("keep act: %w", err)
	}
	return nil
}

// undo is 撤销: the asker's own last act, within ten minutes, unless somebody built on it.
func (d *Desk) undo(s Store, c *call) (bot.Reply, error) {
	act, err := s.LastAct(consortium.PersonID(c.Person))
	if r, other, err := d.undoOther(s, c, act); other || err != nil {
		return r, err
	}
	switch {
	case errors.Is(err, consortium.ErrNotFound) || err == nil && act.Subject == "":
		return bot.Reply{}, refuse("nothing-to-undo", "没有可以撤销的操作。")
	case err != nil:
		return bot.Reply{}, fmt.Errorf("load last act: %w", err)
	case act.Subject == consortium.OfInvitation:
		return bot.Reply{}, refuse("sent", "H%d 已经发到群里，收不回来。有变动回“改 H%d …”，不办了回“取消活动 H%d”，我在群里说一声。", act.ID, act.ID, act.ID)
	case c.Now.Sub(act.At) > consortium.UndoWindow:
		return bot.Reply{}, refuse("too-late", "您上一步“%s”已经过了10分钟，不能撤销了。可以用“改”或“取消”。", act.Line)
	}
	var r bot.Reply
	switch act.Subject {
	case consortium.OfActivity:
		r, err = d.undoActivity(s, c, act)
	case consortium.OfRegistration:
		r, err = d.undoRegistration(s, c, act)
	case consortium.OfNeed:
		r, err = d.undoNeed(s, c, act)
	case consortium.OfNote:
		r, err = d.undoNote(s, c, act)
	case consortium.OfPhotos:
		r, err = d.undoPhotos(s, act)
	}
	if err != nil {
		return bot.Reply{}, err
	}
	if err := s.SaveAct(consortium.Act{Person: act.Person, At: c.Now}); err != nil {
		return bot.Reply{}, fmt.Errorf("clear last act: %w", err)
	}
	return r, nil
}

// undoOther serves 撤销 with the code of something that is not the asker's last act, or no longer to be undone: a need of his
// own may still be withdrawn, an activity is to be cancelled in so many words.
func (d *Desk) undoOther(s Store, c *call, act consortium.Act) (bot.Reply, bool, error) {
	activity, need := c.Code("H"), c.Code("S")
	fresh := c.Now.Sub(act.At) <= consortium.UndoWindow
	ofNeed := act.Subject == consortium.OfNeed || act.Subject == consortium.OfNote
	switch {
	case need != 0 && !(fresh && ofNeed && act.ID == need):
		r, err := d.withdrawNeed(s, c, need)
		return r, true, err
	case activity != 0 && !(fresh && !ofNeed && act.ID == activity):
		return bot.Reply{}, true, refuse("not-last", "H%d 不是您刚才那一步，或者已经过了10分钟。要停办请回“取消活动 H%d”，自己不去请回“取消报名 H%d”。", activity, activity, activity)
	}
	return bot.Reply{}, false, nil
}

func (d *Desk) undoActivity(s Store, c *call, act consortium.Act) (bot.Reply, error) {
	a, err := s.Activity(consortium.ActivityID(act.ID))
	if err != nil {
		return bot.Reply{}, fmt.Errorf("load activity: %w", err)
	}
	if a.Version != act.Version {
		return bot.Reply{}, refuse("built-on", "%s 之后已有人报名或改动，不能直接撤销。要停办请回“取消活动 %s”，要改请回“改 %s …”。", code(a.ID), code(a.ID), code(a.ID))
	}
	now := a
	if act.Before == nil {
		a.State = consortium.Withdrawn
	} else if err := json.Unmarshal(act.Before, &a); err != nil {
		return bot.Reply{}, fmt.Errorf("read kept activity: %w", err)
	}
	if a.Capacity > 0 && now.Seats > a.Capacity {
		return bot.Reply{}, refuse("filled", "按 %s 个名额已报 %d 人，改回 %d 个会坐不下，不能撤销。", capacityText(now.Capacity), now.Seats, a.Capacity)
	}
	a.Version, a.Seats, a.Waiting, a.Queue = now.Version, now.Seats, now.Waiting, now.Queue
	if err := d.saveActivity(s, c, &a); err != nil {
		return bot.Reply{}, err
	}
	rs := consortium.PlanReminders(a, c.Now)
	if err := moveReminders(s, a, rs); err != nil {
		return bot.Reply{}, err
	}
	if act.Before == nil {
		text := fmt.Sprintf("已撤销：%s %s。这个编号不再使用。", act.Line, a.Title)
		news := fmt.Sprintf("%s %s 不办了，登记已撤回。", code(a.ID), a.Title)
		told, err := tellShown(s, c, a, bot.Say(news))
		if told != "" {
			text += "\n" + told + "。"
		}
		return bot.Say(text), err
	}
	text := fmt.Sprintf("%s %s，%s", code(a.ID), a.Title, placeSaid(a.Place))
	if a.Capacity != now.Capacity {
		text += "，名额 " + capacityText(a.Capacity)
	}
	if a.State != now.State || !a.Start.Equal(now.Start) || a.Place != now.Place {
		news := fmt.Sprintf("更正：%s %s 照原来的办：%s %s。", code(a.ID), a.Title, d.when(a, c.Now), placeSaid(a.Place))
		told, err := d.announce(s, c, a, earlier(a.Start, now.Start), a.State != now.State, bot.Say(news))
		if err != nil {
			return bot.Reply{}, err
		}
		if told != "" {
			told = "\n" + told
		}
		text += told
	}
	return bot.Say(fmt.Sprintf("已撤销：%s。\n现在是 %s %s\n%s", act.Line, d.when(a, c.Now), text, d.reminderLine(a, rs, c.Now))), nil
}

func (d *Desk) undoRegistration(s Store, c *call, act consortium.Act) (bot.Reply, error) {
	a, err := s.Activity(consortium.ActivityID(act.ID))
	if err != nil {
		return bot.Reply{}, fmt.Errorf("load activity: %w", err)
	}
	r, err := s.Registration(a.ID, act.Person)
	if err != nil {
		return bot.Reply{}, fmt.Errorf("load registration: %w", err)
	}
	if r.Version != act.Version {
		return bot.Reply{}, refuse("built-on", "您的报名在那之后有变化(比如候补补上了)，请直接回“报名 %s 人数”或“取消报名 %s”。", code(a.ID), code(a.ID))
	}
	var before consortium.Registration
	if err := json.Unmarshal(act.Before, &before); err != nil {
		return bot.Reply{}, fmt.Errorf("read kept registration: %w", err)
	}
	if consortium.SignUp(&a, &r, before.Party(), consortium.Split, c.Now) == consortium.SignupClosed {
		return bot.Reply{}, d.signupClosed(a, c)
	}
	up, err := d.promoteOthers(s, c, &a)
	if err != nil {
		return bot.Reply{}, err
	}
	if err := s.SaveRegistration(&r); err != nil {
		return bot.Reply{}, fmt.Errorf("save registration: %w", err)
	}
	if err := d.saveActivity(s, c, &a); err != nil {
		return bot.Reply{}, err
	}
	state := "没有报名"
	switch {
	case r.Seats > 0:
		state = "报名 " + partyText(r)
	case r.Waiting > 0:
		state = partyText(r)
	}
	text := fmt.Sprintf("已撤销：%s。您现在%s，%s 已报 %s。", act.Line, state, code(a.ID), seats(a))
	if up != "" {
		text += "\n" + up + "。"
	}
	return bot.Say(text), nil
}

func (d *Desk) undoNeed(s Store, c *call, act consortium.Act) (bot.Reply, error) {
	n, err := s.Need(consortium.NeedID(act.ID))
	if err != nil {
		return bot.Reply{}, fmt.Errorf("load need: %w", err)
	}
	noted, err := notedSince(s, act)
	if err != nil {
		return bot.Reply{}, err
	}
	if n.Version != act.Version || noted {
		return bot.Reply{}, refuse("built-on", "%s 之后已有人接着办，不能直接撤销。回“进度 %s”看现在到哪一步。", needCode(n.ID), needCode(n.ID))
	}
	now := n
	if act.Before == nil {
		n.State = consortium.NeedWithdrawn
	} else if err := json.Unmarshal(act.Before, &n); err != nil {
		return bot.Reply{}, fmt.Errorf("read kept need: %w", err)
	}
	n.Version = now.Version
	if err := s.SaveNeed(&n); err != nil {
		return bot.Reply{}, fmt.Errorf("save need: %w", err)
	}
	news := confidential(fmt.Sprintf("更正：“%s”已撤回，%s 现在是“%s”。", act.Line, needCode(n.ID), stateText(n)))
	told := map[consortium.PersonID]bool{0: true, act.Person: true}
	for _, p := range []consortium.PersonID{n.Reporter, n.Assignee, now.Assignee} {
		if told[p] {
			continue
		}
		told[p] = true
		if _, err := tell(s, c, p, news); err != nil {
			return bot.Reply{}, err
		}
	}
	return confidential(fmt.Sprintf("已撤销：%s。%s 现在是“%s”。", act.Line, needCode(n.ID), stateText(n))), nil
}
