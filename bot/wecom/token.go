package wecom

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"time"
)

const (
	tokenEarly = 5 * time.Minute  // before its end, from which on a token is renewed
	tokenTime  = 8 * time.Second  // of one renewal
	tokenPause = 15 * time.Second // after a renewal that failed: wrong secrets in bulk get the caller banned (90312)
	tokenMost  = 2 * time.Hour    // that a token is believed to last
)

// tokens keeps the app's access token (91039). It is safe for concurrent use.
type tokens struct {
	fetch func(ctx context.Context) (token string, life time.Duration, err error)
	now   func() time.Time

	mu     sync.Mutex
	token  string
	end    time.Time
	failed error     // of the last renewal
	next   time.Time // no renewal before, after one that failed
	flight chan struct{}
}

// get gives a token that holds. While one is renewed early the old one is used; callers without any wait for one and the
// same request. ctx ends only their own wait.
func (t *tokens) get(ctx context.Context) (string, error) {
	for {
		t.mu.Lock()
		now, token := t.now(), t.token
		holds := token != "" && now.Before(t.end)
		wait := now.Before(t.next)
		if t.flight == nil && !wait && (!holds || !now.Before(t.end.Add(-tokenEarly))) {
			t.flight = make(chan struct{})
			go t.renew(context.WithoutCancel(ctx), t.flight)
		}
		flight, failed := t.flight, t.failed
		t.mu.Unlock()
		switch {
		case holds:
			return token, nil
		case flight == nil:
			return "", failed
		}
		select {
		case <-flight:
		case <-ctx.Done():
			return "", &transportError{cause: errors.New("no access token in time")}
		}
	}
}

// renew fetches a token. The one that is kept stays when that fails.
func (t *tokens) renew(ctx context.Context, flight chan struct{}) {
	ctx, cancel := context.WithTimeout(ctx, tokenTime)
	defer cancel()
	asked := t.now()
	token, life, err := t.fetch(ctx)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.failed, t.next = err, time.Time{}
	if err == nil {
		t.token, t.end = token, asked.Add(min(life, tokenMost))
	} else {
		t.next = t.now().Add(tokenPause)
	}
	t.flight = nil
	close(flight)
}

// drop forgets a token that the platform refused, unless another has taken its place.
func (t *tokens) drop(refused string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.token == refused {
		t.token, t.end = "", time.Time{}
	}
}

// fetchToken asks the platform for a token. Within its life it gives the same one again.
func fetchToken(c *client, p *AppConfig) func(ctx context.Context) (string, time.Duration, error) {
	return func(ctx context.Context) (string, time.Duration, error) {
		data, err := c.exchange(ctx, request{method: http.MethodGet, address: p.BaseURL + "/cgi-bin/gettoken",
			query: map[string]string{"corpid": p.CorpID, "corpsecret": p.Secret}})
		if err != nil {
			return "", 0, err
		}
		var answer struct {
			Token string `json:"access_token"`
			Life  int64  `json:"expires_in"` // seconds
		}
		if err := json.Unmarshal(data, &answer); err != nil || answer.Token == "" || answer.Life <= 0 {
			return "", 0, errAnswer
		}
		return answer.Token, time.Duration(min(answer.Life, int64(tokenMost/time.Second))) * time.Second, nil
	}
}
