package picture

import (
	"bytes"
	"encoding/binary"
)

// The markers of a JPEG file (ITU-T T.81, table B.1).
const (
	mSOI  = 0xd8
	mEOI  = 0xd9
	mSOS  = 0xda
	mDQT  = 0xdb
	mDNL  = 0xdc
	mDRI  = 0xdd
	mDHT  = 0xc4
	mDAC  = 0xcc
	mAPP0 = 0xe0
	mAPP1 = 0xe1
	mAPP2 = 0xe2
	mAPPE = 0xee
)

// cleanJPEG keeps the tables, frames and scans, the JFIF head without its thumbnail, the colour profile and Adobe's note on
// colours, and of Exif the orientation alone. What follows the end of the picture is cut off.
func cleanJPEG(data []byte) ([]byte, error) {
	out := append(make([]byte, 0, len(data)+len(exifOrientation(1))), 0xff, mSOI)
	rest := data[2:]
	framed, scanned := false, false
	turned := 0
	for {
		marker, body, after, err := nextSegment(rest)
		if err != nil {
			return nil, err
		}
		rest = after
		switch {
		case marker == mEOI:
			if !scanned {
				return nil, ErrBroken
			}
			return append(out, 0xff, mEOI), nil
		case marker == mAPP1:
			if o := orientation(body); o > 1 && turned == 0 && !framed {
				turned = o
				out = append(out, exifOrientation(o)...)
			}
			continue
		case isFrame(marker):
			if framed || len(body) < 6 { // hierarchical files have several frames; cameras make none
				return nil, ErrBroken
			}
			framed = true
			if err := checkSize(int(binary.BigEndian.Uint16(body[3:])), int(binary.BigEndian.Uint16(body[1:]))); err != nil {
				return nil, err
			}
		case marker == mAPP0:
			if body = jfif(body); body == nil {
				continue
			}
		case !draws(marker, body):
			continue
		}
		out = binary.BigEndian.AppendUint16(append(out, 0xff, marker), uint16(len(body)+2))
		out = append(out, body...)
		if marker == mSOS {
			if !framed {
				return nil, ErrBroken
			}
			n := scanLength(rest)
			out, rest, scanned = append(out, rest[:n]...), rest[n:], true
		}
	}
}

// nextSegment reads a marker and, unless it is the end's, its body.
func nextSegment(data []byte) (marker byte, body, rest []byte, err error) {
	if len(data) < 2 || data[0] != 0xff {
		return 0, nil, nil, ErrBroken
	}
	for len(data) > 2 && data[1] == 0xff { // fill bytes
		data = data[1:]
	}
	if marker, data = data[1], data[2:]; marker == mEOI {
		return marker, nil, data, nil
	}
	if len(data) < 2 {
		return 0, nil, nil, ErrBroken
	}
	n := int(binary.BigEndian.Uint16(data))
	if n < 2 || n > len(data) {
		return 0, nil, nil, ErrBroken
	}
	return marker, data[2:n], data[n:], nil
}

// scanLength is the length of the compressed data up to the next marker that is neither a stuffed byte nor a restart.
func scanLength(data []byte) int {
	for i := 0; ; {
		at := bytes.IndexByte(data[i:], 0xff)
		if at < 0 || i+at+1 >= len(data) {
			return len(data)
		}
		i += at
		if next := data[i+1]; next != 0 && (next < 0xd0 || next > 0xd7) {
			return i
		}
		i += 2
	}
}

// isFrame reports whether a marker is one of SOF0 to SOF15.
func isFrame(marker byte) bool {
	return marker >= 0xc0 && marker <= 0xcf && marker != mDHT && marker != 0xc8 && marker != mDAC
}

// draws reports whether a segment takes part in drawing.
func draws(marker byte, body []byte) bool {
	switch marker {
	case mSOS, mDQT, mDNL, mDRI, mDHT, mDAC:
		return true
	case mAPP2:
		return bytes.HasPrefix(body, []byte("ICC_PROFILE\x00"))
	case mAPPE:
		return len(body) == 12 && bytes.HasPrefix(body, []byte("Adobe"))
	}
	return false
}

// jfif is the JFIF head without a thumbnail, nil when the segment is none.
func jfif(body []byte) []byte {
	if len(body) < 14 || !bytes.HasPrefix(body, []byte("JFIF\x00")) {
		return nil
	}
	head := bytes.Clone(body[:14])
	head[12], head[13] = 0, 0
	return head
}

const (
	exifHead       = "Exif\x00\x00"
	tagOrientation = 0x0112
	typeShort      = 3
)

// orientation is which way a camera was held, 1 to 8, by the first directory of an Exif segment (TIFF 6.0); 0 = not told.
func orientation(body []byte) int {
	if !bytes.HasPrefix(body, []byte(exifHead)) {
		return 0
	}
	tiff := body[len(exifHead):]
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(tiff, []byte("II*\x00")):
		order = binary.LittleEndian
	case bytes.HasPrefix(tiff, []byte("MM\x00*")):
		order = binary.BigEndian
	default:
		return 0
	}
	if len(tiff) < 8 {
		return 0
	}
	at := order.Uint32(tiff[4:])
	if uint64(at)+2 > uint64(len(tiff)) {
		return 0
	}
	entries := tiff[at+2:]
	for range order.Uint16(tiff[at:]) {
		if len(entries) < 12 {
			return 0
		}
		if order.Uint16(entries) == tagOrientation && order.Uint16(entries[2:]) == typeShort {
			if o := int(order.Uint16(entries[8:])); o >= 1 && o <= 8 {
				return o
			}
			return 0
		}
		entries = entries[12:]
	}
	return 0
}

// exifOrientation is an Exif segment that tells the orientation and nothing else.
func exifOrientation(o int) []byte {
	b := append([]byte{0xff, mAPP1, 0, 0}, exifHead+"MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00"...)
	b = append(b, byte(o), 0, 0, 0, 0, 0, 0)
	binary.BigEndian.PutUint16(b[2:], uint16(len(b)-2))
	return b
}
