package feishu

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	"lianbang/bot"
)

// sinkTime is how long after its receipt an event must be durable; then the platform delivers it again (event overview).
const sinkTime = 3 * time.Second

// lookTime is how long after its receipt a delivery may wait for what it does not say; the rest is for storing it.
const lookTime = 1500 * time.Millisecond

// inbound takes what the platform delivers, over either way, to the sink. It is safe for concurrent use.
type inbound struct {
	account string
	sink    bot.Sink
	self    func(ctx context.Context) (openID string, err error)
	name    func(ctx context.Context, chat, openID string) string
	kinds   *kinds
	clicks  *clicks
	now     func() time.Time
	count   func(what string)
	log     *slog.Logger
}

func (a *Adapter) newInbound(sink bot.Sink) *inbound {
	return &inbound{account: a.conf.Account, sink: sink, self: a.botOpenID, name: a.name, kinds: newKinds(a.isPrivate), clicks: a.clicks,
		now: a.conf.Now, count: a.conf.Count, log: a.conf.Logger}
}

// take gives the events of a delivery to the sink. A nil error means that they are durable, or that there was nothing to
// do: acknowledge the delivery. A click that is not nil then waits for its answer, which the caller must fetch by answer and
// report to its written. ctx bounds everything; received is when the delivery came, by time.Now.
func (in *inbound) take(ctx context.Context, p pushed, received time.Time) (*click, error) {
	look, cancel := context.WithDeadline(ctx, received.Add(lookTime))
	defer cancel()
	events, err := in.read(look, p)
	if err != nil {
		return nil, in.judge(p, err)
	}
	var w *click
	for _, e := range events {
		in.complete(look, &e)
		if p.kind == cardAction {
			if w = in.clicks.begin(e.From.User); w != nil {
				e.Ref = bot.ReplyRef{Token: w.token, Expires: in.now().Add(time.Until(received.Add(clickTime)))}
			}
		}
		if err := in.sink(ctx, e); err != nil {
			in.drop(w)
			in.count("unstored")
			in.log.Debug("event not stored", "event", e.ID, "kind", e.Kind, "err", err)
			return nil, err
		}
	}
	return w, nil
}

func (in *inbound) drop(w *click) {
	if w != nil {
		in.clicks.take(w.token)
	}
}

// answer waits for what the bot has to say to a click, until ctx ends.
func (in *inbound) answer(ctx context.Context, w *click) json.RawMessage {
	if w == nil {
		return noAnswer
	}
	return in.clicks.wait(ctx, w)
}

// read decodes the delivery.
func (in *inbound) read(ctx context.Context, p pushed) ([]bot.Event, error) {
	me := listener{account: in.account}
	if p.kind == messageReceived {
		id, err := in.self(ctx)
		if err != nil {
			in.log.Debug("own open_id not known", "err", err) // decode fails where it matters
		}
		me.openID = id
	}
	return p.decode(me)
}

// judge counts what could not be decoded, and keeps the errors of what shall come again.
func (in *inbound) judge(p pushed, err error) error {
	switch {
	case errors.Is(err, errUnknownEvent):
		in.count("unknown_event")
		in.log.Debug("event of an unknown type", "type", clip(p.kind, 100))
		return nil
	case errors.Is(err, errStrangeClick):
		in.count("strange_click")
		return nil
	case errors.Is(err, errNobody):
		in.count("self_unknown")
	default:
		in.count("malformed")
	}
	return err
}

// complete adds what the delivery didn't say.
func (in *inbound) complete(ctx context.Context, e *bot.Event) {
	if e.At.IsZero() {
		e.At = in.now()
	}
	chat := string(e.From.Chat)
	switch {
	case e.Kind == bot.Clicked && chat != "":
		e.Direct = in.kinds.isDirect(ctx, chat)
	case e.Kind == bot.Said, e.Kind == bot.Entered, e.Kind == bot.Joined:
		in.kinds.learn(chat, e.Direct)
	}
	if e.Name != "" || e.From.User == "" || e.Kind == bot.Left {
		return
	}
	if e.Direct {
		chat = "" // its members are of no help
	}
	e.Name = in.name(ctx, chat, string(e.From.User))
}
