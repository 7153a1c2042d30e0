package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"lianbang/bot/feishu/feishutest"
	"lianbang/bot/wecom/wecomtest"
)

// neighbour is somebody of the consortium, on one of the platforms.
type neighbour struct {
	name string
	id   string             // his user key
	lark *feishutest.Person // nil on WeCom
}

// turn is one event that somebody caused on one of the platforms.
type turn struct {
	wish
	by     *neighbour
	tapped bool
	risky  bool // said while the connection was interrupted: it may have been lost on the way
	lark   feishutest.Outcome
	wecom  wecomtest.Sent
}

// wants is a turn of somebody.
func wants(by *neighbour, what act) turn { return turn{by: by, wish: wish{who: by.name, what: what}} }

// appoints is a turn of somebody who gives another a rank.
func appoints(by, whom *neighbour, rank string) turn {
	return turn{by: by, wish: wish{who: by.name, what: toAppoint, whom: whom.name, rank: rank}}
}

// enter puts a turn in the books, under the key of its first reply.
func (s *union) enter(t *turn, id string) {
	account := "wecom/main"
	if t.by.lark != nil {
		account = "feishu/main"
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t.risky = s.risky
	s.turns[account+"/"+id] = t
}

// interrupted says whether what is said from now on may be lost.
func (s *union) interrupted(yes bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.risky = yes
}

// say writes a message in the room of the platform, or privately. On Feishu the platform pushes it until it is taken; on
// WeCom people try again as long as the client says that the bot is away.
func (s *union) say(ctx context.Context, t turn, inRoom bool, text string) error {
	t.place = private(t.who)
	if p := t.by.lark; p != nil {
		room := s.room
		if t.place = s.room.Title(); !inRoom {
			room, t.place = nil, private(t.who)
		}
		t.lark = p.Write(ctx, room, feishutest.Draft{Text: text})
		if t.lark.Event == "" {
			return fmt.Errorf("%s could not say %q: %w", t.who, text, t.lark.Err)
		}
		s.enter(&t, t.lark.Message)
		return nil
	}
	chat := ""
	if inRoom {
		chat, t.place = unionChat, unionRoom
	}
	return s.until(ctx, &t, func() wecomtest.Sent { return s.wecom.Say(t.by.id, chat, text) })
}

// tap taps 报名 or 候补 on the card of the activity in the room of the platform, again for as long as the client shows a failure.
func (s *union) tap(ctx context.Context, who *neighbour) error {
	t := wants(who, toJoin)
	t.place, t.tapped = unionRoom, true
	if who.lark == nil {
		return s.until(ctx, &t, func() (sent wecomtest.Sent) {
			for _, label := range toJoinLabels {
				if sent = s.wecom.Click(who.id, s.wecomCard, label); sent.Why != "the card has no such button" {
					break
				}
			}
			return sent
		})
	}
	for ctx.Err() == nil {
		t := wants(who, toJoin)
		t.place, t.tapped = s.room.Title(), true
		t.lark = tapToJoin(ctx, who.lark, s.larkCard)
		if t.lark.Event == "" {
			return fmt.Errorf("%s could not tap: %w", who.name, t.lark.Err)
		}
		s.enter(&t, t.lark.Event)
		if t.lark.Acked {
			return nil
		}
	}
	return ctx.Err()
}

// until does something on WeCom, again while the bot is away.
func (s *union) until(ctx context.Context, t *turn, act func() wecomtest.Sent) error {
	for ctx.Err() == nil {
		if t.wecom = act(); t.wecom.Delivered {
			s.enter(t, t.wecom.ID)
			return nil
		}
		if t.wecom.Why != "the bot is not connected" && t.wecom.Why != "the connection is silent" {
			return fmt.Errorf("%s: %s", t.who, t.wecom.Why)
		}
		pauseFor(ctx, 5*time.Millisecond)
	}
	return errors.New("the bot stays away")
}

// The ways to sign up.
type way int

const (
	byTap way = iota
	inRoom
	inPrivate
)

// joins lets somebody sign up.
func (s *union) joins(who *neighbour, by way) action {
	switch by {
	case byTap:
		return func(ctx context.Context) error { return s.tap(ctx, who) }
	case inPrivate: // of somebody who has been heard in the room: he is a member then
		return func(ctx context.Context) error { return s.say(ctx, wants(who, toJoin), false, "报名 H1") }
	}
	return func(ctx context.Context) error {
		return s.say(ctx, wants(who, toJoin), true, "@联帮 报名 H1")
	}
}

// leaves lets somebody sign off.
func (s *union) leaves(who *neighbour) action {
	return func(ctx context.Context) error {
		return s.say(ctx, wants(who, toLeave), false, "取消报名 H1")
	}
}

// appoints lets the administrator, on Feishu, give somebody a rank, of which he is told where he is.
func (s *union) appoints(whom *neighbour, rank string) action {
	return func(ctx context.Context) error {
		return s.say(ctx, appoints(s.admin, whom, rank), true, fmt.Sprintf("@联帮 任命 %s %s", whom.name, rank))
	}
}

// together lets some act at once, and something else happen meanwhile.
func (s *union) together(ctx context.Context, meanwhile func(), actions ...action) {
	s.t.Helper()
	var group errgroup.Group
	for _, a := range actions {
		group.Go(func() error { return a(ctx) })
	}
	if meanwhile != nil {
		meanwhile()
	}
	if err := group.Wait(); err != nil {
		s.t.Fatal(err)
	}
}
