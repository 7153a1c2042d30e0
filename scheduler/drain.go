package scheduler

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"lianbang/bot"
	"lianbang/consortium"
)

// drainer sends from one leased lane. It lives in one goroutine.
type drainer struct {
	*Lanes
	lease   bot.Lease
	account string
	adapter bot.Adapter
	caps    bot.Caps
	log     *slog.Logger
}

// attempt is one attempt that is over and not settled yet.
type attempt struct {
	delivery bot.Delivery
	settled  bot.Settlement
	verdict  bot.Verdict
}

// drain sends from the lane until nothing may leave from it for a while, the lease is lost, or ctx ends.
func (l *Lanes) drain(ctx context.Context, lease bot.Lease, nudge <-chan struct{}) outcome {
	name, adapter := adapterOf(lease.Lane, l.adapters)
	platform, account := adapter.Name()
	d := drainer{Lanes: l, lease: lease, account: name, adapter: adapter, caps: adapter.Caps(),
		log: l.cfg.Logger.With("platform", string(platform), "account", account, "lane", lease.Lane)}
	var done *attempt
	for {
		if ctx.Err() != nil || !holds(d.adapter, lease.Lane) {
			if err := d.leave(ctx, done); err != nil {
				d.log.Warn("the lease could not be given back; it runs out by itself", "err", err)
			}
			return outcome{lane: lease.Lane}
		}
		next, wait, err := d.advance(ctx, done, l.cfg.Hold)
		if err != nil {
			d.counts.change(func(s *Stats) { s.Faults++ })
			d.log.Warn("the lane is left until its lease ends", "err", err)
			return outcome{lane: lease.Lane}
		}
		done = nil
		switch {
		case next != nil:
			done = d.attempt(ctx, *next)
		case wait <= 0 || wait > l.cfg.Hold:
			return outcome{lane: lease.Lane, wait: wait}
		default:
			pause(ctx, max(wait, time.Millisecond), nudge)
		}
	}
}

// attempt sends one delivery once and decides what follows.
func (d *drainer) attempt(ctx context.Context, x bot.Delivery) *attempt {
	began := d.cfg.Now()
	receipt, err := d.send(ctx, x)
	a := &attempt{delivery: x, settled: After(x, err, d.cfg.Now(), d.cfg.Rand)}
	a.settled.Began = began
	log := d.log.With("delivery", x.ID, "attempt", x.Attempt)
	if err == nil {
		a.settled.Receipt = receipt
		if x.Update == "" && !x.Body.InPlace { // else the card is known already
			a.settled.Topic = x.Body.Topic
		}
		log.Debug("sent")
		return a
	}
	a.verdict = bot.AsSendError(err).Verdict
	if hidden(x, err, d.caps) {
		a.settled.Fate, a.settled.NotBefore = bot.Unknown, time.Time{}
	}
	a.settled.Doubtful = a.settled.Fate == bot.Postponed && doubtful(x, err, d.caps)
	level := slog.LevelInfo
	if a.settled.Fate != bot.Postponed {
		level = slog.LevelWarn
	}
	log.Log(ctx, level, "not sent", "verdict", a.verdict.String(), "fate", string(a.settled.Fate), "err", a.settled.Error)
	if a.verdict == bot.Misconfigured {
		d.log.Error("the account is paused until somebody mends it", "err", a.settled.Error)
		if err := d.cfg.Outbox.PauseAccount(context.WithoutCancel(ctx), d.account, a.settled.Error); err != nil {
			d.counts.change(func(s *Stats) { s.Faults++ })
			d.log.Error("the account could not be paused", "err", err)
		}
	}
	return a
}

