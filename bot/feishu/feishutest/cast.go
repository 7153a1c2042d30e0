package feishutest

// Cast is a small tenant: one group with two people, and the bot in it.
type Cast struct {
	Group *Group // 光电联合体
	Lin   *Person
	Wang  *Person
}

// Cast makes the tenant that the adapters' conformance suite wants: a group with 林书记 and 王工. The group stands first in
// Groups when nothing was made before.
func (s *Server) Cast() Cast {
	lin, wang := s.AddPerson("林书记"), s.AddPerson("王工")
	return Cast{Group: s.AddGroup("光电联合体", lin, wang), Lin: lin, Wang: wang}
}
