package bot

import "time"

// Role is a rank: a command may be run by whoever ranks at least as high as its Need. The application names the ranks.
type Role int

// Scope says where a command may be given.
type Scope int

// The scopes.
const (
	Anywhere   Scope = iota
	DirectOnly       // in a group the bot answers privately
	GroupOnly
)

// ArgKind says what an argument looks like.
type ArgKind int

// The kinds of argument.
const (
	CodeArg  ArgKind = iota // H27, h27, #H27, 活动27: Letter says which; the value is the number
	CountArg                // 3, 3人, 三人, +3: the value is the number
	TextArg                 // the rest of the line; must be last
)

// Arg is one argument of a command.
type Arg struct {
	Name     string // what help calls it: 活动, 人数
	Kind     ArgKind
	Letter   string // for CodeArg: "H"
	Noun     string // for CodeArg: "活动", so that 活动27 is understood
	Optional bool
}

// Command is data: what is typed, who may, where, and what runs. S is the transaction-bound store.
type Command[S any] struct {
	Path    string   // the canonical words: 报名, 取消活动
	Aliases []string // other words for the same
	Section string   // heading in help
	Summary string   // one line in help
	Example string   // a whole line that parses, shown in help
	Args    []Arg
	Need    Role
	Where   Scope
	Intents []string // the intents of free sentences that also reach it
	Hidden  bool     // not listed in help: what only buttons and questions say
	Shy     bool     // in a group, without a mention, only with a code: its words are everyday words
	Reads   bool     // it usually changes nothing: it is tried beside the writers first
	Files   bool     // it takes photos and files that come without a command; at most one command does
	// Read, when set, reads the TextArg before the transaction begins; the result is Call.Reading. It is pure.
	Read func(text string, now time.Time) any
	// Aside, when set, reports whether a free text is plainly no answer to a question q of this command, by what it seems to mean
	// (g): then it is served like any other, and the question goes on waiting. Without it every text is an answer.
	Aside func(c *Call, q Question, g Guess) bool
	Run   func(s S, c *Call) (Reply, error)
}

// Asker is who speaks, and where, as the store knows it.
type Asker struct {
	Person     int64   // 0 = unknown
	New        bool    // he is known since this event
	Name       string  //
	Unit       string  // of the person, may be empty
	Role       Role    // rank in Consortium, or in the zone where there is none
	Room       int64   // 0 = a chat that nobody bound
	Consortium int64   // of the room; 0 = a private chat or an unbound group
	Opening    Opening // of the one-to-one chat with him on this account, this event included
}

// Call is one command being run.
type Call struct {
	Asker
	Event     Event
	Admission Admission         // whether the asker could become a member by speaking
	Now       time.Time         // fixed for the whole transaction, in the zone's location
	Line      string            // the folded text that was understood
	Path      string            // of the command
	Words     string            // the words that were typed for it (an alias), or ""
	Text      string            // TextArg, or the whole sentence when it was not typed as a command
	Codes     map[string]int64  // CodeArg values by Letter
	Count     int               // CountArg value
	Given     bool              // a CountArg was given
	Draft     map[string]string // what a pending question knew, with the answer filled in
	Reading   any               // what Guess made of a free sentence, or the command's Read of its text; nil without either
	Masked    bool              // something that must not be stored was hidden from the text
	Caps      Caps              // of where the call is answered
	Topic     string            // of the bot's card that a message in a group answers; "" = none known
	ask       *Question
	tell      []notice
	changed   []change
	limits    func(Address) Caps
}

// Code is the value of the CodeArg with that letter, 0 when none was given.
func (c *Call) Code(letter string) int64 { return c.Codes[letter] }

// Form is the value of a submitted form's field, "" when it was not a form.
func (c *Call) Form(name string) string { return c.Event.Form[name] }

// Ask leaves a pending question behind: the next thing that the same person says in the same chat may answer it.
// The words of the question are part of the reply.
func (c *Call) Ask(q Question) { c.ask = &q }

// Tell sends something to somebody else, in the same transaction.
func (c *Call) Tell(to Address, r Reply) { c.tell = append(c.tell, notice{to, r}) }

// Changed says that what cards about a topic show has changed. Those that were sent to groups where a card can be replaced are
// brought up to date; only if there are any, look is asked how they look now, in the same transaction.
func (c *Call) Changed(topic string, look func() Reply) {
	c.changed = append(c.changed, change{topic, look})
}

// change is the new look of the cards about a topic.
type change struct {
	topic string
	look  func() Reply
}

// notice is a message to somebody other than the asker.
type notice struct {
	to    Address
	reply Reply
}
