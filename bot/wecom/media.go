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
	"lianbang/bot/wecom/wire"
)

const (
	// MaxMedia is the largest photo or file that is fetched, in bytes. Senders may attach up to 100 MB (one field report).
	MaxMedia  = 20 << 20
	mediaTime = 60 * time.Second
)

// What a photo or file may fail with.
var (
	errMediaKey  = errors.New("not a photo or file of this account")
	errMediaGone = errors.New("the photo or file can no longer be fetched")
	errMediaSize = fmt.Errorf("the photo or file has more than %d bytes", MaxMedia)
)

// How a FileRef's key begins: an address with its own key, an address under the bot's key, a media_id of the app, which is
// not fetched.
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

// Media is a photo or file that was fetched.
type Media struct {
	Name string // as the sender named it; "" = unknown
	Data []byte
}

// downloader fetches what people sent to the AI bot.
type downloader struct {
	http   *resty.Client
	aesKey string // the bot's EncodingAESKey, in callback mode
}

func newDownloader(aesKey string) *downloader {
	c := resty.NewWithClient(&http.Client{}).SetLogger(unheard{}).SetRetryCount(0).SetTimeout(mediaTime).SetResponseBodyLimit(MaxMedia+64).
		SetRedirectPolicy(resty.FlexibleRedirectPolicy(3), resty.RedirectPolicyFunc(sameScheme))
	return &downloader{http: c, aesKey: aesKey}
}

// unheard is a resty.Logger that keeps addresses, which are secrets, out of the log.
type unheard struct{}

func (unheard) Errorf(string, ...any) {}
func (unheard) Warnf(string, ...any)  {}
func (unheard) Debugf(string, ...any) {}

// sameScheme keeps a redirect from leaving TLS.
func sameScheme(next *http.Request, via []*http.Request) error {
	if via[0].URL.Scheme == "https" && next.URL.Scheme != "https" {
		return errMediaGone
	}
	return nil
}

// Fetch gets a photo or file that somebody sent to the AI bot, once and within a minute; that is possible for five minutes
// after it came. What was sent to the app cannot be fetched. The error says in general words what was wrong.
func (a *Adapter) Fetch(ctx context.Context, r bot.FileRef) (Media, error) {
	return a.files.fetch(ctx, r)
}

// fetch gets and decrypts a photo or file. The address is valid for five minutes after the message came (100719). Errors
// never contain the address or the key.
func (d *downloader) fetch(ctx context.Context, r bot.FileRef) (Media, error) {
	kind, rest, _ := strings.Cut(r.Key, refSep)
	key, address := d.aesKey, rest
	if kind == ownKey {
		key, address, _ = strings.Cut(rest, refSep)
	}
	if kind != ownKey && kind != botKey || checkAddress(address, "https", "http") != nil {
		return Media{}, errMediaKey
	}
	response, err := d.http.R().SetContext(ctx).Get(address)
	switch {
	case errors.Is(err, resty.ErrResponseBodyTooLarge):
		return Media{}, errMediaSize
	case ctx.Err() != nil:
		return Media{}, ctx.Err()
	case err != nil:
		return Media{}, errMediaGone // err names the address
	case response.StatusCode() != http.StatusOK:
		return Media{}, fmt.Errorf("status %d: %w", response.StatusCode(), errMediaGone)
	}
	data, err := wire.OpenMedia(key, response.Body())
	if err != nil {
		return Media{}, fmt.Errorf("decrypt: %w", err)
	}
	if len(data) > MaxMedia {
		return Media{}, errMediaSize
	}
	return Media{Name: fileName(response.Header().Get("Content-Disposition")), Data: data}, nil
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
