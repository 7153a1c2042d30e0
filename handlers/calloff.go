package handlers

import (
	"fmt"
	"strings"

	"lianbang/bot"
	"lianbang/consortium"
)

// askCancel asks who says no more than 不办了 whether he means the activity that he registered; in private it may be the need
// that he has just reported.
func (d *Desk) askCancel(s Store, c *call) (bot.Reply, error) {
	if err := needMeant(s, c, true); err != nil {
		return bot.Reply{}, err
	}
	if id := c.Code("S"); id != 0 && c.Event.Direct {
		line := "撤回诉求 " + needCode(consortium.NeedID(id))
		c.Ask(bot.Question{Options: []bot.Option{{Label: line, Line: line}}})
		return Voice{d}.Unsure(c, line), nil
	}
	own, err := d.mayCallOff(s, c)
	if err != nil {
		return bot.Reply{}, err
	}
	switch len(own) {
	case 0:
		return bot.Reply{}, refuse("none-own", "接下来没有您登记的活动。自己不去了回“取消报名”；取消别人登记的活动请带上编号，比如“取消活动 H1”。")
	case 1:
		return d.confirmCancel(c, own[0]), nil
	}
	r := d.whichActivity(c, own, "取消活动 %s")
	r.Text = "要取消" + strings.TrimPrefix(r.Text, "是")
	return r, nil
}

// mayCallOff are the activities that the asker may mean: the one that he answers, else those of his own that are coming.
func (d *Desk) mayCallOff(s Store, c *call) ([]consortium.Activity, error) {
	if id := answeredActivity(c); id != 0 {
		a, err := loadActivity(s, id)
		if err != nil {
			return nil, err
		}
		return []consortium.Activity{a}, d.mayManage(s, c, a)
	}
	as, err := s.ComingActivities(consortium.ID(c.Consortium), c.Now, 50)
	if err != nil {
		return nil, fmt.Errorf("list activities: %w", err)
	}
	own := as[:0]
	for _, a := range as {
		if a.Organiser == consortium.PersonID(c.Person) {
			own = append(own, a)
		}
	}
	return lately(s, c, own)
}

// confirmCancel asks whether one activity is to be cancelled, and says whom that concerns.
func (d *Desk) confirmCancel(c *call, a consortium.Activity) bot.Reply {
	line := "取消活动 " + code(a.ID)
	c.Ask(bot.Question{Options: []bot.Option{{Label: line, Line: line}}})
	text := fmt.Sprintf("要取消 %s %s 吗？%s %s", code(a.ID), a.Title, d.when(a, c.Now), placeSaid(a.Place))
	if a.Seats+a.Waiting > 0 {
		text += "，已报 " + seats(a)
	}
	return bot.Say(text + "。\n取消请" + d.calling(c) + "回“是”，不取消回“不用”。")
}
