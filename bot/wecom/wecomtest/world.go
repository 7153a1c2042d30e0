package wecomtest

import (
	"cmp"
	"slices"
	"strings"
)

// AIBot is the AI bot (智能机器人).
type AIBot struct {
	ID, Secret string // of the long connection
	Name       string // what people write after @
	Token      string // of the callback mode
	AESKey     string // of the callback mode, 43 characters
	Callback   string // "" = long connection; else the address that gets its messages, and no socket may subscribe (101463)
}

// SelfBuiltApp is the self-built app (自建应用).
type SelfBuiltApp struct {
	CorpID, Secret string
	AgentID        int
	Token, AESKey  string // of its callbacks
	Callback       string // "" = it receives nothing
}

// Member is somebody of the company.
type Member struct {
	UserID     string `json:"userid"` // plain
	Name       string `json:"name"`
	OpenUserID string `json:"open_userid,omitempty"` // encrypted; "" = one is made
	Encrypted  bool   `json:"encrypted,omitempty"`   // the bot is given OpenUserID instead of UserID (101521: unless a super administrator made the bot)
	Hidden     bool   `json:"hidden,omitempty"`      // outside the app's visible range
}

// Group is a group chat.
type Group struct {
	ChatID  string   `json:"chatid"` // case matters
	Title   string   `json:"title"`
	Members []string `json:"members"`            // plain user ids
	HookKey string   `json:"hook_key,omitempty"` // of its webhook; "" = it has none
	NoBot   bool     `json:"no_bot,omitempty"`   // the AI bot is not in it
	NoHook  bool     `json:"no_hook,omitempty"`  // the webhook was switched off (93004)
}

// The company of a Server whose options leave it open.
var (
	DefaultBot = AIBot{ID: "aibFAKE0001", Secret: "fake-bot-secret", Name: "联帮",
		Token: "fakeBotToken2026", AESKey: "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"}
	DefaultApp = SelfBuiltApp{CorpID: "ww00fake11bb22cc33", Secret: "fake-app-secret", AgentID: 1000042,
		Token: "fakeAppToken2026", AESKey: "GFEDCBA9876543210zyxwvutsrqponmlkjihgfedcba"}
	DefaultMembers = []Member{{UserID: "linshuji", Name: "林书记"}, {UserID: "wanggong", Name: "王工"}}
	DefaultGroup   = Group{ChatID: "wrFAKEgroup0001", Title: "光电信息群", Members: []string{"linshuji", "wanggong"}, HookKey: "fake-hook-key-0001"}
)

// AddMember makes m part of the company; a member of the same user id is replaced.
func (s *Server) AddMember(m Member) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.putMember(m)
}

// putMember holds mu.
func (s *Server) putMember(m Member) {
	m.OpenUserID = cmp.Or(m.OpenUserID, "woFAKE"+digest(m.UserID)[:20])
	if i := slices.IndexFunc(s.members, func(o *Member) bool { return o.UserID == m.UserID }); i >= 0 {
		s.members[i] = &m
		return
	}
	s.members = append(s.members, &m)
}

// AddGroup makes g a group of the company; a group of the same chat id is replaced.
func (s *Server) AddGroup(g Group) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.IndexFunc(s.groups, func(o *Group) bool { return o.ChatID == g.ChatID }); i >= 0 {
		s.groups[i] = &g
		return
	}
	s.groups = append(s.groups, &g)
}

// Members lists the company's people.
func (s *Server) Members() (out []Member) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.members {
		out = append(out, *m)
	}
	return out
}

// Groups lists the groups.
func (s *Server) Groups() (out []Group) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, g := range s.groups {
		out = append(out, *g)
	}
	return out
}

// member finds somebody by user id, plain or encrypted, or by name. It holds mu.
func (s *Server) member(who string) *Member {
	for _, m := range s.members {
		if m.UserID == who || m.OpenUserID == who {
			return m
		}
	}
	for _, m := range s.members {
		if m.Name == who {
			return m
		}
	}
	return nil
}

// byUserID finds somebody by the plain user id, whose case does not matter to the app's calls. It holds mu.
func (s *Server) byUserID(id string) *Member {
	for _, m := range s.members {
		if strings.EqualFold(m.UserID, id) {
			return m
		}
	}
	return nil
}

// group finds a group by its chat id, or by its title. It holds mu.
func (s *Server) group(which string) *Group {
	for _, g := range s.groups {
		if g.ChatID == which {
			return g
		}
	}
	for _, g := range s.groups {
		if g.Title == which {
			return g
		}
	}
	return nil
}

// seenByBot is the id under which the bot knows m.
func (m *Member) seenByBot() string {
	if m.Encrypted {
		return m.OpenUserID
	}
	return m.UserID
}
