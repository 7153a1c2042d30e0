package handlers

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"lianbang/bot"
	"lianbang/consortium"
	"lianbang/understand"
)

// activities is 活动: what is coming, or one activity.
func (d *Desk) activities(s Store, c *call) (bot.Reply, error) {
	if id := c.Code("H"); id != 0 {
		a, err := loadActivity(s, id)
		if err != nil {
			return bot.Reply{}, err
		}
		return d.show(s, c, a)
	}
	if r, ok := c.Reading.(understand.Reading); ok && r.Intent == understand.Headcount {
		a, asked, err := d.findMeant(s, c, "活动 %s")
		if asked != nil || err != nil {
			return reply(asked), err
		}
		return d.show(s, c, a)
	}
	as, err := s.ComingActivities(consortium.ID(c.Consortium), c.Now, 8)
	if err != nil {
		return bot.Reply{}, err
	}
	if len(as) == 0 {
		return bot.Say("接下来还没有活动。要办一场，直接说：" + d.calling(c) + "登记活动 下周三下午2点半 参观座谈 地点 企业服务中心 限30人"), nil
	}
	card := bot.Card{Title: "接下来的活动", Tone: bot.Info}
	var lines []string
	for _, a := range as {
		lines = append(lines, d.activityLine(a, c.Now))
		if a.SignupOpen(c.Now) && len(card.Buttons) < 3 {
			card.Buttons = append(card.Buttons, bot.Button{Label: "报名 " + code(a.ID), Command: "报名 " + code(a.ID)})
		}
	}
	card.Sections = []bot.Section{{Lines: lines}}
	return bot.Reply{Card: &card}, nil
}

// show is one activity as the asker sees it.
func (d *Desk) show(s Store, c *call, a consortium.Activity) (bot.Reply, error) {
	mine, err := s.Registration(a.ID, consortium.PersonID(c.Person))
	if err != nil {
		return bot.Reply{}, fmt.Errorf("load registration: %w", err)
	}
	photos, err := s.PhotoCount(a.ID)
	if err != nil {
		return bot.Reply{}, fmt.Errorf("count photos: %w", err)
	}
	if !c.Event.Direct { // everybody sees it
		return withPhotos(d.sharedCard(a, c.Now), photos), nil
	}
	r := d.activityCard(a, mine, c.Now)
	offered, err := mayOffer(s, c, a)
	if err != nil {
		return bot.Reply{}, err
	}
	if offered {
		r.Card.Buttons = append(r.Card.Buttons, invitationButton(c, a))
	}
	return withPhotos(r, photos), nil
}

// saveActivity stores a changed activity; the cards about it in groups follow.
func (d *Desk) saveActivity(s Store, c *call, a *consortium.Activity) error {
	if err := s.SaveActivity(a); err != nil {
		return fmt.Errorf("save activity: %w", err)
	}
	now := *a
	c.Changed(code(a.ID), func() bot.Reply { return d.sharedCard(now, c.Now) })
	return nil
}

func loadActivity(s Store, id int64) (consortium.Activity, error) {
	a, err := s.Activity(consortium.ActivityID(id))
	if errors.Is(err, consortium.ErrNotFound) || err == nil && a.State == consortium.Withdrawn {
		return a, refuse("no-activity", "没有%s。回“活动”看接下来有哪些。", unknownCode("H", id, "这个活动"))
	}
	return a, err
}

// progressOf is 进度: of a need, or of an activity when its code was given.
func (d *Desk) progressOf(s Store, c *call) (bot.Reply, error) {
	if c.Code("H") != 0 {
		return d.activities(s, c)
	}
	return d.progress(s, c)
}

// findActivity finds the activity that a change, a cancellation or a sign-up is about: by its code, else by its title or
// day among those that are coming, else the only one there is. When several fit it asks, and returns the words.
func (d *Desk) findActivity(s Store, c *call, again string) (consortium.Activity, *bot.Reply, error) {
	return d.findAmong(s, c, again, nil)
}

