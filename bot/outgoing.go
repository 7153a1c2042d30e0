package bot

import (
	"context"
	"crypto/sha256"
	"fmt"
)

// post enqueues what the call has to say, and stores its question. The error is errUnmet when the asker would not read the
// answer: then nothing of the turn may stay, because he is asked to say it again.
func (t *turn[S]) post(s S, c *Call, r Reply) error {
	place := t.event.Place()
	r = t.settleInPlace(r)
	var out outgoing
	out.limits = t.Caps
	out.key = fmt.Sprintf("reply/%s/%s/%s/", t.event.From.Platform, t.event.From.Account, t.event.ID)
	r = gate(r, t.event.Direct)
	if r.Private && !t.event.Direct && !c.Reachable() {
		return errUnmet
	}
	if r.Private && !t.event.Direct {
		place = t.event.From.Private()
		out.add(t.event.Place(), t.event.Ref, t.Voice.Aside(c))
		out.add(place, ReplyRef{}, r)
	} else {
		if t.event.Kind == Clicked && !t.event.Direct && t.Caps(place).InPlace {
			place = t.event.From
		}
		out.add(place, t.event.Ref, r)
	}
	for _, n := range c.tell {
		out.add(n.to, ReplyRef{}, gate(n.reply, n.to.Chat == ""))
	}
	if c.ask != nil {
		c.ask.Asked = t.now
		if c.ask.Expires.IsZero() {
			c.ask.Expires = t.now.Add(QuestionLife)
		}
		if err := s.Ask(place, c.Person, c.ask); err != nil {
			return fmt.Errorf("store question: %w", err)
		}
	}
	updates, err := t.updates(s, c)
	if err != nil {
		return err
	}
	if err := s.Enqueue(append(out.list, updates...)...); err != nil {
		return fmt.Errorf("enqueue replies: %w", err)
	}
	return nil
}

// outgoing collects deliveries under numbered keys.
type outgoing struct {
	key    string
	limits func(Address) Caps
	list   []Delivery
}

func (o *outgoing) add(to Address, ref ReplyRef, r Reply) {
	if r.Empty() {
		return
	}
	for _, piece := range Fit(r, o.limits(to)) {
		o.list = append(o.list, Delivery{Key: fmt.Sprint(o.key, len(o.list)), To: to, Ref: ref, Body: piece})
	}
}

// gate keeps what is not public out of groups: it sends the reply to the asker alone.
func gate(r Reply, direct bool) Reply {
	if r.Class > Public && !direct {
		r.Private = true
	}
	return r
}

// apologise records the event in a transaction of its own, so that the platform does not push a poison message for hours,
// and tells the asker a reference under which the cause is logged.
func (t *turn[S]) apologise(ctx context.Context, cause error) error {
	sum := sha256.Sum256([]byte(t.event.ID))
	reference := fmt.Sprintf("%X", sum[:2])
	t.Log.Error("event failed", "reference", reference, "platform", t.event.From.Platform, "account", t.event.From.Account,
		"chat", t.event.From.Chat, "event", t.event.ID, "command", t.path, "err", cause)
	return t.Store.Do(ctx, func(s S) error {
		fresh, err := s.Record(t.event, t.now)
		if err != nil {
			return fmt.Errorf("record failed event: %w", err)
		}
		if !fresh || !t.event.Addressed {
			return nil
		}
		out := outgoing{limits: t.Caps, key: fmt.Sprintf("reply/%s/%s/%s/", t.event.From.Platform, t.event.From.Account, t.event.ID)}
		out.add(t.event.Place(), t.event.Ref, t.Voice.Apology(reference))
		return s.Enqueue(out.list...)
	})
}
