package wecomtest

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"lianbang/bot/fake"
)

// appSend is one message/send that was carried out.
type appSend struct {
	at       time.Time
	messages []*message
	answer   answer
}

// sendRequest is the body of message/send (90236).
type sendRequest struct {
	ToUser   string `json:"touser"`
	ToParty  string `json:"toparty"`
	ToTag    string `json:"totag"`
	AgentID  *int   `json:"agentid"`
	Check    int    `json:"enable_duplicate_check"`
	Interval int    `json:"duplicate_check_interval"` // seconds
	content
}

const (
	maxRecipients   = 1000
	defaultInterval = 1800     // seconds
	maxInterval     = 4 * 3600 // seconds
	recallWindow    = 24 * time.Hour
)

// sendMessage shows a message to members of the company.
func (s *Server) sendMessage(r *request) (answer, error) {
	var q sendRequest
	if err := r.decode(&q); err != nil {
		return nil, err
	}
	if err := s.ownAgent(q.AgentID); err != nil {
		return nil, err
	}
	to, invalid, err := s.recipients(q)
	if err != nil {
		return nil, err
	}
	x, err := s.draft(q.content, appRules, ownerApp)
	if err != nil {
		return nil, err
	}
	if interactive(x) && s.app.Callback == "" {
		return nil, refuse(43012, "the app needs a callback url")
	}
	key := digest(string(r.body))
	if done, ok := s.once.get(key); ok && q.Check == 1 && s.clock.Now().Sub(done.at) < interval(q.Interval) {
		return done.answer, nil
	}
	sent := s.sendTo(to, x)
	out := answer{"msgid": s.newID("MSG"), "invaliduser": strings.ToLower(strings.Join(invalid, "|")), "invalidparty": q.ToParty, "invalidtag": q.ToTag, "unlicenseduser": ""}
	for _, m := range sent {
		m.MsgID = out["msgid"].(string)
	}
	if interactive(x) {
		out["response_code"] = s.newCode(sent)
	}
	send := appSend{at: s.clock.Now(), messages: sent, answer: out}
	s.sends.put(out["msgid"].(string), &send)
	if q.Check == 1 {
		s.once.put(key, send)
	}
	return out, nil
}

func interval(seconds int) time.Duration {
	if seconds <= 0 {
		seconds = defaultInterval
	}
	return time.Duration(min(seconds, maxInterval)) * time.Second
}

func (s *Server) ownAgent(id *int) error {
	switch {
	case id == nil:
		return refuse(41011, "missing agentid")
	case *id != s.app.AgentID:
		return refuse(301002, "not allow operate another agent with this accesstoken")
	}
	return nil
}

// recipients splits touser in members and what is no member, or not visible to the app. The company has no departments and
// tags: those named are answered as invalid.
func (s *Server) recipients(q sendRequest) (to []*Member, invalid []string, err error) {
	if q.ToUser == "" && q.ToParty == "" && q.ToTag == "" {
		return nil, nil, refuse(40003, "no recipient")
	}
	if q.ToUser == "@all" {
		return slices.DeleteFunc(slices.Clone(s.members), func(m *Member) bool { return m.Hidden }), nil, nil
	}
	ids := strings.Split(q.ToUser, "|")
	if len(ids) > maxRecipients {
		return nil, nil, refuse(40032, "too many recipients")
	}
	for _, id := range ids {
		if m := s.byUserID(id); m != nil && !m.Hidden && !slices.Contains(to, m) {
			to = append(to, m)
		} else if m == nil || m.Hidden {
			invalid = append(invalid, id)
		}
	}
	if len(to) == 0 {
		return nil, nil, refuse(81013, "user & party & tag all invalid")
	}
	return to, invalid, nil
}

// sendTo shows x to each member; what is too much for one is dropped without a word (90312).
func (s *Server) sendTo(to []*Member, x Shown) (out []*message) {
	for _, m := range to {
		x.User, x.Where = m.UserID, direct(m)
		if s.limited("member/"+m.UserID, memberMinute, memberHour) {
			x.At = s.clock.Now()
			s.dropped = fake.Keep(s.dropped, x, maxCalls)
			continue
		}
		out = append(out, s.show(x))
	}
	return out
}

