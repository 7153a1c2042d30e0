package wecomtest

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"lianbang/bot/wecom/wire"
)

// medium is a file that the bot has uploaded, or that somebody sent to the bot.
type medium struct {
	owner string // who may use it: ownerBot, ownerApp, or a webhook's key; "" = sent by people
	kind  string // image, voice, video, file
	name  string
	data  []byte // encrypted, when people sent it
	at    time.Time
}

const (
	ownerBot = "bot"
	ownerApp = "app"

	mediaLife = 3 * 24 * time.Hour // of uploads (101463, 90253)
	inboxLife = 5 * time.Minute    // of the address under which the bot fetches what people sent (100719)

	maxFileSize = 20 << 20
	minFileSize = 5
)

// maxSize is the largest file of a kind, in bytes; 0 = no such kind (101463, 90253).
func maxSize(kind string) int {
	switch kind {
	case "image", "video":
		return 10 << 20
	case "voice":
		return 2 << 20
	case "file":
		return maxFileSize
	}
	return 0
}

// checkMedium refuses what is too small, too large, or not of its kind.
func checkMedium(kind, name string, data []byte) error {
	switch most := maxSize(kind); {
	case most == 0:
		return refuse(40005, "invalid type")
	case len(data) < minFileSize:
		return refuse(40006, "file is too small")
	case len(data) > most:
		return refuse(45001, "file is too large")
	case name == "" || len(name) > 256:
		return refuse(40058, "filename is missing or too long")
	case kind == "image" && !isPicture(data):
		return refuse(40123, "invalid image")
	case kind == "voice" && !bytes.HasPrefix(data, []byte("#!AMR")):
		return refuse(40004, "voice is not AMR")
	}
	return nil
}

// isPicture knows PNG, JPEG and GIF by their first bytes.
func isPicture(data []byte) bool {
	for _, magic := range []string{"\x89PNG\r\n\x1a\n", "\xff\xd8\xff", "GIF8"} {
		if bytes.HasPrefix(data, []byte(magic)) {
			return true
		}
	}
	return false
}

// putMedium keeps an upload and gives its media_id. It holds mu.
func (s *Server) putMedium(owner, kind, name string, data []byte) string {
	id := s.newID("MEDIA")
	s.media.put(id, &medium{owner: owner, kind: kind, name: name, data: data, at: s.clock.Now()})
	return id
}

// mediumOf finds what owner may send. It holds mu.
func (s *Server) mediumOf(id, owner string) (*medium, error) {
	m, ok := s.media.get(id)
	if !ok || m.owner != owner || s.clock.Now().Sub(m.at) > mediaLife {
		return nil, refuse(40007, "invalid media_id")
	}
	return m, nil
}

// inbox encrypts what somebody sends to the bot and gives the address and key under which the bot fetches it: a key of its
// own in the long connection (101463), the bot's EncodingAESKey in callback mode (100719). It holds mu.
func (s *Server) inbox(name string, data []byte) (*wire.Media, error) {
	ref := &wire.Media{}
	key := s.bot.AESKey
	if s.bot.Callback == "" {
		var fresh [32]byte
		_, _ = rand.Read(fresh[:]) // never fails
		key = base64.StdEncoding.EncodeToString(fresh[:])
		ref.AESKey = key
	}
	sealed, err := wire.SealMedia(key, data)
	if err != nil {
		return nil, fmt.Errorf("encrypt a file: %w", err)
	}
	id := s.newID("INBOX")
	s.media.put(id, &medium{name: name, data: sealed, at: s.clock.Now()})
	ref.URL = s.BaseURL() + "/media/" + id + "?sign=" + digest(id)[:16]
	return ref, nil
}

// download serves what people sent, without credentials, as the platform's storage does.
func (s *Server) download(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	s.mu.Lock()
	m, ok := s.media.get(id)
	late := ok && s.clock.Now().Sub(m.at) > inboxLife
	f := s.fault(nameDownload, id)
	s.log(Call{At: s.clock.Now(), Name: nameDownload, Place: id, Muted: f.mutes()})
	s.mu.Unlock()
	if f != nil && !f.carriedOut() || f.mutes() || f.overrides() {
		s.fail(w, r, f)
		return
	}
	if !ok || m.owner != "" || late || r.URL.Query().Get("sign") != digest(id)[:16] {
		http.Error(w, "AccessDenied", http.StatusForbidden)
		return
	}
	ascii := strings.Map(func(c rune) rune {
		if c < ' ' || c > '~' || c == '"' {
			return '_'
		}
		return c
	}, m.name)
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s"; filename*=UTF-8''%s`, ascii, url.PathEscape(m.name)))
	_, _ = w.Write(m.data) // nobody is left to tell when the caller has gone
}
