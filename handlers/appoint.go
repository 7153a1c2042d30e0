package handlers

import (
	"fmt"
	"slices"
	"strings"

	"lianbang/bot"
	"lianbang/consortium"
)

var ranks = []struct {
	word string
	role consortium.Role
}{
	{"管理员", consortium.Administrator}, {"统筹员", consortium.Coordinator}, {"联络员", consortium.Liaison},
	{"普通成员", consortium.Member}, {"成员", consortium.Member},
}

// RankWord is the name of a rank.
func RankWord(r consortium.Role) string {
	for _, k := range ranks {
		if k.role == r && k.word != "普通成员" {
			return k.word
		}
	}
	return "访客"
}

// appointment is what 任命 is told: whom, as what, and in which consortium where one is named.
type appointment struct {
	who  string
	role consortium.Role
	into consortium.Consortium // the zero one where none is named
}

// draft keeps an appointment in a question.
func (a appointment) draft() map[string]string {
	m := map[string]string{"rank": RankWord(a.role)}
	if a.into.ID != 0 {
		m["consortium"] = a.into.Name
	}
	return m
}

// line is the command for it with %s where the person goes.
func (a appointment) line() string {
	words := []string{"任命", "%s", RankWord(a.role)}
	if a.into.ID != 0 {
		words = slices.Insert(words, 2, strings.ReplaceAll(a.into.Name, "%", "%%"))
	}
	return strings.Join(words, " ")
}

// appointment reads 何统筹 统筹员, 王工 光电信息 联络员, or an answer to what was asked about one.
func (d *Desk) appointment(s Store, c *call) (a appointment, err error) {
	text := c.Text
	if rank := c.Draft["rank"]; rank != "" && c.Words == "" {
		if id := c.Draft["person"]; id != "" {
			text = "#" + id
		}
		text += " " + rank
	}
	for _, k := range ranks {
		if before, after, ok := strings.Cut(text, k.word); ok && strings.TrimSpace(before+after) != "" {
			a.role, a.who = k.role, strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(before), "为")+after)
			break
		}
	}
	if a.role == consortium.Guest {
		return a, refuse("rank", "要任命成什么？这样说：任命 何统筹 统筹员(还有 管理员、联络员、成员)，也可以带联合体：任命 王工 光电信息 联络员。")
	}
	all, err := s.Consortia()
	if err != nil {
		return a, fmt.Errorf("list consortia: %w", err)
	}
	a.who, a.into = cutConsortium(a.who, all)
	if a.into.ID == 0 {
		a.into = called(all, c.Draft["consortium"])
	}
	return a, nil
}

// cutConsortium cuts the word that names a consortium out of what stands beside a person's name.
func cutConsortium(text string, all []consortium.Consortium) (rest string, named consortium.Consortium) {
	words := strings.Fields(text)
	for i, w := range words {
		if named = called(all, strings.TrimSuffix(strings.TrimPrefix(w, "为"), "的")); named.ID != 0 && len(words) > 1 {
			return strings.Join(slices.Delete(words, i, i+1), " "), named
		}
	}
	return text, consortium.Consortium{}
}

// called is the consortium that has this name or alias, the zero one where there is none.
func called(all []consortium.Consortium, name string) consortium.Consortium {
	for _, k := range all {
		if k.Name == name || k.Name == consortiumName(name) || slices.Contains(k.Aliases, name) {
			return k
		}
	}
	return consortium.Consortium{}
}

