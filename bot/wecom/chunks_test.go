package wecom

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"lianbang/bot/wecom/wire"
)

func TestUpload(t *testing.T) {
	data := bytes.Repeat([]byte("0123456789abcdef"), (2*wire.MaxChunk+160)/16)
	connect(t, nil, func(t *testing.T, r *rig) {
		lost := 0
		r.setAnswer(func(_ *peer, f wire.Frame) *wire.Ack {
			a := ok(f)
			switch f.Cmd {
			case wire.CmdUploadInit:
				a.Body = wire.UploadBegun{UploadID: "UP1"}
			case wire.CmdUploadChunk:
				if lost++; lost == 2 {
					return nil
				}
			case wire.CmdUploadFinish:
				a.Body = wire.UploadDone{Type: "file", MediaID: "MEDIA1", CreatedAt: "1790000300"}
			}
			return a
		})
		id, err := r.line().upload(t.Context(), "file", "周报.xlsx", data)
		if err != nil || id != "MEDIA1" {
			t.Fatalf("%s, %v", id, err)
		}
		var init wire.UploadInit
		decode(t, r.frames(wire.CmdUploadInit)[0], &init)
		sum := md5.Sum(data)
		if want := (wire.UploadInit{Type: "file", FileName: "周报.xlsx", TotalSize: len(data), TotalChunks: 3, MD5: hex.EncodeToString(sum[:])}); init != want {
			t.Errorf("began with %+v", init)
		}
		parts := map[int][]byte{}
		for _, f := range r.frames(wire.CmdUploadChunk) {
			var c wire.UploadChunk
			decode(t, f, &c)
			parts[c.Index] = c.Data
		}
		if got := bytes.Join([][]byte{parts[0], parts[1], parts[2]}, nil); len(parts) != 3 || !bytes.Equal(got, data) {
			t.Errorf("%d chunks with %d bytes", len(parts), len(got))
		}
		for _, cmd := range []string{wire.CmdUploadInit, wire.CmdUploadChunk, wire.CmdUploadFinish} {
			r.setAnswer(func(_ *peer, f wire.Frame) *wire.Ack {
				if f.Cmd == cmd {
					return refuse(f, 40058, "invalid parameter")
				}
				a := ok(f)
				a.Body = wire.UploadBegun{UploadID: "UP1"}
				return a
			})
			var ack *refusedError
			if _, err := r.line().upload(t.Context(), "file", "x", data); !errors.As(err, &ack) || ack.code != 40058 {
				t.Errorf("refused at %s: %v", cmd, err)
			}
		}
		for _, empty := range []any{nil, wire.UploadBegun{}} {
			r.setAnswer(func(_ *peer, f wire.Frame) *wire.Ack { a := ok(f); a.Body = empty; return a })
			if _, err := r.line().upload(t.Context(), "file", "x", data); !errors.Is(err, errAnswer) {
				t.Errorf("an answer without an id: %v", err)
			}
		}
		for _, wrong := range [][]byte{nil, []byte("1234"), make([]byte, wire.MaxChunk*wire.MaxChunks+1)} {
			if _, err := r.line().upload(t.Context(), "file", "x", wrong); !errors.Is(err, errUnfit) {
				t.Errorf("%d bytes: %v", len(wrong), err)
			}
		}
	})
	if got := shortName(strings.Repeat("长", 100) + ".xlsx"); len(got) > maxName || !strings.HasSuffix(got, "长.xlsx") {
		t.Error(got)
	}
}
