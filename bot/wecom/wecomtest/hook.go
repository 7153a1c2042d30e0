package wecomtest

import (
	"slices"
	"strconv"
)

// hooked finds the group of a webhook's key. It holds mu.
func (s *Server) hooked(key string) (*Group, error) {
	i := slices.IndexFunc(s.groups, func(g *Group) bool { return g.HookKey != "" && g.HookKey == key })
	switch {
	case i < 0:
		return nil, refuse(93000, "invalid webhook url")
	case s.groups[i].NoHook:
		return nil, refuse(93004, "the robot was disabled")
	}
	return s.groups[i], nil
}

// sendByHook shows a message of a group's webhook (91770, 99110).
func (s *Server) sendByHook(r *request) (answer, error) {
	key := r.query.Get("key")
	g, err := s.hooked(key)
	if err != nil {
		return nil, err
	}
	var c content
	if err := r.decode(&c); err != nil {
		return nil, err
	}
	if s.limited("hook/"+key, hookMinute, 0) {
		return nil, refuse(45009, "api freq out of limit")
	}
	x, err := s.draft(c, hookRules, key)
	if err != nil {
		return nil, err
	}
	x.Chat, x.Where = g.ChatID, g.Title
	s.show(x)
	return nil, nil
}

// keepUpload keeps the file of a multipart call, for owner. It holds mu.
func (s *Server) keepUpload(r *request, owner string, kinds ...string) (answer, error) {
	kind := r.query.Get("type")
	if !slices.Contains(kinds, kind) {
		return nil, refuse(40005, "invalid type")
	}
	if err := checkMedium(kind, r.file, r.body); err != nil {
		return nil, err
	}
	return answer{"type": kind, "media_id": s.putMedium(owner, kind, r.file, r.body), "created_at": strconv.FormatInt(s.clock.Now().Unix(), 10)}, nil
}
