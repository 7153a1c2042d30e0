package feishutest

import (
	"bytes"
	"mime/multipart"
	"testing"
)

// multi is a multipart body with one file.
func multi(t *testing.T, fields map[string]string, name, file string, data []byte) (kind string, body []byte) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for k, v := range fields {
		if err := w.WriteField(k, v); err != nil {
			t.Fatal(err)
		}
	}
	part, err := w.CreateFormFile(name, file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return w.FormDataContentType(), b.Bytes()
}

func TestUploads(t *testing.T) {
	r := open(t, Options{})
	r.token = r.login()
	send := func(path string, fields map[string]string, name, file string, data []byte) got {
		kind, body := multi(t, fields, name, file, data)
		return r.do("POST", path, r.token, kind, body)
	}
	sheet := map[string]string{"file_type": "xls", "file_name": "台账.xlsx"}
	g := send("/open-apis/im/v1/files", sheet, "file", "台账.xlsx", []byte("PK"))
	var in struct {
		File  string `json:"file_key"`
		Image string `json:"image_key"`
	}
	g.into(t, &in)
	if u, ok := r.Upload(in.File); !ok || u.Kind != "xls" || u.Name != "台账.xlsx" || string(u.Data) != "PK" {
		t.Errorf("uploaded: %+v", u)
	}
	if _, g := r.post("file", compact(map[string]string{"file_key": in.File}), ""); g.Code != 0 {
		t.Errorf("file message: %s", g.Raw)
	}
	if shown := r.Shown(); shown[0].Text != "[文件 台账.xlsx]" {
		t.Errorf("shown: %v", shown)
	}
	if _, g := r.post("audio", compact(map[string]string{"file_key": in.File}), ""); g.Code != 230055 {
		t.Errorf("a sheet as sound: %s", g.Raw)
	}
	send("/open-apis/im/v1/images", map[string]string{"image_type": "message"}, "image", "x.png", []byte("PNG")).into(t, &in)
	if _, g := r.post("image", compact(map[string]string{"image_key": in.Image}), ""); g.Code != 0 {
		t.Errorf("image message: %s", g.Raw)
	}
	for what, g := range map[string]got{
		"empty":            send("/open-apis/im/v1/files", sheet, "file", "a.xlsx", nil),
		"too large":        send("/open-apis/im/v1/images", map[string]string{"image_type": "message"}, "image", "x.png", make([]byte, maxImage+1)),
		"unknown type":     send("/open-apis/im/v1/files", map[string]string{"file_type": "xlsx", "file_name": "a.xlsx"}, "file", "a", []byte("x")),
		"without ending":   send("/open-apis/im/v1/files", map[string]string{"file_type": "xls", "file_name": "a"}, "file", "a", []byte("x")),
		"image of no type": send("/open-apis/im/v1/images", nil, "image", "x.png", []byte("x")),
	} {
		if g.Code == 0 {
			t.Errorf("%s: accepted", what)
		}
	}
}
