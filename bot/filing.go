package bot

// takesFiles reports whether the event has files and says nothing that another command would act on.
func (t *turn[S]) takesFiles() bool {
	if t.event.Kind != Said || len(t.event.Files) == 0 || t.Registry.files == nil {
		return false
	}
	complete := t.parsed.Command != nil && t.parsed.Missing == nil
	return !complete && !(t.guess.Sure && t.Registry.Find(t.guess.Path) != nil)
}

// unkept tells the asker that a command which takes no files has run, and theirs are not kept.
func (t *turn[S]) unkept(c *Call) {
	files := t.Registry.files
	if files != nil && t.path != "" && t.path != files.Path && t.event.Kind == Said && t.event.Addressed && len(t.event.Files) > 0 {
		c.Tell(t.event.Place(), t.Voice.Unkept(c))
	}
}

// file gives files that came without a command to the one that takes them. In a group they must be meant for the bot: it is
// mentioned, or they answer one of its cards; a group is full of pictures.
func (t *turn[S]) file(s S, c *Call) (r Reply, taken bool, err error) {
	if len(t.event.Files) == 0 || t.event.Kind != Said {
		return r, false, nil
	}
	if err := t.answered(s, c); err != nil {
		return r, false, err
	}
	if !t.event.Addressed && c.Topic == "" || !t.takesFiles() {
		return r, false, nil
	}
	r, err = t.run(s, c, Parsed[S]{Command: t.Registry.files, args: args{text: c.Text}})
	return r, true, err
}
