package feishutest

import (
	"slices"
	"strconv"
)

// chat is a group, or the one-to-one chat of somebody with the bot.
type chat struct {
	id        string
	title     string
	owner     *Person // of a one-to-one chat; nil for groups
	members   []*Person
	bot       bool // the bot is in it
	dissolved bool
	muted     bool // only the owner may speak
	noThreads bool
	messages  []*message
	pace      window
}

// Group is a group chat. Its methods are what its members and settings do.
type Group struct {
	ID string

	s *Server
}

// AddGroup makes a group of people with the bot already in it. No event says so; see AddBot.
func (s *Server) AddGroup(title string, members ...*Person) *Group {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := &Group{ID: s.lastingID("oc_"), s: s}
	s.chats[g.ID] = &chat{id: g.ID, title: title, members: slices.Clone(members), bot: true}
	s.groups = append(s.groups, g)
	return g
}

// Group finds a group by title or chat_id, nil if there is none.
func (s *Server) Group(titleOrID string) *Group {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, g := range s.groups {
		if g.ID == titleOrID || s.chats[g.ID].title == titleOrID {
			return g
		}
	}
	return nil
}

// Groups lists all groups, in the order in which they were made.
func (s *Server) Groups() []*Group {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.groups)
}

// Title is the group's present name.
func (g *Group) Title() string {
	g.s.mu.Lock()
	defer g.s.mu.Unlock()
	return g.chat().title
}

// chat is what g stands for. s.mu is held.
func (g *Group) chat() *chat { return g.s.chats[g.ID] }

// Mute lets only the group's owner speak: sends are refused with 230018.
func (g *Group) Mute(muted bool) {
	g.s.mu.Lock()
	defer g.s.mu.Unlock()
	g.chat().muted = muted
}

// ForbidThreads makes replies in a thread refused with 230071.
func (g *Group) ForbidThreads(forbidden bool) {
	g.s.mu.Lock()
	defer g.s.mu.Unlock()
	g.chat().noThreads = forbidden
}

// private finds or makes the one-to-one chat of p. s.mu is held.
func (s *Server) private(p *Person) *chat {
	for _, c := range s.chats {
		if c.owner == p {
			return c
		}
	}
	c := &chat{id: s.newID("oc_"), owner: p, members: []*Person{p}, bot: true}
	s.chats[c.id] = c
	return c
}

// where is what people call the chat: a group's title, or 私聊 and the name of the person.
func (c *chat) where() string {
	if c.owner != nil {
		return "私聊 " + c.owner.Name
	}
	return c.title
}

func (c *chat) kind() string {
	if c.owner != nil {
		return "p2p"
	}
	return "group"
}

func (c *chat) has(p *Person) bool { return slices.Contains(c.members, p) }

// refuses says why the bot may not speak in c, nil if it may. s.mu is held.
func (c *chat) refuses() *refusal {
	switch {
	case c.dissolved:
		return deny(232009, "Your request specifies a chat which has already been dissolved.")
	case c.owner != nil && c.owner.gone:
		return deny(230013, "Bot has NO availability to this user.")
	case c.owner != nil && c.owner.stopped:
		return deny(230053, "The user has stopped the bot from sending messages.")
	case !c.bot:
		return deny(230002, "Bot/User can NOT be out of the chat.")
	case c.muted:
		return deny(230018, "These operations are NOT allowed at current group settings.")
	}
	return nil
}

// listChats answers GET /open-apis/im/v1/chats: the groups that the bot is in.
func (s *Server) listChats(c *call) (any, *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var items []any
	for _, g := range s.groups {
		if t := g.chat(); t.bot && !t.dissolved {
			items = append(items, map[string]any{"chat_id": t.id, "name": t.title, "avatar": "", "description": "", "external": false,
				"tenant_key": tenantKey, "chat_status": "normal"})
		}
	}
	return paged(c, items, 20)
}

// chatInfo answers GET /open-apis/im/v1/chats/{chat}.
func (s *Server) chatInfo(c *call) (any, *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.chats[c.r.PathValue("chat")]
	if t == nil {
		return nil, deny(232006, "Your request specifies a chat_id which is invalid.")
	}
	status := "normal"
	if t.dissolved {
		status = "dissolved"
	}
	if !t.bot {
		return map[string]any{"name": t.title, "chat_status": status}, nil
	}
	owner := ""
	if len(t.members) > 0 {
		owner = t.members[0].OpenID
	}
	return map[string]any{
		"name": t.title, "description": "", "owner_id": owner, "owner_id_type": "open_id", "chat_mode": t.kind(), "chat_type": "private",
		"external": false, "tenant_key": tenantKey, "user_count": strconv.Itoa(len(t.members)), "bot_count": "1", "chat_status": status,
	}, nil
}

// listMembers answers GET /open-apis/im/v1/chats/{chat}/members. Bots are never listed.
func (s *Server) listMembers(c *call) (any, *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.chats[c.r.PathValue("chat")]
	switch {
	case t == nil:
		return nil, deny(232006, "Your request specifies a chat_id which is invalid.")
	case t.dissolved:
		return nil, deny(232009, "Your request specifies a chat which has already been dissolved.")
	case !t.bot:
		return nil, deny(232011, "Operator can NOT be out of the chat.")
	}
	var items []any
	for _, p := range t.members {
		id := p.OpenID
		if kind := c.r.URL.Query().Get("member_id_type"); kind == "union_id" {
			id = p.UnionID
		} else if kind == "user_id" {
			id = p.UserID
		}
		items = append(items, map[string]any{"member_id_type": "open_id", "member_id": id, "name": p.Name, "tenant_key": tenantKey})
	}
	out, bad := paged(c, items, 20)
	if bad != nil {
		return nil, bad
	}
	out["member_total"] = len(items)
	return out, nil
}

// paged cuts items as page_size and page_token ask. A page holds one item less than was asked for, because the platform
// doesn't promise full pages (im-v1 chat.members/get).
func paged(c *call, items []any, without int) (map[string]any, *refusal) {
	size, bad := c.number("page_size", without, 100)
	if bad != nil {
		return nil, bad
	}
	from, bad := c.number("page_token", 0, len(items))
	if bad != nil {
		return nil, bad
	}
	to := min(from+max(size-1, 1), len(items))
	out := map[string]any{"items": append([]any{}, items[from:to]...), "has_more": to < len(items), "page_token": ""}
	if to < len(items) {
		out["page_token"] = strconv.Itoa(to)
	}
	return out, nil
}
