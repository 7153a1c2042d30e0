package picture

import (
	"encoding/binary"
	"hash/crc32"
)

var pngMagic = []byte("\x89PNG\r\n\x1a\n")

// pngDraws are the chunks that draw a picture (PNG, third edition, 11). An animation keeps its first picture.
var pngDraws = map[string]bool{
	"IHDR": true, "PLTE": true, "IDAT": true, "IEND": true, "tRNS": true, "gAMA": true, "cHRM": true, "sRGB": true, "iCCP": true,
	"sBIT": true, "pHYs": true, "cICP": true,
}

// cleanPNG keeps the chunks that draw, and cuts off what follows the last of them.
func cleanPNG(data []byte) ([]byte, error) {
	out := append(make([]byte, 0, len(data)), pngMagic...)
	rest := data[len(pngMagic):]
	drawn := false
	for first := true; ; first = false {
		if len(rest) < 12 {
			return nil, ErrBroken
		}
		n := binary.BigEndian.Uint32(rest)
		if uint64(n)+12 > uint64(len(rest)) {
			return nil, ErrBroken
		}
		chunk := rest[:n+12]
		rest = rest[n+12:]
		kind, body := string(chunk[4:8]), chunk[8:n+8]
		switch {
		case crc32.ChecksumIEEE(chunk[4:n+8]) != binary.BigEndian.Uint32(chunk[n+8:]), first != (kind == "IHDR"):
			return nil, ErrBroken
		case first:
			if len(body) != 13 {
				return nil, ErrBroken
			}
			width, height := binary.BigEndian.Uint32(body), binary.BigEndian.Uint32(body[4:])
			if err := checkSize(int(width), int(height)); err != nil {
				return nil, err
			}
		case kind == "IDAT":
			drawn = true
		case !pngDraws[kind] && kind[0]&0x20 == 0: // one that a viewer must know
			return nil, ErrFormat
		}
		if pngDraws[kind] {
			out = append(out, chunk...)
		}
		if kind == "IEND" {
			if !drawn {
				return nil, ErrBroken
			}
			return out, nil
		}
	}
}
