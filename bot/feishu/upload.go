package feishu

import (
	"bytes"

	"github.com/go-resty/resty/v2"
)

// upload is one file on its way up, with the fields beside it.
type upload struct {
	fields map[string]string
	param  string
	name   string
	kind   string // media type
	data   []byte
}

func (u *upload) fill(r *resty.Request) {
	r.SetMultipartFormData(u.fields).SetMultipartField(u.param, u.name, u.kind, bytes.NewReader(u.data))
}
