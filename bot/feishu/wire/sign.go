package wire

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
)

// The headers that carry the signature of a webhook request.
const (
	TimestampHeader = "X-Lark-Request-Timestamp"
	NonceHeader     = "X-Lark-Request-Nonce"
	SignatureHeader = "X-Lark-Signature"
)

// Sign is the signature of a webhook request: the SHA-256 (no HMAC) of timestamp, nonce, Encrypt Key and the raw body as it
// was received, still encrypted, in lower-case hex (documentation of event security; SDK source).
func (k *Key) Sign(timestamp, nonce string, body []byte) string {
	h := sha256.New()
	for _, part := range []string{timestamp, nonce, k.secret} {
		_, _ = h.Write([]byte(part))
	}
	_, _ = h.Write(body)
	return hex.EncodeToString(h.Sum(nil))
}

// SignCard is the signature of the callbacks that cards had before card.action.trigger: as Key.Sign, with SHA-1 and the
// Verification Token (SDK source, card/card.go).
func SignCard(verificationToken, timestamp, nonce string, body []byte) string {
	h := sha1.New()
	for _, part := range []string{timestamp, nonce, verificationToken} {
		_, _ = h.Write([]byte(part))
	}
	_, _ = h.Write(body)
	return hex.EncodeToString(h.Sum(nil))
}

// SignHook is the signature in the body of a custom group bot's request. The string to sign is the key of the HMAC and the
// message is empty (documentation of the custom bot). timestamp is in seconds.
func SignHook(secret, timestamp string) string {
	return base64.StdEncoding.EncodeToString(hmac.New(sha256.New, []byte(timestamp+"\n"+secret)).Sum(nil))
}

// Same compares a signature or a token with what was expected, in constant time. An empty want is never the same.
func Same(want, got string) bool {
	return want != "" && subtle.ConstantTimeCompare([]byte(want), []byte(got)) == 1
}
