package wecom

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"lianbang/bot"
)

// TestFetchFromApp: what was sent to the app is fetched by its media_id, and a refused token is renewed once.
func TestFetchFromApp(t *testing.T) {
	issued, old := 0, 0
	answer := func(w http.ResponseWriter, code int) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		fmt.Fprintf(w, `{"errcode":%d,"errmsg":"x"}`, code)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/cgi-bin/gettoken", func(w http.ResponseWriter, _ *http.Request) {
		issued++
		fmt.Fprintf(w, `{"errcode":0,"errmsg":"ok","access_token":"T%d","expires_in":7200}`, issued)
	})
	mux.HandleFunc("/cgi-bin/media/get", func(w http.ResponseWriter, r *http.Request) {
		switch id := r.URL.Query().Get("media_id"); {
		case r.URL.Query().Get("access_token") == "T1" && old > 0:
			answer(w, codeTokenOld)
		case id == "PHOTO":
			w.Header().Set("Content-Type", "image/jpeg")
			w.Header().Set("Content-Disposition", `attachment; filename="合影.jpg"`)
			fmt.Fprint(w, "a photograph")
		case id == "BUSY":
			answer(w, -1)
		case id == "AWAY":
			w.WriteHeader(http.StatusBadGateway)
		default:
			answer(w, codeMediaGone)
		}
	})
	server := httptest.NewServer(mux)
	defer server.Close()
	a, err := New(Config{Account: "main", App: &AppConfig{CorpID: "ww1", AgentID: 1, Secret: "s", BaseURL: server.URL}})
	if err != nil {
		t.Fatal(err)
	}
	at := func(id string) bot.FileRef { return bot.FileRef{Key: appMediaKey(id), Kind: "image"} }
	for range 2 {
		m, err := a.Fetch(t.Context(), at("PHOTO"), MaxMedia)
		if err != nil || string(m.Data) != "a photograph" || m.Name != "合影.jpg" {
			t.Errorf("%+v, %v", m, err)
		}
		old++ // the first token is refused from now on
	}
	if issued != 2 {
		t.Errorf("%d tokens", issued)
	}
	if _, err := a.Fetch(t.Context(), at("PHOTO"), 5); !errors.Is(err, bot.ErrFileLarge) {
		t.Errorf("too large: %v", err)
	}
	for id, gone := range map[string]bool{"OLD": true, "BUSY": false, "AWAY": false} {
		if _, err := a.Fetch(t.Context(), at(id), MaxMedia); err == nil || errors.Is(err, bot.ErrFileGone) != gone {
			t.Errorf("%s: %v", id, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := a.Fetch(ctx, at("PHOTO"), MaxMedia); err == nil {
		t.Error("fetched although nobody waits")
	}
}
