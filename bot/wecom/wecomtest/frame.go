package wecomtest

import (
	"lianbang/bot/wecom/wire"
)

// hear handles one frame of the bot.
func (s *Server) hear(c *socket, data []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.over || c.frozen {
		return
	}
	f, err := wire.ParseFrame(data)
	if err != nil || f.Headers.RequestID == "" {
		s.violations.Add("%v: a frame that is none", c)
		return
	}
	if f.Cmd == "" {
		s.violations.Add("%v: an acknowledgement, which the platform does not expect (101463)", c)
		return
	}
	call := Call{At: s.clock.Now(), Name: f.Cmd, ReqID: f.Headers.RequestID, Conn: c.number, Place: s.about(f)}
	if f.Cmd != wire.CmdUploadChunk && f.Cmd != wire.CmdSubscribe {
		call.Body = f.Body
	}
	fault := s.fault(f.Cmd, call.Place)
	var body any
	if fault.carriedOut() {
		body, err = s.command(c, f)
	}
	if f.Cmd == wire.CmdPing && s.o.NoPings {
		return
	}
	code, text := verdict(err, s.clock.Now())
	if fault != nil && fault.Code != 0 {
		code, text = verdict(refuse(fault.Code, "injected"), s.clock.Now())
	}
	if code != 0 {
		body = nil
	}
	call.Code, call.Muted = code, fault.mutes()
	s.log(call)
	s.acknowledge(c, wire.Ack{Headers: f.Headers, ErrCode: code, ErrMsg: text, Body: body}, fault)
}

// acknowledge answers a frame as the fault says. It holds mu.
func (s *Server) acknowledge(c *socket, ack wire.Ack, f *Fault) {
	switch {
	case f == nil:
		s.say(c, ack)
	case f.Cut || f.Status != 0 || f.Body != "":
		s.end(c)
	case f.Hang:
	case f.Delay > 0:
		rings, forget := s.clock.After(f.Delay)
		s.background(func() {
			defer forget()
			select {
			case <-rings:
				s.mu.Lock()
				defer s.mu.Unlock()
				s.say(c, ack)
			case <-c.gone:
			case <-s.ctx.Done():
			}
		})
	default:
		s.say(c, ack)
	}
}

// command carries a frame out. It holds mu.
func (s *Server) command(c *socket, f wire.Frame) (any, error) {
	switch f.Cmd {
	case wire.CmdSubscribe:
		return nil, s.subscribe(c, f.Body)
	case wire.CmdPing:
		return nil, nil
	}
	if s.sockets.live != c {
		return nil, refuse(wire.CodeNotSubscribed, "aibot websocket not subscribed")
	}
	switch f.Cmd {
	case wire.CmdRespond:
		return nil, s.respond(f)
	case wire.CmdWelcome:
		return nil, s.welcome(f)
	case wire.CmdUpdate:
		return nil, s.update(f)
	case wire.CmdSend:
		return nil, s.push(f)
	case wire.CmdUploadInit:
		return s.beginUpload(f.Body)
	case wire.CmdUploadChunk:
		return nil, s.takeChunk(f.Body)
	case wire.CmdUploadFinish:
		return s.finishUpload(f.Body)
	}
	s.violations.Add("unknown command %q", f.Cmd)
	return nil, refuse(40008, "unknown cmd")
}

// about is the chat or user that a frame is about. It holds mu.
func (s *Server) about(f wire.Frame) string {
	if q, ok := s.asked.get(f.Headers.RequestID); ok {
		return q.place
	}
	return place(f.Body)
}
