package wire

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"strconv"
	"strings"
)

// ErrNoCiphertext is an envelope without its encrypted text.
var ErrNoCiphertext = errors.New("wecom: the envelope has no ciphertext")

// Sealed is an encrypted and signed answer to a callback.
type Sealed struct {
	Encrypt   string
	Signature string
	Timestamp string // seconds
	Nonce     string // of the request that is answered
}

// Query is the query under which the platform sends s.
func (s Sealed) Query() Query {
	return Query{Signature: s.Signature, Timestamp: s.Timestamp, Nonce: s.Nonce}
}

// XML is s as the answer of a self-built app (90238).
func (s Sealed) XML() []byte {
	var b strings.Builder
	b.WriteString("<xml>")
	writeCDATA(&b, "Encrypt", s.Encrypt)
	writeCDATA(&b, "MsgSignature", s.Signature)
	b.WriteString("<TimeStamp>")
	_ = xml.EscapeText(&b, []byte(s.Timestamp)) // a strings.Builder takes everything
	b.WriteString("</TimeStamp>")
	writeCDATA(&b, "Nonce", s.Nonce)
	b.WriteString("</xml>")
	return []byte(b.String())
}

// writeCDATA writes <name><![CDATA[text]]></name>; an end mark inside the text is cut in two sections.
func writeCDATA(b *strings.Builder, name, text string) {
	b.WriteString("<" + name + "><![CDATA[" + strings.ReplaceAll(text, "]]>", "]]]]><![CDATA[>") + "]]></" + name + ">")
}

// sealedJSON is the body of an AI bot's answer: "msgsignature" has no underscore here (101033).
type sealedJSON struct {
	Encrypt   string `json:"encrypt"`
	Signature string `json:"msgsignature"`
	Timestamp Number `json:"timestamp"`
	Nonce     string `json:"nonce"`
}

// JSON is s as the answer of an AI bot (101033). The timestamp is written as a number; where it is none, as 0.
func (s Sealed) JSON() []byte {
	seconds, _ := strconv.ParseInt(s.Timestamp, 10, 64) // our own clock wrote it
	out, _ := json.Marshal(sealedJSON{s.Encrypt, s.Signature, Number(seconds), s.Nonce})
	return out
}

// ParseSealedJSON reads the answer of an AI bot, as the platform does.
func ParseSealedJSON(b []byte) (Sealed, error) {
	var s sealedJSON
	if err := Unmarshal(b, &s); err != nil {
		return Sealed{}, err
	}
	if s.Encrypt == "" {
		return Sealed{}, ErrNoCiphertext
	}
	return Sealed{s.Encrypt, s.Signature, strconv.FormatInt(int64(s.Timestamp), 10), s.Nonce}, nil
}

// ParseSealedXML reads the answer of a self-built app, as the platform does.
func ParseSealedXML(b []byte) (Sealed, error) {
	root, err := ParseXML(b)
	if err != nil {
		return Sealed{}, err
	}
	s := Sealed{root.Text("Encrypt"), root.Text("MsgSignature"), root.Text("TimeStamp"), root.Text("Nonce")}
	if s.Encrypt == "" {
		return Sealed{}, ErrNoCiphertext
	}
	return s, nil
}

// Envelope is the body of a callback.
type Envelope struct {
	To      string `json:"tousername,omitempty"` // CorpID; empty for AI bots
	Agent   string `json:"agentid,omitempty"`    // empty for AI bots
	Encrypt string `json:"encrypt"`
}

// XML is e as it is sent to a self-built app (90238).
func (e Envelope) XML() []byte {
	var b strings.Builder
	b.WriteString("<xml>")
	writeCDATA(&b, "ToUserName", e.To)
	writeCDATA(&b, "AgentID", e.Agent)
	writeCDATA(&b, "Encrypt", e.Encrypt)
	b.WriteString("</xml>")
	return []byte(b.String())
}

// JSON is e as it is sent to an AI bot (101033).
func (e Envelope) JSON() []byte {
	out, _ := json.Marshal(e) // strings only
	return out
}

// ParseEnvelopeXML reads the body of a self-built app's callback.
func ParseEnvelopeXML(b []byte) (Envelope, error) {
	root, err := ParseXML(b)
	if err != nil {
		return Envelope{}, err
	}
	e := Envelope{To: root.Text("ToUserName"), Agent: root.Text("AgentID"), Encrypt: root.Text("Encrypt")}
	if e.Encrypt == "" {
		return Envelope{}, ErrNoCiphertext
	}
	return e, nil
}

// ParseEnvelopeJSON reads the body of an AI bot's callback.
func ParseEnvelopeJSON(b []byte) (Envelope, error) {
	var e struct {
		Encrypt string `json:"encrypt"`
	}
	if err := Unmarshal(b, &e); err != nil {
		return Envelope{}, err
	}
	if e.Encrypt == "" {
		return Envelope{}, ErrNoCiphertext
	}
	return Envelope{Encrypt: e.Encrypt}, nil
}
