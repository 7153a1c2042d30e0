package feishu

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"image"
	_ "image/gif" // formats whose size in pixels is checked
	_ "image/jpeg"
	_ "image/png"
	"net/http"
	"path"
	"strings"

	"github.com/go-resty/resty/v2"

	"lianbang/bot"
	"lianbang/bot/rest"
)

// Bounds of what can be uploaded (im-v1 image/create, file/create).
const (
	maxImage   = 10 << 20 // bytes
	maxSide    = 12000    // pixels
	maxSideGIF = 2000
	maxFile    = 30 << 20 // bytes
)

// errUnfit is an attachment that the platform would not take.
var errUnfit = errors.New("attachment empty or too large")

// upload is one file on its way up: a multipart form.
type upload struct {
	path   string            // of the API
	answer string            // member of the answer that holds the key; the message's content has it under the same name
	kind   string            // of the message that shows it
	fields map[string]string // beside the file
	param  string            // of the file
	name   string
	media  string // media type
	data   []byte
}

// newUpload decides whether an attachment is shown as an image or sent as a file. Images in other formats than PNG, JPEG
// and GIF, and those that are too large for an image, are files.
func newUpload(f *bot.Attachment) (*upload, error) {
	name := f.FileName()
	switch {
	case fitsImage(f):
		return &upload{path: "/open-apis/im/v1/images", answer: "image_key", kind: "image", param: "image",
			fields: map[string]string{"image_type": "message"}, name: name, media: f.Type, data: f.Data}, nil
	case len(f.Data) == 0 || len(f.Data) > maxFile:
		return nil, errUnfit
	}
	return &upload{path: "/open-apis/im/v1/files", answer: "file_key", kind: "file", param: "file",
		fields: map[string]string{"file_type": fileType(name), "file_name": name}, name: name, media: f.Type, data: f.Data}, nil
}

func fitsImage(f *bot.Attachment) bool {
	if !strings.HasPrefix(f.Type, "image/") || len(f.Data) > maxImage {
		return false
	}
	conf, format, err := image.DecodeConfig(bytes.NewReader(f.Data))
	if err != nil {
		return false
	}
	limit := maxSide
	if format == "gif" {
		limit = maxSideGIF
	}
	return conf.Width > 0 && conf.Height > 0 && conf.Width <= limit && conf.Height <= limit
}

// fileType is the platform's name of a file's kind. Sound and film count as stream too, since their own types may only be
// sent as messages of their own types.
func fileType(name string) string {
	switch ext := strings.ToLower(strings.TrimPrefix(path.Ext(name), ".")); ext {
	case "pdf":
		return "pdf"
	case "doc", "docx":
		return "doc"
	case "xls", "xlsx":
		return "xls"
	case "ppt", "pptx":
		return "ppt"
	default:
		return "stream"
	}
}

// fill puts the form into a request.
func (u *upload) fill(r *resty.Request) {
	r.SetMultipartFormData(u.fields).SetMultipartField(u.param, u.name, u.media, bytes.NewReader(u.data))
}

// upload brings an attachment to the platform and returns the message that shows it.
func (a *Adapter) upload(ctx context.Context, f *bot.Attachment) (message, error) {
	u, err := newUpload(f)
	if err != nil {
		return message{}, err
	}
	data, err := a.authorised(ctx, request{method: http.MethodPost, path: u.path, file: u})
	if err != nil {
		return message{}, err
	}
	var answer struct {
		Data map[string]any `json:"data"`
	}
	if err := json.Unmarshal(data, &answer); err != nil {
		return message{}, errMalformed
	}
	key, _ := answer.Data[u.answer].(string)
	if key == "" {
		return message{}, errMalformed
	}
	content, err := rest.Encode(map[string]string{u.answer: key})
	return message{kind: u.kind, content: content, part: "file"}, err
}
