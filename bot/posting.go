package bot

import (
	"fmt"
	"time"
)

// PostingLife is how long a card that was sent may still be replaced (Feishu: 14 days, im-v1 message/patch).
const PostingLife = 14 * 24 * time.Hour

// mostPostings is how many cards about one topic are kept up to date, the newest first.
const mostPostings = 5

// updateDelay gathers the changes of a moment in one update.
const updateDelay = time.Second

// Posting is a card with a topic that was sent to a group.
type Posting struct {
	ID      int64
	To      Address
	Message string // the platform's id of it
}

// updates are the deliveries that bring all cards about what changed up to date.
func (t *turn[S]) updates(s S, c *Call) (out []Delivery, err error) {
	if !t.Updates {
		return nil, nil
	}
	for _, change := range c.changed {
		postings, err := s.Postings(change.topic, t.now.Add(-PostingLife), mostPostings)
		if err != nil {
			return nil, fmt.Errorf("find cards to update: %w", err)
		}
		if len(postings) == 0 {
			continue
		}
		card := change.look()
		for _, p := range postings {
			caps := t.Caps(p.To)
			if !caps.Updates || card.Class > Public {
				continue
			}
			pieces := Fit(card, caps)
			if len(pieces) != 1 || pieces[0].Card == nil {
				continue
			}
			out = append(out, Delivery{Key: fmt.Sprint("update/", p.ID), To: p.To, Update: p.Message, Urgency: Remind, Body: pieces[0],
				NotBefore: t.now.Add(updateDelay)})
		}
	}
	return out, nil
}

// settleInPlace keeps the card of a reply in place only where the clicked message showed the same topic; elsewhere the
// reply is its text.
func (t *turn[S]) settleInPlace(r Reply) Reply {
	if r.InPlace && (t.event.Kind != Clicked || r.Topic == "" || t.event.Topic != r.Topic) {
		r.InPlace, r.Card, r.Topic = false, nil, ""
	}
	return r
}
