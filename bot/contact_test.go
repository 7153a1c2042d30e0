package bot

import "testing"

// TestReaches: who is reached follows from the account and from what is known of the chat.
func TestReaches(t *testing.T) {
	for _, tt := range []struct {
		to   Audience
		want [3]bool // Shut, Unheard, Open
	}{
		{Anybody, [3]bool{false, true, true}},
		{Acquainted, [3]bool{false, false, true}},
		{Nobody, [3]bool{}},
	} {
		for i, want := range tt.want {
			if o := Opening(i - 1); (Caps{Private: tt.to}).Reaches(o) != want {
				t.Errorf("audience %d, opening %d: not %v", tt.to, o, want)
			}
		}
	}
}

// TestHeard: words and taps in private count, no more.
func TestHeard(t *testing.T) {
	for _, k := range []EventKind{Said, Clicked, Joined, Left, Entered, Recalled, Renamed, Departed} {
		for _, direct := range []bool{false, true} {
			want := direct && (k == Said || k == Clicked)
			if got := (Event{Kind: k, Direct: direct}).Heard(); got != want {
				t.Errorf("%s, direct %v: %v", k, direct, got)
			}
		}
	}
}

// TestUnreached: what belongs in private is not said to who is not reached there, a command that is answered there is not run,
// or undone, and no question is left that he has not read.
func TestUnreached(t *testing.T) {
	for _, tt := range []struct {
		name    string
		to      Audience
		opening Opening
		event   Event
		want    string
	}{
		{"a stranger", Acquainted, Unheard, said("密", false), "群: 请私聊"},
		{"who was lost", Anybody, Shut, said("密", false), "群: 请私聊"},
		{"nobody", Nobody, Open, said("密", false), "群: 请私聊"},
		{"an acquaintance", Acquainted, Open, said("密", false), "群: 私聊了 | 王工: 480万"},
		{"a stranger at the gate", Acquainted, Unheard, said("漏", false), "群: 请私聊"},
		{"a stranger is asked", Acquainted, Unheard, said("私问", false), "群: 请私聊"},
		{"an acquaintance is asked", Acquainted, Open, said("私问", false), "群: 私聊了 | 王工: 1 甲 2 乙"},
		{"in private", Nobody, Open, said("密", true), "王工: 480万"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d, b := desk(t)
			d.Caps = func(Address) Caps { return Caps{Private: tt.to} }
			b.opening = tt.opening
			if err := d.Handle(t.Context(), tt.event); err != nil {
				t.Fatal(err)
			}
			if got := b.heard(); got != tt.want {
				t.Errorf("said %s, want %s", got, tt.want)
			}
			reached := tt.want != "群: 请私聊"
			if asked := b.question != nil; asked != (reached && tt.event.Text == "私问") {
				t.Errorf("a question was left: %v", asked)
			}
			if ran := len(b.notes) > 0; ran != (reached && tt.event.Text == "密") {
				t.Errorf("the command ran: %v", ran)
			}
		})
	}
}

// TestAwaited: a word is asked for only where it helps.
func TestAwaited(t *testing.T) {
	for _, tt := range []struct {
		to      Audience
		opening Opening
		want    bool
	}{
		{Acquainted, Unheard, true}, {Acquainted, Open, false}, {Acquainted, Shut, true}, {Anybody, Shut, true}, {Anybody, Unheard, false}, {Nobody, Unheard, false},
	} {
		c := Call{Asker: Asker{Opening: tt.opening}, limits: func(Address) Caps { return Caps{Private: tt.to} }}
		if got := c.Awaited(); got != tt.want {
			t.Errorf("audience %d, opening %d: %v", tt.to, tt.opening, got)
		}
	}
}
