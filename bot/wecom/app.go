package wecom

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"lianbang/bot"
	"lianbang/bot/rest"
)

// call makes one call of the app's interface with its access token. One that is refused is dropped and the call repeated
// once.
func (a *Adapter) call(ctx context.Context, r request) ([]byte, error) {
	r.address = a.conf.App.BaseURL + "/cgi-bin/" + r.address
	for repeated := false; ; repeated = true {
		token, err := a.tokens.get(ctx)
		if err != nil {
			return nil, unsent(err)
		}
		query := map[string]string{"access_token": token}
		for k, v := range r.query {
			query[k] = v
		}
		one := r
		one.query = query
		data, err := a.rest.exchange(ctx, one)
		if repeated || !tokenRefused(err) {
			return data, err
		}
		a.conf.Count("token_refused")
		a.tokens.drop(token)
	}
}

// byApp sends to one person in the app's conversation (90236). What is too much for one member the platform drops silently
// (90312), so it is held back before.
func (s *sending) byApp() way {
	user := string(s.d.To.User)
	return way{name: "app", words: in(appMarkdown), cards: s.conf.App.hears(), deaf: !s.conf.App.hears(), task: taskID(s.d.Key, 1), upload: s.uploadByApp,
		post: func(ctx context.Context, m message, _ string) error {
			if err := s.members.take(user); err != nil {
				return err
			}
			return s.postToMember(ctx, user, m)
		}}
}

// postToMember sends one message. The platform swallows a request that is repeated, which makes an attempt of unknown outcome
// safe to repeat; so that another delivery that says the same is not swallowed too, it asks for that only for its own.
func (s *sending) postToMember(ctx context.Context, user string, m message) error {
	body := m.fields(map[string]any{"touser": user, "agentid": s.conf.App.AgentID})
	raw, err := rest.Encode(body)
	if err != nil {
		return err
	}
	if s.said.own(raw, s.d.Key) {
		body["enable_duplicate_check"], body["duplicate_check_interval"] = 1, int(checkTime/time.Second)
	}
	data, err := s.call(ctx, request{method: http.MethodPost, address: "message/send", body: body})
	if err != nil {
		return err
	}
	var answer struct {
		Invalid    string `json:"invaliduser"` // lower case
		Unlicensed string `json:"unlicenseduser"`
	}
	if err := json.Unmarshal(data, &answer); err != nil {
		return &unknownError{cause: errAnswer}
	}
	if strings.EqualFold(answer.Invalid, user) || strings.EqualFold(answer.Unlicensed, user) {
		return &refusedError{code: codeNobody, msg: "the member is outside the app's range, or has no licence"}
	}
	return nil
}

// uploadByApp brings a file up for the app (90253).
func (a *Adapter) uploadByApp(ctx context.Context, f *bot.Attachment) (message, error) {
	u, err := newUpload(f, maxImage, "png", "jpeg")
	if err != nil {
		return message{}, err
	}
	data, err := a.call(ctx, request{method: http.MethodPost, address: "media/upload", query: map[string]string{"type": u.kind}, file: u})
	if err != nil {
		return message{}, unsent(err)
	}
	id, err := uploaded(data)
	return fileOf(u.kind, id), err
}

// replaceOnApp answers a click on a card of the app: for the one who clicked, with the code that came with the click (94888).
func (s *sending) replaceOnApp(ctx context.Context, r bot.Reply) error {
	c, ok := updatedCard(r, appMarkdown, s.ref.task, s.conf.Home)
	if !ok || s.conf.App == nil {
		return errUnfit
	}
	_, err := s.call(ctx, request{method: http.MethodPost, address: "message/update_template_card", body: map[string]any{
		"userids": []string{string(s.d.To.User)}, "agentid": s.conf.App.AgentID, "response_code": s.ref.id, "template_card": c}})
	return err
}
