package understand

// activities reads one activity, or two and more where the text holds several with titles of their own.
func (s *scanner) activities(from, to int) []Activity {
	a := s.activity(from, to, zeroTime)
	a.Missing = a.missing()
	return []Activity{a}
}
