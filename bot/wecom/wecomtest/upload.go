package wecomtest

import (
	"bytes"
	"crypto/md5" // the protocol's checksum
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"time"

	"lianbang/bot/wecom/wire"
)

// upload is a file that comes in chunks over the long connection (101463).
type upload struct {
	head  wire.UploadInit
	parts map[int][]byte
	at    time.Time
	done  *wire.UploadDone // the answer to finish, once it was given
}

// uploadLife is how long a session may be continued, on any connection (101463).
const uploadLife = 30 * time.Minute

// beginUpload, takeChunk and finishUpload hold mu.
func (s *Server) beginUpload(body []byte) (any, error) {
	var head wire.UploadInit
	if err := decode(body, &head); err != nil {
		return nil, err
	}
	switch most := maxSize(head.Type); {
	case most == 0:
		return nil, refuse(40005, "invalid type")
	case head.FileName == "" || len(head.FileName) > 256:
		return nil, refuse(40058, "filename is missing or too long")
	case head.TotalSize < wire.MinUpload:
		return nil, refuse(40006, "total_size is too small")
	case head.TotalSize > most:
		return nil, refuse(45001, "total_size is too large")
	case head.TotalChunks < 1 || head.TotalChunks > wire.MaxChunks || head.TotalSize > head.TotalChunks*wire.MaxChunk:
		return nil, refuse(40058, "total_chunks is invalid")
	case s.limited("upload", uploadMinute, uploadHour):
		return nil, refuse(45009, "api freq out of limit")
	}
	id := s.newID("UP")
	s.uploads.put(id, &upload{head: head, parts: map[int][]byte{}, at: s.clock.Now()})
	return wire.UploadBegun{UploadID: id}, nil
}

func (s *Server) takeChunk(body []byte) error {
	var c struct {
		UploadID string `json:"upload_id"`
		Index    *int   `json:"chunk_index"`
		Data     string `json:"base64_data"`
	}
	if err := decode(body, &c); err != nil {
		return err
	}
	u, err := s.uploadOf(c.UploadID)
	if err != nil {
		return err
	}
	if u.done != nil {
		return nil
	}
	data, err := base64.StdEncoding.DecodeString(c.Data)
	switch {
	case c.Index == nil:
		return refuse(40058, "chunk_index is missing")
	case err != nil || len(data) == 0:
		return refuse(40058, "base64_data is invalid")
	case len(data) > wire.MaxChunk:
		return refuse(40058, "chunk is too large")
	case *c.Index < 0 || *c.Index >= u.head.TotalChunks:
		return refuse(40058, "chunk_index out of range")
	}
	u.parts[*c.Index] = data
	return nil
}

func (s *Server) finishUpload(body []byte) (any, error) {
	var f wire.UploadFinish
	if err := decode(body, &f); err != nil {
		return nil, err
	}
	u, err := s.uploadOf(f.UploadID)
	if err != nil {
		return nil, err
	}
	if u.done != nil {
		return u.done, nil
	}
	var whole bytes.Buffer
	for i := range u.head.TotalChunks {
		part, ok := u.parts[i]
		if !ok {
			return nil, refuse(40058, "chunk %d is missing", i)
		}
		whole.Write(part)
	}
	sum := md5.Sum(whole.Bytes())
	if whole.Len() != u.head.TotalSize || u.head.MD5 != "" && u.head.MD5 != hex.EncodeToString(sum[:]) {
		return nil, refuse(40058, "size or md5 mismatch")
	}
	if err := checkMedium(u.head.Type, u.head.FileName, whole.Bytes()); err != nil {
		return nil, err
	}
	u.parts = nil
	u.done = &wire.UploadDone{
		Type: u.head.Type, MediaID: s.putMedium(ownerBot, u.head.Type, u.head.FileName, whole.Bytes()),
		CreatedAt: strconv.FormatInt(s.clock.Now().Unix(), 10),
	}
	return u.done, nil
}

func (s *Server) uploadOf(id string) (*upload, error) {
	u, ok := s.uploads.get(id)
	if !ok || s.clock.Now().Sub(u.at) > uploadLife {
		return nil, refuse(40058, "unknown upload_id")
	}
	return u, nil
}
