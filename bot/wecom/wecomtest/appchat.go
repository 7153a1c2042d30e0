package wecomtest

import (
	"regexp"
	"slices"
	"unicode/utf8"
)

// appChat is a group that the app made (90245).
type appChat struct {
	id, name, owner string
	members         []string // plain user ids
}

const (
	maxChatName    = 50 // characters
	maxChatMembers = 2000
	maxAppChats    = 1000 // a day on the platform, in all here
)

var chatIDForm = regexp.MustCompile(`^[0-9A-Za-z]{1,32}$`)

// createChat makes a group. Its members do not see it before the first message.
func (s *Server) createChat(r *request) (answer, error) {
	var q struct {
		Name    string   `json:"name"`
		Owner   string   `json:"owner"`
		Members []string `json:"userlist"`
		ChatID  string   `json:"chatid"`
	}
	if err := r.decode(&q); err != nil {
		return nil, err
	}
	switch {
	case utf8.RuneCountInString(q.Name) > maxChatName:
		return nil, refuse(86004, "invalid name")
	case len(q.Members) < 2 || len(q.Members) > maxChatMembers:
		return nil, refuse(86006, "too few or too many members")
	case q.ChatID != "" && !chatIDForm.MatchString(q.ChatID):
		return nil, refuse(86001, "invalid chatid")
	case s.appChats[q.ChatID] != nil:
		return nil, refuse(86215, "chatid exists")
	case len(s.appChats) >= maxAppChats:
		return nil, refuse(45009, "api freq out of limit")
	}
	c := &appChat{id: q.ChatID, name: q.Name, owner: q.Owner}
	for _, id := range q.Members {
		m := s.byUserID(id)
		if m == nil || m.Hidden {
			return nil, refuse(86216, "invalid member")
		}
		c.members = append(c.members, m.UserID)
	}
	if c.owner == "" {
		c.owner = c.members[0] // the platform takes any (90245)
	}
	if !slices.Contains(c.members, c.owner) {
		return nil, refuse(86207, "the owner is not in the list of members")
	}
	if c.id == "" {
		c.id = s.newID("chat")
	}
	s.appChats[c.id] = c
	return answer{"chatid": c.id}, nil
}

// sendToChat shows a message in a group of the app. A group that people made cannot be addressed (90248).
func (s *Server) sendToChat(r *request) (answer, error) {
	var q struct {
		ChatID string `json:"chatid"`
		content
	}
	if err := r.decode(&q); err != nil {
		return nil, err
	}
	if q.ChatID == "" {
		return nil, refuse(86201, "missing chatid")
	}
	c := s.appChats[q.ChatID]
	if c == nil && slices.ContainsFunc(s.groups, func(g *Group) bool { return g.ChatID == q.ChatID }) {
		return nil, refuse(86008, "the group was not made by this app")
	}
	if c == nil {
		return nil, refuse(86003, "chatid does not exist")
	}
	x, err := s.draft(q.content, chatRules, ownerApp)
	if err != nil {
		return nil, err
	}
	x.Chat, x.Where = c.id, c.name
	s.show(x)
	return nil, nil
}
