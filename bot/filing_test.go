package bot

import (
	"context"
	"fmt"
	"slices"
	"testing"
)

// TestFiles: what comes with files and no other command goes to the one that takes them, and pictures in a group only when
// they are meant for the bot.
func TestFiles(t *testing.T) {
	group := Address{Platform: "web", Account: "a", Chat: "群"}
	cases := map[string]struct {
		e    Event
		want []string
	}{
		"alone":                      {Event{Direct: true, Addressed: true}, []string{"1  "}},
		"with words":                 {Event{Direct: true, Addressed: true, Text: "昨天的合影"}, []string{"1 昨天的合影 "}},
		"with its command":           {Event{Direct: true, Addressed: true, Text: "图 H1"}, []string{"1 H1 "}},
		"with another command":       {Event{Direct: true, Addressed: true, Text: "记 一"}, []string{"一"}},
		"in a group":                 {Event{}, nil},
		"in a group, with words":     {Event{Text: "大家看"}, nil},
		"in a group, mentioned":      {Event{Addressed: true}, []string{"1  "}},
		"an answer to a card":        {Event{On: "m1"}, []string{"1  H1"}},
		"an answer to somebody else": {Event{On: "m2"}, nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			d, b := desk(t)
			b.postings = map[string][]Posting{"H1": {{To: group, Message: "m1"}}}
			c.e.ID, c.e.Kind, c.e.From = "e1", Said, Address{Platform: "web", Account: "a", Chat: "群", User: "u"}
			c.e.Files = []FileRef{{Key: "k", Kind: "image"}}
			if err := d.Handle(context.Background(), c.e); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(b.notes, c.want) {
				t.Errorf("did %q, want %q", b.notes, c.want)
			}
			want := 0
			if c.want != nil {
				want = 1
			}
			if name == "with another command" {
				want = 2
			}
			if len(b.sent) != want || want == 2 && b.sent[1].Body.Text != "没存" {
				t.Errorf("answered: %v", fmt.Sprint(b.sent))
			}
		})
	}
}

// TestAnsweredCard: a command in a group that answers a card is told what the card shows; elsewhere nobody looks.
func TestAnsweredCard(t *testing.T) {
	group := Address{Platform: "web", Account: "a", Chat: "群"}
	for on, want := range map[string]string{"m1": "瞧 H1", "m2": "瞧 ", "": "瞧 "} {
		d, b := desk(t)
		b.postings = map[string][]Posting{"H1": {{To: group, Message: "m1"}}}
		e := Event{ID: "e1", Kind: Said, From: Address{Platform: "web", Account: "a", Chat: "群", User: "u"}, Text: "瞧", On: on}
		if err := d.Handle(context.Background(), e); err != nil {
			t.Fatal(err)
		}
		if len(b.sent) != 1 || b.sent[0].Body.Text != want {
			t.Errorf("answering %q: %v, want %q", on, b.sent, want)
		}
	}
}
