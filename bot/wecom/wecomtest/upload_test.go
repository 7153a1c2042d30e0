package wecomtest

import (
	"bytes"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"testing"
	"time"

	"lianbang/bot/fake"
	"lianbang/bot/wecom/wire"
)

func TestUpload(t *testing.T) {
	clock := fake.NewFrozenClock(time.Unix(1_790_000_000, 0))
	s := start(t, Options{Clock: clock})
	c := join(t, s)
	data := bytes.Repeat([]byte("0123456789"), 70_000)
	sum := md5.Sum(data)
	begin := func(code int, change fields) string {
		t.Helper()
		head := fields{"type": "file", "filename": "周报.xlsx", "total_size": len(data), "total_chunks": 2, "md5": hex.EncodeToString(sum[:])}
		for k, v := range change {
			head[k] = v
		}
		var begun wire.UploadBegun
		f := c.must(code, wire.CmdUploadInit, "", head)
		if code == 0 {
			if err := json.Unmarshal(f.Body, &begun); err != nil {
				t.Fatal(err)
			}
		}
		return begun.UploadID
	}
	chunk := func(code int, id string, index int, data []byte) {
		t.Helper()
		c.must(code, wire.CmdUploadChunk, "", fields{"upload_id": id, "chunk_index": index, "base64_data": base64.StdEncoding.EncodeToString(data)})
	}
	begin(40005, fields{"type": "zip"})
	begin(40006, fields{"total_size": 4})
	begin(45001, fields{"total_size": 20<<20 + 1, "total_chunks": 41})
	begin(40058, fields{"total_chunks": 1})
	begin(40058, fields{"total_chunks": 101})
	begin(40058, fields{"filename": ""})
	id := begin(0, nil)
	chunk(40058, id, 2, data[:10])
	chunk(40058, id, 0, data[:wire.MaxChunk+1])
	chunk(40058, "none", 0, data[:10])
	chunk(0, id, 1, data[wire.MaxChunk:])
	c.must(40058, wire.CmdUploadFinish, "", fields{"upload_id": id})
	c = join(t, s) // another connection goes on
	chunk(0, id, 0, data[:wire.MaxChunk])
	chunk(0, id, 0, data[:wire.MaxChunk])
	var done, again wire.UploadDone
	if err := json.Unmarshal(c.must(0, wire.CmdUploadFinish, "", fields{"upload_id": id}).Body, &done); err != nil || done.MediaID == "" || done.CreatedAt != "1790000000" {
		t.Fatalf("%v %+v", err, done)
	}
	if err := json.Unmarshal(c.must(0, wire.CmdUploadFinish, "", fields{"upload_id": id}).Body, &again); err != nil || again != done {
		t.Errorf("%v %+v", err, again)
	}
	s.Say("王工", "", "文件")
	said, _ := c.heard()
	c.must(40007, wire.CmdRespond, said, fields{"msgtype": "image", "image": fields{"media_id": done.MediaID}})
	c.must(0, wire.CmdRespond, said, fields{"msgtype": "file", "file": fields{"media_id": done.MediaID}})
	if x := s.Shown()[0]; x.Text != "[文件] 周报.xlsx" || !bytes.Equal(x.File, data) {
		t.Errorf("%s, %d bytes", x.Text, len(x.File))
	}
	wrong := begin(0, fields{"md5": "00"})
	chunk(0, wrong, 0, data[:wire.MaxChunk])
	chunk(0, wrong, 1, data[wire.MaxChunk:])
	c.must(40058, wire.CmdUploadFinish, "", fields{"upload_id": wrong})
	late := begin(0, nil)
	clock.Advance(30*time.Minute + time.Second)
	chunk(40058, late, 0, data[:10])
	for range 30 {
		begin(0, nil)
	}
	begin(45009, nil)
}
