package wecomtest

import (
	"crypto/subtle"
	"time"
)

// tokens are the access tokens of the app: one is valid, earlier ones may be known still.
type tokens struct {
	current string
	until   time.Time
	past    map[string]bool // expired by time; what was revoked is simply unknown
	issued  int
}

const tokenLife = 7200 * time.Second

// TrustIP takes the caller's address off the list of trusted addresses, or puts it back: 60020 for everything but gettoken.
func (s *Server) TrustIP(trusted bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.distrusted = "203.0.113.9"; trusted {
		s.distrusted = ""
	}
}

// RevokeToken makes the present access token invalid before its time: 40014.
func (s *Server) RevokeToken() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens.current = ""
}

// SetSecret replaces the app's secret, as an administrator does, and revokes the token.
func (s *Server) SetSecret(secret string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.app.Secret, s.tokens.current = secret, ""
}

// Tokens is the number of different access tokens that were given out.
func (s *Server) Tokens() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tokens.issued
}

// getToken gives the same token as long as it is valid (91039). A caller whose errors are too many is refused (90312).
func (s *Server) getToken(r *request) (answer, error) {
	corp, secret := r.query.Get("corpid"), r.query.Get("corpsecret")
	var err error
	switch {
	case corp == "":
		err = refuse(41002, "corpid missing")
	case secret == "":
		err = refuse(41004, "corpsecret missing")
	case corp != s.app.CorpID:
		err = refuse(40013, "invalid corpid")
	case subtle.ConstantTimeCompare([]byte(secret), []byte(s.app.Secret)) != 1:
		err = refuse(40001, "invalid credential")
	}
	if err != nil {
		if s.limited("gettoken", 0, tokenErrorHour) {
			return nil, refuse(45009, "api freq out of limit")
		}
		return nil, err
	}
	now := s.clock.Now()
	if t := &s.tokens; t.current == "" || !now.Before(t.until) {
		if t.past == nil || len(t.past) > 1000 {
			t.past = map[string]bool{}
		}
		if t.current != "" {
			t.past[t.current] = true
		}
		t.current, t.until = s.newID("TOKEN-"), now.Add(tokenLife)
		t.issued++
	}
	return answer{"access_token": s.tokens.current, "expires_in": int(s.tokens.until.Sub(now).Seconds())}, nil
}

// admit checks token and caller of a call (90313).
func (s *Server) admit(r *request) error {
	token := r.query.Get("access_token")
	switch {
	case token == "":
		return refuse(41001, "access_token missing")
	case s.tokens.past[token], token == s.tokens.current && !s.clock.Now().Before(s.tokens.until):
		return refuse(42001, "access_token expired")
	case token != s.tokens.current:
		return refuse(40014, "invalid access_token")
	case s.distrusted != "":
		return refuse(60020, "not allow to access from your ip")
	}
	return nil
}

func (s *Server) callbackIPs(*request) (answer, error) {
	return answer{"ip_list": []string{"127.0.0.1"}}, nil
}
