package wecom

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/go-resty/resty/v2"

	"lianbang/bot"
	"lianbang/bot/rest"
	"lianbang/bot/wecom/wire"
)

const (
	// MaxMedia is the largest photo or file that is fetched, in bytes. Senders may attach up to 100 MB (one field report).
	MaxMedia  = 20 << 20
	mediaTime = 60 * time.Second
	// mediaLife is how long after a message came its photo or file can be fetched (100719).
	mediaLife = 5 * time.Minute
)

// What a photo or file may fail with.
var (
	errMediaKey  = fmt.Errorf("not a photo or file of this account: %w", bot.ErrFileGone)
	errMediaGone = fmt.Errorf("the platform refuses it: %w", bot.ErrFileGone)
	errMediaLost = errors.New("the photo or file did not arrive")
)

// How a FileRef's key begins: an address with its own key, an address under the bot's key, a media_id of the app.
const (
	ownKey = "l"
	botKey = "b"
	appKey = "m"
)

func mediaKey(m wire.Media) string {
	if m.AESKey != "" {
		return ownKey + refSep + m.AESKey + refSep + m.URL
	}
	return botKey + refSep + m.URL
}

func appMediaKey(id string) string { return appKey + refSep + id }

// downloader fetches what people sent to the AI bot.
type downloader struct {
	http   *resty.Client
	aesKey string // the bot's EncodingAESKey, in callback mode
	bare   string // the scheme that may lead to this machine without TLS: http, or https where none may
}

// newDownloader makes one for a bot. The addresses of files come with messages: without TLS they may lead to this machine
// where the platform itself may be there, in a rehearsal, and nowhere else.
func newDownloader(b BotConfig) *downloader {
	d := &downloader{aesKey: b.AESKey, bare: "https"}
	if b.Mode == ModeCallback || strings.HasPrefix(b.URL, "ws:") {
		d.bare = "http"
	}
	d.http = resty.NewWithClient(&http.Client{}).SetLogger(rest.Mute{}).SetRetryCount(0).SetTimeout(mediaTime).
		SetResponseBodyLimit(MaxMedia+sealedMore).SetRedirectPolicy(fewRedirects, resty.RedirectPolicyFunc(d.onTheWay))
	return d
}

// fewRedirects ends what goes round in circles.
var fewRedirects = resty.RedirectPolicyFunc(func(_ *http.Request, via []*http.Request) error {
	if len(via) > 3 {
		return errMediaGone
	}
	return nil
})

// onTheWay keeps a redirect from leaving TLS, and from leading where no file may be.
func (d *downloader) onTheWay(next *http.Request, via []*http.Request) error {
	if checkAddress(next.URL.String(), "https", d.bare) != nil || via[0].URL.Scheme == "https" && next.URL.Scheme != "https" {
		return errMediaGone
	}
	return nil
}

// Fetch implements bot.Fetcher, within a minute. What was sent to the AI bot can be fetched for five minutes, what was sent
// to the app for three days (90254).
func (a *Adapter) Fetch(ctx context.Context, r bot.FileRef, most int64) (*bot.Attachment, error) {
	most = min(most, MaxMedia)
	ctx, cancel := context.WithTimeout(ctx, mediaTime)
	defer cancel()
	if id, ok := strings.CutPrefix(r.Key, appMediaKey("")); ok {
		return a.fetchFromApp(ctx, id, most)
	}
	return a.files.fetch(ctx, r, most)
}

// fetch gets and decrypts a photo or file. Errors never contain the address or the key.
func (d *downloader) fetch(ctx context.Context, r bot.FileRef, most int64) (*bot.Attachment, error) {
	kind, rest, _ := strings.Cut(r.Key, refSep)
	key, address := d.aesKey, rest
	if kind == ownKey {
		key, address, _ = strings.Cut(rest, refSep)
	}
	if kind != ownKey && kind != botKey || checkAddress(address, "https", d.bare) != nil {
		return nil, errMediaKey
	}
	response, err := d.http.R().SetContext(ctx).SetResponseBodyLimit(int(most) + sealedMore).Get(address)
	if err := mediaFault(ctx, response, err); err != nil {
		return nil, err
	}
	data, err := wire.OpenMedia(key, response.Body())
	if err != nil {
		return nil, fmt.Errorf("decrypt: %w: %w", err, bot.ErrFileGone)
	}
	if int64(len(data)) > most {
		return nil, bot.ErrFileLarge
	}
	return &bot.Attachment{Name: fileName(response.Header().Get("Content-Disposition")), Data: data}, nil
}

// sealedMore is how much longer than its content an encrypted file may be.
const sealedMore = 64

// mediaFault is why an answer is no file. What the platform refuses for good is told from what may arrive the next time.
func mediaFault(ctx context.Context, response *resty.Response, err error) error {
	switch {
	case errors.Is(err, resty.ErrResponseBodyTooLarge):
		return bot.ErrFileLarge
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, errMediaGone):
		return errMediaGone
	case err != nil:
		return errMediaLost // err names the address
	case response.StatusCode() >= http.StatusInternalServerError || response.StatusCode() == http.StatusTooManyRequests:
		return fmt.Errorf("status %d: %w", response.StatusCode(), errMediaLost)
	case response.StatusCode() != http.StatusOK:
		return fmt.Errorf("status %d: %w", response.StatusCode(), errMediaGone)
	}
	return nil
}

// fileName is the name in a Content-Disposition; its extended form (filename*) goes first. A path is cut off.
func fileName(disposition string) string {
	_, params, err := mime.ParseMediaType(disposition)
	if err != nil {
		return ""
	}
	name := path.Base(strings.ReplaceAll(params["filename"], `\`, "/"))
	if name == "." || name == "/" || name == ".." {
		return ""
	}
	return clip(name, maxName)
}
