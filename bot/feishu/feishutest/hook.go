package feishutest

import (
	"encoding/json"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"lianbang/bot/feishu/wire"
)

// maxHook is how large a custom bot's request may be (custom bot guide).
const maxHook = 20 << 10

// hookSkew is how far a signed timestamp may be off.
const hookSkew = time.Hour

// Hook is a custom bot of a group: messages posted to it are shown there, and nothing comes back.
type Hook struct {
	Path    string // below the base URL; its last part is secret
	Secret  string // "" = the signature is not checked
	Keyword string // every message must hold it; "" = none is asked for

	in   *chat
	pace window
}

// AddHook gives a group a custom bot. secret switches the signature check on, keyword the keyword check.
func (g *Group) AddHook(secret, keyword string) *Hook {
	g.s.mu.Lock()
	defer g.s.mu.Unlock()
	token := g.s.newID("hook-")
	h := &Hook{Path: "/open-apis/bot/v2/hook/" + token, Secret: secret, Keyword: keyword, in: g.chat()}
	g.s.hooks[token] = h
	return h
}

// hooked is the body of a custom bot's request.
type hooked struct {
	Timestamp any             `json:"timestamp"` // string or number
	Sign      string          `json:"sign"`
	MsgType   string          `json:"msg_type"`
	Content   json.RawMessage `json:"content"`
	Card      json.RawMessage `json:"card"`
}

// takeHook answers POST /open-apis/bot/v2/hook/{token}. Its refusals come as HTTP 200.
func (s *Server) takeHook(c *call) (any, *refusal) {
	now := s.clock.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if bad := s.hook(c, now); bad != nil {
		bad.status = http.StatusOK
		return nil, bad
	}
	return bare{"msg": "success", "data": struct{}{}, "StatusCode": 0, "StatusMessage": "success", "Extra": nil}, nil
}

func (s *Server) hook(c *call, now time.Time) *refusal {
	h := s.hooks[c.r.PathValue("token")]
	if h == nil || h.in.dissolved {
		return deny(19001, "param invalid: incoming webhook access token invalid")
	}
	if len(c.body) > maxHook {
		return deny(19036, "the request body is too large")
	}
	var in hooked
	if err := json.Unmarshal(c.body, &in); err != nil {
		return deny(9499, "Bad Request: %v", err)
	}
	if h.Secret != "" && !h.signed(in, now) {
		return deny(19021, "sign match fail or timestamp is not within one hour from current time")
	}
	if h.Keyword != "" && !strings.Contains(string(c.body), h.Keyword) {
		return deny(19024, "Key Words Not Found")
	}
	content, bad := s.hookContent(in)
	if bad != nil {
		return bad
	}
	if !s.o.Unlimited && (h.pace.room(now, time.Second, hookPerSecond) > 0 || h.pace.room(now, time.Minute, hookPerMinute) > 0) {
		return deny(11232, "frequency limited psm[lark.oapi.app_platform_runtime]")
	}
	h.pace.take(now)
	if len(s.messages) >= maxMessages {
		return deny(2200, "internal error")
	}
	s.add(&message{id: s.newID("om_"), in: h.in, kind: in.MsgType, content: content, fromBot: true, at: now, updated: now})
	s.counts.Sent++
	return nil
}

// signed checks the signature and the age of the timestamp, in seconds.
func (h *Hook) signed(in hooked, now time.Time) bool {
	stamp := ""
	switch t := in.Timestamp.(type) {
	case string:
		stamp = t
	case float64:
		stamp = strconv.FormatFloat(t, 'f', 0, 64)
	}
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || math.Abs(float64(now.Unix()-seconds)) > hookSkew.Seconds() {
		return false
	}
	return wire.Same(wire.SignHook(h.Secret, stamp), in.Sign)
}

// hookContent checks what was posted and returns it as the content of a message.
func (s *Server) hookContent(in hooked) (string, *refusal) {
	content := in.Content
	if in.MsgType == "interactive" {
		content = in.Card
	}
	var fields map[string]any
	if err := json.Unmarshal(content, &fields); err != nil {
		return "", deny(9499, "Bad Request: content or card is no object")
	}
	if in.MsgType == "post" {
		inside, _ := fields["post"].(map[string]any)
		content = json.RawMessage(compact(inside))
	}
	if _, bad := s.check(in.MsgType, string(content)); bad != nil {
		if in.MsgType == "interactive" {
			return "", deny(11246, "%s", bad.msg)
		}
		return "", deny(9499, "Bad Request: %s", bad.msg)
	}
	return string(content), nil
}
