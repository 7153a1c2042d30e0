package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"lianbang/bot/feishu/feishutest"
)

// deed is one event that somebody caused: a message, or a tap of a button.
type deed struct {
	who    *feishutest.Person
	what   act
	place  string // where it is answered
	tapped bool
	out    feishutest.Outcome // of its first push
}

// wish is what the deed is to lead to.
func (d *deed) wish() wish { return wish{who: d.who.Name, place: d.place, what: d.what} }

// enter puts a deed in the books, under the id by which the program knows its event.
func (s *story) enter(id string, d *deed) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deeds[id] = d
	if d.out.Acked {
		s.acked = append(s.acked, d.out.Event)
	}
}

// say writes a message. When it is not acknowledged, the platform pushes it again.
func (s *story) say(ctx context.Context, who *feishutest.Person, in *feishutest.Group, text string, what act) error {
	d := &deed{who: who, what: what, place: private(who.Name)}
	if in != nil {
		d.place = in.Title()
	}
	d.out = who.Write(ctx, in, feishutest.Draft{Text: text})
	if d.out.Event == "" {
		return fmt.Errorf("%s could not say %q: %w", who.Name, text, d.out.Err)
	}
	s.enter(d.out.Message, d)
	return nil
}

// toJoinLabels are what the button that signs up says, while there are seats and afterwards.
var toJoinLabels = []string{"报名", "候补"}

// tapToJoin taps the button that signs up, whatever it says by now.
func tapToJoin(ctx context.Context, who *feishutest.Person, card string) (out feishutest.Outcome) {
	for _, label := range toJoinLabels {
		if out = who.Click(ctx, feishutest.Tap{Message: card, Label: label}); !errors.Is(out.Err, feishutest.ErrNoButton) {
			break
		}
	}
	return out
}

// tap taps 报名 or 候补 on the activity's card, again for as long as the client shows a failure, as people do.
func (s *story) tap(ctx context.Context, who *feishutest.Person) error {
	for {
		if err := s.awaitReach(ctx); err != nil {
			return err
		}
		d := &deed{who: who, what: toJoin, place: s.group.Title(), tapped: true}
		d.out = tapToJoin(ctx, who, s.card)
		if d.out.Event == "" {
			return fmt.Errorf("%s could not tap: %w", who.Name, d.out.Err)
		}
		s.enter(d.out.Event, d)
		switch {
		case d.out.Failure != 0 && d.out.Acked:
			return fmt.Errorf("%s was answered what the client cannot show: %d", who.Name, d.out.Failure)
		case d.out.Acked:
			return nil
		}
	}
}

// awaitReach waits until the platform can push.
func (s *story) awaitReach(ctx context.Context) error {
	for !s.reachable() {
		if ctx.Err() != nil {
			return errors.New("the program is out of reach")
		}
		pauseFor(ctx, 5*time.Millisecond)
	}
	return ctx.Err()
}

// action is what somebody does in a round.
type action func(context.Context) error

// round lets some people act at once, or all of them, and interrupts them.
func (s *story) round(ctx context.Context, n int) error {
	actions := s.actions(n)
	var group errgroup.Group
	ended := make(chan struct{}, len(actions))
	begin := func(a action) {
		group.Go(func() error {
			defer func() { ended <- struct{}{} }()
			return a(ctx)
		})
	}
	before := s.fake.Counts()
	if !storyKills[n] {
		s.disturb(n, func() { begin(actions[0]) })
		actions = actions[1:]
		if n%2 == 0 { // in the other rounds people go on at once
			await(s.t, "the program is in reach again", s.reachable)
		}
	}
	for _, a := range actions {
		begin(a)
	}
	switch {
	case n == storyMove:
		await(s.t, "the first are told of the new time", func() bool { return s.fake.Counts().Sent >= before.Sent+12 })
	case storyKills[n]:
		for range (len(actions) + s.rng.IntN(len(actions))) / 2 {
			<-ended
		}
	}
	if storyKills[n] {
		s.atRisk += len(actions)
		s.die()
	}
	if n < storyRounds-5 { // a tap that is pushed again waits for an answer that does not come
		s.echo(ctx)
	}
	return group.Wait()
}

// disturb begins the round's first action and lets the network fail around it: the connection is cut before, after or
// within an event, requests do not get through, or answers are lost.
func (s *story) disturb(n int, begin func()) {
	await(s.t, "the program is in reach", s.reachable)
	if s.gate != nil {
		lost := 1 + n%2
		s.unheard += lost
		s.gate.fail(n%3, lost)
		begin()
		return
	}
	s.unheard += storyBatch
	opened := s.fake.Counts().Connections
	network := goodNetwork
	switch n % 4 {
	case 2:
		network.CutAfter = true
	case 3:
		network.CutMidway = true
	}
	s.fake.SetNetwork(network)
	begin()
	if network == goodNetwork {
		s.fake.Cut()
	}
	await(s.t, "the connection is cut", func() bool { return s.fake.Connections() == 0 || s.fake.Counts().Connections > opened })
	s.fake.SetNetwork(goodNetwork)
}

// echo pushes an event of earlier once more, although it was acknowledged.
func (s *story) echo(ctx context.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.acked) == 0 {
		return
	}
	id := s.acked[s.rng.IntN(len(s.acked))]
	s.echoes.Go(func() error {
		_, err := s.fake.PushAgain(ctx, id) // how it ends is the network's affair
		return err
	})
}

// actions are those of a round.
func (s *story) actions(n int) (out []action) {
	if n == 0 {
		for i, p := range s.crowd {
			out = append(out, func(ctx context.Context) error { return s.tap(ctx, p) })
			if i%5 == 0 {
				out = append(out, out[len(out)-1])
			}
		}
		return out
	}
	if n == storyWrite {
		for _, p := range s.crowd {
			out = append(out, func(ctx context.Context) error { return s.say(ctx, p, nil, "报名 H1", toJoin) })
		}
		return out
	}
	if n == storyMove {
		text := fmt.Sprintf("@联帮 %s改到%s上午10点半", storyTitle, s.moved.Format("2006年1月2日"))
		out = append(out, func(ctx context.Context) error { return s.say(ctx, s.organiser, s.group, text, toMove) })
	}
	for _, i := range s.rng.Perm(len(s.crowd))[:storyBatch] {
		p := s.crowd[i]
		switch dice := s.rng.IntN(10); {
		case dice < 4:
			out = append(out, func(ctx context.Context) error { return s.tap(ctx, p) })
		case dice < 5: // twice, with both thumbs
			twice := func(ctx context.Context) error { return s.tap(ctx, p) }
			out = append(out, twice, twice)
		case dice < 7:
			out = append(out, func(ctx context.Context) error { return s.say(ctx, p, s.group, "@联帮 取消报名 H1", toLeave) })
		case dice < 9:
			out = append(out, func(ctx context.Context) error { return s.say(ctx, p, nil, "不去了 H1", toLeave) })
		default:
			out = append(out, func(ctx context.Context) error { return s.say(ctx, p, nil, "报名 H1", toJoin) })
		}
	}
	return out
}
