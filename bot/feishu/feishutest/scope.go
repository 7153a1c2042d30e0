package feishutest

import (
	"maps"
	"slices"
	"strings"
)

// defaultScopes are the scopes that a new tenant's app has: all that the fake knows, but for im:message.group_msg, which
// makes every message of a group an event and is classed as sensitive (im-v1 message/receive).
var defaultScopes = []string{
	scopeMessage, scopeSend, scopeUpdate, scopeRecall, scopeRead, scopeResource, scopeChat, scopeMembers,
	scopeBotEvents, scopeContact, scopeContactName, scopePrivateEvents, scopeMentionEvents, scopeEntered,
}

// ScopeAllMessages makes every message of a group an event, not only those that mention the bot.
const ScopeAllMessages = "im:message.group_msg"

const (
	scopeMessage       = "im:message"
	scopeSend          = "im:message:send_as_bot"
	scopeUpdate        = "im:message:update"
	scopeRecall        = "im:message:recall"
	scopeRead          = "im:message:readonly"
	scopeResource      = "im:resource"
	scopeChat          = "im:chat:read"
	scopeMembers       = "im:chat.members:read"
	scopeBotEvents     = "im:chat.members:bot_access"
	scopeContact       = "contact:contact.base:readonly"
	scopeContactName   = "contact:user.base:readonly"
	scopePrivateEvents = "im:message.p2p_msg:readonly"
	scopeMentionEvents = "im:message.group_at_msg:readonly"
	scopeEntered       = "im:chat.access_event.bot_p2p_chat:read"
)

// Grant gives the app scopes.
func (s *Server) Grant(scopes ...string) { s.setScopes(true, scopes) }

// Revoke takes scopes from the app: calls that need them are refused with 99991672, events that need them are not made.
func (s *Server) Revoke(scopes ...string) { s.setScopes(false, scopes) }

func (s *Server) setScopes(on bool, scopes []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, scope := range scopes {
		s.scopes[scope] = on
	}
}

// permit refuses an app that has none of the scopes. s.mu is held.
func (s *Server) permit(scopes []string) *refusal {
	for _, scope := range scopes {
		if s.scopes[scope] {
			return nil
		}
	}
	if len(scopes) == 0 {
		return nil
	}
	bad := deny(99991672, "Access denied. One of the following scopes is required: [%s].", strings.Join(scopes, ", "))
	for _, scope := range scopes {
		bad.scopes = append(bad.scopes, map[string]string{"type": "action_privilege_required", "subject": scope})
	}
	return bad
}

// listScopes answers GET /open-apis/application/v6/scopes: what the app asked for, and what of it the tenant granted.
func (s *Server) listScopes(*call) (any, *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []any{}
	for _, name := range slices.Sorted(maps.Keys(s.scopes)) {
		status := 1 // granted
		if !s.scopes[name] {
			status = 2
		}
		list = append(list, map[string]any{"scope_name": name, "grant_status": status, "scope_type": "tenant"})
	}
	return map[string]any{"scopes": list}, nil
}
