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

// self is what the app knows of its own bot, once it has asked.
type self struct {
	mu     sync.Mutex
	openID string
}

// botInfo is the bot of the app (bot-v3 info).
type botInfo struct {
	OpenID string `json:"open_id"`
	Name   string `json:"app_name"`
	Status int    `json:"activate_status"` // 2 = enabled
}

// botOpenID is the bot's own open_id, by which its mention is known. It is asked for once, within selfTime; a failure is
// not kept.
func (a *Adapter) botOpenID(ctx context.Context) (string, error) {
	a.self.mu.Lock()
	known := a.self.openID
	a.self.mu.Unlock()
	if known != "" {
		return known, nil
	}
	ctx, cancel := context.WithTimeout(ctx, selfTime)
	defer cancel()
	info, err := a.botInfo(ctx)
	if err != nil {
		return "", err
	}
	a.self.mu.Lock()
	defer a.self.mu.Unlock()
	a.self.openID = info.OpenID
	return info.OpenID, nil
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
