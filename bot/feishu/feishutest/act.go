package feishutest

import (
	"context"
	"slices"
)

// Recall takes back a message that p wrote.
func (p *Person) Recall(ctx context.Context, messageID string) Outcome {
	s := p.s
	s.mu.Lock()
	m := s.byID[messageID]
	if m == nil || m.sender != p.OpenID {
		s.mu.Unlock()
		return Outcome{Err: ErrNotInChat}
	}
	m.recalled = true
	body := map[string]any{"message_id": m.id, "chat_id": m.in.id, "recall_time": millis(s.clock.Now()), "recall_type": "message_owner"}
	s.mu.Unlock()
	return s.Push(ctx, "im.message.recalled_v1", body)
}

// Enter opens the private chat of p and the bot.
func (p *Person) Enter(ctx context.Context) Outcome {
	s := p.s
	s.mu.Lock()
	if s.permit([]string{scopeEntered}) != nil {
		s.mu.Unlock()
		return Outcome{Err: ErrNoScope}
	}
	t := s.private(p)
	body := map[string]any{"chat_id": t.id, "operator_id": p.ids()}
	if n := len(t.messages); n > 0 {
		body["last_message_id"], body["last_message_create_time"] = t.messages[n-1].id, millis(t.messages[n-1].at)
	}
	s.mu.Unlock()
	return s.Push(ctx, "im.chat.access_event.bot_p2p_chat_entered_v1", body)
}

// Menu taps the entry of the bot's menu that has the key. The event names no chat, and its time is a number of seconds.
func (p *Person) Menu(ctx context.Context, key string) Outcome {
	return p.s.Push(ctx, "application.bot.menu_v6", map[string]any{
		"operator":  map[string]any{"operator_name": p.Name, "operator_id": p.ids()},
		"event_key": key, "timestamp": p.s.clock.Now().Unix(),
	})
}

// Join brings p into the group, invited by by.
func (g *Group) Join(ctx context.Context, by, p *Person) Outcome {
	return g.act(ctx, "im.chat.member.user.added_v1", by, func(t *chat) {
		if !t.has(p) {
			t.members = append(t.members, p)
		}
	}, map[string]any{"users": []any{p.member()}})
}

// Leave takes p out of the group, by p's own wish.
func (g *Group) Leave(ctx context.Context, p *Person) Outcome {
	return g.act(ctx, "im.chat.member.user.deleted_v1", p, func(t *chat) {
		t.members = slices.DeleteFunc(t.members, func(other *Person) bool { return other == p })
	}, map[string]any{"users": []any{p.member()}})
}

// member is p as events about membership name people: the ids sit under user_id.
func (p *Person) member() map[string]any {
	return map[string]any{"name": p.Name, "tenant_key": tenantKey, "user_id": p.ids()}
}

// AddBot brings the bot into the group.
func (g *Group) AddBot(ctx context.Context, by *Person) Outcome {
	g.s.mu.Lock()
	g.chat().bot = true
	g.s.mu.Unlock()
	return g.act(ctx, "im.chat.member.bot.added_v1", by, func(*chat) {}, nil)
}

// RemoveBot takes the bot out of the group.
func (g *Group) RemoveBot(ctx context.Context, by *Person) Outcome {
	return g.act(ctx, "im.chat.member.bot.deleted_v1", by, func(t *chat) { t.bot = false }, nil)
}

// Dissolve ends the group.
func (g *Group) Dissolve(ctx context.Context, by *Person) Outcome {
	return g.act(ctx, "im.chat.disbanded_v1", by, func(t *chat) { t.dissolved = true }, nil)
}

// Rename gives the group another title.
func (g *Group) Rename(ctx context.Context, by *Person, title string) Outcome {
	before := g.Title()
	return g.act(ctx, "im.chat.updated_v1", by, func(t *chat) { t.title = title }, map[string]any{
		"before_change": map[string]any{"name": before}, "after_change": map[string]any{"name": title},
	})
}

// actScopes are the scopes of which an app needs one to get an event (im-v1 chat-member-bot/events).
var actScopes = map[string][]string{
	"im.chat.member.bot.added_v1":   {scopeBotEvents, "im:chat:readonly", "im:chat"},
	"im.chat.member.bot.deleted_v1": {scopeBotEvents, "im:chat:readonly", "im:chat"},
}

// act changes the group and makes the event that says so, if the bot is in it.
func (g *Group) act(ctx context.Context, kind string, by *Person, change func(*chat), more map[string]any) Outcome {
	s := g.s
	s.mu.Lock()
	t := g.chat()
	if !t.bot || t.dissolved {
		change(t)
		s.mu.Unlock()
		return Outcome{Err: ErrNotInChat}
	}
	change(t)
	if s.permit(actScopes[kind]) != nil {
		s.mu.Unlock()
		return Outcome{Err: ErrNoScope}
	}
	body := map[string]any{"chat_id": t.id, "operator_id": by.ids(), "external": false, "operator_tenant_key": tenantKey, "name": t.title,
		"i18n_names": map[string]any{"zh_cn": t.title}}
	for k, v := range more {
		body[k] = v
	}
	s.mu.Unlock()
	return s.Push(ctx, kind, body)
}
