package scheduler

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"lianbang/bot"
	"lianbang/consortium"
	"lianbang/picture"
)

const (
	photosEvery  = time.Second      // between two looks at what waits
	photosAtOnce = 4                // fetched at once; each holds up to twice picture.MaxBytes
	mostDue      = 500              // awaited photos that are looked at for those that are this process's to fetch
	fetchTime    = 45 * time.Second // of one attempt
	claimTime    = time.Minute      // after which an attempt that nobody ended is made again
	mostUntold   = 500              // photos that are looked at for what there is to tell
	tellAnyway   = 20 * time.Second // after the first of several came, those that are there are told of without the others
)

// PhotosQuiet is how long nothing more must have come before a person is told what became of his photos: a phone sends
// several one by one.
const PhotosQuiet = 3 * time.Second

// Photographs is what the work on photos needs of a transaction.
type Photographs interface {
	consortium.Photos
	Enqueue(ds ...bot.Delivery) error
	Activity(id consortium.ActivityID) (consortium.Activity, error)
	PhotosDue(now time.Time, limit int) ([]consortium.Photo, error) // awaited ones, the longest due first
	PhotosUntold(limit int) ([]consortium.Photo, error)             // whose sender does not know what became of them, oldest first
	As(actor string, now time.Time)                                 // who the audit rows name
}

// PhotoStore stores photos.
type PhotoStore[S any] interface {
	bot.Store[S]
	// View runs fn on a snapshot.
	View(ctx context.Context, fn func(S) error) error
	// KeepContent stores the content of a photo, and may be called again with the same.
	KeepContent(ctx context.Context, id consortium.PhotoID, data []byte) error
}

// Photos fetches the photos that people sent, keeps them without what they say besides the picture, and tells the senders,
// once for those that come together. What waits are rows, so that nothing is forgotten: an attempt that fails is made again
// as long as the platform keeps the file. It may run in any number of processes. All fields but Logger and Quiet are required.
type Photos[S Photographs] struct {
	Store    PhotoStore[S]
	Adapters []bot.Adapter
	Words    func(n consortium.PhotoNews) bot.Reply // pure
	// Fit passes a message through the gate and cuts it to what its room can show. It must be pure.
	Fit    func(r bot.Reply, to bot.Address) []bot.Reply
	Now    func() time.Time
	Quiet  time.Duration // usually PhotosQuiet
	Logger *slog.Logger
}

// Run works until ctx ends. It returns nil. Nobody waits to be told of his photos for those that arrive slowly.
func (p *Photos[S]) Run(ctx context.Context) error {
	var group errgroup.Group
	for _, work := range []func(context.Context) error{p.takeDue, p.tell} {
		group.Go(func() error { return p.repeat(ctx, work) })
	}
	return group.Wait()
}

func (p *Photos[S]) repeat(ctx context.Context, work func(context.Context) error) error {
	tick := time.NewTicker(photosEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if err := work(ctx); err != nil && ctx.Err() == nil && p.Logger != nil {
			p.Logger.Warn("photos wait", "err", err)
		}
	}
}

// Work fetches what is due now and tells what there is to tell.
func (p *Photos[S]) Work(ctx context.Context) error {
	return errors.Join(p.takeDue(ctx), p.tell(ctx))
}

// takeDue fetches what is due now. One photo that cannot be worked on does not keep the others from it.
func (p *Photos[S]) takeDue(ctx context.Context) error {
	var due []consortium.Photo
	err := p.Store.View(ctx, func(tx S) (err error) {
		due, err = tx.PhotosDue(p.Now(), mostDue)
		return err
	})
	if err != nil {
		return fmt.Errorf("list awaited photos: %w", err)
	}
	due = slices.DeleteFunc(due, func(photo consortium.Photo) bool { return !p.serves(photo) })
	due = due[:min(len(due), 4*photosAtOnce)]
	failed := make([]error, len(due))
	var group errgroup.Group
	group.SetLimit(photosAtOnce)
	for i, photo := range due {
		group.Go(func() error {
			if err := p.take(ctx, photo); err != nil {
				failed[i] = fmt.Errorf("photo %d: %w", photo.ID, err)
			}
			return nil
		})
	}
	return errors.Join(group.Wait(), errors.Join(failed...))
}

