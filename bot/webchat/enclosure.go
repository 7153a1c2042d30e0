package webchat

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"lianbang/bot"
)

// What people may send along.
const (
	MaxFile      = 10 << 20 // bytes
	MaxFiles     = 9        // with one message
	maxEnclosed  = 200      // files that wait for their message
	enclosedLife = time.Hour
	enclosedTime = time.Minute // for one to arrive
)

const enclosedSuffix = ".sent"

var validKey = regexp.MustCompile(`^[A-Z2-7]{26}$`)

// enclosures keeps what people send along, each in a file of its own beside the journals. Until a message names it a file
// waits, for an hour; then it lives as long as its message. Names and kinds are the sender's word.
type enclosures struct{ dir string }

// Enclosed is a file that is to be sent along with what somebody says.
type Enclosed struct {
	Key  string `json:"key"`
	Name string `json:"name"`
	Size int    `json:"size"`
	Kind string `json:"kind"` // "image" or "file", as its first bytes tell
	URL  string `json:"url"`
}

func (s enclosures) path(key string) string { return filepath.Join(s.dir, key+enclosedSuffix) }

// Enclose keeps a file for a message that will name it.
func (a *Adapter) Enclose(name string, data []byte) (Enclosed, error) {
	name, ok := oneLine(filepath.Base(strings.ReplaceAll(name, `\`, "/")), 2*maxTitle)
	switch {
	case len(data) == 0:
		return Enclosed{}, refusal("这个文件是空的，没有发出去。")
	case len(data) > MaxFile:
		return Enclosed{}, refusal("这个文件太大了，一次最多 10 MB。")
	case !ok:
		return Enclosed{}, refusal("文件名太长了，请改短再发。")
	}
	if a.hub.strays(a.files, a.conf.Now()) >= maxEnclosed {
		return Enclosed{}, refusal("没发完的文件太多了，请过一会儿再试。")
	}
	e := Enclosed{Key: rand.Text(), Name: name, Size: len(data), Kind: kindOf(data)}
	e.URL = assetPath + "sent/" + e.Key
	if err := replaceFile(a.files.path(e.Key), data); err != nil {
		return Enclosed{}, fmt.Errorf("keep a file: %w", err)
	}
	return e, nil
}

// kindOf tells pictures from other files.
func kindOf(data []byte) string {
	if strings.HasPrefix(http.DetectContentType(data), "image/") {
		return "image"
	}
	return "file"
}

// find describes kept files by their keys and the names that the sender gives.
func (s enclosures) find(list []Enclosed) ([]File, error) {
	if len(list) > MaxFiles {
		return nil, refusal(fmt.Sprintf("一次最多发 %d 个文件，请分几次发。", MaxFiles))
	}
	out := make([]File, 0, len(list))
	for _, e := range list {
		info, err := os.Stat(s.path(e.Key))
		if !validKey.MatchString(e.Key) || err != nil {
			return nil, refusal("有一个文件已经不在了，请重新选一次。")
		}
		kind := "file"
		if e.Kind == "image" {
			kind = e.Kind
		}
		name, _ := oneLine(e.Name, 2*maxTitle)
		out = append(out, File{Name: name, Size: int(info.Size()), URL: assetPath + "sent/" + e.Key, Key: e.Key, Kind: kind})
	}
	return out, nil
}

// drop forgets the files of a message that is forgotten.
func (s enclosures) drop(files []File) {
	for _, f := range files {
		_ = os.Remove(s.path(f.Key))
	}
}

// strays removes kept files that no message has named within their time, and counts those that still wait.
func (h *hub) strays(s enclosures, now time.Time) (waiting int) {
	paths, err := filepath.Glob(filepath.Join(s.dir, "*"+enclosedSuffix))
	if err != nil {
		return 0
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	named := map[string]bool{}
	for _, r := range h.rooms {
		for _, m := range r.msgs {
			for _, f := range m.Files {
				named[s.path(f.Key)] = true
			}
		}
	}
	for _, p := range paths {
		info, err := os.Stat(p)
		switch {
		case err != nil || named[p]:
		case now.Sub(info.ModTime()) > enclosedLife:
			_ = os.Remove(p)
		default:
			waiting++
		}
	}
	return waiting
}

// Fetch implements bot.Fetcher.
func (a *Adapter) Fetch(_ context.Context, f bot.FileRef, most int64) (*bot.Attachment, error) {
	if !validKey.MatchString(f.Key) {
		return nil, bot.ErrFileGone
	}
	file, err := os.Open(a.files.path(f.Key))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errors.New("the file is not in this process's folder")
	}
	if err != nil {
		return nil, errors.New("the file cannot be opened")
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, most+1))
	switch {
	case err != nil:
		return nil, errors.New("the file cannot be read")
	case int64(len(data)) > most:
		return nil, bot.ErrFileLarge
	}
	return &bot.Attachment{Name: f.Name, Data: data}, nil
}

// takeFile keeps what the page sends, for the message that comes next.
func (a *Adapter) takeFile(w http.ResponseWriter, r *http.Request) {
	if !sameOrigin(r) {
		http.Error(w, "只收本页发来的文件。", http.StatusForbidden)
		return
	}
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(enclosedTime)) // not every writer can
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxFile+1))
	var e Enclosed
	if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
		err = refusal("这个文件太大了，一次最多 10 MB。")
	} else if err == nil {
		e, err = a.Enclose(r.URL.Query().Get("name"), data)
	}
	var no bot.Refusal
	switch {
	case errors.As(err, &no):
		http.Error(w, no.UserMessage(), http.StatusUnprocessableEntity)
	case err != nil:
		a.conf.Logger.Warn("file not kept", "err", err)
		http.Error(w, "我这边没存上，请再发一次。", http.StatusInternalServerError)
	default:
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_ = json.NewEncoder(w).Encode(e)
	}
}

// shownTypes are the media types that a browser may show in place.
var shownTypes = map[string]bool{"image/jpeg": true, "image/png": true, "image/webp": true, "image/gif": true}

// serveSent gives what somebody sent: pictures in place, everything else as a download.
func (a *Adapter) serveSent(w http.ResponseWriter, r *http.Request) {
	key := r.PathValue("key")
	f, err := os.Open(a.files.path(key))
	if !validKey.MatchString(key) || err != nil {
		http.Error(w, "这个文件已经不在了。", http.StatusNotFound)
		return
	}
	defer f.Close()
	var head [512]byte
	n, _ := io.ReadFull(f, head[:]) // short files are whole
	kind := http.DetectContentType(head[:n])
	if !shownTypes[kind] {
		kind = "application/octet-stream"
		w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", nil))
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "private, no-cache")
	http.ServeContent(w, r, "", time.Time{}, f)
}
