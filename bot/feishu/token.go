package feishu

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"
)

const (
	tokenPath   = "/open-apis/auth/v3/tenant_access_token/internal"
	refreshLeft = 10 * time.Minute // inside the last 30 minutes, in which the platform gives a new token beside the old one
	tokenTime   = 8 * time.Second  // of one refresh
	tokenPause  = 15 * time.Second // after a refresh that failed while the old token still holds
)

// tokens keeps the app's tenant_access_token (auth-v3 tenant_access_token_internal). It is safe for concurrent use.
type tokens struct {
	fetch func(ctx context.Context) (token string, life time.Duration, err error)
	now   func() time.Time

	mu     sync.Mutex
	token  string
	end    time.Time
	next   time.Time // no refresh before, while the token holds
	flight *tokenFlight
}

// tokenFlight is the one refresh under way. Its fields are set before done is closed.
type tokenFlight struct {
	done  chan struct{}
	token string
	err   error
}

// get returns a token that holds. When it ends soon, a new one is fetched meanwhile and the old one is used until that has
// arrived. Callers without a token wait for one and the same request; ctx ends only their own wait.
func (t *tokens) get(ctx context.Context) (string, error) {
	t.mu.Lock()
	now, token := t.now(), t.token
	left := t.end.Sub(now)
	holds := token != "" && left > 0
	if t.flight == nil && (!holds || left < refreshLeft && !now.Before(t.next)) {
		t.flight = &tokenFlight{done: make(chan struct{})}
		go t.refresh(context.WithoutCancel(ctx), t.flight)
	}
	flight := t.flight
	t.mu.Unlock()
	if holds {
		return token, nil
	}
	select {
	case <-flight.done:
		return flight.token, flight.err
	case <-ctx.Done():
		return "", &transportError{cause: context.Cause(ctx)}
	}
}

// refresh fetches a token. The one that is kept stays when it fails.
func (t *tokens) refresh(ctx context.Context, f *tokenFlight) {
	ctx, cancel := context.WithTimeout(ctx, tokenTime)
	defer cancel()
	var life time.Duration
	asked := t.now()
	f.token, life, f.err = t.fetch(ctx)
	t.mu.Lock()
	defer t.mu.Unlock()
	if f.err == nil {
		t.token, t.end = f.token, asked.Add(life)
	}
	t.next = t.now().Add(tokenPause)
	t.flight = nil
	close(f.done)
}

// drop forgets a token that the platform has refused, unless another has taken its place.
func (t *tokens) drop(refused string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.token == refused {
		t.token, t.end = "", time.Time{}
	}
}

// fetchToken asks the platform for a token. The answer has it at its top level.
func fetchToken(c *client, appID, appSecret string) func(ctx context.Context) (string, time.Duration, error) {
	return func(ctx context.Context) (string, time.Duration, error) {
		data, err := c.exchange(ctx, request{method: http.MethodPost, path: tokenPath,
			body: map[string]string{"app_id": appID, "app_secret": appSecret}})
		if err != nil {
			return "", 0, err
		}
		var answer struct {
			Token  string `json:"tenant_access_token"`
			Expire int64  `json:"expire"` // seconds
		}
		if err := json.Unmarshal(data, &answer); err != nil || answer.Token == "" || answer.Expire <= 0 {
			return "", 0, errMalformed
		}
		return answer.Token, time.Duration(min(answer.Expire, 7200)) * time.Second, nil
	}
}
