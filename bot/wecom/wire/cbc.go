package wire

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"strings"
)

const (
	keySize  = 32
	padBlock = 32 // PKCS#7 is applied with 32, although AES blocks have 16 ("@wecom/crypto" source)
)

// cbc is AES-256 in CBC mode, as callbacks and media are encrypted: the IV is the beginning of the key. It is immutable.
type cbc struct {
	block cipher.Block
	iv    []byte
}

// newCBC takes a key as base64 of 32 bytes, with or without "=". The spare bits of the last character may be anything: the
// platform draws all 43 characters at random.
func newCBC(key string) (cbc, error) {
	raw, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(key, "="))
	if err != nil || len(raw) != keySize {
		return cbc{}, ErrKey // never the text, which is a secret
	}
	block, err := aes.NewCipher(raw)
	if err != nil {
		return cbc{}, ErrKey
	}
	return cbc{block, raw[:aes.BlockSize]}, nil
}

// open decrypts whole blocks and takes the padding off. data is left as it is.
func (c cbc) open(data []byte) ([]byte, error) {
	if len(data)%aes.BlockSize != 0 || len(data) < padBlock {
		return nil, ErrLength
	}
	plain := make([]byte, len(data))
	cipher.NewCBCDecrypter(c.block, c.iv).CryptBlocks(plain, data)
	return unpad(plain)
}

func unpad(b []byte) ([]byte, error) {
	n := int(b[len(b)-1])
	if n < 1 || n > padBlock || n > len(b) {
		return nil, ErrPadding
	}
	for _, c := range b[len(b)-n:] {
		if int(c) != n {
			return nil, ErrPadding
		}
	}
	return b[:len(b)-n], nil
}

// seal pads plain and encrypts it. Of plain it may use the spare capacity.
func (c cbc) seal(plain []byte) []byte {
	n := padBlock - len(plain)%padBlock
	for range n {
		plain = append(plain, byte(n))
	}
	out := make([]byte, len(plain))
	cipher.NewCBCEncrypter(c.block, c.iv).CryptBlocks(out, plain)
	return out
}
