package wire

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
)

// ErrDecrypt is what every undecryptable text fails with. It doesn't say why: the reason would help only a forger.
var ErrDecrypt = errors.New("undecryptable")

// Key is an app's Encrypt Key, ready for use. It is safe for concurrent use.
type Key struct {
	secret string
	block  cipher.Block
}

// NewKey derives the AES-256 key, which is the SHA-256 of the Encrypt Key as the console shows it (documentation of event
// encryption).
func NewKey(encryptKey string) *Key {
	sum := sha256.Sum256([]byte(encryptKey))
	block, err := aes.NewCipher(sum[:])
	if err != nil {
		panic(err) // 32 bytes are a key
	}
	return &Key{secret: encryptKey, block: block}
}

// String hides the key from logs.
func (*Key) String() string { return "[set]" }

// GoString hides the key from %#v.
func (*Key) GoString() string { return "[set]" }

// Decrypt opens the "encrypt" member of a body: standard Base64 of the IV and the AES-256-CBC ciphertext. Every byte of the
// PKCS#7 padding is checked, which the vendor's Go SDK doesn't do. Every error is ErrDecrypt.
func (k *Key) Decrypt(encrypted string) ([]byte, error) {
	data, err := base64.StdEncoding.Strict().DecodeString(encrypted)
	if err != nil || len(data) < 2*aes.BlockSize || len(data)%aes.BlockSize != 0 {
		return nil, ErrDecrypt
	}
	iv, text := data[:aes.BlockSize], data[aes.BlockSize:]
	cipher.NewCBCDecrypter(k.block, iv).CryptBlocks(text, text)
	return unpad(text)
}

func unpad(text []byte) ([]byte, error) {
	n := int(text[len(text)-1])
	if n == 0 || n > aes.BlockSize {
		return nil, ErrDecrypt
	}
	body := text[:len(text)-n]
	for _, b := range text[len(body):] {
		if int(b) != n {
			return nil, ErrDecrypt
		}
	}
	return body, nil
}

// Encrypt is what the platform does to a body, under a random IV.
func (k *Key) Encrypt(plain []byte) string {
	var iv [aes.BlockSize]byte
	_, _ = rand.Read(iv[:]) // never fails, by its contract
	return k.EncryptIV(iv, plain)
}

// EncryptIV is Encrypt under a given IV, which must not be used twice outside of tests.
func (k *Key) EncryptIV(iv [aes.BlockSize]byte, plain []byte) string {
	n := aes.BlockSize - len(plain)%aes.BlockSize
	data := make([]byte, aes.BlockSize+len(plain)+n)
	copy(data, iv[:])
	text := data[aes.BlockSize:]
	for i := copy(text, plain); i < len(text); i++ {
		text[i] = byte(n)
	}
	cipher.NewCBCEncrypter(k.block, iv[:]).CryptBlocks(text, text)
	return base64.StdEncoding.EncodeToString(data)
}
