package picture

import (
	"bytes"
	"errors"
)

// Bounds of what is accepted.
const (
	MaxBytes  = 10 << 20         // of a file
	MaxSide   = 20000            // pixels
	maxPixels = 64 * 1000 * 1000 // width times height, what a phone shows without trouble
)

// Why a file is not accepted.
var (
	ErrFormat = errors.New("not a JPEG, PNG or WebP picture")
	ErrBroken = errors.New("the picture is damaged")
	ErrLarge  = errors.New("the picture is too large")
)

// Format is what a picture is made of.
type Format struct {
	Name      string // JPEG
	Type      string // image/jpeg
	Extension string // .jpg
}

// The formats.
var (
	JPEG = Format{"JPEG", "image/jpeg", ".jpg"}
	PNG  = Format{"PNG", "image/png", ".png"}
	WebP = Format{"WebP", "image/webp", ".webp"}
)

// Clean returns the picture without everything that does not draw it, and its format, which the first bytes tell. What shows
// which way a JPEG is held stays. Errors are ErrFormat, ErrBroken and ErrLarge. data is not changed.
func Clean(data []byte) ([]byte, Format, error) {
	if len(data) > MaxBytes {
		return nil, Format{}, ErrLarge
	}
	format, clean := Format{}, (func([]byte) ([]byte, error))(nil)
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xd8\xff")):
		format, clean = JPEG, cleanJPEG
	case bytes.HasPrefix(data, pngMagic):
		format, clean = PNG, cleanPNG
	case len(data) >= 12 && string(data[:4]) == "RIFF" && string(data[8:12]) == "WEBP":
		format, clean = WebP, cleanWebP
	default:
		return nil, Format{}, ErrFormat
	}
	out, err := clean(data)
	if err != nil {
		return nil, Format{}, err
	}
	return out, format, nil
}

// checkSize bounds what a viewer has to unpack.
func checkSize(width, height int) error {
	switch {
	case width <= 0 || height <= 0:
		return ErrBroken
	case width > MaxSide || height > MaxSide || width*height > maxPixels:
		return ErrLarge
	}
	return nil
}
