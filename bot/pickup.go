package bot

import (
	"encoding/json"
	"fmt"
)

// Pickup is a file that is to be fetched: who sent it where, and how he is answered there.
type Pickup struct {
	Event EventID  `json:"event"` // with which it came
	From  Address  `json:"from"`  // names the account that fetches it
	Place Address  `json:"place"` // where its sender is told what became of it
	Ref   ReplyRef `json:"ref,omitzero"`
	File  FileRef  `json:"file"`
}

// Pickup is the i-th file of an event.
func (e Event) Pickup(i int) Pickup {
	return Pickup{Event: e.ID, From: e.From, Place: e.Place(), Ref: e.Ref, File: e.Files[i]}
}

// Pack writes it for the store.
func (p Pickup) Pack() []byte {
	data, err := json.Marshal(p)
	if err != nil {
		panic(fmt.Sprintf("bot: pack a pickup: %v", err)) // plain data always marshals
	}
	return data
}

// UnpackPickup is the inverse of Pack.
func UnpackPickup(data []byte) (p Pickup, err error) {
	if err := json.Unmarshal(data, &p); err != nil {
		return p, fmt.Errorf("unpack a pickup: %w", err)
	}
	return p, nil
}
