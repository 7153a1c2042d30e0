package wire

import "slices"

// OpenMedia decrypts a photo, file or video. key is base64 of 32 bytes, with or without "=": the file's own aeskey in the
// long connection (101463), the bot's EncodingAESKey in callback mode (100719).
func OpenMedia(key string, data []byte) ([]byte, error) {
	c, err := newCBC(key)
	if err != nil {
		return nil, err
	}
	return c.open(data)
}

// SealMedia is the reverse of OpenMedia.
func SealMedia(key string, plain []byte) ([]byte, error) {
	c, err := newCBC(key)
	if err != nil {
		return nil, err
	}
	return c.seal(slices.Clip(plain)), nil
}
