package handlers

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"lianbang/bot"
	"lianbang/consortium"
	"lianbang/understand"
	"lianbang/zhtime"
)

// Desk is what all commands share. It is set up once and then only read.
type Desk struct {
	BotName    string                        // 联帮
	Calendar   *zhtime.Calendar              // nil = the embedded one
	Categories []string                      // of needs, in the order of digests
	Period     func(now time.Time) time.Time // the start of the digest period that now lies in, by the schedule
	Gazetteer  func() *understand.Gazetteer  // of organisations; may be nil
	registry   *bot.Registry[Store]
}

// call is shorthand for what every handler gets.
type call = bot.Call

func (d *Desk) gazetteer() *understand.Gazetteer {
	if d.Gazetteer == nil {
		return nil
	}
	return d.Gazetteer()
}

// calling is what an answer in this chat begins with, where the bot hears only what mentions it.
func (d *Desk) calling(c *call) string {
	if cmd := d.registry.Find(c.Path); c.Event.Direct || cmd != nil && cmd.Where == bot.DirectOnly {
		return ""
	}
	return "@" + d.BotName + " "
}

// refuse makes a refusal with a text for the asker.
func refuse(code consortium.Code, format string, args ...any) error {
	return consortium.Refuse(code, fmt.Sprintf(format, args...))
}

// rankIn is the asker's rank in one consortium, whatever room he speaks in.
func rankIn(s Store, c *call, id consortium.ID) (consortium.Role, error) {
	if id == consortium.ID(c.Consortium) {
		return consortium.Role(c.Role), nil
	}
	p, err := s.Person(consortium.PersonID(c.Person))
	if err != nil {
		return 0, fmt.Errorf("load asker: %w", err)
	}
	ms, err := s.Memberships(p.ID)
	if err != nil {
		return 0, fmt.Errorf("load memberships: %w", err)
	}
	rank := p.Role
	for _, m := range ms {
		if m.Consortium == id {
			rank = max(rank, m.Role)
		}
	}
	return rank, nil
}

// home finds the consortium that a command is about: the room's, or the asker's only one. When there are several it leaves
// a question behind, which continues the command with draft["consortium"] filled in, and returns its words.
func (d *Desk) home(s Store, c *call, draft map[string]string) (consortium.Consortium, *bot.Reply, error) {
	none := consortium.Consortium{}
	if name := draft["consortium"]; name != "" {
		found, err := s.ConsortiumNamed(name)
		if errors.Is(err, consortium.ErrNotFound) {
			found, err = s.ConsortiumNamed(consortiumName(name))
		}
		if !errors.Is(err, consortium.ErrNotFound) {
			return found, nil, err
		}
	}
	if c.Consortium != 0 {
		found, err := s.Consortium(consortium.ID(c.Consortium))
		return found, nil, err
	}
	ms, err := s.Memberships(consortium.PersonID(c.Person))
	if err != nil {
		return none, nil, err
	}
	if !c.Event.Direct {
		return none, nil, refuse("unbound", "这个群还没有绑定联合体。请联络员或统筹员在群里发“@%s 绑定联合体 名称”。", d.BotName)
	}
	if len(ms) == 0 && consortium.Role(c.Role) >= consortium.Coordinator {
		if ms, err = d.everywhere(s); err != nil {
			return none, nil, err
		}
	}
	switch len(ms) {
	case 0:
		return d.onlyConsortium(s)
	case 1:
		found, err := s.Consortium(ms[0].Consortium)
		return found, nil, err
	}
	q := bot.Question{Command: c.Path, Draft: draft, Field: "consortium", Again: unreported(draft, "consortium")}
	var b strings.Builder
	switch c.Path {
	case "周报":
		b.WriteString("看哪个联合体的周报？")
	case "任命":
		fmt.Fprintf(&b, "%s 任哪个联合体的%s？", draft["named"], draft["rank"])
	default:
		b.WriteString("这件事放在哪个联合体？")
	}
	for i, m := range ms {
		q.Options = append(q.Options, bot.Option{Label: m.Name})
		fmt.Fprintf(&b, "\n%d %s", i+1, m.Name)
	}
	c.Ask(q)
	r := bot.Say(b.String())
	return none, &r, nil
}

// everywhere is where the zone's coordinators may act.
func (d *Desk) everywhere(s Store) ([]consortium.Membership, error) {
	all, err := s.Consortia()
	if err != nil {
		return nil, fmt.Errorf("list consortia: %w", err)
	}
	ms := make([]consortium.Membership, len(all))
	for i, a := range all {
		ms[i] = consortium.Membership{Consortium: a.ID, Name: a.Name}
	}
	return ms, nil
}

// onlyConsortium serves those who belong to none, such as the zone's coordinators.
func (d *Desk) onlyConsortium(s Store) (consortium.Consortium, *bot.Reply, error) {
	all, err := s.Consortia()
	if err != nil {
		return consortium.Consortium{}, nil, err
	}
	if len(all) == 1 {
		return all[0], nil, nil
	}
	return consortium.Consortium{}, nil, refuse("homeless", "您还不在任何联合体里，请到联合体的群里说，或请统筹员把您加入。")
}

// name is how a person is called in a message: 王工(英芯光电).
func name(p consortium.Person) string {
	if p.Unit == "" {
		return p.Name
	}
	return p.Name + "(" + p.Unit + ")"
}

// personName loads a person for a message; somebody who is gone is 未知.
func personName(s Store, id consortium.PersonID) (string, error) {
	if id == 0 {
		return "", nil
	}
	p, err := s.Person(id)
	if errors.Is(err, consortium.ErrNotFound) {
		return "未知", nil
	}
	return p.Name, err
}

// party is what an asker speaks for: his unit, or himself.
func party(c *call) string {
	if c.Unit != "" {
		return c.Unit
	}
	return c.Name
}

// unknownCode names a code that does not exist: " H999 这个活动". A number that no code reaches is not repeated.
func unknownCode(letter string, id int64, noun string) string {
	if id > 1e9 {
		return "这么大的编号"
	}
	return fmt.Sprintf(" %s%d %s", letter, id, noun)
}

// clip shortens a text from outside to so many runes.
func clip(s string, runes int) string {
	r := []rune(s)
	if len(r) <= runes {
		return s
	}
	return string(r[:runes-1]) + "…"
}
