package feishu

import (
	"context"
	"net/http"
	"net/url"
	"sync"
	"time"
)

const (
	kindTime = 700 * time.Millisecond // that a click waits for the kind of its chat
	maxKinds = 20000
)

// kinds remembers which chats are one-to-one. Messages say so, the callbacks of cards don't. It is safe for concurrent use.
type kinds struct {
	ask func(ctx context.Context, chat string) (direct bool, err error)

	mu     sync.Mutex
	direct map[string]bool
}

func newKinds(ask func(ctx context.Context, chat string) (direct bool, err error)) *kinds {
	return &kinds{ask: ask, direct: map[string]bool{}}
}

// learn keeps what an event said. When too many chats are known, all are forgotten: they can be asked for again.
func (k *kinds) learn(chat string, direct bool) {
	if chat == "" {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, known := k.direct[chat]; !known && len(k.direct) >= maxKinds {
		clear(k.direct)
	}
	k.direct[chat] = direct
}

// isDirect tells what is known of the chat, or what the platform answers within kindTime. Of a chat of which neither tells
// it says that it is a group: most buttons are there, and an answer that goes to the chat's id arrives in either case.
func (k *kinds) isDirect(ctx context.Context, chat string) bool {
	k.mu.Lock()
	direct, known := k.direct[chat]
	k.mu.Unlock()
	if known {
		return direct
	}
	ctx, cancel := context.WithTimeout(ctx, kindTime)
	defer cancel()
	direct, err := k.ask(ctx, chat)
	if err != nil {
		return false
	}
	k.learn(chat, direct)
	return direct
}

// isPrivate asks the platform what kind of chat it is (im-v1 chat/get). That chat_mode is p2p for a one-to-one chat is not
// checked against the live platform.
func (a *Adapter) isPrivate(ctx context.Context, chat string) (bool, error) {
	var c struct {
		Mode string `json:"chat_mode"`
	}
	err := a.call(ctx, http.MethodGet, "/open-apis/im/v1/chats/"+url.PathEscape(chat), nil, nil, &c)
	return c.Mode == "p2p", err
}
