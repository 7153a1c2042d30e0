package feishutest

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"lianbang/bot/feishu/wire"
)

func TestHook(t *testing.T) {
	r := open(t, Options{})
	h := r.group.AddHook("demo", "联帮")
	post := func(stamp time.Time, secret, text string) got {
		ts := strconv.FormatInt(stamp.Unix(), 10)
		return r.do("POST", h.Path, "", jsonType, []byte(compact(map[string]any{
			"timestamp": ts, "sign": wire.SignHook(secret, ts), "msg_type": "text", "content": map[string]string{"text": text},
		})))
	}
	for what, c := range map[string]struct {
		g    got
		code int
	}{
		"good":       {post(noon, "demo", "联帮周报"), 0},
		"bad sign":   {post(noon, "x", "联帮周报"), 19021},
		"old":        {post(noon.Add(-time.Hour-time.Second), "demo", "联帮周报"), 19021},
		"no keyword": {post(noon, "demo", "周报"), 19024},
		"unknown":    {r.do("POST", "/open-apis/bot/v2/hook/x", "", jsonType, []byte(`{}`)), 19001},
		"no object":  {r.do("POST", r.group.AddHook("", "").Path, "", jsonType, []byte(`{"msg_type":"text","content":"x"}`)), 9499},
		"too large":  {post(noon, "demo", "联帮"+strings.Repeat("x", 20<<10)), 19036},
	} {
		if c.g.Status != 200 || c.g.Code != c.code {
			t.Errorf("%s: HTTP %d code %d, want 200 and %d", what, c.g.Status, c.g.Code, c.code)
		}
	}
	for range 4 {
		post(noon, "demo", "联帮")
	}
	if g := post(noon, "demo", "联帮"); g.Code != 11232 {
		t.Errorf("the sixth of a second: %s", g.Raw)
	}
	if shown := r.Shown(); len(shown) != 5 || shown[0] != (Shown{"光电联合体", "联帮周报"}) {
		t.Errorf("shown: %v", shown)
	}
}