// take makes one attempt to fetch a photo. That somebody else was faster is no error. What is in a photo is its sender's
// choice, so that a panic is the attempt's error, not the program's end.
func (p *Photos[S]) take(ctx context.Context, photo consortium.Photo) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
		}
	}()
	pickup, err := bot.UnpackPickup(photo.Source)
	if err != nil {
		return err
	}
	claimed, err := p.claim(ctx, photo)
	if err != nil || !claimed {
		return err
	}
	began := p.Now()
	if began.After(photo.Until) {
		return p.settle(ctx, photo.ID, fetched{state: consortium.PhotoLost})
	}
	file, err := fetch(ctx, p.adapter(pickup.From), pickup.File)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err == nil:
		return p.keep(ctx, photo.ID, file.Data)
	case errors.Is(err, bot.ErrFileLarge):
		return p.settle(ctx, photo.ID, fetched{state: consortium.PhotoRefused, reason: consortium.PhotoTooLarge})
	}
	next := p.Now().Add(fetchAgain(photo.Tries))
	gone := errors.Is(err, bot.ErrFileGone) || next.After(photo.Until)
	if p.Logger != nil {
		p.Logger.Warn("photo not fetched", "photo", int64(photo.ID), "platform", pickup.From.Platform, "account", pickup.From.Account,
			"attempt", photo.Tries+1, "given_up", gone, "err", err)
	}
	if gone {
		return p.settle(ctx, photo.ID, fetched{state: consortium.PhotoLost})
	}
	return p.settle(ctx, photo.ID, fetched{state: consortium.PhotoAwaited, due: next})
}

// fetchAgain is how long to wait after so many attempts before the next.
func fetchAgain(tries int) time.Duration {
	return min(2*time.Second<<min(tries, 10), 2*time.Minute)
}

// serves reports whether a photo is this process's to work on: it has the account, or nobody fetched it in time.
func (p *Photos[S]) serves(photo consortium.Photo) bool {
	pickup, err := bot.UnpackPickup(photo.Source)
	return err != nil || p.adapter(pickup.From) != nil || p.Now().After(photo.Until)
}

// adapter is the one of the account, nil when it is not this process's.
func (p *Photos[S]) adapter(of bot.Address) bot.Adapter {
	for _, a := range p.Adapters {
		if platform, name := a.Name(); platform == of.Platform && name == of.Account {
			return a
		}
	}
	return nil
}

// claim keeps other processes from the photo for a while.
func (p *Photos[S]) claim(ctx context.Context, photo consortium.Photo) (bool, error) {
	err := p.Store.Do(ctx, func(tx S) error {
		tx.As(Actor, p.Now())
		claimed := photo
		claimed.Tries++
		claimed.Due = p.Now().Add(claimTime)
		return tx.SavePhoto(&claimed)
	})
	if errors.Is(err, consortium.ErrConflict) {
		return false, nil
	}
	return err == nil, err
}

// fetch gets a file. A panic of the adapter is its error.
func fetch(ctx context.Context, a bot.Adapter, f bot.FileRef) (file *bot.Attachment, err error) {
	fetcher, ok := a.(bot.Fetcher)
	if !ok {
		return nil, bot.ErrFileGone
	}
	ctx, cancel := context.WithTimeout(ctx, fetchTime)
	defer cancel()
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
		}
	}()
	return fetcher.Fetch(ctx, f, picture.MaxBytes)
}

// keep stores what was fetched, if it is a picture.
func (p *Photos[S]) keep(ctx context.Context, id consortium.PhotoID, data []byte) error {
	clean, format, err := picture.Clean(data)
	switch {
	case errors.Is(err, picture.ErrLarge):
		return p.settle(ctx, id, fetched{state: consortium.PhotoRefused, reason: consortium.PhotoTooLarge})
	case err != nil:
		return p.settle(ctx, id, fetched{state: consortium.PhotoRefused, reason: consortium.PhotoNoFormat})
	}
	if err := p.Store.KeepContent(ctx, id, clean); err != nil {
		return err
	}
	sum := sha256.Sum256(clean)
	return p.settle(ctx, id, fetched{state: consortium.PhotoKept, format: format.Type, size: len(clean), hash: hex.EncodeToString(sum[:])})
}

// fetched is what became of an attempt.
type fetched struct {
	state  consortium.PhotoState
	reason string
	due    time.Time // of the next attempt, where it is still awaited
	format string
	size   int
	hash   string
}

// settle stores what became of an attempt, unless the photo was taken back meanwhile.
func (p *Photos[S]) settle(ctx context.Context, id consortium.PhotoID, o fetched) error {
	return p.Store.Do(ctx, func(tx S) error {
		tx.As(Actor, p.Now())
		photo, err := tx.Photo(id)
		if err != nil || photo.State != consortium.PhotoAwaited {
			return err
		}
		if o.state == consortium.PhotoAwaited { // the size stays: an attempt before may have left content
			photo.Due = o.due
			return tx.SavePhoto(&photo)
		}
		photo.State, photo.Reason, photo.Format, photo.Size, photo.Hash = o.state, o.reason, o.format, o.size, o.hash
		if o.state == consortium.PhotoKept && photo.Activity != 0 {
			if err := consortium.PutPhoto(tx, &photo); err != nil {
				return err
			}
		}
		return tx.SavePhoto(&photo)
	})
}
