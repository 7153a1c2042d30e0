package wire

import (
	"crypto/rand"
	"crypto/sha1" // the protocol's signature is SHA-1
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
)

// What is wrong with a callback, in the order in which it is looked for. (90238: -40001, -40010, -40007, -40008, -40005.)
var (
	ErrSignature = errors.New("wecom: the signature does not match")
	ErrBase64    = errors.New("wecom: the ciphertext is not base64")
	ErrLength    = errors.New("wecom: the ciphertext is no whole number of blocks, or too short")
	ErrPadding   = errors.New("wecom: the padding is wrong")
	ErrLayout    = errors.New("wecom: the plaintext's length does not fit")
	ErrReceiver  = errors.New("wecom: the plaintext is for somebody else")
)

// ErrKey is a key that is no key: not 43 characters of base64, or (of media) not 32 bytes.
var ErrKey = errors.New("wecom: not an AES key")

const (
	randomSize = 16 // bytes of random before the length
	headSize   = randomSize + 4
)

// Crypt encrypts, decrypts and signs the callbacks of one application or bot (WXBizMsgCrypt). It is immutable.
type Crypt struct {
	token    string
	receiver string
	cbc      cbc
}

// NewCrypt makes a Crypt of the token and the 43 characters of the EncodingAESKey that the operator was shown. The receiver
// is the CorpID for a self-built app and empty for an AI bot of one's own company (101033).
func NewCrypt(token, encodingAESKey, receiver string) (*Crypt, error) {
	if len(encodingAESKey) != 43 {
		return nil, ErrKey
	}
	c, err := newCBC(encodingAESKey)
	if err != nil {
		return nil, err
	}
	return &Crypt{token: token, receiver: receiver, cbc: c}, nil
}

// Sign is the msg_signature of an encrypted text: 40 lower-case hexadecimal digits.
func (c *Crypt) Sign(timestamp, nonce, encrypted string) string {
	parts := []string{c.token, timestamp, nonce, encrypted}
	slices.Sort(parts)
	sum := sha1.Sum([]byte(strings.Join(parts, "")))
	return hex.EncodeToString(sum[:])
}

// Open checks the signature of an encrypted text, decrypts it and checks padding, layout and receiver.
func (c *Crypt) Open(q Query, encrypted string) ([]byte, error) {
	want := c.Sign(q.Timestamp, q.Nonce, encrypted)
	if subtle.ConstantTimeCompare([]byte(want), []byte(strings.ToLower(q.Signature))) != 1 {
		return nil, ErrSignature
	}
	return c.Decrypt(encrypted)
}

// OpenEcho answers the verification of a callback address: the plaintext of the query's echostr, which must be sent back as
// it is, within one second (90238).
func (c *Crypt) OpenEcho(q Query) ([]byte, error) { return c.Open(q, q.Echo) }

// Decrypt is Open without a signature, for what was not signed. Padding, layout and receiver are checked.
func (c *Crypt) Decrypt(encrypted string) ([]byte, error) {
	data, err := base64.StdEncoding.DecodeString(encrypted)
	if err != nil {
		return nil, ErrBase64
	}
	plain, err := c.cbc.open(data)
	if err != nil {
		return nil, err
	}
	if len(plain) < headSize {
		return nil, ErrLayout
	}
	size := uint64(binary.BigEndian.Uint32(plain[randomSize:headSize]))
	if headSize+size > uint64(len(plain)) {
		return nil, ErrLayout
	}
	message, receiver := plain[headSize:headSize+size], plain[headSize+size:]
	if subtle.ConstantTimeCompare(receiver, []byte(c.receiver)) != 1 {
		return nil, ErrReceiver
	}
	return message, nil
}

// Encrypt seals a message with the 16 random bytes given; the same random gives the same ciphertext.
func (c *Crypt) Encrypt(random [16]byte, message []byte) string {
	plain := make([]byte, 0, headSize+len(message)+len(c.receiver)+padBlock)
	plain = append(plain, random[:]...)
	plain = binary.BigEndian.AppendUint32(plain, uint32(len(message)))
	plain = append(plain, message...)
	plain = append(plain, c.receiver...)
	return base64.StdEncoding.EncodeToString(c.cbc.seal(plain))
}

// Seal encrypts a message with fresh random bytes and signs it.
func (c *Crypt) Seal(timestamp, nonce string, message []byte) Sealed {
	var random [16]byte
	_, _ = rand.Read(random[:]) // crypto/rand.Read never fails; it ends the program instead
	encrypted := c.Encrypt(random, message)
	return Sealed{Encrypt: encrypted, Signature: c.Sign(timestamp, nonce, encrypted), Timestamp: timestamp, Nonce: nonce}
}
