package wecom

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"lianbang/bot"
	"lianbang/bot/wecom/wire"
)

const fileKey = "AAcOFRwjKjE4P0ZNVFtiaXB3foWMk5qhqK+2vcTL0tk="

func TestFetch(t *testing.T) {
	seal := func(key, text string) []byte {
		b, err := wire.SealMedia(key, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/own", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Disposition", `attachment; filename="x.bin"; filename*=UTF-8''%E5%91%A8%E6%8A%A5.xlsx`)
		_, _ = w.Write(seal(fileKey, "hello file"))
	})
	mux.HandleFunc("/bot", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(seal(testKey, "a photo")) })
	mux.HandleFunc("/large", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, MaxMedia+1000)) })
	mux.HandleFunc("/round", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/round", http.StatusFound) })
	mux.HandleFunc("/there", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/bot", http.StatusFound) })
	mux.HandleFunc("/broken", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
	mux.HandleFunc("/slow", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	server := httptest.NewServer(mux)
	defer server.Close()
	a, err := New(Config{Account: "main", Bot: &BotConfig{Mode: ModeCallback, Token: testToken, AESKey: testKey}})
	if err != nil {
		t.Fatal(err)
	}
	at := func(path, key string) bot.FileRef {
		return bot.FileRef{Key: mediaKey(wire.Media{URL: server.URL + path, AESKey: key})}
	}
	for path, want := range map[string]string{"/bot": "a photo", "/there": "a photo"} {
		if m, err := a.Fetch(t.Context(), at(path, ""), MaxMedia); err != nil || string(m.Data) != want || m.Name != "" {
			t.Errorf("%s: %+v, %v", path, m, err)
		}
	}
	for _, key := range []string{fileKey, strings.TrimRight(fileKey, "=")} {
		if m, err := a.Fetch(t.Context(), at("/own?sign=s3cret", key), MaxMedia); err != nil || string(m.Data) != "hello file" || m.Name != "周报.xlsx" {
			t.Errorf("%+v, %v", m, err)
		}
	}
	cases := map[string]struct {
		ref  bot.FileRef
		want error
	}{
		"wrong key":     {at("/own?sign=s3cret", strings.Repeat("A", 43)), wire.ErrPadding},
		"no key":        {at("/own", "short"), wire.ErrKey},
		"not there":     {at("/away?sign=s3cret", ""), errMediaGone},
		"broken":        {at("/broken?sign=s3cret", ""), errMediaLost},
		"too large":     {at("/large?sign=s3cret", fileKey), bot.ErrFileLarge},
		"round":         {at("/round?sign=s3cret", fileKey), errMediaGone},
		"nobody":        {bot.FileRef{Key: "b http://127.0.0.1:1/x?sign=s3cret"}, errMediaLost},
		"file":          {bot.FileRef{Key: "b file:///etc/passwd"}, errMediaKey},
		"bare HTTP":     {bot.FileRef{Key: "b http://files.example/x?sign=s3cret"}, errMediaKey},
		"foreign":       {bot.FileRef{Key: "om_feishu"}, errMediaKey},
		"empty":         {bot.FileRef{}, errMediaKey},
		"of the app":    {bot.FileRef{Key: appMediaKey("MEDIA7")}, errMediaKey},
		"no address":    {bot.FileRef{Key: "l " + fileKey}, errMediaKey},
		"control bytes": {bot.FileRef{Key: "b http://x/\x00s3cret"}, errMediaKey},
	}
	gone := map[string]bool{}
	for name := range cases {
		gone[name] = name != "broken" && name != "nobody" && name != "too large"
	}
	for name, c := range cases {
		m, err := a.Fetch(t.Context(), c.ref, MaxMedia)
		if !errors.Is(err, c.want) || m != nil || errors.Is(err, bot.ErrFileGone) != gone[name] {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		} else if strings.Contains(err.Error(), "s3cret") || strings.Contains(err.Error(), fileKey) {
			t.Errorf("%s: the error says %v", name, err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := a.Fetch(ctx, at("/slow", fileKey), MaxMedia); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("slow: %v", err)
	}
}

func TestMediaLimits(t *testing.T) {
	sealed, err := wire.SealMedia(fileKey, bytes.Repeat([]byte("x"), MaxMedia))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(sealed) }))
	defer server.Close()
	d := newDownloader(BotConfig{Mode: ModeCallback})
	ref := bot.FileRef{Key: mediaKey(wire.Media{URL: server.URL, AESKey: fileKey})}
	if m, err := d.fetch(t.Context(), ref, MaxMedia); err != nil || len(m.Data) != MaxMedia {
		t.Errorf("the largest file: %v", err)
	}
	for _, most := range []int64{MaxMedia - 1, 1000} {
		if m, err := d.fetch(t.Context(), ref, most); !errors.Is(err, bot.ErrFileLarge) || m != nil {
			t.Errorf("more than %d bytes: %v", most, err)
		}
	}
}

// TestNoWayToThisMachine: the address of a file leads to this machine without TLS in a rehearsal only, directly or round a
// corner, and never out of TLS.
func TestNoWayToThisMachine(t *testing.T) {
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { asked++ }))
	defer server.Close()
	live, rehearsal := newDownloader(BotConfig{Mode: ModeWebsocket, URL: DefaultBotURL}), newDownloader(BotConfig{Mode: ModeWebsocket, URL: "ws://127.0.0.1:1"})
	ref := bot.FileRef{Key: mediaKey(wire.Media{URL: server.URL, AESKey: fileKey})}
	if _, err := live.fetch(t.Context(), ref, 1000); !errors.Is(err, errMediaKey) || asked != 0 {
		t.Errorf("%d requests: %v", asked, err)
	}
	if _, err := rehearsal.fetch(t.Context(), ref, 1000); !errors.Is(err, bot.ErrFileGone) || asked != 1 {
		t.Errorf("in a rehearsal %d requests: %v", asked, err)
	}
	request := func(url string) *http.Request { return httptest.NewRequest("GET", url, nil) }
	for _, c := range []struct {
		d        *downloader
		from, to string
		allowed  bool
	}{
		{live, "https://y/", "https://x/", true},
		{live, "https://y/", "http://x/", false},
		{rehearsal, "https://y/", "http://127.0.0.1/", false},
		{rehearsal, "http://127.0.0.1/", "http://127.0.0.1:81/", true},
		{rehearsal, "http://127.0.0.1/", "http://169.254.169.254/", false},
	} {
		if err := c.d.onTheWay(request(c.to), []*http.Request{request(c.from)}); (err == nil) != c.allowed {
			t.Errorf("from %s to %s: %v", c.from, c.to, err)
		}
	}
}

func TestFileNames(t *testing.T) {
	for disposition, want := range map[string]string{
		`attachment; filename="a.txt"`:               "a.txt",
		`attachment; filename="../../etc/passwd"`:    "passwd",
		`attachment; filename="C:\\x\\a.txt"`:        "a.txt",
		`attachment; filename*=UTF-8''%E5%91%A8.txt`: "周.txt",
		`attachment; filename=".."`:                  "",
		`attachment`:                                 "",
		``:                                           "",
		`attachment; filename="` + strings.Repeat("a", 500): "",
	} {
		if got := fileName(disposition); got != want {
			t.Errorf("%s: %q, want %q", disposition, got, want)
		}
	}
}