// send makes the attempt, within its time and, when ctx ends, within the grace. A panic of the adapter is its error.
func (d *drainer) send(ctx context.Context, x bot.Delivery) (r bot.Receipt, err error) {
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), d.cfg.SendTimeout)
	defer cancel()
	defer context.AfterFunc(ctx, func() {
		grace := time.AfterFunc(d.cfg.StopGrace, cancel)
		<-bounded.Done()
		grace.Stop()
	})()
	defer func() {
		if p := recover(); p != nil {
			d.log.Error("the adapter panicked", "delivery", x.ID, "err", p, "stack", string(debug.Stack()))
			err = &bot.SendError{Verdict: bot.Retry, Code: "panic", Err: errors.New("adapter panicked")}
		}
	}()
	if x.Body.File, err = d.content(bounded, x.Body.File); err != nil {
		return bot.Receipt{}, err
	}
	return d.adapter.Send(bounded, x)
}

// content is the attachment with what it names read from the store.
func (d *drainer) content(ctx context.Context, f *bot.Attachment) (*bot.Attachment, error) {
	if f == nil || f.Stored == "" || d.cfg.Content == nil {
		return f, nil
	}
	data, err := d.cfg.Content(ctx, f.Stored)
	if errors.Is(err, consortium.ErrNotFound) {
		return nil, &bot.SendError{Verdict: bot.Refused, Code: "content_gone", Err: err}
	}
	return &bot.Attachment{Name: f.Name, Type: f.Type, Data: data}, err
}

// advance settles done, if there was an attempt, and takes the next delivery. While storage is away it tries on for as long
// as the lease lasts, since what was sent and is not settled will be sent again.
func (d *drainer) advance(ctx context.Context, done *attempt, hold time.Duration) (next *bot.Delivery, wait time.Duration, err error) {
	work := context.WithoutCancel(ctx)
	patience := d.cfg.Lease
	if ctx.Err() != nil {
		patience = d.cfg.StopGrace
	}
	giveUp := time.Now().Add(patience)
	for again := 50 * time.Millisecond; ; again = min(2*again, 2*time.Second) {
		next, wait, err = d.cfg.Outbox.Advance(work, d.lease, done.settlement(), d.caps, d.cfg.Now(), d.cfg.Lease, hold)
		if err == nil {
			d.over(done)
			return next, wait, nil
		}
		if !errors.Is(err, bot.ErrUnavailable) || !time.Now().Add(again).Before(giveUp) {
			return nil, 0, fmt.Errorf("settle and take: %w", err)
		}
		time.Sleep(again)
	}
}

// leave gives the lease back when the program ends, or another process has to send. A last attempt is settled with the lane silent for a moment, so that
// the same transaction takes nothing more.
func (d *drainer) leave(ctx context.Context, done *attempt) error {
	if done == nil {
		return d.cfg.Outbox.Release(context.WithoutCancel(ctx), d.lease)
	}
	if soon := d.cfg.Now().Add(time.Millisecond); done.settled.LaneUntil.Before(soon) {
		done.settled.LaneUntil = soon
	}
	_, _, err := d.advance(ctx, done, 0)
	return err
}

// over counts a settled attempt and tells of it.
func (d *drainer) over(a *attempt) {
	if a == nil {
		return
	}
	d.counts.settled(a.settled, a.verdict)
	switch a.settled.Fate {
	case bot.Dead, bot.Expired, bot.Unknown:
		if d.cfg.OnDead != nil && a.delivery.Update == "" && !pastEntry(a) {
			d.cfg.OnDead(a.delivery, a.settled)
		}
	}
}

// pastEntry reports whether an attempt was to put something into calendars that is over by now: nobody misses it there.
func pastEntry(a *attempt) bool { return a.delivery.Body.Entry != nil && a.settled.Fate == bot.Expired }

// settlement is what the outbox is told of an attempt.
func (a *attempt) settlement() *bot.Settlement {
	if a == nil {
		return nil
	}
	return &a.settled
}

// pause waits, unless it is nudged or ctx ends.
func pause(ctx context.Context, d time.Duration, nudge <-chan struct{}) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-nudge:
	case <-ctx.Done():
	}
}
