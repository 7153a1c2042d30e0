package handlers

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"lianbang/bot"
	"lianbang/consortium"
	"lianbang/understand"
)

// signUp is 报名: the party becomes as large as was said, one when nothing was said.
func (d *Desk) signUp(s Store, c *call) (bot.Reply, error) {
	if m := forSomebody.FindStringSubmatch(c.Event.Text); m != nil {
		return bot.Reply{}, refuse("another", "我只能给您本人报名，请%s自己点“报名”。算在您名下一起去，就写上总人数，比如“报名 H1 2人”。", clip(m[1], 20))
	}
	party, given := c.Count, c.Given
	if r, ok := c.Reading.(understand.Reading); ok && r.Count > 0 {
		party, given = r.Count, true
	}
	if !given {
		party = 1
	}
	if wish, understood := wishOf(c.Text); !understood && !strings.ContainsAny(c.Text[:1], "-−0123456789") && c.Reading == nil && wish == consortium.Whole {
		if read := understand.Message(c.Line, c.Now, d.gazetteer()); read.Intent == understand.SignUp && (read.Count > 0 || read.Target.Title != "") {
			c.Reading, c.Text = read, ""
			if read.Count > 0 {
				party, given = read.Count, true
			}
		}
	}
	again, find := "报名 %s", d.findActivity
	switch {
	case given && more(c):
		again, find = fmt.Sprintf("报名 %%s +%d人", party), d.findJoined
	case given:
		again = fmt.Sprintf("报名 %%s %d人", party)
	}
	a, asked, err := find(s, c, again)
	if asked != nil || err != nil {
		return reply(asked), err
	}
	wish, understood := wishOf(c.Text)
	if !understood && c.Reading == nil {
		return bot.Reply{}, refuse("party", "“%s”没看懂。报名请写人数，比如“报名 %s 3人”。", clip(c.Text, 20), code(a.ID))
	}
	if party < 1 || party > consortium.MaxParty {
		return bot.Reply{}, refuse("party", "人数要在 1 到 %d 之间。", consortium.MaxParty)
	}
	r, err := s.Registration(a.ID, consortium.PersonID(c.Person))
	if err != nil {
		return bot.Reply{}, fmt.Errorf("load registration: %w", err)
	}
	r.Activity, r.Person = a.ID, consortium.PersonID(c.Person)
	before := r
	switch {
	case !given && r.Party() > 0:
		party = r.Party()
	case given && r.Party() > 0 && more(c):
		party = min(party, consortium.MaxParty) + r.Party()
	case given && r.Party() > 0 && (strings.Contains(c.Line, "+") || strings.Contains(c.Line, "加")) && c.Words != "参加":
		party = min(party, consortium.MaxParty) + r.Party()
	}
	result := consortium.SignUp(&a, &r, party, wish, c.Now)
	switch result {
	case consortium.SignupClosed:
		return bot.Reply{}, d.signupClosed(a, c)
	case consortium.Unchanged:
		return bot.Say(fmt.Sprintf("%s 您已报过：%s。要改人数请回“报名 %s 人数”。", code(a.ID), partyText(r), code(a.ID))), nil
	case consortium.Short:
		return d.askSplit(c, a, r, party), nil
	}
	if result == consortium.Reduced {
		return d.lessen(s, c, a, before, r)
	}
	if err := d.keepParty(s, c, a, before, &r, "报名 "+code(a.ID)); err != nil {
		return bot.Reply{}, err
	}
	return d.signedUp(s, c, a, r, result)
}

// forSomebody finds whom somebody else wants to sign up: 给 @张航 报名 H1.
var forSomebody = regexp.MustCompile(`(?:给|帮|替) ?@(\S+)`)

// more reports whether people are to be added to a party: 我们再加2个人.
func more(c *call) bool {
	r, _ := c.Reading.(understand.Reading)
	return r.More
}

func wishOf(text string) (w consortium.Wish, ok bool) {
	switch {
	case strings.Contains(text, "先报"):
		return consortium.Split, true
	case strings.Contains(text, "全部候补"):
		return consortium.AllWait, true
	}
	return consortium.Whole, text == ""
}

func (d *Desk) signupClosed(a consortium.Activity, c *call) error {
	switch {
	case a.State == consortium.Cancelled:
		return refuse("cancelled", "%s %s 已经取消了。", code(a.ID), a.Title)
	case !c.Now.Before(a.Start):
		return refuse("begun", "%s %s 已经开始，不能再报名或取消。", code(a.ID), a.Title)
	}
	return refuse("closed", "%s 报名已于 %s 截止。有变化请联系主办方 %s。", code(a.ID), d.moment(a.SignupEnds, c.Now), a.Host)
}

// askSplit asks a party that fits only in part what it wants.
func (d *Desk) askSplit(c *call, a consortium.Activity, r consortium.Registration, party int) bot.Reply {
	free, _ := a.Free()
	seated := r.Seats + free
	line := fmt.Sprintf("报名 %s %d人 ", code(a.ID), party)
	c.Ask(bot.Question{Options: []bot.Option{
		{Label: fmt.Sprintf("先报 %d 人，%d 人候补", seated, party-seated), Line: line + "先报"},
		{Label: "全部候补", Line: line + "全部候补"},
	}})
	return bot.Say(fmt.Sprintf("%s 只剩 %d 位，您要报 %d 人：\n1 先报 %d 人，%d 人候补\n2 全部候补，凑齐再补\n不报回“不用”。",
		code(a.ID), free, party, seated, party-seated))
}