// findManaged is findActivity for what only some may do: of several that the words fit, the asker's own to manage are meant.
func (d *Desk) findManaged(s Store, c *call, again string) (consortium.Activity, *bot.Reply, error) {
	return d.findAmong(s, c, again, func(fits []consortium.Activity) ([]consortium.Activity, error) { return managed(s, c, fits) })
}

// managed are those of as that the asker may manage; all of them where there is none, so that he hears who may.
func managed(s Store, c *call, as []consortium.Activity) (own []consortium.Activity, err error) {
	for _, a := range as {
		ok, err := manages(s, c, a)
		if err != nil {
			return nil, err
		}
		if ok {
			own = append(own, a)
		}
	}
	if len(own) == 0 {
		return as, nil
	}
	return own, nil
}

// findAmong is findActivity with a choice among those that the words fit; nil leaves them all.
func (d *Desk) findAmong(s Store, c *call, again string, among func([]consortium.Activity) ([]consortium.Activity, error)) (consortium.Activity, *bot.Reply, error) {
	none := consortium.Activity{}
	if id := c.Code("H"); id != 0 {
		a, err := loadActivity(s, id)
		return a, nil, err
	}
	target := targetOf(c)
	if target.Letter != "" && target.Letter != "H" {
		return none, nil, refuse("not-an-activity", "%s%d 不是活动编号。回“活动”看接下来有哪些。", target.Letter, target.Number)
	}
	if id := cmp.Or(target.Number, answeredActivity(c)); id != 0 {
		a, err := loadActivity(s, id)
		return a, nil, err
	}
	if r, ok := c.Reading.(understand.Reading); ok && r.Intent == understand.Correct {
		return lastActivity(s, c)
	}
	as, err := s.ComingActivities(consortium.ID(c.Consortium), c.Now, 50)
	if err != nil {
		return none, nil, err
	}
	fits := fitting(as, target)
	if len(as) == 0 {
		return none, nil, refuse("no-activities", "接下来没有活动。")
	}
	strange := len(fits) == 0
	if strange && inquires(c) {
		return none, nil, refuse("no-activity", "接下来没有这样一场活动。回“活动”看接下来有哪些。")
	}
	if strange {
		fits = as
	}
	if among != nil {
		if fits, err = among(fits); err != nil {
			return none, nil, err
		}
	}
	if len(fits) == 1 && !strange {
		return fits[0], nil, nil
	}
	r := d.whichActivity(c, fits, again)
	return none, &r, nil
}

// answeredActivity is the one that a message answers which names none itself: that of the card, or the only one in the words
// that are quoted; 0 = there is none.
func answeredActivity(c *call) int64 {
	if t := targetOf(c); t.Title != "" || !t.Day.IsZero() {
		return 0
	}
	if id := codeIn(c.Topic, 'H'); id != 0 {
		return id
	}
	return bot.OnlyCode(bot.Fold(c.Event.Quoted), 'H')
}

// lastActivity is the one that the asker registered or changed last: what a correction without a name is about.
func lastActivity(s Store, c *call) (consortium.Activity, *bot.Reply, error) {
	act, err := s.LastAct(consortium.PersonID(c.Person))
	if errors.Is(err, consortium.ErrNotFound) || err == nil && (act.Subject != consortium.OfActivity && act.Subject != consortium.OfInvitation || c.Now.Sub(act.At) > consortium.UndoWindow) {
		return consortium.Activity{}, nil, refuse("nothing-to-correct", "要改哪一件？请带上编号，比如“改 H1 时间 周五下午3点”。")
	}
	if err != nil {
		return consortium.Activity{}, nil, fmt.Errorf("load last act: %w", err)
	}
	a, err := loadActivity(s, act.ID)
	return a, nil, err
}

// targetOf is what a free sentence is about.
func targetOf(c *call) understand.Target {
	r, _ := c.Reading.(understand.Reading)
	return r.Target
}

