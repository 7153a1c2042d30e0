package feishu

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/gif"
	"image/png"
	"io"
	"mime"
	"mime/multipart"
	"strings"
	"testing"

	"lianbang/bot"
)

func pngOf(t *testing.T, w, h int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, w, h))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// claimed is a PNG whose header claims another size in pixels.
func claimed(t *testing.T, w, h uint32) []byte {
	data := pngOf(t, 1, 1)
	binary.BigEndian.PutUint32(data[16:], w)
	binary.BigEndian.PutUint32(data[20:], h)
	binary.BigEndian.PutUint32(data[29:], crc32.ChecksumIEEE(data[12:29]))
	return data
}

func gifOf(t *testing.T, w, h int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := gif.Encode(&b, image.NewGray(image.Rect(0, 0, w, h)), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestUploadKinds(t *testing.T) {
	padded := append(pngOf(t, 2, 2), make([]byte, maxImage)...)
	for _, c := range []struct {
		file bot.Attachment
		want string // kind, file type and name; "" = does not fit
	}{
		{bot.Attachment{Name: "图.png", Type: "image/png", Data: pngOf(t, 3, 2)}, "image  图.png"},
		{bot.Attachment{Name: "图.gif", Type: "image/gif", Data: gifOf(t, 2000, 1)}, "image  图.gif"},
		{bot.Attachment{Name: "图.gif", Type: "image/gif", Data: gifOf(t, 2001, 1)}, "file stream 图.gif"},
		{bot.Attachment{Name: "图.png", Type: "image/png", Data: claimed(t, 12000, 12000)}, "image  图.png"},
		{bot.Attachment{Name: "图.png", Type: "image/png", Data: claimed(t, 12001, 1)}, "file stream 图.png"},
		{bot.Attachment{Name: "图.png", Type: "image/png", Data: padded}, "file stream 图.png"},
		{bot.Attachment{Name: "图.png", Type: "image/png", Data: []byte("no image")}, "file stream 图.png"},
		{bot.Attachment{Name: "图.png", Type: "application/octet-stream", Data: pngOf(t, 1, 1)}, "file stream 图.png"},
		{bot.Attachment{Name: "周报.XLSX", Data: []byte("x")}, "file xls 周报.XLSX"},
		{bot.Attachment{Name: "a.xls", Data: []byte("x")}, "file xls a.xls"},
		{bot.Attachment{Name: "a.docx", Data: []byte("x")}, "file doc a.docx"},
		{bot.Attachment{Name: "a.pptx", Data: []byte("x")}, "file ppt a.pptx"},
		{bot.Attachment{Name: "a.pdf", Data: []byte("x")}, "file pdf a.pdf"},
		{bot.Attachment{Name: "a.csv", Data: []byte("x")}, "file stream a.csv"},
		{bot.Attachment{Name: "a.mp4", Data: []byte("x")}, "file stream a.mp4"},
		{bot.Attachment{Name: "名单", Type: "text/csv; charset=utf-8", Data: []byte("x")}, "file stream 名单.csv"},
		{bot.Attachment{Data: []byte("x")}, "file stream 文件.bin"},
		{bot.Attachment{Name: "../a\r\nb\".pdf", Data: []byte("x")}, "file pdf .._a__b_.pdf"},
		{bot.Attachment{Name: "a.pdf", Data: make([]byte, maxFile)}, "file pdf a.pdf"},
		{bot.Attachment{Name: "a.pdf", Data: make([]byte, maxFile+1)}, ""},
		{bot.Attachment{Name: "a.pdf"}, ""},
	} {
		got := ""
		if u, err := newUpload(&c.file); err == nil {
			got = u.kind + " " + u.fields["file_type"] + " " + u.name
			if u.kind == "file" && u.fields["file_name"] != u.name {
				t.Errorf("two names: %v", u.fields)
			}
		}
		if got != c.want {
			t.Errorf("%q %s %d bytes: %q, want %q", c.file.Name, c.file.Type, len(c.file.Data), got, c.want)
		}
	}
}

// formOf reads an uploaded form: field or file name to content.
func formOf(t *testing.T, r seen) map[string]string {
	t.Helper()
	kind, params, err := mime.ParseMediaType(r.header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" {
		t.Fatalf("content type %q: %v", r.header.Get("Content-Type"), err)
	}
	out := map[string]string{}
	for parts := multipart.NewReader(bytes.NewReader(r.raw), params["boundary"]); ; {
		p, err := parts.NextPart()
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(p)
		if err != nil {
			t.Fatal(err)
		}
		out[p.FormName()] = string(data)
		if p.FileName() != "" {
			out[p.FormName()+" name"] = p.FileName()
		}
	}
}

func TestAttachments(t *testing.T) {
	s := newStub(t, func(r seen) answer {
		switch r.path {
		case "/open-apis/im/v1/files":
			return answer{body: `{"code":0,"data":{"file_key":"file_1"}}`}
		case "/open-apis/im/v1/images":
			return answer{body: `{"code":0,"data":{"image_key":"img_1"}}`}
		}
		return answer{}
	})
	a, _ := s.adapter(t)
	picture := pngOf(t, 4, 4)
	got := mustSend(t, a, saying(toGroup, bot.Reply{Text: "名单在这里", File: &bot.Attachment{Name: "名单.xlsx", Type: "x/y", Data: []byte("sheet")}}))
	mustSend(t, a, saying(toPerson, bot.Reply{File: &bot.Attachment{Name: "图.png", Type: "image/png", Data: picture}}))
	r := s.requests()
	if len(r) != 5 {
		t.Fatalf("%d requests", len(r))
	}
	if r[0].str("msg_type") != "text" || strings.Contains(r[0].str("content"), "名单.xlsx") || got.Message != "om_1" {
		t.Errorf("the words: %v, receipt %+v", r[0].body, got)
	}
	if f := formOf(t, r[1]); f["file_type"] != "xls" || f["file_name"] != "名单.xlsx" || f["file"] != "sheet" || f["file name"] != "名单.xlsx" || r[1].token != "t-1" {
		t.Errorf("the file: %v", f)
	}
	if r[2].str("msg_type") != "file" || r[2].str("content") != `{"file_key":"file_1"}` || r[2].str("uuid") == r[0].str("uuid") {
		t.Errorf("its message: %v", r[2].body)
	}
	if f := formOf(t, r[3]); f["image_type"] != "message" || f["image"] != string(picture) {
		t.Errorf("the image: %d fields", len(f))
	}
	if r[4].str("msg_type") != "image" || r[4].str("content") != `{"image_key":"img_1"}` || r[4].str("receive_id") != "ou_1" {
		t.Errorf("its message: %v", r[4].body)
	}
}

// TestUploadTokenRefused: the form is sent again whole.
func TestUploadTokenRefused(t *testing.T) {
	s := newStub(t, func(r seen) answer {
		if r.token == "t-1" {
			return refusing(99991663, "no")
		}
		return answer{body: `{"code":0,"data":{"file_key":"file_1","message_id":"om_1"}}`}
	})
	a, _ := s.adapter(t)
	mustSend(t, a, saying(toGroup, bot.Reply{File: &bot.Attachment{Name: "a.pdf", Data: []byte("paper")}}))
	if f := formOf(t, s.requests()[1]); f["file"] != "paper" {
		t.Errorf("%v", f)
	}
}

// TestFileRefused: what the platform will not have is at least named.
func TestFileRefused(t *testing.T) {
	for name, c := range map[string]struct {
		size   int
		refuse answer
	}{
		"too large":             {maxFile + 1, answer{}},
		"empty":                 {0, answer{}},
		"refused by the upload": {5, refusing(234006, "size")},
		"no scope for uploads":  {5, refusing(99991672, "no scope")},
		"refused by a gateway":  {5, answer{status: 413, body: "<html>", header: map[string]string{"Content-Type": "text/html"}}},
	} {
		s := newStub(t, func(r seen) answer {
			if strings.HasSuffix(r.path, "/files") {
				return c.refuse
			}
			return answer{}
		})
		a, _ := s.adapter(t)
		mustSend(t, a, saying(toGroup, bot.Reply{Text: "名单在这里", File: &bot.Attachment{Name: "名单.xlsx", Data: make([]byte, c.size)}}))
		r := s.requests()
		if last := r[len(r)-1]; last.str("msg_type") != "text" || !strings.Contains(last.str("content"), "名单.xlsx") {
			t.Errorf("%s: %v", name, last.body)
		}
	}
	s := newStub(t, func(r seen) answer {
		if strings.HasSuffix(r.path, "/files") {
			return answer{status: 500, body: fmt.Sprintf(`{"code":%d,"msg":"internal"}`, 2200)}
		}
		return answer{}
	})
	a, _ := s.adapter(t)
	fails(t, a, saying(toGroup, bot.Reply{Text: "名单", File: &bot.Attachment{Name: "a.pdf", Data: []byte("x")}}), bot.Retry, "2200")
}
