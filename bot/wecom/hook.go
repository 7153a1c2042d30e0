package wecom

import (
	"context"
	"crypto/md5" // what the protocol asks for
	"encoding/hex"
	"net/http"
	"strings"

	"lianbang/bot"
)

// byHook sends through a group's webhook (99110), which may speak 20 times a minute; whether in any minute or by the clock
// is not known, so in any.
func (s *sending) byHook(address string) way {
	return way{name: "webhook", words: hookWords, deaf: !s.hearsGroup(),
		upload: func(ctx context.Context, f *bot.Attachment) (message, error) { return s.uploadByHook(ctx, address, f) },
		post: func(ctx context.Context, m message, _ string) error {
			if err := s.hooks.take(address); err != nil {
				return err
			}
			_, err := s.rest.exchange(ctx, request{method: http.MethodPost, address: address, body: m.fields(nil)})
			return err
		}}
}

// hookWords is hookDialect, but for text that is longer than one message of it.
func hookWords(r bot.Reply) dialect {
	d := hookDialect(r)
	if d == hookText && len(markdown(r, d)) > 1 {
		return hookMarkdown
	}
	return d
}

// uploadByHook brings a file up for this webhook alone. Pictures go inside the message instead.
func (s *sending) uploadByHook(ctx context.Context, address string, f *bot.Attachment) (message, error) {
	u, err := newUpload(f, maxHookImage, "png", "jpeg")
	if err != nil {
		return message{}, err
	}
	if u.kind == "image" {
		sum := md5.Sum(u.data)
		return message{kind: u.kind, body: map[string]any{"base64": u.data, "md5": hex.EncodeToString(sum[:])}}, nil
	}
	data, err := s.rest.exchange(ctx, request{method: http.MethodPost, file: u, query: map[string]string{"type": u.kind},
		address: strings.Replace(address, hookPath, "/cgi-bin/webhook/upload_media", 1)})
	if err != nil {
		return message{}, unsent(err)
	}
	id, err := uploaded(data)
	return fileOf(u.kind, id), err
}
