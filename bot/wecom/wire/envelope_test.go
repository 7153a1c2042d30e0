package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestEnvelopes(t *testing.T) {
	e := Envelope{To: "ww00aa11bb22cc33dd", Agent: "1000042", Encrypt: "QUJD+/=="}
	if got, err := ParseEnvelopeXML(e.XML()); err != nil || got != e {
		t.Errorf("XML: %+v, %v", got, err)
	}
	if got, err := ParseEnvelopeJSON(Envelope{Encrypt: e.Encrypt}.JSON()); err != nil || got.Encrypt != e.Encrypt {
		t.Errorf("JSON: %+v, %v", got, err)
	}
	if got, err := ParseEnvelopeJSON([]byte(`{"tousername":"ww","encrypt":"QUJD","agentid":218}`)); err != nil || got.Encrypt != "QUJD" {
		t.Errorf("the older JSON: %+v, %v", got, err)
	}
	for name, err := range map[string]error{
		"empty XML":      second(ParseEnvelopeXML([]byte(`<xml></xml>`))),
		"empty JSON":     second(ParseEnvelopeJSON([]byte(`{}`))),
		"empty answer":   second(ParseSealedJSON([]byte(`{}`))),
		"empty answer x": second(ParseSealedXML([]byte(`<xml/>`))),
	} {
		if !errors.Is(err, ErrNoCiphertext) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, err := range map[string]error{
		"XML":    second(ParseEnvelopeXML([]byte(`{"encrypt":"x"}`))),
		"answer": second(ParseSealedXML(nil)),
	} {
		if !errors.Is(err, ErrXML) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, bad := range []string{``, `[]`, `{"encrypt":7}`, `{"encrypt":"x"`, `<xml/>`} {
		if _, err := ParseEnvelopeJSON([]byte(bad)); !errors.Is(err, ErrJSON) {
			t.Errorf("%s: %v", bad, err)
		}
		if _, err := ParseSealedJSON([]byte(bad)); !errors.Is(err, ErrJSON) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestSealed(t *testing.T) {
	s := Sealed{Encrypt: "QUJD", Signature: strings.Repeat("a", 40), Timestamp: "1790000009", Nonce: "905518327"}
	if got := string(s.JSON()); got != `{"encrypt":"QUJD","msgsignature":"`+s.Signature+`","timestamp":1790000009,"nonce":"905518327"}` {
		t.Errorf("JSON: %s", got)
	}
	want := `<xml><Encrypt><![CDATA[QUJD]]></Encrypt><MsgSignature><![CDATA[` + s.Signature +
		`]]></MsgSignature><TimeStamp>1790000009</TimeStamp><Nonce><![CDATA[905518327]]></Nonce></xml>`
	if got := string(s.XML()); got != want {
		t.Errorf("XML: %s", got)
	}
	if got, err := ParseSealedJSON(s.JSON()); err != nil || got != s {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := ParseSealedXML(s.XML()); err != nil || got != s {
		t.Errorf("%+v, %v", got, err)
	}
	text := bytes.Replace(s.JSON(), []byte("1790000009"), []byte(`"1790000009"`), 1)
	if got, err := ParseSealedJSON(text); err != nil || got != s {
		t.Errorf("timestamp as text: %+v, %v", got, err)
	}
}

const bomb = `<!DOCTYPE xml [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>` +
	`<xml><Encrypt>&c;</Encrypt></xml>`

func TestHostileXML(t *testing.T) {
	cases := map[string]struct {
		doc  string
		want error
	}{
		"bomb":             {bomb, ErrDTD},
		"external entity":  {`<!DOCTYPE xml [<!ENTITY f SYSTEM "file:///etc/passwd">]><xml><Encrypt>&f;</Encrypt></xml>`, ErrDTD},
		"DTD inside":       {`<xml><!DOCTYPE a><Encrypt>x</Encrypt></xml>`, ErrDTD},
		"unknown entity":   {`<xml><Encrypt>&f;</Encrypt></xml>`, ErrXML},
		"deep":             {strings.Repeat("<a>", 100) + strings.Repeat("</a>", 100), ErrXMLBound},
		"many":             {"<xml>" + strings.Repeat("<a/>", 3000) + "</xml>", ErrXMLBound},
		"large":            {"<xml>" + strings.Repeat("a", MaxXML) + "</xml>", ErrXMLBound},
		"two roots":        {"<xml></xml><xml></xml>", ErrXML},
		"text after":       {"<xml></xml>text", ErrXML},
		"text before":      {"text<xml></xml>", ErrXML},
		"cut off":          {"<xml><Encrypt>abc", ErrXML},
		"wrong end":        {"<xml><Encrypt></xml></Encrypt>", ErrXML},
		"empty":            {"", ErrXML},
		"foreign encoding": {`<?xml version="1.0" encoding="gb2312"?><xml></xml>`, ErrXML},
	}
	for name, k := range cases {
		if _, err := ParseXML([]byte(k.doc)); !errors.Is(err, k.want) {
			t.Errorf("%s: %v, want %v", name, err, k.want)
		}
	}
}

func TestMildXML(t *testing.T) {
	e, err := ParseXML([]byte("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- a comment --><xml a=\"b\"><A><![CDATA[一 < 二]]>&amp;三\x01\x0b</A><B> b </B><A>4</A></xml>\n"))
	if err != nil {
		t.Fatal(err)
	}
	if got := e.Text("A"); got != "一 < 二&三" {
		t.Errorf("A = %q", got)
	}
	if e.Text("B") != "b" || e.Text("C") != "" || len(e.All("A")) != 2 {
		t.Errorf("%+v", e)
	}
	if got := e.String(); got != "<xml> with 3 children" {
		t.Error(got)
	}
	if e, err = ParseXML([]byte("<xml><A>\xff\xfe好</A></xml>")); err != nil || !strings.Contains(e.Text("A"), "好") {
		t.Errorf("invalid UTF-8: %q, %v", e.Text("A"), err)
	}
}

func TestControlsInJSON(t *testing.T) {
	var m Message
	raw := "{\"msgid\":\"m1\",\n\t\"msgtype\":\"text\",\"text\":{\"content\":\"一\t二\n三\r\x00\x1f\\\"四\\\\\"},\x07\"create_time\":\"1790000000\"}"
	if err := Unmarshal([]byte(raw), &m); err != nil {
		t.Fatal(err)
	}
	if m.Text.Content != "一\t二\n三\r\"四\\" || m.CreateTime != 1790000000 {
		t.Errorf("%q %d", m.Text.Content, m.CreateTime)
	}
	var n struct{ N Number }
	for doc, want := range map[string]Number{`{"N":5}`: 5, `{"N":"6"}`: 6, `{"N":""}`: 0, `{"N":null}`: 0} {
		if err := Unmarshal([]byte(doc), &n); err != nil || n.N != want {
			t.Errorf("%s: %d, %v", doc, n.N, err)
		}
	}
	if err := Unmarshal([]byte(`{"N":"secret"}`), &n); !errors.Is(err, ErrJSON) || strings.Contains(err.Error(), "secret") {
		t.Error(err)
	}
}

func TestAppMessage(t *testing.T) {
	m := AppMessage{To: "ww00aa11bb22cc33dd", From: "linmei", CreateTime: 1790000500, Type: "event", Event: "template_card_event",
		EventKey: "submit_k", TaskID: "rem-42", CardType: "multiple_interaction", ResponseCode: "RC10", AgentID: "1000042",
		Selected: []SelectedItem{{"q1", Options{[]string{"a", "b"}}}, {"q2", Options{[]string{"c"}}}}}
	if got, err := ParseAppMessage(m.XML()); err != nil || !reflect.DeepEqual(got, m) {
		t.Errorf("%+v, %v", got, err)
	}
	text := AppMessage{From: "a]]>b", CreateTime: 1, Type: "text", Content: " 明早 <八点> ]]> & ", ID: "7412589630147852370"}
	if got, err := ParseAppMessage(text.XML()); err != nil || !reflect.DeepEqual(got, text) {
		t.Errorf("%+v, %v", got, err)
	}
	for _, bad := range []string{"", "<xml></xml>", "<xml><MsgType>text</MsgType></xml>", "<xml><CreateTime>1</CreateTime></xml>", bomb} {
		if _, err := ParseAppMessage([]byte(bad)); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

func TestFrames(t *testing.T) {
	f, err := ParseFrame([]byte(`{"cmd":"aibot_msg_callback","headers":{"req_id":"CBREQ-1","x":1},"body":{"msgid":"m1"}}`))
	if err != nil || f.IsAck() || f.Cmd != CmdMessage || f.Headers.RequestID != "CBREQ-1" || string(f.Body) != `{"msgid":"m1"}` {
		t.Errorf("%+v, %v", f, err)
	}
	f, err = ParseFrame([]byte(`{"headers":{"req_id":"r"},"errcode":846609,"errmsg":"aibot websocket not subscribed"}`))
	if err != nil || !f.IsAck() || f.ErrCode != CodeNotSubscribed {
		t.Errorf("%+v, %v", f, err)
	}
	for _, bad := range []string{"", "null,", "[]", `{"cmd":1}`, `{"headers":{"req_id":"` + strings.Repeat("r", 257) + `"}}`} {
		if _, err := ParseFrame([]byte(bad)); !errors.Is(err, ErrJSON) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	ping, err := json.Marshal(Request{Cmd: CmdPing, Headers: Headers{"ping_1"}})
	if err != nil || string(ping) != `{"cmd":"ping","headers":{"req_id":"ping_1"}}` {
		t.Errorf("%s, %v", ping, err)
	}
	ack, err := json.Marshal(Ack{Headers: Headers{"ping_1"}, ErrMsg: "ok"})
	if err != nil || string(ack) != `{"headers":{"req_id":"ping_1"},"errcode":0,"errmsg":"ok"}` {
		t.Errorf("%s, %v", ack, err)
	}
	chunk, err := json.Marshal(UploadChunk{UploadID: "UP1", Data: []byte("hello")})
	if err != nil || string(chunk) != `{"upload_id":"UP1","chunk_index":0,"base64_data":"aGVsbG8="}` {
		t.Errorf("%s, %v", chunk, err)
	}
	id := NewRequestID(CmdPing, time.UnixMilli(1790000030000))
	if !strings.HasPrefix(id, "ping_1790000030000_") || len(id) != len("ping_1790000030000_0b1c2d3e") || id == NewRequestID(CmdPing, time.UnixMilli(1790000030000)) {
		t.Error(id)
	}
}

func TestMessageShapes(t *testing.T) {
	nested := `{"msgid":"e","msgtype":"event","event":{"eventtype":"template_card_event","template_card_event":{"card_type":"vote_interaction","event_key":"k","task_id":"t",
		"selected_items":{"selected_item":[{"question_key":"q1","option_ids":{"option_id":["a","c"]}}]}}}}`
	flat := `{"msgid":"e","msgtype":"event","event":{"eventtype":"template_card_event","card_type":"vote_interaction","event_key":"k","task_id":"t",
		"selected_items":{"selected_item":[{"question_key":"q1","option_ids":{"option_id":["a","c"]}}]}}}`
	for _, doc := range []string{nested, flat} {
		var m Message
		if err := Unmarshal([]byte(doc), &m); err != nil {
			t.Fatal(err)
		}
		c := m.Event.Tapped()
		if c.Key != "k" || c.TaskID != "t" || !reflect.DeepEqual(c.Selected, &Selected{[]SelectedItem{{"q1", Options{[]string{"a", "c"}}}}}) {
			t.Errorf("%+v", c)
		}
	}
	out, err := json.Marshal(Message{ID: "m", From: Sender{UserID: "linmei"}, Content: Content{Type: "text", Text: &Text{"你好"}}})
	if err != nil || string(out) != `{"msgid":"m","from":{"userid":"linmei"},"msgtype":"text","text":{"content":"你好"}}` {
		t.Errorf("%s, %v", out, err)
	}
}

func FuzzXML(f *testing.F) {
	f.Add([]byte(bomb))
	f.Add([]byte(`<xml><ToUserName><![CDATA[ww]]></ToUserName><Encrypt><![CDATA[QUJD]]></Encrypt></xml>`))
	f.Add(AppMessage{Type: "event", CreateTime: 1, Selected: []SelectedItem{{"q", Options{[]string{"a"}}}}}.XML())
	f.Fuzz(func(t *testing.T, doc []byte) {
		e, err := ParseXML(doc)
		if err != nil {
			return
		}
		if n := count(e); n > maxElements || depth(e) > maxDepth {
			t.Fatalf("%d elements, depth %d", n, depth(e))
		}
		if m, err := ParseAppMessage(doc); err == nil && m.From != "" {
			again, err := ParseAppMessage(m.XML())
			if err != nil || again.From != m.From || again.Type != m.Type {
				t.Fatalf("%+v became %+v, %v", m, again, err)
			}
		}
	})
}

func count(e Element) int {
	n := 1
	for _, c := range e.Children {
		n += count(c)
	}
	return n
}

func depth(e Element) int {
	n := 0
	for _, c := range e.Children {
		n = max(n, depth(c))
	}
	return n + 1
}

func FuzzFrame(f *testing.F) {
	f.Add([]byte(`{"cmd":"aibot_event_callback","headers":{"req_id":"C"},"body":{"msgid":"m2","create_time":1,"msgtype":"event","event":{"eventtype":"enter_chat"}}}`))
	f.Add([]byte("{\"headers\":{\"req_id\":\"a\x01\"},\"errcode\":0}"))
	f.Fuzz(func(t *testing.T, doc []byte) {
		fr, err := ParseFrame(doc)
		if err != nil {
			return
		}
		if len(fr.Headers.RequestID) > MaxRequestID {
			t.Fatal("req_id is too long")
		}
		var m Message
		if Unmarshal(fr.Body, &m) == nil && m.Event != nil {
			m.Event.Tapped()
		}
		if again := mendControls(doc); bytes.ContainsAny(again, "\x00\x01\x1f") {
			t.Fatalf("controls remain: %q", again)
		}
	})
}