// keepParty saves a registration and its activity.
func (d *Desk) keepParty(s Store, c *call, a consortium.Activity, before consortium.Registration, r *consortium.Registration, line string) error {
	if err := s.SaveRegistration(r); err != nil {
		return fmt.Errorf("save registration: %w", err)
	}
	if err := d.saveActivity(s, c, &a); err != nil {
		return err
	}
	was, err := json.Marshal(before)
	if err != nil {
		return fmt.Errorf("keep registration: %w", err)
	}
	return remember(s, c, consortium.OfRegistration, int64(a.ID), r.Version, was, line)
}

// signedUp says what a sign-up came to.
func (d *Desk) signedUp(s Store, c *call, a consortium.Activity, r consortium.Registration, result consortium.SignupResult) (bot.Reply, error) {
	who := party(c)
	left, free := "", 0
	if n, limited := a.Free(); limited {
		left, free = fmt.Sprintf("，余 %d 位", n), n
		if n == 0 {
			left = "，已满"
		}
	}
	text := ""
	switch result {
	case consortium.Seated:
		text = fmt.Sprintf("已报名 %s %s，%s %d 人(已报 %s%s)。", code(a.ID), a.Title, who, r.Party(), seats(a), left)
	case consortium.Halved:
		text = fmt.Sprintf("已报名 %s %s，%s %d 人(%d/%d 满)，另 %d 人候补。", code(a.ID), a.Title, who, r.Seats, a.Seats, a.Capacity, r.Waiting)
	case consortium.Queued:
		ahead, err := s.WaitingBefore(a.ID, r.Queue)
		if err != nil {
			return bot.Reply{}, fmt.Errorf("count those who wait before: %w", err)
		}
		then := "有空位按顺序递补并私聊告知"
		if !c.Reachable() {
			then = "有空位按顺序递补"
		}
		full := "已满"
		if free > 0 { // too few for the whole party
			full = fmt.Sprintf("还有 %d 位", free)
		}
		text = fmt.Sprintf("%s %s(%d/%d)，已为%s候补 %d 人，排在第 %d 位，%s。", code(a.ID), full, a.Seats, a.Capacity, who, r.Waiting, ahead+1, then)
	}
	last := fmt.Sprintf("不去了回“取消报名 %s” · 10分钟内可“撤销”", code(a.ID))
	if c.Awaited() {
		last += " · 私聊我一句，有变动我好通知您"
	}
	long := fmt.Sprintf("%s\n%s %s\n%s", text, d.when(a, c.Now), placeSaid(a.Place), last)
	return d.registered(c, a, r, text, long), nil
}

// registered answers who changed his registration: in words, and where he tapped a button, by the new state of its card. A
// group need not read the answer, so that it is brief there.
func (d *Desk) registered(c *call, a consortium.Activity, mine consortium.Registration, brief, long string) bot.Reply {
	if c.Event.Kind != bot.Clicked {
		return bot.Say(long)
	}
	var r bot.Reply
	if c.Event.Direct {
		r = d.activityCard(a, mine, c.Now)
		r.Text = long
	} else {
		r = d.sharedCard(a, c.Now)
		r.Text = brief
	}
	r.InPlace = true
	return r
}

// signOff is 取消报名, whole or in part.
func (d *Desk) signOff(s Store, c *call) (bot.Reply, error) {
	less := c.Count
	if r, ok := c.Reading.(understand.Reading); ok && r.Count > 0 {
		less = r.Count
	}
	a, asked, err := d.findSignedUp(s, c, less)
	if asked != nil || err != nil {
		return reply(asked), err
	}
	r, err := s.Registration(a.ID, consortium.PersonID(c.Person))
	if err != nil {
		return bot.Reply{}, fmt.Errorf("load registration: %w", err)
	}
	if r.Party() == 0 {
		return bot.Say("您没有报名 " + code(a.ID) + "。"), nil
	}
	if less == 0 || less > r.Party() {
		less = r.Party()
	}
	before := r
	if consortium.SignUp(&a, &r, before.Party()-less, consortium.Whole, c.Now) == consortium.SignupClosed {
		return bot.Reply{}, d.signupClosed(a, c)
	}
	return d.lessen(s, c, a, before, r)
}

