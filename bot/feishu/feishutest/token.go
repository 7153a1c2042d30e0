package feishutest

import (
	"net/http"
	"strings"
	"time"
)

// tokenLife is how long a tenant token lives. Within its last half hour a new one is given out and both stay valid
// (auth-v3 tenant_access_token_internal).
const (
	tokenLife   = 2 * time.Hour
	tokenWindow = 30 * time.Minute
)

// tokens maps each tenant_access_token to its end. The newest is given out again while it is good enough.
type tokens struct {
	ends   map[string]time.Time
	newest string
}

// ExpireTokens makes every token that was given out invalid: those who hold one learn it by 99991663.
func (s *Server) ExpireTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens = tokens{}
}

// issue answers POST /open-apis/auth/v3/tenant_access_token/internal.
func (s *Server) issue(c *call) (any, *refusal) {
	var in struct {
		AppID     string `json:"app_id"`
		AppSecret string `json:"app_secret"`
	}
	if bad := c.decode(&in); bad != nil {
		return nil, bad
	}
	switch {
	case in.AppID == "" || in.AppSecret == "":
		return nil, deny(10003, "invalid param")
	case in.AppID != s.o.AppID || in.AppSecret != s.o.AppSecret:
		return nil, deny(10014, "app secret invalid")
	}
	now := s.clock.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	end := s.tokens.ends[s.tokens.newest]
	if end.Sub(now) < tokenWindow {
		end = now.Add(tokenLife)
		s.tokens.add(s.newID("t-g10"), end, now)
	}
	s.counts.Tokens++
	return bare{"tenant_access_token": s.tokens.newest, "expire": int(end.Sub(now) / time.Second)}, nil
}

func (t *tokens) add(token string, end, now time.Time) {
	if t.ends == nil {
		t.ends = map[string]time.Time{}
	}
	for old, end := range t.ends {
		if !end.After(now) {
			delete(t.ends, old)
		}
	}
	t.ends[token], t.newest = end, token
}

// admit checks the token and one of the scopes of a call.
func (s *Server) admit(r *http.Request, scopes []string) *refusal {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	now := s.clock.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case !ok || token == "":
		return deny(99991661, "Missing access token for authorization. Please make a request with token attached.")
	case !strings.HasPrefix(token, "t-") && !strings.HasPrefix(token, "u-"):
		return deny(99991671, "Invalid access token for authorization: it must begin with t- or u-.")
	case !s.tokens.ends[token].After(now):
		return deny(99991663, "Invalid access token for authorization. Please make a request with token attached.")
	}
	return s.permit(scopes)
}
