package feishu

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"time"

	"lianbang/bot/memory"
)

const (
	nameTime    = 700 * time.Millisecond // that an event waits for its name
	lookupTime  = 5 * time.Second        // of one lookup, which goes on when nobody waits any more
	nameKept    = 6 * time.Hour
	nameUnknown = 10 * time.Minute // before a name that could not be had, or a group's list, is asked for again
	maxNames    = 20000
	maxChats    = 2000
	maxLookups  = 256 // under way, most of them waiting
	atOnce      = 4   // requests, well under the 50 a second of each API
	memberPages = 10  // of one group
)

// names keeps the display names of users, by open_id. A group's members are asked for in one go, which needs no scope of the
// address book; who is not among them is asked for alone. It is safe for concurrent use.
type names struct {
	members func(ctx context.Context, chat string, each func(openID, name string)) error
	person  func(ctx context.Context, openID string) (string, error)
	now     func() time.Time
	log     *slog.Logger

	lookups *memory.Lookups

	mu    sync.Mutex
	known map[string]knownName
	chats map[string]time.Time // until when a group's list need not be asked for
}

// knownName is a name, or "" where it could not be had, and how long that holds.
type knownName struct {
	name string
	end  time.Time
}

func newNames(a *Adapter) *names {
	return (&names{members: a.eachMember, person: a.personName, now: a.conf.Now, log: a.conf.Logger}).init()
}

func (n *names) init() *names {
	n.known, n.chats = map[string]knownName{}, map[string]time.Time{}
	n.lookups = memory.NewLookups(maxLookups, atOnce, lookupTime)
	return n
}

// name is the display name of a user, "" when it is not known and cannot be had within nameTime. chat is a group in which
// the user is, or "". It may be called from many goroutines.
func (a *Adapter) name(ctx context.Context, chat, openID string) string {
	if openID == "" {
		return ""
	}
	return a.names.get(ctx, chat, openID)
}

func (n *names) get(ctx context.Context, chat, openID string) string {
	if name, ok := n.cached(openID); ok {
		return name
	}
	ctx, cancel := context.WithTimeout(ctx, nameTime)
	defer cancel()
	if chat != "" && n.chatDue(chat) {
		n.lookups.Once(ctx, "chat "+chat, func(ctx context.Context) { n.askChat(ctx, chat) })
		if name, ok := n.cached(openID); ok {
			return name
		}
	}
	if ctx.Err() == nil {
		n.lookups.Once(ctx, "user "+openID, func(ctx context.Context) { n.askUser(ctx, openID) })
	}
	name, _ := n.cached(openID)
	return name
}

func (n *names) cached(openID string) (name string, ok bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	k, ok := n.known[openID]
	return k.name, ok && n.now().Before(k.end)
}

func (n *names) chatDue(chat string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return !n.now().Before(n.chats[chat])
}

// askChat learns the names of a group's members.
func (n *names) askChat(ctx context.Context, chat string) {
	end := n.now().Add(nameKept)
	err := n.members(ctx, chat, func(openID, name string) {
		if openID != "" && name != "" {
			n.keep(openID, knownName{name, end})
		}
	})
	if err != nil {
		n.log.Debug("members of a group not read", "err", err)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	memory.Trim(n.chats, maxChats, func(until time.Time) bool { return !n.now().Before(until) })
	n.chats[chat] = n.now().Add(nameUnknown)
}

// askUser learns one name, or that it cannot be had now.
func (n *names) askUser(ctx context.Context, openID string) {
	name, err := n.person(ctx, openID)
	if err != nil {
		n.log.Debug("name of a user not read", "err", err)
	}
	life := nameKept
	if name == "" {
		life = nameUnknown
	}
	n.keep(openID, knownName{name, n.now().Add(life)})
}

func (n *names) keep(openID string, k knownName) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if _, here := n.known[openID]; !here {
		memory.Trim(n.known, maxNames, func(k knownName) bool { return !n.now().Before(k.end) })
	}
	n.known[openID] = k
}

// memberList is one page of a group's members (im-v1 chat-members/get). A page may hold more or fewer than asked for.
type memberList struct {
	Items []struct {
		ID   string `json:"member_id"`
		Name string `json:"name"`
	} `json:"items"`
	More bool   `json:"has_more"`
	Next string `json:"page_token"`
}

// eachMember tells the members of a group, at most memberPages pages of them. Bots are never listed.
func (a *Adapter) eachMember(ctx context.Context, chat string, each func(openID, name string)) error {
	query := map[string]string{"member_id_type": "open_id", "page_size": "100"}
	for range memberPages {
		var page memberList
		if err := a.call(ctx, http.MethodGet, "/open-apis/im/v1/chats/"+url.PathEscape(chat)+"/members", query, nil, &page); err != nil {
			return err
		}
		for _, m := range page.Items {
			each(m.ID, m.Name)
		}
		if !page.More || page.Next == "" {
			return nil
		}
		query["page_token"] = page.Next
	}
	return nil
}

// personName asks the address book for a user's name (contact-v3 user/get), which is "" where the app has the scope for the
// user and not for the name.
func (a *Adapter) personName(ctx context.Context, openID string) (string, error) {
	var answer struct {
		User struct {
			Name string `json:"name"`
		} `json:"user"`
	}
	err := a.call(ctx, http.MethodGet, "/open-apis/contact/v3/users/"+url.PathEscape(openID), map[string]string{"user_id_type": "open_id"}, nil, &answer)
	return answer.User.Name, err
}
