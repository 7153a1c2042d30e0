package storage

import (
	"fmt"

	"lianbang/bot"
	"lianbang/consortium"
)

var (
	directoryRooms = sqlText(`SELECT chat, title FROM room WHERE account = $1 AND direct = 0 AND closed = 0 ORDER BY id LIMIT $2`)
	directoryUsers = sqlText(`SELECT i.user_key, p.id, p.name, p.unit, {greatest}(p.role, coalesce((SELECT max(m.role) FROM membership m WHERE m.person = p.id), 0))
FROM identity i JOIN person p ON p.id = i.person WHERE i.account = $1 ORDER BY p.id LIMIT $2`)
)

// RoomEntry is a group room of an account.
type RoomEntry struct {
	Chat  bot.ChatKey
	Title string // "" when nobody named it
}

// UserEntry is a person under the key that he has on an account. Role is his highest rank anywhere.
type UserEntry struct {
	User bot.UserKey
	consortium.Person
}

// RoomsOn lists the open group rooms of an account ("platform/account"), oldest first, at most limit.
func (tx *Tx) RoomsOn(account string, limit int) ([]RoomEntry, error) {
	var out []RoomEntry
	err := tx.each(directoryRooms, func(r *row) error {
		out = append(out, RoomEntry{bot.ChatKey(r.text()), r.text()})
		return nil
	}, account, limit)
	if err != nil {
		return nil, fmt.Errorf("list the rooms of an account: %w", err)
	}
	return out, nil
}

// UsersOn lists the people of an account, the first known first, at most limit.
func (tx *Tx) UsersOn(account string, limit int) ([]UserEntry, error) {
	var out []UserEntry
	err := tx.each(directoryUsers, func(r *row) error {
		u := UserEntry{User: bot.UserKey(r.text())}
		u.ID, u.Name, u.Unit, u.Role = consortium.PersonID(r.int()), r.text(), r.text(), consortium.Role(r.int())
		out = append(out, u)
		return nil
	}, account, limit)
	if err != nil {
		return nil, fmt.Errorf("list the people of an account: %w", err)
	}
	return out, nil
}
