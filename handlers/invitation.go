package handlers

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"lianbang/bot"
	"lianbang/consortium"
	"lianbang/understand"
)

// repeatAfter is how long a group that was shown an activity is not shown it again.
const repeatAfter = 3 * 24 * time.Hour

// invite is 发到群里: the groups of an activity's consortium that do not know of it get its card.
func (d *Desk) invite(s Store, c *call) (bot.Reply, error) {
	a, asked, err := d.findToInvite(s, c)
	if asked != nil || err != nil {
		return reply(asked), err
	}
	if err := mayInvite(s, c, a); err != nil {
		return bot.Reply{}, err
	}
	g, err := audienceOf(s, a, c.Now)
	if err != nil {
		return bot.Reply{}, err
	}
	switch {
	case g.open == 0:
		return bot.Reply{}, refuse("no-groups", "%s还没有绑定群，没处可发。联络员在群里说“@%s 绑定联合体 %s”就能绑。", g.of, d.BotName, g.of)
	case len(g.unaware) == 0:
		return bot.Say(fmt.Sprintf("%s %s 已经在%s里了，%s 发的，%d 天内不重复发。", code(a.ID), a.Title, groups(g.of, g.open),
			d.moment(g.since, c.Now), repeatAfter/(24*time.Hour))), nil
	}
	if err := s.Show(a.ID, c.Now, g.unaware...); err != nil {
		return bot.Reply{}, fmt.Errorf("note who is invited: %w", err)
	}
	if err := remember(s, c, consortium.OfInvitation, int64(a.ID), a.Version, nil, "把 "+code(a.ID)+" 发到群里"); err != nil {
		return bot.Reply{}, err
	}
	return d.sendInvitation(c, a, g), nil
}

// findToInvite finds the activity that is meant: without a name the one that the asker has just registered or changed.
func (d *Desk) findToInvite(s Store, c *call) (consortium.Activity, *bot.Reply, error) {
	if c.Code("H") == 0 && targetOf(c).Number == 0 && answeredActivity(c) == 0 {
		a, _, err := lastActivity(s, c)
		if no := (*consortium.Error)(nil); !errors.As(err, &no) {
			return a, nil, err
		}
	}
	return d.findManaged(s, c, "发到群里 %s")
}

// mayInvite refuses those who may not, and what nobody can come to any more.
func mayInvite(s Store, c *call, a consortium.Activity) error {
	if err := onlyManagers(s, c, a, "发到群里"); err != nil {
		return err
	}
	state := ""
	switch {
	case a.State != consortium.Open:
		state = "取消"
	case a.Over(c.Now):
		state = "结束"
	case !a.Start.After(c.Now):
		state = "开始"
	default:
		return nil
	}
	return refuse("over", "%s %s 已经%s，不往群里发了。", code(a.ID), a.Title, state)
}

// mayOffer reports whether the asker may bring an activity to groups that do not know of it.
func mayOffer(s Store, c *call, a consortium.Activity) (bool, error) {
	if a.State != consortium.Open || !a.Start.After(c.Now) {
		return false, nil
	}
	if ok, err := manages(s, c, a); !ok || err != nil {
		return false, err
	}
	g, err := audienceOf(s, a, c.Now)
	return len(g.unaware) > 0, err
}

// sendInvitation shows the activity to the groups that do not know of it. The group where it was asked for gets the card as the
// answer.
func (d *Desk) sendInvitation(c *call, a consortium.Activity, g audience) bot.Reply {
	card, here := d.sharedCard(a, c.Now), false
	for _, room := range g.unaware {
		if room == c.Event.Place() && c.Event.Kind == bot.Said {
			here = true
			continue
		}
		c.Tell(room, card)
	}
	n := len(g.unaware)
	switch {
	case here && n > 1:
		card.Text = fmt.Sprintf("也发到了另外 %d 个群。", n-1)
		return card
	case here:
		return card
	}
	text := fmt.Sprintf("%s %s 已发到%s。", code(a.ID), a.Title, groups(g.of, n))
	if n < g.open {
		text = fmt.Sprintf("%s %s 已发到另外 %d 个群。", code(a.ID), a.Title, n)
	}
	return bot.Say(text + fmt.Sprintf("\n发出的收不回：有变动回“改 %s …”，不办了回“取消活动 %s”，群里会收到通知。", code(a.ID), code(a.ID)))
}

// audience is the groups of an activity's consortium.
type audience struct {
	of      string        // the consortium's name
	open    int           // how many they are
	unaware []bot.Address // those that were not shown the activity of late
	since   time.Time     // when the last of the others was
}

