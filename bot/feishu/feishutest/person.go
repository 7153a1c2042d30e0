package feishutest

import (
	"slices"
	"strings"
)

// Person is somebody of the tenant. Its methods are what people do.
type Person struct {
	OpenID, UnionID, UserID, Name string

	s       *Server
	gone    bool // has left the company
	stopped bool // has stopped the bot
}

// AddPerson makes somebody who may use the app. Names should differ, because a mention is written by name.
func (s *Server) AddPerson(name string) *Person {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := &Person{OpenID: s.lastingID("ou_"), UnionID: s.lastingID("on_"), UserID: s.lastingID("u")[:8], Name: name, s: s}
	s.people = append(s.people, p)
	return p
}

// Person finds somebody by name or open_id, nil if there is nobody.
func (s *Server) Person(nameOrID string) *Person {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.find(nameOrID)
}

// People lists everybody, in the order in which they came.
func (s *Server) People() []*Person {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.people)
}

// find is Person with s.mu held.
func (s *Server) find(nameOrID string) *Person {
	for _, p := range s.people {
		if p.OpenID == nameOrID || p.Name == nameOrID || p.UnionID == nameOrID || p.UserID == nameOrID {
			return p
		}
	}
	return nil
}

// Resign takes p out of the company: sends to p are refused with 230013 (im-v1 message/create).
func (p *Person) Resign() { p.set(&p.gone, true) }

// StopBot makes the bot's messages to p refused with 230053, or allows them again.
func (p *Person) StopBot(stopped bool) { p.set(&p.stopped, stopped) }

func (p *Person) set(what *bool, to bool) {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	*what = to
}

// PrivateChat is the id of the one-to-one chat of p and the bot.
func (p *Person) PrivateChat() string {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	return p.s.private(p).id
}

// ids is p as events name a person.
func (p *Person) ids() map[string]any {
	return map[string]any{"open_id": p.OpenID, "union_id": p.UnionID, "user_id": p.UserID}
}

const tenantKey = "tk_fake"

// botInfo answers GET /open-apis/bot/v3/info: the bot lies beside code, not in data.
func (s *Server) botInfo(*call) (any, *refusal) {
	return bare{"bot": map[string]any{
		"activate_status": 2, "app_name": s.o.BotName, "avatar_url": "", "ip_white_list": []string{}, "open_id": s.botID,
	}}, nil
}

// userInfo answers GET /open-apis/contact/v3/users/{user}.
func (s *Server) userInfo(c *call) (any, *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.find(c.r.PathValue("user"))
	if p == nil || p.gone {
		return nil, deny(99992351, "open_id is invalid")
	}
	return map[string]any{"user": s.describe(p)}, nil
}

// usersInfo answers GET /open-apis/contact/v3/users/batch.
func (s *Server) usersInfo(c *call) (any, *refusal) {
	ids := c.r.URL.Query()["user_ids"]
	if len(ids) == 0 || len(ids) > 50 {
		return nil, deny(99992402, "field validation failed: user_ids has %d values, 1 to 50 are allowed", len(ids))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	items := []any{}
	for _, id := range ids {
		if p := s.find(id); p != nil && !p.gone {
			items = append(items, s.describe(p))
		}
	}
	return map[string]any{"items": items}, nil
}

// describe shows a name only to an app with the scope for it. s.mu is held.
func (s *Server) describe(p *Person) map[string]any {
	user := p.ids()
	if s.scopes[scopeContactName] {
		user["name"] = p.Name
	}
	return user
}

// byLongestName lists the people with the longest names first, so that 王工程 is not taken for 王工. s.mu is held.
func (s *Server) byLongestName() []*Person {
	people := slices.Clone(s.people)
	slices.SortStableFunc(people, func(a, b *Person) int { return len(b.Name) - len(a.Name) })
	return people
}

// nameOf is what people call the bearer of an id. s.mu is held.
func (s *Server) nameOf(id string) string {
	switch p := s.find(id); {
	case p != nil:
		return p.Name
	case id == s.botID || id == s.o.AppID:
		return s.o.BotName
	case id == "all" || strings.HasSuffix(id, "_all"):
		return "所有人"
	}
	return id
}
