package bot

// Voice is what the kernel itself has to say. Its methods run inside the transaction; those that get a Call may Ask.
type Voice[S Ledger] interface {
	Puzzled(s S, c *Call) (Reply, error)                // nothing was understood
	Mistyped(c *Call, wrong, right string) Reply        // the kernel asks whether right was meant
	Unsure(c *Call, command string) Reply               // the kernel asks whether that command was meant
	Incomplete(c *Call, missing, example string) Reply  // an argument is missing
	Forbidden(c *Call, need Role, summary string) Reply // the asker ranks too low
	InGroup(c *Call) Reply                              // the command belongs into a group
	Aside(c *Call) Reply                                // said in the group when the answer went to the private chat
	Unreached(c *Call) Reply                            // said in the group when the answer belongs in the private chat and cannot be sent there: the asker has to say it there
	Dropped(c *Call) Reply                              // the asker said no to a question
	TooLong(c *Call, limit int) Reply                   //
	Late(c *Call) Reply                                 // it was said too long ago to be acted on
	Stale(c *Call) Reply                                // a button whose command nobody knows any more, or an entry of a menu (Event.Menu) whose command nobody ever knew
	Unkept(c *Call) Reply                               // files came with a command that takes none
	Apology(reference string) Reply                     // our fault
	Entered(s S, c *Call) (Reply, error)                // somebody opened the one-to-one chat
	Joined(s S, c *Call) (Reply, error)                 // the bot was added to a group
}
