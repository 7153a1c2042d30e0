package feishutest

import (
	"net/http"
	"time"
)

// Rules of messages (im-v1 message/create, reply, patch, update).
const (
	uuidLife  = time.Hour // within which a uuid makes one message
	maxUUID   = 50        // characters
	patchLife = 14 * 24 * time.Hour
	maxEdits  = 20
)

// sent is what a uuid made.
type sent struct {
	m  *message
	at time.Time
}

// outgoing is the body of a send, a reply or a change.
type outgoing struct {
	ReceiveID     string `json:"receive_id"`
	MsgType       string `json:"msg_type"`
	Content       any    `json:"content"`
	UUID          string `json:"uuid"`
	ReplyInThread bool   `json:"reply_in_thread"`
}

// content is the document in a string, for every msg_type.
func (o outgoing) content() (string, *refusal) {
	text, ok := o.Content.(string)
	if !ok {
		return "", invalid("content is not a string in json format")
	}
	return text, nil
}

// sending makes an endpoint, with a pace of its own by its name, of what is done with an outgoing message while s.mu is held.
func (s *Server) sending(name string, do func(*call, outgoing, time.Time) (any, *refusal)) func(*call) (any, *refusal) {
	return func(c *call) (any, *refusal) {
		var in outgoing
		if bad := c.decode(&in); bad != nil {
			return nil, bad
		}
		now := s.clock.Now()
		s.mu.Lock()
		defer s.mu.Unlock()
		if bad := s.paceAPI(name, now); bad != nil {
			return nil, bad
		}
		return do(c, in, now)
	}
}

// create answers POST /open-apis/im/v1/messages.
func (s *Server) create(c *call, in outgoing, now time.Time) (any, *refusal) {
	to, bad := s.receiver(c.r.URL.Query().Get("receive_id_type"), in.ReceiveID)
	if bad != nil {
		return nil, bad
	}
	return s.speak(in, &message{in: to}, now)
}

// receiver finds the chat that a send names. s.mu is held.
func (s *Server) receiver(kind, id string) (*chat, *refusal) {
	switch kind {
	case "chat_id":
		if t := s.chats[id]; t != nil {
			return t, nil
		}
		return nil, deny(230034, "The receive_id is invalid.")
	case "open_id", "union_id", "user_id":
		for _, p := range s.people {
			if (kind == "open_id" && p.OpenID == id) || (kind == "union_id" && p.UnionID == id) || (kind == "user_id" && p.UserID == id) {
				return s.private(p), nil
			}
		}
		return nil, deny(230034, "The receive_id is invalid.")
	}
	return nil, invalid("receive_id_type is %q", kind)
}

// reply answers POST /open-apis/im/v1/messages/{message}/reply.
func (s *Server) reply(c *call, in outgoing, now time.Time) (any, *refusal) {
	to := s.byID[c.r.PathValue("message")]
	switch {
	case to == nil:
		return nil, deny(99992354, "message_id is invalid")
	case to.recalled:
		return nil, deny(230011, "The message was withdrawn.")
	case in.ReplyInThread && to.in.noThreads && to.thread == "":
		return nil, deny(230071, "The group doesn't support reply in thread.")
	}
	m := &message{in: to.in, parent: to.id, root: to.root, thread: to.thread}
	if m.root == "" {
		m.root = to.id
	}
	if in.ReplyInThread && m.thread == "" {
		m.thread = s.newID("omt_")
	}
	out, bad := s.speak(in, m, now)
	if bad == nil && m.thread != "" && s.byID[m.id] == m {
		to.thread = m.thread
	}
	return out, bad
}

