package wecomtest

import (
	"strconv"

	"lianbang/bot/wecom/wire"
)

// SayToApp lets somebody write to the self-built app (90239).
func (s *Server) SayToApp(user, text string) Sent {
	at := s.clock.Now()
	return s.noted(at, user, "", text, s.toApp(user, wire.AppMessage{Type: "text", Content: text}))
}

// EnterApp lets somebody open the app's conversation (90240).
func (s *Server) EnterApp(user string) Sent {
	return s.toApp(user, wire.AppMessage{Type: "event", Event: "enter_agent"})
}

// DeliverToApp gives any message or event to the app; sender, time and ids are filled in where they are empty.
func (s *Server) DeliverToApp(user string, m wire.AppMessage) Sent { return s.toApp(user, m) }

func (s *Server) toApp(user string, m wire.AppMessage) Sent {
	s.mu.Lock()
	who := s.member(user)
	if who == nil {
		s.mu.Unlock()
		return Sent{Why: "there is no " + user}
	}
	m.From = who.UserID
	return s.handApp(m, nil)
}

// handApp completes a message and sends it to the app's callback address. It is called with mu held and releases it.
func (s *Server) handApp(m wire.AppMessage, clicked *message) Sent {
	m.To, m.AgentID = s.app.CorpID, strconv.Itoa(s.app.AgentID)
	if m.CreateTime == 0 {
		m.CreateTime = s.clock.Now().Unix()
	}
	if m.ID == "" && m.Type != "event" {
		s.serial++
		m.ID = strconv.Itoa(7_412_589_630_000_000_000 + s.serial)
	}
	sent := Sent{ID: m.ID}
	t, err := s.appTarget()
	s.mu.Unlock()
	switch {
	case err != nil:
		sent.Why = err.Error()
		return sent
	case t.url == "":
		sent.Why = "the app has no callback address"
		return sent
	}
	sent.Attempts = s.deliver(t, m.XML(), s.o.Attempts, func(reply []byte) error { return s.passiveApp(m, clicked, reply) })
	sent.settle()
	return sent
}

// passiveApp shows what the app answered inside its callback (90241): text to a message, or another word on the clicked
// button. Other replies are not modelled.
func (s *Server) passiveApp(m wire.AppMessage, clicked *message, reply []byte) error {
	root, err := wire.ParseXML(reply)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch kind := root.Text("MsgType"); {
	case kind == "update_button" && clicked != nil:
		c, err := parseCard(clicked.Card)
		if err != nil {
			return err
		}
		c.Replace = root.Child("Button").Text("ReplaceName")
		clicked.change(view{text: c.words(), card: clicked.Card}, []string{m.From})
		return nil
	case kind == "text" && clicked == nil:
		c := content{Type: "text", Text: &words{Content: root.Child("Content").Chars}}
		x, err := s.draft(c, appRules, ownerApp)
		if err != nil {
			return err
		}
		x.User, x.Where = m.From, direct(s.byUserID(m.From))
		s.show(x)
		return nil
	default:
		return refuse(40008, "the fake takes no passive %q here", kind)
	}
}
