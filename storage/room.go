package storage

import (
	"fmt"

	"lianbang/bot"
	"lianbang/consortium"
)

var (
	roomAdd = sqlText(`INSERT INTO room(account, chat, consortium, title, direct, closed) VALUES($1, $2, $3, $4, $5, $6)
{returning id}`)
	roomFind      = sqlText(`SELECT id, closed FROM room WHERE account = $1 AND chat = $2`)
	roomDirect    = sqlText(`SELECT direct FROM room WHERE account = $1 AND chat = $2`)
	roomTitle     = sqlText(`UPDATE room SET title = $1, direct = $2 WHERE id = $3`)
	roomBound     = sqlText(`SELECT consortium FROM room WHERE id = $1{lock}`)
	roomBind      = sqlText(`UPDATE room SET consortium = $1 WHERE id = $2`)
	roomClose     = sqlText(`UPDATE room SET closed = $1 WHERE id = $2`)
	roomCloseChat = sqlText(`UPDATE room SET closed = 1 WHERE account = $1 AND chat = $2 AND closed = 0`)
	roomList      = keptText(`SELECT account, chat FROM room WHERE consortium = $1 AND consortium > 0 AND closed = 0 AND direct = 0 ORDER BY id`)
)

type roomBinding struct {
	Consortium int64 `json:"consortium"`
}

type roomOpening struct {
	Account string `json:"account"`
	Chat    string `json:"chat"`
	Closed  bool   `json:"closed,omitempty"`
}

// enterRoom sees to it that the chat of e has a row, is open or closed as e says, and is bound if it should be.
func (tx *Tx) enterRoom(e bot.Event, a *bot.Asker, closed, open bool) error {
	bind := open && !e.Direct && a.Consortium == 0 && e.Kind != bot.Left
	if bind {
		c, err := tx.defaultConsortium()
		if err != nil {
			return err
		}
		a.Consortium = int64(c)
	}
	gone := e.Kind == bot.Left
	title := ""
	if e.Kind == bot.Joined || e.Kind == bot.Renamed {
		title = e.Text
	}
	if a.Room == 0 {
		id, err := tx.insert(roomAdd, accountOf(e.From), string(e.From.Chat), a.Consortium, title, e.Direct, gone)
		if err != nil {
			return fmt.Errorf("add a room: %w", err)
		}
		a.Room = id
		if a.Consortium == 0 {
			return nil
		}
		return tx.note("room", id, "bind", nil, roomBinding{a.Consortium})
	}
	if bind {
		if err := tx.Bind(a.Room, consortium.ID(a.Consortium)); err != nil {
			return err
		}
	}
	if title != "" {
		if err := tx.run(roomTitle, title, e.Direct, a.Room); err != nil {
			return fmt.Errorf("name a room: %w", err)
		}
	}
	if closed == gone || e.Kind != bot.Left && e.Kind != bot.Joined && e.Kind != bot.Said && e.Kind != bot.Clicked {
		return nil
	}
	return tx.setClosed(a.Room, roomOpening{accountOf(e.From), string(e.From.Chat), gone})
}

// setClosed opens or closes a room that is the opposite of after.
func (tx *Tx) setClosed(room int64, after roomOpening) error {
	if err := tx.run(roomClose, after.Closed, room); err != nil {
		return fmt.Errorf("open or close a room: %w", err)
	}
	return tx.note("room", room, "open", roomOpening{after.Account, after.Chat, !after.Closed}, after)
}

// closeRoomOf closes the room whose lane it is, when it is a chat's.
func (tx *Tx) closeRoomOf(account, lane string) error {
	chat, ok := chatOf(account, lane)
	if !ok {
		return nil
	}
	r, ok, err := tx.one(roomFind, account, chat)
	if err != nil {
		return fmt.Errorf("find a room: %w", err)
	}
	if !ok {
		return nil
	}
	id := r.int()
	n, err := tx.exec(roomCloseChat, account, chat)
	if err != nil {
		return fmt.Errorf("close a room: %w", err)
	}
	if n == 0 {
		return nil
	}
	return tx.note("room", id, "open", roomOpening{account, chat, false}, roomOpening{account, chat, true})
}

// AddRoom makes the row of a chat that nobody has spoken in yet, or names and opens the one there is, and returns its id.
func (tx *Tx) AddRoom(chat bot.Address, title string, direct bool) (int64, error) {
	r, ok, err := tx.one(roomFind, accountOf(chat), string(chat.Chat))
	if err != nil {
		return 0, fmt.Errorf("find a room: %w", err)
	}
	if !ok {
		id, err := tx.insert(roomAdd, accountOf(chat), string(chat.Chat), 0, title, direct, false)
		if err != nil {
			return 0, fmt.Errorf("add a room: %w", err)
		}
		return id, nil
	}
	id, closed := r.int(), r.bool()
	if err := tx.run(roomTitle, title, direct, id); err != nil {
		return 0, fmt.Errorf("name a room: %w", err)
	}
	if !closed {
		return id, nil
	}
	return id, tx.setClosed(id, roomOpening{accountOf(chat), string(chat.Chat), false})
}

// Bind binds a room to a consortium, 0 to none; consortium.ErrNotFound when there is no such room.
func (tx *Tx) Bind(room int64, c consortium.ID) error {
	r, ok, err := tx.one(roomBound, room)
	if err != nil {
		return fmt.Errorf("read a room: %w", err)
	}
	if !ok {
		return fmt.Errorf("bind room %d: %w", room, consortium.ErrNotFound)
	}
	before := r.int()
	if before == int64(c) {
		return nil
	}
	if err := tx.run(roomBind, int64(c), room); err != nil {
		return fmt.Errorf("bind a room: %w", err)
	}
	return tx.note("room", room, "bind", roomBinding{before}, roomBinding{int64(c)})
}

// Rooms lists the open group rooms bound to a consortium, the oldest first.
func (tx *Tx) Rooms(c consortium.ID) ([]bot.Address, error) {
	var out []bot.Address
	err := tx.each(roomList, func(r *row) error {
		var a bot.Address
		a.Platform, a.Account = splitAccount(r.text())
		a.Chat = bot.ChatKey(r.text())
		out = append(out, a)
		return nil
	}, int64(c))
	if err != nil {
		return nil, fmt.Errorf("list rooms: %w", err)
	}
	return out, nil
}
