package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"lianbang/bot"
	"lianbang/consortium"
	"lianbang/scheduler"
	"lianbang/storage"
)

// maxNamedRooms bounds the rooms of an account whose rooms are all named.
const maxNamedRooms = 10_000

// namedRoom is a group that the configuration names, and binds to a consortium where nobody can do that from inside.
type namedRoom struct {
	at         bot.Address
	title      string
	consortium string // name or alias; "" = it is bound from inside
}

// namedAccount is an account of which the configuration names rooms.
type namedAccount struct {
	rooms []namedRoom
	ours  func(bot.ChatKey) bool // rooms that only the configuration can name
}

// everyRoom is of an account in whose rooms nobody can speak to the bot.
func everyRoom(bot.ChatKey) bool { return true }

// namedRooms is a sweep that makes the rooms of the configuration, binds each as soon as its consortium exists, and frees
// those that the configuration does not name any more.
type namedRooms struct {
	db      *storage.DB
	log     *slog.Logger
	all     map[string]namedAccount // by account ("platform/account")
	waiting []namedRoom             // not made or bound yet
	freed   bool                    // rooms that are named no more are free
	warned  map[string]bool         // consortia that are missing
}

// add names the rooms of an account. Those that it does not name and that only it could name, by their key, are freed.
func (s *namedRooms) add(p bot.Platform, account string, rooms []namedRoom, ours func(bot.ChatKey) bool) {
	s.all[string(p)+"/"+account] = namedAccount{rooms, ours}
	s.waiting = append(s.waiting, rooms...)
}

// Name implements scheduler.Sweep.
func (*namedRooms) Name() string { return "rooms" }

// Run implements scheduler.Sweep.
func (s *namedRooms) Run(ctx context.Context, now time.Time) error {
	if len(s.waiting) == 0 && s.freed {
		return nil
	}
	var missing []namedRoom
	err := s.db.Do(ctx, func(tx *storage.Tx) error {
		missing = nil
		tx.As(scheduler.Actor, now)
		if err := s.free(tx); err != nil {
			return fmt.Errorf("free the groups that the configuration does not name: %w", err)
		}
		for _, r := range s.waiting {
			bound, err := r.settle(tx)
			if err != nil {
				return fmt.Errorf("bind the group %s of the configuration: %w", r.title, err)
			}
			if !bound {
				missing = append(missing, r)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	s.waiting, s.freed = missing, true
	for _, r := range missing {
		if s.warned[r.consortium] {
			continue
		}
		s.warned[r.consortium] = true
		s.log.Warn("a group of the configuration waits for its consortium, which does not exist: create it with 新建联合体, or mend the name",
			"platform", r.at.Platform, "account", r.at.Account, "group", r.title, "consortium", r.consortium)
	}
	return nil
}

// settle makes the room and binds it, if it is to be bound. bound is false when its consortium does not exist yet.
func (r namedRoom) settle(tx *storage.Tx) (bound bool, err error) {
	id, err := tx.AddRoom(r.at, r.title, false)
	if err != nil || r.consortium == "" {
		return err == nil, err
	}
	into, err := tx.ConsortiumNamed(r.consortium)
	if errors.Is(err, consortium.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, tx.Bind(id, into.ID)
}

// free binds the rooms that only the configuration could name, and that it does not, to no consortium: nothing could be sent
// to them.
func (s *namedRooms) free(tx *storage.Tx) error {
	if s.freed {
		return nil
	}
	for account, named := range s.all {
		rooms, err := tx.RoomsOn(account, maxNamedRooms)
		if err != nil {
			return err
		}
		for _, r := range rooms {
			if !named.ours(r.Chat) || slices.ContainsFunc(named.rooms, func(n namedRoom) bool { return n.at.Chat == r.Chat }) {
				continue
			}
			p, name, _ := strings.Cut(account, "/")
			id, err := tx.AddRoom(bot.Address{Platform: bot.Platform(p), Account: name, Chat: r.Chat}, r.Title, false)
			if err != nil {
				return err
			}
			if err := tx.Bind(id, 0); err != nil {
				return err
			}
		}
	}
	return nil
}
