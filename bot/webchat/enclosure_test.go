package webchat

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"lianbang/bot"
)

func pictureOf(t *testing.T, w, h int) []byte {
	t.Helper()
	m := image.NewGray(image.Rect(0, 0, w, h))
	for i := range m.Pix {
		m.Pix[i] = uint8(80 + 120*(i/w)/h)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestEnclosed: what is sent along with a message reaches the bot and everybody who sees the message, as it was.
func TestEnclosed(t *testing.T) {
	a, k, server := serve(t)
	c, err := Dial(t.Context(), server.URL, "林书记")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	photo := pictureOf(t, 40, 30)
	e, err := c.Enclose(t.Context(), `C:\照片\合影.png`, photo)
	if err != nil || e.Kind != "image" || e.Name != "合影.png" || e.Size != len(photo) {
		t.Fatalf("%+v, %v", e, err)
	}
	sheet, err := a.Enclose("签到表.xlsx", []byte("PK\x03\x04 sheet"))
	if err != nil || sheet.Kind != "file" {
		t.Fatalf("%+v, %v", sheet, err)
	}
	if err := c.Say(t.Context(), "", "p1", "", e, sheet); err != nil {
		t.Fatal(err)
	}
	got := k.got()[0]
	if len(got.Files) != 2 || got.Text != "" || got.Files[0].Kind != "image" || got.Files[1].Kind != "file" || got.Files[0].Name != "合影.png" || !got.Addressed {
		t.Fatalf("%+v", got)
	}
	file, err := a.Fetch(t.Context(), got.Files[0], MaxFile)
	if err != nil || !bytes.Equal(file.Data, photo) {
		t.Errorf("fetched %v", err)
	}
	if _, err := a.Fetch(t.Context(), got.Files[0], 10); !errors.Is(err, bot.ErrFileLarge) {
		t.Errorf("more than wanted: %v", err)
	}
	if _, err := a.Fetch(t.Context(), bot.FileRef{Key: "../secret"}, MaxFile); !errors.Is(err, bot.ErrFileGone) {
		t.Errorf("a path for a key: %v", err)
	}
	_, welcome := openTab(t, server, request{Who: "林书记"})
	shown := welcome.Pages[directKey("林书记")].Messages[0].Files
	for i, want := range []struct{ kind, disposition string }{{"image/png", ""}, {"application/octet-stream", "attachment"}} {
		res, err := http.Get(server.URL + shown[i].URL)
		if err != nil {
			t.Fatal(err)
		}
		data, _ := io.ReadAll(res.Body)
		res.Body.Close()
		if h := res.Header; h.Get("Content-Type") != want.kind || h.Get("Content-Disposition") != want.disposition || len(data) != shown[i].Size {
			t.Errorf("%s: %v", shown[i].Name, h)
		}
	}
}

// TestEnclosedRefused: nothing foreign, too large, or too much.
func TestEnclosedRefused(t *testing.T) {
	a, k, server := serve(t)
	post := func(body []byte, origin string) (int, string) {
		t.Helper()
		q, _ := http.NewRequest("POST", server.URL+"/webchat/files?name=x.png", bytes.NewReader(body))
		if origin != "" {
			q.Header.Set("Origin", origin)
		}
		res, err := http.DefaultClient.Do(q)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		text, _ := io.ReadAll(res.Body)
		return res.StatusCode, string(text)
	}
	for name, c := range map[string]struct {
		body   []byte
		origin string
		code   int
		words  string
	}{
		"too large":      {make([]byte, MaxFile+1), server.URL, 422, "太大"},
		"much too large": {make([]byte, MaxFile+1000), "", 422, "太大"},
		"empty":          {nil, "", 422, "空的"},
		"foreign":        {[]byte("x"), "http://evil.example", 403, "本页"},
		"the largest":    {make([]byte, MaxFile), server.URL, 200, `"kind":"file"`},
	} {
		if code, text := post(c.body, c.origin); code != c.code || !strings.Contains(text, c.words) {
			t.Errorf("%s: %d %s", name, code, text)
		}
	}
	e, err := a.Enclose("a.png", []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	var many []Enclosed
	for range MaxFiles + 1 {
		many = append(many, e)
	}
	gone := e
	gone.Key = strings.Repeat("A", 26)
	path := e
	path.Key = "../" + e.Key
	for i, files := range [][]Enclosed{many, {gone}, {path}, nil} {
		if err := a.Say(t.Context(), "王工", "", fmt.Sprint("r", i), "", files...); err == nil {
			t.Errorf("%+v was said", files)
		}
	}
	if len(k.got()) != 0 {
		t.Errorf("the bot heard %+v", k.got())
	}
}

// TestEnclosedForgotten: a file goes with its message, or after an hour without one.
func TestEnclosedForgotten(t *testing.T) {
	dir := t.TempDir()
	a := newAdapter(t, dir)
	a.setSink((&taker{}).sink)
	stray, err := a.Enclose("a.png", []byte("stray"))
	if err != nil {
		t.Fatal(err)
	}
	named, err := a.Enclose("b.png", []byte("named"))
	if err != nil || a.Say(t.Context(), "王工", "群", "m0", "看", named) != nil {
		t.Fatal(err)
	}
	old := time.Now().Add(-2 * enclosedLife)
	for _, e := range []Enclosed{stray, named} {
		if err := os.Chtimes(a.files.path(e.Key), old, old); err != nil {
			t.Fatal(err)
		}
	}
	left := func() string {
		paths, _ := filepath.Glob(filepath.Join(dir, "*"+enclosedSuffix))
		return strings.Join(paths, " ")
	}
	newAdapter(t, dir)
	if left() != a.files.path(named.Key) {
		t.Errorf("left: %s", left())
	}
	for i := 1; left() != ""; i++ {
		if i > 4000 {
			t.Fatal("the file outlived its message")
		}
		if err := a.Say(t.Context(), "王工", "群", fmt.Sprint("m", i), strings.Repeat("x", 4000)); err != nil {
			t.Fatal(err)
		}
	}
}

// TestPictures: the page sends pictures that are chosen, with what is typed as their words, and shows those of the bot.
func TestPictures(t *testing.T) {
	ctx := browser(t)
	a, k, server := serve(t)
	k.then = func(e bot.Event) {
		deliver(t, a, "re/"+string(e.ID), e.Place(), bot.Reply{Text: "收到", File: &bot.Attachment{Name: "H1-1.png", Type: "image/png", Data: pictureOf(t, 240, 160)}})
	}
	dir := t.TempDir()
	var paths []string
	for i, name := range []string{"合影.png", "座谈.png"} {
		paths = append(paths, filepath.Join(dir, name))
		if err := os.WriteFile(paths[i], pictureOf(t, 320, 200+40*i), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	loaded := func(where string, n int) step {
		return until(fmt.Sprintf(`[...document.querySelectorAll('%s .picture img')].filter((i) => i.complete && i.naturalWidth > 0).length === %d`, where, n))
	}
	run(t, ctx, chromedp.EmulateViewport(1120, 800), chromedp.Navigate(server.URL+"/#who=王工&room=private"),
		chromedp.WaitVisible(chromedp.CSS(`#clip`)), until(`document.querySelector('#link').dataset.up === 'true'`),
		chromedp.SendKeys(chromedp.CSS(`#text`), "照片 H1"),
		chromedp.SetUploadFiles(chromedp.CSS(`#files`), paths),
		loaded(".mine", 2), loaded(".bot", 1),
		until(`document.querySelector('.mine .text').textContent === '照片 H1' && document.querySelector('#text').value === ''`),
		until(`document.querySelector('.mine .state').textContent === ''`),
		shot("pictures"),
		chromedp.EmulateViewport(360, 700), shot("pictures-phone"),
	)
	if e := k.got()[0]; len(e.Files) != 2 || e.Text != "照片 H1" || e.Files[1].Name != "座谈.png" {
		t.Errorf("%+v", e)
	}
	large := filepath.Join(dir, "large.png")
	if err := os.WriteFile(large, make([]byte, MaxFile+1), 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, ctx, chromedp.SetUploadFiles(chromedp.CSS(`#files`), []string{large}), until(`document.querySelector('#problem').textContent.includes('太大了')`))
}
