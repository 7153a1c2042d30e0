package feishu

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-resty/resty/v2"

	"lianbang/bot"
)

const (
	fetchTime = 60 * time.Second // for a photo or file
	fetchMost = 100 << 20        // bytes that the platform gives (im-v1 message-resource/get)
)

// Fetch implements bot.Fetcher (im-v1 message-resource/get): within a minute, as long as the bot is in the chat. It needs the
// scope im:message:readonly, without which the platform refuses.
func (a *Adapter) Fetch(ctx context.Context, f bot.FileRef, most int64) (*bot.Attachment, error) {
	message, key, ok := strings.Cut(f.Key, "/")
	if !ok || message == "" || key == "" {
		return nil, fmt.Errorf("not a photo or file of this account: %w", bot.ErrFileGone)
	}
	r := request{method: http.MethodGet, query: map[string]string{"type": f.Kind},
		path: "/open-apis/im/v1/messages/" + url.PathEscape(message) + "/resources/" + url.PathEscape(key)}
	ctx, cancel := context.WithTimeout(ctx, fetchTime)
	defer cancel()
	for again := false; ; again = true {
		var err error
		if r.token, err = a.tokens.get(ctx); err != nil {
			return nil, err
		}
		file, err := a.rest.download(ctx, r, min(most, fetchMost))
		if again || !tokenRefused(err) {
			return file, fetchFault(err)
		}
		a.conf.Count("token_refused")
		a.tokens.drop(r.token)
	}
}

// fetchFault tells what will not come from what may come the next time.
func fetchFault(err error) error {
	if api := (*apiError)(nil); !errors.As(err, &api) {
		return err
	} else if v := api.verdict(1).Verdict; v == bot.Retry || v == bot.Throttled {
		return err
	}
	return fmt.Errorf("%w: %w", bot.ErrFileGone, err)
}

// download makes the request for a file. An answer in JSON, or with a bad status, is an *apiError.
func (c *client) download(ctx context.Context, r request, most int64) (*bot.Attachment, error) {
	resp, err := c.http.R().SetContext(ctx).SetQueryParams(r.query).SetHeader("Authorization", "Bearer "+r.token).
		SetHeader("Accept", "*/*").SetResponseBodyLimit(int(most)).Execute(r.method, r.path)
	switch {
	case errors.Is(err, resty.ErrResponseBodyTooLarge):
		return nil, bot.ErrFileLarge
	case err != nil:
		return nil, &transportError{cause: bare(ctx, err)}
	case isJSON(resp.Header().Get("Content-Type")) || resp.StatusCode() != http.StatusOK:
		if _, err := c.judge(resp); err != nil {
			return nil, err
		}
		return nil, errMalformed
	}
	name := ""
	if _, params, err := mime.ParseMediaType(resp.Header().Get("Content-Disposition")); err == nil {
		name = params["filename"]
	}
	return &bot.Attachment{Name: name, Data: resp.Body()}, nil
}