// findSignedUp finds the activity to sign off from: by code or words, else the only one that the asker signed up for.
func (d *Desk) findSignedUp(s Store, c *call, less int) (consortium.Activity, *bot.Reply, error) {
	again := "取消报名 %s"
	if less > 0 {
		again = fmt.Sprintf("取消报名 %%s %d人", less)
	}
	target := targetOf(c)
	if c.Code("H") != 0 || target.Number != 0 || answeredActivity(c) != 0 {
		return d.findActivity(s, c, again)
	}
	own, err := s.AttendancesOf(consortium.PersonID(c.Person), c.Now, 5)
	if err != nil {
		return consortium.Activity{}, nil, fmt.Errorf("list own registrations: %w", err)
	}
	if len(own) == 0 {
		return consortium.Activity{}, nil, refuse("not-registered", "您没有报名接下来的活动。")
	}
	as := make([]consortium.Activity, len(own))
	for i, o := range own {
		as[i] = o.Activity
	}
	if fits := fitting(as, target); len(fits) > 0 {
		as = fits
	} else {
		return consortium.Activity{}, nil, refuse("not-registered", "您没有报名那一场。您报名的有：%s。", d.titles(as))
	}
	if len(as) == 1 {
		a, err := loadActivity(s, int64(as[0].ID))
		return a, nil, err
	}
	r := d.whichActivity(c, as, again)
	return consortium.Activity{}, &r, nil
}

// titles lists activities in a line.
func (d *Desk) titles(as []consortium.Activity) string {
	names := make([]string, len(as))
	for i, a := range as {
		names[i] = code(a.ID) + " " + a.Title
	}
	return strings.Join(names, "、")
}

// lessen stores a smaller party, and gives what became free to those who wait.
func (d *Desk) lessen(s Store, c *call, a consortium.Activity, before, r consortium.Registration) (bot.Reply, error) {
	up, err := d.promoteOthers(s, c, &a)
	if err != nil {
		return bot.Reply{}, err
	}
	if err := d.keepParty(s, c, a, before, &r, "取消报名 "+code(a.ID)); err != nil {
		return bot.Reply{}, err
	}
	text := fmt.Sprintf("已取消 %s 的报名(%s %d 人)", code(a.ID), party(c), before.Party())
	if r.Party() > 0 {
		text = fmt.Sprintf("%s %s %d → %d 人", code(a.ID), party(c), before.Party(), r.Party())
	}
	if up != "" {
		text += "，" + up
	}
	return d.registered(c, a, r, text+"。", fmt.Sprintf("%s。\n%s 现在已报 %s · 10分钟内可“撤销”", text, code(a.ID), seats(a))), nil
}

// promote gives free seats to those who wait and tells them; the caller saves the activity. It says what happened.
func (d *Desk) promote(s Store, c *call, a *consortium.Activity) (string, error) {
	return d.promoteExcept(s, c, a, 0)
}

// promoteOthers is promote after a change of the asker's own registration, whose stored state is older than the change.
func (d *Desk) promoteOthers(s Store, c *call, a *consortium.Activity) (string, error) {
	return d.promoteExcept(s, c, a, consortium.PersonID(c.Person))
}

func (d *Desk) promoteExcept(s Store, c *call, a *consortium.Activity, except consortium.PersonID) (string, error) {
	if a.Waiting == 0 {
		return "", nil
	}
	free, limited := a.Free()
	if limited && free == 0 {
		return "", nil
	}
	most := 500
	if limited {
		most = min(most, free+1) // each takes a seat at least, and one may be the asker's own
	}
	waiting, err := s.Waitlist(a.ID, most)
	if err != nil {
		return "", fmt.Errorf("list waiting: %w", err)
	}
	waiting = slices.DeleteFunc(waiting, func(r consortium.Registration) bool { return r.Person == except })
	n := 0
	var news round
	for _, p := range consortium.Promote(a, waiting, c.Now) {
		if err := s.SaveRegistration(&p.Registration); err != nil {
			return "", fmt.Errorf("promote registration: %w", err)
		}
		n += p.Seats
		text := fmt.Sprintf("%s %s 有空位了，已为您补上 %d 人，名单共 %d 人。\n%s %s\n来不了请回“取消报名 %s”，名额给下一位。",
			code(a.ID), a.Title, p.Seats, p.Registration.Seats, d.when(*a, c.Now), placeSaid(a.Place), code(a.ID))
		if err := news.tell(s, c, p.Registration, bot.Reply{Text: text, Class: bot.Internal}); err != nil {
			return "", err
		}
	}
	if n == 0 {
		return "", nil
	}
	missed, err := d.passOn(s, c, *a, news)
	return fmt.Sprintf("已按顺序递补 %d 人", n) + missed, err
}

// passOn has somebody tell those who moved up and are reached nowhere: the asker, where he may manage the activity, else its
// organiser. It says so, "" where all are told.
func (d *Desk) passOn(s Store, c *call, a consortium.Activity, news round) (string, error) {
	if news.missed.all() == 0 {
		return "", nil
	}
	text := fmt.Sprintf("，有 %s我私聊不到", news.missed.text())
	var refused bot.Refusal
	switch err := d.mayManage(s, c, a); {
	case err == nil:
		return text + "，请转告" + news.whom(c), nil
	case !errors.As(err, &refused):
		return "", err
	}
	asked, err := tell(s, c, a.Organiser, bot.Reply{Class: bot.Internal,
		Text: fmt.Sprintf("%s %s 有空位，已递补 %s。我私聊不到，请您转告。", code(a.ID), a.Title, news.names())})
	if !asked {
		return text + "，请在群里说一声", err
	}
	return text + "，已请登记人转告", err
}
