package feishutest

import (
	"errors"
	"io"
	"mime/multipart"
	"path"
	"slices"
)

// Bounds of uploads (im-v1 image/create, file/create).
const (
	maxImage = 10 << 20
	maxFile  = 30 << 20
)

// upload is an image or file that has a key.
type upload struct {
	kind string // "image", or the file_type
	name string
	data []byte
}

// Upload is an image or file that the app uploaded.
type Upload struct {
	Kind string // "image", or the file_type
	Name string
	Data []byte
}

// Upload finds what was uploaded under an image_key or file_key.
func (s *Server) Upload(key string) (Upload, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, ok := s.uploads[key]
	return Upload{Kind: u.kind, Name: u.name, Data: slices.Clone(u.data)}, ok
}

// store keeps an upload and drops the oldest beyond the bound. s.mu is held.
func (s *Server) store(prefix string, u upload) string {
	key := s.newID(prefix)
	if len(s.uploaded) >= maxUploads {
		delete(s.uploads, s.uploaded[0])
		s.uploaded = s.uploaded[1:]
	}
	s.uploads[key] = u
	s.uploaded = append(s.uploaded, key)
	return key
}

// uploadImage answers POST /open-apis/im/v1/images. The codes of refused uploads are not documented in what we have read;
// 234001 is the fake's own choice.
func (s *Server) uploadImage(c *call) (any, *refusal) {
	fields, file, bad := readForm(c, "image", maxImage)
	switch {
	case bad != nil:
		return nil, bad
	case fields["image_type"] != "message" && fields["image_type"] != "avatar":
		return nil, deny(234001, "Invalid request param: image_type")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return map[string]any{"image_key": s.store("img_v3_", upload{kind: "image", data: file.data})}, nil
}

var fileTypes = []string{"opus", "mp4", "pdf", "doc", "xls", "ppt", "stream"}

// uploadFile answers POST /open-apis/im/v1/files.
func (s *Server) uploadFile(c *call) (any, *refusal) {
	fields, file, bad := readForm(c, "file", maxFile)
	switch {
	case bad != nil:
		return nil, bad
	case !slices.Contains(fileTypes, fields["file_type"]):
		return nil, deny(234001, "Invalid request param: file_type")
	case path.Ext(fields["file_name"]) == "":
		return nil, deny(234001, "Invalid request param: file_name has no extension")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return map[string]any{"file_key": s.store("file_v3_", upload{kind: fields["file_type"], name: fields["file_name"], data: file.data})}, nil
}

// readForm reads a multipart body with one file of at most most bytes.
func readForm(c *call, name string, most int64) (fields map[string]string, file upload, bad *refusal) {
	parts, err := c.r.MultipartReader()
	if err != nil {
		return nil, upload{}, deny(234001, "Invalid request param: %v", err)
	}
	fields = map[string]string{}
	for range 16 {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, upload{}, deny(234001, "Invalid request param: %v", err)
		}
		if part.FormName() == name {
			if file, bad = readFile(part, most); bad != nil {
				return nil, upload{}, bad
			}
			continue
		}
		value, err := io.ReadAll(io.LimitReader(part, 4<<10))
		if err != nil {
			return nil, upload{}, deny(234001, "Invalid request param: %v", err)
		}
		fields[part.FormName()] = string(value)
	}
	if len(file.data) == 0 {
		return nil, upload{}, deny(234010, "File's size can't be 0.")
	}
	return fields, file, nil
}

func readFile(part *multipart.Part, most int64) (upload, *refusal) {
	data, err := io.ReadAll(io.LimitReader(part, most+1))
	if err != nil {
		return upload{}, deny(234001, "Invalid request param: %v", err)
	}
	if int64(len(data)) > most {
		return upload{}, deny(234006, "The file size exceed the max value.")
	}
	return upload{name: part.FileName(), data: data}, nil
}

// resource answers GET /open-apis/im/v1/messages/{message}/resources/{key}.
func (s *Server) resource(c *call) (any, *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.byID[c.r.PathValue("message")]
	if m == nil {
		return nil, deny(99992354, "message_id is invalid")
	}
	if !m.in.bot {
		return nil, deny(230002, "Bot/User can NOT be out of the chat.")
	}
	key := c.r.PathValue("key")
	u, ok := s.uploads[key]
	if !ok || !slices.Contains(m.keys, key) || m.kind == "interactive" {
		return nil, deny(234043, "Unsupported message type.")
	}
	return binary(u.data), nil
}
