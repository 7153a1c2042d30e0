package zhtime

func (p *parser) recurrence(i int) (Match, int, bool) { return Match{}, i, false }
