package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"lianbang/bot/wecom"
	"lianbang/bot/wecom/wire"
)

// TestWeComCryptoAdapter lets our adapter take callbacks that were made with the vendor's encryption.
func TestWeComCryptoAdapter(t *testing.T) {
	node := startNode(t, npmInstall(t, wecomCrypto), "post.js", nil)
	const botKey, appKey, corp = "kjr2TKI8umCBfVF3wAHk8JiPwma5VBmekjr2TKI8umC", "4Ma3YBrSBbX2aez8MJpXGBne5LSDwgGqHbhM9WPYIws", "ww00aa11bb22cc33dd"
	adapter, err := wecom.New(wecom.Config{
		Account: "e2e",
		Bot:     &wecom.BotConfig{Mode: wecom.ModeCallback, Name: "联帮", Token: "botToken", AESKey: botKey, Path: "/bot"},
		App:     &wecom.AppConfig{CorpID: corp, Secret: "secret", AgentID: 1000042, Token: "appToken", AESKey: appKey, Path: "/app", BaseURL: "http://127.0.0.1:1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	var heard inbox
	mux := http.NewServeMux()
	adapter.Mount(mux, heard.take)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)

	toBot := map[string]any{"url": server.URL + "/bot", "token": "botToken", "key": botKey, "receiver": "", "xml": false}
	toApp := map[string]any{"url": server.URL + "/app", "token": "appToken", "key": appKey, "receiver": corp, "xml": true}
	said := func(id, text string) string {
		return fmt.Sprintf(`{"msgid":%q,"aibotid":"aib1","chatid":"wrGROUP01","chattype":"group","from":{"userid":"linmei"},"msgtype":"text","text":{"content":%q}}`, id, text)
	}
	wrote := func(id, text string) string {
		return string(wire.AppMessage{To: corp, From: "linmei", CreateTime: 1_790_000_000, Type: "text", Content: text, ID: id, AgentID: "1000042"}.XML())
	}
	var first vendorAnswer // to the message that nobody answers
	for _, c := range []struct {
		name  string
		to    map[string]any
		verb  string
		forge string
		plain string
		taken bool
	}{
		{"the bot's address is verified", toBot, "GET", "", "1616140317555161061", true},
		{"the app's address is verified", toApp, "GET", "", "1616140317555161061", true},
		{"a forged verification", toApp, "GET", "signature", "1616140317555161061", false},
		{"a message to the bot", toBot, "POST", "", said("m1", "@联帮 报名 H1\n3人"), true},
		{"a message to the app", toApp, "POST", "", wrote("7412589630147852369", "明早八点叫我 <&>"), true},
		{"a forged signature", toBot, "POST", "signature", said("m2", "@联帮 假"), false},
		{"a ciphertext that was changed", toBot, "POST", "tampered", said("m3", "@联帮 假"), false},
		{"a message for another company", toApp, "POST", "receiver", wrote("8", "假"), false},
	} {
		order := maps.Clone(c.to)
		order["verb"], order["forge"], order["plain"] = c.verb, c.forge, c.plain
		answer := vendorAnswer{}
		node.exchange(t, order, &answer)
		if taken := answer.Status == http.StatusOK; taken != c.taken {
			t.Errorf("%s: status %d", c.name, answer.Status)
		}
		if c.verb == "GET" && c.taken && answer.Body != c.plain {
			t.Errorf("%s: answered %q", c.name, answer.Body)
		}
		if strings.Contains(c.plain, `"m1"`) {
			first = answer
		}
	}
	begun, again := first.stream(t), vendorAnswer{}
	order := maps.Clone(toBot)
	order["verb"], order["forge"] = "POST", ""
	order["plain"] = fmt.Sprintf(`{"msgid":"m4","aibotid":"aib1","chatid":"wrGROUP01","chattype":"group","from":{"userid":"linmei"},"msgtype":"stream","stream":{"id":%q}}`, begun.ID)
	node.exchange(t, order, &again)
	if now := again.stream(t); now != begun || now.Finish || now.ID == "" {
		t.Errorf("a slow answer began as %+v and is %+v", begun, now)
	}
	got := heard.got
	if len(got) != 2 || got[0].ID != "m1" || got[0].Text != "报名 H1\n3人" || got[0].From.Chat != "wrGROUP01" || got[1].Text != "明早八点叫我 <&>" || got[1].From.User != "linmei" || !got[1].Direct {
		t.Errorf("heard %+v", got)
	}
}

// vendorAnswer is what came back from a callback, opened by the vendor's encryption.
type vendorAnswer struct {
	Status         int
	Body           string
	Signed, Echoed bool
	For, Plain     string
}

// stream is the state of the stream that the callback was answered with.
func (a vendorAnswer) stream(t *testing.T) wire.Stream {
	t.Helper()
	var body wire.Content
	if err := json.Unmarshal([]byte(a.Plain), &body); err != nil || !a.Signed || !a.Echoed || a.For != "" || body.Type != "stream" || body.Stream == nil {
		t.Fatalf("answered %+v: %v", a, err)
	}
	return *body.Stream
}
