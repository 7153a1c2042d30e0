package feishu

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestReadEndpoint(t *testing.T) {
	e, err := readEndpoint(200, []byte(`{"code":0,"msg":"","data":{"URL":"wss://msg-frontier.feishu.cn/ws/v2?fpid=493&aid=552564&device_id=763&access_key=da66&service_id=33554678&ticket=8710","ClientConfig":{"ReconnectCount":-1,"ReconnectInterval":100,"ReconnectNonce":20,"PingInterval":90}}}`))
	if err != nil || e.conn != "763" || e.service != 33554678 || e.pace != (pace{90, 100, 20}) || e.address.Host != "msg-frontier.feishu.cn" {
		t.Errorf("%+v, %v", e, err)
	}
	if e, err = readEndpoint(200, []byte(`{"code":0,"data":{"URL":"wss://h/ws?service_id=1"}}`)); err != nil || e.pace != (pace{}) {
		t.Errorf("without a config: %+v, %v", e, err)
	}
	for _, c := range []struct {
		status int
		body   string
		haste  haste
	}{
		{500, ``, soon}, {503, `{"code":0,"data":{"URL":"wss://h/ws?service_id=1"}}`, soon}, {200, `{"code":1}`, soon}, {200, `{"code":1000040343}`, soon}, {200, `{"code":514}`, soon},
		{200, `{"code":1000040344}`, never}, {200, `{"code":403}`, never}, {400, `{"code":1000040344}`, never}, {403, `<html>`, soon},
		{200, `{"code":1000040345}`, late}, {200, `{"code":1000040350}`, late}, {200, `{"code":777}`, soon},
		{200, `{"code":0}`, soon}, {200, `{"code":0,"data":{"URL":"http://h/ws?service_id=1"}}`, soon}, {200, `{"code":0,"data":{"URL":"wss://h/ws?service_id=99999999999"}}`, soon},
	} {
		_, err := readEndpoint(c.status, []byte(c.body))
		var refused *connectError
		if !errors.As(err, &refused) || refused.haste != c.haste || refused.Error() == "" {
			t.Errorf("%d %s: %+v", c.status, c.body, err)
		}
	}
}

func TestPaceChange(t *testing.T) {
	old := pace{Ping: 120, Reconnect: 60, Nonce: 30}
	for in, want := range map[string]pace{
		`{}`:                 old,
		`{"PingInterval":0}`: old,
		`{"PingInterval":90,"ReconnectInterval":-1,"ReconnectNonce":999999}`: {90, 60, 30},
		`{"ReconnectInterval":1,"ReconnectNonce":2,"ReconnectCount":-1}`:     {120, 1, 2},
	} {
		var p pace
		if err := json.Unmarshal([]byte(in), &p); err != nil || old.change(p) != want {
			t.Errorf("%s: %+v", in, old.change(p))
		}
	}
}

func TestRefusedHandshake(t *testing.T) {
	for _, c := range []struct {
		status, code string
		haste        haste
	}{{"514", "1000040350", late}, {"514", "1000040343", soon}, {"514", "", soon}, {"403", "", never}, {"", "", soon}, {"x", "", soon}, {"500", "", soon}} {
		h := http.Header{}
		h.Set("Handshake-Status", c.status)
		h.Set("Handshake-Autherrcode", c.code)
		if got := refusedHandshake(h, 400); got.haste != c.haste {
			t.Errorf("%s/%s: %+v", c.status, c.code, got)
		}
	}
}

// What makes the operator act ends Run; everything else is tried again.
func TestSocketFatal(t *testing.T) {
	refuse := func(status, code string) func(w http.ResponseWriter) bool {
		return func(w http.ResponseWriter) bool {
			w.Header().Set("Handshake-Status", status)
			w.Header().Set("Handshake-Autherrcode", code)
			w.WriteHeader(http.StatusForbidden)
			return true
		}
	}
	cases := map[string]struct {
		answer   string
		greeting func(w http.ResponseWriter) bool
		fatal    string // in the error of Run; "" = it goes on
	}{
		"no credentials":      {answer: `{"code":1000040344,"msg":"x"}`, fatal: "app_id"},
		"forbidden":           {answer: `{"code":403,"msg":"x"}`, fatal: "403"},
		"forbidden handshake": {greeting: refuse("403", ""), fatal: "403"},
		"busy":                {answer: `{"code":1,"msg":"system busy"}`},
		"internal":            {answer: `{"code":1000040343}`},
		"data null":           {answer: `{"code":0,"msg":"","data":null}`},
		"no JSON":             {answer: `<html>`},
		"no address":          {answer: `{"code":0,"data":{"URL":""}}`},
		"broken address":      {answer: `{"code":0,"data":{"URL":"wss://%zz?access_key=` + accessKey + `"}}`},
		"address in clear":    {answer: `{"code":0,"data":{"URL":"ws://203.0.113.7/ws?service_id=1&access_key=` + accessKey + `"}}`},
		"no service":          {answer: `{"code":0,"data":{"URL":"wss://127.0.0.1/ws?access_key=` + accessKey + `"}}`},
		"nobody there":        {answer: `{"code":0,"data":{"URL":"ws://127.0.0.1:1/ws?service_id=1&access_key=` + accessKey + `"}}`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, o *office) {
				if c.answer != "" {
					o.answers = append(o.answers, c.answer)
				}
				o.greeting = c.greeting
				r := connect(t, o)
				if c.fatal == "" {
					o.accept()
					if r.counted("reconnect") != 1 {
						t.Errorf("%v", r.counts)
					}
					return
				}
				select {
				case err := <-r.done:
					r.done <- nil
					if err == nil || !strings.Contains(err.Error(), c.fatal) {
						t.Errorf("ended with %v", err)
					}
					noSecrets(t, fmt.Sprint(err))
				case <-time.After(time.Minute):
					t.Fatal("it goes on")
				}
			})
		})
	}
}
