package handlers

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"lianbang/bot"
	"lianbang/consortium"
)

// The settings that hold the digest of the one-time claim code, and how often a wrong one was tried.
const (
	claimSetting = "claim.code"
	claimTries   = "claim.tries"
	maxTries     = 10
)

// ClaimDigest is what is stored of a claim code: upper and lower case, spaces and dashes do not matter.
func ClaimDigest(code string) string {
	plain := strings.Map(func(r rune) rune {
		if r == '-' || r == ' ' {
			return -1
		}
		return r
	}, strings.ToUpper(bot.Fold(code)))
	sum := sha256.Sum256([]byte("lianbang claim " + plain))
	return hex.EncodeToString(sum[:])
}

// OfferClaim makes code the one that claims the bot, if nobody administers it yet. ok is false when somebody does.
func OfferClaim(s Store, code string) (ok bool, err error) {
	admins, err := s.Ranked(0, consortium.Administrator)
	if err != nil || len(admins) > 0 {
		return false, err
	}
	if err := s.SetSetting(claimTries, ""); err != nil {
		return false, err
	}
	return true, s.SetSetting(claimSetting, ClaimDigest(code))
}

// claim is 认领: the first administrator proves with the console's code that the machine is his.
func (d *Desk) claim(s Store, c *call) (bot.Reply, error) {
	want, err := s.Setting(claimSetting)
	if err != nil {
		return bot.Reply{}, fmt.Errorf("read claim code: %w", err)
	}
	if want == "" {
		return bot.Reply{}, refuse("claimed", "已经有管理员了。需要权限请找他“任命”。")
	}
	said, err := s.Setting(claimTries)
	if err != nil {
		return bot.Reply{}, fmt.Errorf("read claim tries: %w", err)
	}
	tries, _ := strconv.Atoi(said)
	if tries >= maxTries {
		return bot.Say("代码试错太多次，已停用。请重启程序取新代码。"), nil
	}
	if subtle.ConstantTimeCompare([]byte(ClaimDigest(c.Text)), []byte(want)) != 1 {
		if err := s.SetSetting(claimTries, strconv.Itoa(tries+1)); err != nil {
			return bot.Reply{}, fmt.Errorf("count claim try: %w", err)
		}
		return bot.Say("代码不对。代码在程序启动时打印在控制台上，形如 ABCD-2345。"), nil
	}
	if err := s.SetSetting(claimSetting, ""); err != nil {
		return bot.Reply{}, fmt.Errorf("clear claim code: %w", err)
	}
	p, err := s.Person(consortium.PersonID(c.Person))
	if err != nil {
		return bot.Reply{}, fmt.Errorf("load asker: %w", err)
	}
	p.Role = consortium.Administrator
	if err := s.SavePerson(&p); err != nil {
		return bot.Reply{}, fmt.Errorf("save asker: %w", err)
	}
	return bot.Say(fmt.Sprintf("%s，您现在是管理员，代码已失效。\n接下来：到群里发“@%s 新建联合体 名称”，再发“@%s 任命 姓名 统筹员”请同事帮忙。", p.Name, d.BotName, d.BotName)), nil
}

// personSought is a person somebody names. again is the command line with %s where the person goes; question is what an answer
// continues when several people have the name.
type personSought struct {
	said     string
	in       consortium.ID
	again    string
	question bot.Question
}

// findPerson finds the person named, or #id as a question's option writes it: by the name alone, behind the unit (社会事务办
// 刘科), or by the unit where a question listed those of one name. It asks when several fit.
func (d *Desk) findPerson(s Store, c *call, f personSought) (consortium.Person, *bot.Reply, error) {
	none := consortium.Person{}
	said := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(f.said), "给"))
	if id, ok := strings.CutPrefix(said, "#"); ok {
		n, _ := strconv.ParseInt(id, 10, 64)
		p, err := s.Person(consortium.PersonID(n))
		if errors.Is(err, consortium.ErrNotFound) {
			return none, nil, refuse("nobody", "没有这个人。请写姓名。")
		}
		return p, nil, err
	}
	people, err := s.PeopleNamed(said, f.in)
	if err != nil {
		return none, nil, fmt.Errorf("find person: %w", err)
	}
	if listed := c.Draft["name"]; len(people) == 0 && listed != "" {
		if people, err = d.ofUnit(s, listed, said, f.in); err != nil {
			return none, nil, err
		}
		if len(people) > 1 {
			said = listed
		}
	}
	if unit, last, ok := cutLast(said); ok && len(people) == 0 {
		if people, err = d.ofUnit(s, last, unit, f.in); err != nil {
			return none, nil, err
		}
	}
	switch len(people) {
	case 0:
		said, _ = consortium.Mask(said)
		return none, nil, refuse("nobody", "我还不认识“%s”。请他先跟我说一句话，或换个名字再说一次。", clip(said, 20))
	case 1:
		return people[0], nil, nil
	}
	q := f.question
	q.Field = "who"
	q.Draft = maps.Clone(q.Draft)
	q.Draft["name"] = said
	var b strings.Builder
	fmt.Fprintf(&b, "有 %d 位%s，是哪一位？(回数字或单位)", len(people), said)
	for i, p := range people {
		label := name(p)
		if p.Unit == "" {
			label += "，单位未登记"
		}
		q.Options = append(q.Options, bot.Option{Label: label, Line: fmt.Sprintf(f.again, fmt.Sprintf("#%d", p.ID))})
		fmt.Fprintf(&b, "\n%d %s", i+1, label)
	}
	c.Ask(q)
	r := confidential(b.String())
	return none, &r, nil
}

// ofUnit finds the people of a name whose unit is, or is part of, what was said.
func (d *Desk) ofUnit(s Store, named, unit string, in consortium.ID) ([]consortium.Person, error) {
	people, err := s.PeopleNamed(named, in)
	if err != nil {
		return nil, fmt.Errorf("find person: %w", err)
	}
	unit = strings.TrimSuffix(strings.TrimSuffix(unit, "的"), "那个")
	return slices.DeleteFunc(people, func(p consortium.Person) bool {
		return p.Unit == "" || !strings.Contains(p.Unit, unit) && !strings.Contains(unit, p.Unit)
	}), nil
}

// cutLast cuts the last word off.
func cutLast(text string) (before, last string, ok bool) {
	i := strings.LastIndex(text, " ")
	if i < 0 {
		return "", text, false
	}
	return strings.TrimSpace(text[:i]), text[i+1:], true
}
