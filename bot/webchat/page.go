package webchat

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"os"
	"path"
	"strconv"
	"time"

	"lianbang/bot"
)

//go:embed page
var pageFiles embed.FS

// assetPath is where everything but the page itself and the socket is served.
const assetPath = "/webchat/"

type asset struct {
	kind string
	tag  string
	data []byte
}

var kinds = map[string]string{
	".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8",
	".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
}

func loadAssets() (map[string]asset, error) {
	all := map[string]asset{}
	err := fs.WalkDir(pageFiles, "page", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := pageFiles.ReadFile(p)
		if err != nil {
			return err
		}
		all[d.Name()] = asset{kinds[path.Ext(p)], fmt.Sprintf(`"%x"`, sha256.Sum256(data))[:18] + `"`, data}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read embedded page: %w", err)
	}
	return all, nil
}

// Mount implements bot.Mounter.
func (a *Adapter) Mount(mux *http.ServeMux, sink bot.Sink) {
	a.setSink(sink)
	mux.HandleFunc("GET /{$}", guard(func(w http.ResponseWriter, r *http.Request) { a.serveAsset(w, r, "index.html") }))
	mux.HandleFunc("GET "+assetPath+"{name}", guard(func(w http.ResponseWriter, r *http.Request) { a.serveAsset(w, r, r.PathValue("name")) }))
	mux.HandleFunc("GET "+assetPath+"people", guard(a.servePeople))
	mux.HandleFunc("GET "+assetPath+"files/{room}/{seq}", guard(a.serveFile))
	mux.HandleFunc("POST "+assetPath+"files", guard(a.takeFile))
	mux.HandleFunc("GET "+assetPath+"sent/{key}", guard(a.serveSent))
	mux.HandleFunc("GET /ws", guard(a.serveSocket))
}

func (a *Adapter) serveAsset(w http.ResponseWriter, r *http.Request, name string) {
	as, ok := a.assets[name]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", as.kind)
	w.Header().Set("ETag", as.tag)
	w.Header().Set("Cache-Control", "no-cache")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(as.data))
}

// servePeople says whom one may be, before one is anybody.
func (a *Adapter) servePeople(w http.ResponseWriter, r *http.Request) {
	a.refresh(r.Context())
	_, people := a.lists("")
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(struct {
		Bot    string   `json:"bot"`
		People []Person `json:"people"`
	}{a.conf.BotName, people})
}

// serveFile gives an attachment, always as a download.
func (a *Adapter) serveFile(w http.ResponseWriter, r *http.Request) {
	seq, _ := strconv.ParseInt(r.PathValue("seq"), 10, 64)
	m, at, err := a.hub.attachment(r.PathValue("room"), seq)
	if err != nil {
		http.Error(w, "这个文件已经不在了。", http.StatusNotFound)
		return
	}
	f, err := os.Open(at)
	if err != nil {
		http.Error(w, "这个文件已经不在了。", http.StatusNotFound)
		return
	}
	defer f.Close()
	kind := m.Body.File.Type
	if kind == "" {
		kind = "application/octet-stream"
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": m.File.Name}))
	w.Header().Set("Cache-Control", "private, no-cache")
	http.ServeContent(w, r, "", m.At, f)
}
