package wire

import (
	"crypto/aes"
	"slices"
)

// OpenMedia decrypts a photo, file or video. key is base64 of 32 bytes, with or without "=": the file's own aeskey in the
// long connection (101463), the bot's EncodingAESKey in callback mode (100719).
func OpenMedia(key string, data []byte) ([]byte, error) {
	k, err := decodeKey(key)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(k)
	if err != nil {
		return nil, ErrKey
	}
	return openCBC(block, k[:aes.BlockSize], data)
}

// SealMedia is the reverse of OpenMedia.
func SealMedia(key string, plain []byte) ([]byte, error) {
	k, err := decodeKey(key)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(k)
	if err != nil {
		return nil, ErrKey
	}
	return sealCBC(block, k[:aes.BlockSize], slices.Clip(plain)), nil
}
