package zone

import (
	"context"
	"fmt"
	"time"

	"lianbang/bot"
	"lianbang/consortium"
	"lianbang/storage"
)

// The zone's size: 64 speakers in 16 rooms, two rooms a consortium, so that eight people sign up for each activity.
const (
	Speakers   = 64
	Rooms      = 16
	consortia  = 8
	activities = 12 // a consortium, when it begins
	needs      = 3  // a speaker, when it begins
	unitsCount = 60
)

// Place is where everybody speaks: an account of a platform, and its keys for people and chats.
type Place struct {
	Platform bot.Platform
	Account  string
	Caps     bot.Caps
	Admit    bot.Admission
	Rooms    [Rooms]bot.ChatKey
	Seats    [Speakers]Seat
}

// Seat is a speaker in the platform's terms.
type Seat struct {
	Key     bot.UserKey
	Private bot.ChatKey // the one-to-one chat with the bot
}

// Local is the local chat.
func Local() Place {
	p := Place{Platform: "web", Account: "local", Admit: bot.Everybody, Caps: bot.Caps{
		MaxBytes: 64 << 10, MaxButtons: 8, Cards: true, Forms: true, Charts: true, Mentions: true, Files: true, Dedup: true,
	}}
	for i := range p.Rooms {
		p.Rooms[i] = bot.ChatKey(RoomTitle(i))
	}
	for i := range p.Seats {
		p.Seats[i] = Seat{Key: bot.UserKey(fmt.Sprintf("u%02d", i)), Private: bot.ChatKey(fmt.Sprintf("p%02d", i))}
	}
	return p
}

// RoomTitle is the title of the nth room.
func RoomTitle(i int) string { return fmt.Sprintf("%s群%d", chains[i%consortia], i/consortia+1) }

// SpeakerName is the name of the nth speaker, who speaks in the room n mod Rooms.
func SpeakerName(i int) string { return fmt.Sprintf("王工%02d", i) }

var categories = []string{"融资", "用工", "政策", "销售", "技术", "场地", "物流水电", "证照", "法律", "税务", "人才", "党务", "环保安全", "其他"}

var chains = [consortia]string{"光电信息", "生物医药", "智能制造", "跨境电商", "科创金融", "乡村振兴", "基层治理", "数字经济"}

// seat stores the consortia, rooms, units, people, activities and needs that the speakers talk about.
func (z *Zone) seat(ctx context.Context, now time.Time) error {
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
		for i, key := range z.place.Rooms {
			id, err := tx.AddRoom(z.place.address(key, ""), RoomTitle(i), false)
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
		for i, seat := range z.place.Seats {
			room := i % Rooms
			p := &Speaker{
				Seat: seat, Nth: i, Name: SpeakerName(i), Unit: unitName(i % unitsCount), Room: z.place.Rooms[room], Group: room % consortia,
				Today: now,
			}
			id, err := person(tx, p.Name, p.Unit, consortium.Guest, cs[p.Group])
			if err != nil {
				return err
			}
			if err := tx.Identify(z.place.address("", seat.Key), id); err != nil {
				return err
			}
			for range needs {
				n := consortium.Need{Consortium: cs[p.Group], Reporter: id, Unit: p.Unit, Category: "用工", Text: "招10名机械工程师",
					State: consortium.Reported, Received: now}
				if err := tx.AddNeed(&n); err != nil {
					return err
				}
				p.Needs = append(p.Needs, int64(n.ID))
			}
			p.Person, z.People[i] = id, p
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
func (z *Zone) plan(tx *storage.Tx, cs [consortia]consortium.ID, now time.Time) error {
	for i := range consortia * activities {
		group, nth := i%consortia, i/consortia
		organiser := z.People[group+consortia*(nth%(Speakers/consortia))]
		a := consortium.Activity{
			Consortium: cs[group], Title: "联合主题党日·参观座谈", Start: now.AddDate(0, 0, 2+nth).Truncate(time.Hour), Place: "省光子技术重点实验室",
			Capacity: 36, Host: organiser.Unit, Organiser: organiser.Person, State: consortium.Open,
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
		organiser.Own = append(organiser.Own, int64(a.ID))
		for _, p := range z.People {
			if p.Group == group {
				p.Coming = append(p.Coming, int64(a.ID))
			}
		}
	}
	return nil
}

func (p Place) address(chat bot.ChatKey, user bot.UserKey) bot.Address {
	return bot.Address{Platform: p.Platform, Account: p.Account, Chat: chat, User: user}
}
