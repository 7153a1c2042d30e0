package scheduler

import (
	"context"
	"errors"
	"fmt"
	"time"

	"lianbang/bot"
	"lianbang/consortium"
)

// sheaf is what one person sent for one activity at one place and was not told of yet, oldest first.
type sheaf struct {
	pickup  bot.Pickup // of the newest
	photos  []consortium.Photo
	awaited int
}

// tell tells senders what became of their photos.
func (p *Photos[S]) tell(ctx context.Context) error {
	var untold []consortium.Photo
	err := p.Store.View(ctx, func(tx S) (err error) {
		untold, err = tx.PhotosUntold(mostUntold)
		return err
	})
	if err != nil {
		return fmt.Errorf("list photos to tell of: %w", err)
	}
	sheaves, err := sheave(untold)
	failed := []error{err}
	for _, s := range sheaves {
		if !s.ripe(p.Now(), p.Quiet) {
			continue
		}
		if err := p.tellOf(ctx, s); err != nil {
			failed = append(failed, fmt.Errorf("tell of photo %d and others: %w", s.photos[0].ID, err))
		}
	}
	return errors.Join(failed...)
}

// sheave puts together what belongs together.
func sheave(photos []consortium.Photo) (out []*sheaf, err error) {
	all := map[string]*sheaf{}
	for _, photo := range photos {
		pickup, bad := bot.UnpackPickup(photo.Source)
		if bad != nil {
			err = errors.Join(err, fmt.Errorf("photo %d: %w", photo.ID, bad))
			continue
		}
		key := fmt.Sprint(photo.Person, " ", photo.Activity, " ", pickup.Place.Lane())
		s := all[key]
		if s == nil {
			s = &sheaf{}
			all[key] = s
			out = append(out, s)
		}
		s.pickup, s.photos = pickup, append(s.photos, photo)
		if photo.State == consortium.PhotoAwaited {
			s.awaited++
		}
	}
	return out, err
}

// ripe reports whether there is something to tell, and nothing more is likely to come with it.
func (s *sheaf) ripe(now time.Time, quiet time.Duration) bool {
	newest, oldest := s.photos[len(s.photos)-1].Sent, s.photos[0].Sent
	settled := len(s.photos) > s.awaited
	return settled && now.Sub(newest) >= quiet && (s.awaited == 0 || now.Sub(oldest) >= tellAnyway)
}

// tellOf enqueues the words about a sheaf and notes that they were said. What somebody else told of meanwhile is left out.
func (p *Photos[S]) tellOf(ctx context.Context, s *sheaf) error {
	err := p.Store.Do(ctx, func(tx S) error {
		now := p.Now()
		tx.As(Actor, now)
		news, first, err := note(tx, s)
		if err != nil || news.Empty() {
			return err
		}
		place := s.pickup.Place
		ds := Deliveries(fmt.Sprintf("photos/%d", first), place, p.Fit(p.Words(news), place), bot.Answer, time.Time{})
		if now.Before(s.pickup.Ref.Expires) || s.pickup.Ref.Expires.IsZero() {
			ds[0].Ref = s.pickup.Ref
		}
		return tx.Enqueue(ds...)
	})
	if errors.Is(err, consortium.ErrConflict) {
		return nil
	}
	return err
}

// note marks the settled photos of a sheaf as told of, and counts them. first is one of them, whose id names the news.
func note[S Photographs](tx S, s *sheaf) (news consortium.PhotoNews, first consortium.PhotoID, err error) {
	for _, listed := range s.photos {
		photo, err := tx.Photo(listed.ID)
		if err != nil {
			return news, 0, err
		}
		if photo.Told || photo.State == consortium.PhotoAwaited || photo.Activity != listed.Activity {
			continue
		}
		if news.Add(photo); first == 0 {
			first = photo.ID
		}
		photo.Told, photo.Source = true, nil
		if err := tx.SavePhoto(&photo); err != nil {
			return news, 0, err
		}
	}
	id := s.photos[0].Activity
	if id == 0 || news.Empty() {
		return news, first, nil
	}
	if news.Activity, err = tx.Activity(id); err != nil {
		return news, 0, err
	}
	news.Total, err = tx.PhotoCount(id)
	return news, first, err
}
