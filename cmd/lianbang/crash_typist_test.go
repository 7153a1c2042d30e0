package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"lianbang/bot"
	"lianbang/bot/webchat"
)

// utterance is one message of a typist. It is said under the same id until it is acknowledged.
type utterance struct {
	id, room, text string
	effect         effect
	activity       int    // that it signs up for or changes
	name           string // what it creates is called
	capacity       int    // that it wants
	picture        []byte // that is sent along; nil = none
	sends          int
}

// effect says what a message must lead to, exactly once.
type effect int

const (
	answersOnly effect = iota
	makesActivity
	makesNeed
	resizesParty // a registration becomes larger or smaller
	setsCapacity // an activity gets another capacity, unless it is too small
)

// typist types commands without a pause worth mentioning, and keeps his own books.
type typist struct {
	name    string
	own     int // number of the activity that he organises
	others  int // activities 1 to others are there to be signed up for
	rooms   []string
	where   func() string // address of the server, as last heard
	rng     *rand.Rand
	parties map[int]int
	said    []*utterance
	again   int // acknowledged messages that were said once more
	client  *webchat.Client
}

// run types until stop is closed and the last message is acknowledged, or until ctx ends.
func (p *typist) run(ctx context.Context, stop <-chan struct{}) error {
	for {
		select {
		case <-stop:
			return nil
		default:
		}
		u := p.next()
		p.said = append(p.said, u)
		if err := p.say(ctx, u); err != nil {
			return fmt.Errorf("%s: %q (%s): %w", p.name, u.text, u.id, err)
		}
		pauseFor(ctx, time.Duration(20+p.rng.IntN(30))*time.Millisecond)
	}
}

// say says a message under its id until it is acknowledged. Whenever it reconnects it also repeats the message before,
// as a platform does whose acknowledgement was lost.
func (p *typist) say(ctx context.Context, u *utterance) error {
	for ctx.Err() == nil {
		if p.client == nil {
			client, err := webchat.Dial(ctx, p.where(), p.name)
			if err != nil {
				pauseFor(ctx, 5*time.Millisecond)
				continue
			}
			p.client = client
			if n := len(p.said); n > 1 && u == p.said[n-1] {
				if err := p.attempt(ctx, p.said[n-2]); p.final(err) {
					return fmt.Errorf("repeating %s: %w", p.said[n-2].id, err)
				}
				p.again++
				if p.client == nil {
					continue
				}
			}
		}
		err := p.attempt(ctx, u)
		if err == nil || p.final(err) {
			return err
		}
	}
	return ctx.Err()
}

func (p *typist) attempt(ctx context.Context, u *utterance) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	u.sends++
	var files []webchat.Enclosed
	var err error
	if u.picture != nil {
		files = make([]webchat.Enclosed, 1)
		files[0], err = p.client.Enclose(ctx, u.id+".png", u.picture)
	}
	if err == nil {
		err = p.client.Say(ctx, u.room, u.id, u.text, files...)
	}
	if err != nil && !p.final(err) {
		_ = p.client.Close()
		p.client = nil
	}
	return err
}

func (p *typist) final(err error) bool {
	var no bot.Refusal
	return errors.As(err, &no)
}

// next makes up a message and enters in the books what it must lead to.
func (p *typist) next() *utterance {
	n := len(p.said)
	u := &utterance{id: fmt.Sprintf("%s-%d", p.id(), n), room: p.rooms[p.rng.IntN(len(p.rooms))], activity: 1 + p.rng.IntN(p.others)}
	has := p.parties[u.activity]
	switch dice := p.rng.IntN(20); {
	case dice < 4:
		u.effect, u.name = makesActivity, "调研"+p.unique(n)
		u.text = fmt.Sprintf("登记活动 %s下午3点 %s 地点 会议室 限%d人", ahead(30+p.rng.IntN(60)), u.name, 5+p.rng.IntN(30))
	case dice < 7:
		u.effect, u.name, u.room = makesNeed, "招机械工程师"+p.unique(n), webchat.Private
		u.text = "报诉求 用工 " + u.name
	case dice < 9:
		u.effect, u.activity, u.capacity = setsCapacity, p.own, 1+p.rng.IntN(60)
		u.text = fmt.Sprintf("改 H%d 名额 %d", u.activity, u.capacity)
	case dice < 10:
		u.text = "活动"
	case dice < 15 && has > 0:
		less := 1 + p.rng.IntN(has)
		u.effect = resizesParty
		u.text = fmt.Sprintf("取消报名 H%d %d人", u.activity, less)
		p.parties[u.activity] -= less
	default:
		more := 1 + p.rng.IntN(4)
		u.effect = resizesParty
		u.text = fmt.Sprintf("报名 H%d %d人 先报", u.activity, has+more)
		p.parties[u.activity] += more
	}
	return u
}

// id is the typist's name in the letters that ids may have.
func (p *typist) id() string { return fmt.Sprintf("t%d", p.own) }

// unique writes a number of the typist's in characters that nobody takes for a number.
func (p *typist) unique(n int) string {
	return strings.Map(func(r rune) rune { return []rune("甲乙丙丁戊己庚辛壬癸")[r-'0'] }, fmt.Sprintf("%d%d", p.own, 1000+n))
}

// ahead writes a day so many days from now.
func ahead(days int) string { return time.Now().AddDate(0, 0, days).Format("2006年1月2日") }
