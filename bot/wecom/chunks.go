package wecom

import (
	"context"
	"crypto/md5" // what the protocol asks for
	"encoding/hex"
	"errors"
	"fmt"
	"path"
	"time"

	"lianbang/bot/wecom/wire"
)

const (
	chunkTime  = 20 * time.Second // that a chunk of up to 700 KB may take to be acknowledged
	chunkTries = 3                // chunks are idempotent (101463)
	maxName    = 256              // bytes of a file name (101463)
)

// upload sends a file in chunks and gives its media_id, which is valid for three days. kind is file, image, voice or video.
// The caller sees to the limits of each kind. Errors are those of respond, errUnfit and errAnswer.
func (s *socket) upload(ctx context.Context, kind, name string, data []byte) (mediaID string, err error) {
	chunks := (len(data) + wire.MaxChunk - 1) / wire.MaxChunk
	if len(data) < wire.MinUpload || chunks > wire.MaxChunks {
		return "", errUnfit
	}
	sum := md5.Sum(data)
	var begun wire.UploadBegun
	if err := s.step(ctx, wire.CmdUploadInit, wire.UploadInit{Type: kind, FileName: shortName(name), TotalSize: len(data),
		TotalChunks: chunks, MD5: hex.EncodeToString(sum[:])}, &begun); err != nil {
		return "", err
	}
	if begun.UploadID == "" {
		return "", errAnswer
	}
	for i := range chunks {
		part := data[i*wire.MaxChunk : min((i+1)*wire.MaxChunk, len(data))]
		if err := s.chunk(ctx, wire.UploadChunk{UploadID: begun.UploadID, Index: i, Data: part}); err != nil {
			return "", err
		}
	}
	var done wire.UploadDone
	if err := s.step(ctx, wire.CmdUploadFinish, wire.UploadFinish(begun), &done); err != nil {
		return "", err
	}
	if done.MediaID == "" {
		return "", errAnswer
	}
	return done.MediaID, nil
}

// chunk sends one chunk, again when its outcome is unknown.
func (s *socket) chunk(ctx context.Context, c wire.UploadChunk) (err error) {
	for range chunkTries {
		if err = s.step(ctx, wire.CmdUploadChunk, c, nil); !errors.Is(err, errUnknownOutcome) {
			return err
		}
	}
	return err
}

// step sends a frame of an upload and reads the body of its acknowledgement into answer.
func (s *socket) step(ctx context.Context, cmd string, body, answer any) error {
	ack, err := s.ask(ctx, cmd, body, chunkTime)
	if err != nil || answer == nil {
		return err
	}
	if err := wire.Unmarshal(ack.Body, answer); err != nil {
		return fmt.Errorf("%w: %s: %w", errAnswer, cmd, err)
	}
	return nil
}

// shortName keeps the extension of a name that is too long.
func shortName(name string) string {
	if len(name) <= maxName {
		return name
	}
	ext := clip(path.Ext(name), 20)
	return clip(name, maxName-len(ext)) + ext
}
