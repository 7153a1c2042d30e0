package handlers

import (
	"time"

	"lianbang/bot"
	"lianbang/consortium"
)

// Store is what commands need of the transaction that they run in.
type Store interface {
	bot.Ledger
	consortium.People
	consortium.Consortia
	consortium.Activities
	consortium.Registrations
	consortium.Needs
	consortium.NeedNotes
	consortium.Reminders
	consortium.Digests
	consortium.Acts
	consortium.Settings
	consortium.Photos
	Places
}

// Places stores where people and consortia are reached.
type Places interface {
	// Bind binds a room to a consortium.
	Bind(room int64, c consortium.ID) error
	// Contacts lists the private addresses of a person, the one he used last first.
	Contacts(p consortium.PersonID) ([]bot.Contact, error)
	// Rooms lists the open group rooms bound to a consortium.
	Rooms(c consortium.ID) ([]bot.Address, error)
	// Show notes that groups are shown an activity.
	Show(a consortium.ActivityID, at time.Time, groups ...bot.Address) error
	// Shown tells which groups have been shown an activity, and when last.
	Shown(a consortium.ActivityID) (map[bot.Address]time.Time, error)
}
