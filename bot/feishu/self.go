package feishu

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"
)

// selfTime is how long a message waits for our own open_id.
const selfTime = time.Second

// self is what the app knows of its own bot, once it has asked. It is safe for concurrent use.
type self struct {
	mu     sync.Mutex
	openID string
	flight *selfFlight
}

// selfFlight is the one question under way. Its fields are set before done is closed.
type selfFlight struct {
	done   chan struct{}
	openID string
	err    error
}

// botInfo is the bot of the app (bot-v3 info).
type botInfo struct {
	OpenID string `json:"open_id"`
	Name   string `json:"app_name"`
	Status int    `json:"activate_status"` // 2 = enabled
}

// botOpenID is the bot's own open_id, by which its mention is known. All who do not know it wait for one and the same
// request, each for selfTime at most; it goes on without them. A failure is not kept.
func (a *Adapter) botOpenID(ctx context.Context) (string, error) {
	s := a.self
	s.mu.Lock()
	known := s.openID
	if known == "" && s.flight == nil {
		s.flight = &selfFlight{done: make(chan struct{})}
		go a.askSelf(context.WithoutCancel(ctx), s.flight)
	}
	flight := s.flight
	s.mu.Unlock()
	if known != "" {
		return known, nil
	}
	ctx, cancel := context.WithTimeout(ctx, selfTime)
	defer cancel()
	select {
	case <-flight.done:
		return flight.openID, flight.err
	case <-ctx.Done():
		return "", &transportError{cause: context.Cause(ctx)}
	}
}

// askSelf answers f, and keeps a success.
func (a *Adapter) askSelf(ctx context.Context, f *selfFlight) {
	ctx, cancel := context.WithTimeout(ctx, lookupTime)
	defer cancel()
	info, err := a.botInfo(ctx)
	f.openID, f.err = info.OpenID, err
	a.self.mu.Lock()
	defer a.self.mu.Unlock()
	a.self.openID, a.self.flight = info.OpenID, nil
	close(f.done)
}

// botInfo asks who the bot is. The answer has it at its top level.
func (a *Adapter) botInfo(ctx context.Context) (botInfo, error) {
	data, err := a.authorised(ctx, request{method: http.MethodGet, path: "/open-apis/bot/v3/info"})
	if err != nil {
		return botInfo{}, err
	}
	var answer struct {
		Bot botInfo `json:"bot"`
	}
	if err := json.Unmarshal(data, &answer); err != nil || answer.Bot.OpenID == "" {
		return botInfo{}, errMalformed
	}
	return answer.Bot, nil
}
