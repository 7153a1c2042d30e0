package wire

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"time"
)

// The commands of the long connection (101463).
const (
	CmdSubscribe    = "aibot_subscribe"
	CmdPing         = "ping"
	CmdMessage      = "aibot_msg_callback"
	CmdEvent        = "aibot_event_callback"
	CmdRespond      = "aibot_respond_msg"
	CmdWelcome      = "aibot_respond_welcome_msg"
	CmdUpdate       = "aibot_respond_update_msg"
	CmdSend         = "aibot_send_msg"
	CmdUploadInit   = "aibot_upload_media_init"
	CmdUploadChunk  = "aibot_upload_media_chunk"
	CmdUploadFinish = "aibot_upload_media_finish"
)

// The codes of acknowledgements that the connection itself acts on (101463 and field reports).
const (
	CodeOK            = 0
	CodeCredentials   = 853000 // wrong bot id or secret; the server leaves the socket open
	CodeRequestGone   = 846605 // the req_id is too old, or not for this command
	CodeStreamExpired = 846608 // the stream can no longer be updated
	CodeNotSubscribed = 846609 // the socket is open and no longer the subscribed one
)

// MaxRequestID is the longest req_id, in bytes (101463).
const MaxRequestID = 256

// Headers is the head of every frame.
type Headers struct {
	RequestID string `json:"req_id"`
}

// Request is a frame with a command: sent by the bot, or pushed by the platform.
type Request struct {
	Cmd     string  `json:"cmd"`
	Headers Headers `json:"headers"`
	Body    any     `json:"body,omitempty"`
}

// Ack is the platform's answer to a request: it has the request's req_id and no command.
type Ack struct {
	Headers Headers `json:"headers"`
	ErrCode int     `json:"errcode"`
	ErrMsg  string  `json:"errmsg"`
	Body    any     `json:"body,omitempty"`
}

// Frame is a frame as it comes in, either kind.
type Frame struct {
	Cmd     string          `json:"cmd"`
	Headers Headers         `json:"headers"`
	Body    json.RawMessage `json:"body"`
	ErrCode int             `json:"errcode"`
	ErrMsg  string          `json:"errmsg"`
}

// ParseFrame reads a frame from either side.
func ParseFrame(b []byte) (Frame, error) {
	var f Frame
	err := Unmarshal(b, &f)
	if err == nil && len(f.Headers.RequestID) > MaxRequestID {
		err = ErrJSON
	}
	return f, err
}

// IsAck reports whether the frame answers a request of ours: only the missing command tells.
func (f Frame) IsAck() bool { return f.Cmd == "" }

// NewRequestID is a fresh req_id of the form <cmd>_<unix ms>_<8 hex>. The SDK recognises acknowledgements of subscribe and
// ping by this prefix; so the form is kept, although nothing else depends on it.
func NewRequestID(cmd string, now time.Time) string {
	var random [4]byte
	_, _ = rand.Read(random[:]) // never fails
	return cmd + "_" + strconv.FormatInt(now.UnixMilli(), 10) + "_" + hex.EncodeToString(random[:])
}

// Subscribe is the body of CmdSubscribe, the first frame after the socket has opened.
type Subscribe struct {
	BotID  string `json:"bot_id"`
	Secret string `json:"secret"`
}

// UploadInit is the body of CmdUploadInit.
type UploadInit struct {
	Type        string `json:"type"` // file, image, voice or video
	FileName    string `json:"filename"`
	TotalSize   int    `json:"total_size"` // bytes, at least 5
	TotalChunks int    `json:"total_chunks"`
	MD5         string `json:"md5"` // of the whole file, hexadecimal
}

// UploadBegun is the body of its acknowledgement.
type UploadBegun struct {
	UploadID string `json:"upload_id"`
}

// UploadChunk is the body of CmdUploadChunk. Index starts at 0 (SDK source; its comment says 1).
type UploadChunk struct {
	UploadID string `json:"upload_id"`
	Index    int    `json:"chunk_index"`
	Data     []byte `json:"base64_data"`
}

// UploadFinish is the body of CmdUploadFinish.
type UploadFinish struct {
	UploadID string `json:"upload_id"`
}

// UploadDone is the body of its acknowledgement. The medium is valid for three days.
type UploadDone struct {
	Type      string `json:"type"`
	MediaID   string `json:"media_id"`
	CreatedAt string `json:"created_at"` // seconds, as a string
}

// The limits of an upload (101463).
const (
	MaxChunk  = 512 << 10 // bytes before base64
	MaxChunks = 100
	MinUpload = 5 // bytes
)