// fitting are the activities that a target's words and day fit best; all of them when it has none.
func fitting(as []consortium.Activity, t understand.Target) (out []consortium.Activity) {
	best := 1
	for _, a := range as {
		if !t.Day.IsZero() && !sameDay(a.Start.In(t.Day.Location()), t.Day) {
			continue
		}
		n := best
		if t.Title != "" {
			n = alike(t.Title, a.Title+" "+a.Place)
		}
		switch {
		case n > best:
			out, best = []consortium.Activity{a}, n
		case n == best:
			out = append(out, a)
		}
	}
	return out
}

// alike counts the pairs of neighbouring characters of said that stand in text, too.
func alike(said, text string) (n int) {
	r := []rune(said)
	for i := 1; i < len(r); i++ {
		if pair := string(r[i-1 : i+1]); !strings.Contains("活动这个那个我们参加报名", pair) && strings.Contains(text, pair) {
			n++
		}
	}
	return n
}

// whichActivity asks which of several is meant. again is the command line with %s where the code goes.
func (d *Desk) whichActivity(c *call, as []consortium.Activity, again string) bot.Reply {
	var q bot.Question
	var b strings.Builder
	b.WriteString("是哪一场？")
	if name := d.calling(c); name != "" {
		b.WriteString(name + "回数字")
	}
	for i, a := range as[:min(len(as), 5)] {
		q.Options = append(q.Options, bot.Option{Label: code(a.ID), Line: fmt.Sprintf(again, code(a.ID))})
		fmt.Fprintf(&b, "\n%d %s %s %s", i+1, code(a.ID), a.Title, d.when(a, c.Now))
	}
	c.Ask(q)
	return bot.Say(b.String())
}

// manages reports whether the asker is the organiser, or ranks as liaison in the activity's consortium.
func manages(s Store, c *call, a consortium.Activity) (bool, error) {
	if a.Organiser == consortium.PersonID(c.Person) {
		return true, nil
	}
	rank, err := rankIn(s, c, a.Consortium)
	return rank >= consortium.Liaison, err
}

// mayManage refuses everybody else to change an activity.
func (d *Desk) mayManage(s Store, c *call, a consortium.Activity) error {
	return onlyManagers(s, c, a, "改动")
}

// onlyManagers refuses everybody else to do what.
func onlyManagers(s Store, c *call, a consortium.Activity, what string) error {
	if ok, err := manages(s, c, a); ok || err != nil {
		return err
	}
	who, err := personName(s, a.Organiser)
	if err != nil {
		return err
	}
	return refuse("not-yours", "%s 由%s登记，只有本人或联合体联络员可以%s。", code(a.ID), who, what)
}

// roster is 名单: the people for who may manage the activity, how many there are for others.
func (d *Desk) roster(s Store, c *call) (bot.Reply, error) {
	a, asked, err := d.findMeant(s, c, "名单 %s")
	if asked != nil || err != nil {
		return reply(asked), err
	}
	if ok, err := manages(s, c, a); err != nil {
		return bot.Reply{}, err
	} else if !ok {
		return bot.Reply{}, refuse("not-yours", "%s %s 已报 %s。名单只有主办方和联络员能看。", code(a.ID), a.Title, seats(a))
	}
	rs, err := s.Registrations(a.ID)
	if err != nil {
		return bot.Reply{}, err
	}
	if len(rs) == 0 {
		return bot.Reply{Text: code(a.ID) + " 还没有人报名。", Class: bot.Internal}, nil
	}
	lines := make([]string, 0, len(rs)+1)
	lines = append(lines, fmt.Sprintf("%s %s 报名 %s", code(a.ID), a.Title, seats(a)))
	for _, r := range rs {
		lines = append(lines, name(consortium.Person{Name: r.Name, Unit: r.Unit})+" "+partyText(r))
	}
	return bot.Reply{Text: strings.Join(lines, "\n"), Class: bot.Internal}, nil
}
