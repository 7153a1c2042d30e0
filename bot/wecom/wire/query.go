package wire

import (
	"net/url"
	"strings"
)

// Query is what a callback's address carries.
type Query struct {
	Signature string // msg_signature
	Timestamp string // seconds
	Nonce     string
	Echo      string // echostr, on verification only: base64, encrypted
}

// ParseQuery reads the query of a callback. A "+" of the echostr that came unescaped, and was therefore read as a space, is
// put back: base64 has no spaces. Besides msg_signature the names msgsignature and signature are taken (vendor's plug-in).
func ParseQuery(v url.Values) Query {
	q := Query{Timestamp: v.Get("timestamp"), Nonce: v.Get("nonce"), Echo: strings.ReplaceAll(v.Get("echostr"), " ", "+")}
	for _, name := range []string{"msg_signature", "msgsignature", "signature"} {
		if q.Signature = v.Get(name); q.Signature != "" {
			break
		}
	}
	return q
}

// Values is the reverse of ParseQuery.
func (q Query) Values() url.Values {
	v := url.Values{"msg_signature": {q.Signature}, "timestamp": {q.Timestamp}, "nonce": {q.Nonce}}
	if q.Echo != "" {
		v.Set("echostr", q.Echo)
	}
	return v
}
