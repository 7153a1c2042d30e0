package bot

// Opening is what is known of the one-to-one chat with somebody.
type Opening int

// The openings.
const (
	Shut    Opening = -1 // what was sent there lately was refused, and he has not been heard there since
	Unheard Opening = 0  // he has not been heard there, as far as is known
	Open    Opening = 1  // he has been heard there
)

// Contact is a private address of somebody, and what is known of the chat there.
type Contact struct {
	Address
	Opening Opening
}

// Audience says whom an account may write to in private without having been asked.
type Audience int

// The audiences.
const (
	Anybody    Audience = iota // whom it knows, also from groups alone
	Acquainted                 // those who have been heard in private
	Nobody                     // it only answers there, if that
)

// Reaches reports whether an account can write to somebody in private without having been asked.
func (c Caps) Reaches(o Opening) bool {
	switch c.Private {
	case Anybody:
		return o != Shut
	case Acquainted:
		return o == Open
	}
	return false
}

// Heard reports whether its user said or tapped something in the one-to-one chat. To have opened the chat is not enough: a
// platform that wants to be asked first wants a message.
func (e Event) Heard() bool { return e.Direct && (e.Kind == Said || e.Kind == Clicked) }

// Reaches reports whether somebody is reached at an address.
func (c *Call) Reaches(to Contact) bool { return c.limits(to.Address).Reaches(to.Opening) }

// Reachable reports whether the asker can be written to later, in private, without having asked again.
func (c *Call) Reachable() bool { return c.Reaches(Contact{c.Event.From.Private(), c.Opening}) }

// Awaited reports whether one word of the asker in the one-to-one chat is all that it takes to reach him there.
func (c *Call) Awaited() bool {
	return !c.Reachable() && c.limits(c.Event.From).Private != Nobody
}