// appoint is 任命.
func (d *Desk) appoint(s Store, c *call) (bot.Reply, error) {
	a, err := d.appointment(s, c)
	if err != nil {
		return bot.Reply{}, err
	}
	zone := a.role >= consortium.Coordinator
	if zone && consortium.Role(c.Role) < consortium.Administrator {
		return bot.Reply{}, refuse("rank", "统筹员和管理员只能由管理员任命。")
	}
	if a.role > consortium.Member && consortium.Role(c.Role) < consortium.Coordinator {
		return bot.Reply{}, refuse("rank", "联络员只能任命成员，设联络员请找统筹员。")
	}
	if zone && a.into.ID != 0 {
		return bot.Reply{}, refuse("zone", "%s不分联合体，请发“任命 %s %s”。", RankWord(a.role), clip(a.who, 20), RankWord(a.role))
	}
	near := a.into.ID
	if near == 0 {
		near = consortium.ID(c.Consortium)
	}
	p, asked, err := d.findPerson(s, c, personSought{said: a.who, in: near, again: a.line(), question: bot.Question{Command: "任命", Draft: a.draft()}})
	if asked != nil || err != nil {
		return reply(asked), err
	}
	if p.Role > consortium.Role(c.Role) {
		return bot.Reply{}, refuse("rank", "%s是%s，您不能改。", p.Name, RankWord(p.Role))
	}
	if err := d.keepAdministrator(s, p, a.role); err != nil {
		return bot.Reply{}, err
	}
	if !zone {
		draft := a.draft()
		draft["person"], draft["named"] = fmt.Sprint(p.ID), name(p)
		if a.into, asked, err = d.home(s, c, draft); asked != nil || err != nil {
			return reply(asked), err
		}
		if err := mayJoin(s, c, p, a.into); err != nil {
			return bot.Reply{}, err
		}
	}
	changed, err := setRank(s, p, a)
	if err != nil {
		return bot.Reply{}, err
	}
	return d.appointed(s, c, p, a, changed)
}

// mayJoin refuses to let the asker change somebody's rank in a consortium where he has none that is higher.
func mayJoin(s Store, c *call, p consortium.Person, into consortium.Consortium) error {
	if consortium.Role(c.Role) >= consortium.Coordinator {
		return nil
	}
	rank, err := rankIn(s, c, into.ID)
	if err != nil {
		return err
	}
	if rank < consortium.Liaison {
		return refuse("rank", "您不是%s的联络员，请找他们的联络员或统筹员。", into.Name)
	}
	ms, err := s.Memberships(p.ID)
	if err != nil {
		return fmt.Errorf("load memberships: %w", err)
	}
	if slices.ContainsFunc(ms, func(m consortium.Membership) bool { return m.Consortium == into.ID && m.Role >= consortium.Liaison }) {
		return refuse("rank", "%s 也是%s的联络员，要改请找统筹员。", p.Name, into.Name)
	}
	return nil
}

// appointed tells the person, and says what he is now.
func (d *Desk) appointed(s Store, c *call, p consortium.Person, a appointment, changed bool) (bot.Reply, error) {
	rank := a.into.Name + RankWord(a.role)
	if !changed {
		return bot.Say(fmt.Sprintf("%s 已经是%s。", name(p), rank)), nil
	}
	if _, err := tell(s, c, p.ID, bot.Say(fmt.Sprintf("您现在是%s。回“帮助”看能做什么。", rank))); err != nil {
		return bot.Reply{}, err
	}
	text := fmt.Sprintf("%s 现在是%s。", name(p), rank)
	if a.role > consortium.Member {
		back := appointment{role: consortium.Member}
		if int64(a.into.ID) != c.Consortium {
			back.into = a.into
		}
		text += fmt.Sprintf("要改回来，发“"+back.line()+"”。", p.Name)
	}
	return bot.Say(text), nil
}

// keepAdministrator refuses to take the rank from the last administrator.
func (d *Desk) keepAdministrator(s Store, p consortium.Person, role consortium.Role) error {
	if p.Role != consortium.Administrator || role == consortium.Administrator {
		return nil
	}
	admins, err := s.Ranked(0, consortium.Administrator)
	if err != nil {
		return fmt.Errorf("list administrators: %w", err)
	}
	if len(admins) < 2 {
		return refuse("last-administrator", "%s是唯一的管理员，请先任命另一位。", p.Name)
	}
	return nil
}

// setRank gives a rank in the zone, or in a consortium, and says whether it is new.
func setRank(s Store, p consortium.Person, a appointment) (changed bool, err error) {
	zone := consortium.Guest
	if a.role >= consortium.Coordinator {
		zone = a.role
	}
	if p.Role != zone {
		p.Role, changed = zone, true
		if err := s.SavePerson(&p); err != nil {
			return false, fmt.Errorf("save person: %w", err)
		}
	}
	if a.role >= consortium.Coordinator {
		return changed, nil
	}
	ms, err := s.Memberships(p.ID)
	if err != nil {
		return false, fmt.Errorf("load memberships: %w", err)
	}
	if slices.ContainsFunc(ms, func(m consortium.Membership) bool { return m.Consortium == a.into.ID && m.Role == a.role }) {
		return changed, nil
	}
	if err := s.Join(p.ID, a.into.ID, a.role); err != nil {
		return false, fmt.Errorf("join: %w", err)
	}
	return true, nil
}
