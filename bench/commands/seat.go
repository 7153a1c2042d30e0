package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"lianbang/bot"
	"lianbang/consortium"
	"lianbang/storage"
)

// The zone's size: 64 speakers in 16 rooms, two rooms a consortium, so that eight people sign up for each activity.
const (
	rooms      = 16
	consortia  = 8
	activities = 12 // a consortium, when it begins
	needs      = 3  // a speaker, when it begins
	unitsCount = 60
)

var categories = []string{"融资", "用工", "政策", "销售", "技术", "场地", "物流水电", "证照", "法律", "税务", "人才", "党务", "环保安全", "其他"}

var chains = [consortia]string{"光电信息", "生物医药", "智能制造", "跨境电商", "科创金融", "乡村振兴", "基层治理", "数字经济"}

// seat stores the consortia, rooms, units, people, activities and needs that the speakers talk about.
func (z *zone) seat(ctx context.Context, now time.Time) error {
	return z.db.Do(ctx, func(tx *storage.Tx) error {
		tx.As("bench", now)
		var cs [consortia]consortium.ID
		for i, name := range chains {
			c := consortium.Consortium{Name: name, Kind: consortium.Chain, Created: now}
			if err := tx.AddConsortium(&c); err != nil {
				return err
			}
			cs[i] = c.ID
		}
		for i := range rooms {
			title := fmt.Sprintf("%s群%d", chains[i%consortia], i/consortia+1)
			id, err := tx.AddRoom(bot.Address{Platform: platform, Account: account, Chat: bot.ChatKey(title)}, title, false)
			if err != nil {
				return err
			}
			if err := tx.Bind(id, cs[i%consortia]); err != nil {
				return err
			}
		}
		for i := range unitsCount {
			o := consortium.Org{Name: unitName(i), Kind: consortium.Enterprise}
			if err := tx.AddOrg(&o, cs[i%consortia]); err != nil {
				return err
			}
		}
		if _, err := person(tx, "何统筹", "园区党建办", consortium.Coordinator, 0); err != nil {
			return err
		}
		for i := range z.people {
			room := i % rooms
			p := &speaker{
				key: bot.UserKey(fmt.Sprintf("u%02d", i)), name: fmt.Sprintf("王工%02d", i), unit: unitName(i % unitsCount),
				room:    bot.ChatKey(fmt.Sprintf("%s群%d", chains[room%consortia], room/consortia+1)),
				private: bot.ChatKey(fmt.Sprintf("p%02d", i)), group: room % consortia,
				dice: rand.New(rand.NewPCG(1, uint64(i))), now: now,
			}
			id, err := person(tx, p.name, p.unit, consortium.Guest, cs[p.group])
			if err != nil {
				return err
			}
			if err := tx.Identify(bot.Address{Platform: platform, Account: account, User: p.key}, id); err != nil {
				return err
			}
			for range needs {
				n := consortium.Need{Consortium: cs[p.group], Reporter: id, Unit: p.unit, Category: "用工", Text: "招10名机械工程师",
					State: consortium.Reported, Received: now}
				if err := tx.AddNeed(&n); err != nil {
					return err
				}
				p.needs = append(p.needs, int64(n.ID))
			}
			p.person, z.people[i] = id, p
		}
		return z.plan(tx, cs, now)
	})
}

func unitName(i int) string { return fmt.Sprintf("%s第%d公司", chains[i%consortia], i+1) }

func person(tx *storage.Tx, name, unit string, zone consortium.Role, in consortium.ID) (consortium.PersonID, error) {
	p := consortium.Person{Name: name, Unit: unit, Role: zone}
	if err := tx.AddPerson(&p); err != nil || in == 0 {
		return p.ID, err
	}
	return p.ID, tx.Join(p.ID, in, consortium.Member)
}

// plan stores the coming activities. Each is organised by a speaker of its consortium, in turn, and every third is so small
// that people have to wait for a seat.
func (z *zone) plan(tx *storage.Tx, cs [consortia]consortium.ID, now time.Time) error {
	for i := range consortia * activities {
		group, nth := i%consortia, i/consortia
		organiser := z.people[group+consortia*(nth%(speakers/consortia))]
		a := consortium.Activity{
			Consortium: cs[group], Title: "联合主题党日·参观座谈", Start: now.AddDate(0, 0, 2+nth).Truncate(time.Hour), Place: "省光子技术重点实验室",
			Capacity: 36, Host: organiser.unit, Organiser: organiser.person, State: consortium.Open,
		}
		if nth%3 == 0 {
			a.Capacity = 16
		}
		if err := tx.AddActivity(&a); err != nil {
			return err
		}
		if err := tx.AddReminders(consortium.PlanReminders(a, now)...); err != nil {
			return err
		}
		organiser.own = append(organiser.own, int64(a.ID))
		for _, p := range z.people {
			if p.group == group {
				p.coming = append(p.coming, int64(a.ID))
			}
		}
	}
	return nil
}
