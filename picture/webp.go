package picture

import "encoding/binary"

// The flags of a VP8X chunk that tell of chunks which are taken out (RFC 9649, 2.7).
const (
	webpXMP       = 0x04
	webpExif      = 0x08
	webpAnimation = 0x02
)

// cleanWebP keeps the picture, its transparency and its colour profile. Animations are not taken.
func cleanWebP(data []byte) ([]byte, error) {
	size := uint64(binary.LittleEndian.Uint32(data[4:]))
	if size < 4 || size+8 > uint64(len(data)) {
		return nil, ErrBroken
	}
	out := append(make([]byte, 0, len(data)), "RIFF\x00\x00\x00\x00WEBP"...)
	drawn := false
	for rest := data[12 : size+8]; len(rest) > 0; {
		if len(rest) < 8 {
			return nil, ErrBroken
		}
		n := uint64(binary.LittleEndian.Uint32(rest[4:]))
		end := 8 + n + n&1
		if 8+n > uint64(len(rest)) {
			return nil, ErrBroken
		}
		kind, body := string(rest[:4]), rest[8:8+n]
		rest = rest[min(end, uint64(len(rest))):]
		width, height, keep := 1, 1, true
		switch kind {
		case "VP8X":
			if len(body) != 10 {
				return nil, ErrBroken
			}
			if body[0]&webpAnimation != 0 {
				return nil, ErrFormat
			}
			body = append([]byte{body[0] &^ (webpXMP | webpExif)}, body[1:]...)
			width, height = 1+int(uint24(body[4:])), 1+int(uint24(body[7:]))
		case "VP8 ":
			if len(body) < 10 || drawn {
				return nil, ErrBroken
			}
			drawn = true
			width, height = int(binary.LittleEndian.Uint16(body[6:])&0x3fff), int(binary.LittleEndian.Uint16(body[8:])&0x3fff)
		case "VP8L":
			if len(body) < 5 || body[0] != 0x2f || drawn {
				return nil, ErrBroken
			}
			drawn = true
			bits := binary.LittleEndian.Uint32(body[1:])
			width, height = int(bits&0x3fff)+1, int(bits>>14&0x3fff)+1
		case "ALPH", "ICCP":
		default:
			keep = false
		}
		if err := checkSize(width, height); err != nil {
			return nil, err
		}
		if keep {
			out = binary.LittleEndian.AppendUint32(append(out, kind...), uint32(len(body)))
			out = append(out, body...)
			out = append(out, make([]byte, len(body)&1)...)
		}
	}
	if !drawn {
		return nil, ErrBroken
	}
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-8))
	return out, nil
}

func uint24(b []byte) uint32 { return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 }
