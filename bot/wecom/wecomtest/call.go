package wecomtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"lianbang/bot/fake"
)

// Call is one thing that the bot asked of the platform: a frame with a command, or an HTTP request.
type Call struct {
	At    time.Time       `json:"at"`
	Name  string          `json:"name"`   // "aibot_send_msg", "message/send", "webhook/send", "aibot/response", "connect", …
	Place string          `json:"place"`  // the chat id, user id or webhook key it is about, "" = none
	ReqID string          `json:"req_id"` // of frames
	Conn  int             `json:"conn"`   // number of the connection, of frames
	Body  json.RawMessage `json:"body"`   // of JSON up to 64 KiB, without file data
	Code  int             `json:"code"`   // errcode that was answered
	Muted bool            `json:"muted"`  // the answer did not reach the bot, by a Fault
}

const maxLoggedBody = 64 << 10

// Calls lists the newest calls of that name, oldest first; "" = all.
func (s *Server) Calls(name string) (out []Call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.calls {
		if name == "" || c.Name == name {
			out = append(out, c)
		}
	}
	return out
}

// Answers lists what the bot sent under a req_id, oldest first.
func (s *Server) Answers(reqID string) []Call {
	return slices.DeleteFunc(s.Calls(""), func(c Call) bool { return c.ReqID != reqID })
}

// log holds mu.
func (s *Server) log(c Call) {
	if len(c.Body) > maxLoggedBody {
		c.Body = nil
	}
	s.calls = fake.Keep(s.calls, c, maxCalls)
}

// refusal is the errcode with which a call fails.
type refusal struct {
	code int
	text string
}

// Error implements error.
func (r *refusal) Error() string { return fmt.Sprintf("%d %s", r.code, r.text) }

func refuse(code int, format string, args ...any) error {
	return &refusal{code, fmt.Sprintf(format, args...)}
}

// verdict is the errcode and errmsg of an answer. The form of the message is the one of issue logs: hint, caller's IP, link.
func verdict(err error, now time.Time) (int, string) {
	if err == nil {
		return 0, "ok"
	}
	r := (*refusal)(nil)
	if !errors.As(err, &r) {
		r = &refusal{-1, "system busy"}
	}
	return r.code, fmt.Sprintf("%s, hint: [%d], from ip: 203.0.113.9, more info at https://open.work.weixin.qq.com/devtool/query?e=%d",
		r.text, now.UnixNano(), r.code)
}

// place is what a call is about, as far as its body tells: the field names of all the interfaces.
func place(body []byte) string {
	var b struct {
		ChatID string `json:"chatid"`
		ToUser string `json:"touser"`
		UserID string `json:"userid"`
	}
	if json.Unmarshal(body, &b) != nil {
		return ""
	}
	for _, p := range []string{b.ChatID, b.ToUser, b.UserID} {
		if p != "" {
			return p
		}
	}
	return ""
}

// decode reads the body of a call.
func decode(body []byte, into any) error {
	if json.Unmarshal(body, into) != nil {
		return refuse(40058, "invalid Request Parameter")
	}
	return nil
}
