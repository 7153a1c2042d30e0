package wecom

import (
	"context"
	"mime"
	"net/http"

	"lianbang/bot"
)

// fetchFromApp gets what somebody sent to the app (90254; not checked against the live platform). A token that is refused
// is dropped and the call repeated once. An answer in JSON is a refusal.
func (a *Adapter) fetchFromApp(ctx context.Context, id string, most int64) (*bot.Attachment, error) {
	if a.tokens == nil {
		return nil, errMediaKey
	}
	for again := false; ; again = true {
		token, err := a.tokens.get(ctx)
		if err != nil {
			return nil, err
		}
		response, err := a.rest.http.R().SetContext(ctx).SetResponseBodyLimit(int(most)).
			SetQueryParams(map[string]string{"access_token": token, "media_id": id}).Get(a.conf.App.BaseURL + "/cgi-bin/media/get")
		if err := mediaFault(ctx, response, err); err != nil {
			return nil, err
		}
		if kind, _, _ := mime.ParseMediaType(response.Header().Get("Content-Type")); kind != "application/json" && kind != "text/plain" {
			return &bot.Attachment{Name: fileName(response.Header().Get("Content-Disposition")), Data: response.Body()}, nil
		}
		switch _, err := judgeAnswer(http.StatusOK, response.Body()); {
		case tokenRefused(err) && !again:
			a.conf.Count("token_refused")
			a.tokens.drop(token)
		case codeOf(err) == codeMediaGone:
			return nil, errMediaGone
		case err == nil:
			return nil, errAnswer
		default:
			return nil, err
		}
	}
}