func audienceOf(s Store, a consortium.Activity, now time.Time) (audience, error) {
	into, err := s.Consortium(a.Consortium)
	if err != nil {
		return audience{}, fmt.Errorf("load the consortium of an activity: %w", err)
	}
	rooms, shown, err := groupsOf(s, a)
	if err != nil {
		return audience{}, err
	}
	g := audience{of: into.Name, open: len(rooms)}
	for _, room := range rooms {
		at, knows := shown[room]
		switch {
		case !knows || now.Sub(at) >= repeatAfter:
			g.unaware = append(g.unaware, room)
		case at.After(g.since):
			g.since = at
		}
	}
	return g, nil
}

// groupsOf are the open groups of an activity's consortium, and when those that were shown the activity were so last.
func groupsOf(s Store, a consortium.Activity) (rooms []bot.Address, shown map[bot.Address]time.Time, err error) {
	if rooms, err = s.Rooms(a.Consortium); err != nil {
		return nil, nil, fmt.Errorf("list the groups of an activity: %w", err)
	}
	if shown, err = s.Shown(a.ID); err != nil {
		return nil, nil, fmt.Errorf("find who knows of an activity: %w", err)
	}
	return rooms, shown, nil
}

// groups calls n groups of a consortium by its name: 光电信息的 2 个群.
func groups(of string, n int) string {
	if n == 1 {
		return of + "的群"
	}
	return fmt.Sprintf("%s的 %d 个群", of, n)
}

// offerInvitation says which groups do not know of what was registered here, and how they hear of it; "" when there are none.
// id is the code, or what stands for several.
func offerInvitation(s Store, c *call, into consortium.Consortium, id string) (string, error) {
	rooms, err := s.Rooms(into.ID)
	if err != nil {
		return "", fmt.Errorf("list the groups of a consortium: %w", err)
	}
	n := 0
	for _, room := range rooms {
		if room != c.Event.Place() {
			n++
		}
	}
	who := groups(into.Name, n)
	switch {
	case n == 0:
		return "", nil
	case !c.Event.Direct:
		who = fmt.Sprintf("另外 %d 个群", n)
	}
	return fmt.Sprintf("%s还不知道，回“发到群里 %s”就发过去", who, id), nil
}

// invitationButton is the same as one tap.
func invitationButton(c *call, a consortium.Activity) bot.Button {
	b := bot.Button{Label: "发到群里", Command: "发到群里 " + code(a.ID)}
	if !c.Event.Direct {
		b.Label = "发到其他群"
	}
	return b
}

// The free forms of 发到群里: 把H12发到群里, 发H12到群里, 把活动发到群里.
var invitingForms = [...]*regexp.Regexp{
	invitingForm(`(?:把|将)?CODE(?:这个|这场|的)?(?:活动)?SEND(?:到|给|在|进)?GROUP`),
	invitingForm(`SENDCODE(?:到|给|在|进)GROUP`),
	invitingForm(`(?:把|将)(?:这个|这场|刚才的|刚登记的|刚才登记的)?活动SEND(?:到|给|在|进)?GROUP`),
}

func invitingForm(form string) *regexp.Regexp {
	form = strings.NewReplacer("CODE", ` ?(?:活动)? ?#?[hH] ?(\d{1,9}) ?`, "SEND", `(?:也|再|先)?(?:发布|发送|转发|推送|通知|发|转)(?:一下)?`,
		"GROUP", `(?:我们|咱们|各个?|每个|所有|其他|其它|另外的?)?(?:联合体)?的?群(?:里面?|内|里去)?`).Replace(form)
	return regexp.MustCompile(`^(?:请|麻烦|帮我|帮忙|给我|您|你)*` + form + `(?:吧|去|一下)?[。.!~ ]*$`)
}

// inviting reads a free form of 发到群里.
func inviting(text string) (bot.Guess, bool) {
	const longest = 120 // bytes
	line := strings.TrimSpace(bot.Fold(text))
	if len(line) > longest || !strings.Contains(line, "群") {
		return bot.Guess{}, false
	}
	for _, form := range invitingForms {
		m := form.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		var r understand.Reading
		if len(m) > 1 {
			n, _ := strconv.ParseInt(m[1], 10, 64) // at most nine digits
			r.Target = understand.Target{Letter: "H", Number: n}
		}
		return bot.Guess{Path: "发到群里", Sure: true, Reading: r}, true
	}
	return bot.Guess{}, false
}
