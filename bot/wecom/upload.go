package wecom

import (
	"bytes"
	"encoding/json"
	"errors"
	"image"
	_ "image/gif" // formats that are recognised
	_ "image/jpeg"
	_ "image/png"
	"strings"

	"lianbang/bot"
	"lianbang/bot/wecom/wire"
)

// Bounds of what can be sent, in bytes (101463, 90253, 99110).
const (
	maxImage     = 10 << 20
	maxHookImage = 2 << 20 // before base64
	maxFile      = 20 << 20
)

// errUnfit is an attachment that the platform would not take.
var errUnfit = errors.New("attachment empty or too large")

// upload is one file on its way up.
type upload struct {
	kind  string // image or file
	name  string
	media string // media type
	data  []byte
}

// newUpload decides whether an attachment is shown as an image or sent as a file. Images in formats other than those given,
// and those that are too large for an image, are files.
func newUpload(f *bot.Attachment, mostImage int, formats ...string) (*upload, error) {
	u := &upload{kind: "file", name: f.FileName(), media: f.Type, data: f.Data}
	if len(f.Data) < wire.MinUpload || len(f.Data) > maxFile {
		return nil, errUnfit
	}
	if u.media == "" || strings.ContainsAny(u.media, "\r\n") {
		u.media = "application/octet-stream"
	}
	if !strings.HasPrefix(f.Type, "image/") || len(f.Data) > mostImage {
		return u, nil
	}
	_, format, err := image.DecodeConfig(bytes.NewReader(f.Data))
	for _, known := range formats {
		if err == nil && format == known {
			u.kind = "image"
		}
	}
	return u, nil
}

// uploaded reads the answer of an upload over HTTP.
func uploaded(data []byte) (mediaID string, err error) {
	var answer struct {
		ID string `json:"media_id"`
	}
	if err := json.Unmarshal(data, &answer); err != nil || answer.ID == "" {
		return "", errAnswer
	}
	return answer.ID, nil
}

// fileOf is the message that shows a file which the platform has.
func fileOf(kind, mediaID string) message {
	return message{kind: kind, body: map[string]any{"media_id": mediaID}}
}