// speak checks an outgoing message and makes it once for its uuid. A duplicate answers the first message; what the platform
// answers is not documented. s.mu is held.
func (s *Server) speak(in outgoing, m *message, now time.Time) (any, *refusal) {
	content, bad := in.content()
	if bad != nil {
		return nil, bad
	}
	if len([]rune(in.UUID)) > maxUUID {
		return nil, invalid("uuid has more than %d characters", maxUUID)
	}
	if before, ok := s.uuids[in.UUID]; ok && in.UUID != "" && now.Sub(before.at) < uuidLife {
		s.counts.Deduplicated++
		if before.m.in != m.in || before.m.original() != content {
			s.violations.Add("uuid %s was used for two messages", in.UUID)
		}
		return s.render(before.m), nil
	}
	if bad := m.in.refuses(); bad != nil {
		return nil, bad
	}
	var keys []string
	if keys, bad = s.check(in.MsgType, content); bad != nil {
		return nil, bad
	}
	if bad := s.pace(&m.in.pace, now, chatPerSecond); bad != nil {
		return nil, bad
	}
	if len(s.messages) >= maxMessages {
		return nil, &refusal{status: http.StatusInternalServerError, code: 2200, msg: "internal error"}
	}
	m.id, m.kind, m.content, m.keys, m.at, m.updated = s.newID("om_"), in.MsgType, content, keys, now, now
	m.sender, m.fromBot, m.uuid = s.o.AppID, true, in.UUID
	s.add(m)
	s.counts.Sent++
	if in.UUID != "" {
		s.uuids[in.UUID] = sent{m, now}
	}
	return s.render(m), nil
}

// own finds a message of the app for a change. s.mu is held.
func (s *Server) own(c *call) (*message, *refusal) {
	m := s.byID[c.r.PathValue("message")]
	switch {
	case m == nil:
		return nil, deny(99992354, "message_id is invalid")
	case m.recalled:
		return nil, deny(230011, "The message was withdrawn.")
	case !m.fromBot:
		return nil, deny(230027, "Lack of necessary permissions.")
	}
	return m, nil
}

// change reads the body of a change and has it applied to its message, with s.mu held.
func (s *Server) change(c *call, apply func(m *message, in outgoing, content string, now time.Time) (any, *refusal)) (any, *refusal) {
	var in outgoing
	if bad := c.decode(&in); bad != nil {
		return nil, bad
	}
	now := s.clock.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	m, bad := s.own(c)
	if bad != nil {
		return nil, bad
	}
	content, bad := in.content()
	if bad != nil {
		return nil, bad
	}
	return apply(m, in, content, now)
}

// patch answers PATCH /open-apis/im/v1/messages/{message}: a new card for one that was sent.
func (s *Server) patch(c *call) (any, *refusal) {
	return s.change(c, func(m *message, _ outgoing, content string, now time.Time) (any, *refusal) {
		switch {
		case m.kind != "interactive":
			return nil, invalid("This message is NOT a card.")
		case now.Sub(m.at) > patchLife:
			return nil, deny(230031, "The message is beyond the time limit of update.")
		}
		if bad := m.in.refuses(); bad != nil {
			return nil, bad
		}
		if _, bad := s.check(m.kind, content); bad != nil {
			return nil, bad
		}
		if bad := s.pace(&m.pace, now, patchPerSecond); bad != nil {
			return nil, bad
		}
		s.replace(m, content, "patch", now)
		s.counts.Patched++
		return nil, nil
	})
}

// edit answers PUT /open-apis/im/v1/messages/{message}: a new text for one that was sent.
func (s *Server) edit(c *call) (any, *refusal) {
	editable := func(kind string) bool { return kind == "text" || kind == "post" }
	return s.change(c, func(m *message, in outgoing, content string, now time.Time) (any, *refusal) {
		switch {
		case !editable(in.MsgType):
			return nil, invalid("invalid msg_type %q", in.MsgType)
		case !editable(m.kind):
			return nil, deny(230054, "This operation is NOT supported for this message type.")
		case m.edits >= maxEdits:
			return nil, invalid("edited %d times", maxEdits)
		}
		if _, bad := s.check(in.MsgType, content); bad != nil {
			return nil, bad
		}
		s.replace(m, content, "put", now)
		m.kind, m.edits = in.MsgType, m.edits+1
		s.counts.Patched++
		return s.render(m), nil
	})
}

// recallOwn answers DELETE /open-apis/im/v1/messages/{message}.
func (s *Server) recallOwn(c *call) (any, *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, bad := s.own(c)
	if bad != nil {
		return nil, bad
	}
	m.recalled = true
	return nil, nil
}

// read answers GET /open-apis/im/v1/messages/{message}.
func (s *Server) read(c *call) (any, *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.byID[c.r.PathValue("message")]
	switch {
	case m == nil:
		return nil, deny(99992354, "message_id is invalid")
	case !m.in.bot:
		return nil, deny(230002, "Bot/User can NOT be out of the chat.")
	}
	return map[string]any{"items": []any{s.render(m)}}, nil
}