// direct is the title of the one-to-one chat with m.
func direct(m *Member) string { return "私聊 " + m.Name }

// recall takes a message back, within a day (94867).
func (s *Server) recall(r *request) (answer, error) {
	var q struct {
		MsgID string `json:"msgid"`
	}
	if err := r.decode(&q); err != nil {
		return nil, err
	}
	send, ok := s.sends.get(q.MsgID)
	if !ok {
		return nil, refuse(40058, "invalid msgid")
	}
	if s.clock.Now().Sub(send.at) > recallWindow {
		return nil, refuse(42052, "msgid expired")
	}
	for _, m := range send.messages {
		m.Recalled = true
	}
	return nil, nil
}

// cardCode is the right to change the cards of one send, or of one click, once.
type cardCode struct {
	at       time.Time
	messages []*message
	task     string // task_id of the card
	used     bool
}

// codeLife is how long a response_code may be used (94888).
const codeLife = 72 * time.Hour

// newCode holds mu.
func (s *Server) newCode(of []*message) string {
	code := s.newID("RC")
	right := &cardCode{at: s.clock.Now(), messages: of}
	if len(of) > 0 {
		if c, err := parseCard(of[0].Card); err == nil { // it was shown, so it is a card
			right.task = c.TaskID
		}
	}
	s.codes.put(code, right)
	return code
}

// updateCard changes a card that was sent by message/send (94888).
func (s *Server) updateCard(r *request) (answer, error) {
	var q struct {
		UserIDs []string        `json:"userids"`
		All     int             `json:"atall"`
		AgentID *int            `json:"agentid"`
		Code    string          `json:"response_code"`
		Card    json.RawMessage `json:"template_card"`
		Button  *struct {
			Name string `json:"replace_name"`
		} `json:"button"`
	}
	if err := r.decode(&q); err != nil {
		return nil, err
	}
	if err := s.ownAgent(q.AgentID); err != nil {
		return nil, err
	}
	c, ok := s.codes.get(q.Code)
	if !ok || c.used || s.clock.Now().Sub(c.at) > codeLife {
		return nil, refuse(60140, "invalid response_code")
	}
	replace := ""
	switch {
	case q.Button != nil && q.Button.Name != "":
		replace = q.Button.Name
	case len(q.Card) == 0:
		return nil, refuse(40058, "neither button nor template_card")
	default:
		if code, reason := CheckUpdate(q.Card, App, c.task); code != 0 {
			return nil, refuse(code, "%s", reason)
		}
	}
	if len(q.UserIDs) == 0 && q.All == 0 {
		return nil, refuse(82001, "no recipient")
	}
	c.used = true
	invalid := slices.Clone(q.UserIDs)
	for _, m := range c.messages {
		named := func(id string) bool { return strings.EqualFold(id, m.User) }
		if q.All == 0 && !slices.ContainsFunc(q.UserIDs, named) {
			continue
		}
		invalid = slices.DeleteFunc(invalid, named)
		m.replace(q.Card, replace)
	}
	return answer{"invaliduser": append([]string{}, invalid...)}, nil
}

// replace puts another card in place of m's, or another word in place of its buttons.
func (m *message) replace(raw json.RawMessage, word string) {
	if word != "" {
		raw = m.Card
	}
	c, err := parseCard(raw)
	if err != nil {
		return // a card that was checked is one
	}
	if word != "" {
		c.Replace = word
	}
	m.change(view{text: c.words(), card: raw}, nil)
}

// interactive reports whether x is a card with something to click.
func interactive(x Shown) bool {
	if x.Type != "template_card" {
		return false
	}
	c, err := parseCard(x.Card)
	return err == nil && (c.Type == "button_interaction" || c.Type == "vote_interaction" || c.Type == "multiple_interaction")
}
