package feishu

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"lianbang/bot"
)

// Adapter is one app. It is safe for concurrent use.
type Adapter struct {
	conf   Config
	rest   *client
	tokens *tokens
	names  *names
	self   *self
	clicks *clicks

	calendar calendar
}

// New checks the configuration. It speaks to nobody yet.
func New(c Config) (*Adapter, error) {
	c, err := c.complete()
	if err != nil {
		return nil, err
	}
	rest := newClient(c.BaseURL, c.Now, c.Logger)
	a := &Adapter{conf: c, rest: rest, tokens: &tokens{fetch: fetchToken(rest, c.AppID, c.AppSecret), now: c.Now}}
	a.names = newNames(a)
	a.self, a.clicks = &self{}, newClicks(cardJSON)
	return a, nil
}

// Name implements bot.Adapter.
func (a *Adapter) Name() (bot.Platform, string) { return Platform, a.conf.Account }

// Caps implements bot.Adapter. Texts could be 150 KB long (im-v1 message/create); they are split much earlier, where no card
// holds them and nobody reads them in one piece. The paces are those of the documentation: 5 messages in any second of a
// chat, 50 in a second and 1000 in a minute of the app.
func (a *Adapter) Caps() bot.Caps {
	return bot.Caps{MaxBytes: 25 << 10, MaxButtons: 8, Cards: true, Forms: true, Charts: true, Mentions: true, Files: true, Dedup: true, DedupEntries: true,
		Updates: true, InPlace: true, GroupFiles: true,
		Chat:    bot.Pace{Interval: 250 * time.Millisecond, Burst: 1},
		Account: bot.Pace{Interval: 62500 * time.Microsecond, Burst: 34}}
}

// Run implements bot.Adapter. In webhook mode the events come through what Mount has mounted, and Run only waits.
func (a *Adapter) Run(ctx context.Context, sink bot.Sink) error {
	if a.conf.Mode == Websocket {
		return a.runSocket(ctx, sink)
	}
	<-ctx.Done()
	return ctx.Err()
}

// Mount implements bot.Mounter. In websocket mode it does nothing.
func (a *Adapter) Mount(mux *http.ServeMux, sink bot.Sink) {
	if a.conf.Mode == Webhook {
		a.mountWebhook(mux, sink)
	}
}

// call makes one API call under the app's token and decodes the member data of the answer into answer, unless that is nil.
// A token that is refused is dropped and the call repeated once. Its errors are *apiError and *transportError and hold no
// secret and no content.
func (a *Adapter) call(ctx context.Context, method, path string, query map[string]string, body, answer any) error {
	data, err := a.authorised(ctx, request{method: method, path: path, query: query, body: body})
	if err != nil || answer == nil {
		return err
	}
	var env struct {
		Data json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal(data, &env); err != nil {
		return errMalformed
	}
	if err := json.Unmarshal(env.Data, answer); err != nil {
		return fmt.Errorf("%w: data", errMalformed)
	}
	return nil
}

// authorised makes the request under the app's token, and once more under a new one when the token is refused.
func (a *Adapter) authorised(ctx context.Context, r request) ([]byte, error) {
	for again := false; ; again = true {
		var err error
		if r.token, err = a.tokens.get(ctx); err != nil {
			return nil, err
		}
		data, err := a.rest.exchange(ctx, r)
		if again || !tokenRefused(err) {
			return data, err
		}
		a.conf.Count("token_refused")
		a.tokens.drop(r.token)
	}
}
