package wecom

import (
	"context"
	"net/http"

	"lianbang/bot"
	"lianbang/bot/wecom/wire"
)

// byRespond answers a message over the connection, under its req_id. Words go as a finished stream, which may be sent again
// when its outcome was unknown and takes the place of "正在处理…" where that was shown.
func (s *sending) byRespond(reqID string) way {
	return way{name: "respond", words: in(botMarkdown), cards: true, task: taskID(s.d.Key, s.d.Attempt), upload: s.uploadBySocket,
		post: func(ctx context.Context, m message, part string) error {
			return s.respond(ctx, reqID, wire.CmdRespond, s.asStream(m, part))
		}}
}

func (s *sending) respond(ctx context.Context, reqID, cmd string, body any) error {
	line, err := s.line()
	if err != nil {
		return err
	}
	return line.respond(ctx, reqID, cmd, body)
}

// asStream is a message as the answer to a message.
func (s *sending) asStream(m message, part string) any {
	if m.kind != botMarkdown.kind() {
		return m.fields(nil)
	}
	return streamed(s.d.Key+"/"+part, m.text)
}

// byWelcome greets somebody who opened the one-to-one chat: one message, within 5 s (101463).
func (s *sending) byWelcome(reqID string) way {
	return way{name: "welcome", words: in(botText), cards: true, task: taskID(s.d.Key, s.d.Attempt), single: true,
		post: func(ctx context.Context, m message, _ string) error {
			return s.respond(ctx, reqID, wire.CmdWelcome, m.fields(nil))
		}}
}

// byPush sends unasked over the connection (101463). chat is a chatid, or the id of a user as the bot knows him.
func (s *sending) byPush(chat, chatType string) way {
	kind := 1
	if chatType == wire.Group {
		kind = 2
	}
	return way{name: "push", words: in(botMarkdown), cards: true, task: taskID(s.d.Key, s.d.Attempt), upload: s.uploadBySocket,
		post: func(ctx context.Context, m message, _ string) error {
			line, err := s.line()
			if err != nil {
				return err
			}
			return line.push(ctx, m.fields(map[string]any{"chatid": chat, "chat_type": kind}))
		}}
}

// uploadBySocket brings a file up over the connection (101463).
func (s *sending) uploadBySocket(ctx context.Context, f *bot.Attachment) (message, error) {
	u, err := newUpload(f, maxImage, "png", "jpeg", "gif")
	if err != nil {
		return message{}, err
	}
	line, err := s.line()
	if err != nil {
		return message{}, err
	}
	id, err := line.upload(ctx, u.kind, u.name, u.data)
	return fileOf(u.kind, id), unsent(err)
}

// byCall answers inside a callback that waits: once (101031). A stream that the asker sees already takes words alone.
func (s *sending) byCall(id string, kind callKind) way {
	w := way{name: "callback", words: in(botMarkdown), cards: true, task: taskID(s.d.Key, s.d.Attempt), single: true}
	if kind == callEnter {
		w.words = in(botText)
	}
	w.post = func(ctx context.Context, m message, part string) error {
		if kind == callStream && m.kind != botMarkdown.kind() {
			return errCallGone
		}
		return s.calls.answer(ctx, id, s.asStream(m, part))
	}
	return w
}

// byURL answers through a response_url: once, within the hour (101138). Any refusal that is not about what was sent says
// that it can no longer be used.
func (s *sending) byURL(address string) way {
	return way{name: "response_url", words: in(botMarkdown), cards: true, task: taskID(s.d.Key, s.d.Attempt), single: true,
		post: func(ctx context.Context, m message, _ string) error {
			_, err := s.rest.exchange(ctx, request{method: http.MethodPost, address: address, body: m.fields(nil)})
			if code := codeOf(err); code != 0 && final(code) {
				return &spentError{cause: err}
			}
			return err
		}}
}

// final reports whether a refusal by that code is neither passing nor about the message.
func final(code int) bool {
	m, known := meaningOf(code)
	return !known || m.verdict == bot.Refused && m.closed
}

// spentError is a response_url that can no longer be used.
type spentError struct{ cause error }

// Error implements error.
func (e *spentError) Error() string { return "the response_url is used up: " + e.cause.Error() }

// Is makes it the error of a callback that no longer waits.
func (e *spentError) Is(target error) bool { return target == errCallGone }
